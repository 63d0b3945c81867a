//! Who is let in, and at which rate.

use super::hub::Hub;
use super::member::Member;
use super::service::Chat;
use crate::peer::{LeaveReason, Rate};
use crate::reactor::{Flow, PeerRef, Turn};
use crate::{Error, Result, Status};

/// What one read takes of somebody who may have gone.
const GLANCE: usize = 4096;

impl Chat {
    /// The rate that applies to this member.
    pub(super) fn rate_of(&self, member: &Member) -> Rate {
        match self.hub.options.rate {
            Some(rate) => rate,
            None if member.address().is_local() => Rate::UNLIMITED,
            None => Rate::STRANGERS,
        }
    }

    /// The embedder's answer.
    pub(super) fn admit(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, admitted: bool) {
        if !turn.door(peer).is_some_and(|door| door.is_asking()) {
            return;
        }
        if turn.has_gone(peer, &mut [0; GLANCE]) {
            // Nobody joins who would leave at once.
            turn.doom(peer, LeaveReason::Closed);
        } else if admitted {
            self.join(turn, peer);
        } else {
            if let Some(seat) = turn.state(peer) {
                log::info!("{}: not admitted", seat.member.label());
            }
            self.turn_away(turn, peer, &Error::new(Status::AuthenticationFailed, "not admitted"));
        }
    }

    /// Somebody `takes` a name. One that is banned makes whoever takes it banned, too, as there are other names: then it is told so,
    /// and this is how it ends.
    pub(super) fn take_unless_banned(
        &mut self,
        turn: &mut Turn<Chat>,
        peer: PeerRef,
        name: &str,
        takes: impl FnOnce(&Hub) -> Result<()>,
    ) -> Result<Option<Flow>> {
        let mut ban = self.hub.bans.of_name(name);
        if ban.is_none() {
            takes(&self.hub)?;
            // Who bans somebody meanwhile looks for members after that: one of the two sees the other.
            ban = self.hub.bans.of_name(name);
        }
        let Some(ban) = ban else { return Ok(None) };
        let words = self.complaint(turn, peer, &ban.refusal());
        turn.push(peer, words);
        Ok(Some(Flow::Close(LeaveReason::Banned)))
    }

    /// Somebody who has proved what there was to prove does not get in all the same.
    pub(super) fn turn_away(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, why: &Error) {
        self.hub.commons.totals.refused.add(1);
        let words = self.complaint(turn, peer, why);
        turn.farewell(peer, words);
    }
}
