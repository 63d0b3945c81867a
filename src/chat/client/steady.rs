//! What a client that comes back has besides a connection: what it has said, and where that is to go.

use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::ClientOptions;
use super::ledger::{Entry, Ledger, Next};
use super::requests::Requests;
use crate::connection::{Connection, connect};
use crate::frame::Framing;
use crate::net::{Address, Cancel, Deadline, LOOK_UP, Signal};
use crate::sync::{Condvar, Mutex, MutexGuard};
use crate::{Error, Result, Status};

/// What is said goes into the ledger first, and from there to the connection, by a thread of its own: so nobody who speaks has
/// to know whether there is one.
///
/// Its lock is held for nothing that waits.
pub(super) struct Steady {
    options: ClientOptions,
    state: Mutex<State>,
    changed: Condvar,
    /// Ends a try that is under way.
    cancel: Cancel,
}

struct State {
    /// The one that stands, or the last.
    connection: Arc<Connection>,
    /// What is said may be sent: the server has taken us in.
    online: bool,
    /// The server acknowledges what carries a number.
    acknowledges: bool,
    /// The connection is gone, and there is no other one yet.
    lost: bool,
    /// There will be no other connection.
    over: bool,
    /// We leave, as soon as the server has all that was said.
    quit: Quit,
    ledger: Ledger,
    /// What is asked on this connection.
    requests: Requests,
    /// Readable while the ledger is empty; made when it is asked for.
    empty: Option<Signal>,
    signalled: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quit {
    No,
    Wanted,
    Said,
}

/// What the thread that sends does next.
enum Task {
    Say(Arc<Connection>, Next),
    Ask(Arc<Connection>, String),
    Quit(Arc<Connection>),
}

impl Steady {
    pub(super) fn new(options: &ClientOptions, connection: Connection) -> Result<Steady> {
        let state = State {
            connection: Arc::new(connection),
            online: options.framing == Framing::Line,
            acknowledges: false,
            lost: false,
            over: false,
            quit: Quit::No,
            ledger: Ledger::default(),
            requests: Requests::default(),
            empty: None,
            signalled: false,
        };
        let (state, changed) = (Mutex::new(state), Condvar::new());
        Ok(Steady { options: options.clone(), state, changed, cancel: Cancel::new()? })
    }

    /// The connection that stands, or the last.
    pub(super) fn connection(&self) -> Arc<Connection> {
        Arc::clone(&self.state.lock().connection)
    }

    /// Whether the server has taken us in, and nothing has broken since.
    pub(super) fn is_online(&self) -> bool {
        let state = self.state.lock();
        state.online && !state.over
    }

    pub(super) fn is_over(&self) -> bool {
        self.state.lock().over
    }

    /// Messages without an acknowledgement, and their bytes.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let state = self.state.lock();
        (state.ledger.len(), state.ledger.bytes())
    }

    /// The bytes that wait; an error if they wait in vain.
    pub(super) fn left(&self) -> Result<usize> {
        let state = self.state.lock();
        if state.over && !state.ledger.is_empty() { Err(closed()) } else { Ok(state.ledger.bytes()) }
    }

    /// Bytes of a message's frame at most, with its number.
    pub(super) fn frame_length(text: &str, to: Option<&str>) -> usize {
        Next { number: u64::MAX, text: text.into(), to: to.map(Box::from), again: true }.frame(true).len()
    }

    /// Takes what is to be said, waiting for room; `Overflow` at once where nothing may be waited for.
    pub(super) fn say(&self, text: &str, to: Option<&str>, deadline: &Deadline<'_>, may_wait: bool) -> Result<()> {
        let mut state = self.state.lock();
        while !state.over && !state.ledger.has_room(text.len()) {
            if !may_wait {
                let what = "not said: the server has yet to acknowledge what was said before";
                return Err(Error::new(Status::Overflow, what));
            }
            state = self.wait(state, deadline, "send")?;
        }
        self.add(&mut state, text, to)
    }

