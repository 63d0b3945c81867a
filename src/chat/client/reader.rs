//! The thread that receives for a client.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::incoming::{Incoming, IncomingKind, Parsed, Parser};
use super::options::ClientOptions;
use super::returning::{Returning, Step, is_final, is_final_farewell};
use super::shared::{ClientEvent, Shared};
use super::steady::Steady;
use super::watch::Watch;
use crate::connection::Connection;
use crate::frame::Framing;
use crate::reactor::Ending;
use crate::{Error, Result, Status, error};

/// For the answer to a ping; a server that does not read that long would not see it either.
const PONG_PATIENCE: Duration = Duration::from_secs(5);

/// What reads and tells.
pub(super) struct Reader {
    shared: Arc<Shared>,
    handler: Option<Box<dyn FnMut(ClientEvent) + Send>>,
    ending: Arc<Ending>,
    /// Of a client that comes back.
    returning: Option<Returning>,
    /// Why the server said that it would close, and of what kind that is.
    farewell: Option<(String, Option<Status>)>,
    welcomed: bool,
}

impl Reader {
    pub(super) fn new(
        shared: Arc<Shared>,
        handler: Option<Box<dyn FnMut(ClientEvent) + Send>>,
        ending: Arc<Ending>,
        options: &ClientOptions,
    ) -> Reader {
        let returning = Returning::new(options, Instant::now());
        Reader { shared, handler, ending, returning, farewell: None, welcomed: false }
    }

    /// Runs until the connection ends, and there is none after it.
    pub(super) fn run(mut self) {
        let received = error::caught("rustchat-client", || self.live());
        let reason = match received {
            Ok(reason) => reason,
            Err(failure) => {
                log::error!("{}: {}; the client ends", self.shared.connection().peer(), failure.message());
                Some(failure)
            }
        };
        self.shared.end.note(reason.as_ref());
        self.shared.limit.set(None);
        self.shared.close();
        // Behind the close: who asks after this finds no connection.
        self.shared
            .questions
            .fail(&Error::new(Status::Closed, "the connection has ended, and nothing more is answered"));
        let reason = with_rest(reason, self.shared.steady().map_or(0, |steady| steady.waiting().0));
        self.end(ClientEvent::Closed(reason));
    }

    /// Receives on one connection after the other; returns why there is no other one, `None` where this side has ended it.
    fn live(&mut self) -> Option<Error> {
        loop {
            let error = self.receive();
            let reason = self.reason(error);
            if self.returning.is_none() {
                return reason;
            }
            if let Err(last) = self.come_back(reason) {
                return last;
            }
        }
    }

    /// Receives until that fails; returns why.
    fn receive(&mut self) -> Error {
        let shared = Arc::clone(&self.shared);
        let connection = shared.connection();
        let mut parser = Parser::new(connection.framing(), connection.peer().label());
        let mut watch = Watch::new(connection.framing(), self.returning.as_ref());
        loop {
            #[cfg(any(test, feature = "panic-injection"))]
            crate::inject::point_once("rustchat-client ", connection.peer());
            let patience = watch.patience();
            let heard = match connection.recv_with(patience, |frame| parser.parse(frame)).flatten() {
                Err(error) if patience.is_some() && error.status() == Status::TimedOut => {
                    self.silent(&connection, &mut watch)
                }
                Err(error) => return error,
                Ok(parsed) => {
                    let heard = self.heard(&connection, parsed);
                    watch.heard(self.returning.as_ref());
                    heard
                }
            };
            if let Err(error) = heard {
                return error;
            }
        }
    }

