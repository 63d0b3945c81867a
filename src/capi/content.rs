//! What a pointer to a message points to: counted, alone in its memory or in a block with others, see [`contents`](super::contents).

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::attached::Attached;
use super::block::Block;
use super::options::{now_ns, since_epoch_ns};
use super::source::{Leaving, Private, Sentence, Source};
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
    pub(super) block: *const Block<Content>,
    source: Source,
    pub(super) seq: u64,
    pub(super) timestamp_ns: u64,
}

// A line of the cache, since a busy room's events are mostly these.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Content>() == 64);

const MAGIC: u32 = 0x7263_6d73;

impl Content {
    fn said(source: Source, seq: u64, timestamp_ns: u64) -> Content {
        Content { magic: MAGIC, references: AtomicU32::new(1), block: ptr::null(), source, seq, timestamp_ns }
    }

    /// What a member has said to the room, to be written into its place of a block.
    #[inline(always)]
    pub(super) fn of_said(
        block: *const Block<Content>,
        text: Arc<str>,
        from: Arc<Member>,
        seq: u64,
        timestamp_ns: u64,
    ) -> Content {
        let (references, source) = (AtomicU32::new(1), Source::Said(text, from));
        Content { magic: MAGIC, references, block, source, seq, timestamp_ns }
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
            Source::Leaving(leaving) => leaving.text.as_bytes(),
            Source::Sentence(sentence) => sentence.text.as_bytes(),
            Source::Incoming(incoming) => incoming.text.as_bytes(),
        }
    }

    pub(super) fn sender(&self) -> rustchat_peer_id {
        let of_client = || self.incoming().map_or(0, |incoming| incoming.from.id);
        self.source.member().map_or_else(of_client, |member| member.id())
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
            Source::Sentence(sentence) => &sentence.address,
            Source::Incoming(incoming) => &incoming.from.address,
            _ => self.source.member().map_or("", |member| member.label()),
        }
    }

    pub(super) fn name(&self) -> &str {
        let of_client = || self.incoming().and_then(|incoming| incoming.from.name.as_deref());
        self.source.member().map_or_else(of_client, |member| member.name()).unwrap_or("")
    }

    /// Keeps what was attached to the member that this is about as long as itself.
    pub(super) fn attach(&mut self, attached: Arc<Attached>) {
        if let Source::About(text, member) = &self.source {
            self.source = Source::Leaving(Box::new(Leaving { text, member: Arc::clone(member), _attached: attached }));
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

    /// Ends a reference; whether that was the last.
    #[inline(always)]
    pub(super) fn release(&self) -> bool {
        // Who has the only reference need not count it down.
        self.references.load(Ordering::Acquire) == 1 || self.references.fetch_sub(1, Ordering::AcqRel) == 1
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
