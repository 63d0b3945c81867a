//! What a client's handles, its commands and its reader have in common.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::failure::CommandError;
use super::sink::{End, Sink};
use super::speech::Speech;
use crate::command::exit::Exit;
use crate::command::mux::{Budget, ClientMux};
use crate::command::wire::{Output, Refusal, Report, Request, Violation};
use crate::connection::Connection;
use crate::net::{Deadline, LOOK_UP};
use crate::sync::{Condvar, Mutex};
use crate::wire::shown;
use crate::{Error, Result, Status};

/// How long a connection may take nothing; then it is lost.
pub(super) const SEND_PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Shared {
    pub(super) connection: Connection,
    /// How long it may take nothing.
    pub(super) patience: Duration,
    pub(super) state: Mutex<State>,
    /// Held while a command is begun, so that their numbers are in order on the wire.
    pub(super) beginning: Mutex<()>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) books: Books,
    pub(super) commands: BTreeMap<u32, Remote>,
    /// Why nothing more comes; `None` as long as something may.
    pub(super) lost: Option<Error>,
}

/// What is counted for all commands of a connection.
#[derive(Default)]
pub(super) struct Books {
    pub(super) mux: ClientMux,
    pub(super) budget: Budget,
}

/// A command at the server, as far as is known here.
pub(super) struct Remote {
    /// Waited at by its own callers alone: one command's news wake nobody else's.
    pub(super) changed: Arc<Condvar>,
    /// How many of them wait: to wake nobody is a system call all the same.
    pub(super) waiting: usize,
    pub(super) stage: Progress,
    pub(super) outputs: [Sink; 2],
    /// It reads no more input.
    pub(super) stdin_closed: bool,
    /// What we say of its input.
    pub(super) stdin: Speech,
    /// Nobody waits for it any more: what comes is thrown away.
    pub(super) abandoned: bool,
}

/// How far a command has come.
#[derive(Debug, Clone)]
pub(super) enum Progress {
    Begun,
    Started(u64),
    Refused(Option<Refusal>, String),
    Over(Exit),
}

/// What the reader has to send.
pub(super) enum Answer {
    Nothing,
    Pong,
    /// Nothing; but somebody waits for this news, and finds it once the state is unlocked.
    Wake(Arc<Condvar>),
}

impl Shared {
    /// Sends a message, whole. The deadline of a single call is not for this: in the midst of a message it would end the
    /// connection, and with it all other commands. The server always reads, so nothing but the network makes this wait.
    pub(super) fn send(&self, request: &Request<'_>) -> Result<()> {
        self.send_encoded(&request.encode())
    }

    /// The error of a connection that is gone is why it is, which its reader knows. One that takes nothing is given up: a
    /// number, credit or input was counted for the message, which others stand behind.
    pub(super) fn send_encoded(&self, message: &[u8]) -> Result<()> {
        self.connection.send(message, self.patience).map_err(|error| match error.status() {
            Status::Closed | Status::ConnectionReset => self.state.lock().lost.clone().unwrap_or(error),
            Status::TimedOut => {
                let text = format!("{} has taken nothing for {:?}", self.connection.peer(), self.patience);
                let reason = self.end(Error::new(Status::ConnectionReset, text));
                self.connection.close();
                reason
            }
            _ => {
                self.connection.close();
                self.end(error)
            }
        })
    }

    /// Sends input that was [begun](Speech::begin), and its end if somebody has ended it meanwhile.
    pub(super) fn send_stdin(&self, channel: u32, bytes: &[u8]) -> Result<()> {
        let sent = self.send(&Request::Stdin(channel, bytes));
        let is_last = self.state.lock().commands.get_mut(&channel).is_some_and(|remote| remote.stdin.sent());
        sent?;
        if is_last { self.send(&Request::StdinEnd(channel)) } else { Ok(()) }
    }

