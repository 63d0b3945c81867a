//! Names of hosts and of network interfaces. See getaddrinfo(3) and if_nametoindex(3).

use std::ffi::CStr;
use std::mem;
use std::{io, ptr, slice};

use libc::c_int;

use super::super::sockaddr::SocketAddress;

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
    // SAFETY: all fields of addrinfo may be zero.
    let mut hints: libc::addrinfo = unsafe { mem::zeroed() };
    hints.ai_family = family;
    let mut found = ptr::null_mut();
    // SAFETY: a string that ends with a zero byte, hints that are only read, room for the answer.
    let answer = unsafe { libc::getaddrinfo(name.as_ptr(), ptr::null(), &raw const hints, &raw mut found) };
    match answer {
        0 => {}
        libc::EAI_SYSTEM => return Err(LookUpError::System(io::Error::last_os_error())),
        number => return Err(LookUpError::Resolver { number, text: text_of(number) }),
    }
    // SAFETY: an answer without an error has an entry at least, with an address of the length it says.
    let bytes = unsafe { slice::from_raw_parts((*found).ai_addr.cast::<u8>(), (*found).ai_addrlen as usize) };
    let address = SocketAddress::from_kernel(bytes);
    // SAFETY: the answer, which nothing points to any more.
    unsafe { libc::freeaddrinfo(found) };
    Ok(address)
}

/// The number of the network interface called `name`.
pub(in crate::net) fn interface_number(name: &CStr) -> io::Result<u32> {
    // SAFETY: a string that ends with a zero byte and outlives the call.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(io::Error::last_os_error()),
        number => Ok(number),
    }
}

fn text_of(number: c_int) -> String {
    // SAFETY: any number has a text, which is never freed.
    unsafe { CStr::from_ptr(libc::gai_strerror(number)) }.to_string_lossy().into_owned()
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
