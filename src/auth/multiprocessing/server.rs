//! The side that asks first and then answers.

use subtle::ConstantTimeEq;

use super::proof::{Challenge, Generation, answer};
use super::wire;
use crate::Result;
use crate::auth::machine::{Machine, Outcome, Refusal};
use crate::auth::{Digest, KeyRing, Secret, envelope};

/// One handshake of a server.
pub(in crate::auth) struct Server {
    keys: KeyRing,
    generation: Generation,
    step: Step,
}

/// What it waits for.
enum Step {
    Answer(Challenge),
    /// The client holds the key with that id.
    Challenge(String, Secret),
    Verdict(String),
}

impl Server {
    /// The machine, and the first message.
    pub(in crate::auth) fn begin(keys: KeyRing, weakest: Digest) -> Result<(Server, Vec<u8>)> {
        let challenge = Challenge::plain()?;
        let message = wire::challenge(challenge.as_bytes());
        Ok((Server { keys, generation: Generation::new(weakest), step: Step::Answer(challenge) }, message))
    }
}

impl Machine for Server {
    fn wanted(&self, partial: &[u8]) -> Result<usize, Refusal> {
        envelope::wanted(partial, wire::LONGEST)
    }

    fn message(&mut self, frame: &[u8], output: &mut Vec<u8>) -> Result<Option<Outcome>, Refusal> {
        match &mut self.step {
            Step::Answer(challenge) => {
                let answered = wire::message(frame)?;
                let digest = self.generation.of_answer(answered)?;
                let found = self.keys.find(|secret| answer(digest, secret, challenge.as_bytes()).ct_eq(answered));
                let (key_id, secret) = found.ok_or(Refusal::Ours)?;
                output.extend_from_slice(&wire::welcome());
                self.step = Step::Challenge(key_id, secret);
            }
            Step::Challenge(key_id, secret) => {
                let asked = wire::asked(frame)?;
                let digest = self.generation.of_challenge(asked)?;
                output.extend_from_slice(&wire::answer(&answer(digest, secret, asked)));
                self.step = Step::Verdict(std::mem::take(key_id));
            }
            Step::Verdict(key_id) => {
                wire::welcomed(frame)?;
                return Ok(Some(Outcome::anonymous(std::mem::take(key_id))));
            }
        }
        Ok(None)
    }

    fn refusal(&self, _: &[u8]) -> &'static [u8] {
        wire::REFUSAL
    }
}
