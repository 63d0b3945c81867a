//! What a client that comes back asks on the connection that it has.

use std::collections::VecDeque;

/// What waits to be asked, in its order. No more than somebody waits for.
#[derive(Default)]
pub(super) struct Requests(VecDeque<Request>);

struct Request {
    number: u64,
    /// The message that goes before it.
    behind: u64,
    text: String,
}

impl Requests {
    /// Asks that behind the message of the number `behind`.
    pub(super) fn push(&mut self, number: u64, behind: u64, text: &str) {
        self.0.push_back(Request { number, behind, text: text.to_owned() });
    }

    /// The next one, if what goes before it `is_sent`.
    pub(super) fn next(&mut self, is_sent: impl FnOnce(u64) -> bool) -> Option<String> {
        if is_sent(self.0.front()?.behind) { self.0.pop_front().map(|request| request.text) } else { None }
    }

    /// Nobody waits for that one any more.
    pub(super) fn forget(&mut self, number: u64) {
        self.0.retain(|request| request.number != number);
    }

    /// They go with their connection.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_waits_for_what_was_said_before_and_none_for_whom_nobody_waits() {
        let mut requests = Requests::default();
        for (number, behind) in [(10, 1), (11, 2), (12, 2), (13, 3)] {
            requests.push(number, behind, &number.to_string());
        }
        requests.forget(11);
        requests.forget(99);
        let mut next = |sent| requests.next(|behind| behind <= sent);
        assert_eq!(next(0), None);
        assert_eq!(next(1).as_deref(), Some("10"));
        assert_eq!(next(1), None);
        assert_eq!([next(2), next(2)].map(|text| text.unwrap_or_default()), ["12", ""]);
        assert_eq!(next(3).as_deref(), Some("13"));
        requests.push(14, 0, "14");
        requests.clear();
        assert_eq!(requests.next(|_| true), None);
    }
}
