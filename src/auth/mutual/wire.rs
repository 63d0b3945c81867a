//! Messages on the wire: a length, a type, fields.

use crate::auth::keyring::{MAX_ID_BYTES, checked_id};
use crate::auth::machine::Refusal;
use crate::auth::{envelope, mac};

pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const CLIENT_PROOF: u8 = 3;
pub(super) const SERVER_PROOF: u8 = 4;
const REFUSED: u8 = 5;
const REMINDER_TYPE: u8 = 6;

/// The whole frame that reminds a peer of the secret.
pub(in crate::auth) const REMINDER: &[u8] = b"\0\0\0\x3a\x06rustchat: this server asks for a secret (profile mutual)\n";

/// The whole frame of a refusal.
pub(super) const REFUSAL: &[u8] = &[0, 0, 0, 1, REFUSED];

/// A frame with `fields` behind the type.
pub(super) fn frame(kind: u8, fields: &[&[u8]]) -> Vec<u8> {
    envelope::frame(&[&[&[kind][..]], fields].concat())
}

/// An id with its length before it; it has passed [`checked_id`].
pub(super) fn id_field(id: &str) -> Vec<u8> {
    debug_assert!(id.len() <= MAX_ID_BYTES);
    let mut field = vec![id.len() as u8];
    field.extend_from_slice(id.as_bytes());
    field
}

/// The fields of a message, read from front to back.
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// The fields of a whole frame, if it has the type expected.
    pub(super) fn of(frame: &'a [u8], kind: u8) -> Result<Fields<'a>, Refusal> {
        match envelope::message(frame).split_first() {
            Some((&found, fields)) if found == kind => Ok(Fields(fields)),
            Some((&REFUSED, _)) => Err(Refusal::Theirs),
            _ => Err(Refusal::Ours),
        }
    }

    /// Whether a whole frame is a reminder, which a client that is about to prove itself need not heed.
    pub(super) fn is_reminder(frame: &[u8]) -> bool {
        envelope::message(frame).first() == Some(&REMINDER_TYPE)
    }

    pub(super) fn bytes(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        let (field, rest) = self.0.split_at_checked(length).ok_or(Refusal::Ours)?;
        self.0 = rest;
        Ok(field)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Refusal> {
        Ok(self.bytes(1)?[0])
    }

    pub(super) fn u32(&mut self) -> Result<u32, Refusal> {
        let (field, rest) = self.0.split_first_chunk::<4>().ok_or(Refusal::Ours)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*field))
    }

    pub(super) fn id(&mut self) -> Result<String, Refusal> {
        let length = usize::from(self.u8()?);
        let text = str::from_utf8(self.bytes(length)?).map_err(|_| Refusal::Ours)?;
        Ok(checked_id(text)?)
    }

    /// A nonce or a proof, which is the last field of every message that has one.
    pub(super) fn last_word(self) -> Result<[u8; mac::LENGTH], Refusal> {
        self.0.try_into().map_err(|_| Refusal::Ours)
    }
}
