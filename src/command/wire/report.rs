//! What a server says.

use std::time::Duration;

use bytes::Bytes;

use super::{Farewell, HEAD, Output, VERSION, Violation, kind, of_command, of_connection, split};
use crate::command::exit::{Exit, ExitKind};
use crate::wire::{FRAME, Fields, framed, put_counted, put_head};

/// What stands before the bytes of an output.
pub(crate) const OUTPUT_HEAD: usize = FRAME + HEAD;

/// One message of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Report<'m> {
    Hello(ServerHello<'m>),
    /// It runs; by that number the server's log knows it.
    Started(u32, u64),
    Output(u32, Output, &'m [u8]),
    /// No more of that output comes: so many bytes did, and so many did not because of a limit; or that is
    /// [`UNCOUNTED`](super::UNCOUNTED).
    End(u32, Output, u64, u64),
    /// So much more input may come.
    StdinCredit(u32, u32),
    /// The command reads no more of its input, which is no error.
    StdinClosed(u32),
    Exit(u32, Exit),
    /// Instead of all of that: it was not run.
    Refused(u32, u16, &'m str),
    Ping,
    Pong,
    GoAway {
        why: Farewell,
        last: u32,
        text: &'m str,
    },
}

/// What a client has to know of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServerHello<'m> {
    pub(crate) features: u32,
    /// Commands of one connection at a time.
    pub(crate) channels: u16,
    /// Bytes of a name, its arguments and its variables together.
    pub(crate) argument_bytes: u32,
    /// Milliseconds that a command has that asks for nothing else; 0 is for ever.
    pub(crate) timeout: u32,
    pub(crate) server_id: &'m [u8],
}

impl<'m> Report<'m> {
    pub(crate) fn decode(message: &'m [u8]) -> Result<Report<'m>, Violation> {
        let (kind, channel, body) = split(message)?;
        let fields = |name| Fields::new(body, name);
        Ok(match kind {
            kind::SERVER_HELLO | kind::PING | kind::PONG | kind::GOAWAY => {
                return Report::decode_of_connection(kind, channel, body);
            }
            kind::STARTED => {
                let mut fields = fields("STARTED");
                let id = fields.u64()?;
                fields.end()?;
                Report::Started(of_command(channel, "STARTED")?, id)
            }
            kind::OUT => Report::Output(of_command(channel, "OUT")?, Output::Stdout, body),
            kind::ERR => Report::Output(of_command(channel, "ERR")?, Output::Stderr, body),
            kind::END => {
                let mut fields = fields("END");
                let (output, total, dropped) = (Output::from_wire(fields.u8()?)?, fields.u64()?, fields.u64()?);
                fields.end()?;
                Report::End(of_command(channel, "END")?, output, total, dropped)
            }
            kind::STDIN_CREDIT => {
                let mut fields = fields("CREDIT");
                let more = fields.u32()?;
                fields.end()?;
                Report::StdinCredit(of_command(channel, "CREDIT")?, more)
            }
            kind::STDIN_CLOSED => {
                fields("STDIN_CLOSED").end()?;
                Report::StdinClosed(of_command(channel, "STDIN_CLOSED")?)
            }
            kind::EXIT => Report::Exit(of_command(channel, "EXIT")?, exit(fields("EXIT"))?),
            kind::REFUSED => {
                let mut fields = fields("REFUSED");
                let code = fields.u16()?;
                Report::Refused(of_command(channel, "REFUSED")?, code, fields.text()?)
            }
            other => return Err(Violation::UnknownType(other)),
        })
    }

    /// The same of what is about no command.
    fn decode_of_connection(kind: u8, channel: u32, body: &'m [u8]) -> Result<Report<'m>, Violation> {
        let fields = |name| of_connection(channel, name).map(|()| Fields::new(body, name));
        match kind {
            kind::SERVER_HELLO => ServerHello::decode(fields("HELLO")?).map(Report::Hello),
            kind::PING => Ok(fields("PING")?.end().map(|()| Report::Ping)?),
            kind::PONG => Ok(fields("PONG")?.end().map(|()| Report::Pong)?),
            kind::GOAWAY => {
                let mut fields = fields("GOAWAY")?;
                let (why, last) = (Farewell::from_wire(fields.u8()?), fields.u32()?);
                Ok(Report::GoAway { why, last, text: fields.text()? })
            }
            other => Err(Violation::UnknownType(other)),
        }
    }

    /// Adds the message to `out`, without a frame.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        match self {
            Report::Hello(hello) => {
                put_head(out, kind::SERVER_HELLO, 0);
                hello.encode_into(out);
            }
            Report::Started(channel, id) => {
                put_head(out, kind::STARTED, *channel);
                out.extend_from_slice(&id.to_be_bytes());
            }
            Report::Output(channel, output, bytes) => {
                put_head(out, output_kind(*output), *channel);
                out.extend_from_slice(bytes);
            }
            Report::End(channel, output, total, dropped) => {
                put_head(out, kind::END, *channel);
                out.push(*output as u8);
                out.extend_from_slice(&total.to_be_bytes());
                out.extend_from_slice(&dropped.to_be_bytes());
            }
            Report::StdinCredit(channel, more) => {
                put_head(out, kind::STDIN_CREDIT, *channel);
                out.extend_from_slice(&more.to_be_bytes());
            }
            Report::StdinClosed(channel) => put_head(out, kind::STDIN_CLOSED, *channel),
            Report::Exit(channel, exit) => {
                put_head(out, kind::EXIT, *channel);
                put_exit(out, exit);
            }
            Report::Refused(channel, code, text) => {
                put_head(out, kind::REFUSED, *channel);
                out.extend_from_slice(&code.to_be_bytes());
                out.extend_from_slice(text.as_bytes());
            }
            Report::Ping => put_head(out, kind::PING, 0),
            Report::Pong => put_head(out, kind::PONG, 0),
            Report::GoAway { why, last, text } => {
                put_head(out, kind::GOAWAY, 0);
                out.push(*why as u8);
                out.extend_from_slice(&last.to_be_bytes());
                out.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// The message in its frame.
    pub(crate) fn framed(&self) -> Bytes {
        framed(|out| self.encode_into(out))
    }

    /// The frame of output that is being read: what stands before it.
    pub(crate) fn output_head(channel: u32, output: Output, length: usize) -> [u8; OUTPUT_HEAD] {
        let mut head = [0; OUTPUT_HEAD];
        head[..FRAME].copy_from_slice(&((HEAD + length) as u32).to_be_bytes());
        head[FRAME] = output_kind(output);
        head[FRAME + 1..].copy_from_slice(&channel.to_be_bytes());
        head
    }
}

fn output_kind(output: Output) -> u8 {
    match output {
        Output::Stdout => kind::OUT,
        Output::Stderr => kind::ERR,
    }
}

impl<'m> ServerHello<'m> {
    fn decode(mut fields: Fields<'m>) -> Result<ServerHello<'m>, Violation> {
        match fields.u8()? {
            VERSION => {}
            other => return Err(Violation::Version(other)),
        }
        let hello = ServerHello {
            features: fields.u32()?,
            channels: fields.u16()?,
            argument_bytes: fields.u32()?,
            timeout: fields.u32()?,
            server_id: fields.counted()?,
        };
        fields.end()?;
        Ok(hello)
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        out.extend_from_slice(&self.features.to_be_bytes());
        out.extend_from_slice(&self.channels.to_be_bytes());
        out.extend_from_slice(&self.argument_bytes.to_be_bytes());
        out.extend_from_slice(&self.timeout.to_be_bytes());
        put_counted(out, self.server_id);
    }
}

fn exit(mut fields: Fields<'_>) -> Result<Exit, Violation> {
    let kind = fields.u8()?;
    let kind = ExitKind::from_code(kind).ok_or(Violation::UnknownKind(kind))?;
    let (raw_code, signal, core, survivors_killed) = (fields.u8()?, fields.u8()?, fields.flag()?, fields.flag()?);
    let (stdout_bytes, stderr_bytes) = (fields.u64()?, fields.u64()?);
    let mut time = || fields.u64().map(Duration::from_micros);
    let (wall, user, system) = (time()?, time()?, time()?);
    let max_rss = fields.u32()?;
    fields.end()?;
    Ok(Exit { kind, raw_code, signal, core, survivors_killed, stdout_bytes, stderr_bytes, wall, user, system, max_rss })
}

fn put_exit(out: &mut Vec<u8>, exit: &Exit) {
    out.extend_from_slice(&[
        exit.kind as u8,
        exit.raw_code,
        exit.signal,
        exit.core.into(),
        exit.survivors_killed.into(),
    ]);
    out.extend_from_slice(&exit.stdout_bytes.to_be_bytes());
    out.extend_from_slice(&exit.stderr_bytes.to_be_bytes());
    for time in [exit.wall, exit.user, exit.system] {
        out.extend_from_slice(&u64::try_from(time.as_micros()).unwrap_or(u64::MAX).to_be_bytes());
    }
    out.extend_from_slice(&exit.max_rss.to_be_bytes());
}
