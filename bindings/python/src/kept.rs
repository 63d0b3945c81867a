//! What an object holds until it is closed, and each call uses while it runs.

use std::cell::UnsafeCell;

use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::sync::critical_section::with_critical_section;

/// A place in an object of type `O` for an object of type `T`, which can be taken away at any time: whoever uses it holds
/// a reference.
///
/// To count references is the interpreter's business, and so is the lock: with a GIL neither costs anything, where a lock
/// of our own and a shared pointer cost four atomic operations a call.
pub(crate) struct Kept<T>(UnsafeCell<Option<Py<T>>>);

// SAFETY: after `new` the cell is used inside the owner's critical section alone, by `get` and `take`, or with `&mut`.
unsafe impl<T> Sync for Kept<T> {}

impl<T> Kept<T> {
    pub(crate) fn new(object: Py<T>) -> Kept<T> {
        Kept(UnsafeCell::new(Some(object)))
    }

    /// What `place` of `owner` holds.
    #[inline]
    pub(crate) fn get<'py, O>(owner: &Bound<'py, O>, place: fn(&O) -> &Kept<T>) -> Option<Bound<'py, T>>
    where
        O: PyClass<Frozen = True> + Sync,
    {
        let py = owner.py();
        with_critical_section(owner.as_any(), || {
            // SAFETY: see `Sync`; nothing in here lets go of the critical section.
            unsafe { &*place(owner.get()).0.get() }.as_ref().map(|object| object.bind(py).clone())
        })
    }

    /// Takes away what `place` of `owner` holds.
    pub(crate) fn take<O>(owner: &Bound<'_, O>, place: fn(&O) -> &Kept<T>) -> Option<Py<T>>
    where
        O: PyClass<Frozen = True> + Sync,
    {
        // SAFETY: see `Sync`; nothing in here lets go of the critical section.
        with_critical_section(owner.as_any(), || unsafe { &mut *place(owner.get()).0.get() }.take())
    }

    /// The same for who has the owner to itself.
    pub(crate) fn take_mut(&mut self) -> Option<Py<T>> {
        self.0.get_mut().take()
    }
}
