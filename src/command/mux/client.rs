//! A client's side of one connection.

use std::collections::BTreeMap;

use super::flow::Flow;
use crate::command::wire::{INITIAL_STDIN, Output, Report, Violation};

/// What was begun on one connection, and what the server has said of it.
#[derive(Debug, Default)]
pub(crate) struct ClientMux {
    greeted: bool,
    last: u32,
    open: BTreeMap<u32, Channel>,
}

#[derive(Debug)]
struct Channel {
    started: bool,
    outputs: [Flow; 2],
    stdin: Flow,
}

impl ClientMux {
    /// Begins a command with so much credit for its outputs; returns its number, `None` when all of them are used up.
    pub(crate) fn begin(&mut self, credit: [u32; 2]) -> Option<u32> {
        self.last = self.last.checked_add(1)?;
        let stdin = Flow::new(INITIAL_STDIN);
        self.open.insert(self.last, Channel { started: false, outputs: credit.map(Flow::new), stdin });
        Some(self.last)
    }

    /// Takes note of what the server says, and tells whether it may.
    pub(crate) fn take(&mut self, report: &Report<'_>) -> Result<(), Violation> {
        let is_hello = matches!(report, Report::Hello(_));
        if is_hello == self.greeted {
            // A server that has no place, or does not understand, says so instead.
            return match (is_hello, report) {
                (true, _) => Err(Violation::GreetedTwice),
                (false, Report::GoAway { .. }) => Ok(()),
                (false, _) => Err(Violation::NotGreeted),
            };
        }
        match report {
            Report::Hello(_) => self.greeted = true,
            Report::Started(channel, _) => {
                if std::mem::replace(&mut self.find(*channel)?.started, true) {
                    return Err(Violation::StartedTwice);
                }
            }
            Report::Refused(channel, ..) => {
                if self.find(*channel)?.started {
                    return Err(Violation::StartedTwice);
                }
                self.open.remove(channel);
            }
            Report::Output(channel, output, bytes) => self.flow(*channel, *output)?.spend(bytes.len())?,
            Report::End(channel, output, total, _) => {
                if self.flow(*channel, *output)?.end()? != *total {
                    return Err(Violation::Total);
                }
            }
            Report::StdinCredit(channel, more) => self.speaker(*channel)?.stdin.grant(*more)?,
            Report::StdinClosed(channel) => drop(self.speaker(*channel)?),
            Report::Exit(channel, exit) => {
                let outputs = &self.speaker(*channel)?.outputs;
                if !outputs.iter().all(Flow::has_ended) {
                    return Err(Violation::EndMissing);
                }
                if [exit.stdout_bytes, exit.stderr_bytes] != [outputs[0].total(), outputs[1].total()] {
                    return Err(Violation::Total);
                }
                self.open.remove(channel);
            }
            Report::Ping | Report::Pong | Report::GoAway { .. } => {}
        }
        Ok(())
    }

    fn find(&mut self, channel: u32) -> Result<&mut Channel, Violation> {
        let is_begun = channel <= self.last;
        let missing = if is_begun { Violation::Over(channel) } else { Violation::NeverBegun(channel) };
        self.open.get_mut(&channel).ok_or(missing)
    }

    fn speaker(&mut self, channel: u32) -> Result<&mut Channel, Violation> {
        let open = self.find(channel)?;
        if open.started { Ok(open) } else { Err(Violation::NotStarted) }
    }

    fn flow(&mut self, channel: u32, output: Output) -> Result<&mut Flow, Violation> {
        Ok(&mut self.speaker(channel)?.outputs[output.index()])
    }

    /// Whether the command is not over.
    pub(crate) fn is_open(&self, channel: u32) -> bool {
        self.open.contains_key(&channel)
    }

    /// Commands that are not over.
    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// Grants credit for an output; nothing to one that is over.
    pub(crate) fn grant(&mut self, channel: u32, output: Output, more: u32) -> Result<(), Violation> {
        self.open.get_mut(&channel).map_or(Ok(()), |open| open.outputs[output.index()].grant(more))
    }

    /// How much input may be sent.
    pub(crate) fn stdin_credit(&self, channel: u32) -> u32 {
        self.open.get(&channel).map_or(0, |open| open.stdin.credit())
    }

    /// So much input is sent.
    pub(crate) fn spend_stdin(&mut self, channel: u32, count: usize) -> Result<(), Violation> {
        self.open.get_mut(&channel).map_or(Ok(()), |open| open.stdin.spend(count))
    }
}
