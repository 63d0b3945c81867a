//! What a filter has let pass and the room has not got yet.
//!
//! Several messages go to the room as one batch. It belongs to the dispatcher's thread, on which the embedder's handler
//! runs too: so what that says can go after what it has let pass, and no message costs a lock.

use std::cell::RefCell;
use std::mem;
use std::sync::Arc;

use super::hub::Hub;
use super::member::Member;
use super::wire::Draft;

#[derive(Default)]
struct Passed {
    draft: Draft,
    /// Who said it, entry by entry.
    speakers: Vec<Arc<Member>>,
}

thread_local! {
    static PASSED: RefCell<Passed> = RefCell::default();
}

/// Adds the one entry that `append` makes.
pub(super) fn add(speaker: Arc<Member>, append: impl FnOnce(&mut Draft)) {
    PASSED.with_borrow_mut(|passed| {
        append(&mut passed.draft);
        passed.speakers.push(speaker);
    });
}

/// Bytes of it.
pub(super) fn length() -> usize {
    PASSED.with_borrow(|passed| passed.draft.len())
}

/// Hands it to the room, which must be that of the thread's own server; on any other thread there is nothing to hand on.
pub(super) fn publish(hub: &Hub) {
    // A thread that ends has none any more.
    let Ok(mut passed) = PASSED.try_with(RefCell::take) else { return };
    if !passed.speakers.is_empty() {
        hub.publish_passed(&mut passed.draft, &passed.speakers);
        passed.speakers.clear();
    }
    let _ = PASSED.try_with(|place| mem::swap(&mut *place.borrow_mut(), &mut passed));
}
