//! A member's place in the log, and the judgement when its stream departs from it.

use std::borrow::Cow;

use crate::fault::{Fault, Kind};
use crate::format::{Format, Frame};
use crate::log::Log;
use crate::text::{self, Mark};

/// How far a member has got.
pub(crate) struct Cursor {
    sender: Option<u32>,
    position: u64,
    next: u64,
    /// Bytes that cannot be compared yet: the beginning of a message that no other member has seen.
    tail: Vec<u8>,
}

impl Cursor {
    /// At the beginning of the log; `sender` is the number under which this member sends.
    pub(crate) fn new(sender: Option<u32>) -> Cursor {
        Cursor { sender, position: 0, next: 0, tail: Vec::new() }
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
        let mut data = self.with_tail(data);
        let mut own = 0;
        loop {
            let agreed = self.compare(log, &data);
            let stopped_at = self.position;
            let (passed, returned) = log.pass(self.next, stopped_at, self.sender, now);
            self.next += passed;
            own += returned;
            if agreed == data.len() {
                return Ok(own);
            }
            // Past this point at most once a message, and for most members never.
            let begin = log.start_of(self.next);
            let rest = [log.bytes(begin, stopped_at), &data[agreed..]].concat();
            self.position = begin;
            match format.first(&rest) {
                Frame::Partial => {
                    self.tail = rest;
                    return Ok(own);
                }
                Frame::Control { len, reply } => {
                    replies.extend_from_slice(reply);
                    data = Cow::Owned(rest[len..].to_vec());
                }
                Frame::Foreign { len } => return Err(foreign(&rest[..len])),
                Frame::Message { text, .. } if self.next < log.messages() => {
                    return Err(self.departure(log, format, &text, &rest));
                }
                Frame::Message { .. } => {
                    lead(log, format, &rest)?;
                    data = Cow::Owned(rest);
                }
            }
        }
    }

    /// What is missing when nothing more will come.
    pub(crate) fn finish(&self, log: &Log) -> Result<(), Fault> {
        if self.next < log.messages() {
            let missing = log.messages() - self.next;
            return Err(Fault::new(Kind::Lost, format!("{missing} messages, from {} on", log.mark_of(self.next))));
        }
        if !self.tail.is_empty() {
            return Err(Fault::new(Kind::Cut, format!("the stream ends with {:?}", text::excerpt(&self.tail))));
        }
        Ok(())
    }

    fn with_tail<'a>(&mut self, data: &'a [u8]) -> Cow<'a, [u8]> {
        if self.tail.is_empty() {
            return Cow::Borrowed(data);
        }
        let mut whole = std::mem::take(&mut self.tail);
        whole.extend_from_slice(data);
        Cow::Owned(whole)
    }

    /// Goes on as far as the data agrees with the log, in whole messages if it does not agree to its end.
    fn compare(&mut self, log: &Log, data: &[u8]) -> usize {
        let known = log.bytes(self.position, log.end());
        let length = known.len().min(data.len());
        let agreed = if known[..length] == data[..length] { length } else { common_prefix(known, data) };
        self.position += agreed as u64;
        agreed
    }

    /// The member has a message where the others have another one.
    fn departure(&self, log: &Log, format: &dyn Format, found: &[u8], rest: &[u8]) -> Fault {
        let due = log.mark_of(self.next);
        let found = match log.read(found) {
            Ok(found) => found,
            Err(fault) => return fault,
        };
        let is_old = log.due(found.sender).is_some_and(|due| found.counter < due.counter);
        let (kind, what) = match log.index_of(found) {
            Some(index) if index == self.next => (Kind::Cut, "with other bytes around its text"),
            Some(index) if index < self.next => (Kind::Doubled, "again"),
            None if is_old => (Kind::Doubled, "again"),
            _ if follows(log, format, rest, due) => (Kind::Reordered, "first"),
            _ => (Kind::Lost, "instead"),
        };
        Fault::new(kind, format!("where others have {due}, here comes {found} {what}"))
    }
}

/// Takes messages into the log as long as whole ones are there: nobody has seen them before.
fn lead(log: &mut Log, format: &dyn Format, rest: &[u8]) -> Result<(), Fault> {
    let mut rest = rest;
    while !rest.is_empty() {
        let Frame::Message { len, text } = format.first(rest) else { break };
        let mark = log.read(&text)?;
        let due = log.due(mark.sender).unwrap_or(mark);
        if mark.counter < due.counter {
            return Err(Fault::new(Kind::Doubled, format!("{mark} again, {} of them were there", due.counter)));
        }
        if mark.counter > due.counter {
            let kind = if follows(log, format, rest, due) { Kind::Reordered } else { Kind::Lost };
            return Err(Fault::new(kind, format!("{mark} instead of {due}")));
        }
        log.append(mark, &rest[..len])?;
        rest = &rest[len..];
    }
    Ok(())
}

/// Whether a message is among those that have arrived behind another.
fn follows(log: &Log, format: &dyn Format, mut rest: &[u8], due: Mark) -> bool {
    while !rest.is_empty() {
        match format.first(rest) {
            Frame::Message { len, text } => {
                if log.read(&text) == Ok(due) {
                    return true;
                }
                rest = &rest[len..];
            }
            Frame::Control { len, .. } => rest = &rest[len..],
            _ => return false,
        }
    }
    false
}

fn foreign(bytes: &[u8]) -> Fault {
    Fault::new(Kind::Foreign, format!("not a delivery: {:?}", text::excerpt(bytes)))
}

fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests;
