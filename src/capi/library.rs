//! What the library says of itself.

use std::ffi::{CStr, c_char};

use super::error::{self, rustchat_error};
use super::guard;
use super::status::rustchat_status;
use crate::Status;
use crate::error::c_text;
use crate::tls::Tls;

/// Copies what is known of the last failure on the calling thread.
///
/// The record belongs to the last call that returned a rustchat_status on this thread: it is cleared when such a call
/// begins and set when it fails, so it is never about an older call. This function itself changes nothing of it.
/// Failures on the library's own threads are not here; they travel in events.
///
/// @param out receives the record; must not be NULL.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_last_error(out: *mut rustchat_error) -> rustchat_status {
    guard::keeping_record("rustchat_last_error", || {
        if out.is_null() {
            return Err(Status::InvalidArgument.into());
        }
        // SAFETY: the header asks for NULL or a pointer to a rustchat_error that can be written.
        unsafe { out.write(error::last()) };
        Ok(())
    })
}

/// The rule by which a server has refused what the last call on the calling thread asked for.
///
/// It belongs to the record of rustchat_last_error, and is cleared and set with it.
///
/// @return a rustchat_command_refusal after a call about commands, a rustchat_file_refusal after one about files; 0 when the call did not fail, or not by a rule that is known
///   here.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_last_refusal() -> i32 {
    guard::value("rustchat_last_refusal", 0, error::refusal)
}

/// Counts changes of the ABI that old programs cannot live with; the same number stands in the name of the library.
const ABI_VERSION: u32 = 0;

const VERSION: &CStr = c_text(concat!(env!("CARGO_PKG_VERSION"), "\0"));

const CHAT: u64 = 1;
const CONNECTIONS: u64 = 1 << 1;
const AUTHENTICATION: u64 = 1 << 2;
const UNIX_SOCKETS: u64 = 1 << 3;
const TLS: u64 = 1 << 4;
const COMMANDS: u64 = 1 << 5;
const FILES: u64 = 1 << 6;
const PANIC_INJECTION: u64 = 1 << 63;

/// The version of the library that is running, for example "0.1.0".
///
/// @return a constant string, not to be freed.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The version of the library that is running as one number, to compare with RUSTCHAT_VERSION_NUMBER.
///
/// @return major * 1000000 + minor * 1000 + patch.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_version_number() -> u32 {
    const fn number(text: &str) -> u32 {
        let (mut value, mut index) = (0, 0);
        while index < text.len() {
            value = value * 10 + (text.as_bytes()[index] - b'0') as u32;
            index += 1;
        }
        value
    }
    const NUMBER: u32 = number(env!("CARGO_PKG_VERSION_MAJOR")) * 1_000_000
        + number(env!("CARGO_PKG_VERSION_MINOR")) * 1_000
        + number(env!("CARGO_PKG_VERSION_PATCH"));
    NUMBER
}

/// The ABI of the library that is running; a program must stop when it differs from RUSTCHAT_ABI_VERSION.
///
/// @return the number.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_abi_version() -> u32 {
    ABI_VERSION
}

/// What this build of the library can do.
///
/// @return the sum of RUSTCHAT_FEATURE_ numbers.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_features() -> u64 {
    let injection = if cfg!(feature = "panic-injection") { PANIC_INJECTION } else { 0 };
    let tls = if Tls::is_available() { TLS } else { 0 };
    CHAT | CONNECTIONS | AUTHENTICATION | UNIX_SOCKETS | COMMANDS | FILES | tls | injection
}
