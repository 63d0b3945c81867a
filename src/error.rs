//! One table for every way a call can fail: [`Status`] is the same number in C, the same class in Python.

use std::any::Any;
use std::borrow::Cow;
use std::ffi::CStr;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Hands the table to a macro: each status with its number, its name in C, a few words, the class of the Python package (or
/// of `builtins`) and the `errno` that it carries there. In the order of the numbers, without a gap.
macro_rules! statuses {
    ($then:ident) => {
        $then! {
            /// An argument or option is out of range or contradicts another.
            InvalidArgument = -1, RUSTCHAT_EINVAL, "invalid argument", "InvalidArgument", EINVAL;
            /// The handle is stale, already freed or of another kind (C ABI only).
            BadHandle = -2, RUSTCHAT_EHANDLE, "stale or foreign handle", "StateError", EBADF;
            /// Memory could not be had.
            OutOfMemory = -3, RUSTCHAT_ENOMEM, "out of memory", "MemoryError", ENOMEM;
            /// Nothing is ready yet; try again.
            WouldBlock = -4, RUSTCHAT_EAGAIN, "nothing is ready yet", "WouldBlock", EAGAIN;
            /// The deadline passed.
            TimedOut = -5, RUSTCHAT_ETIMEDOUT, "timed out", "TimeoutError", ETIMEDOUT;
            /// This side, or the peer in good order, has closed the connection.
            Closed = -6, RUSTCHAT_ECLOSED, "connection closed", "ConnectionClosed", ESHUTDOWN;
            /// The wait was interrupted on purpose.
            Interrupted = -7, RUSTCHAT_EINTR, "interrupted", "InterruptedError", EINTR;
            /// Another socket already listens on that address, or a file that is left alone is at its path.
            AddressInUse = -8, RUSTCHAT_EADDRINUSE, "address already in use", "AddressInUse", EADDRINUSE;
            /// The address cannot be parsed, resolved or bound here.
            InvalidAddress = -9, RUSTCHAT_EADDRINVAL, "invalid address", "AddressError", EADDRNOTAVAIL;
            /// Nobody listens at that address.
            ConnectionRefused = -10, RUSTCHAT_ECONNREFUSED, "connection refused", "ConnectionRefused", ECONNREFUSED;
            /// The connection broke: reset by the peer, or lost in the middle of a frame.
            ConnectionReset = -11, RUSTCHAT_ECONNRESET, "connection lost", "ConnectionLost", ECONNRESET;
            /// Authentication failed; for the peer's safety nobody is told why.
            AuthenticationFailed = -12, RUSTCHAT_EAUTH, "authentication failed", "AuthenticationError", EACCES;
            /// The peer did not keep to the protocol.
            ProtocolViolation = -13, RUSTCHAT_EPROTO, "protocol violation", "ProtocolError", EPROTO;
            /// A message is longer than the limit.
            MessageTooLong = -14, RUSTCHAT_EMSGSIZE, "message too long", "MessageTooLong", EMSGSIZE;
            /// The caller's buffer is too small; the needed size was reported.
            BufferTooSmall = -15, RUSTCHAT_EBUFSIZE, "buffer too small", "InvalidArgument", ENOBUFS;
            /// No member has that id (any more).
            NoSuchPeer = -16, RUSTCHAT_ENOPEER, "no such peer", "NoSuchPeer", ENOENT;
            /// A bounded queue passed its limit.
            Overflow = -17, RUSTCHAT_EOVERFLOW, "queue over its limit", "QueueOverflow", ENOBUFS;
            /// The text is not valid UTF-8 or holds characters that are not allowed.
            InvalidText = -18, RUSTCHAT_EUTF8, "invalid text", "InvalidText", EILSEQ;
            /// The call would wait for the thread it runs on.
            WouldDeadlock = -19, RUSTCHAT_EDEADLK, "would wait for its own thread", "StateError", EDEADLK;
            /// The object was made before `fork` and belongs to the parent process.
            Forked = -20, RUSTCHAT_EFORK, "made before fork", "StateError", EPERM;
            /// Not available in this build or on this system.
            NotSupported = -21, RUSTCHAT_ENOTSUP, "not supported", "NotSupported", EOPNOTSUPP;
            /// The object is not in a state for this call.
            BadState = -22, RUSTCHAT_ESTATE, "not in a state for this call", "StateError", EBADFD;
            /// The operating system reported another error; its code is in the error.
            Io = -23, RUSTCHAT_EIO, "input/output error", "Error", EIO;
            /// A bug of this library was caught at the boundary.
            Panicked = -24, RUSTCHAT_EPANIC, "internal error", "InternalError", EFAULT;
            /// The server's rules do not allow what was asked for.
            Refused = -25, RUSTCHAT_EREFUSED, "refused by the server's rules", "Refused", EPERM;
            /// A command has not succeeded.
            CommandFailed = -26, RUSTCHAT_ECOMMAND, "command failed", "CommandFailed", ECHILD;
        }
    };
}
#[cfg(feature = "capi")]
pub(crate) use statuses;

struct Row(Status, &'static CStr, &'static CStr, &'static str, i32);

macro_rules! define {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident = $code:literal, $c:ident, $words:literal, $class:literal, $errno:ident;
    )*) => {
        /// What kind of failure happened. The numbers are those of the C ABI and never change meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(i32)]
        pub enum Status {
            $($(#[doc = $doc])* $name = $code,)*
        }

        const TABLE: &[Row] = &[$(
            Row(Status::$name, c_text(concat!(stringify!($c), "\0")), c_text(concat!($words, "\0")), $class, libc::$errno),
        )*];
    };
}
statuses!(define);

/// A text that ends with a NUL, as C has it.
pub(crate) const fn c_text(text: &str) -> &CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => panic!("one NUL, at the end"),
    }
}

