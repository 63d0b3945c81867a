//! Panics on demand, for tests of the boundary; not in any build for users.

use std::ffi::{CStr, c_char};
use std::sync::{Mutex, PoisonError};

static TARGET: Mutex<String> = Mutex::new(String::new());

/// Panics if the function `name` was chosen, at the point that `place` names.
pub(super) fn point(place: &str, name: &str) {
    let chosen = TARGET.lock().unwrap_or_else(PoisonError::into_inner).strip_prefix(place) == Some(name);
    assert!(!chosen, "injected");
}

/// Makes the function with that name panic from now on, at its entry, or behind "inside " while it uses its object; NULL
/// or "" makes none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_test_panic_in(name: *const c_char) {
    let name = if name.is_null() {
        String::new()
    } else {
        // SAFETY: the test passes a string that ends with NUL.
        unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()
    };
    *TARGET.lock().unwrap_or_else(PoisonError::into_inner) = name;
}