    /// Nothing has come for as long as was to be waited.
    fn silent(&mut self, connection: &Connection, watch: &mut Watch) -> Result<()> {
        if connection.framing() == Framing::Line {
            let step = self.returning.as_mut().map(Returning::waited);
            self.take(step);
            watch.heard(self.returning.as_ref());
            return Ok(());
        }
        watch.asked(self.welcomed)?;
        connection.send(br#"{"type":"ping"}"#, PONG_PATIENCE)
    }

    fn heard(&mut self, connection: &Connection, parsed: Parsed) -> Result<()> {
        match parsed {
            Parsed::Incoming(incoming) => return self.received(incoming),
            Parsed::Welcome(incoming, terms) => {
                self.welcomed = true;
                self.shared.limit.learn(terms.limit);
                self.count();
                match &mut self.returning {
                    None => self.emit(ClientEvent::Incoming(incoming)),
                    Some(returning) => {
                        let step = returning.welcomed(incoming, &terms);
                        self.take(Some(step));
                    }
                }
            }
            Parsed::Acknowledged(number) => {
                if let Some(steady) = self.shared.steady() {
                    steady.done(number);
                }
            }
            Parsed::Refused(incoming, number) if self.shared.questions.refused(number, &incoming) => self.count(),
            Parsed::Refused(incoming, number) => {
                let Some(steady) = self.shared.steady() else { return self.received(incoming) };
                let to = steady.done(number).and_then(|entry| entry.to);
                self.count();
                self.emit(ClientEvent::Incoming(Incoming { to: to.map(String::from), ..incoming }));
            }
            Parsed::Named(incoming, number) => {
                if let Some(returning) = &mut self.returning {
                    returning.renamed(incoming.from.name.as_deref());
                }
                self.note_name(&incoming);
                self.shared.questions.named(number);
                return self.received(incoming);
            }
            Parsed::Present(page) => {
                self.count();
                if let Some(request) = self.shared.questions.present(page) {
                    return connection.send(request.as_bytes(), PONG_PATIENCE);
                }
            }
            Parsed::Resumed(known) => {
                let step = self.returning.as_mut().map(|returning| returning.resumed(known));
                self.take(step);
            }
            Parsed::Ping => return connection.send(br#"{"type":"pong"}"#, PONG_PATIENCE),
            Parsed::Nothing => {}
        }
        Ok(())
    }

    fn received(&mut self, incoming: Incoming) -> Result<()> {
        self.count();
        self.note_name(&incoming);
        if self.shared.is_line() && self.shared.questions.heard(&incoming) {
            return Ok(());
        }
        if incoming.is_farewell() {
            // Whoever is banned is told why, and then goodbye.
            if !matches!(self.farewell, Some((_, Some(Status::Refused)))) {
                self.farewell = Some((incoming.text.clone(), incoming.status));
            }
            // Line chat has no welcome: there a goodbye may be said to a member.
            let at_the_door = !self.welcomed && incoming.stamp.is_none();
            self.shared.end.refused.store(incoming.status.is_some() || at_the_door, Ordering::Relaxed);
        }
        match &mut self.returning {
            None => self.emit(ClientEvent::Incoming(incoming)),
            Some(returning) => {
                let step = returning.heard(incoming)?;
                self.take(Some(step));
            }
        }
        Ok(())
    }

    fn note_name(&self, incoming: &Incoming) {
        if incoming.kind == IncomingKind::Named {
            self.shared.name.lock().clone_from(&incoming.from.name);
        }
    }

    fn count(&self) {
        self.shared.messages_in.fetch_add(1, Ordering::Relaxed);
    }

    /// Does what is to be done on the way back.
    fn take(&mut self, step: Option<Step>) {
        match step {
            None | Some(Step::Wait) => {}
            Some(Step::Tell(incoming)) => {
                self.go_online();
                self.emit(ClientEvent::Incoming(incoming));
            }
            Some(Step::Arrived(all)) => {
                log::info!("{}: connected again", self.shared.connection().peer());
                self.shared.away.store(false, Ordering::Relaxed);
                self.shared.end.refused.store(false, Ordering::Relaxed);
                self.go_online();
                all.into_iter().for_each(|incoming| self.emit(ClientEvent::Incoming(incoming)));
            }
        }
    }

    fn go_online(&self) {
        if let (Some(returning), Some(steady)) = (&self.returning, self.shared.steady())
            && !returning.is_arriving()
            && !steady.is_online()
        {
            steady.go_online(returning.acknowledges());
        }
    }

    /// After the end of a connection: waits and tries until there is another one. The error is why there is none, `None` where
    /// this side wants none.
    fn come_back(&mut self, reason: Option<Error>) -> Result<(), Option<Error>> {
        let shared = Arc::clone(&self.shared);
        let Some(steady) = shared.steady() else { return Err(reason) };
        let given_up = steady.lost();
        self.shared.questions.fail(&Error::new(Status::ConnectionReset, "the connection has broken before the answer"));
        *self.shared.name.lock() = None;
        let farewell = self.farewell.take();
        if shared.is_closed() || shared.leaving.load(Ordering::Relaxed) {
            return Err(reason);
        }
        let Some(reason) = reason else { return Err(None) };
        let wants_us_not = farewell.is_some_and(|(words, status)| is_final_farewell(&words, status));
        if wants_us_not || is_final(&reason) {
            return Err(Some(reason));
        }
        if let Some(returning) = &mut self.returning {
            returning.ended(Instant::now());
        }
        if !shared.away.swap(true, Ordering::Relaxed) {
            let status = Some(reason.status());
            let told = Incoming { status, ..Incoming::own(IncomingKind::Disconnected, reason.message().to_owned()) };
            self.emit(ClientEvent::Incoming(told));
        }
        for entry in given_up {
            let told = Incoming::own(IncomingKind::Unconfirmed, entry.text.into());
            self.emit(ClientEvent::Incoming(Incoming { to: entry.to.map(String::from), ..told }));
        }
        self.try_again(&shared, steady, reason)
    }

    fn try_again(&mut self, shared: &Shared, steady: &Steady, mut reason: Error) -> Result<(), Option<Error>> {
        loop {
            let Some(returning) = &mut self.returning else { return Err(Some(reason)) };
            let Some(wait) = returning.waits.next(chance()) else {
                let tries = returning.waits.tries();
                return Err(Some(reason.context(format_args!("given up after {tries} tries"))));
            };
            log::info!("{}: {reason}; the next try is in {:.1} s", shared.connection().peer(), wait.as_secs_f64());
            if !steady.pause(wait) {
                return Err(None);
            }
            match self.connect(shared, steady) {
                Ok(()) => return Ok(()),
                Err(_) if steady.is_over() => return Err(None),
                Err(error) if is_final(&error) => return Err(Some(error)),
                Err(error) => reason = error,
            }
        }
    }

    /// One try.
    fn connect(&mut self, shared: &Shared, steady: &Steady) -> Result<()> {
        steady.connect()?;
        let connection = steady.connection();
        *shared.local.lock() = connection.local()?;
        self.welcomed = false;
        let requests = self.returning.as_mut().map(|returning| returning.begin(Instant::now()));
        requests.into_iter().flatten().try_for_each(|request| connection.send(request.as_bytes(), PONG_PATIENCE))
    }

    fn end(mut self, last: ClientEvent) {
        match self.handler {
            Some(_) => {
                self.emit(last);
                self.shared.events.close();
            }
            None => self.shared.events.close_with(last),
        }
        // The handler may own objects of the host program whose drop must not take the thread down.
        let handler = self.handler.take();
        let _ = self.ending.calling(|| error::caught("drop", || drop(handler)));
        self.ending.reach();
    }

    fn reason(&self, error: Error) -> Option<Error> {
        let is_end = matches!(error.status(), Status::Closed | Status::ConnectionReset);
        // That the ends do not match is to be told to who leaves, too: what it has said has reached nobody.
        if self.shared.is_closed() || (is_end && self.shared.leaving.load(Ordering::Relaxed)) {
            return None;
        }
        match &self.farewell {
            Some((farewell, _)) if is_end => {
                Some(Error::new(Status::Closed, format!("the server closed the connection: {farewell}")))
            }
            _ => Some(error),
        }
    }

    fn emit(&mut self, event: ClientEvent) {
        match &mut self.handler {
            Some(handler) => {
                if self.ending.calling(|| error::caught("event", || handler(event))).is_err() {
                    log::error!("the client's handler panicked");
                }
            }
            // Closed means that nobody will ask any more; reading on keeps the server from seeing a slow member.
            None => {
                self.shared.check_room_for_answers();
                drop(self.shared.events.push_waiting(event, self.shared.event_limit));
            }
        }
    }
}

/// Any number from 0 to 1.
fn chance() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness all waits are half as long as they may be.
    getrandom::fill(&mut bytes).map_or(0.5, |()| f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX))
}