    /// The same without ever waiting; `None` where there is no room, else the bytes that wait.
    pub(super) fn offer(&self, text: &str, to: Option<&str>) -> Result<Option<usize>> {
        let mut state = self.state.lock();
        if !state.over && !state.ledger.has_room(text.len()) {
            return Ok(None);
        }
        self.add(&mut state, text, to)?;
        Ok(Some(state.ledger.bytes()))
    }

    fn add(&self, state: &mut State, text: &str, to: Option<&str>) -> Result<()> {
        state.check_open()?;
        state.ledger.add(text, to);
        self.note(state);
        Ok(())
    }

    /// Has a request sent on the connection that there is, behind what was said before. It goes with that connection.
    pub(super) fn ask(&self, number: u64, text: &str) -> Result<()> {
        let mut state = self.state.lock();
        state.check_open()?;
        if state.lost {
            return Err(Error::new(Status::ConnectionReset, "the connection has broken"));
        }
        let behind = state.ledger.last();
        state.requests.push(number, behind, text);
        self.note(&mut state);
        Ok(())
    }

    /// Nobody waits for the answer to that request any more: unless it is on its way, it is not sent.
    pub(super) fn forget(&self, number: u64) {
        self.state.lock().requests.forget(number);
    }

    /// Waits until all that was said is acknowledged, or was given up.
    pub(super) fn drain(&self, deadline: &Deadline<'_>) -> Result<()> {
        let mut state = self.state.lock();
        while !state.ledger.is_empty() {
            if state.over {
                return Err(closed());
            }
            state = self.wait(state, deadline, "waiting for acknowledgements")?;
        }
        Ok(())
    }

    /// Has `quit` said behind all else; without a connection that is the end at once.
    pub(super) fn quit(&self) {
        let mut state = self.state.lock();
        if state.lost {
            drop(state);
            return self.end();
        }
        if state.quit == Quit::No {
            state.quit = Quit::Wanted;
        }
        self.note(&mut state);
    }

    /// Waits until the system has the `quit`.
    pub(super) fn await_quit(&self, deadline: &Deadline<'_>) -> Result<()> {
        let mut state = self.state.lock();
        while state.quit == Quit::Wanted && !state.over {
            state = self.wait(state, deadline, "leave")?;
        }
        Ok(())
    }

    /// A descriptor that is readable while nothing waits for an acknowledgement.
    pub(super) fn empty_fd(&self) -> Result<RawFd> {
        let mut state = self.state.lock();
        if state.empty.is_none() {
            state.empty = Some(Signal::new()?);
            state.signal();
        }
        state.empty.as_ref().map(Signal::raw_fd).ok_or_else(closed)
    }

