//! The client of remote commands.

use std::sync::Arc;
use std::time::Duration;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use rustchat::command::{Command, CommandClient as Core, CommandClientOptions};
use rustchat::net::Address;
use rustchat::tls::Protection;

use super::exit::{CompletedCommand, Text, completed, failure};
use super::job::CommandJob;
use crate::arguments::{Argument, Named, named, or, wrong_kind};
use crate::buffer::Payload;
use crate::error::invalid;
use crate::held::Held;
use crate::wait::blocking;
use crate::{address, options, time, tls};

/// How much longer than a command's own time its end is waited for, which the server is to tell.
const LATE: Duration = Duration::from_secs(10);

#[doc = include_str!("../texts/CommandClient.signature.txt")]
/// A connection to a CommandServer, made at once. Many commands can run over it at a time, from any threads; close() it, or
/// leave its `with`, and the server ends what still runs.
///
///     with rustchat.CommandClient("127.0.0.1:7000", secret="open sesame, and more") as remote:
///         print(remote.run(["log", "20"], text=True, check=True).stdout)
///         with remote.popen(["log", "20"], text=True) as job:
///             for line in job.stdout:
///                 print(line, end="")
///
/// address: where the server is, as connect() takes it.
#[doc = include_str!("../texts/CommandClient.options.txt")]
#[pyclass(frozen, subclass, weakref, module = "rustchat")]
pub(crate) struct CommandClient {
    core: Held<Core>,
    peer: Address,
    protection: Protection,
}

/// An argument of a command.
pub(super) fn word(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(text) = value.cast::<PyString>() {
        // Names of files that are no UTF-8 are text with surrogates, which stand for the bytes.
        let bytes =
            value.py().import(intern!(value.py(), "os"))?.call_method1(intern!(value.py(), "fsencode"), (text,))?;
        return Ok(bytes.cast::<PyBytes>()?.as_bytes().to_vec());
    }
    match value.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.as_bytes().to_vec()),
        Err(_) => Err(wrong_kind(name, "words of str or bytes", value)),
    }
}

/// What `run()` and `popen()` have in common.
struct Asked {
    command: Command,
    text: Option<Text>,
}

fn asked(
    args: &Bound<'_, PyAny>,
    shell: bool,
    timeout: Option<Duration>,
    merge: bool,
    env: Option<&Bound<'_, PyAny>>,
    output_limit: u64,
    text: Option<Text>,
) -> PyResult<Asked> {
    let py = args.py();
    let is_text = args.is_instance_of::<PyString>() || args.is_instance_of::<PyBytes>();
    if is_text != shell {
        let expected = if shell { "a program text, for shell=True" } else { "a list of words" };
        return Err(wrong_kind("args", expected, args));
    }
    let mut command = if shell {
        Command::shell(word("args", args)?)
    } else {
        let mut words = args.try_iter().map_err(|_| wrong_kind("args", "a list of words", args))?;
        let name = words.next().ok_or_else(|| invalid(py, "args is empty, expected a command".into()))??;
        let mut command = Command::new(word("args", &name)?);
        for next in words {
            command = command.arg(word("args", &next?)?);
        }
        command
    };
    if let Some(timeout) = timeout {
        command = command.timeout(timeout);
    }
    if merge {
        command = command.merge_stderr();
    }
    let env = env.map(|env| env.cast::<PyDict>().map_err(|_| wrong_kind("env", "a dict or None", env))).transpose()?;
    for (name, value) in env.into_iter().flat_map(|env| env.iter()) {
        command = command.env(word("env", &name)?, word("env", &value)?);
    }
    Ok(Asked { command: command.output_limit(output_limit), text })
}

/// Whether `stderr` is subprocess.STDOUT; None and PIPE are its own output.
fn merges(py: Python<'_>, stderr: Option<i32>) -> PyResult<bool> {
    const PIPE: i32 = -1;
    const STDOUT: i32 = -2;
    match stderr {
        None | Some(PIPE) => Ok(false),
        Some(STDOUT) => Ok(true),
        Some(other) => {
            Err(invalid(py, format!("stderr is {other}, expected None, subprocess.PIPE or subprocess.STDOUT")))
        }
    }
}

impl CommandClient {
    fn core(&self, py: Python<'_>) -> PyResult<Arc<Core>> {
        self.core.expect(py, || format!("the connection with {}", self.peer))
    }
}

#[pymethods]
impl CommandClient {
    #[new]
    #[pyo3(signature = (address, **keywords), text_signature = None)]
    fn new(
        py: Python<'_>,
        address: &Bound<'_, PyAny>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<CommandClient> {
        let mut given = CommandClientOptions::new(address::endpoint(address)?);
        options::fill(&mut given, "CommandClient", keywords)?;
        let core = blocking(py, None, |deadline| Core::connect(&given, deadline))?;
        let (peer, protection) = (core.peer().clone(), core.protection());
        Ok(CommandClient { core: Held::new(core), peer, protection })
    }

