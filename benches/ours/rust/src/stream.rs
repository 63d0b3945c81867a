//! One-way messages: one call each, or with `--many` 64 KiB of them a call.

use rustchat::connection::{AcceptOptions, Connection};
use rustchat::net::Deadline;

use crate::report::{Stopwatch, listen};
use crate::{Result, Way, report};

/// Behind the last message; the sink answers with how many came before it.
const END: &[u8] = b"end";
/// Bytes given to one call of `send_many`.
const BATCH: usize = 64 << 10;

pub(crate) fn serve(way: Way) -> Result {
    let listener = listen(way, AcceptOptions::default())?;
    loop {
        let connection = listener.accept(Deadline::never())?;
        let count = if way.many { count_many(&connection)? } else { count(&connection)? };
        connection.send(count.to_string().as_bytes(), Deadline::never())?;
    }
}

fn count(connection: &Connection) -> Result<u64> {
    let mut count = 0;
    while connection.recv_with(Deadline::never(), |message| message != END)? {
        count += 1;
    }
    Ok(count)
}

fn count_many(connection: &Connection) -> Result<u64> {
    let (mut count, mut ended) = (0, false);
    while !ended {
        connection.recv_many(1024, Deadline::never(), |message| {
            ended |= message == END;
            count += 1;
        })?;
    }
    Ok(count - 1)
}

pub(crate) fn call(way: Way, address: &str, size: usize, seconds: f64) -> Result {
    let (connection, message) = (report::call(way, address)?, vec![b'x'; size]);
    let batch = if way.many { (BATCH / size).clamp(1, 1024) } else { 1 };
    let (mut count, watch) = (0_u64, Stopwatch::start());
    while watch.is_within(seconds) {
        if way.many {
            connection.send_many(std::iter::repeat_n(&message, batch), Deadline::never())?;
        } else {
            connection.send(&message, Deadline::never())?;
        }
        count += batch as u64;
    }
    connection.send(END, Deadline::never())?;
    let answer = connection.recv(Deadline::never())?;
    if answer != count.to_string().as_bytes() {
        return Err(format!("{count} messages sent, {} received", String::from_utf8_lossy(&answer)).into());
    }
    watch.report("messages", count);
    Ok(())
}
