//! Who is there, as a client is told.

use std::ffi::{CString, c_char, c_void};
use std::ptr;

use super::content::rustchat_peer_id;
use super::options::Report;
use super::sole::{self, Sole};
use crate::chat::Sender;

/// A member of a chat, as the server tells a client of it. This structure never grows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_member {
    /// Its id.
    pub id: rustchat_peer_id,
    /// Its name, UTF-8 with a NUL behind it; empty when it has none.
    pub name: *const c_char,
    /// Its address as the server sees it, for example "127.0.0.1:51234", with a NUL behind it.
    pub address: *const c_char,
    /// 0.
    pub reserved: u64,
}

/// Who is there. Begin with RUSTCHAT_MEMBER_LISTING_INIT, and end it with rustchat_member_listing_clear. It belongs to the program, what
/// it points to to the library until it is cleared.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_member_listing {
    /// sizeof(rustchat_member_listing).
    pub struct_size: usize,
    /// The members, in the order in which they came; NULL when there are none.
    pub members: *const rustchat_member,
    /// How many there are.
    pub count: usize,
    /// The library's.
    pub memory: *mut c_void,
    /// 0.
    pub reserved: [u64; 3],
}

/// What a listing points to.
struct Members {
    _members: Vec<rustchat_member>,
    _texts: Vec<CString>,
}

impl Sole for Members {
    type Pointer = c_void;
    const MAGIC: u32 = 0x7275_6d6c;
    const NAME: &'static str = "listing";
}

/// Tells the caller who is there.
pub(super) fn tell(found: Vec<Sender>, report: &Report<rustchat_member_listing>) {
    let mut texts = Vec::with_capacity(2 * found.len());
    let mut members = Vec::with_capacity(found.len());
    for Sender { id, address, name, .. } in found {
        let mut put = |text: String| {
            // No server has a name with a zero byte in it.
            texts.push(CString::new(text).unwrap_or_default());
            texts.last().map_or(ptr::null(), |text| text.as_ptr())
        };
        let (name, address) = (put(name.unwrap_or_default()), put(address));
        members.push(rustchat_member { id, name, address, reserved: 0 });
    }
    if members.is_empty() {
        return;
    }
    let (struct_size, reserved) = (size_of::<rustchat_member_listing>(), [0; 3]);
    let (first, count) = (members.as_ptr(), members.len());
    // What a vector holds stays where it is when the vector is moved.
    let memory = sole::make(Members { _members: members, _texts: texts });
    report.set(rustchat_member_listing { struct_size, members: first, count, memory, reserved });
}

/// Releases what a listing holds, and makes it as it was in the beginning. May be repeated.
///
/// @param listing a listing that was begun with RUSTCHAT_MEMBER_LISTING_INIT; NULL is ignored.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_member_listing_clear(listing: *mut rustchat_member_listing) {
    // SAFETY: the header asks for what this asks for.
    unsafe {
        sole::clear::<rustchat_member_listing, Members>("rustchat_member_listing_clear", listing, |listing| {
            listing.memory
        })
    };
}
