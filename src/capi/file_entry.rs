//! What is at a file server, and why something there is not done.

use std::ffi::{CString, c_char, c_void};
use std::ptr;

use super::options::Report;
use super::sole::{self, Sole};
use crate::transfer::{DirectoryEntry, FileKind, Metadata, Refusal};

/// What a name stands for.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum rustchat_file_kind {
    /// A regular file.
    RUSTCHAT_FILE_REGULAR = 1,
    /// A folder.
    RUSTCHAT_FILE_FOLDER = 2,
    /// A symbolic link, which is not followed.
    RUSTCHAT_FILE_LINK = 3,
    /// A pipe, a socket or a device: it can be renamed and removed, and not read.
    RUSTCHAT_FILE_OTHER = 4,
}

impl From<FileKind> for rustchat_file_kind {
    fn from(kind: FileKind) -> rustchat_file_kind {
        use rustchat_file_kind::*;
        match kind {
            FileKind::File => RUSTCHAT_FILE_REGULAR,
            FileKind::Folder => RUSTCHAT_FILE_FOLDER,
            FileKind::Link => RUSTCHAT_FILE_LINK,
            FileKind::Other => RUSTCHAT_FILE_OTHER,
        }
    }
}

/// The rule by which a file server does not do what it is asked for: what rustchat_last_refusal gives after RUSTCHAT_EREFUSED of a
/// function on a rustchat_file_client. Where the operating system has a number for the like of it, that is the os_code of
/// rustchat_last_error.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum rustchat_file_refusal {
    /// A name is empty, or there is no name where one must be.
    RUSTCHAT_FILE_REFUSED_NAME_EMPTY = 1,
    /// A name is "." or "..".
    RUSTCHAT_FILE_REFUSED_NAME_DOT = 2,
    /// A name holds a "/".
    RUSTCHAT_FILE_REFUSED_NAME_SLASH = 3,
    /// A name holds a zero byte.
    RUSTCHAT_FILE_REFUSED_NAME_NUL = 4,
    /// A name that is to be made holds control characters.
    RUSTCHAT_FILE_REFUSED_NAME_CONTROL = 5,
    /// A name is not UTF-8.
    RUSTCHAT_FILE_REFUSED_NAME_UTF8 = 6,
    /// A name has more than 255 bytes.
    RUSTCHAT_FILE_REFUSED_NAME_TOO_LONG = 7,
    /// A path has more than 4096 bytes or 64 names.
    RUSTCHAT_FILE_REFUSED_PATH_TOO_LONG = 8,
    /// The name is the server's own.
    RUSTCHAT_FILE_REFUSED_NAME_RESERVED = 9,
    /// A symbolic link is on the way, or leads out.
    RUSTCHAT_FILE_REFUSED_SYMLINK = 10,
    /// The path leads to another file system.
    RUSTCHAT_FILE_REFUSED_OTHER_FILE_SYSTEM = 11,
    /// It is no regular file.
    RUSTCHAT_FILE_REFUSED_NOT_REGULAR = 12,
    /// It is a folder.
    RUSTCHAT_FILE_REFUSED_IS_FOLDER = 13,
    /// It is no folder.
    RUSTCHAT_FILE_REFUSED_NOT_FOLDER = 14,
    /// It is not there.
    RUSTCHAT_FILE_REFUSED_NOT_FOUND = 15,
    /// Something of that name is there.
    RUSTCHAT_FILE_REFUSED_EXISTS = 16,
    /// The folder is not empty.
    RUSTCHAT_FILE_REFUSED_NOT_EMPTY = 17,
    /// Nothing is written here.
    RUSTCHAT_FILE_REFUSED_READ_ONLY = 18,
    /// The system does not let the server do it.
    RUSTCHAT_FILE_REFUSED_DENIED = 19,
    /// The file has more bytes than a file may.
    RUSTCHAT_FILE_REFUSED_TOO_LARGE = 20,
    /// The key's quota would be passed.
    RUSTCHAT_FILE_REFUSED_QUOTA = 21,
    /// The disk would have less than is to be left free.
    RUSTCHAT_FILE_REFUSED_RESERVE = 22,
    /// As many transfers or requests are under way as may be, or the file system is too busy.
    RUSTCHAT_FILE_REFUSED_BUSY = 23,
    /// Somebody else writes that file.
    RUSTCHAT_FILE_REFUSED_LOCKED = 24,
    /// The file has changed while it was read, or is not the one that was meant.
    RUSTCHAT_FILE_REFUSED_CHANGED = 25,
    /// What has come is not what was sent.
    RUSTCHAT_FILE_REFUSED_HASH_MISMATCH = 26,
    /// Fewer or more bytes have come than were announced.
    RUSTCHAT_FILE_REFUSED_SHORT = 27,
    /// The server stops.
    RUSTCHAT_FILE_REFUSED_STOPPING = 28,
    /// The server's system has reported an error.
    RUSTCHAT_FILE_REFUSED_IO = 29,
    /// The client wanted it no more.
    RUSTCHAT_FILE_REFUSED_CANCELLED = 30,
}

