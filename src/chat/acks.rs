//! What members are told of the messages that they have numbered.

use std::mem;
use std::sync::Arc;

use serde_json::json;

use super::call::Call;
use super::hub::Hub;
use super::member::Member;
use super::session::{Fate, Known, Receipt, Session};
use super::wire::LOBBY;
use crate::reactor::PeerRef;
use crate::{Error, Status};

/// Acknowledgements on their way: those for one connection that follow one another go together.
struct Mail<'h> {
    hub: &'h Hub,
    to: Option<PeerRef>,
    bytes: Vec<u8>,
}

impl Mail<'_> {
    fn add(&mut self, to: Option<PeerRef>, number: u64, fate: &Fate) {
        if to != self.to {
            self.send();
            self.to = to;
        }
        if to.is_some() {
            self.hub.put_fate(number, fate, false, &mut self.bytes);
        }
    }

    fn send(&mut self) {
        let Some(to) = self.to.take() else { return };
        let (bytes, inbox) = (mem::take(&mut self.bytes), &self.hub.commons.inboxes()[to.worker()]);
        let weight = bytes.len();
        inbox.push(Call::Acknowledge(to, bytes.into()), weight);
    }
}

impl Hub {
    /// Tells of entries of the log, numbered from `first_seq`, behind their batch. The workers have yet to be woken.
    pub(super) fn acknowledge(&self, receipts: impl Iterator<Item = (usize, Arc<Receipt>)>, first_seq: u64) {
        let mut mail = Mail { hub: self, to: None, bytes: Vec::new() };
        for (index, receipt) in receipts {
            let fate = Fate::Said(first_seq + index as u64);
            mail.add(receipt.conclude(fate.clone()), receipt.number, &fate);
        }
        mail.send();
    }

    /// Tells what has become of one message.
    pub(super) fn conclude(&self, receipt: &Receipt, fate: Fate) {
        let mut mail = Mail { hub: self, to: None, bytes: Vec::new() };
        mail.add(receipt.conclude(fate.clone()), receipt.number, &fate);
        let Some(to) = mail.to else { return };
        mail.send();
        self.commons.inboxes()[to.worker()].wake();
    }

    /// The words for a number and what has become of its message, of which the sender was told before if `again`.
    pub(super) fn put_fate(&self, number: u64, fate: &Fate, again: bool, out: &mut Vec<u8>) {
        let mut fields = match fate {
            Fate::Said(seq) => {
                json!({"type": "ack", "ref": number, "room": LOBBY, "epoch": self.wire.epoch, "seq": seq})
            }
            Fate::Delivered => json!({"type": "ack", "ref": number, "delivered": true}),
            Fate::Refused(error) => return self.wire.put(&refusal(number, error), out),
        };
        if again {
            fields["again"] = true.into();
        }
        self.wire.put(&fields, out);
    }

    /// What a filter swallows goes to nobody, of which nobody is told but who has numbered it, and would say it again.
    pub(super) fn swallow(&self, receipt: Option<&Receipt>) {
        if let Some(receipt) = receipt {
            let swallowed = Error::new(Status::Refused, "not said: the server's filter has not let it pass");
            self.conclude(receipt, Fate::Refused(swallowed));
        }
    }

    /// Goes on with a session of the member's, which is with the connection `peer` from here on. The connection that had it
    /// is given up, and its name is free at once; what was read from it is said.
    pub(super) fn resume(&self, member: &Member, peer: PeerRef, name: &str) -> Option<Arc<Session>> {
        let id = self.sessions.read(name)?;
        let ghost = match self.find(id) {
            Ok((ghost, _)) if ghost.key_id() != member.key_id() => return None,
            found => found.ok().map(|(_, peer)| peer),
        };
        let (session, before) = self.sessions.resume(id, member.key_id(), peer, ghost)?;
        if let Some(before) = before {
            self.room.release_name(before.serial());
            self.tell(before, Call::Supersede(before));
        }
        Some(session)
    }
}

/// What is said of a number that is known already; `None` for one that is on its way.
pub(super) fn known(known: Known) -> Option<Fate> {
    match known {
        Known::New | Known::UnderWay => None,
        Known::Concluded(fate) => Some(fate),
        Known::Forgotten => {
            Some(Fate::Refused(Error::new(Status::InvalidArgument, "'ref' is older than what is remembered")))
        }
    }
}

/// Tells that a numbered message was not taken, and why.
pub(super) fn refusal(number: u64, error: &Error) -> serde_json::Value {
    json!({"type": "error", "code": error.status().name(), "text": error.message(), "ref": number})
}
