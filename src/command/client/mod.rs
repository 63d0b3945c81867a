//! A client of remote commands.

mod command;
mod failure;
mod job;
mod owner;
mod reader;
mod shared;
mod sink;
mod speech;

use std::sync::Arc;

use super::options::GUARDED;
use super::wire::{ARGUMENT_BYTES, MESSAGE_LIMIT, Report, Request};
use crate::connection::{ConnectOptions, Connecting, Connection, connect_if, connecting};
use crate::frame::Framing;
use crate::net::{Address, Deadline, Threads};
use crate::options::{check, options};
use crate::sync::{Condvar, Mutex};
use crate::tls::Protection;
use crate::{Error, Result, Status};

pub use command::Command;
pub use failure::{CommandError, Completed};
pub use job::{Job, JobInput, JobOutput};
use owner::Owner;
use reader::Pings;
use shared::{Progress, Remote, SEND_PATIENCE, Shared, State};
use sink::Sink;
use speech::Speech;

/// What a command may write to its standard error before anybody reads it.
const UNREAD_ERRORS: u32 = 1024 * 1024;

options! {
    /// Options of a [`CommandClient`]. Make them with [`CommandClientOptions::new`], set `auth` and other fields, connect.
    pub struct CommandClientOptions at "Where the server is.";
    rows {
        /// Beyond this machine, speak without TLS all the same: who is on the way reads and changes what is said.
        allow_plaintext: Flag = false;
    }
    shared connecting;
    rows {
        /// How long the server may be silent before it is sent a ping.
        ping_interval: Seconds = 25.0, zero is "never";
        /// How long the answer to a ping may take; then the connection is lost.
        ping_timeout: Seconds = 10.0, more than 0, or else "no answer would ever come in time";
    }
}

/// A connection to a server of remote commands. Clones are handles of the same one; all methods may be called from any thread,
/// many commands at a time. When the last handle is gone, and the last [`Job`], the connection is closed, and the server ends
/// what still runs.
#[derive(Clone)]
pub struct CommandClient {
    owner: Arc<Owner>,
}

