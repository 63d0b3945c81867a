//! What an embedder does about members who misbehave.

use super::bans::{Ban, BanSubject};
use super::hub::Hub;
use super::server::ChatServer;
use super::text;
use crate::Result;
use crate::peer::LeaveReason;

impl ChatServer {
    /// Keeps somebody out from now on, in the place of an earlier ban of the same subject, and sends away the members that it is about: with
    /// [`LeaveReason::Banned`]. Returns how many those are.
    ///
    /// Whoever is banned is told why. By address or net they are turned away at the door, before anything else is done for them; where
    /// a handshake comes first, a few of them, two a second, are let in as far as to their proof, and told then: nobody else
    /// learns the reason. By key it is whoever has proved it, by name whoever takes it. Peers on a Unix socket have no address.
    ///
    /// With [`ServerOptions::ban_file`](super::ServerOptions::ban_file) the ban is kept there; the call waits for the disk. Without it,
    /// it ends with the server.
    ///
    /// # Errors
    /// `InvalidText` for a reason with control characters. `Io`, or what is wrong in the file, when the ban cannot be kept: it is in
    /// force all the same, and kept with the next change that can be.
    pub fn ban(&self, ban: Ban) -> Result<usize> {
        text::check_text(&ban.reason, false)?;
        self.settle();
        let subject = ban.subject.clone();
        let kept = self.hub().bans.add(ban);
        let sent_away = self.hub().enforce_bans();
        log::info!("banned {subject}; members sent away: {sent_away}");
        kept.map(|()| sent_away)
    }

    /// Lifts a ban; `false` when there was none of that subject. A net that is banned is not lifted for one of its addresses.
    ///
    /// # Errors
    /// As for [`ChatServer::ban`]: the ban is lifted all the same.
    pub fn unban(&self, subject: &BanSubject) -> Result<bool> {
        let lifted = self.hub().bans.remove(subject)?;
        if lifted {
            log::info!("no longer banned: {subject}");
        }
        Ok(lifted)
    }

    /// The bans in force: addresses and nets, keys, names.
    pub fn bans(&self) -> Vec<Ban> {
        self.hub().bans.all()
    }

    /// Reads [`ServerOptions::ban_file`](super::ServerOptions::ban_file) again, which somebody may have changed, and sends away the
    /// members that it is about. Returns how many those are. Without such a file it does nothing.
    ///
    /// # Errors
    /// `Io` when it cannot be read, `InvalidArgument` with the number of a line that is no ban: then all bans are as they were.
    pub fn reload_bans(&self) -> Result<usize> {
        self.settle();
        self.hub().bans.reload()?;
        Ok(self.hub().enforce_bans())
    }
}

impl Hub {
    /// Sends away every member that a ban is about; returns how many there were.
    fn enforce_bans(&self) -> usize {
        let banned = self.room.members().into_iter().filter(|member| !member.is_silenced());
        let banned = banned.filter(|member| self.bans.of_member(member).is_some());
        // Who has just left needs no sending away.
        banned.filter(|member| self.disconnect(member.id(), LeaveReason::Banned).is_ok()).count()
    }
}
