//! The statuses of the C ABI, one number each; the same table as [`Status`].

use std::ffi::c_char;

use crate::Status;
use crate::error::statuses;

/// What became of a call: 0, or a negative number that never changes its meaning.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum rustchat_status {
    /// It worked.
    RUSTCHAT_OK = 0,
    /// An argument or option is out of range or contradicts another, or a pointer that is needed is NULL.
    RUSTCHAT_EINVAL = -1,
    /// The handle is NULL, stale, already freed or of another kind.
    RUSTCHAT_EHANDLE = -2,
    /// Memory could not be had.
    RUSTCHAT_ENOMEM = -3,
    /// Nothing is ready yet; bring more and try again.
    RUSTCHAT_EAGAIN = -4,
    /// The time is up.
    RUSTCHAT_ETIMEDOUT = -5,
    /// This side, or the peer in good order, has closed.
    RUSTCHAT_ECLOSED = -6,
    /// The wait was ended by a wake-up.
    RUSTCHAT_EINTR = -7,
    /// Another socket already listens on that address, or a file that is left alone is at its path.
    RUSTCHAT_EADDRINUSE = -8,
    /// The address cannot be parsed, looked up or bound here.
    RUSTCHAT_EADDRINVAL = -9,
    /// Nobody listens at that address.
    RUSTCHAT_ECONNREFUSED = -10,
    /// The connection broke: reset by the peer, or lost in the middle of a message.
    RUSTCHAT_ECONNRESET = -11,
    /// Authentication failed; for safety nobody is told why.
    RUSTCHAT_EAUTH = -12,
    /// The peer did not keep to the protocol.
    RUSTCHAT_EPROTO = -13,
    /// A message is longer than the limit.
    RUSTCHAT_EMSGSIZE = -14,
    /// The buffer is too small; the needed size was reported.
    RUSTCHAT_EBUFSIZE = -15,
    /// No member has that id, or has it any more.
    RUSTCHAT_ENOPEER = -16,
    /// A bounded queue passed its limit.
    RUSTCHAT_EOVERFLOW = -17,
    /// The text is not valid UTF-8, or holds characters that are not allowed.
    RUSTCHAT_EUTF8 = -18,
    /// The call would wait for the thread it runs on.
    RUSTCHAT_EDEADLK = -19,
    /// The object was made before fork and belongs to the parent process.
    RUSTCHAT_EFORK = -20,
    /// Not available in this build or on this system.
    RUSTCHAT_ENOTSUP = -21,
    /// The object is not in a state for this call.
    RUSTCHAT_ESTATE = -22,
    /// The operating system reported another error; its code is in the record of rustchat_last_error.
    RUSTCHAT_EIO = -23,
    /// A bug of this library was caught at its boundary; the object it happened in can only be closed and freed.
    RUSTCHAT_EPANIC = -24,
    /// The server's rules do not allow what was asked for.
    RUSTCHAT_EREFUSED = -25,
    /// A command has not succeeded.
    RUSTCHAT_ECOMMAND = -26,
}

macro_rules! convert {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident = $code:literal, $c:ident, $words:literal, $class:literal, $errno:ident;
    )*) => {
        impl From<Status> for rustchat_status {
            fn from(status: Status) -> rustchat_status {
                match status {
                    $(Status::$name => rustchat_status::$c,)*
                }
            }
        }
    };
}
statuses!(convert);

/// The name of a status, for example "RUSTCHAT_EINVAL".
///
/// @param status any number.
/// @return a constant string, "RUSTCHAT_UNKNOWN" for a number that is no status; never NULL, not to be freed.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_status_name(status: i32) -> *const c_char {
    let name = match status {
        0 => c"RUSTCHAT_OK",
        _ => Status::from_code(status).map_or(c"RUSTCHAT_UNKNOWN", Status::c_name),
    };
    name.as_ptr()
}

/// A few words about a status, for people.
///
/// rustchat_last_error has a whole sentence about the case at hand.
///
/// @param status any number.
/// @return a constant string, "unknown status" for a number that is no status; never NULL, not to be freed.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_status_message(status: i32) -> *const c_char {
    let message = match status {
        0 => c"success",
        _ => Status::from_code(status).map_or(c"unknown status", Status::c_message),
    };
    message.as_ptr()
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    fn text(text: *const c_char) -> &'static str {
        // SAFETY: the functions answer with constant strings.
        unsafe { CStr::from_ptr(text) }.to_str().unwrap()
    }

    #[test]
    fn both_tables_agree_in_number_name_and_words() {
        for status in Status::all() {
            let known = rustchat_status::from(status);
            assert_eq!((known as i32, &*format!("{known:?}")), (status.code(), status.name()));
            assert_eq!(text(rustchat_status_name(status.code())), status.name());
            assert_eq!(text(rustchat_status_message(status.code())), status.message());
        }
        assert_eq!(text(rustchat_status_name(0)), "RUSTCHAT_OK");
    }

    #[test]
    fn unknown_numbers_have_a_name_too() {
        for code in [1, -27, i32::MIN, i32::MAX] {
            assert_eq!(text(rustchat_status_name(code)), "RUSTCHAT_UNKNOWN");
            assert_eq!(text(rustchat_status_message(code)), "unknown status");
        }
    }
}
