//! What the core logs, in Python's logging, under the name `rustchat`.
//!
//! The core logs on any thread, at times with a lock in hand; waiting for the interpreter there could deadlock. So
//! records go through a queue to one thread that waits for nobody but the interpreter.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use log::{Level, LevelFilter, Log, Metadata};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::{lifetime, unwind};

const NAME: &str = "rustchat";

/// The level `logging.ERROR`.
const ERROR: u8 = 40;

/// Records that may wait; later ones are lost and counted.
const LIMIT: usize = 8192;

/// How long the interpreter's exit waits for the record that is being written.
const PATIENCE: Duration = Duration::from_secs(1);

struct Record {
    level: Level,
    message: String,
    thread: Option<String>,
}

struct Queue {
    records: VecDeque<Record>,
    lost: u64,
    /// Whether the thread was started (in this process).
    started: bool,
    /// Whether the thread is handing out records.
    busy: bool,
    finished: bool,
}

static QUEUE: Mutex<Queue> =
    Mutex::new(Queue { records: VecDeque::new(), lost: 0, started: false, busy: false, finished: false });
static CHANGED: Condvar = Condvar::new();

thread_local! {
    /// The queue's lock while this thread forks: the child must not inherit it from a thread that it has not.
    static HELD: RefCell<Option<MutexGuard<'static, Queue>>> = const { RefCell::new(None) };
}

fn lock() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Logger;

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Debug
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let thread = thread::current().name().map(str::to_owned);
        let record = Record { level: record.level(), message: record.args().to_string(), thread };
        let mut queue = lock();
        if queue.finished {
            return;
        }
        if queue.records.len() >= LIMIT {
            queue.lost += 1;
            return;
        }
        queue.records.push_back(record);
        if !queue.started {
            queue.started = rustchat::net::spawn("rustchat-log", run).is_ok();
        }
        CHANGED.notify_all();
    }

    fn flush(&self) {}
}

/// Takes the core's log over. Somebody else's logger, which cannot be in a library of our own, would stay.
pub(crate) fn install() {
    if log::set_logger(&Logger).is_ok() {
        log::set_max_level(LevelFilter::Debug);
    }
}

/// The thread: hands records out until the interpreter goes.
fn run() {
    loop {
        let mut queue = lock();
        queue.busy = false;
        CHANGED.notify_all();
        while queue.records.is_empty() && !queue.finished {
            queue = CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        if queue.finished {
            return;
        }
        let (records, lost) = (std::mem::take(&mut queue.records), std::mem::take(&mut queue.lost));
        queue.busy = true;
        drop(queue);
        lifetime::attach(|py| hand_out(py, records, lost));
    }
}

fn hand_out(py: Python<'_>, records: VecDeque<Record>, lost: u64) {
    let mut all = records;
    if lost > 0 {
        all.push_back(Record { level: Level::Warn, message: format!("{lost} log records were lost"), thread: None });
    }
    for record in all {
        if let Err(error) = hand_over(py, &record) {
            error.write_unraisable(py, None);
        }
    }
}

fn hand_over(py: Python<'_>, record: &Record) -> PyResult<()> {
    let level = match record.level {
        Level::Error => ERROR,
        Level::Warn => 30,
        Level::Info => 20,
        Level::Debug | Level::Trace => 10,
    };
    write(py, level, &record.message, record.thread.as_deref(), None)
}

/// Gives one record to the logger. Its handlers are the program's own: nobody knows how long they take.
fn write(
    py: Python<'_>,
    level: u8,
    message: &str,
    thread: Option<&str>,
    exception: Option<Bound<'_, PyTuple>>,
) -> PyResult<()> {
    let get = unwind::import(py, "logging")?.getattr(intern!(py, "getLogger"))?;
    let logger = unwind::call(&get, &(NAME,).into_pyobject(py)?)?;
    let method = |name| logger.getattr(PyString::intern(py, name));
    if !unwind::call(&method("isEnabledFor")?, &(level,).into_pyobject(py)?)?.is_truthy()? {
        return Ok(());
    }
    let arguments = (NAME, level, NAME, 0, message, PyTuple::empty(py), exception).into_pyobject(py)?;
    let record = unwind::call(&method("makeRecord")?, &arguments)?;
    if let Some(thread) = thread {
        record.setattr(intern!(py, "threadName"), thread)?;
    }
    unwind::call(&method("handle")?, &(record,).into_pyobject(py)?)?;
    Ok(())
}

/// Logs what a hook has raised, with its traceback.
pub(crate) fn hook_failed(py: Python<'_>, hook: &str, error: &PyErr) {
    let exception = (error.get_type(py), error.value(py), error.traceback(py)).into_pyobject(py);
    let message = format!("{hook}() raised an exception");
    let report = exception.and_then(|exception| write(py, ERROR, &message, thread::current().name(), Some(exception)));
    if report.is_err() {
        error.clone_ref(py).write_unraisable(py, None);
    }
}

/// At the interpreter's exit: what is left is handed out, and nothing more is taken.
pub(crate) fn finish(py: Python<'_>) {
    let (records, lost) = py.detach(|| {
        let waiting = CHANGED.wait_timeout_while(lock(), PATIENCE, |queue| queue.busy);
        let mut queue = waiting.map_or_else(|error| error.into_inner().0, |(queue, _)| queue);
        queue.finished = true;
        CHANGED.notify_all();
        if queue.busy {
            // A handler does not return; to ask it again would keep the interpreter from its end.
            queue.records.clear();
        }
        (std::mem::take(&mut queue.records), std::mem::take(&mut queue.lost))
    });
    hand_out(py, records, lost);
}

pub(crate) fn before_fork() {
    HELD.with_borrow_mut(|held| *held = Some(lock()));
}

pub(crate) fn after_fork(child: bool) {
    HELD.with_borrow_mut(|held| {
        if let Some(queue) = held.as_mut().filter(|_| child) {
            // The parent's thread hands these out.
            queue.records.clear();
            queue.started = false;
            queue.busy = false;
        }
        *held = None;
    });
}