    /// No more connections: whoever waits is told. May be repeated.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        state.over = true;
        let connection = Arc::clone(&state.connection);
        self.note(&mut state);
        drop(state);
        self.cancel.cancel();
        connection.close();
    }

    /// The server has taken us in: what was said goes on.
    pub(super) fn go_online(&self, acknowledges: bool) {
        let mut state = self.state.lock();
        (state.online, state.acknowledges) = (true, acknowledges);
        self.note(&mut state);
    }

    /// A message needs nothing more; what it was, unless that was known.
    pub(super) fn done(&self, number: u64) -> Option<Entry> {
        let mut state = self.state.lock();
        let entry = state.ledger.done(number);
        self.note(&mut state);
        entry
    }

    /// The connection is gone; returns what is not sent again.
    pub(super) fn lost(&self) -> Vec<Entry> {
        let mut state = self.state.lock();
        (state.online, state.lost) = (false, true);
        state.connection.close();
        state.requests.clear();
        let acknowledges = state.acknowledges;
        let given_up = state.ledger.lost(acknowledges);
        self.note(&mut state);
        given_up
    }

    /// Waits for so long; false if it is over before.
    pub(super) fn pause(&self, time: Duration) -> bool {
        let end = Instant::now().checked_add(time);
        let mut state = self.state.lock();
        while !state.over && end.is_none_or(|end| Instant::now() < end) {
            state = self.changed.wait(state, end);
        }
        !state.over
    }

    /// Tries to connect, with a look-up of its own: the server may have moved.
    pub(super) fn connect(&self) -> Result<()> {
        let deadline = Deadline::never().with_cancel(&self.cancel);
        let connection = connect(self.options.endpoint.clone(), &self.options.connection()?, deadline)?;
        if matches!(connection.peer(), Address::Ip(_)) && connection.local().is_ok_and(|own| own == *connection.peer())
        {
            // Where nobody listens on this machine, TCP may connect a socket with itself.
            return Err(Error::new(
                Status::ConnectionRefused,
                format!("connect to {}: nobody listens", connection.peer()),
            ));
        }
        connection.keep_from_children();
        let mut state = self.state.lock();
        if state.over {
            return Err(closed());
        }
        (state.connection, state.lost) = (Arc::new(connection), false);
        Ok(())
    }

    /// Sends what is said, connection after connection. The body of a thread.
    pub(super) fn send_all(&self) {
        while let Some(task) = self.next() {
            // One that fails is noticed by who receives.
            match task {
                Task::Say(connection, next) => self.send(&connection, &next),
                Task::Ask(connection, request) => {
                    if connection.send(request.as_bytes(), Deadline::never()).is_err() {
                        connection.close();
                    }
                }
                Task::Quit(connection) => {
                    let sent = connection.send(quit(connection.framing()), Deadline::never());
                    let mut state = self.state.lock();
                    state.quit = Quit::Said;
                    self.note(&mut state);
                    drop(state);
                    if sent.is_err() {
                        connection.close();
                    }
                }
            }
        }
    }

    fn send(&self, connection: &Connection, next: &Next) {
        let acknowledges = self.state.lock().acknowledges;
        let sent = if connection.framing() == Framing::Line {
            connection.send(next.text.as_bytes(), Deadline::never())
        } else {
            connection.send(next.frame(acknowledges).as_bytes(), Deadline::never())
        };
        match sent {
            Err(_) => connection.close(),
            Ok(()) if acknowledges => {}
            // Nothing more will be heard of it.
            Ok(()) => drop(self.done(next.number)),
        }
    }

    fn next(&self) -> Option<Task> {
        let mut state = self.state.lock();
        loop {
            if state.over {
                return None;
            }
            let connection = Arc::clone(&state.connection);
            if state.online && !connection.is_closed() {
                if let Some(request) = state.next_request() {
                    return Some(Task::Ask(connection, request));
                }
                if let Some(next) = state.ledger.next() {
                    return Some(Task::Say(connection, next));
                }
                if state.quit == Quit::Wanted {
                    return Some(Task::Quit(connection));
                }
            }
            state = self.changed.wait(state, None);
        }
    }

    /// Whoever waits looks again.
    fn note(&self, state: &mut State) {
        state.signal();
        self.changed.notify_all();
    }

    fn wait<'s>(
        &'s self,
        state: MutexGuard<'s, State>,
        deadline: &Deadline<'_>,
        what: &str,
    ) -> Result<MutexGuard<'s, State>> {
        if deadline.has_passed() {
            return Err(Deadline::timed_out(what));
        }
        if !deadline.can_be_interrupted() {
            return Ok(self.changed.wait(state, deadline.instant()));
        }
        // A condition variable does not notice signals, whose handlers may want the lock.
        drop(self.changed.wait(state, deadline.at_most(LOOK_UP).instant()));
        deadline.interrupted()?;
        Ok(self.state.lock())
    }
}

impl State {
    fn check_open(&self) -> Result<()> {
        if self.over || self.quit != Quit::No { Err(closed()) } else { Ok(()) }
    }

    fn next_request(&mut self) -> Option<String> {
        let ledger = &self.ledger;
        self.requests.next(|number| ledger.has_sent(number))
    }

    fn signal(&mut self) {
        let Some(signal) = &self.empty else { return };
        let ready = self.ledger.is_empty() || self.over;
        if ready != std::mem::replace(&mut self.signalled, ready) {
            if ready { signal.set() } else { signal.clear() }
        }
    }
}

/// How a client says that it leaves.
pub(super) fn quit(framing: Framing) -> &'static [u8] {
    if framing == Framing::Line { b"quit" } else { br#"{"type":"quit"}"# }
}

fn closed() -> Error {
    Error::new(Status::Closed, "the client has closed the connection")
}