    /// Waits until `look` finds something, for a command.
    pub(super) fn wait<R>(
        &self,
        channel: u32,
        deadline: &Deadline<'_>,
        what: &str,
        mut look: impl FnMut(&mut Books, &mut Remote) -> Option<R>,
    ) -> Result<R> {
        let mut guard = self.state.lock();
        loop {
            let State { books, commands, lost } = &mut *guard;
            let Some(remote) = commands.get_mut(&channel) else {
                return Err(Error::new(Status::BadState, "the command is not there any more"));
            };
            if let Some(found) = look(books, remote) {
                return Ok(found);
            }
            if let Some(error) = lost {
                return Err(error.clone());
            }
            if deadline.has_passed() {
                return Err(Deadline::timed_out(what));
            }
            let changed = Arc::clone(&remote.changed);
            remote.waiting += 1;
            // A condition variable does not notice signals: whoever may be interrupted looks up from time to time.
            let looks_up = deadline.can_be_interrupted();
            let until = if looks_up { deadline.at_most(LOOK_UP) } else { *deadline };
            guard = changed.wait(guard, until.instant());
            if let Some(remote) = guard.commands.get_mut(&channel) {
                remote.waiting -= 1;
            }
            if looks_up {
                // What is called here may use this very command.
                drop(guard);
                deadline.interrupted()?;
                guard = self.state.lock();
            }
        }
    }

    /// Waits until a command runs; the error tells why it does not.
    pub(super) fn await_start(&self, channel: u32, label: &str, deadline: &Deadline<'_>) -> Result<(), CommandError> {
        self.wait(channel, deadline, label, |_, remote| (!matches!(remote.stage, Progress::Begun)).then_some(()))?;
        self.refusal(channel, label).map_or(Ok(()), Err)
    }

    /// Why a command was not run, if it was not.
    pub(super) fn refusal(&self, channel: u32, label: &str) -> Option<CommandError> {
        let state = self.state.lock();
        let Progress::Refused(refusal, text) = &state.commands.get(&channel)?.stage else { return None };
        let error = Error::new(Status::Refused, format!("{label} was refused: {}", shown(text)));
        Some(CommandError::refused(error, *refusal))
    }

    /// No more input of ours comes. Said once, however often it is asked for.
    pub(super) fn end_stdin(&self, channel: u32) -> Result<()> {
        let says = self.state.lock().commands.get_mut(&channel).is_some_and(|remote| remote.stdin.end());
        if says { self.send(&Request::StdinEnd(channel)) } else { Ok(()) }
    }

    /// Whether that was asked for.
    pub(super) fn is_stdin_ended(&self, channel: u32) -> bool {
        self.state.lock().commands.get(&channel).is_some_and(|remote| remote.stdin.is_ended())
    }

    /// Nobody waits for the end any more without reading.
    pub(super) fn stop_gathering(&self, channel: u32) {
        if let Some(remote) = self.state.lock().commands.get_mut(&channel) {
            remote.outputs.iter_mut().for_each(Sink::stop_gathering);
        }
    }

    /// All that has come of both outputs and was not read.
    pub(super) fn take_outputs(&self, channel: u32) -> [Vec<u8>; 2] {
        let mut state = self.state.lock();
        let remote = state.commands.get_mut(&channel);
        remote.map_or_else(Default::default, |remote| remote.outputs.each_mut().map(Sink::take_all))
    }

    /// Nobody asks for a command any more; whether it goes on.
    pub(super) fn abandon(&self, channel: u32) -> bool {
        let mut state = self.state.lock();
        let is_lost = state.lost.is_some();
        match state.commands.get_mut(&channel) {
            Some(remote) if !is_lost && !remote.is_over() => {
                remote.abandoned = true;
                remote.outputs.iter_mut().for_each(|sink| drop(sink.take_all()));
                true
            }
            _ => {
                state.forget(channel);
                false
            }
        }
    }

    /// Nothing more comes of the server; returns why, which whoever says so first knows.
    pub(super) fn end(&self, error: Error) -> Error {
        let mut state = self.state.lock();
        let reason = state.lost.get_or_insert(error).clone();
        state.commands.values().for_each(|remote| remote.changed.notify_all());
        reason
    }

    /// Gives credit that has come due for a command's outputs.
    pub(super) fn grant(&self, channel: u32, due: [u32; 2]) -> Result<()> {
        for (output, more) in Output::BOTH.into_iter().zip(due) {
            if more > 0 {
                self.send(&Request::Credit(channel, output, more))?;
            }
        }
        Ok(())
    }
}

