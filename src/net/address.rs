//! Addresses: resolved and printed in this one place; `address_text.rs` reads them.

use std::ffi::CString;
use std::fmt::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::path::{Path, PathBuf};

use socket2::SockAddr;

use super::{Deadline, resolver, sys};
use crate::error::sentence;
use crate::{Error, Result, Status};

/// The address of one end of a connection, as the kernel knows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// TCP over IPv4 or IPv6.
    Ip(SocketAddr),
    /// A Unix stream socket; empty for an end without a name, which clients usually have.
    Unix(PathBuf),
}

impl Address {
    pub(crate) fn from_socket(address: &SockAddr) -> Address {
        match address.as_socket() {
            Some(SocketAddr::V6(v6)) if v6.ip().to_ipv4_mapped().is_none() => {
                Address::Ip(SocketAddrV6::new(*v6.ip(), v6.port(), 0, v6.scope_id()).into())
            }
            Some(ip) => Address::Ip(SocketAddr::new(canonical(ip.ip()), ip.port())),
            None => Address::Unix(address.as_pathname().map(Path::to_path_buf).unwrap_or_default()),
        }
    }

    /// Whether peers at this address are on this machine: loopback, or a Unix socket.
    pub fn is_local(&self) -> bool {
        match self {
            Address::Ip(address) => canonical(address.ip()).is_loopback(),
            Address::Unix(_) => true,
        }
    }

    /// The address as other machines may see it: without the scope of a link-local one, whose number means nothing there.
    pub(crate) fn label(&self) -> String {
        match self {
            Address::Ip(address) => SocketAddr::new(address.ip(), address.port()).to_string(),
            Address::Unix(_) => self.to_string(),
        }
    }

    /// The number of the network interface on which a link-local address is meant; 0 of any other address.
    pub fn scope(&self) -> u32 {
        match self {
            Address::Ip(SocketAddr::V6(address)) => address.scope_id(),
            _ => 0,
        }
    }

    /// The IP address, if it has one. It has no scope: see [`Address::scope`].
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Address::Ip(address) => Some(address.ip()),
            Address::Unix(_) => None,
        }
    }

    /// The port, or `None` for a Unix socket.
    pub fn port(&self) -> Option<u16> {
        match self {
            Address::Ip(address) => Some(address.port()),
            Address::Unix(_) => None,
        }
    }
}

/// An IPv4 peer of a dual-stack listener is shown, counted and judged as the IPv4 address it has.
fn canonical(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Ip(address) => address.fmt(f),
            Address::Unix(path) if path.as_os_str().is_empty() => f.write_str("unix"),
            // A peer chooses its own path: it must not forge lines or command terminals.
            Address::Unix(path) => as_address(path).chars().try_for_each(|character| {
                if character.is_control() {
                    write!(f, "{}", character.escape_default())
                } else {
                    f.write_char(character)
                }
            }),
        }
    }
}

/// A path as a text that is an address again: a bare name gets a `./`.
fn as_address(path: &Path) -> String {
    let text = path.display().to_string();
    if matches!(text.parse::<Endpoint>(), Ok(Endpoint::Unix(_))) { text } else { format!("./{text}") }
}

/// Where to listen or connect: a host (name or number) with a port, or the path of a Unix socket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A host to resolve, and a port; an empty host means every interface when listening, loopback when connecting.
    Tcp {
        /// A name or a number; IPv6 numbers without brackets. A link-local one has its network interface behind it, by name or
        /// number: `fe80::1%eth0`.
        host: String,
        /// The port; 0 lets the system choose when listening.
        port: u16,
    },
    /// The path of a Unix stream socket.
    Unix(PathBuf),
}

impl Endpoint {
    /// A host and a port.
    pub fn tcp(host: impl Into<String>, port: u16) -> Endpoint {
        Endpoint::Tcp { host: host.into(), port }
    }

    /// The path of a Unix socket.
    pub fn unix(path: impl Into<PathBuf>) -> Endpoint {
        Endpoint::Unix(path.into())
    }

    /// The address of a server that nobody listens for: as it is told, with loopback in the place of a name.
    pub(crate) fn as_told(&self) -> Address {
        match self {
            Endpoint::Tcp { host, port } => {
                let ip = host.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
                Address::Ip(SocketAddr::new(ip, *port))
            }
            Endpoint::Unix(path) => Address::Unix(path.clone()),
        }
    }

    /// Refuses to let strangers in by oversight: listening beyond this machine must be `guarded` by a secret or
    /// by an explicit word.
    pub(crate) fn check_exposure(&self, guarded: bool) -> Result<()> {
        if guarded {
            return Ok(());
        }
        let Some(exposed) = self.exposed()? else { return Ok(()) };
        Err(Error::new(
            Status::InvalidArgument,
            format!(
                "listening on {exposed} without a secret lets anybody in who can reach this machine; \
                 set a secret, listen on 127.0.0.1, or say allow_anonymous if that is what you want"
            ),
        ))
    }

    /// The first of the addresses to listen at that can be reached from elsewhere.
    pub(crate) fn exposed(&self) -> Result<Option<Address>> {
        let addresses = self.resolve(true, &Deadline::never())?;
        Ok(addresses.iter().map(Address::from_socket).find(|address| !address.is_local()))
    }

