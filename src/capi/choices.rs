//! The choices that options and functions take as numbers.
//!
//! Inbound they are plain integers, since an enumeration of this language with a value out of its range would be
//! undefined behaviour; the enumerations here give the names to the header and to the conversions.

use crate::auth::{Digest, Profile};
use crate::frame::Framing;
use crate::{Error, Result, Status};

/// How messages are told apart on a stream.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_framing {
    /// Line in chat, u32be elsewhere.
    RUSTCHAT_FRAMING_DEFAULT = 0,
    /// UTF-8 lines that end with "\n" or "\r\n".
    RUSTCHAT_FRAMING_LINE = 1,
    /// A 32-bit big-endian length, then the message.
    RUSTCHAT_FRAMING_U32BE = 2,
    /// A 32-bit little-endian length (top bit clear), then the message.
    RUSTCHAT_FRAMING_U32LE = 3,
    /// What the multiprocessing module of Python speaks.
    RUSTCHAT_FRAMING_MULTIPROCESSING = 4,
}

/// Which handshake; both sides must agree beforehand. None ever falls back to another.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_profile {
    /// Mutual.
    RUSTCHAT_PROFILE_DEFAULT = 0,
    /// Both sides prove that they hold the secret.
    RUSTCHAT_PROFILE_MUTUAL = 1,
    /// The client answers 32 random bytes with the hex digits of their HMAC-SHA-256.
    RUSTCHAT_PROFILE_TUTORIAL_SHA256 = 2,
    /// The same with HMAC-MD5, for scripts of that age.
    RUSTCHAT_PROFILE_TUTORIAL_MD5 = 3,
    /// Both sides answer a challenge by HMAC-SHA-256: the multiprocessing module of Python 3.12 and later.
    RUSTCHAT_PROFILE_MULTIPROCESSING_SHA256 = 4,
    /// The same, and by HMAC-MD5 with peers that know nothing better: Python 3.11 and earlier.
    RUSTCHAT_PROFILE_MULTIPROCESSING_MD5 = 5,
}

/// Which events a server queues.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_events {
    /// All with on_event or without any callback; none with only authorize or filter.
    RUSTCHAT_EVENTS_DEFAULT = 0,
    /// None: rustchat_server_poll gives RUSTCHAT_ESTATE.
    RUSTCHAT_EVENTS_NONE = 1,
    /// All but messages.
    RUSTCHAT_EVENTS_MEMBERSHIP = 2,
    /// All. With a filter, or when the program is asked about messages, none of these.
    RUSTCHAT_EVENTS_ALL = 3,
    /// All, and of the messages those that the program has let pass, as the room has got them.
    RUSTCHAT_EVENTS_SAID = 4,
}

/// What happens to a message event for which the queue has no room.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_overflow {
    /// Block with callbacks, drop the oldest without.
    RUSTCHAT_OVERFLOW_DEFAULT = 0,
    /// Members are not read until there is room: nothing is lost, and the room waits for the program.
    RUSTCHAT_OVERFLOW_BLOCK = 1,
    /// The oldest message event is lost, and counted.
    RUSTCHAT_OVERFLOW_DROP_OLDEST = 2,
    /// The new message event is lost, and counted.
    RUSTCHAT_OVERFLOW_DROP_NEWEST = 3,
    /// The member whose message does not fit is disconnected.
    RUSTCHAT_OVERFLOW_DISCONNECT = 4,
}

/// What a server asks the program, by events, when it has no callbacks. They may be added up.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_asks {
    /// Nothing.
    RUSTCHAT_ASKS_NOTHING = 0,
    /// Whether a peer may join: RUSTCHAT_EVENT_ASK_JOIN.
    RUSTCHAT_ASKS_JOINS = 1,
    /// What becomes of a message: RUSTCHAT_EVENT_ASK_MESSAGE, in the place of RUSTCHAT_EVENT_MESSAGE.
    RUSTCHAT_ASKS_MESSAGES = 2,
    /// Both.
    RUSTCHAT_ASKS_ALL = 3,
}

