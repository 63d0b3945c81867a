//! What the core logs, in Python's logging, under the name `rustchat`.
//!
//! The core logs on any thread, at times with a lock in hand; waiting for the interpreter there could deadlock. So
//! records go through a queue to one thread that waits for nobody but the interpreter.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use log::{Level, LevelFilter, Log, Metadata};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::{lifetime, unwind};

const NAME: &str = "rustchat";

/// What the thread is called that hands records out.
const THREAD: &str = "rustchat-log";

/// The level `logging.ERROR`.
const ERROR: u8 = 40;

/// Records of one [`Kind`] that may wait; later ones of it are lost and counted.
const LIMIT: u64 = 8192;

/// Where the core's services tell who did what.
const AUDIT: &str = "rustchat::audit";

/// How long the interpreter's exit, or a fork, waits for the record that is being written.
const PATIENCE: Duration = Duration::from_secs(1);

struct Record {
    level: Level,
    message: String,
    thread: Origin,
}

/// What a record is of. Each kind has its own place in the queue: what a stranger or a client makes the core say by the
/// thousand, while the program's handlers are slow, does not push out who did what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Who did what.
    Deed,
    /// Who was not allowed to.
    Refusal,
    Other,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Deed, Kind::Refusal, Kind::Other];

    fn of(metadata: &Metadata<'_>) -> Kind {
        match (metadata.target(), metadata.level()) {
            (AUDIT, Level::Error | Level::Warn) => Kind::Refusal,
            (AUDIT, _) => Kind::Deed,
            _ => Kind::Other,
        }
    }

    /// The record that so many of the kind were lost.
    fn lost(self, count: u64) -> Record {
        let what = match self {
            Kind::Deed => "records of who did what",
            Kind::Refusal => "records of refusals",
            Kind::Other => "log records",
        };
        let (level, message) = (Level::Warn, format!("{count} {what} were lost"));
        Record { level, message, thread: Origin::Unknown }
    }
}

/// A number for each kind.
#[derive(Default)]
struct Counts([u64; Kind::ALL.len()]);

impl Counts {
    const fn none() -> Counts {
        Counts([0; Kind::ALL.len()])
    }

    fn of(&mut self, kind: Kind) -> &mut u64 {
        &mut self.0[kind as usize]
    }
}

/// The thread on which something was logged.
enum Origin {
    Named(String),
    /// A thread that is not the library's, by its number in the system: Python may know its name.
    Numbered(u64),
    Unknown,
}

impl Origin {
    fn of_this_thread() -> Origin {
        if let Some(name) = thread::current().name() {
            return Origin::Named(name.to_owned());
        }
        let link = fs::read_link("/proc/thread-self").unwrap_or_default();
        let number = link.file_name().and_then(|number| number.to_str()).and_then(|number| number.parse().ok());
        number.map_or(Origin::Unknown, Origin::Numbered)
    }

    /// The name for `threadName`; `None` leaves it to the logger, which takes the thread that hands out records.
    fn name(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let number = match self {
            Origin::Named(name) => return Ok(Some(name.clone())),
            Origin::Numbered(number) => *number,
            Origin::Unknown => return Ok(None),
        };
        for thread in unwind::import(py, "threading")?.call_method0(intern!(py, "enumerate"))?.try_iter()? {
            let thread = thread?;
            if thread.getattr(intern!(py, "native_id"))?.extract::<u64>().is_ok_and(|own| own == number) {
                return thread.getattr(intern!(py, "name"))?.extract();
            }
        }
        // It has ended, or Python has never seen it.
        Ok(Some(format!("Thread-{number}")))
    }
}

struct Queue {
    records: VecDeque<Record>,
    /// How many of each kind wait.
    waiting: Counts,
    lost: Counts,
    /// Whether the thread was started (in this process).
    started: bool,
    /// Whether the thread is handing out records.
    busy: bool,
    /// Some thread forks, and wants it not to be.
    forking: bool,
    finished: bool,
}

