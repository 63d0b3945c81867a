//! The end of a direction for which the kernel had no room: a thread waits for that, since nobody else may.

use std::io::IoSlice;
use std::time::Duration;

use super::tail::Tail;
use crate::net::{Deadline, Places, Stream, start};

/// How long the peer may take nothing at all.
const PATIENCE: Duration = Duration::from_secs(10);

/// So many are waited for at a time. Beyond them an end is a cut, as it is for a peer that has no patience.
static WAITING: Places = Places::new(32);

/// Sends what is left in `sealed` as the peer makes room for it, then ends the direction; whether that is under way. From
/// then on nothing else is sent.
pub(super) fn send_later(stream: &Stream, tail: &mut Tail) -> bool {
    let Some((place, stream)) = WAITING.enter().zip(stream.duplicate().ok()) else { return false };
    let rest = tail.give_away();
    let send = move || {
        let _place = place;
        let mut rest = &rest[..];
        while !rest.is_empty() {
            match stream.send_some(&[IoSlice::new(rest)], &Deadline::after(PATIENCE)) {
                Ok(count) => rest = &rest[count..],
                Err(_) => return,
            }
        }
        stream.shutdown_send();
    };
    start("rustchat-farewell", send).is_ok()
}