impl Status {
    fn row(self) -> &'static Row {
        &TABLE[(-self.code() - 1) as usize]
    }

    /// The number of this status in the C ABI: always negative.
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// The status with that number, or `None` for 0 (success) and unknown numbers.
    pub fn from_code(code: i32) -> Option<Status> {
        let index = usize::try_from(-i64::from(code) - 1).ok()?;
        TABLE.get(index).map(|row| row.0)
    }

    /// The name in the C header, for example `RUSTCHAT_EINVAL`.
    pub fn name(self) -> &'static str {
        self.c_name().to_str().unwrap_or_default()
    }

    /// A few words for people, without detail of the case at hand.
    pub fn message(self) -> &'static str {
        self.c_message().to_str().unwrap_or_default()
    }

    /// [`Status::name`] as C has it.
    pub(crate) fn c_name(self) -> &'static CStr {
        self.row().1
    }

    /// [`Status::message`] as C has it.
    pub(crate) fn c_message(self) -> &'static CStr {
        self.row().2
    }

    /// The class of the Python package (or of `builtins`) that stands for this status.
    pub fn python_exception(self) -> &'static str {
        self.row().3
    }

    /// The `errno` this status has where an error must carry one (Python's `OSError`).
    pub fn errno(self) -> i32 {
        self.row().4
    }

    /// Every status, in the order of the numbers.
    pub fn all() -> impl Iterator<Item = Status> {
        TABLE.iter().map(|row| row.0)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

/// A failure: its kind, the operating system's code where there is one, and a sentence that says
/// what was wrong and what was expected.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Failure>);

/// Apart from the [`Error`], which every result has room for: one word costs a call that works nothing.
#[derive(Clone, PartialEq, Eq)]
struct Failure {
    status: Status,
    os_code: Option<i32>,
    message: Cow<'static, str>,
}

impl Error {
    /// An error of this library's own making.
    #[cold]
    pub fn new(status: Status, message: impl Into<Cow<'static, str>>) -> Error {
        Error(Box::new(Failure { status, os_code: None, message: message.into() }))
    }

    /// Wraps an error of the operating system; `context` says what was being done to what.
    #[cold]
    pub fn from_io(error: &io::Error, context: impl fmt::Display) -> Error {
        Error::of_system(error, format!("{context}: {}", sentence(error)))
    }

    fn of_system(error: &io::Error, message: String) -> Error {
        Error(Box::new(Failure { status: status_of(error), os_code: error.raw_os_error(), message: message.into() }))
    }

    /// What a panic has said.
    #[cold]
    fn of_panic(name: impl fmt::Display, payload: Box<dyn Any + Send>) -> Error {
        let text = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
            (Some(text), _) => text,
            (_, Some(text)) => text.as_str(),
            _ => "panic",
        };
        let error = Error::new(Status::Panicked, format!("internal error in {name}: {text}"));
        if !(payload.is::<&str>() || payload.is::<String>()) {
            // Dropping what is no text may panic again.
            std::mem::forget(payload);
        }
        error
    }

    /// The same failure, of another kind than the system's code has alone.
    pub(crate) fn with_status(mut self, status: Status) -> Error {
        self.0.status = status;
        self
    }

    /// The same failure with the system's code for the like of it.
    #[cfg(target_os = "linux")]
    pub(crate) fn with_os_code(mut self, code: Option<i32>) -> Error {
        self.0.os_code = code;
        self
    }

    /// The same failure in other words.
    #[cfg(target_os = "linux")]
    pub(crate) fn with_message(mut self, message: String) -> Error {
        self.0.message = message.into();
        self
    }

    /// What kind of failure this is.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// The operating system's `errno`, where it was the one to complain.
    pub fn os_code(&self) -> Option<i32> {
        self.0.os_code
    }

    /// The class of the Python package (or of `builtins`) that stands for this error: that of its status, or for what only
    /// the operating system's code tells, such as a path that is not there, that of the code.
    pub fn python_exception(&self) -> &'static str {
        match (self.status(), self.os_code()) {
            (Status::Io | Status::Refused, Some(libc::ENOENT)) => "FileNotFound",
            (Status::Io | Status::Refused, Some(libc::EEXIST)) => "FileExists",
            (Status::Io | Status::Refused, Some(libc::EISDIR)) => "IsADirectory",
            (Status::Io | Status::Refused, Some(libc::ENOTDIR)) => "NotADirectory",
            (Status::Io | Status::Refused, Some(libc::EACCES | libc::EPERM)) => "PermissionDenied",
            (status, _) => status.python_exception(),
        }
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The same error with `context: ` before its sentence.
    pub fn context(mut self, context: impl fmt::Display) -> Error {
        self.0.message = format!("{context}: {}", self.0.message).into();
        self
    }
}