/// The reason of an end, with what was said and not acknowledged.
fn with_rest(reason: Option<Error>, rest: usize) -> Option<Error> {
    let what = match rest {
        0 => return reason,
        1 => "1 message was not acknowledged".to_owned(),
        count => format!("{count} messages were not acknowledged"),
    };
    Some(match reason {
        None => Error::new(Status::Closed, format!("this end has closed the connection; {what}")),
        Some(reason) => Error::new(reason.status(), format!("{}; {what}", reason.message())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{ChatClient, ChatServer, ClientOptions, ServerOptions};
    use crate::inject::Aim;
    use crate::net::Endpoint;

    #[test]
    fn a_reader_that_fails_ends_the_client_with_a_last_event_that_says_so() {
        const PATIENCE: Duration = Duration::from_secs(30);
        let server = ChatServer::start(ServerOptions::new(Endpoint::tcp("127.0.0.1", 0))).unwrap();
        let _aim = Aim::at(format!("rustchat-client {}", server.address()));
        let client = ChatClient::connect(&ClientOptions::new(server.address()), PATIENCE).unwrap();
        assert_eq!(client.recv(PATIENCE).unwrap_err().status(), Status::Panicked);
        assert_eq!(client.recv(PATIENCE).unwrap_err().status(), Status::Closed);
        client.join(PATIENCE).unwrap();
        assert!(client.is_closed());
        client.stop(PATIENCE).unwrap();
    }
}
