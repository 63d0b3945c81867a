//! See [`crate::races`].

mod ending;
mod inbox;
mod shutdown;

use std::time::Duration;

use mio::{Events, Poll};

use crate::races::point;

/// Sleeps as a worker does, until it is woken. Whoever will wake it has done so once `all_done`.
fn sleep(poll: &mut Poll, all_done: impl Fn() -> bool) {
    let mut events = Events::with_capacity(1);
    loop {
        point();
        // Read before the poller is asked: who is done has woken us already.
        let is_last = all_done();
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        if !events.is_empty() {
            return;
        }
        assert!(!is_last, "asleep for ever");
    }
}
