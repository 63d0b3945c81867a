//! The client of files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use rustchat::net::{Address, Deadline};
use rustchat::tls::Protection;
use rustchat::transfer::{
    Download, FileClient as Core, FileClientOptions, FileError, Progress, Refusal, RemotePath, Upload,
};

use super::entry::{FileEntry, FileProgress, TransferredFolder, entry, transferred};
use crate::arguments::{Argument, named, or, wrong_kind};
use crate::error::{OrRaise, exception, invalid};
use crate::held::Held;
use crate::locks::Mutex;
use crate::wait::blocking;
use crate::{address, options, time, tls};

#[doc = include_str!("../texts/FileClient.signature.txt")]
/// A connection to a FileServer, made at once. One call at a time goes over it; threads that want several connect several
/// times. close() it, or leave its `with`.
///
///     with rustchat.FileClient("127.0.0.1:7001", secret="open sesame, and more") as files:
///         files.upload("a.iso", overwrite=True)
///         files.download("logs/today", "today")
///
/// Paths at the server are text with "/" between names, from its root on. What a server does not do raises Refused,
/// FileNotFound, FileExists, IsADirectory, NotADirectory or PermissionDenied, with `refusal`: the rule.
///
/// address: where the server is, as connect() takes it.
#[doc = include_str!("../texts/FileClient.options.txt")]
#[pyclass(frozen, subclass, weakref, module = "rustchat")]
pub(crate) struct FileClient {
    core: Held<Core>,
    peer: Address,
    protection: Protection,
}

/// How a file or a folder is to be moved.
struct Wanted {
    overwrite: bool,
    parents: bool,
    resume: bool,
    verify: bool,
    progress: Option<Py<PyAny>>,
    patience: Option<Duration>,
}

impl FileClient {
    fn core(&self, py: Python<'_>) -> PyResult<Arc<Core>> {
        self.core.expect(py, || format!("the connection with {}", self.peer))
    }

    fn call<R: Send>(
        &self,
        py: Python<'_>,
        timeout: Option<&Bound<'_, PyAny>>,
        call: impl FnOnce(&Core, Deadline<'_>) -> Result<R, FileError> + Send,
    ) -> PyResult<R> {
        let (core, patience) = (self.core(py)?, time::patience("timeout", timeout)?);
        blocking(py, patience, |deadline| Ok(call(&core, deadline)))?.map_err(|error| failure(py, &error))
    }

    /// The same with a callback that is told of the progress, whose exception ends the call and is raised.
    fn transfer<R: Send>(
        &self,
        py: Python<'_>,
        wanted: Wanted,
        call: impl FnOnce(&Core, Moved<'_>, Deadline<'_>) -> Result<R, FileError> + Send,
    ) -> PyResult<R> {
        let (core, raised) = (self.core(py)?, Mutex::new(None));
        let Wanted { overwrite, parents, resume, verify, progress, patience } = wanted;
        let result = blocking(py, patience, |deadline| {
            let mut tell = |now: &Progress| {
                let Some(callback) = &progress else { return true };
                Python::attach(|py| match callback.call1(py, (FileProgress::from(now),)) {
                    Ok(_) => true,
                    Err(error) => {
                        raised.lock().get_or_insert(error);
                        false
                    }
                })
            };
            Ok(call(&core, Moved { overwrite, parents, resume, verify, tell: &mut tell }, deadline))
        });
        match raised.into_inner() {
            Some(error) => Err(error),
            None => result?.map_err(|error| failure(py, &error)),
        }
    }
}

/// The same as the core takes it.
struct Moved<'w> {
    overwrite: bool,
    parents: bool,
    resume: bool,
    verify: bool,
    tell: &'w mut dyn FnMut(&Progress) -> bool,
}

impl<'w> Moved<'w> {
    fn upload(self) -> Upload<'w> {
        let mut upload = Upload::new().on_progress(self.tell);
        upload = if self.overwrite { upload.overwrite() } else { upload };
        upload = if self.parents { upload.parents() } else { upload };
        upload = if self.verify { upload } else { upload.without_hashes() };
        if self.resume { upload } else { upload.from_the_beginning() }
    }

    fn download(self) -> Download<'w> {
        let download = Download::new().on_progress(self.tell);
        let download = if self.overwrite { download.overwrite() } else { download };
        let download = if self.verify { download } else { download.without_hashes() };
        if self.resume { download } else { download.from_the_beginning() }
    }
}

#[pymethods]
impl FileClient {
    #[new]
    #[pyo3(signature = (address, **keywords), text_signature = None)]
    fn new(py: Python<'_>, address: &Bound<'_, PyAny>, keywords: Option<&Bound<'_, PyDict>>) -> PyResult<FileClient> {
        let mut given = FileClientOptions::new(address::endpoint(address)?);
        options::fill(&mut given, "FileClient", keywords)?;
        let core = blocking(py, None, |deadline| Core::connect(&given, deadline))?;
        let (peer, protection) = (core.peer().clone(), core.protection());
        Ok(FileClient { core: Held::new(core), peer, protection })
    }

