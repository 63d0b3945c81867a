//! The chat server: what its program knows of members.

use std::ffi::c_void;
use std::ptr;

use super::attachments::Attachments;
use super::content::rustchat_peer_id;
use super::guard;
use super::log::rustchat_drop_callback;
use super::out::Out;
use super::server::{Server, rustchat_server};
use super::status::rustchat_status;
use crate::{Error, Result, Status};

impl Server {
    fn attachments(&self) -> Result<&Attachments> {
        self.attachments.as_deref().ok_or_else(|| {
            let what = "the option 'events' asks for none, but data goes when the program has heard of a leave";
            Error::new(Status::BadState, what)
        })
    }
}

/// Attaches data of the program's to a member, in the place of what it has.
///
/// It goes with the member. on_drop is called exactly once with it, and nobody uses it after that:
///
/// - when the member has left and the program has heard of it: with callbacks after on_event has returned from its
///   RUSTCHAT_EVENT_PEER_LEFT (or would have been called), on the same thread; otherwise in the call that clears that event, or that
///   releases the last reference to its message;
/// - or when other data, or NULL, takes its place, in that call;
/// - or when the server has ended and nobody has heard of the member's leave: before the server's own on_drop, on the same thread.
///   A program that does not poll for the events it has asked for has it then, or when very many have been attached.
///
/// No lock of the library's is held there, and every function may be called; it must not throw or longjmp. The library never
/// looks at the data. Whether threads that use it at the same time may do so is the program's to see to: one that has got
/// it by rustchat_server_peer_data while another hears of the leave has it for no longer than that other one keeps the event.
///
/// @param server the server.
/// @param peer the member; in authorize it is none yet.
/// @param data the data; NULL takes away what there is.
/// @param on_drop called when data is not used any more; may be NULL, and is not called for NULL.
/// @return RUSTCHAT_OK; RUSTCHAT_ENOPEER when the member is gone; RUSTCHAT_ESTATE when the option events asks for none;
///   RUSTCHAT_ECLOSED when the server has stopped; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK. On failure on_drop is not called, and data stays
///   the caller's.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_set_peer_data(
    server: *mut rustchat_server,
    peer: rustchat_peer_id,
    data: *mut c_void,
    on_drop: rustchat_drop_callback,
) -> rustchat_status {
    guard::on("rustchat_server_set_peer_data", server, |server: &Server| {
        server.attachments()?.set(&server.chat, peer, data, on_drop)
    })
}

/// The data that the program has attached to a member by rustchat_server_set_peer_data.
///
/// @param server the server.
/// @param peer the member; also one that has left, as long as its RUSTCHAT_EVENT_PEER_LEFT is in the program's hands.
/// @param out receives the data; NULL when there is none, and on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_ENOPEER when the member is gone; RUSTCHAT_ESTATE when the option events asks for none;
///   RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_peer_data(
    server: *mut rustchat_server,
    peer: rustchat_peer_id,
    out: *mut *mut c_void,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::on("rustchat_server_peer_data", server, |server: &Server| {
        let out = out?;
        out.set(server.attachments()?.get(&server.chat, peer)?);
        Ok(())
    })
}
