//! A command that runs, as its client sees it.

use std::io::{self, Read, Write};
use std::sync::Arc;

use super::failure::{CommandError, Completed};
use super::owner::Owner;
use super::shared::{Books, Progress, Remote, Shared};
use super::sink::End;
use crate::command::exit::Exit;
use crate::command::wire::{CHUNK, Output, Request, Signal};
use crate::net::Deadline;
use crate::{Error, Result, Status};

/// What is kept of each output while somebody waits for the end without reading.
const MOST_UNREAD: usize = 64 * 1024 * 1024;

/// A command that runs. All methods take `&self`: any thread may read, write, signal and wait at any time. Those without a
/// deadline wait for nothing but a network that takes nothing, for which the connection is lost after 10 s.
///
/// What it writes comes while it is read, and nothing comes that nobody has asked for but a window of at most 1 MiB: whoever
/// stops reading stops this command, and no other. Dropped before its end, it is killed.
pub struct Job {
    pub(super) owner: Arc<Owner>,
    pub(super) channel: u32,
    pub(super) label: String,
    pub(super) has_stdin: bool,
}

impl Job {
    fn shared(&self) -> &Shared {
        &self.owner.shared
    }

    /// The number that the server's log has for it.
    pub fn id(&self) -> Option<u64> {
        match self.shared().state.lock().commands.get(&self.channel)?.stage {
            Progress::Started(id) => Some(id),
            _ => None,
        }
    }

