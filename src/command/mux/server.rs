//! A server's side of one connection.

use std::collections::BTreeMap;

use super::flow::Flow;
use crate::command::wire::{INITIAL_STDIN, Output, Request, Violation};

/// What was begun on one connection, and how far each command has come.
#[derive(Debug, Default)]
pub(crate) struct ServerMux {
    greeted: bool,
    last: u32,
    open: BTreeMap<u32, Channel>,
}

#[derive(Debug)]
struct Channel {
    started: bool,
    outputs: [Flow; 2],
    /// `None` for a command that was begun without.
    stdin: Option<Flow>,
}

impl ServerMux {
    /// Takes note of what the client says. `None` when it is about a command that is over, of which the client cannot know
    /// yet.
    ///
    /// Whoever begins one command too many has to be [refused](ServerMux::refuse).
    pub(crate) fn take<'m>(&mut self, request: Request<'m>) -> Result<Option<Request<'m>>, Violation> {
        let is_hello = matches!(request, Request::Hello { .. });
        if is_hello == self.greeted {
            return Err(if is_hello { Violation::GreetedTwice } else { Violation::NotGreeted });
        }
        let is_heard = match &request {
            Request::Hello { .. } => {
                self.greeted = true;
                true
            }
            Request::Run(channel, run) => {
                let expected = self.last.saturating_add(1);
                if *channel != expected {
                    return Err(Violation::OutOfOrder { channel: *channel, expected });
                }
                self.last = *channel;
                let stdin = run.flags.stdin.then(|| Flow::new(INITIAL_STDIN));
                self.open.insert(*channel, Channel { started: false, outputs: run.credit.map(Flow::new), stdin });
                true
            }
            Request::Stdin(channel, bytes) => self.stdin(*channel, |stdin| stdin.spend(bytes.len()))?,
            Request::StdinEnd(channel) => self.stdin(*channel, |stdin| stdin.end().map(drop))?,
            Request::Credit(channel, output, more) => match self.find(*channel)? {
                Some(open) => open.outputs[output.index()].grant(*more).map(|()| true)?,
                None => false,
            },
            Request::Signal(channel, _) | Request::Stop(channel, _) => self.find(*channel)?.is_some(),
            Request::Ping | Request::Pong | Request::GoAway { .. } => true,
        };
        Ok(is_heard.then_some(request))
    }

    fn stdin(
        &mut self,
        channel: u32,
        change: impl FnOnce(&mut Flow) -> Result<(), Violation>,
    ) -> Result<bool, Violation> {
        let Some(open) = self.find(channel)? else { return Ok(false) };
        let stdin = open.stdin.as_mut().ok_or(Violation::NoStdin)?;
        if stdin.has_ended() {
            return Err(Violation::StdinEnded);
        }
        change(stdin).map(|()| true)
    }

    /// The command of that number, if it is not over.
    fn find(&mut self, channel: u32) -> Result<Option<&mut Channel>, Violation> {
        if channel > self.last {
            return Err(Violation::NeverBegun(channel));
        }
        Ok(self.open.get_mut(&channel))
    }

    /// The same for what is to be said of it.
    fn speaker(&mut self, channel: u32) -> Result<&mut Channel, Violation> {
        let open = self.find(channel)?.ok_or(Violation::Over(channel))?;
        if open.started { Ok(open) } else { Err(Violation::NotStarted) }
    }

    /// Commands that are not over, the one that was begun last included.
    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// The last command that was begun.
    pub(crate) fn last(&self) -> u32 {
        self.last
    }

    /// The command runs.
    pub(crate) fn started(&mut self, channel: u32) -> Result<(), Violation> {
        let open = self.find(channel)?.ok_or(Violation::Over(channel))?;
        if std::mem::replace(&mut open.started, true) { Err(Violation::StartedTwice) } else { Ok(()) }
    }

    /// The command was not run.
    pub(crate) fn refused(&mut self, channel: u32) -> Result<(), Violation> {
        if self.find(channel)?.ok_or(Violation::Over(channel))?.started {
            return Err(Violation::StartedTwice);
        }
        self.open.remove(&channel);
        Ok(())
    }

    /// What may be sent of that output.
    pub(crate) fn credit(&self, channel: u32, output: Output) -> u32 {
        self.open.get(&channel).map_or(0, |open| open.outputs[output.index()].credit())
    }

    /// So much of it is sent.
    pub(crate) fn spend(&mut self, channel: u32, output: Output, count: usize) -> Result<(), Violation> {
        self.speaker(channel)?.outputs[output.index()].spend(count)
    }

    /// Its end is sent; returns the total.
    pub(crate) fn end(&mut self, channel: u32, output: Output) -> Result<u64, Violation> {
        self.speaker(channel)?.outputs[output.index()].end()
    }

    /// The client may send so much more input.
    pub(crate) fn grant_stdin(&mut self, channel: u32, more: u32) -> Result<(), Violation> {
        self.speaker(channel)?.stdin.as_mut().ok_or(Violation::NoStdin)?.grant(more)
    }

    /// The command is over.
    pub(crate) fn exit(&mut self, channel: u32) -> Result<(), Violation> {
        if !self.speaker(channel)?.outputs.iter().all(Flow::has_ended) {
            return Err(Violation::EndMissing);
        }
        self.open.remove(&channel);
        Ok(())
    }
}
