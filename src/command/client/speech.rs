//! What a client says of a command's input.

/// The input of a command on its way to the server, where its end may stand behind all of it alone. Any thread may write and
/// end it at any time, and none waits for another: the end is said by the last one that speaks.
#[derive(Debug, Default)]
pub(super) struct Speech {
    /// Messages that are about to be sent.
    coming: usize,
    /// No more begin.
    ended: bool,
}

impl Speech {
    pub(super) fn is_ended(&self) -> bool {
        self.ended
    }

    /// A message is about to be sent.
    pub(super) fn begin(&mut self) {
        self.coming += 1;
    }

    /// It was; whether the end is to be said by who has sent it.
    pub(super) fn sent(&mut self) -> bool {
        self.coming -= 1;
        self.ended && self.coming == 0
    }

    /// No more begins; whether the end is to be said by who says so.
    pub(super) fn end(&mut self) -> bool {
        !std::mem::replace(&mut self.ended, true) && self.coming == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_input_is_said_by_the_last_one_that_speaks() {
        let mut speech = Speech::default();
        speech.begin();
        speech.begin();
        assert!(!speech.sent() && !speech.end() && speech.is_ended());
        assert!(speech.sent() && !speech.end());
        let mut silent = Speech::default();
        assert!(silent.end() && !silent.end());
    }
}
