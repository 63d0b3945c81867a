//! How commands have ended.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustchat::command::{CommandError, Exit, ExitKind, Refusal};
use rustchat::{Error, Status};

use crate::error::{exception, invalid};

/// How a command has ended. There is exactly one for each command that was run.
#[pyclass(frozen, get_all, eq, module = "rustchat")]
#[derive(Clone, PartialEq)]
pub(crate) struct CommandExit {
    /// "exited", "signalled", "timed out", "output limit", "client's signal", "server stopping" or "status lost".
    kind: &'static str,
    /// What it has ended with by itself; None if a signal has ended it, or nobody knows.
    code: Option<u8>,
    /// The signal that has ended it, 0 if none has.
    signal: u8,
    /// Whether it has left a memory image.
    core: bool,
    /// Whether others of its group were still there, and were killed.
    survivors_killed: bool,
    /// Bytes that came of its standard output.
    stdout_bytes: u64,
    /// Bytes that came of its standard error.
    stderr_bytes: u64,
    /// Seconds from its start to its end.
    wall: f64,
    /// Seconds of the processor that it has used for itself.
    user: f64,
    /// Seconds that the system has worked in its name.
    system: f64,
    /// The most memory that it has had, in KiB; at least what the server had when it started it.
    max_rss: u32,
}

impl From<Exit> for CommandExit {
    fn from(exit: Exit) -> CommandExit {
        CommandExit {
            kind: exit.kind.as_str(),
            code: exit.code(),
            signal: exit.signal,
            core: exit.core,
            survivors_killed: exit.survivors_killed,
            stdout_bytes: exit.stdout_bytes,
            stderr_bytes: exit.stderr_bytes,
            wall: exit.wall.as_secs_f64(),
            user: exit.user.as_secs_f64(),
            system: exit.system.as_secs_f64(),
            max_rss: exit.max_rss,
        }
    }
}

#[pymethods]
impl CommandExit {
    /// As in subprocess: its code, or minus the signal that has ended it. Raises Error when nobody knows: no number would be
    /// right.
    #[getter]
    fn returncode(&self, py: Python<'_>) -> PyResult<i32> {
        match (self.code, self.signal) {
            (Some(code), _) => Ok(code.into()),
            (None, 1..) => Ok(-i32::from(self.signal)),
            _ => Err(exception(py, &Error::new(Status::Io, "the status of the command is lost"))),
        }
    }

    /// Whether it has ended by itself with code 0.
    #[getter]
    fn success(&self) -> bool {
        self.kind == ExitKind::Exited.as_str() && self.code == Some(0)
    }

    fn __repr__(&self) -> String {
        match self.code {
            Some(code) => format!("<CommandExit {}, code {code}>", self.kind),
            None => format!("<CommandExit {}, signal {}>", self.kind, self.signal),
        }
    }
}

/// A command that was run, as subprocess.CompletedProcess: args, returncode, stdout, stderr; and exit, which says more.
#[pyclass(frozen, get_all, module = "rustchat")]
pub(crate) struct CompletedCommand {
    /// What was asked for.
    args: Py<PyAny>,
    /// Its code, or minus the signal that has ended it.
    returncode: i32,
    /// All of its standard output: bytes, or str where text was asked for.
    stdout: Py<PyAny>,
    /// The same of its standard error.
    stderr: Py<PyAny>,
    /// How it has ended.
    exit: CommandExit,
}

#[pymethods]
impl CompletedCommand {
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let args = self.args.bind(py).repr()?;
        Ok(format!("CompletedCommand(args={args}, returncode={})", self.returncode))
    }
}

/// How bytes become text; `None` leaves them as they are.
#[derive(Clone)]
pub(super) struct Text {
    pub(super) encoding: String,
    pub(super) errors: String,
}

impl Text {
    /// What `text`, `encoding` and `errors` of subprocess ask for together.
    pub(super) fn asked(
        py: Python<'_>,
        text: bool,
        encoding: Option<String>,
        errors: Option<String>,
    ) -> PyResult<Option<Text>> {
        if !text && encoding.is_none() && errors.is_none() {
            return Ok(None);
        }
        let text = Text { encoding: encoding.unwrap_or("utf-8".into()), errors: errors.unwrap_or("strict".into()) };
        // A wrong name is told before anything is run.
        let known = py.import(intern!(py, "codecs"))?.call_method1(intern!(py, "lookup"), (&*text.encoding,));
        known.map_err(|_| invalid(py, format!("encoding {:?} is not known", text.encoding)))?;
        Ok(Some(text))
    }

    fn decode<'py>(&self, bytes: Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyAny>> {
        let text = bytes.call_method1("decode", (&*self.encoding, &*self.errors))?;
        // As subprocess and text files have it.
        text.call_method1("replace", ("\r\n", "\n"))?.call_method1("replace", ("\r", "\n"))
    }
}

fn output<'py>(py: Python<'py>, bytes: &[u8], text: Option<&Text>) -> PyResult<Bound<'py, PyAny>> {
    let bytes = PyBytes::new(py, bytes);
    match text {
        Some(text) => text.decode(bytes),
        None => Ok(bytes.into_any()),
    }
}

pub(super) fn completed(
    py: Python<'_>,
    args: &Bound<'_, PyAny>,
    done: &rustchat::command::Completed,
    text: Option<&Text>,
) -> PyResult<CompletedCommand> {
    let exit = CommandExit::from(done.exit);
    Ok(CompletedCommand {
        args: args.clone().unbind(),
        returncode: exit.returncode(py)?,
        stdout: output(py, &done.stdout, text)?.unbind(),
        stderr: output(py, &done.stderr, text)?.unbind(),
        exit,
    })
}

/// The exception of a command that did not do what it was to, with what it has written until then.
pub(super) fn failure(py: Python<'_>, error: &CommandError, text: Option<&Text>) -> PyErr {
    let raised = exception(py, error.error());
    let fill = || -> PyResult<()> {
        let value = raised.value(py);
        value.setattr(
            intern!(py, "stdout"),
            output(py, error.stdout(), text).or_else(|_| output(py, error.stdout(), None))?,
        )?;
        value.setattr(
            intern!(py, "stderr"),
            output(py, error.stderr(), text).or_else(|_| output(py, error.stderr(), None))?,
        )?;
        value.setattr(intern!(py, "exit"), error.exit().copied().map(CommandExit::from))?;
        value.setattr(intern!(py, "refusal"), error.refusal().map(Refusal::as_str))?;
        let code = error.exit().and_then(|exit| CommandExit::from(*exit).returncode(py).ok());
        value.setattr(intern!(py, "returncode"), code)
    };
    fill().map_or_else(|error| error, |()| raised)
}