impl From<Refusal> for rustchat_file_refusal {
    fn from(refusal: Refusal) -> rustchat_file_refusal {
        use rustchat_file_refusal::*;
        match refusal {
            Refusal::NameEmpty => RUSTCHAT_FILE_REFUSED_NAME_EMPTY,
            Refusal::NameDot => RUSTCHAT_FILE_REFUSED_NAME_DOT,
            Refusal::NameSlash => RUSTCHAT_FILE_REFUSED_NAME_SLASH,
            Refusal::NameNul => RUSTCHAT_FILE_REFUSED_NAME_NUL,
            Refusal::NameControl => RUSTCHAT_FILE_REFUSED_NAME_CONTROL,
            Refusal::NameUtf8 => RUSTCHAT_FILE_REFUSED_NAME_UTF8,
            Refusal::NameTooLong => RUSTCHAT_FILE_REFUSED_NAME_TOO_LONG,
            Refusal::PathTooLong => RUSTCHAT_FILE_REFUSED_PATH_TOO_LONG,
            Refusal::NameReserved => RUSTCHAT_FILE_REFUSED_NAME_RESERVED,
            Refusal::Symlink => RUSTCHAT_FILE_REFUSED_SYMLINK,
            Refusal::OtherFileSystem => RUSTCHAT_FILE_REFUSED_OTHER_FILE_SYSTEM,
            Refusal::NotRegular => RUSTCHAT_FILE_REFUSED_NOT_REGULAR,
            Refusal::IsFolder => RUSTCHAT_FILE_REFUSED_IS_FOLDER,
            Refusal::NotFolder => RUSTCHAT_FILE_REFUSED_NOT_FOLDER,
            Refusal::NotFound => RUSTCHAT_FILE_REFUSED_NOT_FOUND,
            Refusal::Exists => RUSTCHAT_FILE_REFUSED_EXISTS,
            Refusal::NotEmpty => RUSTCHAT_FILE_REFUSED_NOT_EMPTY,
            Refusal::ReadOnly => RUSTCHAT_FILE_REFUSED_READ_ONLY,
            Refusal::Denied => RUSTCHAT_FILE_REFUSED_DENIED,
            Refusal::FileTooLarge => RUSTCHAT_FILE_REFUSED_TOO_LARGE,
            Refusal::Quota => RUSTCHAT_FILE_REFUSED_QUOTA,
            Refusal::Reserve => RUSTCHAT_FILE_REFUSED_RESERVE,
            Refusal::Busy => RUSTCHAT_FILE_REFUSED_BUSY,
            Refusal::Locked => RUSTCHAT_FILE_REFUSED_LOCKED,
            Refusal::Changed => RUSTCHAT_FILE_REFUSED_CHANGED,
            Refusal::HashMismatch => RUSTCHAT_FILE_REFUSED_HASH_MISMATCH,
            Refusal::Short => RUSTCHAT_FILE_REFUSED_SHORT,
            Refusal::Stopping => RUSTCHAT_FILE_REFUSED_STOPPING,
            Refusal::Io => RUSTCHAT_FILE_REFUSED_IO,
            Refusal::Cancelled => RUSTCHAT_FILE_REFUSED_CANCELLED,
        }
    }
}

