//! What one member says to another.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::call::Call;
use super::event::Message;
use super::hub::Hub;
use super::member::Member;
use super::session::Fate;
use crate::reactor::PeerRef;
use crate::{Error, Status};

impl Hub {
    /// Gives `text` to whom the message is for; who said it is shown in line chat that it is on its way, and told in message chat if
    /// it has numbered it. Who has left is heard no more.
    pub(super) fn pass_on(&self, message: &Message, text: &str) {
        let (Some(to), from) = (&message.to, &message.from) else { return };
        let place = |member: &Arc<Member>| self.find(member.id()).ok().filter(|(member, _)| !member.is_silenced());
        let Some((_, sender)) = place(from) else { return };
        let Some((_, receiver)) = place(to) else {
            let gone = Error::new(Status::NoSuchPeer, format!("not said: {} has left", self.wire.called(to)));
            return self.refuse(message, gone);
        };
        if self.wire.is_line() {
            self.hand(receiver, self.notice_of(&format!("* {} says to you: {text}", self.wire.called(from))));
            self.hand(sender, self.notice_of(&format!("* you say to {}: {text}", self.wire.called(to))));
        } else {
            let mut clock = self.clock();
            clock.set(message.time);
            let again = message.receipt.as_ref().is_some_and(|receipt| receipt.again);
            let chunk = self.wire.direct(&clock, &self.wire.sign(from), text, again);
            drop(clock);
            self.hand(receiver, chunk);
        }
        if let Some(receipt) = &message.receipt {
            self.conclude(receipt, Fate::Delivered);
        }
    }

    fn notice_of(&self, text: &str) -> Bytes {
        self.wire.private(&self.clock(), &self.signature, text, &Value::Null)
    }

    /// Weighs as what is said to the room does: who floods one member must not outrun the worker that serves it.
    fn hand(&self, to: PeerRef, chunk: Bytes) {
        let (inbox, weight) = (&self.commons.inboxes()[to.worker()], chunk.len());
        inbox.push(Call::Send { to, chunk, reserved: 0 }, weight);
        inbox.wake();
    }
}
