//! Handles: numbers in the shape of pointers, and the objects behind them.
//!
//! A handle holds a place (see `slots`), the serial number of what was put there, the kind of object and the epoch (see
//! `fork`). Whatever a caller passes, the worst that comes of it is `BadHandle`. Handles are odd numbers, so that the
//! functions for objects that are real memory can tell them from addresses.

use std::cmp;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::fork;
use super::slots::{self, SLOT_BITS, Slot, Tag};
use crate::net::on_library_thread;
use crate::{Error, Result, Status};

/// What a handle stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Server = 1,
    Client = 2,
    Listener = 3,
    Connection = 4,
    KeyRing = 5,
    CommandServer = 6,
    CommandClient = 7,
    Command = 8,
    FileServer = 9,
    FileClient = 10,
}

/// Something that C knows by a handle.
pub(super) trait Object: Send + Sync + 'static {
    /// The type that the handle points to in the header.
    type Handle;
    const KIND: Kind;

    /// Wakes every call that waits in the object, and lets it end; never blocks.
    fn close(&self);
}

/// An object, and whether a call on it has panicked.
pub(super) struct Shared<T> {
    failed: AtomicBool,
    object: T,
}

impl<T: Object> Shared<T> {
    pub(super) fn object(&self) -> &T {
        &self.object
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(Error::new(Status::Panicked, "an earlier call on this object failed inside the library"));
        }
        Ok(())
    }

    /// Runs a call, and remembers if it does not come back.
    #[inline]
    pub(super) fn run<R>(&self, call: impl FnOnce(&T) -> R) -> R {
        struct Running<'a>(&'a AtomicBool);
        impl Drop for Running<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let running = Running(&self.failed);
        let result = call(&self.object);
        std::mem::forget(running);
        result
    }
}

const KIND_BITS: u32 = 4;
#[cfg(target_pointer_width = "64")]
const SERIAL_BITS: u32 = 32;
#[cfg(not(target_pointer_width = "64"))]
const SERIAL_BITS: u32 = 12;
/// What is left, after the lowest bit, which is always set.
const EPOCH_BITS: u32 = usize::BITS - 1 - KIND_BITS - SLOT_BITS - SERIAL_BITS;

/// The parts of a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parts {
    kind: usize,
    slot: usize,
    serial: usize,
    epoch: usize,
}

const fn mask(bits: u32) -> usize {
    (1 << bits) - 1
}

impl Parts {
    #[inline]
    fn to_number(self) -> usize {
        let high = (self.epoch << SERIAL_BITS | self.serial) << SLOT_BITS | self.slot;
        (high << KIND_BITS | self.kind) << 1 | 1
    }

    #[inline]
    fn of_number(number: usize) -> Option<Parts> {
        let rest = number >> 1;
        let parts = Parts {
            kind: rest & mask(KIND_BITS),
            slot: rest >> KIND_BITS & mask(SLOT_BITS),
            serial: rest >> (KIND_BITS + SLOT_BITS) & mask(SERIAL_BITS),
            epoch: rest >> (KIND_BITS + SLOT_BITS + SERIAL_BITS),
        };
        (number & 1 == 1).then_some(parts)
    }
}

/// A use of an object, which stays as long.
pub(super) struct Held<T: Object> {
    shared: NonNull<Shared<T>>,
    place: &'static Slot,
    epoch: usize,
}

impl<T: Object> Deref for Held<T> {
    type Target = Shared<T>;

    #[inline]
    fn deref(&self) -> &Shared<T> {
        // SAFETY: the place keeps the object until `drop`, and it is a `Shared<T>` by its kind, which the tag has.
        unsafe { self.shared.as_ref() }
    }
}

/// The last one to let go of an object waits for its threads, which a library thread must not: it could be one of those.
/// There a thread of its own waits.
impl<T: Object> Drop for Held<T> {
    #[inline]
    fn drop(&mut self) {
        // In a child process the place is not the one that was entered.
        if self.epoch == fork::epoch()
            && let Some(object) = slots::leave(self.place)
        {
            // SAFETY: `insert` has made it of a box of this type, and the last user owns it.
            release(unsafe { Box::from_raw(object.cast::<Shared<T>>()) });
        }
    }
}

#[cold]
fn release<T: Object>(shared: Box<Shared<T>>) {
    if on_library_thread() {
        // If no thread can be had the object goes here: one of its own threads does not wait for itself.
        drop(crate::net::start("rustchat-reaper", move || drop(shared)));
    }
}

/// Takes an object in and gives its handle.
pub(super) fn insert<T: Object>(object: T) -> Result<*mut T::Handle> {
    // One count for all places, so that a handle is not met again. From 1, so that no small number is a handle.
    static SERIAL: AtomicUsize = AtomicUsize::new(1);
    fork::watch()?;
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed) & mask(SERIAL_BITS);
    let shared = Box::into_raw(Box::new(Shared { failed: AtomicBool::new(false), object }));
    let slot = slots::put(Tag::new(serial, T::KIND as usize), shared.cast()).inspect_err(|_| {
        // SAFETY: just made of a box, and no place has it.
        drop(unsafe { Box::from_raw(shared) });
    })?;
    let parts = Parts { kind: T::KIND as usize, slot, serial, epoch: fork::epoch() & mask(EPOCH_BITS) };
    Ok(ptr::without_provenance_mut(parts.to_number()))
}

/// Looks at a handle alone: whether it can be one of `T` in this process.
#[inline]
fn inspect<T: Object>(handle: *mut T::Handle) -> Result<Parts> {
    let parts = Parts::of_number(handle.addr()).filter(|parts| parts.kind == T::KIND as usize).ok_or_else(bad::<T>)?;
    match parts.epoch.cmp(&(fork::epoch() & mask(EPOCH_BITS))) {
        cmp::Ordering::Equal => Ok(parts),
        cmp::Ordering::Less => Err(forked::<T>()),
        // From no process that this one comes from.
        cmp::Ordering::Greater => Err(bad::<T>()),
    }
}

#[cold]
fn bad<T: Object>() -> Error {
    Error::new(Status::BadHandle, format!("not the handle of a live {:?}: NULL, freed or of another kind", T::KIND))
}

#[cold]
fn forked<T: Object>() -> Error {
    Error::new(Status::Forked, format!("this {:?} was made before fork and belongs to the parent process", T::KIND))
}

/// The object of a handle.
#[inline]
pub(super) fn get<T: Object>(handle: *mut T::Handle) -> Result<Held<T>> {
    hold(handle, slots::enter)
}

/// The object of a handle, which is stale from now on.
pub(super) fn remove<T: Object>(handle: *mut T::Handle) -> Result<Held<T>> {
    hold(handle, slots::enter_last)
}

#[inline]
fn hold<T: Object>(
    handle: *mut T::Handle,
    enter: impl FnOnce(usize, Tag) -> Option<(&'static Slot, *mut ())>,
) -> Result<Held<T>> {
    let parts = inspect::<T>(handle)?;
    let (place, object) = enter(parts.slot, Tag::new(parts.serial, parts.kind)).ok_or_else(bad::<T>)?;
    let shared = NonNull::new(object.cast()).ok_or_else(bad::<T>)?;
    Ok(Held { shared, place, epoch: fork::epoch() })
}

#[cfg(test)]
mod tests;
