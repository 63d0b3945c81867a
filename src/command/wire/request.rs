//! What a client says.

use super::{Farewell, Output, Signal, VERSION, Violation, kind, of_command, of_connection, split};
use crate::wire::{Fields, put_counted, put_head};

const MAGIC: &[u8; 4] = b"rcmd";

/// One message of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request<'m> {
    Hello {
        features: u32,
    },
    Run(u32, Run<'m>),
    Stdin(u32, &'m [u8]),
    StdinEnd(u32),
    /// So many more bytes of that output may come.
    Credit(u32, Output, u32),
    Signal(u32, Signal),
    /// Nobody reads that output any more.
    Stop(u32, Output),
    Ping,
    Pong,
    GoAway {
        why: Farewell,
        text: &'m str,
    },
}

/// How a command is to be run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Run<'m> {
    pub(crate) flags: Flags,
    /// Milliseconds; 0 is as long as the server gives by default.
    pub(crate) timeout: u32,
    /// What may be sent of each output before more credit comes.
    pub(crate) credit: [u32; 2],
    /// Bytes of both outputs together; 0 is as many as the server allows.
    pub(crate) limit: u64,
    pub(crate) name: &'m [u8],
    pub(crate) args: Vec<&'m [u8]>,
    pub(crate) env: Vec<(&'m [u8], &'m [u8])>,
}

/// What [`Run`] has in one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flags {
    /// Input follows; otherwise the command's input is empty.
    pub(crate) stdin: bool,
    /// Its standard error goes where its output goes.
    pub(crate) merge: bool,
    /// The name is a shell's program text, if the server has a shell.
    pub(crate) shell: bool,
}

impl Flags {
    fn from_wire(byte: u8) -> Result<Flags, Violation> {
        if byte > 7 {
            return Err(Violation::UnknownFlags(byte));
        }
        Ok(Flags { stdin: byte & 1 != 0, merge: byte & 2 != 0, shell: byte & 4 != 0 })
    }

    fn to_wire(self) -> u8 {
        u8::from(self.stdin) | u8::from(self.merge) << 1 | u8::from(self.shell) << 2
    }
}

impl<'m> Request<'m> {
    pub(crate) fn decode(message: &'m [u8]) -> Result<Request<'m>, Violation> {
        let (kind, channel, body) = split(message)?;
        let fields = |name| Fields::new(body, name);
        let nothing = |name| fields(name).end();
        Ok(match kind {
            kind::CLIENT_HELLO => hello(channel, fields("HELLO"))?,
            kind::RUN => Request::Run(of_command(channel, "RUN")?, Run::decode(fields("RUN"))?),
            kind::STDIN => Request::Stdin(of_command(channel, "STDIN")?, body),
            kind::STDIN_END => {
                nothing("STDIN_END")?;
                Request::StdinEnd(of_command(channel, "STDIN_END")?)
            }
            kind::CREDIT => {
                let mut fields = fields("CREDIT");
                let (output, more) = (Output::from_wire(fields.u8()?)?, fields.u32()?);
                fields.end()?;
                Request::Credit(of_command(channel, "CREDIT")?, output, more)
            }
            kind::SIGNAL => {
                let mut fields = fields("SIGNAL");
                let signal = Signal::from_wire(fields.u8()?)?;
                fields.end()?;
                Request::Signal(of_command(channel, "SIGNAL")?, signal)
            }
            kind::STOP => {
                let mut fields = fields("STOP");
                let output = Output::from_wire(fields.u8()?)?;
                fields.end()?;
                Request::Stop(of_command(channel, "STOP")?, output)
            }
            kind::PING => {
                of_connection(channel, "PING")?;
                nothing("PING").map(|()| Request::Ping)?
            }
            kind::PONG => {
                of_connection(channel, "PONG")?;
                nothing("PONG").map(|()| Request::Pong)?
            }
            kind::GOAWAY => {
                of_connection(channel, "GOAWAY")?;
                let mut fields = fields("GOAWAY");
                let why = Farewell::from_wire(fields.u8()?);
                Request::GoAway { why, text: fields.text()? }
            }
            other => return Err(Violation::UnknownType(other)),
        })
    }

    /// Adds the message to `out`, without a frame.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        match self {
            Request::Hello { features } => {
                put_head(out, kind::CLIENT_HELLO, 0);
                out.extend_from_slice(MAGIC);
                out.push(VERSION);
                out.extend_from_slice(&features.to_be_bytes());
            }
            Request::Run(channel, run) => {
                put_head(out, kind::RUN, *channel);
                run.encode_into(out);
            }
            Request::Stdin(channel, bytes) => {
                put_head(out, kind::STDIN, *channel);
                out.extend_from_slice(bytes);
            }
            Request::StdinEnd(channel) => put_head(out, kind::STDIN_END, *channel),
            Request::Credit(channel, output, more) => {
                put_head(out, kind::CREDIT, *channel);
                out.push(*output as u8);
                out.extend_from_slice(&more.to_be_bytes());
            }
            Request::Signal(channel, signal) => {
                put_head(out, kind::SIGNAL, *channel);
                out.push(signal.number());
            }
            Request::Stop(channel, output) => {
                put_head(out, kind::STOP, *channel);
                out.push(*output as u8);
            }
            Request::Ping => put_head(out, kind::PING, 0),
            Request::Pong => put_head(out, kind::PONG, 0),
            Request::GoAway { why, text } => {
                put_head(out, kind::GOAWAY, 0);
                out.push(*why as u8);
                out.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// The message alone.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_into(&mut out);
        out
    }
}

fn hello<'m>(channel: u32, mut fields: Fields<'m>) -> Result<Request<'m>, Violation> {
    of_connection(channel, "HELLO")?;
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

impl<'m> Run<'m> {
    fn decode(mut fields: Fields<'m>) -> Result<Run<'m>, Violation> {
        let mut run = Run {
            flags: Flags::from_wire(fields.u8()?)?,
            timeout: fields.u32()?,
            credit: [fields.u32()?, fields.u32()?],
            limit: fields.u64()?,
            name: fields.counted()?,
            ..Run::default()
        };
        if run.credit.iter().any(|credit| *credit > super::MOST_CREDIT) {
            return Err(Violation::CreditOverflow);
        }
        // Each one takes two bytes at least, so that a number that nothing stands behind ends at once.
        for _ in 0..fields.u16()? {
            run.args.push(fields.counted()?);
        }
        for _ in 0..fields.u8()? {
            run.env.push((fields.counted()?, fields.counted()?));
        }
        fields.end()?;
        Ok(run)
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        out.push(self.flags.to_wire());
        out.extend_from_slice(&self.timeout.to_be_bytes());
        self.credit.iter().for_each(|credit| out.extend_from_slice(&credit.to_be_bytes()));
        out.extend_from_slice(&self.limit.to_be_bytes());
        put_counted(out, self.name);
        out.extend_from_slice(&(self.args.len() as u16).to_be_bytes());
        self.args.iter().for_each(|arg| put_counted(out, arg));
        out.push(self.env.len() as u8);
        for (key, value) in &self.env {
            put_counted(out, key);
            put_counted(out, value);
        }
    }
}
