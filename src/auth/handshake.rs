//! One side of one handshake, whatever the profile.

use std::fmt;
use std::time::Duration;

use super::machine::{Identity, Machine, Outcome, Refusal};
use super::{Profile, mac, mismatch, mutual};
use crate::{Error, Result, Status};

/// The most bytes a peer may send before its handshake is complete.
pub const MAX_HANDSHAKE_BYTES: usize = 4096;

/// How long a peer may be silent before it gets [`Handshake::reminder`].
pub(crate) const REMIND_AFTER: Duration = Duration::from_millis(500);

enum State {
    Running(Box<dyn Machine>),
    Complete(Outcome),
    Failed,
}

/// One side of the handshake of one connection.
///
/// Send what [`output`](Handshake::output) gives, hand over what the peer sends to
/// [`receive`](Handshake::receive), until [`is_complete`](Handshake::is_complete), and send the last
/// output too. The deadline for all of it is the caller's.
pub struct Handshake {
    state: State,
    output: Vec<u8>,
    partial: Vec<u8>,
    received: usize,
    profile: Option<Profile>,
    /// All that a client has heard of its server before a first whole message shows that it is one of the profile.
    heard: Option<Vec<u8>>,
    reminder: &'static [u8],
    reason: Option<&'static str>,
}

impl Handshake {
    pub(super) fn new(machine: Box<dyn Machine>, output: Vec<u8>) -> Handshake {
        Handshake {
            state: State::Running(machine),
            output,
            partial: Vec::new(),
            received: 0,
            profile: None,
            heard: None,
            reminder: &[],
            reason: None,
        }
    }

    /// The same for a client, which finds out by the first bytes when its server speaks something else.
    pub(super) fn of_client(profile: Profile, machine: Box<dyn Machine>, output: Vec<u8>) -> Handshake {
        Handshake { profile: Some(profile), heard: Some(Vec::new()), ..Handshake::new(machine, output) }
    }

    pub(super) fn of_server(profile: Profile, machine: Box<dyn Machine>, output: Vec<u8>) -> Handshake {
        let reminder = if profile == Profile::Mutual { mutual::REMINDER } else { &[] };
        Handshake { profile: Some(profile), reminder, ..Handshake::new(machine, output) }
    }

    /// For a server's log: what a client seems to speak whose first bytes, all that have come of it, were refused. `None` if they
    /// may begin a handshake of the profile.
    pub fn describe(&self, first: &[u8]) -> Option<String> {
        mismatch::stranger(self.profile?, first).map(|opening| opening.to_string())
    }

