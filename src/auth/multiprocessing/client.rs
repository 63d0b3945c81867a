//! The side that answers first and then asks.

use super::proof::{Challenge, Generation, answer, is_marked};
use super::wire;
use crate::auth::machine::{Machine, Outcome, Refusal};
use crate::auth::{Digest, Secret, envelope, mac};

/// One handshake of a client.
pub(in crate::auth) struct Client {
    secret: Secret,
    key_id: String,
    generation: Generation,
    step: Step,
}

/// What it waits for.
enum Step {
    Challenge,
    Verdict,
    Answer(Challenge),
}

impl Client {
    pub(in crate::auth) fn new(secret: Secret, key_id: String, weakest: Digest) -> Client {
        Client { secret, key_id, generation: Generation::new(weakest), step: Step::Challenge }
    }

    fn answer(&mut self, asked: &[u8]) -> Result<Vec<u8>, Refusal> {
        let digest = self.generation.of_challenge(asked)?;
        if is_marked(asked, &self.secret) {
            return Err(Refusal::Ours);
        }
        Ok(wire::answer(&answer(digest, &self.secret, asked)))
    }
}

impl Machine for Client {
    fn wanted(&self, partial: &[u8]) -> Result<usize, Refusal> {
        envelope::wanted(partial, wire::LONGEST)
    }

    fn message(&mut self, frame: &[u8], output: &mut Vec<u8>) -> Result<Option<Outcome>, Refusal> {
        match &self.step {
            Step::Challenge => {
                output.extend_from_slice(&self.answer(wire::asked(frame)?)?);
                self.step = Step::Verdict;
            }
            Step::Verdict => {
                wire::welcomed(frame)?;
                let challenge = Challenge::marked(&self.secret)?;
                output.extend_from_slice(&wire::challenge(challenge.as_bytes()));
                self.step = Step::Answer(challenge);
            }
            Step::Answer(challenge) => {
                let answered = wire::message(frame)?;
                let digest = self.generation.of_answer(answered)?;
                if !mac::equal(&answer(digest, &self.secret, challenge.as_bytes()), answered) {
                    return Err(Refusal::Ours);
                }
                output.extend_from_slice(&wire::welcome());
                return Ok(Some(Outcome::anonymous(std::mem::take(&mut self.key_id), 0)));
            }
        }
        Ok(None)
    }

    fn refusal(&self, _: &[u8]) -> &'static [u8] {
        wire::REFUSAL
    }
}
