//! The server of remote commands.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use rustchat::command::{Catalogue, CommandServer as Core, CommandServerOptions, CommandStats};

use super::catalogue::catalogue;
use crate::arguments::{Argument, named, or};
use crate::error::OrRaise;
use crate::run::Run;
use crate::{address, options, serving, time};

serving::hookless_server!(Core, (CommandServerOptions, Catalogue), CommandStats, |options| &options.0.endpoint);

#[doc = include_str!("../texts/CommandServer.signature.txt")]
/// Runs commands for whoever has proved a secret: those of a list, and nothing beside it.
///
///     commands = {
///         "uptime": ["/usr/bin/uptime"],
///         "log": ["/usr/bin/tail", "-n", rustchat.Slot.int(1, 1000), "/var/log/app.log"],
///     }
///     with rustchat.CommandServer("127.0.0.1:7000", commands, secret="open sesame, and more"):
///         input("Enter stops the server\n")
///
/// There is no server without a secret, on this machine neither, and beyond it none without tls=True unless
/// allow_plaintext=True. What a client sends is never given to a shell, and the name of a command is never searched for.
/// Each command has a session and a group of its own, no signal blocked, no descriptor but three, and nothing of this
/// process's environment. When it ends, or its client goes away, whoever is left of its group is killed. Two records of each
/// command go to logging under "rustchat".
///
/// address: where to listen, as listen() takes it.
/// commands: by name, the path of a program and its arguments, a Slot for each that the client gives; or a Template.
/// shell: a path such as "/bin/sh" lets clients that ask for it run any program text: all that this user can do.
/// variables: what commands find in their environment besides PATH. settable: what clients may set there.
#[doc = include_str!("../texts/CommandServer.options.txt")]
#[pyclass(frozen, subclass, weakref, module = "rustchat")]
pub(crate) struct CommandServer {
    run: Arc<Run<Core>>,
}

#[pymethods]
impl CommandServer {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = None)]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> CommandServer {
        CommandServer { run: Arc::new(Run::new()) }
    }

    #[pyo3(signature = (address, commands=None, shell=None, variables=None, settable=None, **keywords))]
    fn __init__(
        &self,
        address: &Bound<'_, PyAny>,
        commands: Option<&Bound<'_, PyAny>>,
        shell: Option<Argument<'_, '_, PathBuf>>,
        variables: Option<&Bound<'_, PyAny>>,
        settable: Option<&Bound<'_, PyAny>>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        named!(shell);
        let mut given = CommandServerOptions::new(address::endpoint(address)?);
        options::fill(&mut given, "CommandServer.__init__", keywords)?;
        self.run.configure((given, catalogue(commands, shell, variables, settable)?));
        Ok(())
    }

    /// Listens and serves, and returns at once. Raises StateError if it runs already, AddressInUse if somebody else listens
    /// there, InvalidArgument without a secret and for what cannot work.
    fn start(&self, py: Python<'_>) -> PyResult<()> {
        let (options, catalogue) = self.run.options(py)?;
        self.run.start(py, None, true, || py.detach(|| Core::start(options, catalogue)).or_raise(py))
    }

    /// Stops: commands are asked to end, killed when they do not, and their clients told, all of it within `timeout` seconds.
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

    /// Numbers since the last start by name: running, started and refused commands, connections, bytes.
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

impl Drop for CommandServer {
    fn drop(&mut self) {
        self.run.abandon();
    }
}
