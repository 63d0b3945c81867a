//! Panics on demand, for tests of the boundary; not in any build for users.

use std::ffi::{CStr, c_char};

use crate::inject::Aim;
use crate::sync::Mutex;

static AIM: Mutex<Option<Aim>> = Mutex::new(None);

/// Makes the function with that name panic from now on, at its entry, or behind "inside " while it uses its object, or a
/// thread of the library's by its name and the address it serves, such as "rustchat-io-0 127.0.0.1:60000"; NULL or ""
/// makes none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_test_panic_in(name: *const c_char) {
    let name = if name.is_null() {
        String::new()
    } else {
        // SAFETY: the test passes a string that ends with NUL.
        unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()
    };
    *AIM.lock() = (!name.is_empty()).then(|| Aim::at(name));
}
