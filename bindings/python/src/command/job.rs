//! A command that runs: what rustchat.command makes files of.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustchat::command::{Job, Output, Signal};

use super::client::{number, seconds};
use super::exit::{CommandExit, CompletedCommand, Text, completed, failure};
use crate::buffer::Payload;
use crate::error::{OrRaise, invalid};
use crate::held::Held;
use crate::wait::blocking;

/// A command that runs, without the files.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct CommandJob {
    job: Held<Job>,
    args: Py<PyAny>,
    text: Option<Text>,
}

impl CommandJob {
    pub(super) fn new(job: Job, args: &Bound<'_, PyAny>, text: Option<Text>) -> CommandJob {
        CommandJob { job: Held::new(job), args: args.clone().unbind(), text }
    }

    fn job(&self, py: Python<'_>) -> PyResult<Arc<Job>> {
        self.job.expect(py, || "the command".into())
    }

    fn check(&self, py: Python<'_>, job: &Job) -> PyResult<()> {
        let error = job.failure().map(|error| failure(py, &error, self.text.as_ref()));
        error.map_or(Ok(()), Err)
    }
}

fn output(py: Python<'_>, number: u8) -> PyResult<Output> {
    match number {
        1 => Ok(Output::Stdout),
        2 => Ok(Output::Stderr),
        other => Err(invalid(py, format!("output is {other}, expected 1 or 2"))),
    }
}

#[pymethods]
impl CommandJob {
    /// Reads at most `size` bytes of output 1 or 2, as soon as there are any; b"" at its end.
    #[pyo3(signature = (output, size, timeout=None))]
    fn read<'py>(
        &self,
        py: Python<'py>,
        output: u8,
        size: usize,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (job, output, patience) = (self.job(py)?, self::output(py, output)?, seconds(timeout)?);
        let bytes = blocking(py, patience, |deadline| {
            let mut bytes = vec![0; size.min(1 << 20)];
            let count = job.read(output, &mut bytes, deadline)?;
            bytes.truncate(count);
            Ok(bytes)
        })?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Writes what it takes of `data`, and returns how many bytes; raises ConnectionClosed when it reads no more.
    #[pyo3(signature = (data, timeout=None))]
    fn write(&self, data: &Bound<'_, PyAny>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
        let py = data.py();
        let (job, bytes, patience) = (self.job(py)?, Payload::of("data", data)?, seconds(timeout)?);
        let bytes: &[u8] = &bytes;
        blocking(py, patience, |deadline| job.write(bytes, deadline))
    }

    /// Ends its input.
    fn close_stdin(&self, py: Python<'_>) -> PyResult<()> {
        let job = self.job(py)?;
        py.detach(|| job.close_stdin()).or_raise(py)
    }

    /// Says that nobody reads that output any more.
    fn close_output(&self, py: Python<'_>, output: u8) -> PyResult<()> {
        let (job, output) = (self.job(py)?, self::output(py, output)?);
        py.detach(|| job.close_output(output)).or_raise(py)
    }

    /// Sends a signal to all of its group.
    fn signal(&self, number: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = number.py();
        let (job, number) = (self.job(py)?, self::number("signal", number)?);
        let signal = u8::try_from(number).ok().and_then(Signal::from_number);
        let known = Signal::ALL.map(|signal| signal.number().to_string()).join(", ");
        let signal = signal.ok_or_else(|| invalid(py, format!("signal is {number}, expected one of {known}")))?;
        py.detach(|| job.signal(signal)).or_raise(py)
    }

    /// Waits for its end; raises what that is where it is not its own.
    #[pyo3(signature = (timeout=None))]
    fn wait(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<CommandExit> {
        let (job, patience) = (self.job(py)?, seconds(timeout)?);
        let exit = blocking(py, patience, |deadline| job.wait(deadline))?;
        self.check(py, &job)?;
        Ok(exit.into())
    }

    /// How it has ended, whatever that is; None while nobody knows.
    #[getter]
    fn exit(&self, py: Python<'_>) -> PyResult<Option<CommandExit>> {
        Ok(self.job(py)?.exit().map(CommandExit::from))
    }

    /// The same if its end is its own; raises what that is otherwise.
    fn poll(&self, py: Python<'_>) -> PyResult<Option<CommandExit>> {
        let job = self.job(py)?;
        self.check(py, &job)?;
        self.exit(py)
    }

    /// Writes `input`, reads all, and waits for the end; raises what that is where it is not its own.
    #[pyo3(signature = (input, timeout=None))]
    fn communicate(&self, input: &Bound<'_, PyAny>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<CompletedCommand> {
        let py = input.py();
        let (job, bytes, patience) = (self.job(py)?, Payload::of("input", input)?, seconds(timeout)?);
        let bytes: &[u8] = &bytes;
        let (args, text) = (self.args.bind(py), self.text.as_ref());
        match blocking(py, patience, |deadline| Ok(job.communicate(bytes, deadline)))? {
            Ok(done) => completed(py, args, &done, text),
            Err(error) => Err(failure(py, &error, text)),
        }
    }

    /// The number that the server's log has for it.
    #[getter]
    fn id(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        Ok(self.job(py)?.id())
    }
}
