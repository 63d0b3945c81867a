//! Descriptors that a child of `fork` inherits and has no use for.
//!
//! The threads of a server, client or listener are in the parent alone, and so are its objects: in the child they are
//! refused. Its copies of their descriptors would keep a port taken and connections open after the parent is gone, for as
//! long as the child lives. [`after_fork`] gives them up there.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use super::sys::{descriptor, socket};

const WORDS: usize = 1 << 14;

/// Numbers beyond it are not noted: more than any system gives a process unless told to.
const NUMBERS: usize = WORDS * 64;

/// One bit for each number. Static and without a lock, for the child to read in whatever state the parent was.
static NOTED: [AtomicU64; WORDS] = [const { AtomicU64::new(0) }; WORDS];

const NONE: RawFd = -1;

/// Whether a descriptor is the parent's alone. Its owner drops this before it closes the descriptor, whose number may be
/// another file's from then on.
#[derive(Debug)]
pub(super) struct Note(AtomicI32);

impl Note {
    /// Of a descriptor that children share.
    pub(super) const fn shared() -> Note {
        Note(AtomicI32::new(NONE))
    }

    /// Of a descriptor that children give up.
    pub(super) fn private(descriptor: RawFd) -> Note {
        let note = Note::shared();
        note.set(descriptor);
        note
    }

    /// Children give up `descriptor` from now on.
    pub(super) fn set(&self, descriptor: RawFd) {
        if let Some((word, bit)) = place(descriptor) {
            word.fetch_or(bit, Ordering::Relaxed);
            self.0.store(descriptor, Ordering::Relaxed);
        }
    }

    /// Children share it from now on.
    pub(super) fn clear(&self) {
        if let Some((word, bit)) = place(self.0.swap(NONE, Ordering::Relaxed)) {
            word.fetch_and(!bit, Ordering::Relaxed);
        }
    }
}

/// A descriptor that children give up: of something that has to end when its parent ends it.
#[derive(Debug)]
pub(crate) struct PrivateFd {
    // Dropped first: see [`Note`].
    _note: Note,
    fd: OwnedFd,
}

impl From<OwnedFd> for PrivateFd {
    fn from(fd: OwnedFd) -> PrivateFd {
        PrivateFd { _note: Note::private(fd.as_raw_fd()), fd }
    }
}

impl From<PrivateFd> for OwnedFd {
    fn from(private: PrivateFd) -> OwnedFd {
        private.fd
    }
}

impl AsFd for PrivateFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl AsRawFd for PrivateFd {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        self.clear();
    }
}

fn place(descriptor: RawFd) -> Option<(&'static AtomicU64, u64)> {
    let number = usize::try_from(descriptor).ok().filter(|number| *number < NUMBERS)?;
    Some((&NOTED[number / 64], 1 << (number % 64)))
}

/// To be called in the child of `fork`, while it has one thread: gives up this process's copies of the descriptors that
/// belong to the parent's servers, clients and listeners. The parent's own, and what goes over them, stay as they are.
///
/// The numbers stay taken, by something that is at its end, until their objects are dropped. Connections are shared with the
/// child. Takes no lock and no memory, and may be called in a handler of pthread_atfork(3).
pub fn after_fork() {
    let Ok(end) = socket::dead_end() else { return };
    for (index, word) in NOTED.iter().enumerate() {
        // The child's own children must not take for ours what the child opens under these numbers.
        let mut bits = word.swap(0, Ordering::Relaxed);
        while bits != 0 {
            let number = (index * 64) as RawFd + bits.trailing_zeros() as RawFd;
            bits &= bits - 1;
            let _ = descriptor::replace(end, number);
        }
    }
    let _ = descriptor::close(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_noted(descriptor: RawFd) -> bool {
        place(descriptor).is_some_and(|(word, bit)| word.load(Ordering::Relaxed) & bit != 0)
    }

    #[test]
    fn a_number_is_noted_as_long_as_its_note_says_so() {
        // Numbers that no test's descriptors have.
        let (first, last) = (900_001, NUMBERS as RawFd - 1);
        let note = Note::private(first);
        assert!(is_noted(first) && !is_noted(first + 1));
        note.clear();
        assert!(!is_noted(first));
        note.set(last);
        assert!(is_noted(last));
        drop(note);
        assert!(!is_noted(last));
        let (pipe, _other) = std::io::pipe().unwrap();
        let private = PrivateFd::from(OwnedFd::from(pipe));
        let number = private.as_raw_fd();
        assert!(is_noted(number));
        let shared = OwnedFd::from(private);
        assert_eq!((is_noted(number), shared.as_raw_fd()), (false, number));
        drop([Note::private(NONE), Note::private(NUMBERS as RawFd), Note::shared()]);
        assert!(!is_noted(NONE));
    }
}