impl State {
    /// Takes what the server says.
    pub(super) fn hear(&mut self, report: &Report<'_>) -> Result<Answer, Violation> {
        self.books.mux.take(report)?;
        let channel = match report {
            Report::Ping => return Ok(Answer::Pong),
            Report::Hello(_) | Report::Pong => return Ok(Answer::Nothing),
            Report::GoAway { why, text, .. } => {
                self.lost.get_or_insert_with(|| why.error(text));
                return Ok(Answer::Nothing);
            }
            Report::Started(channel, _)
            | Report::Output(channel, ..)
            | Report::End(channel, ..)
            | Report::StdinCredit(channel, _)
            | Report::StdinClosed(channel)
            | Report::Exit(channel, _)
            | Report::Refused(channel, ..) => *channel,
        };
        let Some(remote) = self.commands.get_mut(&channel) else { return Ok(Answer::Nothing) };
        let is_news = match report {
            Report::Output(_, output, bytes) if !remote.abandoned => {
                remote.outputs[output.index()].take(bytes, &mut self.books.budget, Instant::now())
            }
            Report::Output(..) => false,
            _ => remote.note(report, &mut self.books.budget),
        };
        let wakes = (is_news && remote.waiting > 0).then(|| Arc::clone(&remote.changed));
        if remote.abandoned && remote.is_over() {
            self.forget(channel);
        }
        Ok(wakes.map_or(Answer::Nothing, Answer::Wake))
    }

    /// Nobody asks for a command any more that is over.
    pub(super) fn forget(&mut self, channel: u32) {
        if let Some(mut remote) = self.commands.remove(&channel) {
            remote.outputs.iter_mut().for_each(|sink| sink.close(&mut self.books.budget));
        }
    }
}

impl Books {
    /// Takes the credit that has come due for a command's outputs.
    pub(super) fn take_due(&mut self, channel: u32, outputs: &mut [Sink; 2]) -> [u32; 2] {
        Output::BOTH.map(|output| {
            let due = outputs[output.index()].take_due();
            let is_granted = due > 0 && self.mux.is_open(channel) && self.mux.grant(channel, output, due).is_ok();
            if is_granted { due } else { 0 }
        })
    }
}

impl Remote {
    fn note(&mut self, report: &Report<'_>, budget: &mut Budget) -> bool {
        match report {
            Report::Started(_, id) => self.stage = Progress::Started(*id),
            Report::Refused(_, code, text) => {
                self.stage = Progress::Refused(Refusal::from_code(*code), (*text).to_owned());
            }
            Report::End(_, output, _, dropped) => {
                let end = if *dropped == 0 { End::Whole } else { End::Cut };
                self.outputs[output.index()].finish(end, budget);
            }
            Report::StdinClosed(_) => self.stdin_closed = true,
            Report::Exit(_, exit) => self.stage = Progress::Over(*exit),
            _ => {}
        }
        true
    }

    /// Whether nothing more comes of it.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, Progress::Over(_) | Progress::Refused(..))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::connection::ConnectOptions;
    use crate::net::Stream;

    /// A client of a server that takes nothing, and the server's end.
    fn stuck(patience: Duration) -> (Shared, UnixStream) {
        let (near, far) = UnixStream::pair().unwrap();
        let stream = Stream::from_fd(near.into()).unwrap();
        let connection = Connection::over(stream, &ConnectOptions::default(), patience).unwrap();
        let (state, beginning) = (Mutex::default(), Mutex::new(()));
        (Shared { connection, patience, state, beginning }, far)
    }

    #[test]
    fn a_connection_that_takes_nothing_is_lost_for_all() {
        let (shared, _far) = stuck(Duration::from_millis(20));
        let bytes = vec![0; 60_000];
        let error = loop {
            if let Err(error) = shared.send(&Request::Stdin(1, &bytes)) {
                break error;
            }
        };
        // Not the deadline of a call, after which its command would go on.
        assert_eq!(error.status(), Status::ConnectionReset);
        assert_eq!(shared.state.lock().lost.as_ref(), Some(&error));
        assert!(shared.connection.is_closed());
        assert_eq!(shared.send(&Request::Ping), Err(error));
    }
}