    /// Every address this endpoint stands for, in the order in which they should be tried.
    ///
    /// A name is looked up by the system's resolver, on a thread that is left behind when `deadline` passes.
    pub(crate) fn resolve(&self, passive: bool, deadline: &Deadline<'_>) -> Result<Vec<SockAddr>> {
        let (host, port) = match self {
            Endpoint::Unix(path) if path.as_os_str().is_empty() => {
                return Err(Error::new(Status::InvalidAddress, "the path of the Unix socket is empty"));
            }
            Endpoint::Unix(path) => {
                let address = SockAddr::unix(path).map_err(|error| {
                    let what = sentence(&error);
                    Error::new(Status::InvalidAddress, format!("unix socket path '{}': {what}", path.display()))
                })?;
                return Ok(vec![address]);
            }
            Endpoint::Tcp { host, port } => (host.as_str(), *port),
        };
        let host = match (host, passive) {
            ("", true) => "0.0.0.0",
            ("", false) => "127.0.0.1",
            (host, _) => host,
        };
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(ip, port).into()]);
        }
        if let Some((ip, scope)) = scoped(host) {
            return Ok(vec![SocketAddrV6::new(ip, port, 0, scope_number(scope)?).into()]);
        }
        let found = resolver::look_up(host, port, deadline).map_err(|error| error.context(hint(host)))?;
        if found.is_empty() {
            return Err(Error::new(Status::InvalidAddress, format!("look up '{host}': no address found")));
        }
        Ok(found.into_iter().map(SockAddr::from).collect())
    }
}

/// An IPv6 number with the network interface behind it, such as `fe80::1%eth0`.
pub(super) fn scoped(host: &str) -> Option<(Ipv6Addr, &str)> {
    let (ip, scope) = host.split_once('%')?;
    Some((ip.parse().ok()?, scope)).filter(|_| !scope.is_empty())
}

fn scope_number(scope: &str) -> Result<u32> {
    if let Ok(number) = scope.parse() {
        return Ok(number);
    }
    let name = CString::new(scope).ok();
    name.and_then(|name| sys::name::interface_number(&name).ok())
        .ok_or_else(|| Error::new(Status::InvalidAddress, format!("there is no network interface '{scope}'")))
}

/// What was looked up, and what it may have been meant for.
fn hint(host: &str) -> String {
    if host.contains([':', '[', ']']) {
        return format!("look up '{host}' (the port does not belong to the host, nor do brackets)");
    }
    if Path::new(host).exists() {
        return format!("look up '{host}' (the path of a Unix socket here is './{host}')");
    }
    format!("look up '{host}'")
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Endpoint::Tcp { host, port } => write!(f, "{host}:{port}"),
            Endpoint::Unix(path) => f.write_str(&as_address(path)),
        }
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Endpoint {
        let scope = Address::Ip(address).scope();
        let ip = address.ip();
        Endpoint::tcp(if scope == 0 { ip.to_string() } else { format!("{ip}%{scope}") }, address.port())
    }
}

impl From<&Address> for Endpoint {
    fn from(address: &Address) -> Endpoint {
        match address {
            Address::Ip(address) => (*address).into(),
            Address::Unix(path) => Endpoint::unix(path),
        }
    }
}

impl From<(&str, u16)> for Endpoint {
    fn from((host, port): (&str, u16)) -> Endpoint {
        Endpoint::tcp(host, port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_kept_on_this_machine_and_told_to_no_other() {
        let resolve = |host: &str| Endpoint::tcp(host, 5).resolve(false, &Deadline::never());
        let address = Address::from_socket(&resolve("fe80::1%7").unwrap()[0]);
        assert_eq!((address.to_string().as_str(), address.scope()), ("[fe80::1%7]:5", 7));
        assert_eq!(address.label(), "[fe80::1]:5");
        assert_eq!(Endpoint::from(&address), Endpoint::tcp("fe80::1%7", 5));
        #[cfg(target_os = "linux")]
        assert_ne!(Address::from_socket(&resolve("fe80::1%lo").unwrap()[0]).scope(), 0);
        let error = resolve("fe80::1%no-such-interface").unwrap_err();
        assert_eq!(error.status(), Status::InvalidAddress);
        assert!(error.message().contains("'no-such-interface'"), "{error}");
    }

    #[test]
    fn an_ipv4_peer_of_an_ipv6_listener_is_the_ipv4_peer() {
        let mapped: SocketAddr = "[::ffff:127.0.0.1]:9".parse().unwrap();
        let address = Address::from_socket(&mapped.into());
        assert_eq!(address.to_string(), "127.0.0.1:9");
        assert!(address.is_local());
    }

    #[test]
    fn a_name_that_does_not_exist_is_an_invalid_address_within_the_deadline() {
        let endpoint = Endpoint::tcp("no-such-host.invalid", 1);
        let error = endpoint.resolve(false, &Deadline::after(std::time::Duration::from_secs(10))).unwrap_err();
        assert!(matches!(error.status(), Status::InvalidAddress | Status::TimedOut), "{error}");
        assert!(error.message().contains("no-such-host.invalid"), "{error}");
    }
}
