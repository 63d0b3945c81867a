//! Names of hosts, looked up by the system's resolver.

use std::ffi::CStr;
use std::io;

use libc::c_int;

use super::super::sys::name;
use super::SocketAddress;

/// Why a name has no address.
#[derive(Debug)]
pub enum LookUpError {
    /// A system call has failed.
    System(io::Error),
    /// The resolver says so.
    Resolver {
        /// Such as `EAI_NONAME`.
        number: c_int,
        /// The resolver's sentence.
        text: String,
    },
}

/// The first address of the host `name` in `family`, without a port. Waits for the resolver, which has timeouts of its
/// own. See getaddrinfo(3).
pub fn look_up(name: &CStr, family: c_int) -> Result<SocketAddress, LookUpError> {
    name::look_up(name, family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_without_a_resolver_and_nonsense_is_the_resolvers_error() {
        let found = look_up(c"127.0.0.1", libc::AF_INET).unwrap();
        assert_eq!(found.as_inet().0.octets(), [127, 0, 0, 1]);
        let found = look_up(c"::1", libc::AF_INET6).unwrap();
        assert!(found.as_inet6().0.is_loopback());
        let error = look_up(c"::1", libc::AF_INET).unwrap_err();
        assert!(matches!(error, LookUpError::Resolver { number, text } if number != 0 && !text.is_empty()));
    }
}
