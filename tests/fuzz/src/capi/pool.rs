//! Handles of one kind.

use std::ptr;

use crate::input::Input;

/// What the model knows of the handles of one kind.
pub(super) struct Pool<T, M> {
    /// Those that are live, with what the model knows of each.
    pub(super) live: Vec<(*mut T, M)>,
    stale: Vec<*mut T>,
}

impl<T, M> Default for Pool<T, M> {
    fn default() -> Self {
        Pool { live: Vec::new(), stale: Vec::new() }
    }
}

/// A handle as a call is given it, and the place of the live object that it stands for.
pub(super) struct Choice<T> {
    pub(super) handle: *mut T,
    pub(super) live: Option<usize>,
}

impl<T, M> Pool<T, M> {
    /// Any handle; `foreign` are live ones of other kinds.
    pub(super) fn choose(&self, input: &mut Input<'_>, foreign: &[*mut ()]) -> Choice<T> {
        let handle = match input.below(16) {
            0 => ptr::null_mut(),
            1 => self.stale.last().copied().unwrap_or(ptr::null_mut()),
            2 if !foreign.is_empty() => foreign[input.below(foreign.len().min(256))].cast(),
            3 => {
                // Odd, as handles are: an even number would be an address.
                let number = input.piece().iter().take(8).fold(0, |number, byte| number << 8 | usize::from(*byte));
                ptr::without_provenance_mut(number | 1)
            }
            _ if self.live.is_empty() => ptr::null_mut(),
            _ => self.live[input.below(self.live.len())].0,
        };
        let live = self.live.iter().position(|(live, _)| ptr::addr_eq(*live, handle));
        Choice { handle, live }
    }

    /// All that are live, as handles of no kind.
    pub(super) fn handles(&self) -> Vec<*mut ()> {
        self.live.iter().map(|(handle, _)| handle.cast()).collect()
    }

    pub(super) fn is_full(&self) -> bool {
        self.live.len() >= 3
    }

    pub(super) fn insert(&mut self, handle: *mut T, model: M) {
        assert!(!handle.is_null());
        assert!(
            self.live.iter().all(|(live, _)| !ptr::addr_eq(*live, handle)),
            "a handle that is in use is given out again"
        );
        assert!(self.stale.iter().all(|stale| !ptr::addr_eq(*stale, handle)), "a stale handle is given out again");
        self.live.push((handle, model));
    }

    pub(super) fn remove(&mut self, place: usize) {
        self.stale.push(self.live.remove(place).0);
    }
}

/// Objects that are memory: a pointer to one that has ended must not be passed, so none is remembered.
pub(super) struct Memory<T, M>(pub(super) Vec<(*mut T, M)>);

impl<T, M> Default for Memory<T, M> {
    fn default() -> Self {
        Memory(Vec::new())
    }
}

impl<T, M> Memory<T, M> {
    /// Any pointer that may be passed; `foreign` are handles, and live objects of another kind.
    pub(super) fn choose(&self, input: &mut Input<'_>, foreign: &[*mut ()]) -> Choice<T> {
        let handle = match input.below(8) {
            0 => ptr::null_mut(),
            1 if !foreign.is_empty() => foreign[input.below(foreign.len().min(256))].cast(),
            _ if self.0.is_empty() => ptr::null_mut(),
            _ => self.0[input.below(self.0.len())].0,
        };
        Choice { handle, live: self.0.iter().position(|(live, _)| ptr::addr_eq(*live, handle)) }
    }
}