    /// Its standard output, to be read as it comes.
    pub fn stdout(&self) -> JobOutput<'_> {
        JobOutput { job: self, output: Output::Stdout }
    }

    /// Its standard error. Up to 1 MiB of it that nobody reads stops nothing.
    pub fn stderr(&self) -> JobOutput<'_> {
        JobOutput { job: self, output: Output::Stderr }
    }

    /// Its standard input, for a command [with stdin](super::Command::with_stdin).
    pub fn stdin(&self) -> JobInput<'_> {
        JobInput { job: self }
    }

    /// Reads what has come of an output, or waits until something does; 0 at its end. What comes before the connection is
    /// lost is read before the error of that, and what came of an output that went over its limit before `Overflow`.
    ///
    /// An output may end before its command, so that its end tells nothing of that: [`Job::wait`] does.
    pub fn read<'a>(&self, output: Output, buffer: &mut [u8], deadline: impl Into<Deadline<'a>>) -> Result<usize> {
        let deadline = deadline.into();
        let (count, due) = self.shared().wait(self.channel, &deadline, "reading", |books, remote| {
            let sink = &mut remote.outputs[output.index()];
            let count = match sink.read(buffer, &mut books.budget) {
                0 if !buffer.is_empty() => match sink.end_of_reading()? {
                    End::Whole => Some(0),
                    End::Cut => None,
                },
                count => Some(count),
            };
            Some((count, books.take_due(self.channel, &mut remote.outputs)))
        })?;
        // Of who cannot be told any more nothing comes, which the next read says.
        let _ = self.shared().grant(self.channel, due);
        count.ok_or_else(|| Error::new(Status::Overflow, format!("{} has written more than it may", self.label)))
    }

    /// Writes at least one byte of input, as soon as the command takes it; returns how many. `Closed` when it reads no more,
    /// which is no failure of its own; `BadState` without stdin, or behind its end.
    pub fn write<'a>(&self, bytes: &[u8], deadline: impl Into<Deadline<'a>>) -> Result<usize> {
        self.check_stdin()?;
        let deadline = deadline.into();
        let count = self.shared().wait(self.channel, &deadline, "writing", |books, remote| {
            if remote.stdin_closed || remote.is_over() {
                let text = format!("{} reads no more input", self.label);
                return Some(Err(Error::new(Status::Closed, text)));
            }
            if remote.stdin.is_ended() {
                return Some(Err(self.stdin_ended()));
            }
            let credit = books.mux.stdin_credit(self.channel) as usize;
            let count = bytes.len().min(credit).min(CHUNK);
            let may = (count > 0 || bytes.is_empty()) && books.mux.spend_stdin(self.channel, count).is_ok();
            may.then(|| {
                remote.stdin.begin();
                Ok(count)
            })
        })??;
        self.shared().send_stdin(self.channel, &bytes[..count])?;
        Ok(count)
    }

    fn check_stdin(&self) -> Result<()> {
        if self.has_stdin {
            return Ok(());
        }
        Err(Error::new(Status::BadState, format!("{} was begun without stdin", self.label)))
    }

    fn stdin_ended(&self) -> Error {
        Error::new(Status::BadState, format!("the input of {} was ended", self.label))
    }

    /// Ends its input: it finds the end behind what was written.
    pub fn close_stdin(&self) -> Result<()> {
        if !self.has_stdin || self.is_over() {
            return Ok(());
        }
        self.shared().end_stdin(self.channel)
    }

    /// Says that nobody reads an output any more: a command that writes on gets SIGPIPE, as in front of `head`.
    pub fn close_output(&self, output: Output) -> Result<()> {
        if self.is_over() {
            return Ok(());
        }
        self.shared().send(&Request::Stop(self.channel, output))
    }

    /// Sends a signal to all of its processes. Nothing when it is over.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        if self.is_over() {
            return Ok(());
        }
        self.shared().send(&Request::Signal(self.channel, signal))
    }

    /// Whether its end, or the connection's, is known.
    pub fn is_over(&self) -> bool {
        let state = self.shared().state.lock();
        state.lost.is_some() || state.commands.get(&self.channel).is_none_or(|remote| remote.is_over())
    }

    /// How it has ended, if it has.
    pub fn exit(&self) -> Option<Exit> {
        match self.shared().state.lock().commands.get(&self.channel)?.stage {
            Progress::Over(exit) => Some(exit),
            _ => None,
        }
    }

    /// The error of an end that is known and not the command's own: it was ended for its time or its output or because the
    /// server stops, or its status is lost. `None` for all others, and as long as it runs. It has no output, which is read
    /// elsewhere.
    pub fn failure(&self) -> Option<CommandError> {
        Completed { exit: self.exit()?, stdout: Vec::new(), stderr: Vec::new() }.judged(&self.label).err()
    }

    /// Waits for its end, whatever that is: see [`Exit::success`] and [`Job::failure`]. What it writes meanwhile and nobody
    /// reads is kept, up to 64 MiB of each output, so that its end can be asked for before its output; more is `Overflow`.
    ///
    /// `TimedOut` leaves it running, and what it writes then waits for its reader. A lost connection is an error, never an end.
    pub fn wait<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<Exit> {
        self.await_end(None, MOST_UNREAD, &deadline.into())
    }

    /// Writes `input`, reads all of both outputs, and waits for the end: all at once, so that none waits for another. An end
    /// that is not the command's own is an error, as in [`CommandClient::run`](super::CommandClient::run).
    ///
    /// `BadState` for input where there is no stdin, or where it was ended; then nothing was done.
    pub fn communicate<'a>(&self, input: &[u8], deadline: impl Into<Deadline<'a>>) -> Result<Completed, CommandError> {
        if !input.is_empty() {
            self.check_stdin()?;
            if self.shared().is_stdin_ended(self.channel) {
                return Err(self.stdin_ended().into());
            }
        }
        let deadline = deadline.into();
        match self.await_end(Some(input), usize::MAX, &deadline) {
            Ok(exit) => {
                let [stdout, stderr] = self.shared().take_outputs(self.channel);
                Completed { exit, stdout, stderr }.judged(&self.label)
            }
            Err(error) => {
                let [stdout, stderr] = self.shared().take_outputs(self.channel);
                let error = match error.status() {
                    Status::TimedOut => error,
                    _ => error.context(format_args!(
                        "{} after {} bytes of output",
                        self.label,
                        stdout.len() + stderr.len()
                    )),
                };
                Err(CommandError::new(error, stdout, stderr))
            }
        }
    }

    /// Does all that keeps the command going until its end. Of its input, if that is given, the end is sent, too. Who gives
    /// up leaves what comes then to the windows of the outputs.
    fn await_end(&self, input: Option<&[u8]>, most_unread: usize, deadline: &Deadline<'_>) -> Result<Exit> {
        self.see_through(input, most_unread, deadline).inspect_err(|_| self.shared().stop_gathering(self.channel))
    }

    fn see_through(&self, input: Option<&[u8]>, most_unread: usize, deadline: &Deadline<'_>) -> Result<Exit> {
        let mut is_open = self.has_stdin && input.is_some();
        let mut input = input.unwrap_or_default();
        loop {
            if is_open && input.is_empty() {
                self.close_stdin()?;
                is_open = false;
            }
            let open = is_open.then_some(input);
            let news = self.shared().wait(self.channel, deadline, &self.label, |books, remote| {
                self.news(books, remote, open, most_unread)
            })?;
            match news {
                News::Over(exit) => return Ok(exit),
                News::NotRun => return Err(Error::new(Status::BadState, format!("{} was not run", self.label))),
                News::TooMuch => {
                    let text = format!("{} has written more than anybody reads", self.label);
                    return Err(Error::new(Status::Overflow, text));
                }
                News::Due(due) => self.shared().grant(self.channel, due)?,
                News::Credit(count) => {
                    let (now, later) = input.split_at(count);
                    self.shared().send_stdin(self.channel, now)?;
                    input = later;
                }
                // It has had enough of its input, which is its own affair.
                News::StdinClosed => input = &[],
                News::StdinEnded => return Err(self.stdin_ended()),
            }
        }
    }
}

