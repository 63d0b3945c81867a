//! How much a client lets come of an output before it has read it.

use std::time::{Duration, Instant};

/// What the first output of a command may send at once.
const FIRST: u32 = 64 * 1024;

/// The same where the connection has little left to give.
const SMALLEST: u32 = 16 * 1024;

const LARGEST: u32 = 1024 * 1024;

/// Who reads a whole window in that time could read more of it.
const QUICK: Duration = Duration::from_millis(100);

/// What all windows of a connection may have together.
const BUDGET: u32 = 32 * 1024 * 1024;

/// What a connection has to give.
#[derive(Debug)]
pub(crate) struct Budget {
    left: u32,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { left: BUDGET }
    }
}

impl Budget {
    fn take(&mut self, amount: u32) -> bool {
        let enough = self.left >= amount;
        self.left -= if enough { amount } else { 0 };
        enough
    }

    #[cfg(test)]
    pub(super) fn left(&self) -> u32 {
        self.left
    }
}

/// One output's window: it grows where its reader is quick. What was granted and not read yet, on its way or here, is never
/// more than its size.
#[derive(Debug)]
pub(crate) struct Window {
    size: u32,
    /// What was taken of the budget.
    charged: u32,
    granted: u64,
    read: u64,
    /// Where the window began that is being read, and when.
    begin: u64,
    since: Instant,
}

impl Window {
    /// A window that begins as large as there is room for, or with room for `unread` bytes that nobody may ask for.
    pub(crate) fn new(unread: u32, budget: &mut Budget, now: Instant) -> Window {
        let sizes = [FIRST.max(unread), FIRST, SMALLEST];
        let taken = sizes.into_iter().find(|size| budget.take(*size));
        // Whoever has nothing left gives a little all the same: there are not many outputs at a time.
        let size = taken.unwrap_or(SMALLEST);
        Window { size, charged: taken.unwrap_or(0), granted: size.into(), read: 0, begin: 0, since: now }
    }

    /// The credit that it begins with.
    pub(crate) fn size(&self) -> u32 {
        self.size
    }

    /// So much was read. Returns the credit to give for it: when half of the window is free.
    pub(crate) fn read(&mut self, count: usize, budget: &mut Budget, now: Instant) -> Option<u32> {
        self.read += count as u64;
        if self.read - self.begin >= self.size.into() {
            let is_quick = now.saturating_duration_since(self.since) <= QUICK;
            if is_quick && self.size < LARGEST && budget.take(self.size) {
                self.charged += self.size;
                self.size *= 2;
            }
            (self.begin, self.since) = (self.read, now);
        }
        let more = u64::from(self.size) - (self.granted - self.read);
        if more < u64::from(self.size / 2) {
            return None;
        }
        self.granted += more;
        Some(more as u32)
    }

    /// Nobody reads any more: gives back what was taken of the budget.
    pub(crate) fn close(&mut self, budget: &mut Budget) {
        budget.left += std::mem::take(&mut self.charged);
    }
}
