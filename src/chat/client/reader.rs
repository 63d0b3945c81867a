//! The thread that receives for a client.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::incoming::{Incoming, Parsed, Parser};
use super::shared::{ClientEvent, Shared};
use crate::frame::Framing;
use crate::reactor::Ending;
use crate::{Error, Status, error};

/// How long a server may take to greet before it is asked whether it speaks as we do. An answer is awaited as long as it takes.
const PROBE_AFTER: Duration = Duration::from_millis(300);

/// For the answer to a ping; a server that does not read that long would not see it either.
const PONG_PATIENCE: Duration = Duration::from_secs(5);

pub(super) struct Reader {
    shared: Arc<Shared>,
    handler: Option<Box<dyn FnMut(ClientEvent) + Send>>,
    ending: Arc<Ending>,
    /// Why the server said that it would close.
    farewell: Option<String>,
    welcomed: bool,
}

impl Reader {
    pub(super) fn new(
        shared: Arc<Shared>,
        handler: Option<Box<dyn FnMut(ClientEvent) + Send>>,
        ending: Arc<Ending>,
    ) -> Reader {
        Reader { shared, handler, ending, farewell: None, welcomed: false }
    }

    /// Runs until the connection ends.
    pub(super) fn run(mut self) {
        let received = error::caught("rustchat-client", || self.receive());
        let reason = match received {
            Ok(error) => self.reason(error),
            Err(failure) => {
                log::error!("{}: {}; the client ends", self.shared.connection.peer(), failure.message());
                Some(failure)
            }
        };
        self.shared.end.note(reason.as_ref());
        self.shared.limit.set(None);
        self.shared.connection.close();
        self.end(ClientEvent::Closed(reason));
    }

    /// Receives until that fails; returns why.
    fn receive(&mut self) -> Error {
        let connection = &Arc::clone(&self.shared).connection;
        let mut parser = Parser::new(connection.framing(), connection.peer().label());
        // Servers of message chat greet at once; what a silent one speaks shows when it is asked for something.
        let mut patience = (connection.framing() != Framing::Line).then_some(PROBE_AFTER);
        loop {
            #[cfg(any(test, feature = "panic-injection"))]
            crate::inject::point_once("rustchat-client ", connection.peer());
            let first = patience.take();
            match connection.recv_with(first, |frame| parser.parse(frame)).flatten() {
                Err(error) if first.is_some() && error.status() == Status::TimedOut => {
                    if let Err(error) = connection.send(br#"{"type":"ping"}"#, PONG_PATIENCE) {
                        return error;
                    }
                }
                Ok(Parsed::Incoming(incoming)) => self.received(incoming),
                Ok(Parsed::Welcome(incoming, limit)) => {
                    self.welcomed = true;
                    self.shared.limit.set(limit);
                    self.received(incoming);
                }
                Ok(Parsed::Ping) => {
                    if let Err(error) = connection.send(br#"{"type":"pong"}"#, PONG_PATIENCE) {
                        return error;
                    }
                }
                Ok(Parsed::Nothing) => {}
                Err(error) => return error,
            }
        }
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

    fn received(&mut self, incoming: Incoming) {
        self.shared.messages_in.fetch_add(1, Ordering::Relaxed);
        if incoming.is_last() {
            self.farewell = Some(incoming.text.clone());
            // Line chat has no welcome: there a goodbye may be said to a member.
            let at_the_door = !self.welcomed && incoming.stamp.is_none();
            self.shared.end.refused.store(incoming.status.is_some() || at_the_door, Ordering::Relaxed);
        }
        self.emit(ClientEvent::Incoming(incoming));
    }

    fn reason(&self, error: Error) -> Option<Error> {
        let is_end = matches!(error.status(), Status::Closed | Status::ConnectionReset);
        // That the ends do not match is to be told to who leaves, too: what it has said has reached nobody.
        if self.shared.connection.is_closed() || (is_end && self.shared.leaving.load(Ordering::Relaxed)) {
            return None;
        }
        match &self.farewell {
            Some(farewell) if is_end => {
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
            None => drop(self.shared.events.push_waiting(event, self.shared.event_limit)),
        }
    }
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
