//! Who is let in at the door: the bounds on connections, in all and for one IP address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::net::Address;
use crate::sync::Mutex;
use crate::{Error, Result, Status};

const STRANGERS_PER_IP: usize = 256;

/// Counts connections. Every [`Permit`] it gives is one of them, until it is dropped.
pub(super) struct Admission {
    limit: usize,
    per_ip: Option<usize>,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    total: usize,
    by_ip: HashMap<IpAddr, usize>,
}

/// The right to be connected.
pub(super) struct Permit {
    admission: Arc<Admission>,
    ip: Option<IpAddr>,
}

impl Admission {
    /// For so many connections in all, and for one IP address: as
    /// [`HostOptions`](super::HostOptions) has it.
    pub(super) fn new(limit: usize, per_ip: Option<usize>) -> Arc<Admission> {
        Arc::new(Admission { limit, per_ip, counts: Mutex::new(Counts::default()) })
    }

    /// Counts a connection from `address`, or says in words for the peer why there is no place for it.
    pub(super) fn admit(self: &Arc<Admission>, address: &Address) -> Result<Permit> {
        let per_ip = match self.per_ip {
            Some(0) => usize::MAX,
            Some(limit) => limit,
            None if address.is_local() => usize::MAX,
            None => STRANGERS_PER_IP,
        };
        // Addresses that are not limited are not remembered either.
        let ip = address.ip().filter(|_| per_ip < usize::MAX);
        let mut counts = self.counts.lock();
        if counts.total >= self.limit {
            return Err(no_place(format!("the server is full ({} members); try again later", self.limit)));
        }
        if let Some(ip) = ip {
            let count = counts.by_ip.entry(ip).or_default();
            if *count >= per_ip {
                return Err(no_place(format!("too many connections from {ip} (limit {per_ip})")));
            }
            *count += 1;
        }
        counts.total += 1;
        Ok(Permit { admission: Arc::clone(self), ip })
    }
}

fn no_place(why: String) -> Error {
    Error::new(Status::Overflow, why)
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.admission.counts.lock();
        counts.total -= 1;
        if let Some(ip) = self.ip
            && let Some(count) = counts.by_ip.get_mut(&ip)
        {
            *count -= 1;
            if *count == 0 {
                counts.by_ip.remove(&ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::Ip(text.parse().unwrap())
    }

    #[test]
    fn an_address_has_its_share_and_gives_it_back() {
        let admission = Admission::new(3, Some(2));
        let first = admission.admit(&address("192.0.2.1:1")).ok();
        let _second = admission.admit(&address("192.0.2.1:2")).ok().unwrap();
        let refusal = admission.admit(&address("192.0.2.1:3")).err().unwrap();
        assert!(refusal.message().contains("192.0.2.1 (limit 2)"), "{refusal}");
        let _third = admission.admit(&address("192.0.2.2:1")).ok().unwrap();
        assert!(admission.admit(&address("192.0.2.3:1")).err().unwrap().message().contains("full"));
        drop(first);
        assert!(admission.admit(&address("192.0.2.1:3")).is_ok());
    }

    #[test]
    fn by_default_this_machine_is_exempt_and_strangers_are_not() {
        let admission = Admission::new(10_240, None);
        let count = |ip: &str| (0..1000).map_while(|_| admission.admit(&address(ip)).ok()).collect::<Vec<_>>().len();
        assert_eq!(count("127.0.0.1:1"), 1000);
        assert_eq!(count("192.0.2.1:1"), STRANGERS_PER_IP);
    }
}
