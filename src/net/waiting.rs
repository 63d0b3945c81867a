//! Waiting for descriptors with a deadline that a cancel or a signal may end early.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use super::deadline::{Deadline, LOOK_UP};
use super::sys::descriptor::{Direction, poll};
use crate::{Error, Result};

/// As many descriptors as anybody waits for at once.
const MOST: usize = 2;

/// Waits until one of `descriptors` is ready (or in error, which the next call on it will report).
///
/// Returns which ones are, or a timeout error that begins with `what`.
pub(super) fn wait<const N: usize>(
    descriptors: [(BorrowedFd<'_>, Direction); N],
    deadline: &Deadline<'_>,
    what: &str,
) -> Result<[bool; N]> {
    const { assert!(N <= MOST) };
    let entry = |descriptor: BorrowedFd<'_>, direction: Direction| libc::pollfd {
        fd: descriptor.as_raw_fd(),
        events: direction.events(),
        revents: 0,
    };
    let mut entries = [libc::pollfd { fd: -1, events: 0, revents: 0 }; MOST + 1];
    for (place, (descriptor, direction)) in entries.iter_mut().zip(descriptors) {
        *place = entry(descriptor, direction);
    }
    let cancel = deadline.cancel_signal().map(|signal| entry(signal.as_fd(), Direction::Receive));
    let count = N + usize::from(cancel.is_some());
    entries[N] = cancel.unwrap_or(entries[N]);
    deadline.check_cancel()?;
    // A signal that came before the first wait has interrupted nothing: it is asked for once, a moment later.
    let mut first = deadline.can_be_interrupted();
    loop {
        let patience = if first { deadline.at_most(LOOK_UP) } else { *deadline };
        match poll(&mut entries[..count], patience.poll_timeout()) {
            Ok(1..) if entries[N].revents != 0 => deadline.check_cancel()?,
            Ok(1..) => return Ok(std::array::from_fn(|place| entries[place].revents != 0)),
            Ok(_) if deadline.has_passed() => return Err(Deadline::timed_out(what)),
            Ok(_) if std::mem::take(&mut first) => deadline.interrupted()?,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => deadline.interrupted()?,
            Err(error) => return Err(Error::from_io(&error, what)),
        }
    }
}
