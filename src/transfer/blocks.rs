//! A file's blocks on the disk, at either end.

use std::os::fd::BorrowedFd;

use rustix::buffer::spare_capacity;
use rustix::io::{Errno, pread, pwrite};

use super::digest::{self, Digest};
use super::wire::{BLOCK, Hash};
use crate::net::start_write_back;

/// Blocks that are given to the disk at once.
const WRITTEN_BACK: u32 = 8;

/// Bytes that are written at once. Some file systems take one piece of memory for each write, as large as it is, and one of a
/// block has often to be made first: the write takes several times as long.
const WRITTEN: usize = 128 * 1024;

/// Where a block begins.
pub(super) fn offset(index: u32) -> u64 {
    u64::from(index) * BLOCK as u64
}

/// Bytes of that block in a file of so many.
pub(super) fn length(size: u64, index: u32) -> usize {
    size.saturating_sub(offset(index)).min(BLOCK as u64) as usize
}

/// Fills `buffer` from there on; how much there was of it.
pub(super) fn read(file: BorrowedFd<'_>, buffer: &mut [u8], from: u64) -> Result<usize, Errno> {
    let mut count = 0;
    while count < buffer.len() {
        match pread(file, &mut buffer[count..], from + count as u64) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(count)
}

/// Puts so many bytes from there on behind what is in `buffer`, or fewer if there are no more.
pub(super) fn append(file: BorrowedFd<'_>, buffer: &mut Vec<u8>, from: u64, count: usize) -> Result<(), Errno> {
    let (start, end) = (buffer.len(), buffer.len() + count);
    buffer.reserve_exact(count);
    while buffer.len() < end {
        let at = from + (buffer.len() - start) as u64;
        match pread(file, spare_capacity(buffer), at) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    // There may have been room for more than was asked for.
    buffer.truncate(end);
    Ok(())
}

/// Writes all of it there.
pub(super) fn write(file: BorrowedFd<'_>, bytes: &[u8], to: u64) -> Result<(), Errno> {
    let mut count = 0;
    while count < bytes.len() {
        let end = bytes.len().min(count + WRITTEN);
        match pwrite(file, &bytes[count..end], to + count as u64) {
            Ok(0) => return Err(Errno::NOSPC),
            Ok(more) => count += more,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Has the disk begin, every so many blocks, with what has come of a file that it is to have: less is waited for in the end.
pub(super) fn write_back(file: BorrowedFd<'_>, came: u32) {
    if came.is_multiple_of(WRITTEN_BACK) {
        start_write_back(file);
    }
}

/// Hashes the next blocks of a file of `size` bytes, at most so many and none behind `until`; tells their hashes. `None` if
/// the file is shorter than it was.
pub(super) fn hash_next(
    file: BorrowedFd<'_>,
    digest: &mut Digest,
    size: u64,
    until: u32,
    most: u32,
) -> Result<Option<Vec<u8>>, Errno> {
    let mut hashes = Vec::new();
    let some = digest.len()..until.min(digest.len().saturating_add(most));
    // To clear a block takes longer than all else about a small file.
    let mut buffer = vec![0; length(size, some.start).min(some.len().saturating_mul(BLOCK))];
    for index in some {
        let block = &mut buffer[..length(size, index)];
        if read(file, block, offset(index))? < block.len() {
            return Ok(None);
        }
        let hash: Hash = digest::block(index, block);
        digest.push(hash, block);
        hashes.extend_from_slice(&hash);
    }
    Ok(Some(hashes))
}