/// What rustchat_server_answer says.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_verdict {
    /// The room gets the message as it is; the peer joins.
    RUSTCHAT_VERDICT_DELIVER = 0,
    /// Nobody gets the message, and nobody is told; the peer is kept out.
    RUSTCHAT_VERDICT_DROP = 1,
    /// The room gets another text instead.
    RUSTCHAT_VERDICT_REPLACE = 2,
    /// The program cannot decide: nobody gets the message, and who said it is told; the peer is kept out.
    RUSTCHAT_VERDICT_FAILED = 3,
}

/// What a ban goes by.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_ban_kind {
    /// An IP address, or a net of them.
    RUSTCHAT_BAN_ADDRESS = 1,
    /// The id of the key that a member has proved.
    RUSTCHAT_BAN_KEY = 2,
    /// The name that a member has taken.
    RUSTCHAT_BAN_NAME = 3,
}

/// What a client knows of its connection.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_client_condition {
    /// Connected.
    RUSTCHAT_CLIENT_OPEN = 1,
    /// The connection has ended, from either side; events may still wait.
    RUSTCHAT_CLIENT_CLOSED = 2,
    /// The connection has broken, and the client is about to come back (option reconnect).
    RUSTCHAT_CLIENT_RECONNECTING = 3,
}

/// How important a log record is; a lower number is more important.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_log_level {
    /// Info.
    RUSTCHAT_LOG_DEFAULT = 0,
    /// Something failed.
    RUSTCHAT_LOG_ERROR = 1,
    /// Something is odd.
    RUSTCHAT_LOG_WARN = 2,
    /// Something worth knowing happened.
    RUSTCHAT_LOG_INFO = 3,
    /// For who looks for a fault.
    RUSTCHAT_LOG_DEBUG = 4,
    /// Everything.
    RUSTCHAT_LOG_TRACE = 5,
}

/// The index of the choice with that number among `count`; `None` for 0, the default.
pub(super) fn index(what: &str, value: i32, count: usize) -> Result<Option<usize>> {
    match usize::try_from(value) {
        Ok(number) if number <= count => Ok(number.checked_sub(1)),
        _ => Err(Error::new(Status::InvalidArgument, format!("{what} is {value}, expected 0 to {count}"))),
    }
}

pub(super) fn framing(value: i32, default: Framing) -> Result<Framing> {
    Ok(index("framing", value, Framing::ALL.len())?.map_or(default, |index| Framing::ALL[index]))
}

pub(super) fn profile(value: i32) -> Result<Profile> {
    let choices = [
        Profile::Mutual,
        Profile::Tutorial(Digest::Sha256),
        Profile::Tutorial(Digest::Md5),
        Profile::Multiprocessing(Digest::Sha256),
        Profile::Multiprocessing(Digest::Md5),
    ];
    Ok(index("profile", value, choices.len())?.map_or(Profile::Mutual, |index| choices[index]))
}

pub(super) fn log_level(value: i32) -> Result<log::Level> {
    let choices = [log::Level::Error, log::Level::Warn, log::Level::Info, log::Level::Debug, log::Level::Trace];
    Ok(index("level", value, choices.len())?.map_or(log::Level::Info, |index| choices[index]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_out_of_range_is_named_with_the_range() {
        for value in [-1, 5, i32::MAX, i32::MIN] {
            let error = framing(value, Framing::Line).unwrap_err();
            assert_eq!(error.message(), format!("framing is {value}, expected 0 to 4"));
        }
        assert_eq!(framing(0, Framing::U32Le), Ok(Framing::U32Le));
        assert!(profile(6).is_err() && log_level(6).is_err());
        assert_eq!(
            profile(rustchat_profile::RUSTCHAT_PROFILE_MULTIPROCESSING_MD5 as i32),
            Ok(Profile::Multiprocessing(Digest::Md5))
        );
        assert_eq!(log_level(rustchat_log_level::RUSTCHAT_LOG_TRACE as i32), Ok(log::Level::Trace));
    }
}