    /// Runs a command to its end, as subprocess.run(), and returns a CompletedCommand.
    ///
    /// args: the name of a command and arguments for its free places; with shell=True a program text, for a server that has a
    ///     shell. input: what it reads (str with text); without it its input is empty. timeout: seconds it may run; then the
    ///     server ends it. check: raise CommandFailed unless it ends by itself with 0. text, encoding, errors: str instead of
    ///     bytes, UTF-8 unless said otherwise. env: variables, if the server lets them be set. stderr: subprocess.STDOUT sends
    ///     it where stdout goes. output_limit: bytes it may write; 0 is as many as the server allows.
    ///
    /// Raises Refused for what the server does not allow, before anything was run; TimeoutError; QueueOverflow over an output
    /// limit; ConnectionLost when the connection breaks: a status that is not known is never 0. Each has stdout and stderr,
    /// what came until then, exit (None if it is not known) and refusal.
    #[pyo3(signature = (args, *, input=None, timeout=None, check=or(false), text=or(false), encoding=None, errors=None,
        shell=or(false), env=None, stderr=None, output_limit=or(0)),
        text_signature = "($self, args, *, input=None, timeout=None, check=False, text=False, encoding=None, errors=None, \
            shell=False, env=None, stderr=None, output_limit=0)")]
    #[expect(clippy::too_many_arguments, reason = "the keywords of subprocess.run")]
    fn run(
        &self,
        args: &Bound<'_, PyAny>,
        input: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
        check: Argument<'_, '_, bool>,
        text: Argument<'_, '_, bool>,
        encoding: Option<Argument<'_, '_, String>>,
        errors: Option<Argument<'_, '_, String>>,
        shell: Argument<'_, '_, bool>,
        env: Option<&Bound<'_, PyAny>>,
        stderr: Option<Argument<'_, '_, i32>>,
        output_limit: Argument<'_, '_, u64>,
    ) -> PyResult<CompletedCommand> {
        named!(check, text, encoding, errors, shell, stderr, output_limit);
        let py = args.py();
        let (core, timeout) = (self.core(py)?, time::patience("timeout", timeout)?);
        let text = Text::asked(py, text, encoding, errors)?;
        let Asked { mut command, text } = asked(args, shell, timeout, merges(py, stderr)?, env, output_limit, text)?;
        if let Some(input) = input {
            command = command.input(&*input_bytes(input, text.as_ref())?);
        }
        if check {
            command = command.check();
        }
        // The server tells of its own clock; ours is for one that does not.
        let patience = timeout.map(|timeout| timeout.saturating_add(LATE));
        match blocking(py, patience, |deadline| Ok(core.run(&command, deadline)))? {
            Ok(done) => completed(py, args, &done, text.as_ref()),
            Err(error) => Err(failure(py, &error, text.as_ref())),
        }
    }

    /// Starts a command and returns when it runs: a rustchat.command.RunningCommand, as subprocess.Popen, with file-like
    /// stdin (with stdin=True), stdout and stderr. Who stops reading stops this command, and no other. The keywords are those
    /// of run().
    #[pyo3(signature = (args, *, stdin=or(false), timeout=None, text=or(false), encoding=None, errors=None, shell=or(false),
        env=None, stderr=None, output_limit=or(0)),
        text_signature = "($self, args, *, stdin=False, timeout=None, text=False, encoding=None, errors=None, shell=False, \
            env=None, stderr=None, output_limit=0)")]
    #[expect(clippy::too_many_arguments, reason = "the keywords of subprocess.Popen")]
    fn popen<'py>(
        &self,
        args: &Bound<'py, PyAny>,
        stdin: Argument<'_, 'py, bool>,
        timeout: Option<&Bound<'py, PyAny>>,
        text: Argument<'_, 'py, bool>,
        encoding: Option<Argument<'_, 'py, String>>,
        errors: Option<Argument<'_, 'py, String>>,
        shell: Argument<'_, 'py, bool>,
        env: Option<&Bound<'py, PyAny>>,
        stderr: Option<Argument<'_, 'py, i32>>,
        output_limit: Argument<'_, 'py, u64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        named!(stdin, text, encoding, errors, shell, stderr, output_limit);
        let py = args.py();
        let (core, timeout) = (self.core(py)?, time::patience("timeout", timeout)?);
        let (text, merges) = (Text::asked(py, text, encoding, errors)?, merges(py, stderr)?);
        let Asked { mut command, text } = asked(args, shell, timeout, merges, env, output_limit, text)?;
        if stdin {
            command = command.with_stdin();
        }
        let job = match blocking(py, None, |deadline| Ok(core.spawn(&command, deadline)))? {
            Ok(job) => Bound::new(py, CommandJob::new(job, args, text.clone()))?,
            Err(error) => return Err(failure(py, &error, text.as_ref())),
        };
        let (encoding, errors) = text.map_or((None, None), |text| (Some(text.encoding), Some(text.errors)));
        let class = py.import(intern!(py, "rustchat.command"))?.getattr(intern!(py, "RunningCommand"))?;
        class.call1((job, args, stdin, merges, encoding, errors))
    }

    /// The server's address.
    #[getter]
    fn peer<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        address::to_python(py, &self.peer)
    }

    /// How many commands the server runs for this client at a time.
    #[getter]
    fn command_limit(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.core(py)?.command_limit())
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

    /// Ends the connection: the server ends what still runs. Every call that waits raises ConnectionClosed.
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
        format!("<CommandClient of {}{}>", self.peer, if self.closed() { " closed" } else { "" })
    }
}

fn input_bytes(input: &Bound<'_, PyAny>, text: Option<&Text>) -> PyResult<Vec<u8>> {
    if let (Some(text), true) = (text, input.is_instance_of::<PyString>()) {
        let bytes = input.call_method1("encode", (&*text.encoding, &*text.errors))?;
        return Ok(bytes.cast::<PyBytes>()?.as_bytes().to_vec());
    }
    Payload::of("input", input).map(|bytes| bytes.to_vec())
}

/// A number of seconds that may be left out, for calls on a job.
pub(super) fn seconds(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Duration>> {
    time::patience("timeout", value)
}

/// An integer argument.
pub(super) fn number(name: &str, value: &Bound<'_, PyAny>) -> PyResult<i32> {
    Argument::<i32>::Given(value.as_borrowed()).called(name)
}
