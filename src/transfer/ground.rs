//! Where the ways to files begin, and how far they may go.

use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, Statx, StatxFlags, fstat, statx};
use rustix::io::Errno;

use crate::options::Named;

/// What becomes of symbolic links on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Follow {
    /// They are listed, renamed and removed, and never followed.
    #[default]
    No,
    /// They are followed where they lead to something below the root by a relative way.
    Inside,
}

impl Named for Follow {
    const NAMES: &'static [&'static str] = &["no", "inside"];
    const VALUES: &'static [Follow] = &[Follow::No, Follow::Inside];
}

/// The folder that nothing leads out of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'g> {
    pub(super) folder: BorrowedFd<'g>,
    pub(super) mount: Mount,
    pub(super) follow: Follow,
}

/// The file system that a descriptor is on, as it is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mount {
    device: (u32, u32),
    /// 0 where the kernel does not tell.
    mount: u64,
}

impl Mount {
    pub(super) fn of(fd: BorrowedFd<'_>) -> Result<Mount, Errno> {
        let wanted = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
        let Statx { stx_dev_major, stx_dev_minor, stx_mnt_id, stx_mask, .. } =
            match statx(fd, c"", AtFlags::EMPTY_PATH, wanted) {
                Err(Errno::NOSYS | Errno::PERM) => {
                    let device = fstat(fd)?.st_dev;
                    return Ok(Mount { device: ((device >> 32) as u32, device as u32), mount: 0 });
                }
                told => told?,
            };
        let is_told = stx_mask & StatxFlags::MNT_ID.bits() != 0;
        // Volumes within one mount have devices of their own, and are no other place.
        match is_told {
            true => Ok(Mount { device: (0, 0), mount: stx_mnt_id }),
            false => Ok(Mount { device: (stx_dev_major, stx_dev_minor), mount: 0 }),
        }
    }
}
