//! A bound to the number of threads that do what cannot be given up.

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many places are taken, beside the number of the process whose threads have them: a forked child has all of them.
pub(crate) struct Places {
    taken: AtomicU64,
    most: u32,
}

/// The right to be one of them.
pub(crate) struct Place(&'static Places);

impl Places {
    pub(crate) const fn new(most: u32) -> Places {
        Places { taken: AtomicU64::new(0), most }
    }

    /// `None` when all are taken.
    pub(crate) fn enter(&'static self) -> Option<Place> {
        let own = u64::from(process::id()) << 32;
        let another = |value: u64| match (value & !u64::from(u32::MAX), value & u64::from(u32::MAX)) {
            (process, count) if process == own => (count < u64::from(self.most)).then_some(value + 1),
            _ => Some(own + 1),
        };
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, another).ok().map(|_| Place(self))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Only ever on a thread of the process that counted it.
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forked_child_has_all_places() {
        const MOST: u32 = 5;
        static COPIED: Places = Places { taken: AtomicU64::new((u64::MAX << 32) + MOST as u64), most: MOST };
        let places: Vec<_> = (0..MOST).map_while(|_| COPIED.enter()).collect();
        assert_eq!((places.len(), COPIED.enter().is_some()), (MOST as usize, false));
        drop(places);
        assert!(COPIED.enter().is_some());
    }
}
