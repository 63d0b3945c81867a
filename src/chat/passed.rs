//! What a filter has let pass and the room has not got yet.
//!
//! Several messages go to the room as one batch. What a handler has let pass belongs to the dispatcher's thread, on which the
//! handler runs too: so what that says can go after what it has let pass, and no message costs a lock.

use std::cell::RefCell;
use std::mem;
use std::sync::Arc;

use super::clock::Clock;
use super::event::Message;
use super::hub::Hub;
use super::member::Member;
use super::wire::Draft;

#[derive(Default)]
pub(super) struct Passed {
    draft: Draft,
    /// Who said it, entry by entry.
    speakers: Vec<Arc<Member>>,
}

impl Passed {
    /// Adds `text`, which is what is said of `message`; hands all to the room where it is much. What is for one member alone
    /// goes there, behind all that was said to the room before.
    pub(super) fn add(&mut self, hub: &Hub, clock: &mut Clock, message: &Message, text: &str) {
        if message.to.is_some() {
            self.publish(hub);
            return hub.pass_on(message, text);
        }
        clock.set(message.time);
        if hub.wants_messages() {
            let text = if text == &*message.text { Arc::clone(&message.text) } else { text.into() };
            // Its receipt is concluded with the draft, whoever still has the message then.
            self.draft.messages.push(Message { text, receipt: None, ..message.clone() });
        }
        let signature = hub.wire.sign(&message.from);
        hub.wire.append_said(&mut self.draft, clock, &signature, text, message.receipt.as_ref());
        self.speakers.push(Arc::clone(&message.from));
        if self.draft.len() >= hub.options.batch_size() {
            self.publish(hub);
        }
    }

    /// Hands it to the room.
    pub(super) fn publish(&mut self, hub: &Hub) {
        if !self.speakers.is_empty() {
            hub.publish_passed(&mut self.draft, &self.speakers);
            self.speakers.clear();
        }
    }
}

thread_local! {
    static PASSED: RefCell<Passed> = RefCell::default();
}

/// Adds what is said of a message to what this thread has let pass.
pub(super) fn add(hub: &Hub, clock: &mut Clock, message: &Message, text: &str) {
    PASSED.with_borrow_mut(|passed| passed.add(hub, clock, message, text));
}

/// Hands it to the room, which must be that of the thread's own server; on any other thread there is nothing to hand on.
pub(super) fn publish(hub: &Hub) {
    // A thread that ends has none any more.
    let Ok(mut passed) = PASSED.try_with(RefCell::take) else { return };
    passed.publish(hub);
    let _ = PASSED.try_with(|place| mem::swap(&mut *place.borrow_mut(), &mut passed));
}
