//! Where messages are put for the program, several in a block, and where they end.

use std::ptr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::block::Block;
use super::content::{Content, get, rustchat_message};
use super::options::since_epoch_ns;
use crate::chat::Member;

/// So that a message which is kept for long keeps little more than itself.
const BLOCK_SIZE: usize = 64;

/// Where messages are put, several in a block.
pub(super) struct Contents {
    expected: usize,
    block: *const Block<Content>,
    filled: usize,
    /// The last time that was asked for: messages that were read together have the same.
    last: (SystemTime, u64),
}

impl Contents {
    /// For about as many.
    pub(super) fn expecting(count: usize) -> Contents {
        Contents { expected: count, block: ptr::null(), filled: 0, last: (UNIX_EPOCH, 0) }
    }

    /// `time` in nanoseconds since 1970.
    #[inline]
    pub(super) fn timestamp(&mut self, time: SystemTime) -> u64 {
        if self.last.0 != time {
            self.last = (time, since_epoch_ns(time));
        }
        self.last.1
    }

    /// Puts down a message, and gives the caller a reference to it.
    pub(super) fn put(&mut self, mut content: Content) -> *mut rustchat_message {
        self.put_with(|block| {
            content.block = block;
            content
        })
    }

    /// The same for what a member said.
    #[inline(always)]
    pub(super) fn put_said(
        &mut self,
        text: Arc<str>,
        from: Arc<Member>,
        seq: u64,
        timestamp_ns: u64,
    ) -> *mut rustchat_message {
        self.put_with(|block| Content::of_said(block, text, from, seq, timestamp_ns))
    }

    /// Has `make` write where the message is to lie: moving it there costs as much as all the rest.
    #[inline(always)]
    fn put_with(&mut self, make: impl FnOnce(*const Block<Content>) -> Content) -> *mut rustchat_message {
        if self.block.is_null() {
            if self.expected < 2 {
                return Box::into_raw(Box::new(make(ptr::null()))).cast();
            }
            self.begin_block();
        }
        // SAFETY: the block lives: who fills it is counted.
        let block = unsafe { &*self.block };
        let place = block.place(self.filled);
        // SAFETY: there is room, or the block would have been ended, and nobody was told of this place yet.
        unsafe { place.write(make(self.block)) };
        self.filled += 1;
        if self.filled == block.size() {
            self.end_block();
        }
        place.cast()
    }

    #[cold]
    fn begin_block(&mut self) {
        (self.block, self.filled) = (Block::begin(self.expected.min(BLOCK_SIZE)), 0);
    }

    #[cold]
    fn end_block(&mut self) {
        // SAFETY: the block lives: who fills it is counted.
        let size = unsafe { &*self.block }.size();
        self.expected = self.expected.saturating_sub(size);
        // SAFETY: places that were not filled have no other users, and we are one.
        unsafe { Block::leave(self.block, size - self.filled + 1) };
        self.block = ptr::null();
    }
}

impl Drop for Contents {
    fn drop(&mut self) {
        if !self.block.is_null() {
            self.end_block();
        }
    }
}

/// Ends references to messages. Neighbours leave their block together.
pub(super) struct Releases {
    block: *const Block<Content>,
    count: usize,
}

impl Releases {
    pub(super) fn new() -> Releases {
        Releases { block: ptr::null(), count: 0 }
    }

    /// Ends one reference; whatever is known not to be a message is ignored.
    ///
    /// # Safety
    /// `message` is NULL, a handle, or a live object of this library; the reference is the caller's.
    #[inline(always)]
    pub(super) unsafe fn add(&mut self, message: *mut rustchat_message) {
        // SAFETY: as promised by the caller.
        let Some(content) = (unsafe { get(message) }) else { return };
        if !content.release() {
            return;
        }
        let (block, content) = (content.block, message.cast::<Content>());
        if block.is_null() {
            // SAFETY: `into_raw` has made it of a box, and nobody has a reference any more.
            return unsafe { drop(Box::from_raw(content)) };
        }
        // SAFETY: `Contents::put` has put it there, and nobody has a reference any more.
        unsafe { content.drop_in_place() };
        if block != self.block {
            self.flush();
            self.block = block;
        }
        self.count += 1;
    }

    fn flush(&mut self) {
        if self.count > 0 {
            // SAFETY: the uses of places whose messages were ended here.
            unsafe { Block::leave(self.block, self.count) };
            self.count = 0;
        }
    }
}

impl Drop for Releases {
    fn drop(&mut self) {
        self.flush();
    }
}

#[cfg(test)]
mod tests;
