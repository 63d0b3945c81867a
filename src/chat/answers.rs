//! What the answers of an embedder who polls make of what was asked.

use super::call::Call;
use super::clock::Clock;
use super::event::{Message, QuestionId, Verdict};
use super::hub::Hub;
use super::passed::Passed;
use super::questions::{Place, Questions};
use crate::sync::Mutex;
use crate::{Error, Result, Status};

/// Publishes what is answered. Its lock is taken before the room's.
#[derive(Default)]
pub(super) struct Answers {
    /// Held by whoever publishes, so that two do not pass each other.
    passing: Mutex<Passing>,
}

/// What goes to the room next.
#[derive(Default)]
struct Passing {
    passed: Passed,
    clock: Option<Clock>,
}

impl Answers {
    /// Takes the embedder's answer, and publishes what it was waited for with.
    pub(super) fn answer(&self, hub: &Hub, id: QuestionId, verdict: Verdict) -> Result<()> {
        let Some(questions) = &hub.events.questions else {
            return Err(Error::new(Status::BadState, "the server asks nobody who polls"));
        };
        if let Some((peer, admitted)) = questions.answer(id, verdict)? {
            hub.tell(peer, Call::Admit(peer, admitted));
        }
        self.go_on(hub, questions);
        Ok(())
    }

    /// Does whatever waits for no answer any more.
    pub(super) fn go_on(&self, hub: &Hub, questions: &Questions) {
        let mut passing = self.passing.lock();
        let mut bytes = 0;
        loop {
            while let Some(place) = questions.next() {
                bytes += passing.take(hub, place);
            }
            passing.passed.publish(hub);
            if !hub.events.follow(questions) {
                break;
            }
        }
        drop(passing);
        if hub.events.answered(bytes) {
            hub.commons.wake_all();
        }
    }
}

impl Passing {
    /// Does what stands first in the line; returns how many bytes of it were waited for with.
    fn take(&mut self, hub: &Hub, place: Place) -> usize {
        if let Place::Answered(message, verdict) = place {
            self.pass(hub, &message, &verdict);
            return message.text.len();
        }
        self.passed.publish(hub);
        match place {
            Place::Parting(peer, reason) => hub.tell(peer, Call::Disconnect(peer, reason)),
            Place::Departed(member, reason) => hub.leave(&member, reason),
            Place::Last => hub.commons.finish(),
            Place::Asked(_) | Place::Answered(..) => {}
        }
        0
    }

    fn pass(&mut self, hub: &Hub, message: &Message, verdict: &Verdict) {
        match hub.judged(message, verdict) {
            Ok(None) => hub.swallow(message.receipt.as_deref()),
            Ok(Some(text)) => {
                let clock = self.clock.get_or_insert_with(|| hub.new_clock());
                self.passed.add(hub, clock, message, text);
            }
            Err(why) => {
                self.passed.publish(hub);
                hub.refuse(message, why);
            }
        }
    }
}
