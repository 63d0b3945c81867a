//! How files and folders are to be moved.

use std::ffi::c_void;

use crate::transfer::{Download, Progress, Upload};

/// How far a transfer of one file has come. Lent; a later version may have more at its end.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_file_progress {
    /// Bytes that are right at the other end, or here.
    pub done: u64,
    /// Bytes of the file.
    pub total: u64,
    /// Bytes that had been there before.
    pub resumed: u64,
}

/// Told how far a transfer has come, at most ten times a second and at the end of each file; any number but 0 ends it with
/// RUSTCHAT_EINTR, and the part that has come stays, though at the end it ends nothing. Called on the thread that makes the call.
/// A call on the same client in it is RUSTCHAT_EDEADLK, but closing and freeing that; must not throw or longjmp.
pub type rustchat_progress_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, progress: *const rustchat_file_progress) -> i32>;

/// How a file, or a folder, is to be moved. Begin with RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT and set what differs: 0 and NULL are
/// the defaults, and NULL in the place of the whole is all of them.
///
/// A file is gone on with where an earlier attempt broke off: what is there is compared block by block, at both ends, and no
/// byte is believed for being there. It is checked as a whole in the end, unless without_hashes says otherwise.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_file_transfer_options {
    /// sizeof(rustchat_file_transfer_options).
    pub struct_size: usize,
    /// Not 0: replace the file of that name. Else that is refused with RUSTCHAT_FILE_REFUSED_EXISTS.
    pub overwrite: i32,
    /// Not 0: make the folders on the way at the server. Of no meaning when fetching.
    pub parents: i32,
    /// Not 0: begin anew, whatever an earlier attempt has left.
    pub from_the_beginning: i32,
    /// Not 0: do not wait until this machine's disk has what was fetched: after a power cut it may be gone, or empty. Of no
    /// meaning when storing.
    pub without_sync: i32,
    /// Not 0: move it as it is, without hashes, where the server can: the connection's own checks have to be enough, and only its
    /// length is looked at in the end.
    pub without_hashes: i32,
    /// 0.
    pub reserved_flags: i32,
    /// Given to on_progress as it is.
    pub userdata: *mut c_void,
    /// Told of the progress; may be NULL.
    pub on_progress: rustchat_progress_callback,
    /// 0.
    pub reserved: [u64; 4],
}

/// Is told of the progress; whether to go on.
pub(super) type Tell<'w> = &'w mut dyn FnMut(&Progress) -> bool;

impl rustchat_file_transfer_options {
    /// What tells the program of the progress; it goes on as long as that says 0.
    pub(super) fn teller(&self) -> impl FnMut(&Progress) -> bool {
        let (userdata, on_progress) = (self.userdata, self.on_progress);
        move |progress| {
            let Some(on_progress) = on_progress else { return true };
            let Progress { done, total, resumed, .. } = *progress;
            // SAFETY: a function of the program's, called as the header says.
            unsafe { on_progress(userdata, &rustchat_file_progress { done, total, resumed }) == 0 }
        }
    }

    pub(super) fn upload<'w>(&self, tell: Tell<'w>) -> Upload<'w> {
        let upload = Upload::new().on_progress(tell);
        let upload = if self.overwrite == 0 { upload } else { upload.overwrite() };
        let upload = if self.parents == 0 { upload } else { upload.parents() };
        let upload = if self.without_hashes == 0 { upload } else { upload.without_hashes() };
        if self.from_the_beginning == 0 { upload } else { upload.from_the_beginning() }
    }

    pub(super) fn download<'w>(&self, tell: Tell<'w>) -> Download<'w> {
        let download = Download::new().on_progress(tell);
        let download = if self.overwrite == 0 { download } else { download.overwrite() };
        let download = if self.without_sync == 0 { download } else { download.without_sync() };
        let download = if self.without_hashes == 0 { download } else { download.without_hashes() };
        if self.from_the_beginning == 0 { download } else { download.from_the_beginning() }
    }
}
