//! Files and folders on their way to a server, and from it.

use std::ffi::{CString, c_char, c_void};
use std::path::PathBuf;

use super::command_template::path;
use super::file_client::rustchat_file_client;
use super::file_entry::rustchat_file_entry;
use super::file_names::{failed, remote};
use super::file_transfer_options::{Tell, rustchat_file_transfer_options};
use super::guard;
use super::options::{self, Report, deadline};
use super::sole::{self, Sole};
use super::status::rustchat_status;
use crate::error::utf8;
use crate::net::Deadline;
use crate::transfer::{FileClient, FileError, RemotePath, Transferred, Tree};
use crate::{Error, Result, Status};

/// A file that was stored, or fetched. Begin with RUSTCHAT_FILE_TRANSFERRED_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_file_transferred {
    /// sizeof(rustchat_file_transferred).
    pub struct_size: usize,
    /// Its length in bytes.
    pub size: u64,
    /// Bytes that were there before, and did not have to be moved.
    pub resumed: u64,
    /// Its BLAKE3 hash, as b3sum shows it.
    pub hash: [u8; 32],
    /// What it is at the server, without a name.
    pub entry: rustchat_file_entry,
    /// 0.
    pub reserved: [u64; 4],
}

impl From<Transferred> for rustchat_file_transferred {
    fn from(core: Transferred) -> rustchat_file_transferred {
        rustchat_file_transferred {
            struct_size: size_of::<rustchat_file_transferred>(),
            size: core.size,
            resumed: core.resumed,
            hash: core.hash,
            entry: core.metadata.into(),
            reserved: [0; 4],
        }
    }
}

/// A folder that was stored, or fetched. Begin with RUSTCHAT_FILE_TREE_INIT, and end it with rustchat_file_tree_clear. It
/// belongs to the program, what it points to to the library until it is cleared.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_file_tree {
    /// sizeof(rustchat_file_tree).
    pub struct_size: usize,
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The paths of links, pipes and what else is no file and no folder: they were left out. NULL when there are none.
    pub skipped: *const *const c_char,
    /// How many there are.
    pub skipped_count: usize,
    /// The library's.
    pub memory: *mut c_void,
    /// 0.
    pub reserved: [u64; 2],
}

/// What a tree points to.
struct Skipped {
    _paths: Vec<*const c_char>,
    _texts: Vec<CString>,
}

impl Sole for Skipped {
    type Pointer = c_void;
    const MAGIC: u32 = 0x7275_7472;
    const NAME: &'static str = "tree";
}

fn tell(core: Tree, report: &Report<rustchat_file_tree>) {
    let (struct_size, reserved) = (size_of::<rustchat_file_tree>(), [0; 2]);
    let texts: Vec<_> = core.skipped.into_iter().filter_map(|path| CString::new(path).ok()).collect();
    let paths: Vec<_> = texts.iter().map(|text| text.as_ptr()).collect();
    let skipped_count = paths.len();
    let (skipped, memory) = if paths.is_empty() {
        (std::ptr::null(), std::ptr::null_mut())
    } else {
        // What a vector holds stays where it is when the vector is moved.
        (paths.as_ptr(), sole::make(Skipped { _paths: paths, _texts: texts }))
    };
    let (files, bytes) = (core.files, core.bytes);
    report.set(rustchat_file_tree { struct_size, files, bytes, skipped, skipped_count, memory, reserved });
}

/// A path of this machine, which must be there.
///
/// # Safety
/// As for [`path`].
unsafe fn local(what: &str, text: *const c_char) -> Result<PathBuf> {
    // SAFETY: as promised by the caller.
    unsafe { path(text) }.ok_or_else(|| Error::new(Status::InvalidArgument, format!("{what} is NULL")))
}

/// The two ends of what is stored; without the second it is the name of the first.
///
/// # Safety
/// The pointers are NULL or strings.
unsafe fn storing(from: *const c_char, to: *const c_char) -> Result<(PathBuf, RemotePath)> {
    // SAFETY: as promised by the caller.
    let from = unsafe { local("from", from) }?;
    if to.is_null() {
        let name = from.file_name().unwrap_or_default();
        let name = utf8(std::os::unix::ffi::OsStrExt::as_bytes(name)).map_err(|error| error.context("from"))?;
        let to = RemotePath::of_names([name])?;
        return Ok((from, to));
    }
    // SAFETY: as promised by the caller.
    Ok((from, unsafe { remote("to", to) }?))
}

