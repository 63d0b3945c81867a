//! The places where objects lie that C knows by handles.
//!
//! A place counts who uses its object, in the same word that says which object it is: taking a handle is one load and one
//! exchange, without a lock, and a stale handle changes nothing. The places are static and never move, so that looking at
//! one is right whatever a caller passes; the system gives memory only to those that were ever in use.

use std::cell::UnsafeCell;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Error, Result, Status};

#[cfg(target_pointer_width = "64")]
pub(super) const SLOT_BITS: u32 = 18;
#[cfg(not(target_pointer_width = "64"))]
pub(super) const SLOT_BITS: u32 = 12;

/// The lower bits of a word: how many use the object.
const COUNT_BITS: u32 = 27;
/// Whether handles still lead to the object.
const LIVE: u64 = 1 << COUNT_BITS;

/// What tells an object from all others that were ever in its place; not 0.
#[derive(Clone, Copy)]
pub(super) struct Tag(u64);

impl Tag {
    /// Of a serial number of at most 32 bits and a kind of at most 4, not 0.
    #[inline]
    pub(super) fn new(serial: usize, kind: usize) -> Tag {
        Tag((serial as u64) << 4 | kind as u64)
    }

    /// The word of a live object that nobody uses.
    #[inline]
    fn live(self) -> u64 {
        self.0 << (COUNT_BITS + 1) | LIVE
    }
}

pub(super) struct Slot {
    /// The tag, `LIVE` and the count; 0 while nothing is here.
    word: AtomicU64,
    /// The object; while nothing is here, which place is free besides this one: its number and 1, or 0.
    object: AtomicPtr<()>,
}

static SLOTS: [Slot; 1 << SLOT_BITS] =
    [const { Slot { word: AtomicU64::new(0), object: AtomicPtr::new(ptr::null_mut()) } }; 1 << SLOT_BITS];

/// Which places are free.
struct Free {
    /// The first of a list, and 1; 0 when there is none.
    first: usize,
    /// All places from here on were never in use.
    used: usize,
}

/// Its lock is the standard library's, which needs no memory.
struct Keeper(UnsafeCell<Mutex<Free>>);

// SAFETY: the lock is shared as locks are; it is replaced only in a child process just after fork, where no other
// thread exists and the forking one is not inside this module, which calls nobody.
unsafe impl Sync for Keeper {}

static KEEPER: Keeper = Keeper(UnsafeCell::new(Mutex::new(Free { first: 0, used: 0 })));

impl Keeper {
    fn lock(&self) -> MutexGuard<'_, Free> {
        // SAFETY: see `Sync`: nobody replaces the lock while there is a reference to it.
        unsafe { &*self.0.get() }.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts an object down and gives its place.
pub(super) fn put(tag: Tag, object: *mut ()) -> Result<usize> {
    let mut free = KEEPER.lock();
    let slot = match free.first.checked_sub(1) {
        Some(slot) => {
            free.first = SLOTS[slot].object.load(Ordering::Relaxed).addr();
            slot
        }
        None if free.used < SLOTS.len() => {
            free.used += 1;
            free.used - 1
        }
        None => return Err(Error::new(Status::OutOfMemory, "more objects than there are handles")),
    };
    SLOTS[slot].object.store(object, Ordering::Relaxed);
    SLOTS[slot].word.store(tag.live(), Ordering::Release);
    Ok(slot)
}

/// Begins to use the object with that tag, if it is there and live: it stays until [`leave`] of its place.
#[inline]
pub(super) fn enter(slot: usize, tag: Tag) -> Option<(&'static Slot, *mut ())> {
    change(slot, tag, |word| word + 1)
}

/// Like [`enter`], and no handle leads to the object from now on.
pub(super) fn enter_last(slot: usize, tag: Tag) -> Option<(&'static Slot, *mut ())> {
    change(slot, tag, |word| (word ^ LIVE) + 1)
}

#[inline]
fn change(slot: usize, tag: Tag, to: impl Fn(u64) -> u64) -> Option<(&'static Slot, *mut ())> {
    let place = SLOTS.get(slot)?;
    let mut word = place.word.load(Ordering::Relaxed);
    loop {
        if word & !(LIVE - 1) != tag.live() {
            return None;
        }
        match place.word.compare_exchange_weak(word, to(word), Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => return Some((place, place.object.load(Ordering::Relaxed))),
            Err(now) => word = now,
        }
    }
}

/// Ends a use that [`enter`] or [`enter_last`] has begun. Whoever is given the object has been the last one, and owns it.
#[inline]
pub(super) fn leave(place: &'static Slot) -> Option<*mut ()> {
    let word = place.word.fetch_sub(1, Ordering::Release);
    if word & (LIVE | (LIVE - 1)) == 1 { Some(clear(place)) } else { None }
}

#[cold]
fn clear(place: &'static Slot) -> *mut () {
    // After everything that the others did before they left. A fence would do the same, but ThreadSanitizer knows none.
    place.word.load(Ordering::Acquire);
    let slot = (ptr::from_ref(place).addr() - SLOTS.as_ptr().addr()) / size_of::<Slot>();
    let object = place.object.load(Ordering::Relaxed);
    place.word.store(0, Ordering::Relaxed);
    let mut free = KEEPER.lock();
    place.object.store(ptr::without_provenance_mut(free.first), Ordering::Relaxed);
    free.first = slot + 1;
    object
}

/// Makes all places free in a child process. The parent's objects are forgotten as they lie: they belong to threads that
/// do not exist here, and so may the lock.
pub(super) fn begin_anew_after_fork() {
    // SAFETY: see `Keeper`: only called in a child process just after fork, so that nobody else looks at it.
    unsafe {
        let used = (*KEEPER.0.get()).get_mut().unwrap_or_else(PoisonError::into_inner).used;
        SLOTS[..used].iter().for_each(|place| place.word.store(0, Ordering::Relaxed));
        ptr::write(KEEPER.0.get(), Mutex::new(Free { first: 0, used: 0 }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_stays_until_its_last_user_leaves() {
        let (tag, other) = (Tag::new(u32::MAX as usize, 15), Tag::new(u32::MAX as usize, 14));
        let object: *mut () = ptr::without_provenance_mut(0x1230);
        let slot = put(tag, object).unwrap();
        assert!(enter(slot, other).is_none());
        let (place, found) = enter(slot, tag).unwrap();
        assert_eq!(found, object);
        assert_eq!(enter_last(slot, tag).unwrap().1, object);
        assert!(enter(slot, tag).is_none() && enter_last(slot, tag).is_none());
        assert_eq!(leave(place), None);
        assert_eq!(leave(place), Some(object));
        assert!(enter(slot, tag).is_none());
        assert!(enter(1 << SLOT_BITS, tag).is_none());
    }
}
