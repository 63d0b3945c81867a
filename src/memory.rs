//! Memory for long messages that is used again: each 4 KiB of fresh memory cost a page fault, which is more than to copy them.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use bytes::Bytes;

use crate::sync::Mutex;

/// Pieces of memory of one size, for whoever holds a clone.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    shelf: Arc<Shelf>,
}

#[derive(Debug)]
struct Shelf {
    /// Bytes of a piece.
    size: usize,
    /// Pieces that are kept while nobody has them.
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    spare: Vec<Vec<u8>>,
    /// Who is about to need pieces.
    users: usize,
}

/// A piece, which goes back to its pool at the end; or, as the default, ordinary memory that belongs to none.
#[derive(Debug, Default)]
pub(crate) struct Loan {
    bytes: Vec<u8>,
    home: Option<Arc<Shelf>>,
}

impl Pool {
    /// Pieces of `size` bytes, of which so many are kept while nobody has them, as long as it has [users](Pool::begin).
    pub(crate) fn new(size: usize, most: usize) -> Pool {
        Pool { shelf: Arc::new(Shelf { size, most, kept: Mutex::default() }) }
    }

    /// One more user.
    pub(crate) fn begin(&self) {
        self.shelf.kept.lock().users += 1;
    }

    /// One user less. Behind the last one nothing is kept.
    pub(crate) fn end(&self) {
        let mut kept = self.shelf.kept.lock();
        kept.users -= 1;
        if kept.users == 0 {
            let spare = std::mem::take(&mut kept.spare);
            drop(kept);
            drop(spare);
        }
    }

    /// An empty piece with room for all of its bytes. A fresh one costs nothing until it is written to.
    pub(crate) fn lend(&self) -> Loan {
        let spare = self.shelf.kept.lock().spare.pop();
        let bytes = spare.unwrap_or_else(|| Vec::with_capacity(self.shelf.size));
        Loan { bytes, home: Some(Arc::clone(&self.shelf)) }
    }
}

impl Loan {
    /// Whether it belongs to a pool.
    pub(crate) fn is_pooled(&self) -> bool {
        self.home.is_some()
    }

    /// The same to be shared; it goes back with the last one who has a part of it.
    pub(crate) fn freeze(self) -> Bytes {
        if self.is_pooled() { Bytes::from_owner(self) } else { self.into_vec().into() }
    }

    /// Its bytes alone.
    pub(crate) fn into_vec(mut self) -> Vec<u8> {
        self.home = None;
        std::mem::take(&mut self.bytes)
    }
}

impl Deref for Loan {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for Loan {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl AsRef<[u8]> for Loan {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<Vec<u8>> for Loan {
    fn from(bytes: Vec<u8>) -> Loan {
        Loan { bytes, home: None }
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let Some(shelf) = self.home.take() else { return };
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let mut kept = shelf.kept.lock();
        // One that has grown would keep more than was said.
        if kept.users > 0 && kept.spare.len() < shelf.most && bytes.capacity() == shelf.size {
            kept.spare.push(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spare(pool: &Pool) -> usize {
        pool.shelf.kept.lock().spare.len()
    }

    #[test]
    fn a_piece_is_used_again_by_the_next_who_needs_one() {
        let pool = Pool::new(100, 2);
        pool.begin();
        let mut piece = pool.lend();
        piece.extend_from_slice(b"abc");
        let (place, frozen) = (piece.as_ptr(), piece.freeze());
        let part = frozen.slice(1..);
        drop(frozen);
        assert_eq!((spare(&pool), &part[..]), (0, &b"bc"[..]), "somebody has a part of it");
        drop(part);
        let piece = pool.lend();
        assert!(piece.as_ptr() == place && piece.is_empty());
    }

    #[test]
    fn no_more_is_kept_than_was_said() {
        let pool = Pool::new(100, 2);
        pool.begin();
        let mut pieces: Vec<Loan> = (0..5).map(|_| pool.lend()).collect();
        let last = pieces.pop();
        drop(pieces);
        assert_eq!(spare(&pool), 2);
        let mut grown = pool.lend();
        grown.extend_from_slice(&[0; 101]);
        drop(grown);
        assert_eq!(spare(&pool), 1);
        pool.begin();
        pool.end();
        assert_eq!(spare(&pool), 1, "it has a user still");
        pool.end();
        assert_eq!(spare(&pool), 0);
        drop(last);
        assert_eq!(spare(&pool), 0, "what comes back later is not kept");
        drop(Loan::from(vec![1]));
        assert_eq!((spare(&pool), pool.lend().into_vec().len()), (0, 0));
    }
}
