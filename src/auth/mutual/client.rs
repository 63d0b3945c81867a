//! The side that begins and proves itself first.

use super::channel::Terms;
use super::hello::{ClientHello, LONGEST_SERVER_HELLO, ServerHello};
use super::keys::{Keys, transcript};
use super::wire::{CLIENT_PROOF, Fields, REFUSAL, SERVER_PROOF, frame};
use crate::Result;
use crate::auth::machine::{Identity, Machine, Outcome, Refusal};
use crate::auth::{Secret, envelope, mac};

/// One handshake of a client.
pub(in crate::auth) struct Client {
    secret: Secret,
    terms: Terms,
    hello: ClientHello,
    hello_frame: Vec<u8>,
    proven: Option<Proven>,
}

/// What is left to compare once the proof is out.
struct Proven {
    keys: Keys,
    proof: [u8; mac::LENGTH],
    server_id: String,
    binding: u8,
}

impl Client {
    pub(in crate::auth) fn new(secret: Secret, key_id: String, terms: Terms) -> Result<Client> {
        let hello = ClientHello::new(key_id, terms.features())?;
        let hello_frame = hello.encode();
        Ok(Client { secret, terms, hello, hello_frame, proven: None })
    }

    /// The first message.
    pub(in crate::auth) fn hello(&self) -> &[u8] {
        &self.hello_frame
    }

    fn prove(&self, message: &[u8]) -> Result<Proven, Refusal> {
        let hello = ServerHello::decode(message)?;
        let binding = self.terms.accept(hello.binding)?;
        // A server that knows no other kind agrees to no bit.
        if hello.features & !binding.feature() != 0 {
            return Err(Refusal::Ours);
        }
        let transcript = transcript(&self.hello_frame, message, &binding.value);
        let keys = Keys::derive(self.secret.as_bytes(), &self.hello.nonce, &hello.nonce, transcript);
        Ok(Proven { proof: keys.client_proof(), keys, server_id: hello.server_id, binding: binding.kind })
    }
}

impl Machine for Client {
    fn wanted(&self, partial: &[u8]) -> Result<usize, Refusal> {
        let longest = if self.proven.is_some() { 1 + mac::LENGTH } else { LONGEST_SERVER_HELLO };
        envelope::wanted(partial, longest)
    }

    fn message(&mut self, message: &[u8], output: &mut Vec<u8>) -> Result<Option<Outcome>, Refusal> {
        let Some(proven) = &mut self.proven else {
            if Fields::is_reminder(message) {
                return Ok(None);
            }
            let proven = self.prove(message)?;
            output.extend_from_slice(&frame(CLIENT_PROOF, &[&proven.proof]));
            self.proven = Some(proven);
            return Ok(None);
        };
        let answer = Fields::of(message, SERVER_PROOF)?.last_word()?;
        if !mac::equal(&proven.keys.server_proof(&proven.proof), &answer) {
            return Err(Refusal::Ours);
        }
        let key_id = std::mem::take(&mut self.hello.key_id);
        let (server_id, binding) = (std::mem::take(&mut proven.server_id), proven.binding);
        let identity = Identity { key_id, server_id, binding, key: 0 };
        Ok(Some(Outcome { identity, session_key: Some(proven.keys.session.clone()) }))
    }

    fn refusal(&self, _: &[u8]) -> &'static [u8] {
        REFUSAL
    }
}
