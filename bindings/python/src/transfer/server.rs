//! The server of files.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use rustchat::transfer::{FileServer as Core, FileServerOptions, FileStats};

use crate::arguments::{Argument, named, or};
use crate::error::{OrRaise, invalid};
use crate::run::Run;
use crate::{address, options, serving, time};

serving::hookless_server!(Core, FileServerOptions, FileStats, |options| &options.endpoint);

#[doc = include_str!("../texts/FileServer.signature.txt")]
/// Serves the files of a folder to whoever has proved a secret, and nothing beside it.
///
///     with rustchat.FileServer("127.0.0.1:7001", "/srv/files", secret="open sesame, and more"):
///         input("Enter stops the server\n")
///
/// There is no server without a secret, on this machine neither, and beyond it none without tls=True unless
/// allow_plaintext=True. A file that is stored appears whole or not at all, when its hash was checked and the disk has it.
/// What came of one that broke off waits in the folder .rustchat, which no client sees, and is gone on with. Links are not
/// followed unless follow="inside". What was done, and by whom, goes to logging.
///
/// With profile="tutorial" it serves the upload client of the socket tutorials instead, which stores one file a connection
/// in a folder called like its user, in the place of what is there; with allow_anonymous=True and no secret as that client is.
///
/// address: where to listen, as listen() takes it.
/// root: the folder that clients see; it has to be there.
#[doc = include_str!("../texts/FileServer.options.txt")]
#[pyclass(frozen, subclass, weakref, module = "rustchat")]
pub(crate) struct FileServer {
    run: Arc<Run<Core>>,
}

#[pymethods]
impl FileServer {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = None)]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> FileServer {
        FileServer { run: Arc::new(Run::new()) }
    }

    #[pyo3(signature = (address, root, **keywords))]
    fn __init__(
        &self,
        address: &Bound<'_, PyAny>,
        root: Argument<'_, '_, PathBuf>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        named!(root);
        let py = address.py();
        let root = root.into_os_string().into_string();
        let root = root.map_err(|_| invalid(py, "root is not UTF-8, expected a path that is".into()))?;
        let mut given = FileServerOptions::new(address::endpoint(address)?);
        options::fill(&mut given, "FileServer.__init__", keywords)?;
        given.root = Some(root);
        let profile = keywords.and_then(|keywords| keywords.get_item("profile").transpose()).transpose()?;
        given.tutorial = profile.is_some_and(|profile| profile.eq("tutorial").unwrap_or(false));
        self.run.configure(given);
        Ok(())
    }

    /// Listens and serves, and returns at once. Raises StateError if it runs already, AddressInUse if somebody else listens
    /// there, InvalidArgument without a secret and for what cannot work.
    fn start(&self, py: Python<'_>) -> PyResult<()> {
        let options = self.run.options(py)?;
        self.run.start(py, None, true, || py.detach(|| Core::start(options)).or_raise(py))
    }

    /// Stops: clients are told, within `timeout` seconds; what they were storing can be gone on with after the next start.
    /// Does nothing if the server does not run.
    #[pyo3(signature = (timeout=or(5.0)), text_signature = "($self, /, timeout=5.0)")]
    fn stop(&self, py: Python<'_>, timeout: Argument<'_, '_, f64>) -> PyResult<()> {
        named!(timeout);
        let patience = time::duration(py, "timeout", timeout)?;
        serving::stop(&self.run, py, patience)
    }

    /// Waits until the server has stopped, at most `timeout` seconds (None: for ever), and raises TimeoutError then.
    #[pyo3(signature = (timeout=None))]
    fn join(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        serving::join(&self.run, py, timeout)
    }

    /// Where it listens: (ip, port) with the port the system chose, or a path; what __init__ was told while it does not run.
    #[getter]
    fn address<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        serving::address(&self.run, py)
    }

    /// Whether it serves.
    #[getter]
    fn running(&self, py: Python<'_>) -> PyResult<bool> {
        serving::is_running(&self.run, py)
    }

    /// The fingerprint of the public key that clients are shown, which they may be told to trust; None without TLS, and while
    /// it does not run.
    #[getter]
    fn pin(&self, py: Python<'_>) -> PyResult<Option<String>> {
        serving::pin(&self.run, py)
    }

    /// Clients that come from here on get this certificate; those that are there keep theirs. For one that is renewed while the server
    /// runs. `cert` and `key` are those of TLS; in the place of `cert` may stand a TLS that has both.
    ///
    /// Raises InvalidArgument and the like as TLS does, StateError for a server without TLS, and when it does not run. Started again, it
    /// begins with what it was made with.
    #[pyo3(signature = (cert, key=None))]
    fn replace_certificate(&self, cert: &Bound<'_, PyAny>, key: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        serving::replace_certificate(&self.run, cert, key)
    }

    /// Why the server has ended of its own accord, as an InternalError: a bug of this library. None as long as all is well.
    #[getter]
    fn failure<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        serving::failure(&self.run, py)
    }

    /// Numbers since the last start by name: transfers, stored and fetched files, refusals, connections, bytes.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        serving::numbers(py, self.run.stats(py)?.numbers())
    }

    fn __enter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        slf.get().start(slf.py())?;
        Ok(slf.clone())
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.stop(py, or(5.0))
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        serving::shown(&slf.get().run, slf)
    }
}

impl Drop for FileServer {
    fn drop(&mut self) {
        self.run.abandon();
    }
}
