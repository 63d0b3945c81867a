//! The side that answers and is convinced first.

use super::channel::Terms;
use super::hello::{ClientHello, LONGEST_CLIENT_HELLO, ServerHello};
use super::keys::{Keys, Transcript, transcript};
use super::wire::{CLIENT_PROOF, Fields, REFUSAL, SERVER_PROOF, frame};
use crate::Result;
use crate::auth::machine::{Identity, Machine, Outcome, Refusal};
use crate::auth::{KeyRing, Secret, envelope, mac};

/// One handshake of a server.
pub(in crate::auth) struct Server {
    keys: KeyRing,
    terms: Terms,
    hello: ServerHello,
    /// Stands in for the key of an unknown id. It is drawn for every client, so that drawing it does
    /// not set the unknown ones apart.
    dummy: Secret,
    greeted: Option<Greeted>,
}

/// What the client has claimed and not yet proven.
struct Greeted {
    client: ClientHello,
    transcript: Transcript,
}

impl Server {
    pub(in crate::auth) fn new(keys: KeyRing, server_id: String, terms: Terms) -> Result<Server> {
        let hello = ServerHello { server_id, features: 0, binding: 0, nonce: mac::random()? };
        Ok(Server { keys, terms, hello, dummy: Secret::new(mac::random::<{ mac::LENGTH }>()?)?, greeted: None })
    }

    /// The keys of the session, and the number of the ring's key that they come from, as the ring is now; 0 for none.
    fn derive(&self, greeted: &Greeted) -> (Keys, u64) {
        let found = self.keys.get(&greeted.client.key_id);
        let secret = found.as_ref().map_or(&self.dummy, |key| &key.secret);
        let keys = Keys::derive(secret.as_bytes(), &greeted.client.nonce, &self.hello.nonce, greeted.transcript);
        (keys, found.map_or(0, |key| key.serial))
    }
}

impl Machine for Server {
    fn wanted(&self, partial: &[u8]) -> Result<usize, Refusal> {
        let longest = if self.greeted.is_some() { 1 + mac::LENGTH } else { LONGEST_CLIENT_HELLO };
        envelope::wanted(partial, longest)
    }

    fn message(&mut self, message: &[u8], output: &mut Vec<u8>) -> Result<Option<Outcome>, Refusal> {
        let Some(greeted) = &self.greeted else {
            let client = ClientHello::decode(message)?;
            let binding = self.terms.choose(client.features)?;
            self.hello.features = binding.feature() & client.features;
            self.hello.binding = binding.kind;
            let answer = self.hello.encode();
            let transcript = transcript(message, &answer, &binding.value);
            self.greeted = Some(Greeted { client, transcript });
            output.extend_from_slice(&answer);
            return Ok(None);
        };
        let proof = Fields::of(message, CLIENT_PROOF)?.last_word()?;
        let (keys, key) = self.derive(greeted);
        if !(mac::equal(&keys.client_proof(), &proof) & (key != 0)) {
            return Err(Refusal::Ours);
        }
        output.extend_from_slice(&frame(SERVER_PROOF, &[&keys.server_proof(&proof)]));
        let (key_id, server_id) = (greeted.client.key_id.clone(), std::mem::take(&mut self.hello.server_id));
        let identity = Identity { key_id, server_id, binding: self.hello.binding, key };
        Ok(Some(Outcome { identity, session_key: Some(keys.session) }))
    }

    fn refusal(&self, _: &[u8]) -> &'static [u8] {
        REFUSAL
    }
}
