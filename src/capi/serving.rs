//! What all that listens, and all that keeps clients, has in common; and what their clients have.

use std::borrow::Cow;
use std::ffi::c_char;
use std::time::Duration;

use super::bytes::Buffer;
use super::choices::rustchat_client_condition::{RUSTCHAT_CLIENT_CLOSED, RUSTCHAT_CLIENT_OPEN};
use super::guard;
use super::handle::Object;
use super::options::{self, Options, Report, deadline};
use super::out::Out;
use super::status::rustchat_status;
use crate::net::{Address, Deadline};
use crate::{Error, Result, Status};

/// What has an address: its own if it listens, else that of the other end.
pub(super) trait Addressed: Object {
    fn address(&self) -> Cow<'_, Address>;
}

/// A server that is stopped, and waited for.
pub(super) trait Serving: Addressed {
    fn close_within(&self, drain: Duration);
    fn join(&self, deadline: Deadline<'_>) -> Result<()>;
}

/// The address as text.
///
/// # Safety
/// `buf` is NULL or begins `cap` bytes that can be written until the call returns; `len` is NULL or can be written as long.
pub(super) unsafe fn address<T: Addressed>(
    name: &'static str,
    handle: *mut T::Handle,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: as promised by the caller.
    let buffer = unsafe { Buffer::new(buf.cast(), cap, len) };
    guard::on(name, handle, |object: &T| buffer.checked()?.put_text(&object.address().to_string()))
}

/// The port that is listened on.
///
/// # Safety
/// `out` is NULL or can be written until the call returns.
pub(super) unsafe fn port<T: Addressed>(name: &'static str, handle: *mut T::Handle, out: *mut u16) -> rustchat_status {
    // SAFETY: as promised by the caller.
    let out = unsafe { Out::new(out, 0) };
    guard::on(name, handle, |object: &T| {
        let port = object.address().port();
        out?.set(port.ok_or_else(|| Error::new(Status::NotSupported, "a Unix socket has no port"))?);
        Ok(())
    })
}

/// Begins to stop, with a time for what is under way.
pub(super) fn close_within<T: Serving>(name: &'static str, handle: *mut T::Handle, drain_ms: i64) -> rustchat_status {
    guard::always(name, handle, |object: &T| {
        object.close_within(options::drain(drain_ms)?);
        Ok(())
    })
}

/// Waits for the end.
pub(super) fn join<T: Serving>(name: &'static str, handle: *mut T::Handle, timeout_ms: i64) -> rustchat_status {
    guard::always(name, handle, |object: &T| object.join(deadline(timeout_ms)?))
}

/// Fills a structure of the caller's with what an object says of itself.
///
/// # Safety
/// `out` is NULL or begins with its size and can be written that far until the call returns.
pub(super) unsafe fn report<T: Object, R: Options>(
    name: &'static str,
    handle: *mut T::Handle,
    out: *mut R,
    get: impl FnOnce(&T) -> R,
) -> rustchat_status {
    // SAFETY: as promised by the caller.
    let out = unsafe { Report::new(out) };
    guard::on(name, handle, |object: &T| {
        out?.set(get(object));
        Ok(())
    })
}

/// Whether a client is connected.
///
/// # Safety
/// `out` is NULL or can be written until the call returns.
pub(super) unsafe fn state<T: Object>(
    name: &'static str,
    handle: *mut T::Handle,
    out: *mut i32,
    is_closed: impl FnOnce(&T) -> bool,
) -> rustchat_status {
    // SAFETY: as promised by the caller.
    let out = unsafe { Out::new(out, 0) };
    guard::on(name, handle, |object: &T| {
        let condition = if is_closed(object) { RUSTCHAT_CLIENT_CLOSED } else { RUSTCHAT_CLIENT_OPEN };
        out?.set(condition as i32);
        Ok(())
    })
}
