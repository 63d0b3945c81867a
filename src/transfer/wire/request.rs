//! What a client says.

use super::path::{path, put_path};
use super::{
    Block, Farewell, FileTime, Flags, Hash, VERSION, Violation, index, kind, of_connection, of_request, split,
};
use crate::wire::{Fields, put_head};

const MAGIC: &[u8; 4] = b"rfil";

/// A path on the wire: names from the root down.
pub(crate) type Path<'m> = Vec<&'m [u8]>;

/// One message of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request<'m> {
    Hello {
        features: u32,
    },
    Stat(u32, Path<'m>),
    List(u32, Path<'m>),
    MakeFolder(u32, Flags, Path<'m>),
    Remove(u32, Flags, Path<'m>),
    RemoveFolder(u32, Flags, Path<'m>),
    Rename(u32, Flags, Path<'m>, Path<'m>),
    Put(u32, Put<'m>),
    Get(u32, Get<'m>),
    /// With that block it goes on; whether blocks are to be bare, without hashes.
    Begin(u32, u32, bool),
    Data(u32, Block<'m>),
    /// That block was not right, and is wanted again, with all behind it.
    Again(u32, u32),
    /// All has been sent, or has come: so many bytes, which hash to that.
    Finish(u32, u64, Hash),
    Cancel(u32),
    Ping,
    Pong,
    GoAway {
        why: Farewell,
        text: &'m str,
    },
}

/// A file that a client wants to store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Put<'m> {
    pub(crate) flags: Flags,
    pub(crate) size: u64,
    pub(crate) modified: FileTime,
    pub(crate) mode: u16,
    pub(crate) path: Path<'m>,
}

/// A file that a client wants to have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Get<'m> {
    /// Its first blocks, of which the client has some already: their hashes are wanted.
    pub(crate) compare: u32,
    /// Of another version it is not wanted; 0 is any.
    pub(crate) version: u64,
    pub(crate) path: Path<'m>,
}

impl<'m> Request<'m> {
    pub(crate) fn decode(message: &'m [u8]) -> Result<Request<'m>, Violation> {
        let (kind, id, body) = split(message)?;
        let fields = |name| Fields::new(body, name);
        Ok(match kind {
            kind::CLIENT_HELLO => hello(id, fields("HELLO"))?,
            kind::STAT => Request::Stat(of_request(id, "STAT")?, only_path(fields("STAT"))?),
            kind::LIST => Request::List(of_request(id, "LIST")?, only_path(fields("LIST"))?),
            kind::MKDIR => {
                let (flags, path) = flagged(fields("MKDIR"), Flags::PARENTS | Flags::LENIENT, "MKDIR")?;
                Request::MakeFolder(of_request(id, "MKDIR")?, flags, path)
            }
            kind::REMOVE => {
                let (flags, path) = flagged(fields("REMOVE"), Flags::LENIENT, "REMOVE")?;
                Request::Remove(of_request(id, "REMOVE")?, flags, path)
            }
            kind::RMDIR => {
                let (flags, path) = flagged(fields("RMDIR"), Flags::LENIENT, "RMDIR")?;
                Request::RemoveFolder(of_request(id, "RMDIR")?, flags, path)
            }
            kind::RENAME => rename(of_request(id, "RENAME")?, fields("RENAME"))?,
            kind::PUT => Request::Put(of_request(id, "PUT")?, Put::decode(fields("PUT"))?),
            kind::GET => Request::Get(of_request(id, "GET")?, Get::decode(fields("GET"))?),
            kind::BEGIN | kind::BEGIN_BARE => {
                Request::Begin(of_request(id, "BEGIN")?, index(fields("BEGIN"))?, kind == kind::BEGIN_BARE)
            }
            kind::DATA | kind::BARE => {
                Block::decode(id, body, kind == kind::BARE).map(|(id, block)| Request::Data(id, block))?
            }
            kind::AGAIN => Request::Again(of_request(id, "AGAIN")?, index(fields("AGAIN"))?),
            kind::FINISH => {
                let mut fields = fields("FINISH");
                let (size, hash) = (fields.u64()?, fields.array()?);
                fields.end()?;
                Request::Finish(of_request(id, "FINISH")?, size, hash)
            }
            kind::CANCEL => {
                fields("CANCEL").end()?;
                Request::Cancel(of_request(id, "CANCEL")?)
            }
            kind::PING => {
                of_connection(id, "PING")?;
                fields("PING").end().map(|()| Request::Ping)?
            }
            kind::PONG => {
                of_connection(id, "PONG")?;
                fields("PONG").end().map(|()| Request::Pong)?
            }
            kind::GOAWAY => {
                of_connection(id, "GOAWAY")?;
                let mut fields = fields("GOAWAY");
                let why = Farewell::from_wire(fields.u8()?);
                Request::GoAway { why, text: fields.text()? }
            }
            other => return Err(Violation::UnknownType(other)),
        })
    }

    /// Adds the message to `out`, without a frame.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        let mut flagged = |kind, id: &u32, flags: &Flags, path: &Path<'_>| {
            put_head(out, kind, *id);
            out.push(flags.to_wire());
            put_path(out, path);
        };
        match self {
            Request::MakeFolder(id, flags, path) => return flagged(kind::MKDIR, id, flags, path),
            Request::Remove(id, flags, path) => return flagged(kind::REMOVE, id, flags, path),
            Request::RemoveFolder(id, flags, path) => return flagged(kind::RMDIR, id, flags, path),
            Request::Rename(id, flags, from, to) => {
                flagged(kind::RENAME, id, flags, from);
                return put_path(out, to);
            }
            _ => {}
        }
        let head = |out: &mut Vec<u8>, kind, id: &u32| put_head(out, kind, *id);
        match self {
            Request::Hello { features } => {
                put_head(out, kind::CLIENT_HELLO, 0);
                out.extend_from_slice(MAGIC);
                out.push(VERSION);
                out.extend_from_slice(&features.to_be_bytes());
            }
            Request::Stat(id, path) => {
                head(out, kind::STAT, id);
                put_path(out, path);
            }
            Request::List(id, path) => {
                head(out, kind::LIST, id);
                put_path(out, path);
            }
            Request::Put(id, put) => {
                head(out, kind::PUT, id);
                put.encode_into(out);
            }
            Request::Get(id, get) => {
                head(out, kind::GET, id);
                get.encode_into(out);
            }
            Request::Begin(id, block, is_bare) => {
                head(out, if *is_bare { kind::BEGIN_BARE } else { kind::BEGIN }, id);
                out.extend_from_slice(&block.to_be_bytes());
            }
            Request::Again(id, block) => {
                head(out, kind::AGAIN, id);
                out.extend_from_slice(&block.to_be_bytes());
            }
            Request::Data(id, block) => block.encode_into(*id, out),
            Request::Finish(id, size, hash) => {
                head(out, kind::FINISH, id);
                out.extend_from_slice(&size.to_be_bytes());
                out.extend_from_slice(hash);
            }
            Request::Cancel(id) => head(out, kind::CANCEL, id),
            Request::Ping => put_head(out, kind::PING, 0),
            Request::Pong => put_head(out, kind::PONG, 0),
            Request::GoAway { why, text } => {
                put_head(out, kind::GOAWAY, 0);
                out.push(*why as u8);
                out.extend_from_slice(text.as_bytes());
            }
            _ => {}
        }
    }

    /// The message alone.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_into(&mut out);
        out
    }
}

fn hello<'m>(id: u32, mut fields: Fields<'m>) -> Result<Request<'m>, Violation> {
    of_connection(id, "HELLO")?;
    if fields.bytes(MAGIC.len())? != MAGIC {
        return Err(Violation::Magic);
    }
    match fields.u8()? {
        VERSION => {}
        other => return Err(Violation::Version(other)),
    }
    let features = fields.u32()?;
    fields.end()?;
    Ok(Request::Hello { features })
}

fn only_path(mut fields: Fields<'_>) -> Result<Path<'_>, Violation> {
    let path = path(&mut fields)?;
    fields.end()?;
    Ok(path)
}

fn flagged<'m>(mut fields: Fields<'m>, known: u8, name: &'static str) -> Result<(Flags, Path<'m>), Violation> {
    let flags = Flags::from_wire(fields.u8()?, known, name)?;
    Ok((flags, only_path(fields)?))
}

fn rename<'m>(id: u32, mut fields: Fields<'m>) -> Result<Request<'m>, Violation> {
    let flags = Flags::from_wire(fields.u8()?, Flags::OVERWRITE, "RENAME")?;
    let from = path(&mut fields)?;
    Ok(Request::Rename(id, flags, from, only_path(fields)?))
}

impl<'m> Put<'m> {
    fn decode(mut fields: Fields<'m>) -> Result<Put<'m>, Violation> {
        let known = Flags::PARENTS | Flags::OVERWRITE | Flags::RESUME;
        let flags = Flags::from_wire(fields.u8()?, known, "PUT")?;
        let (size, modified) = (fields.u64()?, FileTime::decode(&mut fields)?);
        let mode = fields.u16()?;
        Ok(Put { flags, size, modified, mode, path: only_path(fields)? })
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        out.push(self.flags.to_wire());
        out.extend_from_slice(&self.size.to_be_bytes());
        self.modified.encode_into(out);
        out.extend_from_slice(&self.mode.to_be_bytes());
        put_path(out, &self.path);
    }
}

impl<'m> Get<'m> {
    fn decode(mut fields: Fields<'m>) -> Result<Get<'m>, Violation> {
        let (compare, version) = (fields.u32()?, fields.u64()?);
        Ok(Get { compare, version, path: only_path(fields)? })
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.compare.to_be_bytes());
        out.extend_from_slice(&self.version.to_be_bytes());
        put_path(out, &self.path);
    }
}