/// The two ends of what is fetched; without the second it is the name of the first, in the current folder.
///
/// # Safety
/// The pointers are NULL or strings.
unsafe fn fetching(from: *const c_char, to: *const c_char) -> Result<(RemotePath, PathBuf)> {
    // SAFETY: as promised by the caller.
    let (from, to) = unsafe { (remote("from", from)?, path(to)) };
    let to = to.unwrap_or_else(|| from.name().unwrap_or(".").into());
    Ok((from, to))
}

/// What a call moves, and how.
struct Move {
    client: *mut rustchat_file_client,
    ends: [*const c_char; 2],
    options: *const rustchat_file_transfer_options,
    timeout_ms: i64,
}

/// Moves something between the two `ends` that it has, and reports what came of it.
///
/// # Safety
/// All pointers are what the header asks for.
unsafe fn transfer<E, R, T: options::Options>(
    name: &'static str,
    what: Move,
    out: *mut T,
    ends: unsafe fn(*const c_char, *const c_char) -> Result<E>,
    call: impl FnOnce(&FileClient, E, &rustchat_file_transfer_options, Tell<'_>, Deadline<'_>) -> Result<R, FileError>,
    report: impl FnOnce(R, &Report<T>),
) -> rustchat_status {
    // SAFETY: as promised by the caller.
    let out = unsafe { Report::optional(out) };
    guard::on(name, what.client, |client: &FileClient| {
        let (out, deadline, [from, to]) = (out?, deadline(what.timeout_ms)?, what.ends);
        // SAFETY: as promised by the caller.
        let (options, ends) = unsafe { (options::read_or_default(what.options)?, ends(from, to)?) };
        let done = call(client, ends, &options, &mut options.teller(), deadline).map_err(failed)?;
        if let Some(out) = out {
            report(done, &out);
        }
        Ok(())
    })
}

/// Stores a file of this machine. It appears whole or not at all, with its time and its permissions.
///
/// @param client the client.
/// @param from the path of a file of this machine.
/// @param to its path at the server; NULL is the name of from.
/// @param options how; NULL is all defaults. Read during the call.
/// @param out receives what was moved; begin with RUSTCHAT_FILE_TRANSFERRED_INIT. All but struct_size is 0 on failure. May be NULL.
/// @param timeout_ms milliseconds for all of it; -1 for ever. When they are over, what came stays to be gone on with.
/// @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_EINTR when on_progress says so;
///   RUSTCHAT_EIO, also for a file of this machine that cannot be read or is no regular file; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET;
///   RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8 for a path at the server;
///   RUSTCHAT_EINVAL when from is NULL, timeout_ms is below -1, or the struct_size of options or out is wrong; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_upload(
    client: *mut rustchat_file_client,
    from: *const c_char,
    to: *const c_char,
    options: *const rustchat_file_transfer_options,
    out: *mut rustchat_file_transferred,
    timeout_ms: i64,
) -> rustchat_status {
    let what = Move { client, ends: [from, to], options, timeout_ms };
    let call = |client: &FileClient,
                (from, to): (PathBuf, RemotePath),
                options: &rustchat_file_transfer_options,
                tell: Tell<'_>,
                deadline: Deadline<'_>| client.upload(from, &to, options.upload(tell), deadline);
    // SAFETY: the header asks for what this asks for.
    unsafe { transfer("rustchat_file_upload", what, out, storing, call, |done, out| out.set(done.into())) }
}

/// Fetches a file. It appears here whole or not at all, with its time and its permissions; until then its part lies beside it, with
/// a name that begins with ".rustchat-". Nothing that the server says has a part in where it goes.
///
/// @param client the client.
/// @param from the path of a file at the server.
/// @param to where it goes on this machine, in a folder that has to be there; NULL is its name in the current folder.
/// @param options how; NULL is all defaults. Read during the call.
/// @param out receives what was moved; begin with RUSTCHAT_FILE_TRANSFERRED_INIT. All but struct_size is 0 on failure. May be NULL.
/// @param timeout_ms milliseconds for all of it; -1 for ever. When they are over, what came stays to be gone on with.
/// @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_EINTR when on_progress says so;
///   RUSTCHAT_EIO, also for a file of this machine that cannot be written, or is there without overwrite; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET;
///   RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8 for a path at the server;
///   RUSTCHAT_EINVAL when from is NULL, timeout_ms is below -1, or the struct_size of options or out is wrong; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_download(
    client: *mut rustchat_file_client,
    from: *const c_char,
    to: *const c_char,
    options: *const rustchat_file_transfer_options,
    out: *mut rustchat_file_transferred,
    timeout_ms: i64,
) -> rustchat_status {
    let what = Move { client, ends: [from, to], options, timeout_ms };
    let call = |client: &FileClient,
                (from, to): (RemotePath, PathBuf),
                options: &rustchat_file_transfer_options,
                tell: Tell<'_>,
                deadline: Deadline<'_>| client.download(&from, to, options.download(tell), deadline);
    // SAFETY: the header asks for what this asks for.
    unsafe { transfer("rustchat_file_download", what, out, fetching, call, |done, out| out.set(done.into())) }
}

