//! The side that asks first and then answers.

use subtle::ConstantTimeEq;

use super::proof::{Challenge, Generation, answer};
use super::wire;
use crate::Result;
use crate::auth::keyring::Key;
use crate::auth::machine::{Machine, Outcome, Refusal};
use crate::auth::{Digest, KeyRing, envelope};

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
    Challenge(String, Key),
    Verdict(String, u64),
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
                let (key_id, key) = found.ok_or(Refusal::Ours)?;
                output.extend_from_slice(&wire::welcome());
                self.step = Step::Challenge(key_id, key);
            }
            Step::Challenge(key_id, key) => {
                let asked = wire::asked(frame)?;
                let digest = self.generation.of_challenge(asked)?;
                output.extend_from_slice(&wire::answer(&answer(digest, &key.secret, asked)));
                self.step = Step::Verdict(std::mem::take(key_id), key.serial);
            }
            Step::Verdict(key_id, key) => {
                wire::welcomed(frame)?;
                // It was proved some messages ago.
                if self.keys.get(key_id).is_none_or(|known| known.serial != *key) {
                    return Err(Refusal::Ours);
                }
                return Ok(Some(Outcome::anonymous(std::mem::take(key_id), *key)));
            }
        }
        Ok(None)
    }

    fn refusal(&self, _: &[u8]) -> &'static [u8] {
        wire::REFUSAL
    }
}
