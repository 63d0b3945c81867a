//! The chat server: names of its members.

use std::ffi::c_char;

use super::bytes::{Buffer, string};
use super::content::rustchat_peer_id;
use super::guard;
use super::out::Out;
use super::server::{Server, rustchat_server};
use super::status::rustchat_status;

/// The name of a member.
///
/// @param server the server.
/// @param peer the member.
/// @param buf receives the name, empty when there is none, and a NUL; may be NULL when cap is 0.
/// @param cap the size of buf in bytes.
/// @param len receives the length without the NUL, whether or not it fits; may be NULL.
/// @return RUSTCHAT_OK; RUSTCHAT_ENOPEER; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL
///   and cap is not 0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_peer_name(
    server: *mut rustchat_server,
    peer: rustchat_peer_id,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for `cap` writable bytes, and NULL or a place for the length.
    let buffer = unsafe { Buffer::new(buf.cast(), cap, len) };
    guard::on("rustchat_server_peer_name", server, |server: &Server| {
        buffer.checked()?.put_text(server.chat.member(peer)?.name().unwrap_or(""))
    })
}

/// Gives a member a name, which follows the rules of those that members choose, or takes it away. The member is told, and in line
/// chat the others are, too, unless commands is -1: then names are not shown.
///
/// @param server the server.
/// @param peer the member.
/// @param name the name, UTF-8; NULL takes it away.
/// @return RUSTCHAT_OK; RUSTCHAT_EUTF8 for what may not be a name; RUSTCHAT_EINVAL when somebody else has it, or one that looks like
///   it; RUSTCHAT_ENOPEER when the member is gone or sent away; RUSTCHAT_ESTATE when it has had very many names; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_rename(
    server: *mut rustchat_server,
    peer: rustchat_peer_id,
    name: *const c_char,
) -> rustchat_status {
    guard::on("rustchat_server_rename", server, |server: &Server| {
        // SAFETY: the header asks for NULL or a text.
        server.chat.rename(peer, unsafe { string("name", name) }?)
    })
}

/// The member of a name, or of one that differs from it only in case, width or composition; the one that has proved to hold a key,
/// of several the one that connected first; or the one of which both is true.
///
/// @param server the server.
/// @param name the name, UTF-8; NULL for any.
/// @param key_id the id of the key, UTF-8; NULL for any.
/// @param out receives the member's id; 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_ENOPEER when nobody who is there is that; RUSTCHAT_EINVAL when out is NULL, or both others are;
///   RUSTCHAT_EUTF8; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_find(
    server: *mut rustchat_server,
    name: *const c_char,
    key_id: *const c_char,
    out: *mut rustchat_peer_id,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, 0) };
    guard::on("rustchat_server_find", server, |server: &Server| {
        let out = out?;
        // SAFETY: the header asks for NULL or texts.
        let (name, key_id) = unsafe { (string("name", name)?, string("key_id", key_id)?) };
        out.set(server.chat.find(name, key_id)?.id());
        Ok(())
    })
}