/// Stores a folder of this machine and all that is in it, as a folder of that path. Links are left out, and told. It ends at the
/// first failure; what was stored until then stays.
///
/// @param client the client.
/// @param from the path of a folder of this machine.
/// @param to its path at the server; NULL is the name of from.
/// @param options how; NULL is all defaults. Read during the call.
/// @param out receives what was moved; begin with RUSTCHAT_FILE_TREE_INIT, or clear that of an earlier call first. All but struct_size is 0
///   on failure. May be NULL.
/// @param timeout_ms milliseconds for all of it; -1 for ever. When they are over, what came stays to be gone on with.
/// @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_EINTR when on_progress says so;
///   RUSTCHAT_EIO, also for a file of this machine that cannot be read; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET;
///   RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8 for a path at the server;
///   RUSTCHAT_EINVAL when from is NULL, timeout_ms is below -1, or the struct_size of options or out is wrong; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_upload_tree(
    client: *mut rustchat_file_client,
    from: *const c_char,
    to: *const c_char,
    options: *const rustchat_file_transfer_options,
    out: *mut rustchat_file_tree,
    timeout_ms: i64,
) -> rustchat_status {
    let what = Move { client, ends: [from, to], options, timeout_ms };
    let call = |client: &FileClient,
                (from, to): (PathBuf, RemotePath),
                options: &rustchat_file_transfer_options,
                tell: Tell<'_>,
                deadline: Deadline<'_>| client.upload_tree(from, &to, options.upload(tell), deadline);
    // SAFETY: the header asks for what this asks for.
    unsafe { transfer("rustchat_file_upload_tree", what, out, storing, call, tell) }
}

/// Fetches a folder and all that is in it. Links are left out, and told. The names are the server's: one that could lead elsewhere
/// ends it, and each is made in a folder that this side has made or opened itself, never through a link.
///
/// @param client the client.
/// @param from the path of a folder at the server; "" is the root.
/// @param to the folder that it becomes on this machine, which is made if it is not there; NULL is its name in the current folder.
/// @param options how; NULL is all defaults. Read during the call.
/// @param out receives what was moved; begin with RUSTCHAT_FILE_TREE_INIT, or clear that of an earlier call first. All but struct_size is 0
///   on failure. May be NULL.
/// @param timeout_ms milliseconds for all of it; -1 for ever. When they are over, what came stays to be gone on with.
/// @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_EINTR when on_progress says so;
///   RUSTCHAT_EIO, also for a file of this machine that cannot be written, or is there without overwrite; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET;
///   RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8 for a path at the server;
///   RUSTCHAT_EINVAL when from is NULL, timeout_ms is below -1, or the struct_size of options or out is wrong; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_download_tree(
    client: *mut rustchat_file_client,
    from: *const c_char,
    to: *const c_char,
    options: *const rustchat_file_transfer_options,
    out: *mut rustchat_file_tree,
    timeout_ms: i64,
) -> rustchat_status {
    let what = Move { client, ends: [from, to], options, timeout_ms };
    let call =
        |client: &FileClient,
         (from, to): (RemotePath, PathBuf),
         options: &rustchat_file_transfer_options,
         tell: Tell<'_>,
         deadline: Deadline<'_>| client.download_tree(&from, to, options.download(tell), deadline);
    // SAFETY: the header asks for what this asks for.
    unsafe { transfer("rustchat_file_download_tree", what, out, fetching, call, tell) }
}

/// Releases what a tree holds, and makes it as it was in the beginning. May be repeated.
///
/// @param tree a tree that was begun with RUSTCHAT_FILE_TREE_INIT; NULL is ignored.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_tree_clear(tree: *mut rustchat_file_tree) {
    // SAFETY: the header asks for what this asks for.
    unsafe { sole::clear::<rustchat_file_tree, Skipped>("rustchat_file_tree_clear", tree, |tree| tree.memory) };
}
