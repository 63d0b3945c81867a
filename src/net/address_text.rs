//! Addresses as people write them.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use super::Endpoint;
use super::address::scoped;
use crate::{Error, Result, Status};

/// What the path of a Unix socket may end in to be known as one without a `/`.
const PATH_ENDINGS: [&str; 2] = [".sock", ".socket"];

/// What stands in a text.
enum Written<'t> {
    Path(&'t str),
    Host(&'t str),
    HostAndPort(&'t str, u16),
}

impl Endpoint {
    /// Reads a host that may have a port of its own: `host`, `host:port`, `1.2.3.4`, `::1`, `[::1]`, `[::1]:port`, or the
    /// path of a Unix socket (with a `/`, ending in `.sock` or `.socket`, or behind `unix:`), which needs no port.
    ///
    /// `port` is what the caller was given besides; without it and without one in the text it is `otherwise`.
    ///
    /// # Errors
    /// `InvalidAddress` when the text is no address; `InvalidArgument` when it has a port and `port` is another one.
    pub fn with_port(text: &str, port: Option<u16>, otherwise: u16) -> Result<Endpoint> {
        match read(text)? {
            Written::Path(path) => Ok(Endpoint::unix(path)),
            Written::Host(host) => Ok(Endpoint::tcp(host, port.unwrap_or(otherwise))),
            Written::HostAndPort(host, own) => match port.filter(|port| *port != own) {
                None => Ok(Endpoint::tcp(host, own)),
                Some(port) => Err(Error::new(
                    Status::InvalidArgument,
                    format!("address '{text}' has a port, and port is {port}; expected one of them"),
                )),
            },
        }
    }
}

impl FromStr for Endpoint {
    type Err = Error;

    /// Parses `host:port`, `[v6]:port`, or a path: anything with a `/`, ending in `.sock` or `.socket`, or behind `unix:`.
    fn from_str(text: &str) -> Result<Endpoint> {
        match read(text)? {
            Written::Path(path) => Ok(Endpoint::unix(path)),
            Written::HostAndPort(host, port) => Ok(Endpoint::tcp(host, port)),
            Written::Host(host) if host.contains(':') && !text.starts_with('[') => {
                Err(wrong(text, "an IPv6 number needs brackets before a port"))
            }
            Written::Host(_) => Err(wrong(text, "it has no port")),
        }
    }
}

fn read(text: &str) -> Result<Written<'_>> {
    if let Some(path) = text.strip_prefix("unix:") {
        return Ok(Written::Path(path));
    }
    if text.contains('/') || PATH_ENDINGS.iter().any(|ending| text.len() > ending.len() && text.ends_with(ending)) {
        return Ok(Written::Path(text));
    }
    if let Some(inner) = text.strip_prefix('[') {
        let (host, rest) = inner.split_once(']').ok_or_else(|| wrong(text, "a bracket is not closed"))?;
        if host.parse::<Ipv6Addr>().is_err() && scoped(host).is_none() {
            return Err(wrong(text, "what stands in brackets is not an IPv6 number"));
        }
        return match rest.strip_prefix(':') {
            Some(port) => Ok(Written::HostAndPort(host, number_of(text, port)?)),
            None if rest.is_empty() => Ok(Written::Host(host)),
            None => Err(wrong(text, "something other than a port follows the brackets")),
        };
    }
    match text.split_once(':') {
        None => Ok(Written::Host(text)),
        Some((host, port)) if !port.contains(':') => Ok(Written::HostAndPort(host, number_of(text, port)?)),
        Some(_) if text.parse::<IpAddr>().is_ok() => Ok(Written::Host(text)),
        Some(_) if scoped(text).is_some_and(|(_, scope)| !scope.contains(':')) => Ok(Written::Host(text)),
        Some(_) => Err(wrong(text, "an IPv6 number needs brackets before a port")),
    }
}

fn number_of(text: &str, port: &str) -> Result<u16> {
    port.parse().map_err(|_| wrong(text, "the port is not a number from 0 to 65535"))
}

fn wrong(text: &str, what: &str) -> Error {
    Error::new(
        Status::InvalidAddress,
        format!("address '{text}': {what}; expected host:port, [ipv6]:port or the path of a Unix socket"),
    )
}

#[cfg(test)]
mod tests;