/// Makes an error of a panic in `call`, which is what `name` says.
#[inline]
pub(crate) fn caught<R>(name: impl fmt::Display, call: impl FnOnce() -> R) -> Result<R> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| Error::of_panic(name, payload))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { status, os_code, message } = &*self.0;
        f.debug_struct("Error").field("status", status).field("os_code", os_code).field("message", message).finish()
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::of_system(&error, sentence(&error))
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Error {
        Error::new(status, status.message())
    }
}

/// What the operating system says, without the number behind it, which programs find in [`Error::os_code`].
pub(crate) fn sentence(error: &io::Error) -> String {
    let mut text = error.to_string();
    if let Some(code) = error.raw_os_error()
        && let Some(rest) = text.strip_suffix(&format!(" (os error {code})"))
    {
        text.truncate(rest.len());
    }
    text
}

/// The text of these bytes, or `InvalidText` that says where it is none.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Error::new(Status::InvalidText, format!("invalid UTF-8: byte 0x{:02x} at offset {at}", bytes[at]))
    })
}

/// Sorts the operating system's errors into ours.
fn status_of(error: &io::Error) -> Status {
    match error.kind() {
        io::ErrorKind::InvalidInput => Status::InvalidArgument,
        io::ErrorKind::OutOfMemory => Status::OutOfMemory,
        io::ErrorKind::WouldBlock => Status::WouldBlock,
        io::ErrorKind::TimedOut => Status::TimedOut,
        io::ErrorKind::Interrupted => Status::Interrupted,
        io::ErrorKind::AddrInUse => Status::AddressInUse,
        io::ErrorKind::AddrNotAvailable => Status::InvalidAddress,
        io::ErrorKind::ConnectionRefused => Status::ConnectionRefused,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            Status::ConnectionReset
        }
        io::ErrorKind::NotConnected => Status::Closed,
        io::ErrorKind::UnexpectedEof => Status::ConnectionReset,
        io::ErrorKind::Unsupported => Status::NotSupported,
        _ => Status::Io,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_numbers() {
        for (index, row) in TABLE.iter().enumerate() {
            assert_eq!(row.0.code(), -(index as i32) - 1, "{}", row.0.name());
            assert!(row.0.name().starts_with("RUSTCHAT_E") && !row.0.message().is_empty());
            assert_eq!(Status::from_code(row.0.code()), Some(row.0));
        }
        assert_eq!(Status::from_code(0), None);
        assert_eq!(Status::from_code(1), None);
        assert_eq!(Status::from_code(-27), None);
        assert_eq!(Status::from_code(i32::MIN), None);
    }

    #[test]
    fn an_error_of_the_system_keeps_its_code_and_says_what_was_done() {
        let refused = io::Error::from_raw_os_error(libc::ECONNREFUSED);
        let error = Error::from_io(&refused, "connect to 127.0.0.1:1");
        assert_eq!(error.status(), Status::ConnectionRefused);
        assert_eq!(error.os_code(), Some(libc::ECONNREFUSED));
        assert_eq!(error.message(), "connect to 127.0.0.1:1: Connection refused");
        assert_eq!(Error::from(refused).message(), "Connection refused");
        let own = io::Error::other("a sentence (os error 5)");
        assert_eq!(Error::from(own).message(), "a sentence (os error 5)", "not the system's");
    }
}