/// What is known of a file or a folder at a server without reading it. This structure never grows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_file_entry {
    /// Its name, with a NUL behind it, in a listing; NULL elsewhere. It is bytes as the server's system has them, and need not be
    /// UTF-8: a name that is not, or that could lead elsewhere, is told of, and cannot be asked for.
    pub name: *const c_char,
    /// What it is, a rustchat_file_kind.
    pub kind: i32,
    /// Its permissions, the lowest nine bits.
    pub mode: u32,
    /// Its length in bytes.
    pub size: u64,
    /// When it was last written: whole seconds since 1970, rounded down, which may be before.
    pub modified_s: i64,
    /// The rest of that, in nanoseconds.
    pub modified_ns: u32,
    /// 0.
    pub reserved_ns: u32,
    /// Changes whenever the file does, and means nothing but that.
    pub version: u64,
    /// 0.
    pub reserved: [u64; 2],
}

impl rustchat_file_entry {
    /// Of nothing.
    pub(super) const EMPTY: rustchat_file_entry = rustchat_file_entry {
        name: ptr::null(),
        kind: 0,
        mode: 0,
        size: 0,
        modified_s: 0,
        modified_ns: 0,
        reserved_ns: 0,
        version: 0,
        reserved: [0; 2],
    };
}

impl From<Metadata> for rustchat_file_entry {
    fn from(core: Metadata) -> rustchat_file_entry {
        rustchat_file_entry {
            kind: rustchat_file_kind::from(core.kind) as i32,
            mode: core.mode.into(),
            size: core.size,
            modified_s: core.modified.seconds,
            modified_ns: core.modified.nanoseconds,
            version: core.version,
            ..rustchat_file_entry::EMPTY
        }
    }
}

/// What is in a folder at a server. Begin with RUSTCHAT_FILE_LISTING_INIT, and end it with rustchat_file_listing_clear. It
/// belongs to the program, what it points to to the library until it is cleared.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_file_listing {
    /// sizeof(rustchat_file_listing).
    pub struct_size: usize,
    /// The entries, in no order; NULL when there are none.
    pub entries: *const rustchat_file_entry,
    /// How many there are.
    pub count: usize,
    /// The library's.
    pub memory: *mut c_void,
    /// 0.
    pub reserved: [u64; 3],
}

/// What a listing points to.
struct Entries {
    _entries: Vec<rustchat_file_entry>,
    _names: Vec<CString>,
}

impl Sole for Entries {
    type Pointer = c_void;
    const MAGIC: u32 = 0x7275_666c;
    const NAME: &'static str = "listing";
}

/// Tells the caller what is in a folder.
pub(super) fn tell(found: Vec<DirectoryEntry>, report: &Report<rustchat_file_listing>) {
    let (struct_size, reserved) = (size_of::<rustchat_file_listing>(), [0; 3]);
    let (mut entries, mut names) = (Vec::with_capacity(found.len()), Vec::with_capacity(found.len()));
    for DirectoryEntry { name, metadata, .. } in found {
        // No system has a name with a zero byte; a server that says so is shown to the end of what can be one.
        let name = CString::new(name).unwrap_or_else(|wrong| {
            let end = wrong.nul_position();
            CString::new(&wrong.into_vec()[..end]).unwrap_or_default()
        });
        entries.push(rustchat_file_entry { name: name.as_ptr(), ..metadata.into() });
        names.push(name);
    }
    if entries.is_empty() {
        return;
    }
    let (first, count) = (entries.as_ptr(), entries.len());
    // What a vector holds stays where it is when the vector is moved.
    let memory = sole::make(Entries { _entries: entries, _names: names });
    report.set(rustchat_file_listing { struct_size, entries: first, count, memory, reserved });
}

/// Releases what a listing holds, and makes it as it was in the beginning. May be repeated.
///
/// @param listing a listing that was begun with RUSTCHAT_FILE_LISTING_INIT; NULL is ignored.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_listing_clear(listing: *mut rustchat_file_listing) {
    // SAFETY: the header asks for what this asks for.
    unsafe {
        sole::clear::<rustchat_file_listing, Entries>("rustchat_file_listing_clear", listing, |listing| listing.memory)
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_core() {
        let refusals: Vec<_> = (1..).map_while(Refusal::from_code).collect();
        assert_eq!(refusals.len(), 30);
        for refusal in refusals {
            assert_eq!(rustchat_file_refusal::from(refusal) as i32, i32::from(refusal.code()));
        }
        for kind in [FileKind::File, FileKind::Folder, FileKind::Link, FileKind::Other] {
            assert_eq!(rustchat_file_kind::from(kind) as i32, kind as i32);
        }
    }
}
