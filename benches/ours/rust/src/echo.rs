//! Framed echo.

use rustchat::connection::{AcceptOptions, Connection};
use rustchat::net::Deadline;

use crate::report::{Stopwatch, listen};
use crate::{Result, Way, report};

pub(crate) fn serve(way: Way) -> Result {
    let listener = listen(way, AcceptOptions::default())?;
    loop {
        let connection = listener.accept(Deadline::never())?;
        while let Ok(message) = connection.recv(Deadline::never()) {
            connection.send(&message, Deadline::never())?;
        }
    }
}

pub(crate) fn call(way: Way, address: &str, size: usize, seconds: f64) -> Result {
    let (connection, message) = (report::call(way, address)?, vec![b'x'; size]);
    let watch = Stopwatch::start();
    while watch.is_within(seconds / 10.0) {
        round_trip(&connection, &message)?;
    }
    let (mut count, watch) = (0, Stopwatch::start());
    while watch.is_within(seconds) {
        round_trip(&connection, &message)?;
        count += 1;
    }
    watch.report("round_trips", count);
    Ok(())
}

fn round_trip(connection: &Connection, message: &[u8]) -> Result {
    connection.send(message, Deadline::never())?;
    let same = connection.recv_with(Deadline::never(), |answer| answer.len() == message.len())?;
    if same { Ok(()) } else { Err("the echo differs from what was sent".into()) }
}
