//! What a server tells of a file.

use std::time::{Duration, SystemTime};

use super::Violation;
use crate::wire::{Fields, numbered, put_counted};

numbered! {
    /// What a name stands for.
    pub enum FileKind: u8 {
        /// A regular file.
        File = 1, "file";
        /// A folder.
        Folder = 2, "folder";
        /// A symbolic link, which is not followed.
        Link = 3, "link";
        /// A pipe, a socket or a device: it can be renamed and removed, and not read.
        Other = 4, "other";
    }
}

/// A time as file systems have it: seconds since 1970, which may be before, and nanoseconds behind that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileTime {
    /// Whole seconds, rounded down.
    pub seconds: i64,
    /// The rest, less than 1,000,000,000.
    pub nanoseconds: u32,
}

impl FileTime {
    /// The same for programs; `None` where this system cannot say it.
    pub fn to_system_time(self) -> Option<SystemTime> {
        let seconds = Duration::from_secs(self.seconds.unsigned_abs());
        let whole = match self.seconds {
            0.. => SystemTime::UNIX_EPOCH.checked_add(seconds),
            _ => SystemTime::UNIX_EPOCH.checked_sub(seconds),
        };
        whole?.checked_add(Duration::from_nanos(self.nanoseconds.into()))
    }

    pub(super) fn decode(fields: &mut Fields<'_>) -> Result<FileTime, Violation> {
        let time = FileTime { seconds: fields.u64()?.cast_signed(), nanoseconds: fields.u32()? };
        if time.nanoseconds < 1_000_000_000 { Ok(time) } else { Err(Violation::Nanoseconds(time.nanoseconds)) }
    }

    pub(super) fn encode_into(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.seconds.to_be_bytes());
        out.extend_from_slice(&self.nanoseconds.to_be_bytes());
    }
}

/// What is known of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// What it is.
    pub kind: FileKind,
    /// Its length in bytes.
    pub size: u64,
    /// When it was last written.
    pub modified: FileTime,
    /// Its permissions, the lowest nine bits.
    pub mode: u16,
    /// Changes whenever the file does. It means nothing but that.
    pub version: u64,
}

impl Metadata {
    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == FileKind::File
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.kind == FileKind::Folder
    }

    pub(super) fn decode(fields: &mut Fields<'_>) -> Result<Metadata, Violation> {
        let byte = fields.u8()?;
        let kind = FileKind::from_code(byte).ok_or(Violation::UnknownKind(byte))?;
        let (size, modified) = (fields.u64()?, FileTime::decode(fields)?);
        let (mode, version) = (fields.u16()?, fields.u64()?);
        Ok(Metadata { kind, size, modified, mode, version })
    }

    pub(super) fn encode_into(&self, out: &mut Vec<u8>) {
        out.push(self.kind as u8);
        out.extend_from_slice(&self.size.to_be_bytes());
        self.modified.encode_into(out);
        out.extend_from_slice(&self.mode.to_be_bytes());
        out.extend_from_slice(&self.version.to_be_bytes());
    }
}

/// A name and what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry<'m> {
    pub(crate) name: &'m [u8],
    pub(crate) metadata: Metadata,
}

impl<'m> Entry<'m> {
    /// All that stand in a body.
    pub(super) fn decode_all(mut fields: Fields<'m>) -> Result<Vec<Entry<'m>>, Violation> {
        let mut entries = Vec::new();
        while !fields.is_empty() {
            let metadata = Metadata::decode(&mut fields)?;
            entries.push(Entry { name: fields.counted()?, metadata });
        }
        Ok(entries)
    }

    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        self.metadata.encode_into(out);
        put_counted(out, self.name);
    }
}
