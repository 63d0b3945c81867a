//! A block of a file on its way.

use super::{BLOCK, Violation, kind, of_request};
use crate::wire::{Fields, put_head};

/// A hash of BLAKE3: of a block its chaining value, of a file the ordinary hash, which the values of its blocks merge into.
pub(crate) type Hash = [u8; 32];

/// One block with what it hashes to, so that whoever gets it can tell at once whether it is right; or bare, if that is not
/// wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block<'m> {
    pub(crate) index: u32,
    pub(crate) hash: Option<Hash>,
    pub(crate) bytes: &'m [u8],
}

impl<'m> Block<'m> {
    pub(super) fn decode(id: u32, body: &'m [u8], is_bare: bool) -> Result<(u32, Block<'m>), Violation> {
        let name = if is_bare { "BARE" } else { "DATA" };
        let mut fields = Fields::new(body, name);
        let index = fields.u32()?;
        let hash = if is_bare { None } else { Some(fields.array()?) };
        let bytes = fields.rest();
        if bytes.is_empty() || bytes.len() > BLOCK {
            return Err(Violation::BlockLength(bytes.len()));
        }
        Ok((of_request(id, name)?, Block { index, hash, bytes }))
    }

    pub(super) fn encode_into(&self, id: u32, out: &mut Vec<u8>) {
        data(out, id, self.index, self.hash.as_ref());
        out.extend_from_slice(self.bytes);
    }
}

/// What stands before the bytes of a block.
pub(crate) fn data(out: &mut Vec<u8>, id: u32, index: u32, hash: Option<&Hash>) {
    put_head(out, if hash.is_some() { kind::DATA } else { kind::BARE }, id);
    out.extend_from_slice(&index.to_be_bytes());
    out.extend_from_slice(hash.map_or(&[][..], |hash| hash));
}
