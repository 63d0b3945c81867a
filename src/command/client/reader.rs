//! The thread that receives for a client: it always reads, so that no command waits for another one's reader.

use std::sync::Arc;
use std::time::Duration;

use super::shared::{Answer, Shared};
use crate::command::wire::{Farewell, Report, Request};
use crate::{Error, Status, error};

/// How long a server may be silent, and how long it may then take to answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pings {
    pub(super) interval: Option<Duration>,
    pub(super) timeout: Duration,
}

/// Runs until the connection ends, and says why to all who wait.
pub(super) fn run(shared: &Arc<Shared>, pings: Pings) {
    let received = error::caught("rustchat-command", || receive(shared, pings));
    let reason = received.unwrap_or_else(|failure| {
        log::error!("{}: {}; the client ends", shared.connection.peer(), failure.message());
        failure
    });
    let _ = shared.end(reason);
    shared.connection.close();
}

/// Receives until that fails; returns why.
fn receive(shared: &Shared, pings: Pings) -> Error {
    let connection = &shared.connection;
    // What was there of an unfinished message when the server was asked whether it is there.
    let mut asked = None;
    loop {
        #[cfg(any(test, feature = "panic-injection"))]
        crate::inject::point_once("rustchat-command ", connection.peer());
        let patience = if asked.is_some() { Some(pings.timeout) } else { pings.interval };
        let heard = connection.recv_with(patience, |message| {
            let report = Report::decode(message)?;
            shared.state.lock().hear(&report)
        });
        match heard {
            Err(error) if error.status() == Status::TimedOut => {
                let there = connection.buffered();
                if asked.is_some_and(|before| before == there) {
                    return Error::new(Status::TimedOut, format!("{} does not answer any more", connection.peer()));
                }
                asked = Some(there);
                if let Err(error) = shared.send(&Request::Ping) {
                    return error;
                }
                continue;
            }
            Err(error) => return broken(shared, error),
            Ok(Ok(Answer::Pong)) => {
                if let Err(error) = shared.send(&Request::Pong) {
                    return broken(shared, error);
                }
            }
            Ok(Ok(Answer::Wake(changed))) => changed.notify_all(),
            Ok(Ok(Answer::Nothing)) => {}
            Ok(Err(violation)) => {
                let text = violation.to_string();
                let _ = shared.send(&Request::GoAway { why: Farewell::Protocol, text: &text });
                let text = format!("{} breaks the protocol: {text}", connection.peer());
                return Error::new(Status::ProtocolViolation, text);
            }
        }
        asked = None;
    }
}

/// An end that comes while commands run is never one in good order.
fn broken(shared: &Shared, error: Error) -> Error {
    let is_running = shared.state.lock().books.mux.open() > 0;
    if error.status() == Status::Closed && is_running && !shared.connection.is_closed() {
        return error.with_status(Status::ConnectionReset);
    }
    error
}

/// Says that nothing more is wanted, if that can be said at once.
pub(super) fn say_goodbye(shared: &Shared) {
    let message = Request::GoAway { why: Farewell::Done, text: "" }.encode();
    let _ = shared.connection.send(&message, Duration::ZERO);
}
