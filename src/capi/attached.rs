//! What a program has attached to one member.

use std::ffi::c_void;

use super::log::rustchat_drop_callback;

/// Data of the program's. Dropped, it is not used any more, and the program is told so.
pub(super) struct Attached {
    pub(super) data: *mut c_void,
    pub(super) on_drop: rustchat_drop_callback,
}

// SAFETY: the library only hands the data on; on which threads `on_drop` is called is what the header says.
unsafe impl Send for Attached {}
// SAFETY: as above.
unsafe impl Sync for Attached {}

impl Drop for Attached {
    fn drop(&mut self) {
        if let Some(on_drop) = self.on_drop {
            // SAFETY: a function of the program's, called as the header says.
            unsafe { on_drop(self.data) };
        }
    }
}
