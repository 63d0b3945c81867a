//! The ends of the world as this module sees them: the interpreter's exit and `fork`.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use rustchat::net::socket::SocketHandle;
use rustchat::{Error, Status};

use crate::error::exception;

/// How long members may take at the interpreter's exit to read what is queued for them.
const FAREWELL: Duration = Duration::from_secs(1);

/// Counts the forks that led to this process.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Set when the interpreter is about to go: no thread of the library's may attach to it from then on.
static EXITED: AtomicBool = AtomicBool::new(false);

static LIVE: Mutex<Vec<Weak<dyn Live>>> = Mutex::new(Vec::new());

/// A server or client whose threads may call hooks.
pub(crate) trait Live: Send + Sync {
    /// What ends it, within a time; `None` when it does not run. Called attached; the answer is called detached.
    fn stopper(&self) -> Option<Box<dyn FnOnce(Duration) + Send>>;
}

/// Remembers something to be ended before the interpreter is.
pub(crate) fn remember(live: &Arc<impl Live + 'static>) {
    let live: Arc<dyn Live> = Arc::clone(live) as _;
    let mut all = live_list();
    all.retain(|other| other.strong_count() > 0 && !Weak::ptr_eq(other, &Arc::downgrade(&live)));
    all.push(Arc::downgrade(&live));
}

fn live_list() -> MutexGuard<'static, Vec<Weak<dyn Live>>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What objects note when they are made, to know later whether they are their parent process's.
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Refuses an object whose threads are in the parent process.
pub(crate) fn check(py: Python<'_>, generation: u32) -> PyResult<()> {
    if generation == self::generation() {
        return Ok(());
    }
    let message = "this object was made before fork and belongs to the parent process; make a new one here";
    Err(exception(py, &Error::new(Status::Forked, message)))
}

/// Attaches a thread of the library's, unless the interpreter is gone or about to go.
pub(crate) fn attach<R>(call: impl FnOnce(Python<'_>) -> R) -> Option<R> {
    if EXITED.load(Ordering::Acquire) {
        return None;
    }
    Python::try_attach(call)
}

/// Runs what may wait without the interpreter in hand: for `Drop`, which may come attached or not.
pub(crate) fn detached(call: impl FnOnce() + Send) {
    let mut call = Some(call);
    Python::try_attach(|py| {
        if let Some(call) = call.take() {
            py.detach(call);
        }
    });
    if let Some(call) = call {
        call();
    }
}

/// Asks the interpreter to tell us of its exit and of forks.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    py.import("atexit")?.call_method1("register", (wrap_pyfunction!(at_exit, module)?,))?;
    let hooks = PyDict::new(py);
    hooks.set_item("before", wrap_pyfunction!(before_fork, module)?)?;
    hooks.set_item("after_in_parent", wrap_pyfunction!(after_fork_in_parent, module)?)?;
    hooks.set_item("after_in_child", wrap_pyfunction!(after_fork_in_child, module)?)?;
    py.import("os")?.call_method("register_at_fork", (), Some(&hooks))?;
    Ok(())
}

#[pyfunction]
fn at_exit(py: Python<'_>) {
    let live: Vec<_> = live_list().drain(..).filter_map(|live| live.upgrade()).collect();
    let stoppers: Vec<_> = live.iter().filter_map(|live| live.stopper()).collect();
    drop(live);
    let end = Instant::now() + FAREWELL;
    py.detach(|| {
        for stop in stoppers {
            stop(end.saturating_duration_since(Instant::now()));
        }
    });
    crate::log::finish(py);
    EXITED.store(true, Ordering::Release);
}

#[pyfunction]
fn before_fork(py: Python<'_>) {
    crate::log::before_fork(py);
}

#[pyfunction]
fn after_fork_in_parent() {
    crate::log::after_fork(false);
}

#[pyfunction]
fn after_fork_in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    SocketHandle::after_fork();
    rustchat::net::after_fork();
    crate::log::after_fork(true);
    // Their threads are in the parent; there they will be ended.
    live_list().drain(..).for_each(std::mem::forget);
}
