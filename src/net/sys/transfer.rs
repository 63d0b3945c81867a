//! Sending and receiving, as often as there are messages.
//!
//! On Linux by the plain system call. The C library's functions are points where `pthread_cancel` may end the thread,
//! which costs each call of a program of several threads two atomic operations, and which the frames of this library must
//! not be unwound by. See syscall(2) and pthreads(7).

use libc::{c_int, c_void, size_t, ssize_t};

/// See recv(2).
///
/// # Safety
/// `buffer` begins `length` bytes that can be written.
#[inline]
pub(super) unsafe fn recv(descriptor: c_int, buffer: *mut c_void, length: size_t, flags: c_int) -> ssize_t {
    #[cfg(target_os = "linux")]
    // SAFETY: as promised by the caller; the sender's address is not asked for.
    unsafe {
        let nobody = std::ptr::null_mut::<c_void>();
        libc::syscall(libc::SYS_recvfrom, descriptor, buffer, length, flags, nobody, nobody) as ssize_t
    }
    #[cfg(not(target_os = "linux"))]
    // SAFETY: as promised by the caller.
    unsafe {
        libc::recv(descriptor, buffer, length, flags)
    }
}

/// See send(2).
///
/// # Safety
/// `bytes` begins `length` bytes that can be read.
#[inline]
pub(super) unsafe fn send(descriptor: c_int, bytes: *const c_void, length: size_t, flags: c_int) -> ssize_t {
    #[cfg(target_os = "linux")]
    // SAFETY: as promised by the caller; there is no receiver's address.
    unsafe {
        let nobody = std::ptr::null::<c_void>();
        libc::syscall(libc::SYS_sendto, descriptor, bytes, length, flags, nobody, 0_usize) as ssize_t
    }
    #[cfg(not(target_os = "linux"))]
    // SAFETY: as promised by the caller.
    unsafe {
        libc::send(descriptor, bytes, length, flags)
    }
}
