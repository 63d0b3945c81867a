//! Guests who knock all at once, prove themselves and go, again and again: what the members of a room notice of them is
//! measured by another load. They do not stay to be members, for whom each message would have to be delivered, too.

use std::time::{Duration, Instant};

use mio::{Events, Poll};

use crate::args::Args;
use crate::backlog::Backlog;
use crate::fault::Fault;
use crate::secure::Keys;
use crate::wire::Wire;

const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// What they did.
#[derive(Debug, Default, serde::Serialize)]
pub(crate) struct Knocks {
    pub(crate) connections: u64,
    pub(crate) seconds: f64,
}

/// Knocks until the time is up, `count` of them at once: all have connected and begun before the first goes on.
pub(crate) fn run(args: &Args, keys: &Keys, count: usize) -> Result<Knocks, String> {
    let mut poll = Poll::new().map_err(|error| error.to_string())?;
    let (begin, mut knocks) = (Instant::now(), Knocks::default());
    while begin.elapsed() < args.duration {
        wave(args, keys, count, &mut poll)?;
        knocks.connections += count as u64;
    }
    knocks.seconds = begin.elapsed().as_secs_f64();
    Ok(knocks)
}

fn wave(args: &Args, keys: &Keys, count: usize, poll: &mut Poll) -> Result<(), String> {
    let (backlog, mut guests) = (Backlog::of(args.address), Vec::with_capacity(count));
    for number in 0..count {
        backlog.wait_for_room(number);
        let guest = Wire::connect(args.address, poll.registry(), number).map_err(|error| error.to_string())?;
        guests.push(Some(guest));
    }
    for guest in guests.iter_mut().flatten() {
        guest.secure(keys).map_err(|fault| fault.detail)?;
    }
    let (mut events, mut buffer, mut gone) = (Events::with_capacity(1024), vec![0; 64 << 10], 0);
    let (mut moved, mut seen) = (Instant::now(), 0);
    while gone < count {
        if gone > seen {
            (moved, seen) = (Instant::now(), gone);
        } else if moved.elapsed() > args.patience {
            return Err(format!("{} guests are not let in", count - gone));
        }
        // What an interrupted wait has missed the next one brings.
        let _ = poll.poll(&mut events, Some(LONGEST_WAIT));
        for event in &events {
            let place = &mut guests[event.token().0];
            let Some(guest) = place else { continue };
            attend(guest, &mut buffer).map_err(|fault| fault.detail)?;
            if guest.has_proved() {
                (*place, gone) = (None, gone + 1);
            }
        }
    }
    Ok(())
}

fn attend(guest: &mut Wire, buffer: &mut [u8]) -> Result<(), Fault> {
    guest.flush()?;
    while guest.read(buffer)?.is_some() && !guest.is_drained() {}
    Ok(())
}
