//! What a program has attached to members, until it has heard that they are gone.

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use super::attached::Attached;
use super::content::{Content, rustchat_peer_id};
use super::event::rustchat_event;
use super::event::rustchat_event_kind::RUSTCHAT_EVENT_PEER_LEFT;
use super::log::rustchat_drop_callback;
use crate::chat::{ChatServer, Member};
use crate::sync::Mutex;
use crate::{Error, Result, Status};

/// The data of a server's members, each from when it is set until the program has heard that its member is gone: until the
/// callback has returned or the event is cleared, or else until nothing is told any more.
///
/// No [`Attached`] is dropped with the lock held: what is called then may use the server.
#[derive(Default)]
pub(super) struct Attachments {
    used: AtomicBool,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    of_members: HashMap<rustchat_peer_id, (Arc<Member>, Arc<Attached>)>,
    /// Of members that are gone, while the program hears of it.
    of_leavers: HashMap<rustchat_peer_id, Leaver>,
    /// With so many it is looked which are gone without the program's being told.
    many: usize,
    /// With so many leavers it is looked of which the program has heard.
    many_leavers: usize,
    ended: bool,
}

/// What is in the hands of whoever is told of a leave. It is never held here, be it for a moment: its last holder tells the
/// program that it is not used any more, on a thread that the header names.
struct Leaver {
    attached: Weak<Attached>,
    data: *mut c_void,
}

// SAFETY: the data is the program's, and only handed on.
unsafe impl Send for Leaver {}

const FEW: usize = 64;

impl Table {
    /// Takes out those of whose leave nobody will be told.
    fn sweep(&mut self) -> Vec<(Arc<Member>, Arc<Attached>)> {
        if self.of_members.len() <= self.many.max(FEW) {
            return Vec::new();
        }
        let gone = self.of_members.extract_if(|_, (member, _)| member.has_left_unheard());
        let gone = gone.map(|(_, entry)| entry).collect();
        self.many = 2 * self.of_members.len();
        gone
    }

    /// Forgets those of whose leave the program has heard.
    fn sweep_leavers(&mut self) {
        if self.of_leavers.len() > self.many_leavers.max(FEW) {
            self.of_leavers.retain(|_, leaver| leaver.attached.strong_count() > 0);
            self.many_leavers = 2 * self.of_leavers.len();
        }
    }
}

impl Attachments {
    /// Whether anything was ever attached.
    pub(super) fn are_used(&self) -> bool {
        self.used.load(Ordering::Acquire)
    }

    /// Attaches data to a member in the place of what it has; NULL for none.
    pub(super) fn set(
        &self,
        chat: &ChatServer,
        peer: rustchat_peer_id,
        data: *mut c_void,
        on_drop: rustchat_drop_callback,
    ) -> Result<()> {
        let mut table = self.table.lock();
        // Before the room is asked: whoever leaves after that is looked for here.
        self.used.store(true, Ordering::Release);
        let member = chat.member(peer)?;
        if table.ended {
            return Err(Error::new(Status::Closed, "the server has stopped"));
        }
        let before = if data.is_null() {
            table.of_members.remove(&peer)
        } else {
            table.of_members.insert(peer, (member, Arc::new(Attached { data, on_drop })))
        };
        let gone = table.sweep();
        drop(table);
        drop((before, gone));
        Ok(())
    }

    /// What is attached to a member; NULL for nothing.
    pub(super) fn get(&self, chat: &ChatServer, peer: rustchat_peer_id) -> Result<*mut c_void> {
        let table = self.table.lock();
        if let Some((_, attached)) = table.of_members.get(&peer) {
            return Ok(attached.data);
        }
        // In the hands of whoever is told of the leave: it lives, or is about to be let go of by that one.
        if let Some(leaver) = table.of_leavers.get(&peer)
            && leaver.attached.strong_count() > 0
        {
            return Ok(leaver.data);
        }
        drop(table);
        chat.member(peer).map(|_| std::ptr::null_mut())
    }

    /// Gives what is attached to a member that is gone to whoever is told of it.
    pub(super) fn leave(&self, peer: rustchat_peer_id) -> Option<Arc<Attached>> {
        if !self.are_used() {
            return None;
        }
        let mut table = self.table.lock();
        table.sweep_leavers();
        let (_, attached) = table.of_members.remove(&peer)?;
        table.of_leavers.insert(peer, Leaver { attached: Arc::downgrade(&attached), data: attached.data });
        Some(attached)
    }

    /// The same with the event that tells of it.
    pub(super) fn leave_with(&self, event: &mut rustchat_event) {
        if event.kind != RUSTCHAT_EVENT_PEER_LEFT as i32 {
            return;
        }
        if let Some(attached) = self.leave(event.peer) {
            // SAFETY: the library has just made it, and nobody else has a reference.
            unsafe { &mut *event.message.cast::<Content>() }.attach(attached);
        }
    }

    /// Nobody is told anything any more.
    pub(super) fn end(&self) {
        let mut table = self.table.lock();
        table.ended = true;
        let all = std::mem::take(&mut table.of_members);
        drop(table);
        drop(all);
    }
}
