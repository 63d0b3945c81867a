//! The hashes of a file's blocks, which merge into the BLAKE3 hash of the file: the one that `b3sum` shows. Pure.

use blake3::hazmat::{ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};
use blake3::{Hasher, hash};

use super::wire::{BLOCK, Hash};

/// What the block of that number hashes to.
pub(super) fn block(index: u32, bytes: &[u8]) -> Hash {
    debug_assert!(!bytes.is_empty() && bytes.len() <= BLOCK);
    let offset = u64::from(index) * BLOCK as u64;
    Hasher::new().set_input_offset(offset).update(bytes).finalize_non_root()
}

/// Blocks of a file of so many bytes.
pub(super) fn blocks(size: u64) -> u64 {
    size.div_ceil(BLOCK as u64)
}

/// The hashes of a file's first blocks, 32 KiB for a GiB.
#[derive(Debug, Default)]
pub(super) struct Digest {
    values: Vec<ChainingValue>,
    /// The ordinary hash of the first block: that of a file of one block is not made of the block's.
    first: Hash,
}

impl Digest {
    /// Blocks whose hashes are here.
    pub(super) fn len(&self) -> u32 {
        self.values.len() as u32
    }

    /// Adds the next block, which hashes to that.
    pub(super) fn push(&mut self, value: Hash, bytes: &[u8]) {
        if self.values.is_empty() {
            self.first = hash(bytes).into();
        }
        self.values.push(value);
    }

    /// Forgets all but the first blocks.
    pub(super) fn truncate(&mut self, blocks: u32) {
        self.values.truncate(blocks as usize);
    }

    /// What the file hashes to, if these are all of its blocks.
    pub(super) fn root(&self) -> Hash {
        match self.values.as_slice() {
            [] => hash(b"").into(),
            [_] => self.first,
            values => {
                let (left, right) = split(values);
                merge_subtrees_root(&merged(left), &merged(right), Mode::Hash).into()
            }
        }
    }
}

/// All blocks of the left half are whole, and their number is the largest power of two that leaves something.
fn split(values: &[ChainingValue]) -> (&[ChainingValue], &[ChainingValue]) {
    values.split_at(values.len().next_power_of_two() / 2)
}

fn merged(values: &[ChainingValue]) -> ChainingValue {
    match values {
        [one] => *one,
        _ => {
            let (left, right) = split(values);
            merge_subtrees_non_root(&merged(left), &merged(right), Mode::Hash)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_file_is_the_ordinary_one_whatever_its_length() {
        let bytes: Vec<u8> = (0..5 * BLOCK + 7).map(|at| (at % 251) as u8).collect();
        let sizes = [0, 1, 1023, 1024, 1025, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK, 4 * BLOCK + 1];
        for size in sizes.into_iter().chain([bytes.len()]) {
            let mut digest = Digest::default();
            for (index, chunk) in bytes[..size].chunks(BLOCK).enumerate() {
                digest.push(block(index as u32, chunk), chunk);
            }
            assert_eq!(u64::from(digest.len()), blocks(size as u64));
            assert_eq!(digest.root(), *hash(&bytes[..size]).as_bytes(), "{size}");
        }
    }

    #[test]
    fn blocks_can_be_taken_back() {
        let bytes = vec![7; 3 * BLOCK];
        let mut digest = Digest::default();
        bytes.chunks(BLOCK).enumerate().for_each(|(index, chunk)| digest.push(block(index as u32, chunk), chunk));
        digest.truncate(1);
        assert_eq!(digest.root(), *hash(&bytes[..BLOCK]).as_bytes());
        digest.truncate(0);
        assert_eq!(digest.root(), *hash(b"").as_bytes());
    }
}
