//! What one member says to another.

use std::sync::Arc;

use serde_json::Value;

use super::call::Call;
use super::event::Message;
use super::hub::Hub;
use super::member::Member;
use crate::reactor::PeerRef;
use crate::{Error, Status};

impl Hub {
    /// Gives `text` to whom the message is for, and shows who said it that it is on its way. Who has left is heard no more.
    pub(super) fn pass_on(&self, message: &Message, text: &str) {
        let (Some(to), from) = (&message.to, &message.from) else { return };
        let place = |member: &Arc<Member>| self.find(member.id()).ok().filter(|(member, _)| !member.is_silenced());
        let Some((_, sender)) = place(from) else { return };
        let Some((_, receiver)) = place(to) else {
            let gone = Error::new(Status::NoSuchPeer, format!("not said: {} has left", self.wire.called(to)));
            // It may leave at this moment.
            return self.refuse(from.id(), &gone).unwrap_or_default();
        };
        self.hand(receiver, &format!("* {} says to you: {text}", self.wire.called(from)));
        self.hand(sender, &format!("* you say to {}: {text}", self.wire.called(to)));
    }

    /// Weighs as what is said to the room does: who floods one member must not outrun the worker that serves it.
    fn hand(&self, to: PeerRef, text: &str) {
        let chunk = self.wire.private(&self.clock(), &self.signature, text, &Value::Null);
        let (inbox, weight) = (&self.commons.inboxes()[to.worker()], chunk.len());
        inbox.push(Call::Send { to, chunk, reserved: 0 }, weight);
        inbox.wake();
    }
}