impl Queue {
    /// All that wait, and behind them how many were lost.
    fn take(&mut self) -> VecDeque<Record> {
        let mut records = std::mem::take(&mut self.records);
        let mut lost = std::mem::take(&mut self.lost);
        self.waiting = Counts::none();
        records.extend(Kind::ALL.into_iter().filter_map(|kind| {
            let count = *lost.of(kind);
            (count > 0).then(|| kind.lost(count))
        }));
        records
    }
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue {
    records: VecDeque::new(),
    waiting: Counts::none(),
    lost: Counts::none(),
    started: false,
    busy: false,
    forking: false,
    finished: false,
});
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
    /// What other crates log of their own work is said again, where it matters, by an error.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let part = metadata.target().split("::").next().unwrap_or_default();
        metadata.level() <= Level::Debug && (part == NAME || part == env!("CARGO_CRATE_NAME"))
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let thread = Origin::of_this_thread();
        let (kind, level, message) = (Kind::of(record.metadata()), record.level(), record.args().to_string());
        let mut queue = lock();
        if queue.finished {
            return;
        }
        if *queue.waiting.of(kind) >= LIMIT {
            *queue.lost.of(kind) += 1;
            return;
        }
        *queue.waiting.of(kind) += 1;
        queue.records.push_back(Record { level, message, thread });
        if !queue.started {
            queue.started = rustchat::net::spawn(THREAD, run).is_ok();
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
        while (queue.records.is_empty() || queue.forking) && !queue.finished {
            queue = CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        if queue.finished {
            return;
        }
        let records = queue.take();
        queue.busy = true;
        drop(queue);
        lifetime::attach(|py| hand_out(py, records));
    }
}

fn hand_out(py: Python<'_>, records: VecDeque<Record>) {
    for record in records {
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
    write(py, level, &record.message, &record.thread, None)
}

/// Gives one record to the logger. Its handlers are the program's own: nobody knows how long they take.
fn write(
    py: Python<'_>,
    level: u8,
    message: &str,
    thread: &Origin,
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
    if let Some(name) = thread.name(py)? {
        record.setattr(intern!(py, "threadName"), name)?;
    }
    unwind::call(&method("handle")?, &(record,).into_pyobject(py)?)?;
    Ok(())
}

/// Logs what a hook has raised, with its traceback.
pub(crate) fn hook_failed(py: Python<'_>, hook: &str, error: &PyErr) {
    let exception = (error.get_type(py), error.value(py), error.traceback(py)).into_pyobject(py);
    let message = format!("{hook}() raised an exception");
    let report = exception.and_then(|exception| write(py, ERROR, &message, &Origin::of_this_thread(), Some(exception)));
    if report.is_err() {
        error.clone_ref(py).write_unraisable(py, None);
    }
}

/// At the interpreter's exit: what is left is handed out, and nothing more is taken.
pub(crate) fn finish(py: Python<'_>) {
    let records = py.detach(|| {
        let waiting = CHANGED.wait_timeout_while(lock(), PATIENCE, |queue| queue.busy);
        let mut queue = waiting.map_or_else(|error| error.into_inner().0, |(queue, _)| queue);
        queue.finished = true;
        CHANGED.notify_all();
        if queue.busy {
            // A handler does not return; to ask it again would keep the interpreter from its end.
            queue.records.clear();
        }
        queue.take()
    });
    hand_out(py, records);
}

/// The child must not inherit what a handler of the program's holds while it writes a record, the lock of a stream above
/// all: it waits for the end of that, as long as [`PATIENCE`].
pub(crate) fn before_fork(py: Python<'_>) {
    let is_own_thread = thread::current().name() == Some(THREAD);
    let end = Instant::now() + PATIENCE;
    let mut queue = lock();
    queue.forking = true;
    while queue.busy && !is_own_thread && Instant::now() < end {
        drop(queue);
        py.detach(|| drop(CHANGED.wait_timeout_while(lock(), PATIENCE, |queue| queue.busy)));
        queue = lock();
    }
    HELD.with_borrow_mut(|held| *held = Some(queue));
}

pub(crate) fn after_fork(child: bool) {
    HELD.with_borrow_mut(|held| {
        if let Some(queue) = held {
            queue.forking = false;
            if child {
                // The parent's thread hands these out.
                queue.records.clear();
                queue.waiting = Counts::none();
                (queue.started, queue.busy) = (false, false);
            }
        }
        *held = None;
        CHANGED.notify_all();
    });
}
