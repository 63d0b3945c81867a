//! The thread that receives for a client.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::incoming::{Parsed, Parser};
use super::{ClientEvent, IncomingKind, Shared};
use crate::net::{Deadline, Queue};
use crate::{Error, Status};

/// For the answer to a ping; a server that does not read that long would not see it either.
const PONG_PATIENCE: Duration = Duration::from_secs(5);

pub(super) struct Reader {
    shared: Arc<Shared>,
    handler: Option<Box<dyn FnMut(ClientEvent) + Send>>,
    ended: Arc<Queue<()>>,
    /// Why the server said that it would close.
    farewell: Option<String>,
}

impl Reader {
    pub(super) fn new(
        shared: Arc<Shared>,
        handler: Option<Box<dyn FnMut(ClientEvent) + Send>>,
        ended: Arc<Queue<()>>,
    ) -> Reader {
        Reader { shared, handler, ended, farewell: None }
    }

    /// Runs until the connection ends.
    pub(super) fn run(mut self) {
        let connection = &Arc::clone(&self.shared).connection;
        let mut parser = Parser::new(connection.framing(), connection.peer().to_string());
        let error = loop {
            match connection.recv_with(Deadline::never(), |frame| parser.parse(frame)).flatten() {
                Ok(Parsed::Incoming(incoming)) => {
                    self.shared.messages_in.fetch_add(1, Ordering::Relaxed);
                    if incoming.kind == IncomingKind::Bye {
                        self.farewell = Some(incoming.text.clone());
                    }
                    self.emit(ClientEvent::Incoming(incoming));
                }
                Ok(Parsed::Ping) => {
                    if let Err(error) = connection.send(br#"{"type":"pong"}"#, PONG_PATIENCE) {
                        break error;
                    }
                }
                Ok(Parsed::Nothing) => {}
                Err(error) => break error,
            }
        };
        let reason = self.reason(error);
        connection.close();
        let last = ClientEvent::Closed(reason);
        match self.handler {
            Some(_) => {
                self.emit(last);
                self.shared.events.close();
            }
            None => self.shared.events.close_with(last),
        }
        // The handler may own objects of the host program whose drop must not take the thread down.
        let handler = self.handler.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(handler))).map_err(std::mem::forget);
        self.ended.close();
    }

    fn reason(&self, error: Error) -> Option<Error> {
        if self.shared.connection.is_closed() || self.shared.leaving.load(Ordering::Relaxed) {
            return None;
        }
        match &self.farewell {
            Some(farewell) => Some(Error::new(Status::Closed, format!("the server closed the connection: {farewell}"))),
            None => Some(error),
        }
    }

    fn emit(&mut self, event: ClientEvent) {
        match &mut self.handler {
            Some(handler) => {
                if let Err(payload) = catch_unwind(AssertUnwindSafe(|| handler(event))) {
                    log::error!("the client's handler panicked");
                    // Dropping a payload may panic again.
                    std::mem::forget(payload);
                }
            }
            // Closed means that nobody will ask any more; reading on keeps the server from seeing a slow member.
            None => drop(self.shared.events.push_waiting(event, self.shared.event_limit)),
        }
    }
}
