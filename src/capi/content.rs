//! What a pointer to a message points to: counted, alone in its memory or in a block with others.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::options::{now_ns, since_epoch_ns};
use crate::chat::{Incoming, Member};

/// Identifies a member of a chat for as long as the server's process lives, whichever of its servers it is a member of;
/// never reused. 0 is the server itself, or not known.
pub type rustchat_peer_id = u64;

/// Something that was said, with who said it and when. It does not change, may be used by any number of threads, and
/// lives as long as somebody holds a reference: each one that the library gives out ends with rustchat_message_release.
pub struct rustchat_message {
    _opaque: [u8; 0],
}

#[repr(C)]
pub(super) struct Content {
    /// First, to tell a live message from something else.
    magic: u32,
    references: AtomicU32,
    /// NULL when it has memory of its own.
    block: *const Block,
    source: Source,
    pub(super) seq: u64,
    pub(super) timestamp_ns: u64,
}

// A line of the cache, since a busy room's events are mostly these.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Content>() == 64);

const MAGIC: u32 = 0x7263_6d73;

/// What was said, and who said it, as far as that is known. What is rare or large lies elsewhere.
enum Source {
    Bytes(Vec<u8>),
    Said(Arc<str>, Arc<Member>),
    About(&'static str, Arc<Member>),
    Private(Box<Private>),
    Sentence(Box<Sentence>),
    Incoming(Box<Incoming>),
}

struct Sentence {
    text: String,
    address: String,
}

/// What a member says to one other.
struct Private {
    text: Arc<str>,
    from: Arc<Member>,
    to: Arc<Member>,
}

impl Content {
    fn said(source: Source, seq: u64, timestamp_ns: u64) -> Content {
        Content { magic: MAGIC, references: AtomicU32::new(1), block: ptr::null(), source, seq, timestamp_ns }
    }

    /// Takes bytes that came without a sender, now.
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Content {
        Content::said(Source::Bytes(bytes), 0, now_ns())
    }

    /// A sentence about something that happens now, with the address it is about.
    pub(super) fn of_sentence(text: String, address: String) -> Content {
        Content::said(Source::Sentence(Box::new(Sentence { text, address })), 0, now_ns())
    }

    /// A few words about a member, now.
    pub(super) fn of_member(member: Arc<Member>, text: &'static str) -> Content {
        Content::said(Source::About(text, member), 0, now_ns())
    }

    /// A member who was called something else, or nothing, before.
    pub(super) fn of_member_before(member: Arc<Member>, before: Option<Arc<str>>) -> Content {
        Content::said(Source::Said(before.unwrap_or_default(), member), 0, now_ns())
    }

    /// What a member says to one other.
    pub(super) fn of_private(text: Arc<str>, from: Arc<Member>, to: Arc<Member>, timestamp_ns: u64) -> Content {
        Content::said(Source::Private(Box::new(Private { text, from, to })), 0, timestamp_ns)
    }

    /// What a client received.
    pub(super) fn of_incoming(incoming: Incoming) -> Content {
        let (seq, timestamp_ns) = (incoming.seq, since_epoch_ns(incoming.time));
        Content::said(Source::Incoming(Box::new(incoming)), seq, timestamp_ns)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match &self.source {
            Source::Bytes(bytes) => bytes,
            Source::Said(text, _) => text.as_bytes(),
            Source::About(text, _) => text.as_bytes(),
            Source::Private(private) => private.text.as_bytes(),
            Source::Sentence(sentence) => sentence.text.as_bytes(),
            Source::Incoming(incoming) => incoming.text.as_bytes(),
        }
    }

    pub(super) fn sender(&self) -> rustchat_peer_id {
        match &self.source {
            Source::Bytes(_) | Source::Sentence(_) => 0,
            Source::Private(private) => private.from.id(),
            Source::Said(_, member) | Source::About(_, member) => member.id(),
            Source::Incoming(incoming) => incoming.from.id,
        }
    }

    /// Whether it is for one member alone.
    pub(super) fn is_private(&self) -> bool {
        match &self.source {
            Source::Private(_) => true,
            Source::Incoming(incoming) => incoming.is_private(),
            _ => false,
        }
    }

    /// The member that it is for alone, as far as its number is known.
    pub(super) fn recipient(&self) -> rustchat_peer_id {
        match &self.source {
            Source::Private(private) => private.to.id(),
            _ => 0,
        }
    }

    /// The name of the member that it is for alone, as far as that is known.
    pub(super) fn recipient_name(&self) -> &str {
        match &self.source {
            Source::Private(private) => private.to.name().unwrap_or(""),
            Source::Incoming(incoming) => incoming.to.as_deref().unwrap_or(""),
            _ => "",
        }
    }

    /// Whether a client has it of the server itself.
    pub(super) fn is_of_server(&self) -> bool {
        self.incoming().is_some_and(|incoming| incoming.from.server)
    }

    /// What a client received; `None` of all else.
    pub(super) fn incoming(&self) -> Option<&Incoming> {
        match &self.source {
            Source::Incoming(incoming) => Some(incoming),
            _ => None,
        }
    }

