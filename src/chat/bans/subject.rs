//! Whom a ban is about.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use super::super::text::escape;
use crate::auth::MAX_ID_BYTES;
use crate::{Error, Result, Status};

/// The longest name that a ban may be about, in characters: no member has a longer one.
const LONGEST_NAME: usize = 32;

/// Whom a ban is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum BanSubject {
    /// Everybody who comes from there.
    Net(Net),
    /// Everybody who proves to hold the key with this id.
    Key(String),
    /// Everybody who takes this name, or one that looks like it.
    Name(String),
}

/// An IP address, or all those that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Net {
    address: IpAddr,
    length: u8,
}

impl BanSubject {
    /// An address such as `192.0.2.7`, or a net such as `192.0.2.0/24` or `2001:db8::/32`.
    ///
    /// Who holds a whole net of IPv6, as most of its users do, has as many addresses as they like: ban the `/64`.
    ///
    /// # Errors
    /// `InvalidArgument` for anything else, and for a net with bits beyond its length.
    pub fn address(text: &str) -> Result<BanSubject> {
        Net::parse(text).map(BanSubject::Net)
    }

    /// A key by its id.
    ///
    /// # Errors
    /// `InvalidArgument` for an id that no named key has.
    pub fn key(id: impl Into<String>) -> Result<BanSubject> {
        let id = id.into();
        if id.is_empty() || id.len() > MAX_ID_BYTES || id.chars().any(char::is_control) {
            return Err(wrong(format!("no key can have the id '{}'", escape(&id))));
        }
        Ok(BanSubject::Key(id))
    }

    /// A name.
    ///
    /// # Errors
    /// `InvalidArgument` for one that no member can have.
    pub fn name(name: impl Into<String>) -> Result<BanSubject> {
        let name = name.into();
        if name.trim().is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(wrong(format!("nobody can have the name '{}'", escape(&name))));
        }
        Ok(BanSubject::Name(name))
    }

    /// What it is: `address`, `net`, `key` or `name`.
    pub fn kind(&self) -> &'static str {
        match self {
            BanSubject::Net(net) if net.is_one() => "address",
            BanSubject::Net(_) => "net",
            BanSubject::Key(_) => "key",
            BanSubject::Name(_) => "name",
        }
    }

    /// The address, net, id or name itself.
    pub fn value(&self) -> String {
        match self {
            BanSubject::Net(net) => net.to_string(),
            BanSubject::Key(text) | BanSubject::Name(text) => text.clone(),
        }
    }
}

impl fmt::Display for BanSubject {
    /// As a log may have it: control characters are escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), escape(&self.value()))
    }
}

impl Net {
    fn parse(text: &str) -> Result<Net> {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let expected = "expected one such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32";
        let bad = || wrong(format!("'{}' is no address and no net; {expected}", escape(text)));
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let whole = bits(address);
        let length = match length {
            None => whole,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|length| *length <= whole).ok_or_else(bad)?
            }
            Some(_) => return Err(bad()),
        };
        let net = Net::of(address, length);
        if net.address != address {
            let text = escape(text);
            return Err(wrong(format!(
                "the net '{text}' has bits beyond its length; do you mean {net}, or {address}?"
            )));
        }
        Ok(net.canonical())
    }

    /// The net of so many bits that an address is in.
    pub(super) fn of(address: IpAddr, length: u8) -> Net {
        let address = match address {
            IpAddr::V4(v4) => IpAddr::V4((u32::from(v4) & mask(length, 32) as u32).into()),
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & mask(length, 128)).into()),
        };
        Net { address, length }
    }

    /// IPv4 as such, in whatever way it is written: it is how peers are known.
    fn canonical(self) -> Net {
        match self.address {
            IpAddr::V6(v6) if self.length >= 96 => {
                let mapped = v6.to_ipv4_mapped();
                mapped.map_or(self, |v4| Net { address: IpAddr::V4(v4), length: self.length - 96 })
            }
            _ => self,
        }
    }

    /// Whether it is of IPv6, and how many bits all of its addresses have in common.
    pub(super) fn shape(&self) -> (bool, u8) {
        (self.address.is_ipv6(), self.length)
    }

    fn is_one(&self) -> bool {
        self.length == bits(self.address)
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_one() { self.address.fmt(f) } else { write!(f, "{}/{}", self.address, self.length) }
    }
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { Ipv6Addr::BITS as u8 }
}

/// The first `length` of `whole` bits.
fn mask(length: u8, whole: u8) -> u128 {
    let all = u128::MAX >> (128 - u32::from(whole));
    if length == 0 { 0 } else { all & (all << (whole - length)) }
}

fn wrong(text: String) -> Error {
    Error::new(Status::InvalidArgument, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(net: &str, address: &str) -> bool {
        let BanSubject::Net(net) = BanSubject::address(net).unwrap() else { panic!() };
        let address: IpAddr = address.parse().unwrap();
        net.shape().0 == address.is_ipv6() && Net::of(address, net.length) == net
    }

    #[test]
    fn a_net_has_the_addresses_that_begin_alike() {
        assert!(is_in("192.0.2.7", "192.0.2.7") && !is_in("192.0.2.7", "192.0.2.6"));
        assert!(is_in("192.0.2.0/24", "192.0.2.255") && !is_in("192.0.2.0/24", "192.0.3.0"));
        assert!(is_in("0.0.0.0/0", "255.255.255.255") && !is_in("0.0.0.0/0", "::"));
        assert!(is_in("::/0", "ffff::1") && is_in("2001:db8::/32", "2001:db8:ffff::"));
        assert!(is_in("::ffff:192.0.2.0/120", "192.0.2.9"));
        assert!(is_in("::1", "::1") && !is_in("::1", "::2"));
    }

    #[test]
    fn what_is_no_net_is_told_with_what_may_be_meant() {
        for text in ["", "192.0.2", "192.0.2.0/33", "192.0.2.0/+8", "192.0.2.0/", "::/129", "a\u{1b}b", "1.2.3.4:5"] {
            let error = BanSubject::address(text).unwrap_err();
            assert!(error.message().contains("192.0.2.0/24") && !error.message().contains('\u{1b}'), "{error}");
        }
        let error = BanSubject::address("192.0.2.7/24").unwrap_err();
        assert!(error.message().contains("192.0.2.0/24"), "{error}");
    }

    #[test]
    fn kinds_and_values_are_as_they_are_written() {
        let all = [
            BanSubject::address("192.0.2.7"),
            BanSubject::address("192.0.2.0/24"),
            BanSubject::key("ann"),
            BanSubject::name("Ann Smith"),
        ];
        let written: Vec<_> = all.into_iter().map(|subject| subject.unwrap().to_string()).collect();
        assert_eq!(written, ["address 192.0.2.7", "net 192.0.2.0/24", "key ann", "name Ann Smith"]);
        assert!(BanSubject::key("").is_err() && BanSubject::key("a\nb").is_err());
        assert!(BanSubject::name(" ").is_err() && BanSubject::name("x".repeat(33)).is_err());
    }
}
