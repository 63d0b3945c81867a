//! The two hellos.

use super::wire::{CLIENT_HELLO, Fields, SERVER_HELLO, frame, id_field};
use crate::Result;
use crate::auth::machine::Refusal;
use crate::auth::{MAX_ID_BYTES, mac};

const MAGIC: &[u8; 8] = b"rustchat";
const VERSION: u8 = 1;
const HMAC_SHA256: u8 = 1;

/// The longest `ClientHello`, in bytes with its type: magic, version, 255 suites with their number,
/// features, id with its length, nonce.
pub(super) const LONGEST_CLIENT_HELLO: usize = 1 + 8 + 1 + 1 + 255 + 4 + 1 + MAX_ID_BYTES + mac::LENGTH;

/// The longest `ServerHello`, in bytes with its type: version, suite, features, id with its length,
/// kind of binding, nonce.
pub(super) const LONGEST_SERVER_HELLO: usize = 1 + 1 + 1 + 4 + 1 + MAX_ID_BYTES + 1 + mac::LENGTH;

/// What the client says first.
pub(super) struct ClientHello {
    pub(super) key_id: String,
    /// The kinds of channel binding that it can do, as bits.
    pub(super) features: u32,
    pub(super) nonce: [u8; mac::LENGTH],
}

impl ClientHello {
    pub(super) fn new(key_id: String, features: u32) -> Result<ClientHello> {
        Ok(ClientHello { key_id, features, nonce: mac::random()? })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let offer = [VERSION, 1, HMAC_SHA256];
        let id = id_field(&self.key_id);
        frame(CLIENT_HELLO, &[MAGIC, &offer, &self.features.to_be_bytes(), &id, &self.nonce])
    }

    pub(super) fn decode(frame: &[u8]) -> Result<ClientHello, Refusal> {
        let mut fields = Fields::of(frame, CLIENT_HELLO)?;
        let known = fields.bytes(MAGIC.len())? == MAGIC && fields.u8()? == VERSION;
        if !known {
            return Err(Refusal::Ours);
        }
        let count = fields.u8()?;
        if !fields.bytes(usize::from(count))?.contains(&HMAC_SHA256) {
            return Err(Refusal::Ours);
        }
        // Bits of a later version ask for what this side leaves out of its answer.
        let features = fields.u32()?;
        Ok(ClientHello { key_id: fields.id()?, features, nonce: fields.last_word()? })
    }
}

/// What the server answers.
pub(super) struct ServerHello {
    pub(super) server_id: String,
    /// The bit of the kind of binding, if the client has offered it.
    pub(super) features: u32,
    /// The kind of binding.
    pub(super) binding: u8,
    pub(super) nonce: [u8; mac::LENGTH],
}

impl ServerHello {
    pub(super) fn encode(&self) -> Vec<u8> {
        let choice = [VERSION, HMAC_SHA256];
        let id = id_field(&self.server_id);
        frame(SERVER_HELLO, &[&choice, &self.features.to_be_bytes(), &id, &[self.binding], &self.nonce])
    }

    pub(super) fn decode(frame: &[u8]) -> Result<ServerHello, Refusal> {
        let mut fields = Fields::of(frame, SERVER_HELLO)?;
        if fields.u8()? != VERSION || fields.u8()? != HMAC_SHA256 {
            return Err(Refusal::Ours);
        }
        let features = fields.u32()?;
        Ok(ServerHello { server_id: fields.id()?, features, binding: fields.u8()?, nonce: fields.last_word()? })
    }
}
