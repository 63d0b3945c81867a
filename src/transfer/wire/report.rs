//! What a server says.

use bytes::Bytes;

use super::{
    Block, Entry, Farewell, Hash, Metadata, VERSION, Violation, index, kind, of_connection, of_request, split,
};
use crate::wire::{Fields, framed, put_counted, put_head};

/// One message of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Report<'m> {
    Hello(ServerHello<'m>),
    /// What there is; more may come.
    Entries(u32, Vec<Entry<'m>>),
    /// It is done, and with a file that was stored this is what it is.
    Done(u32, Option<Metadata>),
    /// What the server has of a file, from that block on: hashes of 32 bytes.
    Hashes(u32, u32, &'m [u8]),
    /// The file can be sent, or will be, as soon as the client says with which block to begin.
    Ready(u32, Metadata),
    /// All blocks before that one are stored.
    Taken(u32, u32),
    /// That block was not right, and is wanted again, with all behind it.
    Again(u32, u32),
    Data(u32, Block<'m>),
    /// That was the file: so many bytes, which hash to that.
    End(u32, u64, Hash),
    /// Instead of all of that: it was not done.
    Refused(u32, u16, &'m str),
    Ping,
    Pong,
    GoAway {
        why: Farewell,
        text: &'m str,
    },
}

/// What a client has to know of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServerHello<'m> {
    pub(crate) features: u32,
    /// Bytes of a block.
    pub(crate) block: u32,
    /// Blocks that may be under way.
    pub(crate) window: u16,
    /// Bytes of a file; 0 is any number.
    pub(crate) file_limit: u64,
    pub(crate) server_id: &'m [u8],
    /// Transfers that the client may have under way; told only to who has said that it hears it.
    pub(crate) transfers: Option<u16>,
}

impl<'m> Report<'m> {
    pub(crate) fn decode(message: &'m [u8]) -> Result<Report<'m>, Violation> {
        let (kind, id, body) = split(message)?;
        let fields = |name| Fields::new(body, name);
        Ok(match kind {
            kind::SERVER_HELLO => {
                of_connection(id, "HELLO")?;
                Report::Hello(ServerHello::decode(fields("HELLO"))?)
            }
            kind::ENTRIES => Report::Entries(of_request(id, "ENTRIES")?, Entry::decode_all(fields("ENTRIES"))?),
            kind::DONE => {
                let mut fields = fields("DONE");
                let stored = if fields.is_empty() { None } else { Some(Metadata::decode(&mut fields)?) };
                fields.end()?;
                Report::Done(of_request(id, "DONE")?, stored)
            }
            kind::HASHES => {
                let mut fields = fields("HASHES");
                let first = fields.u32()?;
                let hashes = fields.rest();
                if !hashes.len().is_multiple_of(size_of::<Hash>()) {
                    return Err(Violation::HashLength(hashes.len()));
                }
                Report::Hashes(of_request(id, "HASHES")?, first, hashes)
            }
            kind::READY => {
                let mut fields = fields("READY");
                let metadata = Metadata::decode(&mut fields)?;
                fields.end()?;
                Report::Ready(of_request(id, "READY")?, metadata)
            }
            kind::TAKEN => Report::Taken(of_request(id, "TAKEN")?, index(fields("TAKEN"))?),
            kind::AGAIN => Report::Again(of_request(id, "AGAIN")?, index(fields("AGAIN"))?),
            kind::DATA | kind::BARE => {
                Block::decode(id, body, kind == kind::BARE).map(|(id, block)| Report::Data(id, block))?
            }
            kind::END => {
                let mut fields = fields("END");
                let (size, hash) = (fields.u64()?, fields.array()?);
                fields.end()?;
                Report::End(of_request(id, "END")?, size, hash)
            }
            kind::REFUSED => {
                let mut fields = fields("REFUSED");
                let code = fields.u16()?;
                Report::Refused(of_request(id, "REFUSED")?, code, fields.text()?)
            }
            kind::PING => {
                of_connection(id, "PING")?;
                fields("PING").end().map(|()| Report::Ping)?
            }
            kind::PONG => {
                of_connection(id, "PONG")?;
                fields("PONG").end().map(|()| Report::Pong)?
            }
            kind::GOAWAY => {
                of_connection(id, "GOAWAY")?;
                let mut fields = fields("GOAWAY");
                let why = Farewell::from_wire(fields.u8()?);
                Report::GoAway { why, text: fields.text()? }
            }
            other => return Err(Violation::UnknownType(other)),
        })
    }

    /// The request that it is about, if it is about one.
    pub(crate) fn request(&self) -> Option<u32> {
        match self {
            Report::Hello(_) | Report::Ping | Report::Pong | Report::GoAway { .. } => None,
            Report::Entries(id, _)
            | Report::Done(id, _)
            | Report::Hashes(id, ..)
            | Report::Ready(id, _)
            | Report::Taken(id, _)
            | Report::Again(id, _)
            | Report::Data(id, _)
            | Report::End(id, ..)
            | Report::Refused(id, ..) => Some(*id),
        }
    }

    /// Adds the message to `out`, without a frame.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        match self {
            Report::Hello(hello) => {
                put_head(out, kind::SERVER_HELLO, 0);
                hello.encode_into(out);
            }
            Report::Entries(id, entries) => {
                put_head(out, kind::ENTRIES, *id);
                entries.iter().for_each(|entry| entry.encode_into(out));
            }
            Report::Done(id, stored) => {
                put_head(out, kind::DONE, *id);
                if let Some(metadata) = stored {
                    metadata.encode_into(out);
                }
            }
            Report::Hashes(id, first, hashes) => {
                put_head(out, kind::HASHES, *id);
                out.extend_from_slice(&first.to_be_bytes());
                out.extend_from_slice(hashes);
            }
            Report::Ready(id, metadata) => {
                put_head(out, kind::READY, *id);
                metadata.encode_into(out);
            }
            Report::Taken(id, block) | Report::Again(id, block) => {
                let kind = if matches!(self, Report::Taken(..)) { kind::TAKEN } else { kind::AGAIN };
                put_head(out, kind, *id);
                out.extend_from_slice(&block.to_be_bytes());
            }
            Report::Data(id, block) => block.encode_into(*id, out),
            Report::End(id, size, hash) => {
                put_head(out, kind::END, *id);
                out.extend_from_slice(&size.to_be_bytes());
                out.extend_from_slice(hash);
            }
            Report::Refused(id, code, text) => {
                put_head(out, kind::REFUSED, *id);
                out.extend_from_slice(&code.to_be_bytes());
                out.extend_from_slice(text.as_bytes());
            }
            Report::Ping => put_head(out, kind::PING, 0),
            Report::Pong => put_head(out, kind::PONG, 0),
            Report::GoAway { why, text } => {
                put_head(out, kind::GOAWAY, 0);
                out.push(*why as u8);
                out.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// The message in its frame.
    pub(crate) fn framed(&self) -> Bytes {
        framed(|out| self.encode_into(out))
    }
}

impl<'m> ServerHello<'m> {
    fn decode(mut fields: Fields<'m>) -> Result<ServerHello<'m>, Violation> {
        match fields.u8()? {
            VERSION => {}
            other => return Err(Violation::Version(other)),
        }
        let mut hello = ServerHello {
            features: fields.u32()?,
            block: fields.u32()?,
            window: fields.u16()?,
            file_limit: fields.u64()?,
            server_id: fields.counted()?,
            transfers: None,
        };
        if !fields.is_empty() {
            hello.transfers = Some(fields.u16()?);
        }
        fields.end()?;
        Ok(hello)
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        out.extend_from_slice(&self.features.to_be_bytes());
        out.extend_from_slice(&self.block.to_be_bytes());
        out.extend_from_slice(&self.window.to_be_bytes());
        out.extend_from_slice(&self.file_limit.to_be_bytes());
        put_counted(out, self.server_id);
        if let Some(transfers) = self.transfers {
            out.extend_from_slice(&transfers.to_be_bytes());
        }
    }
}
