//! What there is room for: bytes are reserved before they come, whoever sends them and however often it begins anew.

use std::os::fd::BorrowedFd;
use std::sync::Arc;

use rustix::fs::fstatvfs;

use super::fault::refused;
use super::wire::{Refusal, Refused};
use crate::sync::Mutex;

/// What may be stored in a folder, and what is.
#[derive(Debug, Default)]
pub(super) struct Purse {
    /// 0 is any number of bytes.
    quota: u64,
    used: Mutex<u64>,
    /// Whoever changes what names stand for, one at a time.
    turn: Mutex<()>,
}

impl Purse {
    pub(super) fn new(quota: u64, used: u64) -> Arc<Purse> {
        Arc::new(Purse { quota, used: Mutex::new(used), turn: Mutex::default() })
    }

    /// So many bytes are gone.
    pub(super) fn give_back(&self, bytes: u64) {
        let mut used = self.used.lock();
        *used = used.saturating_sub(bytes);
    }

    /// Does what frees so many bytes. With a quota nobody else changes anything between the look at what is there and the change:
    /// otherwise one file could be given back twice.
    pub(super) fn change<E>(&self, change: impl FnOnce() -> Result<u64, E>) -> Result<(), E> {
        let _turn = (self.quota > 0).then(|| self.turn.lock());
        change().map(|freed| self.give_back(freed))
    }

    #[cfg(test)]
    pub(super) fn used(&self) -> u64 {
        *self.used.lock()
    }
}

/// The disk that all of it is on.
#[derive(Debug, Default)]
pub(super) struct Space {
    /// Bytes to be left free.
    reserve: u64,
    /// Bytes that were reserved and not written yet.
    promised: Mutex<u64>,
}

impl Space {
    pub(super) fn new(reserve: u64) -> Arc<Space> {
        Arc::new(Space { reserve, promised: Mutex::new(0) })
    }

    fn promise(&self, folder: BorrowedFd<'_>, bytes: u64) -> Result<(), Refused> {
        let stat = fstatvfs(folder).map_err(|errno| refused(errno, ""))?;
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        let mut promised = self.promised.lock();
        let wanted = promised.saturating_add(bytes);
        if wanted.saturating_add(self.reserve) > free && bytes > 0 {
            let left = free.saturating_sub(promised.saturating_add(self.reserve));
            return Err((Refusal::Reserve, format!("{}: there is room for {left} bytes more", Refusal::Reserve)));
        }
        *promised = wanted;
        Ok(())
    }

    fn kept(&self, bytes: u64) {
        let mut promised = self.promised.lock();
        *promised = promised.saturating_sub(bytes);
    }
}

/// Room for one file that is being stored. Dropped, what did not come is given back.
#[derive(Debug)]
pub(super) struct Reservation {
    purse: Arc<Purse>,
    space: Arc<Space>,
    /// Bytes of the file that the purse has counted.
    counted: u64,
    /// Bytes that are yet to be written.
    missing: u64,
    /// Bytes of it that are there, and stay.
    there: u64,
}

impl Reservation {
    /// Room for a file of `size` bytes, `there` of which are there already and counted, in the place of one of `replaced`.
    pub(super) fn new(
        purse: &Arc<Purse>,
        space: &Arc<Space>,
        folder: BorrowedFd<'_>,
        [size, there, replaced]: [u64; 3],
    ) -> Result<Reservation, Refused> {
        let missing = size.saturating_sub(there);
        {
            let mut used = purse.used.lock();
            let after = used.saturating_add(missing);
            if purse.quota > 0 && missing > 0 && after.saturating_sub(replaced) > purse.quota {
                let left = purse.quota.saturating_sub(used.saturating_sub(replaced));
                let text = format!("{}: {left} of {} bytes are left", Refusal::Quota, purse.quota);
                return Err((Refusal::Quota, text));
            }
            *used = after;
        }
        // From here on its drop gives back what it has not.
        let mut reservation = Reservation {
            purse: Arc::clone(purse),
            space: Arc::clone(space),
            counted: there + missing,
            missing: 0,
            there,
        };
        space.promise(folder, missing)?;
        reservation.missing = missing;
        Ok(reservation)
    }

