//! Network interfaces by name and by number. See netdevice(7).

use std::ffi::CStr;
use std::io;
use std::os::fd::RawFd;

use super::descriptor::check;

/// Room for a name and the zero behind it.
const NAME: usize = libc::IFNAMSIZ;

/// What the kernel reads and writes: `struct ifreq`, whose second part is a union of 24 bytes at most.
#[repr(C)]
struct Request {
    name: [u8; NAME],
    index: libc::c_int,
    rest: [u8; 20],
}

/// The number of the interface called `name`, without a descriptor at hand. See if_nametoindex(3).
pub(in crate::net) fn number(name: &CStr) -> io::Result<u32> {
    // SAFETY: a string that ends with a zero byte and outlives the call.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(io::Error::last_os_error()),
        number => Ok(number),
    }
}

/// The number of the network interface called `name`.
pub fn interface_index(descriptor: RawFd, name: &[u8]) -> io::Result<i32> {
    let mut request = Request { name: [0; NAME], index: 0, rest: [0; 20] };
    let length = name.len().min(NAME - 1);
    request.name[..length].copy_from_slice(&name[..length]);
    // SAFETY: `Request` has the layout and at least the size of struct ifreq.
    check(unsafe { libc::ioctl(descriptor, libc::SIOCGIFINDEX as _, &raw mut request) })?;
    Ok(request.index)
}

/// The name of network interface number `index`; empty if there is none.
pub fn interface_name(descriptor: RawFd, index: i32) -> Vec<u8> {
    let mut request = Request { name: [0; NAME], index, rest: [0; 20] };
    // SAFETY: as above.
    if index == 0 || check(unsafe { libc::ioctl(descriptor, libc::SIOCGIFNAME as _, &raw mut request) }).is_err() {
        return Vec::new();
    }
    request.name.iter().copied().take_while(|&byte| byte != 0).collect()
}