impl CommandClient {
    /// Connects, and learns what the server takes.
    ///
    /// # Errors
    /// `InvalidArgument` without a secret, and beyond this machine without `tls` or `allow_plaintext`, before a byte is sent.
    /// Otherwise those of [`connect`](crate::connection::connect), and `Closed` when the server has no place.
    pub fn connect<'a>(options: &CommandClientOptions, deadline: impl Into<Deadline<'a>>) -> Result<CommandClient> {
        check(options)?;
        let deadline = deadline.into().at_most(options.timeout);
        let Connecting { auth, tls, timeout, polling } = options.connecting();
        GUARDED.check_client(auth.as_ref())?;
        let is_plain = tls.is_none() && !options.allow_plaintext;
        let (framing, frame_limit) = (Framing::U32Be, MESSAGE_LIMIT);
        let connecting = ConnectOptions { framing, frame_limit, auth, tls, timeout, polling };
        let permit = |peer: &Address| GUARDED.check_peer(peer, is_plain);
        let connection = connect_if(&options.endpoint, &connecting, deadline, permit)?;
        connection.keep_from_children();
        let (shared, argument_bytes, commands) = greet(connection, &deadline)?;
        let interval = (!options.ping_interval.is_zero()).then_some(options.ping_interval);
        let pings = Pings { interval, timeout: options.ping_timeout };
        let (threads, reading) = (Threads::new(), Arc::clone(&shared));
        let thread = Mutex::new(Some(threads.spawn("rustchat-command", move || reader::run(&reading, pings))?));
        Ok(CommandClient { owner: Arc::new(Owner { threads, shared, argument_bytes, commands, thread }) })
    }

    /// The server's address.
    pub fn peer(&self) -> &Address {
        self.owner.shared.connection.peer()
    }

    /// What protects what is sent and received.
    pub fn protection(&self) -> Protection {
        self.owner.shared.connection.protection()
    }

    /// How many commands the server runs for this client at a time.
    pub fn command_limit(&self) -> usize {
        self.owner.commands.into()
    }

    /// Runs a command: gives it its input, gathers all that it writes, and waits for its end.
    ///
    /// A deadline that passes kills the command, and the error has what came until then. So has that of a connection that is
    /// lost: without a known end there is none.
    ///
    /// # Errors
    /// See [`CommandError::status`]. A command that was ended for its time, its output or the server's end is an error with its
    /// [`exit`](CommandError::exit), whatever its code; one that has failed is none unless it is [checked](Command::check).
    pub fn run<'a>(&self, command: &Command, deadline: impl Into<Deadline<'a>>) -> Result<Completed, CommandError> {
        let deadline = deadline.into();
        let job = self.begin(command, true)?;
        let done = job
            .communicate(command.initial_input(), deadline)
            .map_err(|error| self.owner.shared.refusal(job.channel, &job.label).unwrap_or(error))?;
        if command.is_checked() && !done.exit.success() {
            return Err(done.error(Status::CommandFailed, &job.label));
        }
        Ok(done)
    }

    /// Starts a command, and returns when it runs.
    pub fn spawn<'a>(&self, command: &Command, deadline: impl Into<Deadline<'a>>) -> Result<Job, CommandError> {
        let deadline = deadline.into();
        let job = self.begin(command, false)?;
        self.owner.shared.await_start(job.channel, &job.label, &deadline)?;
        if !command.initial_input().is_empty() {
            let mut input = command.initial_input();
            while !input.is_empty() {
                input = &input[job.write(input, deadline)?..];
            }
        }
        Ok(job)
    }

    fn begin(&self, command: &Command, gathers: bool) -> Result<Job> {
        let shared = &self.owner.shared;
        let unread = if gathers { 0 } else { UNREAD_ERRORS };
        let _in_order = shared.beginning.lock();
        let (channel, message) = {
            let state = &mut *shared.state.lock();
            if let Some(error) = &state.lost {
                return Err(error.clone());
            }
            let windows = command.windows(&mut state.books.budget, unread);
            let credit = windows.each_ref().map(|window| window.size());
            let run = command.request(&windows, self.owner.argument_bytes);
            let mut outputs = windows.map(|window| Sink::new(window, gathers));
            let begun = run.and_then(|run| {
                let used_up = || Error::new(Status::BadState, "the connection has had all of its commands");
                let channel = state.books.mux.begin(credit).ok_or_else(used_up)?;
                Ok((channel, Request::Run(channel, run).encode()))
            });
            let (channel, message) =
                begun.inspect_err(|_| outputs.iter_mut().for_each(|sink| sink.close(&mut state.books.budget)))?;
            let changed = Arc::new(Condvar::new());
            let stage = Progress::Begun;
            state.commands.insert(
                channel,
                Remote {
                    changed,
                    waiting: 0,
                    stage,
                    outputs,
                    stdin_closed: false,
                    stdin: Speech::default(),
                    abandoned: false,
                },
            );
            (channel, message)
        };
        let job =
            Job { owner: Arc::clone(&self.owner), channel, label: command.label(), has_stdin: command.has_stdin() };
        shared.send_encoded(&message)?;
        Ok(job)
    }

    /// Whether the connection has ended, from either side.
    pub fn is_closed(&self) -> bool {
        self.owner.shared.connection.is_closed()
    }

    /// Ends the connection at once: the server ends all that still runs. Never waits; may be repeated.
    pub fn close(&self) {
        reader::say_goodbye(&self.owner.shared);
        self.owner.shared.connection.close();
    }
}

/// Says hello, and hears what the server is.
fn greet(connection: Connection, deadline: &Deadline<'_>) -> Result<(Arc<Shared>, u32, u16)> {
    connection.send(&Request::Hello { features: 0 }.encode(), *deadline)?;
    let mut state = State::default();
    let heard = connection.recv_with(*deadline, |message| {
        let report = Report::decode(message)?;
        state.hear(&report)?;
        Ok(match report {
            Report::Hello(hello) => Some((hello.argument_bytes, hello.channels)),
            _ => None,
        })
    })?;
    let peer = connection.peer();
    let wrong = |violation: super::Violation| {
        Error::new(Status::ProtocolViolation, format!("{peer} breaks the protocol of remote commands: {violation}"))
    };
    let hello = heard.map_err(wrong)?;
    let Some((argument_bytes, commands)) = hello else {
        return Err(state.lost.unwrap_or_else(|| wrong(super::Violation::NotGreeted)));
    };
    let (state, beginning) = (Mutex::new(state), Mutex::new(()));
    let shared = Shared { connection, patience: SEND_PATIENCE, state, beginning };
    // What a message cannot hold no server takes, whatever it says.
    Ok((Arc::new(shared), argument_bytes.min(ARGUMENT_BYTES), commands))
}
