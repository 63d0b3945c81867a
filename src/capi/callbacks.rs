//! The functions of a program that the library calls.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::attachments::Attachments;
use super::client_options::rustchat_client_options;
use super::contents::Contents;
use super::event::{rustchat_event, rustchat_event_clear};
use super::log::rustchat_drop_callback;
use super::peer_info::rustchat_peer_info;
use super::server_options::{
    rustchat_authorize_callback, rustchat_event_callback, rustchat_filter_callback, rustchat_server_options,
};
use crate::chat::{ClientEvent, Event, Handler, Member, Message, Observer, Verdict};

/// The callbacks of one server or client. When the last owner goes, nobody will call them any more, and the program is
/// told so.
pub(super) struct Callbacks {
    userdata: *mut c_void,
    on_event: rustchat_event_callback,
    authorize: rustchat_authorize_callback,
    filter: rustchat_filter_callback,
    on_said: rustchat_event_callback,
    on_drop: rustchat_drop_callback,
    armed: AtomicBool,
    attachments: Option<Arc<Attachments>>,
}

// SAFETY: the library only hands `userdata` on, and that it is used on the library's threads is what the header says.
unsafe impl Send for Callbacks {}
// SAFETY: as above; all but on_said are called by one thread at a time, and it by another.
unsafe impl Sync for Callbacks {}

impl Callbacks {
    pub(super) fn of_server(
        options: &rustchat_server_options,
        attachments: Option<Arc<Attachments>>,
    ) -> Arc<Callbacks> {
        Arc::new(Callbacks {
            userdata: options.userdata,
            on_event: options.on_event,
            authorize: options.authorize,
            filter: options.filter,
            on_said: options.on_said,
            on_drop: options.on_drop,
            armed: AtomicBool::new(true),
            attachments,
        })
    }

    pub(super) fn of_client(options: &rustchat_client_options) -> Arc<Callbacks> {
        Arc::new(Callbacks {
            userdata: options.userdata,
            on_event: options.on_event,
            authorize: None,
            filter: None,
            on_said: None,
            on_drop: options.on_drop,
            armed: AtomicBool::new(true),
            attachments: None,
        })
    }

    /// What failed to start owes its program nothing.
    pub(super) fn disarm(&self) {
        self.armed.store(false, Ordering::SeqCst);
    }

    fn tell(&self, make: impl FnOnce() -> rustchat_event) {
        if let Some(on_event) = self.on_event {
            // SAFETY: a function of the program's, called as the header says.
            lend(make(), |event| unsafe { on_event(self.userdata, event) });
        }
    }
}

impl Drop for Callbacks {
    fn drop(&mut self) {
        if let Some(attachments) = &self.attachments {
            attachments.end();
        }
        if let Some(on_drop) = self.on_drop.filter(|_| *self.armed.get_mut()) {
            // SAFETY: a function of the program's, called as the header says.
            unsafe { on_drop(self.userdata) };
        }
    }
}

/// Shows an event to the program, and ends it.
fn lend<R>(mut event: rustchat_event, show: impl FnOnce(*const rustchat_event) -> R) -> R {
    let result = show(&event);
    // SAFETY: an event of ours, which the program was only shown.
    unsafe { rustchat_event_clear(&mut event) };
    result
}

/// Calls a server's program.
pub(super) struct ServerHandler(pub(super) Arc<Callbacks>);

impl Handler for ServerHandler {
    fn authorize(&mut self, member: &Arc<Member>) -> bool {
        let Some(authorize) = self.0.authorize else { return true };
        let info = rustchat_peer_info::of(member);
        // SAFETY: a function of the program's, called as the header says.
        unsafe { authorize(self.0.userdata, &info) == 0 }
    }

    fn filter(&mut self, message: &Message) -> Verdict {
        let Some(filter) = self.0.filter else { return Verdict::Deliver };
        let event = rustchat_event::of_server(Event::Message(message.clone()), &mut Contents::expecting(1));
        // SAFETY: a function of the program's, called as the header says.
        let answer = lend(event, |event| unsafe { filter(self.0.userdata, event) });
        if answer == 0 { Verdict::Deliver } else { Verdict::Drop }
    }

    fn event(&mut self, event: Event) {
        // It goes when the program was told.
        let _attached = match (&event, &self.0.attachments) {
            (Event::Left(member, _), Some(attachments)) => attachments.leave(member.id()),
            _ => None,
        };
        self.0.tell(|| rustchat_event::of_server(event, &mut Contents::expecting(1)));
    }

    fn observer(&mut self) -> Option<Observer> {
        let on_said = self.0.on_said?;
        let callbacks = Arc::clone(&self.0);
        Some(Box::new(move |message| {
            let event = rustchat_event::of_server(Event::Message(message), &mut Contents::expecting(1));
            // SAFETY: a function of the program's, called as the header says.
            lend(event, |event| unsafe { on_said(callbacks.userdata, event) });
        }))
    }
}

/// Calls a client's program.
pub(super) fn client_handler(callbacks: Arc<Callbacks>) -> impl FnMut(ClientEvent) + Send + 'static {
    move |event| callbacks.tell(|| rustchat_event::of_client(event, &mut Contents::expecting(1)))
}
