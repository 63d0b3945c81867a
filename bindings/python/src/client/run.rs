//! One client's connection: at most one at a time.

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use pyo3::prelude::*;
use rustchat::chat::{ChatClient as Core, ClientOptions, ClientStats};
use rustchat::net::{Cancel, Endpoint};

use super::ChatClient;
use super::hooks::Hooks;
use crate::error::{OrRaise, bad_state};
use crate::lifetime::{self, Live};
use crate::locks::Mutex;
use crate::wait::blocking;

pub(super) struct Run {
    options: Mutex<Option<ClientOptions>>,
    state: Mutex<State>,
}

enum State {
    Idle,
    /// By a thread of the process of this generation; and what calls it off.
    Starting {
        generation: u32,
        cancel: Arc<Cancel>,
    },
    Connected {
        core: Arc<Core>,
        generation: u32,
        hooked: bool,
    },
    Ended(ClientStats),
}

impl Run {
    pub(super) fn new() -> Run {
        Run { options: Mutex::new(None), state: Mutex::new(State::Idle) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    pub(super) fn configure(&self, options: ClientOptions) {
        *self.options.lock() = Some(options);
    }

    pub(super) fn options(&self, py: Python<'_>) -> PyResult<ClientOptions> {
        let options = self.options.lock().clone();
        options.ok_or_else(|| bad_state(py, "__init__() was not called: say super().__init__(ip, port) in your own"))
    }

    /// Where it was told to listen or connect; `None` before `__init__`.
    pub(super) fn endpoint(&self) -> Option<Endpoint> {
        self.options.lock().as_ref().map(|options| options.endpoint.clone())
    }

    pub(super) fn start(self: &Arc<Self>, owner: &Bound<'_, ChatClient>) -> PyResult<()> {
        let py = owner.py();
        let options = self.options(py)?;
        let hooks = Hooks::of(owner)?;
        let hooked = hooks.is_some();
        let cancel = Arc::new(Cancel::new().or_raise(py)?);
        self.begin(py, &cancel)?;
        let started = blocking(py, None, |deadline| {
            let deadline = deadline.with_cancel(&cancel);
            match hooks {
                Some(hooks) => Core::connect_with(&options, deadline, move |event| hooks.event(event)),
                None => Core::connect(&options, deadline),
            }
        });
        let (state, result) = match started {
            Ok(core) => (State::Connected { core: Arc::new(core), generation: lifetime::generation(), hooked }, Ok(())),
            Err(error) => (State::Idle, Err(error)),
        };
        *self.state() = state;
        if result.is_ok() {
            lifetime::remember(self);
        }
        result
    }

    fn begin(&self, py: Python<'_>, cancel: &Arc<Cancel>) -> PyResult<()> {
        let mut state = self.state();
        match &*state {
            State::Starting { generation, .. } if *generation == lifetime::generation() => {
                return Err(bad_state(py, "the client is being started by another thread"));
            }
            State::Connected { core, generation, .. }
                if *generation == lifetime::generation() && core.join(Duration::ZERO).is_err() =>
            {
                return Err(bad_state(py, "the client is connected: stop() it before starting it again"));
            }
            _ => {}
        }
        // What belongs to the parent process is left as it is: its threads are not here.
        let starting = State::Starting { generation: lifetime::generation(), cancel: Arc::clone(cancel) };
        let before = std::mem::replace(&mut *state, starting);
        if matches!(&before, State::Connected { generation, .. } if *generation != lifetime::generation()) {
            std::mem::forget(before);
        }
        Ok(())
    }

    /// Ends a start() that is under way on another thread, or beneath the handler that calls this.
    pub(super) fn call_off(&self) {
        if let State::Starting { cancel, .. } = &*self.state() {
            cancel.cancel();
        }
    }

    /// The core's client while it has not been stopped.
    pub(super) fn core(&self, py: Python<'_>) -> PyResult<Option<Arc<Core>>> {
        match &*self.state() {
            State::Connected { core, generation, .. } => {
                lifetime::check(py, *generation).map(|()| Some(Arc::clone(core)))
            }
            _ => Ok(None),
        }
    }

    /// The same for who only looks at it, and whether it is this process's own and not its parent's.
    pub(super) fn core_to_name(&self) -> Option<(Arc<Core>, bool)> {
        match &*self.state() {
            State::Connected { core, generation, .. } => {
                Some((Arc::clone(core), *generation == lifetime::generation()))
            }
            _ => None,
        }
    }

    /// The core's client while it has not been stopped; an error if there was never one.
    pub(super) fn core_or_past(&self, py: Python<'_>) -> PyResult<Option<Arc<Core>>> {
        if matches!(*self.state(), State::Idle) {
            return Err(bad_state(py, "the client was not started"));
        }
        self.core(py)
    }

    /// The same; an error if it is not connected.
    pub(super) fn running(&self, py: Python<'_>) -> PyResult<Arc<Core>> {
        self.core(py)?.ok_or_else(|| bad_state(py, "the client is not connected: start() it"))
    }

    pub(super) fn stats(&self, py: Python<'_>) -> PyResult<ClientStats> {
        if let State::Ended(stats) = &*self.state() {
            return Ok(*stats);
        }
        Ok(self.core(py)?.map(|core| core.stats()).unwrap_or_default())
    }

    /// Notes that `core` has ended, unless another one has been started since.
    pub(super) fn ended(&self, core: &Arc<Core>) {
        let mut state = self.state();
        if matches!(&*state, State::Connected { core: current, .. } if Arc::ptr_eq(current, core)) {
            *state = State::Ended(core.stats());
        }
    }

    /// Ends it when its owner is gone.
    pub(super) fn abandon(&self) {
        let state = std::mem::replace(&mut *self.state(), State::Idle);
        let State::Connected { core, generation, .. } = state else { return };
        if generation == lifetime::generation() {
            lifetime::detached(move || drop(core));
        } else {
            std::mem::forget(core);
        }
    }
}

impl Live for Run {
    /// Without hooks no thread of the client's calls anything: a daemon thread that waits in recv() may go on waiting.
    fn stopper(&self) -> Option<Box<dyn FnOnce(Duration) + Send>> {
        let State::Connected { core, hooked: true, .. } = &*self.state() else { return None };
        let core = Arc::clone(core);
        Some(Box::new(move |patience| {
            core.close();
            let _ = core.join(patience);
        }))
    }
}
