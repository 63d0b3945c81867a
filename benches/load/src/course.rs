//! What a member's stream is judged by: one order for the whole room, or the order of each sender.

use crate::cursor::Cursor;
use crate::fault::Fault;
use crate::format::Format;
use crate::log::{Log, PerSender};

/// Which order a server promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// All members receive all messages in the same order.
    Room,
    /// Each sender's messages come in its order; members may see those of two senders interleaved differently.
    Sender,
}

/// A member's progress under that order.
pub(crate) enum Course {
    Room(Cursor),
    Sender(PerSender),
}

impl Course {
    /// At the beginning; `sender` is the number under which this member sends, one of `senders`.
    pub(crate) fn new(order: Order, sender: Option<u32>, senders: usize) -> Course {
        match order {
            Order::Room => Course::Room(Cursor::new(sender)),
            Order::Sender => Course::Sender(PerSender::new(sender, senders)),
        }
    }

    /// Takes what a member received, in any split. Returns how many of its own messages came back; answers that the
    /// protocol asks for are appended to `replies`.
    pub(crate) fn feed(
        &mut self,
        log: &mut Log,
        format: &dyn Format,
        data: &[u8],
        now: u64,
        replies: &mut Vec<u8>,
    ) -> Result<u32, Fault> {
        match self {
            Course::Room(cursor) => cursor.feed(log, format, data, now, replies),
            Course::Sender(course) => course.feed(log, format, data, now, replies),
        }
    }

    /// What is missing when nothing more will come.
    pub(crate) fn finish(&self, log: &Log) -> Result<(), Fault> {
        match self {
            Course::Room(cursor) => cursor.finish(log),
            Course::Sender(course) => course.finish(log),
        }
    }
}
