//! The conversation with a server: requests and what is said of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::failure::FileError;
use crate::connection::Connection;
use crate::net::Deadline;
use crate::transfer::wire::{BARE_BLOCKS, EAGER, HEARS_TRANSFERS, Refusal, Report, Request, Violation};
use crate::wire::{Farewell, shown};
use crate::{Error, Result, Status};

/// How long the server is told that something is wanted no more.
const LAST_WORD: Duration = Duration::from_secs(1);

/// How long a client that is busy with what came says nothing: a server expects a word of whom it waits for.
const SILENCE: Duration = Duration::from_secs(1);

/// How long the kernel may take no byte of a message.
const PATIENCE: Duration = Duration::from_secs(600);

/// One connection, used by one call at a time.
pub(super) struct Line {
    connection: Arc<Connection>,
    last: u32,
    /// Requests that have had no last answer yet.
    open: Vec<Open>,
    /// How long the server may be silent before it is asked whether it is there, and how long it may take to answer.
    interval: Option<Duration>,
    timeout: Duration,
    /// When this side has last said something.
    spoke: Instant,
    /// Blocks that may be under way.
    pub(super) window: u32,
    /// Transfers that may be under way.
    pub(super) transfers: usize,
    /// What the server can beside what all can.
    features: u32,
    /// Why nothing more comes.
    lost: Option<Error>,
}

/// A request without its last answer.
#[derive(Debug, Clone, Copy)]
struct Open {
    id: u32,
    /// It was taken back: what is still said of it is not heard.
    is_cancelled: bool,
}

/// What came of a request.
pub(super) enum Heard<T> {
    /// What was looked for.
    Found(T),
    /// Something else of it that was dealt with.
    GoOn,
    /// What has no place there.
    Wrong(&'static str),
}

/// What a message was.
enum Said<T> {
    /// About another request, or about none.
    Nothing,
    Pong,
    Found(T),
    Failed(FileError),
    Lost(Error),
    Broken(Violation),
}

impl Line {
    /// Says hello, and hears what the server is.
    pub(super) fn greet(
        connection: Arc<Connection>,
        interval: Option<Duration>,
        timeout: Duration,
        deadline: &Deadline<'_>,
    ) -> Result<Line> {
        connection.send(&Request::Hello { features: HEARS_TRANSFERS }.encode(), *deadline)?;
        let mut line = Line {
            connection,
            last: 0,
            open: Vec::new(),
            interval,
            timeout,
            spoke: Instant::now(),
            window: 0,
            transfers: 1,
            features: 0,
            lost: None,
        };
        let hello = line.wait(deadline, |report| match report {
            Report::Hello(hello) => Ok(Heard::Found((hello.window, hello.features, hello.transfers))),
            _ => Ok(Heard::Wrong("what comes before HELLO")),
        });
        let (window, features, transfers) = hello.map_err(Error::from)?;
        (line.window, line.features) = (u32::from(window.max(1)), features);
        line.transfers = transfers.unwrap_or(1).max(1).into();
        Ok(line)
    }

    /// Whether BEGIN may be said at once.
    pub(super) fn hears_early(&self) -> bool {
        self.features & EAGER != 0
    }

    /// Whether blocks may go without hashes.
    pub(super) fn takes_bare_blocks(&self) -> bool {
        self.features & BARE_BLOCKS != 0
    }

    /// Asks for something, with the message that is made for its number; that number.
    pub(super) fn ask(
        &mut self,
        deadline: &Deadline<'_>,
        message: impl FnOnce(u32) -> Vec<u8>,
    ) -> Result<u32, FileError> {
        let id = self.next()?;
        self.settle(deadline)?;
        self.send_encoded(&message(id), deadline)?;
        self.begun(id);
        Ok(id)
    }

    /// The same for what is said of it in the same breath.
    pub(super) fn ask_and_say(
        &mut self,
        deadline: &Deadline<'_>,
        messages: impl FnOnce(u32) -> Result<Vec<Vec<u8>>, FileError>,
    ) -> Result<u32, FileError> {
        let id = self.next()?;
        self.settle(deadline)?;
        let messages = messages(id)?;
        self.transmit(deadline, |connection, deadline| connection.send_many(messages, deadline).map(drop))?;
        self.begun(id);
        Ok(id)
    }

