//! What a client asks a file server about names.

use std::ffi::c_char;

use super::bytes::string;
use super::error;
use super::file_client::rustchat_file_client;
use super::file_entry::{self, rustchat_file_entry, rustchat_file_listing, rustchat_file_refusal};
use super::guard;
use super::options::{Report, deadline};
use super::out::Out;
use super::status::rustchat_status;
use crate::net::Deadline;
use crate::transfer::{FileClient, FileError, RemotePath};
use crate::{Error, Result, Status};

/// What to do to a folder that is made; may be added.
#[repr(i32)]
#[allow(dead_code, reason = "the function has the numbers")]
pub enum rustchat_mkdir_flag {
    /// Make the folders on the way, too.
    RUSTCHAT_MKDIR_PARENTS = 1,
    /// It may be there already.
    RUSTCHAT_MKDIR_EXIST_OK = 2,
}

/// A path at the server.
///
/// # Safety
/// As for [`string`].
pub(super) unsafe fn remote(what: &str, path: *const c_char) -> Result<RemotePath> {
    // SAFETY: as promised by the caller.
    let text = unsafe { string(what, path) }?;
    RemotePath::parse(text.ok_or_else(|| Error::new(Status::InvalidArgument, format!("{what} is NULL")))?)
}

/// The error of what was not done, with the rule for `rustchat_last_refusal`.
pub(super) fn failed(failure: FileError) -> Error {
    error::note_refusal(failure.refusal().map(|refusal| rustchat_file_refusal::from(refusal) as i32));
    failure.into()
}

/// Runs a call about one path.
///
/// # Safety
/// `path` is NULL or a string.
unsafe fn about(
    name: &'static str,
    client: *mut rustchat_file_client,
    path: *const c_char,
    timeout_ms: i64,
    call: impl FnOnce(&FileClient, &RemotePath, Deadline<'_>) -> Result<(), FileError>,
) -> rustchat_status {
    guard::on(name, client, |client: &FileClient| {
        // SAFETY: as promised by the caller.
        let (path, deadline) = (unsafe { remote("path", path) }?, deadline(timeout_ms)?);
        call(client, &path, deadline).map_err(failed)
    })
}

/// Runs a call about two paths.
///
/// # Safety
/// `from` and `to` are NULL or strings.
unsafe fn about_both(
    name: &'static str,
    client: *mut rustchat_file_client,
    [from, to]: [*const c_char; 2],
    timeout_ms: i64,
    call: impl FnOnce(&FileClient, &RemotePath, &RemotePath, Deadline<'_>) -> Result<(), FileError>,
) -> rustchat_status {
    guard::on(name, client, |client: &FileClient| {
        // SAFETY: as promised by the caller.
        let (from, to) = unsafe { (remote("from", from)?, remote("to", to)?) };
        call(client, &from, &to, deadline(timeout_ms)?).map_err(failed)
    })
}

/// What a path at a server names.
///
/// @param client the client.
/// @param path which one.
/// @param out receives it, without a name; all of it is 0 on failure.
/// @param timeout_ms milliseconds to wait; -1 for ever.
/// @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
///   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
///   RUSTCHAT_EINVAL when path or out is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
///   RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_stat(
    client: *mut rustchat_file_client,
    path: *const c_char,
    out: *mut rustchat_file_entry,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, rustchat_file_entry::EMPTY) };
    // SAFETY: the header asks for NULL or a string.
    unsafe {
        about("rustchat_file_stat", client, path, timeout_ms, |client, path, deadline| {
            let out = out?;
            out.set(client.stat(path, deadline)?.into());
            Ok(())
        })
    }
}

