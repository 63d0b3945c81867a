//! Names of hosts. See getaddrinfo(3).

use std::ffi::CStr;
use std::mem;
use std::{io, ptr, slice};

use libc::c_int;

use super::super::socket::{LookUpError, SocketAddress};

/// The first address of `name` in `family`. May take as long as the resolver likes.
pub(in crate::net) fn look_up(name: &CStr, family: c_int) -> Result<SocketAddress, LookUpError> {
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

fn text_of(number: c_int) -> String {
    // SAFETY: any number has a text, which is never freed.
    unsafe { CStr::from_ptr(libc::gai_strerror(number)) }.to_string_lossy().into_owned()
}