    /// Stores a file of this machine, which appears whole or not at all, with its time and its permissions.
    ///
    /// target: its path at the server; without it, its name. overwrite: replace the file of that name. parents: make the
    ///     folders on the way. resume: go on with what an earlier attempt has left. verify: send each block with its hash, and
    ///     check the whole; without it only its length is looked at in the end. recursive: `source` is a folder, which is
    ///     stored with all that is in it; links are left out. progress: called with a FileProgress, at most ten times a second
    ///     and at the end; what it raises ends the transfer. timeout: seconds for all of it.
    ///
    /// Returns a TransferredFile, or a TransferredFolder.
    #[pyo3(signature = (source, target=None, *, overwrite=or(false), parents=or(false), resume=or(true), verify=or(true),
        recursive=or(false), progress=None, timeout=None),
        text_signature = "($self, source, target=None, *, overwrite=False, parents=False, resume=True, verify=True, \
            recursive=False, progress=None, timeout=None)")]
    #[expect(clippy::too_many_arguments, reason = "keywords")]
    fn upload<'py>(
        &self,
        py: Python<'py>,
        source: Argument<'_, 'py, PathBuf>,
        target: Option<Argument<'_, 'py, PathBuf>>,
        overwrite: Argument<'_, 'py, bool>,
        parents: Argument<'_, 'py, bool>,
        resume: Argument<'_, 'py, bool>,
        verify: Argument<'_, 'py, bool>,
        recursive: Argument<'_, 'py, bool>,
        progress: Option<&Bound<'py, PyAny>>,
        timeout: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        named!(source, target, overwrite, parents, resume, verify, recursive);
        let to = remote(py, &target.unwrap_or_else(|| source.file_name().unwrap_or_default().into()))?;
        let (progress, patience) = (callback(progress)?, time::patience("timeout", timeout)?);
        let wanted = Wanted { overwrite, parents, resume, verify, progress, patience };
        if recursive {
            let tree = self.transfer(py, wanted, |core, moved, deadline| {
                core.upload_tree(&source, &to, moved.upload(), deadline)
            })?;
            return Ok(Bound::new(py, TransferredFolder::from(tree))?.into_any());
        }
        let done =
            self.transfer(py, wanted, |core, moved, deadline| core.upload(&source, &to, moved.upload(), deadline))?;
        Ok(Bound::new(py, transferred(py, to.name().unwrap_or_default().as_bytes(), &done)?)?.into_any())
    }

    /// Fetches a file, which appears here whole or not at all, with its time and its permissions.
    ///
    /// target: where it goes; without it, its name in the current folder. overwrite: replace the file of that name. resume: go
    ///     on with what an earlier attempt has left. recursive: `source` is a folder, which is fetched with all that is in it;
    ///     links are left out. verify, progress, timeout: as upload() has them.
    ///
    /// Returns a TransferredFile, or a TransferredFolder.
    #[pyo3(signature = (source, target=None, *, overwrite=or(false), resume=or(true), verify=or(true), recursive=or(false),
        progress=None, timeout=None),
        text_signature = "($self, source, target=None, *, overwrite=False, resume=True, verify=True, recursive=False, \
            progress=None, timeout=None)")]
    #[expect(clippy::too_many_arguments, reason = "keywords")]
    fn download<'py>(
        &self,
        py: Python<'py>,
        source: Argument<'_, 'py, PathBuf>,
        target: Option<Argument<'_, 'py, PathBuf>>,
        overwrite: Argument<'_, 'py, bool>,
        resume: Argument<'_, 'py, bool>,
        verify: Argument<'_, 'py, bool>,
        recursive: Argument<'_, 'py, bool>,
        progress: Option<&Bound<'py, PyAny>>,
        timeout: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        named!(source, target, overwrite, resume, verify, recursive);
        let from = remote(py, &source)?;
        let target = target.unwrap_or_else(|| from.name().unwrap_or(".").into());
        let (progress, patience) = (callback(progress)?, time::patience("timeout", timeout)?);
        let wanted = Wanted { overwrite, parents: false, resume, verify, progress, patience };
        if recursive {
            let tree = self.transfer(py, wanted, |core, moved, deadline| {
                core.download_tree(&from, &target, moved.download(), deadline)
            })?;
            return Ok(Bound::new(py, TransferredFolder::from(tree))?.into_any());
        }
        let done = self
            .transfer(py, wanted, |core, moved, deadline| core.download(&from, &target, moved.download(), deadline))?;
        Ok(Bound::new(py, transferred(py, from.name().unwrap_or_default().as_bytes(), &done)?)?.into_any())
    }

    /// What is in a folder: a list of FileEntry, in no order.
    #[pyo3(signature = (path=None, *, timeout=None), text_signature = "($self, path='', *, timeout=None)")]
    fn list(
        &self,
        py: Python<'_>,
        path: Option<Argument<'_, '_, PathBuf>>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<FileEntry>> {
        named!(path);
        let path = remote(py, &path.unwrap_or_default())?;
        let entries = self.call(py, timeout, |core, deadline| core.list(&path, deadline))?;
        entries.iter().map(|found| entry(py, &found.name, &found.metadata)).collect()
    }

    /// What a path names: a FileEntry.
    #[pyo3(signature = (path, *, timeout=None))]
    fn stat(
        &self,
        py: Python<'_>,
        path: Argument<'_, '_, PathBuf>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<FileEntry> {
        named!(path);
        let path = remote(py, &path)?;
        let found = self.call(py, timeout, |core, deadline| core.stat(&path, deadline))?;
        entry(py, path.name().unwrap_or_default().as_bytes(), &found)
    }

    /// Makes a folder; with parents those on the way, too, and with exist_ok it may be there already.
    #[pyo3(signature = (path, parents=or(false), exist_ok=or(false), *, timeout=None),
        text_signature = "($self, path, parents=False, exist_ok=False, *, timeout=None)")]
    fn mkdir(
        &self,
        py: Python<'_>,
        path: Argument<'_, '_, PathBuf>,
        parents: Argument<'_, '_, bool>,
        exist_ok: Argument<'_, '_, bool>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        named!(path, parents, exist_ok);
        let path = remote(py, &path)?;
        self.call(py, timeout, |core, deadline| core.mkdir(&path, parents, exist_ok, deadline))
    }

    /// Removes a file; of a link the link.
    #[pyo3(signature = (path, *, timeout=None))]
    fn remove(
        &self,
        py: Python<'_>,
        path: Argument<'_, '_, PathBuf>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        named!(path);
        let path = remote(py, &path)?;
        self.call(py, timeout, |core, deadline| core.remove(&path, deadline))
    }

    /// Removes a folder that is empty.
    #[pyo3(signature = (path, *, timeout=None))]
    fn rmdir(
        &self,
        py: Python<'_>,
        path: Argument<'_, '_, PathBuf>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        named!(path);
        let path = remote(py, &path)?;
        self.call(py, timeout, |core, deadline| core.rmdir(&path, deadline))
    }

    /// Renames a file or a folder. Raises FileExists if something of the new name is there.
    #[pyo3(signature = (source, target, *, timeout=None))]
    fn rename(
        &self,
        py: Python<'_>,
        source: Argument<'_, '_, PathBuf>,
        target: Argument<'_, '_, PathBuf>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        named!(source, target);
        let (from, to) = (remote(py, &source)?, remote(py, &target)?);
        self.call(py, timeout, |core, deadline| core.rename(&from, &to, deadline))
    }

    /// Renames, and replaces the file of the new name, or the folder if it is empty.
    #[pyo3(signature = (source, target, *, timeout=None))]
    fn replace(
        &self,
        py: Python<'_>,
        source: Argument<'_, '_, PathBuf>,
        target: Argument<'_, '_, PathBuf>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        named!(source, target);
        let (from, to) = (remote(py, &source)?, remote(py, &target)?);
        self.call(py, timeout, |core, deadline| core.replace(&from, &to, deadline))
    }

    /// The server's address.
    #[getter]
    fn peer<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        address::to_python(py, &self.peer)
    }

    /// What protects what is sent and received: "tls" or "plain".
    #[getter]
    fn protection(&self) -> &'static str {
        self.protection.name()
    }

    /// By what the server's proof of the secret is bound to this very channel of TLS: "tls-exporter", "tls-server-end-point"
    /// or None.
    #[getter]
    fn binding(&self) -> Option<&'static str> {
        tls::binding(self.protection)
    }

    /// The fingerprint of the server's public key, to be trusted the next time, unless it makes its own certificate, another
    /// one each time it starts; None without TLS.
    #[getter]
    fn peer_pin(&self) -> Option<String> {
        tls::peer_pin(self.protection)
    }

    /// Whether the connection has ended, from either side.
    #[getter]
    fn closed(&self) -> bool {
        self.core.is_closed_or(Core::is_closed)
    }

    /// Ends the connection. A call that uses it raises ConnectionClosed.
    fn close(&self, py: Python<'_>) {
        self.core.close(py, Core::close);
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        format!("<FileClient of {}{}>", self.peer, if self.closed() { " closed" } else { "" })
    }
}

/// A path at the server.
fn remote(py: Python<'_>, path: &Path) -> PyResult<RemotePath> {
    let text = path.to_str().ok_or_else(|| invalid(py, "a path at the server is not UTF-8".into()))?;
    RemotePath::parse(text).or_raise(py)
}

fn callback(progress: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Py<PyAny>>> {
    match progress {
        Some(progress) if !progress.is_callable() => Err(wrong_kind("progress", "a function or None", progress)),
        progress => Ok(progress.map(|progress| progress.clone().unbind())),
    }
}

/// The exception of what was not done, with the rule by which it was refused.
fn failure(py: Python<'_>, error: &FileError) -> PyErr {
    let raised = exception(py, error.error());
    let refusal = error.refusal().map(Refusal::as_str);
    match raised.value(py).setattr(intern!(py, "refusal"), refusal) {
        Ok(()) => raised,
        Err(error) => error,
    }
}
