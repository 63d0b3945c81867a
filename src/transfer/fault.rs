//! What the system's errors are to a client.

use rustix::io::Errno;

use super::names::shown;
use super::wire::{Refusal, Refused};
use crate::error::sentence;

/// The refusal for an error of the system about a name.
pub(super) fn refused(errno: Errno, name: &str) -> Refused {
    let refusal = match errno {
        Errno::LOOP => Refusal::Symlink,
        Errno::XDEV => Refusal::OtherFileSystem,
        Errno::NXIO | Errno::NODEV => Refusal::NotRegular,
        Errno::ISDIR => Refusal::IsFolder,
        Errno::NOTDIR => Refusal::NotFolder,
        Errno::NOENT => Refusal::NotFound,
        Errno::EXIST => Refusal::Exists,
        Errno::NOTEMPTY => Refusal::NotEmpty,
        Errno::ROFS => Refusal::ReadOnly,
        Errno::ACCESS | Errno::PERM => Refusal::Denied,
        Errno::NAMETOOLONG => Refusal::NameTooLong,
        Errno::FBIG => Refusal::FileTooLarge,
        Errno::DQUOT => Refusal::Quota,
        Errno::NOSPC => Refusal::Reserve,
        Errno::AGAIN | Errno::BUSY | Errno::MFILE | Errno::NFILE | Errno::NOMEM => Refusal::Busy,
        Errno::STALE => Refusal::NotFound,
        _ => Refusal::Io,
    };
    let what = match refusal {
        Refusal::Io => format!("{refusal}: {}", sentence(&errno.into())),
        _ => refusal.to_string(),
    };
    let text = if name.is_empty() { what } else { format!("{}: {what}", shown(name.as_bytes())) };
    (refusal, text)
}