    /// The stamp of line chat as a number, its digits those of the stamp; 0 without one.
    pub(super) fn wall_time(&self) -> u64 {
        let Some(incoming) = self.incoming() else { return 0 };
        incoming.stamp.map_or(0, |stamp| {
            let parts = [stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second];
            parts.into_iter().fold(u64::from(stamp.year), |number, part| number * 100 + u64::from(part))
        })
    }

    pub(super) fn address(&self) -> &str {
        match &self.source {
            Source::Bytes(_) => "",
            Source::Said(_, member) | Source::About(_, member) => member.label(),
            Source::Private(private) => private.from.label(),
            Source::Sentence(sentence) => &sentence.address,
            Source::Incoming(incoming) => &incoming.from.address,
        }
    }

    pub(super) fn name(&self) -> &str {
        match &self.source {
            Source::Bytes(_) | Source::Sentence(_) => "",
            Source::Said(_, member) | Source::About(_, member) => member.name().unwrap_or(""),
            Source::Private(private) => private.from.name().unwrap_or(""),
            Source::Incoming(incoming) => incoming.from.name.as_deref().unwrap_or(""),
        }
    }

    /// Gives the caller a reference to a message in memory of its own.
    pub(super) fn into_raw(self) -> *mut rustchat_message {
        Box::into_raw(Box::new(self)).cast()
    }

    /// Counts one more reference.
    pub(super) fn retain(&self) {
        if self.references.fetch_add(1, Ordering::Relaxed) > u32::MAX / 2 {
            // Whoever leaks that many would free it under the feet of others with the next ones.
            std::process::abort();
        }
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        self.magic = 0;
    }
}

/// The message behind a pointer, or `None` for NULL and for what is known not to be a message.
///
/// # Safety
/// `message` is NULL, a handle, or a live object of this library.
#[inline]
pub(super) unsafe fn get<'a>(message: *const rustchat_message) -> Option<&'a Content> {
    let message = message.cast::<Content>();
    if message.is_null() || !message.is_aligned() {
        // Handles are odd numbers, so that they are never taken for memory.
        return None;
    }
    // SAFETY: a live object of this library begins with its magic number, whichever it is.
    let magic = unsafe { message.cast::<u32>().read() };
    // SAFETY: its magic number says that it is a message.
    (magic == MAGIC).then(|| unsafe { &*message })
}

/// Memory for the messages of one poll: asked for at once, given back with the last of them.
struct Block {
    /// The places that are not done with, and 1 for who fills them.
    users: AtomicUsize,
    places: *mut [MaybeUninit<Content>],
}

/// So that a message which is kept for long keeps little more than itself.
const BLOCK_SIZE: usize = 64;

/// Where messages are put, several in a block.
pub(super) struct Contents {
    expected: usize,
    block: *const Block,
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
        self.put_with(|block| Content {
            magic: MAGIC,
            references: AtomicU32::new(1),
            block,
            source: Source::Said(text, from),
            seq,
            timestamp_ns,
        })
    }

    /// Has `make` write where the message is to lie: moving it there costs as much as all the rest.
    #[inline(always)]
    fn put_with(&mut self, make: impl FnOnce(*const Block) -> Content) -> *mut rustchat_message {
        if self.block.is_null() {
            if self.expected < 2 {
                return Box::into_raw(Box::new(make(ptr::null()))).cast();
            }
            self.begin_block();
        }
        // SAFETY: the block lives: who fills it is counted.
        let places = unsafe { (*self.block).places };
        // SAFETY: there is room, or the block would have been ended, and nobody was told of this place yet.
        let place = unsafe { places.cast::<Content>().add(self.filled) };
        // SAFETY: as above.
        unsafe { place.write(make(self.block)) };
        self.filled += 1;
        if self.filled == places.len() {
            self.end_block();
        }
        place.cast()
    }

    #[cold]
    fn begin_block(&mut self) {
        let size = self.expected.min(BLOCK_SIZE);
        let places = Box::into_raw(Box::new_uninit_slice(size));
        self.block = Box::into_raw(Box::new(Block { users: AtomicUsize::new(size + 1), places }));
        self.filled = 0;
    }

    #[cold]
    fn end_block(&mut self) {
        // SAFETY: the block lives: who fills it is counted.
        let size = unsafe { (*self.block).places }.len();
        self.expected = self.expected.saturating_sub(size);
        // SAFETY: places that were not filled have no other users, and we are one.
        unsafe { leave(self.block, size - self.filled + 1) };
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

/// Ends `count` uses of a block.
///
/// # Safety
/// As many uses of a live block are the caller's to end.
unsafe fn leave(block: *const Block, count: usize) {
    // SAFETY: it lives as long as somebody uses it.
    if unsafe { &(*block).users }.fetch_sub(count, Ordering::AcqRel) == count {
        // SAFETY: nobody uses it any more; `begin_block` has made both of boxes.
        unsafe { drop(Box::from_raw((*block).places)) };
        // SAFETY: as above.
        unsafe { drop(Box::from_raw(block.cast_mut())) };
    }
}

/// Ends references to messages. Neighbours leave their block together.
pub(super) struct Releases {
    block: *const Block,
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
        // Who has the only reference need not count it down.
        let references = &content.references;
        if references.load(Ordering::Acquire) != 1 && references.fetch_sub(1, Ordering::AcqRel) != 1 {
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
            unsafe { leave(self.block, self.count) };
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
