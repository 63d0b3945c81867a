//! The thread that calls the embedder.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::clock::Clock;
use super::ending::Ending;
use super::event::{Handler, Message, Verdict};
use super::events::Item;
use super::inbox::{Command, SessionRef};
use super::member::Member;
use super::options::FilterFailure;
use super::passed;
use super::room::Room;
use super::wire::Kind;
use crate::net::Deadline;
use crate::{Error, Status};

/// Items taken from the queue at a time; what a filter lets pass of them is published as one batch.
const ITEMS_PER_ROUND: usize = 256;

pub(super) struct Dispatcher {
    room: Arc<Room>,
    handler: Box<dyn Handler>,
    /// Tells the time at which the message in hand was read.
    clock: Clock,
    ending: Arc<Ending>,
}

impl Dispatcher {
    pub(super) fn new(room: Arc<Room>, handler: Box<dyn Handler>, ending: Arc<Ending>) -> Dispatcher {
        let clock = room.new_clock();
        Dispatcher { room, handler, clock, ending }
    }

    /// Runs until the queue is closed and empty.
    pub(super) fn run(&mut self) {
        let mut items = Vec::new();
        while let Ok(relieved) = self.room.events.take(ITEMS_PER_ROUND, &Deadline::never(), |taken| items.extend(taken))
        {
            if relieved {
                self.room.wake_all();
            }
            for item in items.drain(..) {
                #[cfg(any(test, feature = "panic-injection"))]
                crate::inject::point_once("rustchat-hooks ", &self.room.wire.label);
                self.dispatch(item);
            }
            passed::publish(&self.room);
        }
    }

    /// Lets the handler go. It may own objects of the host program whose drop must not take the thread down either.
    pub(super) fn end(self) {
        let handler = self.handler;
        self.ending.calling(|| guard("drop", || drop(handler)));
    }

    fn dispatch(&mut self, item: Item) {
        match item {
            Item::Event(event) => {
                // A handler may look at the room: what it has let pass so far is there.
                passed::publish(&self.room);
                self.ending.calling(|| guard("event", || self.handler.event(event)));
            }
            Item::Submitted(message) => self.filter(message),
            Item::Authorize(member, session) => self.authorize(&member, session),
            Item::Parting(session, reason) => {
                passed::publish(&self.room);
                self.room.inboxes[session.worker].send(Command::Disconnect(session, reason));
            }
            Item::Departed(member, reason) => {
                passed::publish(&self.room);
                self.room.leave(&member, reason);
            }
            Item::LastSubmitted => {
                passed::publish(&self.room);
                self.room.inboxes.iter().for_each(|inbox| inbox.send(Command::Finish));
            }
        }
    }

    fn filter(&mut self, message: Message) {
        // Who has left is heard no more, and neither is a hook called for what it said.
        if message.from.is_silenced() {
            return;
        }
        let verdict = self.ending.calling(|| guard("filter", || self.handler.filter(&message)));
        let verdict = verdict.unwrap_or(Verdict::Failed);
        let replaced;
        let text = match verdict {
            Verdict::Deliver => &*message.text,
            Verdict::Drop => return,
            Verdict::Failed if self.room.options.filter_failure == FilterFailure::Pass => &*message.text,
            Verdict::Failed => {
                return self.refuse(&message, &Error::new(Status::Io, "not said: the server's filter failed"));
            }
            Verdict::Replace(text) => {
                if let Err(error) = self.room.check_text(&text) {
                    log::error!("a filter's text is not sent: {error}");
                    let what = "not said: what the server's filter made of it may not be sent";
                    return self.refuse(&message, &Error::new(error.status(), what));
                }
                replaced = text;
                &replaced
            }
        };
        let signature = self.room.wire.sign(&message.from);
        self.clock.set(message.time);
        passed::add(Arc::clone(&message.from), |draft| {
            self.room.wire.append(draft, Kind::Message, &self.clock, &signature, text);
        });
        if passed::length() >= self.room.options.batch_size() {
            passed::publish(&self.room);
        }
    }

    /// Nobody gets the message, and who said it is told why.
    fn refuse(&self, message: &Message, why: &Error) {
        passed::publish(&self.room);
        // Who has left has nobody to tell.
        let _ = self.room.refuse(message.from.id(), why);
    }

    fn authorize(&mut self, member: &Arc<Member>, session: SessionRef) {
        if self.room.is_closed() {
            // Nobody joins any more, so nobody needs to be judged.
            return;
        }
        // Here a bug must not open the door.
        let admitted = self.ending.calling(|| guard("authorize", || self.handler.authorize(member))).unwrap_or(false);
        self.room.inboxes[session.worker].send(Command::Admit(session, admitted));
    }
}

fn guard<R>(what: &str, call: impl FnOnce() -> R) -> Option<R> {
    let result = catch_unwind(AssertUnwindSafe(call));
    if let Err(payload) = result {
        log::error!("the handler panicked in '{what}'");
        // Dropping a payload may panic again.
        std::mem::forget(payload);
        return None;
    }
    result.ok()
}
