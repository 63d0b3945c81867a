//! Why something is not done.

use std::fmt;

use crate::{Error, Status};

/// Hands the table to a macro: each refusal with its number on the wire, a few words, and the `errno` that it is like, if
/// there is one.
macro_rules! refusals {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $words:literal, $errno:expr;)*) => {
        /// The rule by which a server does not do what it is asked for. The numbers are those of the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Refusal {
            $($(#[doc = $doc])* $name = $code,)*
        }

        const TABLE: &[(Refusal, &str, Option<i32>)] = &[$((Refusal::$name, $words, $errno),)*];
    };
}

refusals! {
    /// A name is empty, or there is no name where one must be.
    NameEmpty = 1, "a name is empty", None;
    /// A name is `.` or `..`.
    NameDot = 2, "a name is . or ..", None;
    /// A name holds a `/`.
    NameSlash = 3, "a name holds a slash", None;
    /// A name holds a zero byte.
    NameNul = 4, "a name holds a zero byte", None;
    /// A name that is to be made holds control characters.
    NameControl = 5, "a name holds control characters", None;
    /// A name is not UTF-8.
    NameUtf8 = 6, "a name is not UTF-8", None;
    /// A name has more than 255 bytes.
    NameTooLong = 7, "a name is longer than 255 bytes", Some(libc::ENAMETOOLONG);
    /// A path has more than 4,096 bytes or 64 names.
    PathTooLong = 8, "a path is longer than 4096 bytes or 64 names", Some(libc::ENAMETOOLONG);
    /// The name is the server's own.
    NameReserved = 9, "the name is reserved", None;
    /// A symbolic link is on the way, or leads out.
    Symlink = 10, "a symbolic link is not followed", Some(libc::ELOOP);
    /// The path leads to another file system.
    OtherFileSystem = 11, "that is another file system", Some(libc::EXDEV);
    /// It is no regular file.
    NotRegular = 12, "not a regular file", None;
    /// It is a folder.
    IsFolder = 13, "is a folder", Some(libc::EISDIR);
    /// It is no folder.
    NotFolder = 14, "not a folder", Some(libc::ENOTDIR);
    /// It is not there.
    NotFound = 15, "not found", Some(libc::ENOENT);
    /// Something of that name is there.
    Exists = 16, "exists already", Some(libc::EEXIST);
    /// The folder is not empty.
    NotEmpty = 17, "the folder is not empty", Some(libc::ENOTEMPTY);
    /// Nothing is written here.
    ReadOnly = 18, "nothing is written here", Some(libc::EROFS);
    /// The system does not let the server do it.
    Denied = 19, "permission denied", Some(libc::EACCES);
    /// The file has more bytes than a file may.
    FileTooLarge = 20, "larger than a file may be", Some(libc::EFBIG);
    /// The key's quota would be passed.
    Quota = 21, "over the quota", Some(libc::EDQUOT);
    /// The system's disk would have less than is to be left free.
    Reserve = 22, "the disk is too full", Some(libc::ENOSPC);
    /// As many transfers or requests are under way as may be, or the file system is too busy.
    Busy = 23, "too much at a time", Some(libc::EBUSY);
    /// Somebody else writes that file.
    Locked = 24, "somebody else writes it", Some(libc::EBUSY);
    /// The file has changed while it was read, or is not the one that was meant.
    Changed = 25, "the file has changed", Some(libc::ESTALE);
    /// What has come is not what was sent.
    HashMismatch = 26, "the hash does not match", Some(libc::EIO);
    /// Fewer or more bytes have come than were announced.
    Short = 27, "not as long as was announced", Some(libc::EIO);
    /// The server stops.
    Stopping = 28, "the server stops", None;
    /// The system has reported an error.
    Io = 29, "input/output error", Some(libc::EIO);
    /// The client wanted it no more.
    Cancelled = 30, "cancelled", Some(libc::ECANCELED);
}

impl Refusal {
    /// The refusal of that number; `None` if this version knows none.
    pub fn from_code(code: u16) -> Option<Refusal> {
        TABLE.iter().map(|row| row.0).find(|refusal| refusal.code() == code)
    }

    /// Its number.
    pub fn code(self) -> u16 {
        self as u16
    }

    fn row(self) -> &'static (Refusal, &'static str, Option<i32>) {
        &TABLE[usize::from(self.code() - 1)]
    }

    /// A few words.
    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    /// The system's number for the like of it.
    pub fn errno(self) -> Option<i32> {
        self.row().2
    }

    /// The error that it is for a client.
    pub(crate) fn error(self, text: String) -> Error {
        Error::new(Status::Refused, text).with_os_code(self.errno())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal and what it is about, for people.
pub(crate) type Refused = (Refusal, String);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        (refusal, refusal.to_string())
    }
}