/// What is in a folder at a server.
///
/// @param client the client.
/// @param path which one; "" is the root.
/// @param out receives it; begin with RUSTCHAT_FILE_LISTING_INIT, or clear that of an earlier call first. All but struct_size is
///   0 on failure.
/// @param timeout_ms milliseconds to wait; -1 for ever.
/// @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
///   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
///   RUSTCHAT_EINVAL when path or out is NULL, timeout_ms is below -1, or the struct_size of out is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
///   RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_list(
    client: *mut rustchat_file_client,
    path: *const c_char,
    out: *mut rustchat_file_listing,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a structure that begins with its size.
    let out = unsafe { Report::new(out) };
    // SAFETY: the header asks for NULL or a string.
    unsafe {
        about("rustchat_file_list", client, path, timeout_ms, |client, path, deadline| {
            let out = out?;
            file_entry::tell(client.list(path, deadline)?, &out);
            Ok(())
        })
    }
}

/// Makes a folder at a server.
///
/// @param client the client.
/// @param path which one.
/// @param flags 0, or RUSTCHAT_MKDIR_PARENTS and RUSTCHAT_MKDIR_EXIST_OK added.
/// @param timeout_ms milliseconds to wait; -1 for ever.
/// @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
///   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
///   RUSTCHAT_EINVAL when path is NULL, timeout_ms is below -1, or flags has a bit that means nothing; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
///   RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_mkdir(
    client: *mut rustchat_file_client,
    path: *const c_char,
    flags: u32,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a string.
    unsafe {
        about("rustchat_file_mkdir", client, path, timeout_ms, |client, path, deadline| {
            if flags > 3 {
                let text =
                    format!("flags is {flags}, expected RUSTCHAT_MKDIR_PARENTS, RUSTCHAT_MKDIR_EXIST_OK or both");
                return Err(Error::new(Status::InvalidArgument, text).into());
            }
            client.mkdir(path, flags & 1 != 0, flags & 2 != 0, deadline)
        })
    }
}

/// Removes a file at a server; of a link the link.
///
/// @param client the client.
/// @param path which one.
/// @param timeout_ms milliseconds to wait; -1 for ever.
/// @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
///   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
///   RUSTCHAT_EINVAL when path is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
///   RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_remove(
    client: *mut rustchat_file_client,
    path: *const c_char,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a string.
    unsafe {
        about("rustchat_file_remove", client, path, timeout_ms, |client, path, deadline| client.remove(path, deadline))
    }
}

/// Removes a folder at a server that is empty.
///
/// @param client the client.
/// @param path which one.
/// @param timeout_ms milliseconds to wait; -1 for ever.
/// @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
///   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
///   RUSTCHAT_EINVAL when path is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
///   RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_rmdir(
    client: *mut rustchat_file_client,
    path: *const c_char,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a string.
    unsafe {
        about("rustchat_file_rmdir", client, path, timeout_ms, |client, path, deadline| client.rmdir(path, deadline))
    }
}

/// Renames a file or a folder at a server. Refused with RUSTCHAT_FILE_REFUSED_EXISTS if something of the new name is there.
///
/// @param client the client.
/// @param from its path.
/// @param to its new path.
/// @param timeout_ms milliseconds to wait; -1 for ever.
/// @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
///   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
///   RUSTCHAT_EINVAL when from or to is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
///   RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_rename(
    client: *mut rustchat_file_client,
    from: *const c_char,
    to: *const c_char,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or strings.
    unsafe {
        about_both("rustchat_file_rename", client, [from, to], timeout_ms, |client, from, to, deadline| {
            client.rename(from, to, deadline)
        })
    }
}

/// Renames a file or a folder at a server, and replaces the file of the new name, or the folder if it is empty.
///
/// @param client the client.
/// @param from its path.
/// @param to its new path.
/// @param timeout_ms milliseconds to wait; -1 for ever.
/// @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
///   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
///   RUSTCHAT_EINVAL when from or to is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
///   RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_replace(
    client: *mut rustchat_file_client,
    from: *const c_char,
    to: *const c_char,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or strings.
    unsafe {
        about_both("rustchat_file_replace", client, [from, to], timeout_ms, |client, from, to, deadline| {
            client.replace(from, to, deadline)
        })
    }
}
