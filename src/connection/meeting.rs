//! The first bytes of a connection: they show whether the peer speaks as this end does.

use super::Connection;
use super::doubt::{Doubt, other_order};
use super::halves::Receiver;
use crate::frame::Framing;
use crate::net::Deadline;
use crate::opening::{Opening, are_surely_tls, notice, noticed, refused_proof};
use crate::{Error, Result, Status};

/// Whoever announces a longer message sends more of it at once than a challenge has.
const LONG_MESSAGE: usize = 64 * 1024;

impl Connection {
    /// Takes the bytes that came behind the handshake.
    pub(super) fn begin_with(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.receiver.get_mut().fresh = false;
        if let Some(error) = self.meet(bytes) {
            return Err(error);
        }
        let Receiver { decoder, doubt, .. } = self.receiver.get_mut();
        decoder.push(bytes)?;
        doubt.look(decoder, self.framing);
        Ok(())
    }

    /// What is wrong with a peer that begins with `bytes`. It is told, as far as it takes no waiting, and hears no more of us.
    #[cold]
    pub(super) fn meet(&self, bytes: &[u8]) -> Option<Error> {
        if let Some(sentence) = noticed(bytes, self.framing) {
            return Some(self.part(Status::ProtocolViolation, &sentence));
        }
        if self.connecting
            && let Some(sentence) = refused_proof(bytes)
        {
            return Some(self.part(Status::AuthenticationFailed, sentence));
        }
        let opening = if self.connecting { Opening::of_server(bytes) } else { Opening::of(bytes) }?;
        if !self.is_strange(opening, bytes) {
            return None;
        }
        self.notify(opening);
        Some(match opening {
            Opening::NoSecret => self.part(Status::AuthenticationFailed, "the other end asks for no secret"),
            Opening::ClientHello => {
                self.part(Status::AuthenticationFailed, &format!("no secret is set here, and the peer sent {opening}"))
            }
            Opening::Tls => {
                self.part(Status::ProtocolViolation, &format!("the peer sent {opening}, and no TLS is set here"))
            }
            _ if opening.wants_secret() => {
                self.part(Status::AuthenticationFailed, &format!("the server asks for a secret: it sent {opening}"))
            }
            _ => self.mismatch(opening),
        })
    }

    /// What to say after a wait in vain, until `deadline` or less, of a peer in doubt. A sender of a long message that has
    /// paused just where one would end in the other order cannot be told from it: whoever waits without a limit
    /// leaves it its time, and only the log tells.
    #[cold]
    pub(super) fn judge(&self, doubt: &mut Doubt, deadline: &Deadline<'_>) -> Option<Error> {
        let other = other_order(self.framing).filter(|_| doubt.is_ripe())?;
        let opening = Opening::Frames(other);
        if !std::mem::replace(&mut doubt.told, true) {
            let peer = self.stream.peer();
            log::warn!(
                "{peer}: this end is set to framing {}, and the peer seems to have sent {opening}",
                self.framing
            );
        }
        deadline.instant()?;
        self.notify(opening);
        Some(self.mismatch(opening))
    }

    /// Tells the peer what it speaks, if there is a way to.
    fn notify(&self, opening: Opening) {
        if let Some(notice) = notice(opening, self.framing) {
            self.mention(&notice);
        }
    }

    fn mismatch(&self, opening: Opening) -> Error {
        let sentence = format!("this end is set to framing {}, and the peer sent {opening}", self.framing);
        self.part(Status::ProtocolViolation, &sentence)
    }

    /// Whether nothing of ours begins like this. Any bytes may be a message: it takes bytes that are none, or that only a
    /// handshake sends.
    fn is_strange(&self, opening: Opening, bytes: &[u8]) -> bool {
        let split = self.framing.split(bytes, self.limit, 0);
        let is_line = self.framing == Framing::Line;
        match opening {
            Opening::Challenge | Opening::SecretWanted | Opening::NoSecret => self.connecting,
            Opening::ClientHello => !self.connecting,
            Opening::PerhapsChallenge => {
                let awaited = || self.framing.expected(bytes, self.limit).is_some_and(|length| length > LONG_MESSAGE);
                is_line || split.is_err() || (split == Ok(None) && awaited())
            }
            Opening::Tls => is_line || split.is_err() || are_surely_tls(bytes),
            Opening::Frames(_) if is_line => split == Ok(None),
            Opening::Frames(Framing::U32Le) => split.is_err() && self.framing != Framing::U32Le,
            Opening::Frames(_) => split.is_err() && self.framing == Framing::U32Le,
            // A line that is too long is a line.
            _ => split.is_err() && !is_line,
        }
    }

    pub(super) fn part(&self, status: Status, sentence: &str) -> Error {
        let error = Error::new(status, format!("{}: {sentence}", self.stream.peer()));
        let _ = self.stranger.set(error.clone());
        self.end_stream();
        error
    }
}
