//! Memory of each thread's own in which messages arrive whose size is not known before.

use std::cell::Cell;

/// The largest size there is.
pub(crate) const LARGEST: usize = 1 << 20;

/// What it begins with; more is had when it is wanted first. The kernel gives memory only to pages that are written to.
const SMALLEST: usize = 64 << 10;

thread_local! {
    static SPARE: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
}

/// The calling thread's memory while it is in use; a signal handler that receives meanwhile gets other memory.
pub(crate) struct Scratch(Option<Box<[u8]>>);

impl Scratch {
    /// At least `size` bytes, `LARGEST` at most.
    #[inline]
    pub(crate) fn take(size: usize) -> Scratch {
        match SPARE.try_with(Cell::take).ok().flatten() {
            Some(spare) if spare.len() >= size => Scratch(Some(spare)),
            _ => Scratch(Some(vec![0; if size > SMALLEST { LARGEST } else { SMALLEST }].into_boxed_slice())),
        }
    }

    #[inline]
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        self.0.as_deref_mut().unwrap_or_default()
    }
}

impl Drop for Scratch {
    #[inline]
    fn drop(&mut self) {
        let memory = self.0.take();
        let _ = SPARE.try_with(|spare| spare.set(memory));
    }
}