    /// So many bytes of the file are there: more than before, or fewer, which are to come again.
    pub(super) fn has(&mut self, there: u64) {
        let written = there.saturating_sub(self.there).min(self.missing);
        self.space.kept(written);
        self.missing -= written;
        let lost = self.there.saturating_sub(there);
        *self.space.promised.lock() += lost;
        self.missing += lost;
        self.there = there;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.space.kept(self.missing);
        self.purse.give_back(self.counted.saturating_sub(self.there));
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn folder() -> std::fs::File {
        std::fs::File::open(std::env::temp_dir()).unwrap()
    }

    #[test]
    fn what_was_reserved_and_did_not_come_is_given_back() {
        let (purse, space, folder) = (Purse::new(100, 20), Space::new(0), folder());
        let reserve = |sizes| Reservation::new(&purse, &space, folder.as_fd(), sizes);
        let mut one = reserve([60, 0, 0]).unwrap();
        assert_eq!(reserve([21, 0, 0]).unwrap_err().0, Refusal::Quota, "20 bytes are left");
        let two = reserve([20, 0, 0]).unwrap();
        assert_eq!(reserve([1, 0, 0]).unwrap_err().0, Refusal::Quota);
        assert!(reserve([0, 0, 0]).is_ok(), "nothing always fits");
        one.has(10);
        drop((one, two));
        assert_eq!(purse.used(), 30, "the part that has come counts");
        // It is gone on with: the whole size counts, not what is missing.
        assert_eq!(reserve([91, 10, 0]).unwrap_err().0, Refusal::Quota);
        let mut whole = reserve([80, 10, 0]).unwrap();
        whole.has(80);
        drop(whole);
        assert_eq!(purse.used(), 100);
        // A small one in the place of a large one.
        assert!(reserve([30, 0, 20]).is_err());
        let mut small = reserve([10, 0, 80]).unwrap();
        small.has(10);
        drop(small);
        purse.give_back(80);
        assert_eq!(purse.used(), 30);
        assert_eq!(*space.promised.lock(), 0);
        // What was there and is not any more is to come again.
        let mut whole = reserve([30, 30, 0]).unwrap();
        assert_eq!(*space.promised.lock(), 0);
        whole.has(0);
        assert_eq!(*space.promised.lock(), 30);
        whole.has(20);
        assert_eq!(*space.promised.lock(), 10);
        drop(whole);
        assert_eq!(*space.promised.lock(), 0);
    }

    /// What is looked at by one is not changed by another before it is given back.
    #[test]
    fn changes_take_turns_where_there_is_a_quota() {
        let (purse, inside) = (Purse::new(1000, 400), AtomicUsize::new(0));
        let change = || {
            let others = inside.fetch_add(1, Ordering::SeqCst);
            std::thread::yield_now();
            inside.fetch_sub(1, Ordering::SeqCst);
            if others == 0 { Ok(1) } else { Err(others) }
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| purse.change(change).unwrap()));
            }
        });
        assert_eq!(purse.used(), 0);
    }

    #[test]
    fn so_much_of_the_disk_is_left_free() {
        let (purse, space, folder) = (Purse::new(0, 0), Space::new(u64::MAX / 2), folder());
        let refused = Reservation::new(&purse, &space, folder.as_fd(), [1, 0, 0]).unwrap_err();
        assert_eq!(refused.0, Refusal::Reserve);
        assert_eq!((purse.used(), *space.promised.lock()), (0, 0));
        assert!(Reservation::new(&purse, &Space::new(0), folder.as_fd(), [u64::MAX, 0, 0]).is_err());
    }
}