    fn begun(&mut self, id: u32) {
        self.last = id;
        self.open.push(Open { id, is_cancelled: false });
    }

    fn next(&self) -> Result<u32, FileError> {
        let used_up = || Error::new(Status::BadState, "the connection has had all of its requests");
        self.last.checked_add(1).ok_or_else(|| used_up().into())
    }

    pub(super) fn send(&mut self, request: &Request<'_>, deadline: &Deadline<'_>) -> Result<(), FileError> {
        self.send_encoded(&request.encode(), deadline)
    }

    pub(super) fn send_encoded(&mut self, message: &[u8], deadline: &Deadline<'_>) -> Result<(), FileError> {
        self.transmit(deadline, |connection, deadline| connection.send(message, deadline))
    }

    fn transmit(
        &mut self,
        deadline: &Deadline<'_>,
        send: impl FnOnce(&Connection, Deadline<'_>) -> Result<()>,
    ) -> Result<(), FileError> {
        if let Some(error) = &self.lost {
            return Err(error.clone().into());
        }
        let sent = send(&self.connection, deadline.at_most(PATIENCE));
        self.spoke = Instant::now();
        sent.map_err(|error| {
            // Why it is gone the server may have said before.
            let is_gone = matches!(error.status(), Status::Closed | Status::ConnectionReset);
            if is_gone { self.last_words().unwrap_or(error).into() } else { FileError::from(error) }
        })
    }

    /// What the server has said before it went.
    fn last_words(&mut self) -> Option<Error> {
        let farewell = |message: &[u8]| match Report::decode(message) {
            Ok(Report::GoAway { why, text }) => Some(why.error(text)),
            _ => None,
        };
        while let Ok(heard) = self.connection.recv_with(LAST_WORD, farewell) {
            if heard.is_some() {
                return heard;
            }
        }
        None
    }

    /// Waits until `take` finds what it looks for among what is said of the requests that are open. A refusal of one is the
    /// error.
    pub(super) fn wait<T>(
        &mut self,
        deadline: &Deadline<'_>,
        mut take: impl FnMut(&Report<'_>) -> Result<Heard<T>, FileError>,
    ) -> Result<T, FileError> {
        self.wait_for_any(deadline, |report| match *report {
            Report::Refused(_, code, text) => Err(refused(code, text)),
            _ => take(report),
        })
    }

    /// The same for several that are open: `take` hears of refusals, too.
    pub(super) fn wait_for_any<T>(
        &mut self,
        deadline: &Deadline<'_>,
        mut take: impl FnMut(&Report<'_>) -> Result<Heard<T>, FileError>,
    ) -> Result<T, FileError> {
        let mut asked = None;
        loop {
            if let Some(found) = self.hear(deadline, &mut asked, &mut take)? {
                return Ok(found);
            }
        }
    }

    /// Waits for one message. `asked` is what there was of it when the server was asked whether it is there.
    fn hear<T>(
        &mut self,
        deadline: &Deadline<'_>,
        asked: &mut Option<usize>,
        take: &mut impl FnMut(&Report<'_>) -> Result<Heard<T>, FileError>,
    ) -> Result<Option<T>, FileError> {
        if let Some(error) = &self.lost {
            return Err(error.clone().into());
        }
        let patience = if asked.is_some() { Some(self.timeout) } else { self.interval };
        let until = patience.map_or(*deadline, |patience| deadline.at_most(patience));
        let (last, open) = (self.last, &mut self.open);
        match self.connection.recv_with(until, |message| sort(message, last, open, take)) {
            Ok(Said::Found(found)) => return Ok(Some(found)),
            Ok(Said::Failed(error)) => return Err(error),
            Ok(Said::Nothing) => {
                *asked = None;
                self.stay(deadline)?;
            }
            Ok(Said::Pong) => {
                *asked = None;
                self.send(&Request::Pong, deadline)?;
            }
            Ok(Said::Lost(error)) => self.lose(error),
            Ok(Said::Broken(violation)) => self.complain(violation),
            Err(error) if error.status() == Status::TimedOut && !deadline.has_passed() => {
                let there = self.connection.buffered();
                if asked.is_some_and(|before| before == there) {
                    let text = format!("{} does not answer any more", self.connection.peer());
                    self.lose(Error::new(Status::TimedOut, text));
                } else {
                    *asked = Some(there);
                    self.send(&Request::Ping, deadline)?;
                }
            }
            Err(error) if error.status() == Status::Closed && !self.connection.is_closed() => {
                // An end amid a request is none in good order.
                self.lose(error.with_status(Status::ConnectionReset));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(None)
    }

    /// The server has broken a rule, which it is told.
    fn complain(&mut self, violation: Violation) {
        let text = violation.to_string();
        let _ = self.send(&Request::GoAway { why: Farewell::Protocol, text: &text }, &LAST_WORD.into());
        let text = format!("{} breaks the protocol of files: {text}", self.connection.peer());
        self.lose(Error::new(Status::ProtocolViolation, text));
    }

    /// Waits until what was taken back is over: until then its files are locked.
    fn settle(&mut self, deadline: &Deadline<'_>) -> Result<(), FileError> {
        let mut asked = None;
        while self.open.iter().any(|open| open.is_cancelled) {
            self.hear(deadline, &mut asked, &mut |_| Ok(Heard::<()>::GoOn))?;
        }
        Ok(())
    }

    /// Says that this side is there, if it has been busy for long.
    pub(super) fn stay(&mut self, deadline: &Deadline<'_>) -> Result<(), FileError> {
        if self.spoke.elapsed() < SILENCE { Ok(()) } else { self.send(&Request::Ping, deadline) }
    }

    fn lose(&mut self, error: Error) {
        self.lost.get_or_insert(error);
        self.connection.close();
    }

    /// What is open is wanted no more: what is still said of it is not heard.
    pub(super) fn cancel(&mut self) {
        if self.lost.is_some() {
            return;
        }
        let cancels: Vec<_> = self.open.iter().filter(|open| !open.is_cancelled).map(|open| open.id).collect();
        for id in cancels {
            if self.send(&Request::Cancel(id), &LAST_WORD.into()).is_err() {
                return self.connection.close();
            }
        }
        self.open.iter_mut().for_each(|open| open.is_cancelled = true);
    }
}

/// What a message is to who waits for answers to the requests that are open, of which `last` is the latest of all.
fn sort<T>(
    message: &[u8],
    last: u32,
    open: &mut Vec<Open>,
    take: &mut impl FnMut(&Report<'_>) -> Result<Heard<T>, FileError>,
) -> Said<T> {
    let report = match Report::decode(message) {
        Ok(report) => report,
        Err(violation) => return Said::Broken(violation),
    };
    match &report {
        Report::Ping => return Said::Pong,
        Report::Pong => return Said::Nothing,
        Report::GoAway { why, text } => return Said::Lost(why.error(text)),
        _ => {}
    }
    if let Some(id) = report.request() {
        let Some(at) = open.iter().position(|open| open.id == id) else {
            // Of a request that was given up.
            return if id <= last { Said::Nothing } else { Said::Broken(Violation::NeverAsked(id)) };
        };
        let is_cancelled = open[at].is_cancelled;
        if matches!(report, Report::Refused(..) | Report::Done(..)) {
            open.swap_remove(at);
        }
        if is_cancelled {
            return Said::Nothing;
        }
    }
    match take(&report) {
        Ok(Heard::Found(found)) => Said::Found(found),
        Ok(Heard::GoOn) => Said::Nothing,
        Ok(Heard::Wrong(name)) => Said::Broken(Violation::OutOfPlace(name)),
        Err(error) => Said::Failed(error),
    }
}

/// Why a request was refused.
pub(super) fn refused(code: u16, text: &str) -> FileError {
    FileError::refused(Refusal::from_code(code), shown(text))
}
