//! Files at a server, and what was moved.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use rustchat::transfer::{Metadata, Progress, Transferred, Tree};

/// A file or a folder at a server: its name and what is known without reading it.
#[pyclass(frozen, get_all, module = "rustchat")]
pub(crate) struct FileEntry {
    /// Its name; bytes that are no UTF-8 stand in it as os.fsdecode() has them.
    name: Py<PyString>,
    /// "file", "folder", "link" or "other".
    kind: &'static str,
    /// Its length in bytes.
    size: u64,
    /// When it was last written, in nanoseconds since 1970.
    mtime_ns: i128,
    /// Its permissions, the lowest nine bits.
    mode: u16,
    /// Changes whenever the file does.
    version: u64,
}

#[pymethods]
impl FileEntry {
    /// When it was last written, in seconds since 1970.
    #[getter]
    fn mtime(&self) -> f64 {
        self.mtime_ns as f64 / 1e9
    }

    /// Whether it is a regular file.
    fn is_file(&self) -> bool {
        self.kind == "file"
    }

    /// Whether it is a folder.
    fn is_dir(&self) -> bool {
        self.kind == "folder"
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let name = self.name.bind(py).repr()?;
        Ok(format!("<FileEntry {name}: {}, {} bytes>", self.kind, self.size))
    }
}

/// An entry of that name, which is bytes at the server and here what Python has those of its own file system as.
pub(super) fn entry(py: Python<'_>, name: &[u8], metadata: &Metadata) -> PyResult<FileEntry> {
    let name = py.import(intern!(py, "os"))?.call_method1(intern!(py, "fsdecode"), (PyBytes::new(py, name),))?;
    let Metadata { kind, size, modified, mode, version, .. } = *metadata;
    let mtime_ns = i128::from(modified.seconds) * 1_000_000_000 + i128::from(modified.nanoseconds);
    let name = name.cast_into::<PyString>()?.unbind();
    Ok(FileEntry { name, kind: kind.as_str(), size, mtime_ns, mode, version })
}

/// How far a transfer of one file has come.
#[pyclass(frozen, get_all, eq, module = "rustchat")]
#[derive(PartialEq)]
pub(crate) struct FileProgress {
    /// Bytes that are right at the other end, or here.
    done: u64,
    /// Bytes of the file.
    total: u64,
    /// Bytes that had been there before.
    resumed: u64,
}

impl From<&Progress> for FileProgress {
    fn from(progress: &Progress) -> FileProgress {
        FileProgress { done: progress.done, total: progress.total, resumed: progress.resumed }
    }
}

#[pymethods]
impl FileProgress {
    fn __repr__(&self) -> String {
        format!("FileProgress(done={}, total={}, resumed={})", self.done, self.total, self.resumed)
    }
}

/// A file that was stored or fetched.
#[pyclass(frozen, get_all, module = "rustchat")]
pub(crate) struct TransferredFile {
    /// Its length in bytes.
    size: u64,
    /// Bytes that were there before, and did not have to be moved.
    resumed: u64,
    /// Its BLAKE3 hash in hexadecimal, as b3sum shows it; None if it was moved without verify.
    hash: Option<String>,
    /// What it is at the server.
    entry: Py<FileEntry>,
}

#[pymethods]
impl TransferredFile {
    fn __repr__(&self) -> String {
        format!("<TransferredFile of {} bytes, {} resumed>", self.size, self.resumed)
    }
}

pub(super) fn transferred(py: Python<'_>, name: &[u8], done: &Transferred) -> PyResult<TransferredFile> {
    let is_known = done.hash != [0; 32];
    let hash = is_known.then(|| done.hash.iter().map(|byte| format!("{byte:02x}")).collect());
    let entry = Py::new(py, entry(py, name, &done.metadata)?)?;
    Ok(TransferredFile { size: done.size, resumed: done.resumed, hash, entry })
}

/// A folder that was stored or fetched.
#[pyclass(frozen, get_all, eq, module = "rustchat")]
#[derive(PartialEq)]
pub(crate) struct TransferredFolder {
    /// Files.
    files: u64,
    /// Their bytes.
    bytes: u64,
    /// Links, pipes and what else is no file and no folder: they were left out.
    skipped: Vec<String>,
}

impl From<Tree> for TransferredFolder {
    fn from(tree: Tree) -> TransferredFolder {
        TransferredFolder { files: tree.files, bytes: tree.bytes, skipped: tree.skipped }
    }
}

#[pymethods]
impl TransferredFolder {
    fn __repr__(&self) -> String {
        format!("<TransferredFolder of {} files, {} bytes>", self.files, self.bytes)
    }
}