impl Job {
    /// What there is to do next for somebody who waits for the end, and has that input to send.
    fn news(&self, books: &mut Books, remote: &mut Remote, input: Option<&[u8]>, most_unread: usize) -> Option<News> {
        match &remote.stage {
            Progress::Over(exit) => return Some(News::Over(*exit)),
            Progress::Refused(..) => return Some(News::NotRun),
            Progress::Begun | Progress::Started(_) => {}
        }
        // Asked before credit is given, which comes due all the time where much is written.
        if remote.outputs.iter().any(|sink| sink.unread() > most_unread) {
            return Some(News::TooMuch);
        }
        remote.outputs.iter_mut().for_each(|sink| sink.gather(&mut books.budget));
        let due = books.take_due(self.channel, &mut remote.outputs);
        if due != [0; 2] {
            return Some(News::Due(due));
        }
        let input = input?;
        if remote.stdin_closed {
            return Some(News::StdinClosed);
        }
        if remote.stdin.is_ended() {
            return Some(News::StdinEnded);
        }
        let credit = books.mux.stdin_credit(self.channel) as usize;
        let count = input.len().min(credit).min(CHUNK);
        if count == 0 {
            return None;
        }
        books.mux.spend_stdin(self.channel, count).ok()?;
        remote.stdin.begin();
        Some(News::Credit(count))
    }
}

/// What somebody who waits for a command's end has to do.
enum News {
    Over(Exit),
    NotRun,
    TooMuch,
    Due([u32; 2]),
    Credit(usize),
    StdinClosed,
    StdinEnded,
}

impl Drop for Job {
    fn drop(&mut self) {
        if self.shared().abandon(self.channel) {
            let _ = self.signal(Signal::Kill);
            let _ = Output::BOTH.map(|output| self.close_output(output));
        }
    }
}

/// One output of a [`Job`], to be read without a deadline: see [`Job::read`] for one.
pub struct JobOutput<'j> {
    job: &'j Job,
    output: Output,
}

impl Read for JobOutput<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.job.read(self.output, buffer, None).map_err(io::Error::other)
    }
}

/// The input of a [`Job`], to be written without a deadline: see [`Job::write`] for one. Dropped, it is as it was: see
/// [`Job::close_stdin`].
pub struct JobInput<'j> {
    job: &'j Job,
}

impl Write for JobInput<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.job.write(bytes, None).map_err(|error| match error.status() {
            Status::Closed => io::Error::new(io::ErrorKind::BrokenPipe, error),
            _ => io::Error::other(error),
        })
    }

    /// Nothing is kept here.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
