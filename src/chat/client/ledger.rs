//! What a client has said and its server has not acknowledged.

use std::collections::VecDeque;

use serde_json::json;

/// The numbers of messages without an acknowledgement lie within so many: a server remembers the newest of a client.
const NUMBERS: u64 = 256;

/// Bytes of them; one message always may, however long.
const BYTES: usize = 1024 * 1024;

/// In the order in which it was said. Pure: whoever has it sends and waits.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// The number of the newest.
    last: u64,
    /// How many at the beginning were sent on this connection.
    sent: usize,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Never that of another message of the client's.
    pub(super) number: u64,
    pub(super) text: Box<str>,
    /// Whom alone it is for.
    pub(super) to: Option<Box<str>>,
    /// On how many connections it was sent.
    times: u32,
}

/// What is to be sent next.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) number: u64,
    pub(super) text: Box<str>,
    pub(super) to: Option<Box<str>>,
    /// It was sent before, on a connection that broke.
    pub(super) again: bool,
}

impl Next {
    /// As message chat has it.
    pub(super) fn frame(&self, numbered: bool) -> String {
        let mut fields = json!({"type": "message", "text": self.text});
        if numbered {
            fields["ref"] = self.number.into();
            if self.again {
                fields["again"] = true.into();
            }
        }
        if let Some(to) = &self.to {
            fields["to"] = (&**to).into();
        }
        fields.to_string()
    }
}

/// On so many connections a message is sent, at most, where the server acknowledges; elsewhere on one.
const TIMES: u32 = 2;

impl Ledger {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of text that wait for an acknowledgement.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether so many bytes more may be said now.
    pub(super) fn has_room(&self, length: usize) -> bool {
        let oldest = self.entries.front().map(|entry| entry.number);
        oldest.is_none_or(|oldest| self.last + 1 - oldest < NUMBERS && self.bytes + length <= BYTES)
    }

    pub(super) fn add(&mut self, text: &str, to: Option<&str>) {
        self.last += 1;
        self.bytes += text.len();
        self.entries.push_back(Entry { number: self.last, text: text.into(), to: to.map(Box::from), times: 0 });
    }

    /// The number of the newest message.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Whether all up to that one were sent on this connection.
    pub(super) fn has_sent(&self, number: u64) -> bool {
        self.entries.get(self.sent).is_none_or(|entry| entry.number > number)
    }

    /// The first message that was not sent on this connection. Counts as sent from here on, whatever becomes of it.
    pub(super) fn next(&mut self) -> Option<Next> {
        let entry = self.entries.get_mut(self.sent)?;
        self.sent += 1;
        entry.times += 1;
        let (number, text, to) = (entry.number, entry.text.clone(), entry.to.clone());
        Some(Next { number, text, to, again: entry.times > 1 })
    }

    /// That one needs nothing more; `None` if it was done with before.
    pub(super) fn done(&mut self, number: u64) -> Option<Entry> {
        let index = self.entries.binary_search_by_key(&number, |entry| entry.number).ok()?;
        let entry = self.entries.remove(index)?;
        self.bytes -= entry.text.len();
        self.sent -= usize::from(index < self.sent);
        Some(entry)
    }

    /// The connection is gone, on which the server did acknowledge or did not. What stays is sent on the next one; returned is
    /// what may not be sent once more.
    pub(super) fn lost(&mut self, acknowledged: bool) -> Vec<Entry> {
        self.sent = 0;
        let times = if acknowledged { TIMES } else { 1 };
        let (kept, given_up) = std::mem::take(&mut self.entries).into_iter().partition(|entry| entry.times < times);
        self.entries = kept;
        self.bytes = self.entries.iter().map(|entry| entry.text.len()).sum();
        Vec::from(given_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(texts: &[&str]) -> Ledger {
        let mut ledger = Ledger::default();
        texts.iter().for_each(|text| ledger.add(text, None));
        ledger
    }

    fn next(number: u64, text: &str, again: bool) -> Option<Next> {
        Some(Next { number, text: text.into(), to: None, again })
    }

    fn texts(entries: Vec<Entry>) -> Vec<String> {
        entries.into_iter().map(|entry| entry.text.into()).collect()
    }

    #[test]
    fn what_is_acknowledged_is_not_sent_again_and_all_else_is_once() {
        let mut ledger = ledger(&["a", "b", "c"]);
        assert_eq!(ledger.next(), next(1, "a", false));
        assert_eq!(ledger.next(), next(2, "b", false));
        assert_eq!(ledger.done(1).unwrap().text, "a".into());
        assert_eq!(ledger.done(1), None);
        assert_eq!(ledger.lost(true), []);
        assert_eq!(ledger.next(), next(2, "b", true));
        assert_eq!(ledger.next(), next(3, "c", false));
        assert_eq!(ledger.next(), None);
        assert_eq!(texts(ledger.lost(true)), ["b"]);
        assert_eq!(ledger.next(), next(3, "c", true));
        assert_eq!((ledger.len(), ledger.bytes()), (1, 1));
        assert_eq!(texts(ledger.lost(true)), ["c"]);
        assert!(ledger.is_empty());
    }

    #[test]
    fn what_is_acknowledged_out_of_order_spoils_no_place() {
        let mut ledger = ledger(&["a", "b", "c"]);
        ledger.next();
        ledger.next();
        ledger.done(2).unwrap();
        assert_eq!(ledger.next(), next(3, "c", false));
        ledger.done(3).unwrap();
        ledger.add("d", None);
        assert_eq!(ledger.next(), next(4, "d", false));
        assert_eq!((ledger.len(), ledger.bytes()), (2, 2));
    }

    #[test]
    fn where_nothing_is_acknowledged_nothing_is_sent_again() {
        let mut ledger = ledger(&["a", "b"]);
        ledger.next();
        assert_eq!(texts(ledger.lost(false)), ["a"]);
        assert_eq!(ledger.next(), next(2, "b", false));
    }

    #[test]
    fn whom_a_message_is_for_stays_with_it_until_the_end() {
        let mut ledger = Ledger::default();
        ledger.add("psst", Some("ann"));
        for again in [false, true] {
            assert_eq!(ledger.next(), Some(Next { number: 1, text: "psst".into(), to: Some("ann".into()), again }));
            assert!(ledger.has_sent(1));
            let given_up = ledger.lost(true);
            let to: Vec<_> = given_up.iter().map(|entry| entry.to.as_deref()).collect();
            assert_eq!(to, if again { vec![Some("ann")] } else { vec![] });
            assert_eq!(ledger.has_sent(1), again);
        }
    }

    #[test]
    fn two_losses_before_anything_was_sent_give_nothing_up() {
        let mut ledger = ledger(&["a"]);
        assert_eq!((ledger.lost(true), ledger.lost(true)), (vec![], vec![]));
        assert_eq!(ledger.next(), next(1, "a", false));
    }

    #[test]
    fn there_is_room_for_so_many_messages_and_bytes_and_for_one_that_is_longer() {
        let long = "x".repeat(2 * BYTES);
        assert!(Ledger::default().has_room(long.len()));
        let mut few = ledger(&[&long[..BYTES - 1]]);
        assert!(few.has_room(1) && !few.has_room(2));
        few.done(1);
        assert!(few.has_room(long.len()));
        let mut many = Ledger::default();
        (0..NUMBERS).for_each(|_| many.add("", None));
        assert!(!many.has_room(0));
        many.done(7);
        assert!(!many.has_room(0), "the server would forget the oldest");
        many.done(1);
        assert!(many.has_room(0));
    }
}
