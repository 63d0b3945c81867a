//! A member that sends: its count, and how many of its messages are on the way.

use crate::format::Format;
use crate::log::Log;
use crate::text::{self, Kind, Mark};

/// One sender.
pub(crate) struct Sender {
    /// Which member this is.
    pub(crate) member: usize,
    number: u32,
    counter: u64,
    in_flight: usize,
}

/// How texts become bytes on the way to the server.
pub(crate) struct Writer {
    format: Box<dyn Format>,
    size: usize,
    text: Vec<u8>,
}

impl Writer {
    /// Writes texts of `size` bytes in `format`.
    pub(crate) fn new(format: Box<dyn Format>, size: usize) -> Writer {
        Writer { format, size, text: Vec::with_capacity(size) }
    }

    /// The protocol.
    pub(crate) fn format(&self) -> &dyn Format {
        self.format.as_ref()
    }

    /// The size of a text.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Appends the text that belongs to a mark.
    pub(crate) fn write(&mut self, mark: Mark, out: &mut Vec<u8>) {
        self.text.clear();
        text::write(mark, self.size, &mut self.text);
        self.format.encode(&self.text, out);
    }
}

impl Sender {
    /// Sender `number`, which is this `member`.
    pub(crate) fn new(number: usize, member: usize) -> Sender {
        Sender { member, number: number as u32, counter: 0, in_flight: 0 }
    }

    /// How many of its messages it has not got back.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Some of its messages came back.
    pub(crate) fn returned(&mut self, count: u32) {
        self.in_flight -= count as usize;
    }

    /// Appends its next message.
    pub(crate) fn send(&mut self, writer: &mut Writer, log: &mut Log, now: u64, out: &mut Vec<u8>) {
        writer.write(Mark { kind: Kind::Data, sender: self.number, counter: self.counter }, out);
        log.note_sent(self.number, now);
        self.counter += 1;
        self.in_flight += 1;
    }
}
