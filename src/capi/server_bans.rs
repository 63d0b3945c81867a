//! The chat server: who may not join.

use std::ffi::c_char;
use std::time::{Duration, SystemTime};

use super::bytes::{Buffer, string};
use super::choices::rustchat_ban_kind::{RUSTCHAT_BAN_ADDRESS, RUSTCHAT_BAN_KEY, RUSTCHAT_BAN_NAME};
use super::guard;
use super::out::Out;
use super::server::{Server, rustchat_server};
use super::status::rustchat_status;
use crate::chat::{Ban, BanSubject};
use crate::{Error, Result, Status};

/// Whom a ban is about.
///
/// # Safety
/// As for [`string`].
unsafe fn subject(kind: i32, text: *const c_char) -> Result<BanSubject> {
    // SAFETY: as promised by the caller.
    let text = unsafe { string("subject", text) }?
        .ok_or_else(|| Error::new(Status::InvalidArgument, "subject is NULL, expected whom the ban is about"))?;
    match kind {
        kind if kind == RUSTCHAT_BAN_ADDRESS as i32 => BanSubject::address(text),
        kind if kind == RUSTCHAT_BAN_KEY as i32 => BanSubject::key(text),
        kind if kind == RUSTCHAT_BAN_NAME as i32 => BanSubject::name(text),
        _ => Err(Error::new(Status::InvalidArgument, format!("kind is {kind}, expected a rustchat_ban_kind"))),
    }
}

/// Keeps somebody out from now on, in the place of an earlier ban of the same subject, and disconnects the members that it is
/// about: their RUSTCHAT_EVENT_PEER_LEFT has the status RUSTCHAT_EREFUSED.
///
/// An address or net is turned away at the door (where there is a handshake a few of them, two a second, may prove themselves first, and
/// are told why); a key when it is proved, a name when somebody takes it or one that looks like it. The option ban_file keeps bans
/// beyond the server's end.
///
/// @param server the server.
/// @param kind a rustchat_ban_kind.
/// @param subject the address such as "192.0.2.7", the net such as "192.0.2.0/24", the id of the key or the name; UTF-8.
/// @param reason what who is kept out is told; UTF-8, NULL for none.
/// @param duration_ms how long the ban lasts, in milliseconds; -1 is not limited, at least 1 otherwise.
/// @param out receives how many members are disconnected; may be NULL.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when kind is unknown, subject is NULL or no such thing, duration_ms is 0 or below -1, or the
///   file has a line that is no ban; RUSTCHAT_EUTF8 for subject, and for a reason with control characters; RUSTCHAT_EIO and other
///   errors of the system when the file cannot be written, or is wrong: the ban is in force all the same; RUSTCHAT_EMSGSIZE;
///   RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for the disk, with the option ban_file.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_ban(
    server: *mut rustchat_server,
    kind: i32,
    subject: *const c_char,
    reason: *const c_char,
    duration_ms: i64,
    out: *mut u64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::optional(out, 0) };
    guard::on("rustchat_server_ban", server, |server: &Server| {
        // SAFETY: the header asks for NULL or strings.
        let (subject, reason) = unsafe { (self::subject(kind, subject)?, string("reason", reason)?) };
        let mut ban = Ban::new(subject, reason.unwrap_or_default());
        ban.until = match u64::try_from(duration_ms) {
            Ok(milliseconds) if milliseconds > 0 => SystemTime::now().checked_add(Duration::from_millis(milliseconds)),
            Err(_) if duration_ms == -1 => None,
            _ => {
                let what = format!("duration_ms is {duration_ms}, expected -1 (not limited) or more than 0");
                return Err(Error::new(Status::InvalidArgument, what));
            }
        };
        let disconnected = server.chat.ban(ban)?;
        if let Some(out) = out {
            out.set(disconnected as u64);
        }
        Ok(())
    })
}

/// Lifts a ban. That of a net is not lifted for one of its addresses.
///
/// @param server the server.
/// @param kind a rustchat_ban_kind.
/// @param subject whom the ban is about, as rustchat_server_ban has it.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when there is no such ban, kind is unknown, subject is NULL or no such thing, or the file has
///   a line that is no ban; RUSTCHAT_EUTF8 for subject; RUSTCHAT_EIO and other errors of the system when the file cannot be written, or
///   is wrong: the ban is lifted all the same; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for the disk, with the option ban_file.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_unban(
    server: *mut rustchat_server,
    kind: i32,
    subject: *const c_char,
) -> rustchat_status {
    guard::on("rustchat_server_unban", server, |server: &Server| {
        // SAFETY: the header asks for NULL or a string.
        let subject = unsafe { self::subject(kind, subject) }?;
        if server.chat.unban(&subject)? {
            return Ok(());
        }
        Err(Error::new(Status::InvalidArgument, format!("there is no ban of {subject}")))
    })
}

/// The bans in force, as the file of the option ban_file has them: a JSON object a line.
///
/// @param server the server.
/// @param buf receives the lines and a NUL; may be NULL when cap is 0.
/// @param cap the size of buf in bytes.
/// @param len receives the length without the NUL, whether or not it fits; may be NULL.
/// @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not 0;
///   RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_bans(
    server: *mut rustchat_server,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for `cap` writable bytes, and NULL or a place for the length.
    let buffer = unsafe { Buffer::new(buf.cast(), cap, len) };
    guard::on("rustchat_server_bans", server, |server: &Server| {
        let lines: String = server.chat.bans().iter().map(|ban| ban.to_json() + "\n").collect();
        buffer.checked()?.put_text(&lines)
    })
}

/// Reads the file of the option ban_file again, which somebody may have changed, and disconnects the members that it is about. Without
/// that option it does nothing.
///
/// @param server the server.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when the file has a line that is no ban, RUSTCHAT_EIO and other errors of the system when it cannot
///   be read: then all bans are as they were; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for the disk.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_server_reload_bans(server: *mut rustchat_server) -> rustchat_status {
    guard::on("rustchat_server_reload_bans", server, |server: &Server| server.chat.reload_bans().map(drop))
}
