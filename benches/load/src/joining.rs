//! A member that has connected but is not known to be in the room yet.
//!
//! One sender repeats a `sync` text until every member has seen one; then all are in the room, and what follows the
//! `begin` text must be the same for everyone.

use crate::fault::{Fault, Kind};
use crate::format::{Format, Frame};
use crate::text;

/// What a member has seen so far.
#[derive(Default)]
pub(crate) struct Joining {
    tail: Vec<u8>,
    synced: bool,
}

impl Joining {
    /// Whether this member has received a sync.
    pub(crate) fn is_synced(&self) -> bool {
        self.synced
    }

    /// Takes what the member received; once it has seen `begin`, returns the bytes behind it. Greetings of the server's
    /// own are passed over.
    pub(crate) fn feed(
        &mut self,
        format: &dyn Format,
        size: usize,
        data: &[u8],
        replies: &mut Vec<u8>,
    ) -> Result<Option<Vec<u8>>, Fault> {
        self.tail.extend_from_slice(data);
        let mut at = 0;
        while at < self.tail.len() {
            match format.first(&self.tail[at..]) {
                Frame::Partial => break,
                Frame::Foreign { len } => at += len,
                Frame::Control { len, reply } => {
                    replies.extend_from_slice(reply);
                    at += len;
                }
                Frame::Message { len, text } => {
                    at += len;
                    match text::read(&text, size).map(|mark| mark.kind) {
                        Ok(text::Kind::Sync) => self.synced = true,
                        Ok(text::Kind::Begin) => return Ok(Some(self.tail.split_off(at))),
                        Ok(text::Kind::Data) => return Err(Fault::new(Kind::Lost, "the message before the load")),
                        Err(_) => {}
                    }
                }
            }
        }
        self.tail.drain(..at);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Plain;
    use crate::text::Mark;

    #[test]
    fn syncs_then_begins_in_any_split() {
        let mut stream = b"welcome\n".to_vec();
        for (kind, counter) in [(text::Kind::Sync, 0), (text::Kind::Sync, 1), (text::Kind::Begin, 0)] {
            text::write(Mark { kind, sender: 0, counter }, 32, &mut stream);
            stream.push(b'\n');
        }
        let end = stream.len();
        stream.extend_from_slice(b"rest");
        for step in 1..=stream.len() {
            let (mut joining, mut rest, mut fed) = (Joining::default(), None, 0);
            for piece in stream.chunks(step) {
                fed += piece.len();
                rest = joining.feed(&Plain, 32, piece, &mut Vec::new()).unwrap();
                if rest.is_some() {
                    break;
                }
            }
            assert!(joining.is_synced());
            assert_eq!(rest.unwrap(), stream[end..fed], "step {step}");
        }
    }
}
