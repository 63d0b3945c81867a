//! Looking names up with a deadline.
//!
//! The system's resolver knows none: it works on a thread that is left behind when the deadline passes, and ends when the
//! resolver gives up by itself, which may take half a minute. So there is a bound to the number of such threads.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::deadline::{Deadline, LOOK_UP};
use super::places::{Place, Places};
use super::thread::start;
use crate::{Error, Result, Status};

/// Threads that look names up at a time. Who comes when all are busy waits for one to be done.
const MOST: u32 = 32;

/// How often who waits for a thread looks whether there is one.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

static THREADS: Places = Places::new(MOST);

/// The addresses of `host`.
pub(super) fn look_up(host: &str, port: u16, deadline: &Deadline<'_>) -> Result<Vec<SocketAddr>> {
    let name = host.to_owned();
    let resolve = move || (name.as_str(), port).to_socket_addrs().map(Iterator::collect);
    if deadline.instant().is_none() && !deadline.can_be_interrupted() {
        return resolve().map_err(not_found);
    }
    look_up_on(&THREADS, deadline, resolve)
}

fn look_up_on(
    threads: &'static Places,
    deadline: &Deadline<'_>,
    resolve: impl FnOnce() -> io::Result<Vec<SocketAddr>> + Send + 'static,
) -> Result<Vec<SocketAddr>> {
    let place = wait_for_place(threads, deadline)?;
    let (answer, waiting) = mpsc::channel();
    start("rustchat-resolve", move || {
        let _place = place;
        let _ = answer.send(resolve());
    })?;
    loop {
        match waiting.recv_timeout(deadline.at_most(LOOK_UP).remaining().unwrap_or(LOOK_UP)) {
            Ok(found) => return found.map_err(not_found),
            Err(_) if deadline.has_passed() => return Err(Error::new(Status::TimedOut, "timed out")),
            Err(_) => deadline.interrupted()?,
        }
    }
}

fn wait_for_place(threads: &'static Places, deadline: &Deadline<'_>) -> Result<Place> {
    loop {
        if let Some(place) = threads.enter() {
            return Ok(place);
        }
        if deadline.has_passed() {
            return Err(Error::new(Status::TimedOut, format!("timed out: {MOST} earlier ones have no answer yet")));
        }
        thread::sleep(deadline.at_most(LOOK_AGAIN).remaining().unwrap_or(LOOK_AGAIN));
        deadline.interrupted()?;
    }
}

fn not_found(error: io::Error) -> Error {
    Error::new(Status::InvalidAddress, error.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier, Mutex};

    use super::*;

    #[test]
    fn a_resolver_that_does_not_answer_costs_a_bounded_number_of_threads() {
        static BUSY: Places = Places::new(MOST);
        let (begun, gate) = (Arc::new(Mutex::new(0)), Arc::new(Barrier::new(MOST as usize + 1)));
        let hang = || {
            let (begun, gate) = (Arc::clone(&begun), Arc::clone(&gate));
            move || {
                *begun.lock().unwrap() += 1;
                gate.wait();
                Ok(Vec::new())
            }
        };
        for _ in 0..2 * MOST {
            let error = look_up_on(&BUSY, &Deadline::after(Duration::from_millis(5)), hang()).unwrap_err();
            assert_eq!(error.status(), Status::TimedOut);
        }
        let patience = Deadline::after(Duration::from_secs(30));
        while *begun.lock().unwrap() < MOST && !patience.has_passed() {
            thread::yield_now();
        }
        assert_eq!(*begun.lock().unwrap(), MOST);
        gate.wait();
        // Who comes later finds a place as soon as one is free.
        assert_eq!(look_up_on(&BUSY, &patience, || Ok(Vec::new())), Ok(Vec::new()));
    }
}