    /// What a server may send to a client that says nothing, or nothing that begins a handshake, so that it finds out that
    /// it is to prove a secret. Empty for clients, and in profiles in which the server speaks first anyhow.
    ///
    /// Once, and before anything else was sent.
    pub fn reminder(&self) -> &'static [u8] {
        self.reminder
    }

    /// For a log: why this end has refused, where no secret hangs on it: the peer cannot do the binding that is required. The
    /// peer is not told.
    pub fn reason(&self) -> Option<&'static str> {
        self.reason
    }

    /// Takes the bytes that are to be sent now; empty when it is the peer's turn. After an error it may
    /// be a refusal to send before closing, which is the same for every reason, but that a proof of the profile `tutorial`
    /// with the length of the other digest is named as such.
    pub fn output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Takes bytes of the peer, in any split. Returns how many of them belonged to the handshake: all,
    /// unless it is complete now; the rest is the beginning of the session.
    ///
    /// # Errors
    /// `AuthenticationFailed`, with the same sentence whatever the reason, now and ever after: wrong
    /// proofs, malformed messages and more than [`MAX_HANDSHAKE_BYTES`] alike. A client whose server begins with
    /// something that no server of the profile does is told once what that looks like, and either end whose peer cannot do
    /// the channel binding that it requires is told that.
    pub fn receive(&mut self, input: &[u8]) -> Result<usize> {
        if let (Some(profile), Some(heard)) = (self.profile, &mut self.heard) {
            heard.extend_from_slice(&input[..input.len().min(MAX_HANDSHAKE_BYTES)]);
            if let Some(sentence) = mismatch::early_sentence(profile, heard) {
                return Err(self.fail(Some(sentence)));
            }
        }
        let is_first = self.received == 0;
        self.advance(input).map_err(|refusal| {
            if let State::Running(machine) = &self.state
                && refusal != Refusal::Theirs
            {
                // A message that was whole is gone from here.
                let said = if self.partial.is_empty() && is_first { input } else { &self.partial };
                self.output.extend_from_slice(machine.refusal(said));
            }
            self.partial = Vec::new();
            let (profile, heard) = (self.profile, self.heard.take());
            if let Refusal::Because(reason) = refusal {
                self.reason = Some(reason);
                return self.fail(Some(format!("authentication failed: {reason}")));
            }
            let sentence = profile.zip(heard).and_then(|(profile, heard)| mismatch::sentence(profile, &heard));
            self.fail(sentence)
        })
    }

    fn fail(&mut self, sentence: Option<String>) -> Error {
        (self.state, self.heard) = (State::Failed, None);
        sentence.map_or_else(mac::refused, |sentence| Error::new(Status::AuthenticationFailed, sentence))
    }

    fn advance(&mut self, input: &[u8]) -> Result<usize, Refusal> {
        let mut used = 0;
        loop {
            let machine = match &mut self.state {
                State::Running(machine) => machine,
                State::Complete(_) => return Ok(used),
                State::Failed => return Err(Refusal::Ours),
            };
            let missing = machine.wanted(&self.partial)?.saturating_sub(self.partial.len());
            if missing == 0 {
                let message = std::mem::take(&mut self.partial);
                let outcome = machine.message(&message, &mut self.output)?;
                self.heard = None;
                if let Some(outcome) = outcome {
                    self.state = State::Complete(outcome);
                }
            } else if used == input.len() {
                return Ok(used);
            } else {
                let piece = missing.min(input.len() - used);
                self.received += piece;
                if self.received > MAX_HANDSHAKE_BYTES {
                    return Err(Refusal::Ours);
                }
                self.partial.extend_from_slice(&input[used..used + piece]);
                used += piece;
            }
        }
    }

    /// Whether this side is satisfied. A tutorial client is as soon as it has answered: the server
    /// tells no verdict.
    pub fn is_complete(&self) -> bool {
        matches!(self.state, State::Complete(_))
    }

    /// Who is who; `None` until the handshake is complete.
    pub fn identity(&self) -> Option<&Identity> {
        match &self.state {
            State::Complete(outcome) => Some(&outcome.identity),
            _ => None,
        }
    }

    /// 32 bytes that only the two ends of this handshake know, fresh for each, to key whatever
    /// protects the session. `None` until it is complete, and in profiles that derive none. The memory
    /// is overwritten with the handshake's end; what the caller copies is the caller's to overwrite.
    pub fn session_key(&self) -> Option<&[u8; 32]> {
        match &self.state {
            State::Complete(outcome) => outcome.session_key.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Running(_) => "running",
            State::Complete(_) => "complete",
            State::Failed => "failed",
        };
        f.debug_struct("Handshake").field("state", &state).field("received", &self.received).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes messages of ten bytes and is never satisfied.
    struct Endless;

    impl Machine for Endless {
        fn wanted(&self, _: &[u8]) -> Result<usize, Refusal> {
            Ok(10)
        }

        fn message(&mut self, _: &[u8], _: &mut Vec<u8>) -> Result<Option<Outcome>, Refusal> {
            Ok(None)
        }

        fn refusal(&self, _: &[u8]) -> &'static [u8] {
            b"no"
        }
    }

    #[test]
    fn the_budget_counts_every_byte_of_the_handshake() {
        let mut dripped = Handshake::new(Box::new(Endless), Vec::new());
        for _ in 0..MAX_HANDSHAKE_BYTES {
            assert_eq!(dripped.receive(b"x"), Ok(1));
        }
        assert_eq!(dripped.receive(b"x").unwrap_err().status(), Status::AuthenticationFailed);
        assert_eq!(dripped.output(), b"no");
        let mut flooded = Handshake::new(Box::new(Endless), b"hello".to_vec());
        assert!(flooded.receive(&[0; MAX_HANDSHAKE_BYTES + 1]).is_err());
        assert_eq!(flooded.output(), b"hellono");
        assert!(flooded.receive(b"").is_err());
        assert_eq!(flooded.output(), b"", "the refusal is said once");
    }
}
