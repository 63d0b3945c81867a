//! A member's place in a room whose server keeps the order of each sender and promises none among them. Nothing can be
//! compared byte by byte then: every delivery to every member is taken apart.

use std::collections::VecDeque;

use super::Log;
use crate::fault::{Fault, Kind};
use crate::format::{Format, Frame};
use crate::text::{self, Mark};

/// The messages of one sender that not every member has yet.
#[derive(Default)]
pub(super) struct Track {
    first: u64,
    entries: VecDeque<(u64, u32)>,
}

/// How far a member has got with each sender.
pub(crate) struct PerSender {
    sender: Option<u32>,
    next: Vec<u64>,
    tail: Vec<u8>,
}

impl PerSender {
    /// At the beginning; `sender` is the number under which this member sends.
    pub(crate) fn new(sender: Option<u32>, senders: usize) -> PerSender {
        PerSender { sender, next: vec![0; senders], tail: Vec::new() }
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
        let mut whole = std::mem::take(&mut self.tail);
        let mut rest = if whole.is_empty() {
            data
        } else {
            whole.extend_from_slice(data);
            &whole
        };
        let mut own = 0;
        while !rest.is_empty() {
            let len = match format.first(rest) {
                Frame::Partial => break,
                Frame::Foreign { len } => {
                    let excerpt = text::excerpt(&rest[..len]);
                    return Err(Fault::new(Kind::Foreign, format!("not a delivery: {excerpt:?}")));
                }
                Frame::Control { len, reply } => {
                    replies.extend_from_slice(reply);
                    len
                }
                Frame::Message { len, text } => {
                    let mark = log.read(&text)?;
                    own += u32::from(self.take(log, mark, len, now)?);
                    len
                }
            };
            rest = &rest[len..];
        }
        self.tail = rest.to_vec();
        Ok(own)
    }

    /// What is missing when nothing more will come.
    pub(crate) fn finish(&self, log: &Log) -> Result<(), Fault> {
        for (sender, (next, seen)) in self.next.iter().zip(&log.expected).enumerate() {
            if next < seen {
                return Err(Fault::new(Kind::Lost, format!("{} messages of sender {sender}", seen - next)));
            }
        }
        if !self.tail.is_empty() {
            return Err(Fault::new(Kind::Cut, format!("the stream ends with {:?}", text::excerpt(&self.tail))));
        }
        Ok(())
    }

    /// Returns whether the message is the member's own.
    fn take(&mut self, log: &mut Log, mark: Mark, len: usize, now: u64) -> Result<bool, Fault> {
        let next = &mut self.next[mark.sender as usize];
        if mark.counter != *next {
            let kind = if mark.counter < *next { Kind::Doubled } else { Kind::Lost };
            return Err(Fault::new(kind, format!("{mark}, number {next} of that sender is due")));
        }
        *next += 1;
        let own = self.sender == Some(mark.sender);
        log.arrive(mark, len, own, now)?;
        Ok(own)
    }
}

impl Log {
    /// One member has one more message of a sender.
    fn arrive(&mut self, mark: Mark, len: usize, own: bool, now: u64) -> Result<(), Fault> {
        let sender = mark.sender as usize;
        let track = &mut self.tracks[sender];
        let at = (mark.counter - track.first) as usize;
        if at == track.entries.len() {
            let Some(sent) = self.sent[sender].pop_front() else {
                return Err(Fault::new(Kind::Foreign, format!("{mark}, which was not sent yet")));
            };
            track.entries.push_back((sent, self.members));
            self.expected[sender] += 1;
            self.apart.0 += 1;
            self.apart.1 += len as u64;
        }
        let (sent, missing) = &mut track.entries[at];
        *missing -= 1;
        self.deliveries += 1;
        self.complete += u64::from(*missing == 0);
        if self.meter.window.contains(sent) {
            if own {
                self.meter.to_sender.record(now.saturating_sub(*sent));
            }
            if *missing == 0 {
                self.meter.to_room.record(now.saturating_sub(*sent));
            }
        }
        while track.entries.front().is_some_and(|(_, missing)| *missing == 0) {
            track.entries.pop_front();
            track.first += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Plain;

    fn stream(marks: &[(u32, u64)]) -> Vec<u8> {
        let mut stream = Vec::new();
        for &(sender, counter) in marks {
            text::write(Mark { kind: text::Kind::Data, sender, counter }, 32, &mut stream);
            stream.push(b'\n');
        }
        stream
    }

    fn room() -> (Log, PerSender, PerSender) {
        let mut log = Log::new(2, 2, 32);
        for (sender, now) in [(0, 10), (1, 20), (0, 30)] {
            log.note_sent(sender, now);
        }
        log.meter.window = 0..u64::MAX;
        (log, PerSender::new(Some(0), 2), PerSender::new(None, 2))
    }

    #[test]
    fn two_orders_pass_in_any_split() {
        for step in 1..100 {
            let (mut log, mut a, mut b) = room();
            let mut own = 0;
            for piece in stream(&[(0, 0), (1, 0), (0, 1)]).chunks(step) {
                own += a.feed(&mut log, &Plain, piece, 40, &mut Vec::new()).unwrap();
            }
            for piece in stream(&[(1, 0), (0, 0), (0, 1)]).chunks(step) {
                own += b.feed(&mut log, &Plain, piece, 50, &mut Vec::new()).unwrap();
            }
            assert_eq!((own, log.complete(), log.deliveries(), log.messages(), log.end()), (2, 3, 6, 3, 99));
            assert_eq!((log.meter.to_room.total(), log.meter.to_sender.max()), (3, 30));
            assert_eq!((a.finish(&log), b.finish(&log)), (Ok(()), Ok(())));
        }
    }

    #[test]
    fn departures_are_seen() {
        for (marks, kind) in [
            (&[(0, 1)][..], Kind::Lost),
            (&[(0, 0), (0, 0)], Kind::Doubled),
            (&[(1, 0), (1, 1)], Kind::Foreign),
            (&[(0, 0), (0, 1), (0, 2)], Kind::Foreign),
        ] {
            let (mut log, mut a, _) = room();
            let fault = a.feed(&mut log, &Plain, &stream(marks), 40, &mut Vec::new()).unwrap_err();
            assert_eq!(fault.kind, kind, "{marks:?}: {}", fault.detail);
        }
        let (mut log, mut a, b) = room();
        a.feed(&mut log, &Plain, &stream(&[(0, 0)]), 40, &mut Vec::new()).unwrap();
        assert_eq!(b.finish(&log).unwrap_err().kind, Kind::Lost);
    }
}
