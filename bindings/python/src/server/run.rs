//! One server's running: at most one of the core's servers at a time.

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use pyo3::intern;
use pyo3::prelude::*;
use rustchat::Error;
use rustchat::chat::{ChatServer as Core, ServerOptions, ServerStats};
use rustchat::net::Endpoint;

use super::hooks::Hooks;
use super::{ChatServer, stop_quietly};
use crate::error::{OrRaise, bad_state};
use crate::lifetime::{self, Live};
use crate::locks::Mutex;

pub(super) struct Run {
    options: Mutex<Option<ServerOptions>>,
    state: Mutex<State>,
}

enum State {
    Idle,
    /// By a thread of the process of this generation.
    Starting(u32),
    Running {
        core: Arc<Core>,
        generation: u32,
    },
    Ended {
        stats: ServerStats,
        failure: Option<Error>,
    },
}

impl Run {
    pub(super) fn new() -> Run {
        Run { options: Mutex::new(None), state: Mutex::new(State::Idle) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    pub(super) fn configure(&self, options: ServerOptions) {
        *self.options.lock() = Some(options);
    }

    pub(super) fn options(&self, py: Python<'_>) -> PyResult<ServerOptions> {
        let options = self.options.lock().clone();
        options.ok_or_else(|| bad_state(py, "__init__() was not called: say super().__init__(ip, port) in your own"))
    }

    /// Where it was told to listen or connect; `None` before `__init__`.
    pub(super) fn endpoint(&self) -> Option<Endpoint> {
        self.options.lock().as_ref().map(|options| options.endpoint.clone())
    }

    pub(super) fn start(self: &Arc<Self>, owner: &Bound<'_, ChatServer>) -> PyResult<()> {
        let py = owner.py();
        let mut options = self.options(py)?;
        options.time_zone = time_zone(py)?;
        let hooks = Hooks::of(owner)?;
        self.begin(py)?;
        let started = py.detach(|| match hooks {
            Some(hooks) => Core::start_with(hooks.wanted(options), hooks),
            None => Core::start(options),
        });
        *self.state() = match &started {
            Ok(core) => State::Running { core: Arc::new(core.clone()), generation: lifetime::generation() },
            Err(_) => State::Idle,
        };
        started.or_raise(py)?;
        lifetime::remember(self);
        Ok(())
    }

    fn begin(&self, py: Python<'_>) -> PyResult<()> {
        let before = self.enter(py)?;
        if matches!(&before, State::Running { generation, .. } if *generation != lifetime::generation()) {
            // A core of the parent process's is left as it is: its threads are not here.
            std::mem::forget(before);
        }
        Ok(())
    }

    /// Returns what was before, which has ended.
    fn enter(&self, py: Python<'_>) -> PyResult<State> {
        let mut state = self.state();
        match &*state {
            State::Starting(generation) if *generation == lifetime::generation() => {
                return Err(bad_state(py, "the server is being started by another thread"));
            }
            State::Running { core, generation } if *generation == lifetime::generation() => {
                if !core.is_closed() {
                    return Err(bad_state(py, "the server is running: stop() it before starting it again"));
                }
                if core.join(Duration::ZERO).is_err() {
                    return Err(bad_state(py, "the server is stopping: join() it before starting it again"));
                }
            }
            _ => {}
        }
        Ok(std::mem::replace(&mut *state, State::Starting(lifetime::generation())))
    }

    /// The core's server while it has not ended.
    pub(super) fn core(&self, py: Python<'_>) -> PyResult<Option<Arc<Core>>> {
        match &*self.state() {
            State::Running { core, generation } => lifetime::check(py, *generation).map(|()| Some(Arc::clone(core))),
            _ => Ok(None),
        }
    }

    /// The same for who only looks at it, and whether it is this process's own and not its parent's.
    pub(super) fn core_to_name(&self) -> Option<(Arc<Core>, bool)> {
        match &*self.state() {
            State::Running { core, generation } => Some((Arc::clone(core), *generation == lifetime::generation())),
            _ => None,
        }
    }

    /// The core's server while it has not ended; an error if there was never one.
    pub(super) fn core_or_past(&self, py: Python<'_>) -> PyResult<Option<Arc<Core>>> {
        if matches!(*self.state(), State::Idle) {
            return Err(bad_state(py, "the server was not started"));
        }
        self.core(py)
    }

    /// The same; an error if it does not run.
    pub(super) fn running(&self, py: Python<'_>) -> PyResult<Arc<Core>> {
        self.core(py)?.ok_or_else(|| bad_state(py, "the server does not run: start() it"))
    }

    pub(super) fn stats(&self, py: Python<'_>) -> PyResult<ServerStats> {
        if let State::Ended { stats, .. } = &*self.state() {
            return Ok(*stats);
        }
        Ok(self.core(py)?.map(|core| core.stats()).unwrap_or_default())
    }

    pub(super) fn failure(&self) -> Option<Error> {
        match &*self.state() {
            State::Running { core, .. } => core.failure(),
            State::Ended { failure, .. } => failure.clone(),
            State::Idle | State::Starting(_) => None,
        }
    }

    /// Notes that `core` has ended, unless another one has been started since.
    pub(super) fn ended(&self, core: &Arc<Core>) {
        let mut state = self.state();
        if matches!(&*state, State::Running { core: current, .. } if Arc::ptr_eq(current, core)) {
            *state = State::Ended { stats: core.stats(), failure: core.failure() };
        }
    }

    /// Ends it when its owner is gone.
    pub(super) fn abandon(&self) {
        let state = std::mem::replace(&mut *self.state(), State::Idle);
        let State::Running { core, generation } = state else { return };
        if generation != lifetime::generation() {
            std::mem::forget(core);
            return;
        }
        lifetime::detached(move || stop_quietly(&core, Duration::from_secs(1)));
    }
}

/// What the program has in `TZ`, as Python knows it: the C library's own list may change while it is read.
fn time_zone(py: Python<'_>) -> PyResult<Option<String>> {
    let environment = py.import(intern!(py, "os"))?.getattr(intern!(py, "environ"))?;
    // What is no text is no zone.
    Ok(environment.call_method1(intern!(py, "get"), ("TZ",))?.extract().unwrap_or_default())
}

impl Live for Run {
    fn stopper(&self) -> Option<Box<dyn FnOnce(Duration) + Send>> {
        let State::Running { core, .. } = &*self.state() else { return None };
        let core = Arc::clone(core);
        Some(Box::new(move |patience| stop_quietly(&core, patience)))
    }
}
