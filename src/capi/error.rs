//! The record of what went wrong last on this thread.

use std::cell::{Cell, RefCell};
use std::ffi::c_char;

use super::bytes::fill;
use super::status::rustchat_status;
use crate::Error;

/// What rustchat_last_error tells. This structure never grows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_error {
    /// The status of the failed call; 0 when the last call worked.
    pub status: i32,
    /// The errno of the operating system where it was the one to complain, else 0.
    pub os_code: i32,
    /// What was wrong and what was expected: UTF-8, ends with NUL, cut at a character when it is longer.
    pub message: [c_char; 240],
}

const EMPTY: rustchat_error = rustchat_error { status: 0, os_code: 0, message: [0; 240] };

thread_local! {
    // Nothing here needs to be dropped, so that the record can be used as long as the thread runs, its exit included.
    static LAST: RefCell<rustchat_error> = const { RefCell::new(EMPTY) };
    /// Whether there is something in the record: all that a call looks at which begins after one that worked.
    static FAILED: Cell<bool> = const { Cell::new(false) };
    /// The number of the rule by which a server has refused what the call asked for; 0 for none.
    static REFUSAL: Cell<i32> = const { Cell::new(0) };
}

impl rustchat_error {
    fn of(error: &Error) -> rustchat_error {
        let mut record = EMPTY;
        record.status = error.status().code();
        record.os_code = error.os_code().unwrap_or(0);
        fill(&mut record.message, error.message());
        record
    }
}

/// Says that the call that begins now has not failed.
#[inline]
pub(super) fn clear() {
    if FAILED.try_with(Cell::get) == Ok(true) {
        note_refusal(None);
        keep(EMPTY);
    }
}

/// Keeps `error` for `rustchat_last_error` and gives its number.
#[cold]
pub(super) fn set(error: &Error) -> rustchat_status {
    keep(rustchat_error::of(error));
    error.status().into()
}

#[cold]
fn keep(record: rustchat_error) {
    let _ = FAILED.try_with(|failed| failed.set(record.status != 0));
    let _ = LAST.try_with(|last| last.try_borrow_mut().map(|mut last| *last = record));
}

/// Keeps the rule by which the call that is about to fail was refused.
#[cold]
pub(super) fn note_refusal(rule: Option<i32>) {
    let _ = REFUSAL.try_with(|place| place.set(rule.unwrap_or(0)));
}

/// The rule of the last failure; 0 for none.
pub(super) fn refusal() -> i32 {
    REFUSAL.try_with(Cell::get).unwrap_or(0)
}

/// What is known of the last failure.
pub(super) fn last() -> rustchat_error {
    LAST.try_with(|last| last.try_borrow().map_or(EMPTY, |last| *last)).unwrap_or(EMPTY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    fn last() -> (i32, String) {
        let record = super::last();
        let text = record.message.iter().take_while(|byte| **byte != 0).map(|byte| *byte as u8).collect();
        (record.status, String::from_utf8(text).unwrap())
    }

    #[test]
    fn a_long_sentence_is_cut_between_characters_and_ends_with_nul() {
        set(&Error::new(Status::Io, "ü".repeat(200)));
        assert_eq!(last(), (-23, "ü".repeat(119)));
        clear();
        assert_eq!(last(), (0, String::new()));
    }
}
