//! What the objects of the chat's server and client have in common: at most one of the core's at a time.

use std::sync::{Arc, Condvar, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use rustchat::Error;
use rustchat::net::{Cancel, Endpoint};

use crate::error::bad_state;
use crate::hook::Start;
use crate::lifetime::{self, Live};
use crate::locks::Mutex;

/// How long the first hook waits for the end of the start() that has begun its thread: that has nothing left to do but to note
/// what it has started, unless it fails and ends that thread.
const START: Duration = Duration::from_secs(1);

/// A server or client of the core's.
pub(crate) trait Core: Send + Sync + Sized + 'static {
    type Options: Clone + Send;
    type Stats: Copy + Default + Send;

    /// What is wrong while another thread starts it.
    const STARTING: &'static str;
    /// What is wrong where there was never one.
    const NEVER_STARTED: &'static str;
    /// What is wrong where none runs.
    const NOT_RUNNING: &'static str;

    fn endpoint(options: &Self::Options) -> &Endpoint;

    /// Refuses another start while it has not ended.
    fn check_ended(&self) -> Result<(), &'static str>;

    fn stats(&self) -> Self::Stats;

    /// Why it has ended of its own accord.
    fn failure(&self) -> Option<Error> {
        None
    }

    /// Ends it within a time, before the interpreter is.
    fn finish(&self, patience: Duration);

    /// Ends it when its owner is gone.
    fn abandon(core: Arc<Self>);
}

pub(crate) struct Run<C: Core> {
    options: Mutex<Option<C::Options>>,
    state: Mutex<State<C>>,
    /// A start() has ended.
    started: Condvar,
}

enum State<C: Core> {
    Idle,
    /// By a thread of the process of this generation; and what calls it off.
    Starting {
        generation: u32,
        cancel: Option<Arc<Cancel>>,
    },
    Running {
        core: Arc<C>,
        generation: u32,
        /// Whether threads of its own call hooks.
        hooked: bool,
    },
    Ended {
        stats: C::Stats,
        failure: Option<Error>,
    },
}

/// Whether that is this process, and not one that it was forked from.
fn is_own(generation: u32) -> bool {
    generation == lifetime::generation()
}

impl<C: Core> Run<C> {
    pub(crate) fn new() -> Run<C> {
        Run { options: Mutex::new(None), state: Mutex::new(State::Idle), started: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock()
    }

    pub(crate) fn configure(&self, options: C::Options) {
        *self.options.lock() = Some(options);
    }

    pub(crate) fn options(&self, py: Python<'_>) -> PyResult<C::Options> {
        let options = self.options.lock().clone();
        options.ok_or_else(|| bad_state(py, "__init__() was not called: say super().__init__(ip, port) in your own"))
    }

    /// Where it was told to listen or connect; `None` before `__init__`.
    pub(crate) fn endpoint(&self) -> Option<Endpoint> {
        self.options.lock().as_ref().map(|options| C::endpoint(options).clone())
    }

    /// Has `start` make it, which may be called off if there is a `cancel`.
    pub(crate) fn start(
        self: &Arc<Self>,
        py: Python<'_>,
        cancel: Option<Arc<Cancel>>,
        hooked: bool,
        start: impl FnOnce() -> PyResult<C>,
    ) -> PyResult<()> {
        let before = self.begin(py, cancel)?;
        if matches!(&before, State::Running { generation, .. } if !is_own(*generation)) {
            // A core of the parent process's is left as it is: its threads are not here.
            std::mem::forget(before);
        }
        let (state, result) = match start() {
            Ok(core) => (State::Running { core: Arc::new(core), generation: lifetime::generation(), hooked }, Ok(())),
            Err(error) => (State::Idle, Err(error)),
        };
        *self.state() = state;
        self.started.notify_all();
        if result.is_ok() {
            lifetime::remember(self);
        }
        result
    }

    /// Returns what was before, which has ended.
    fn begin(&self, py: Python<'_>, cancel: Option<Arc<Cancel>>) -> PyResult<State<C>> {
        let mut state = self.state();
        match &*state {
            State::Starting { generation, .. } if is_own(*generation) => {
                return Err(bad_state(py, C::STARTING));
            }
            State::Running { core, generation, .. } if is_own(*generation) => {
                core.check_ended().map_err(|sentence| bad_state(py, sentence))?;
            }
            _ => {}
        }
        Ok(std::mem::replace(&mut *state, State::Starting { generation: lifetime::generation(), cancel }))
    }

    /// Ends a start() that is under way on another thread, or beneath the handler that calls this.
    pub(crate) fn call_off(&self) {
        if let State::Starting { cancel: Some(cancel), .. } = &*self.state() {
            cancel.cancel();
        }
    }

    /// The core's while it has not ended.
    pub(crate) fn core(&self, py: Python<'_>) -> PyResult<Option<Arc<C>>> {
        match &*self.state() {
            State::Running { core, generation, .. } => {
                lifetime::check(py, *generation).map(|()| Some(Arc::clone(core)))
            }
            _ => Ok(None),
        }
    }

    /// The same for who only looks at it, and whether it is this process's own and not its parent's.
    pub(crate) fn core_to_name(&self) -> Option<(Arc<C>, bool)> {
        match &*self.state() {
            State::Running { core, generation, .. } => Some((Arc::clone(core), is_own(*generation))),
            _ => None,
        }
    }

    /// The core's while it has not ended; an error if there was never one.
    pub(crate) fn core_or_past(&self, py: Python<'_>) -> PyResult<Option<Arc<C>>> {
        if matches!(*self.state(), State::Idle) {
            return Err(bad_state(py, C::NEVER_STARTED));
        }
        self.core(py)
    }

    /// The same; an error if it does not run.
    pub(crate) fn running(&self, py: Python<'_>) -> PyResult<Arc<C>> {
        self.core(py)?.ok_or_else(|| bad_state(py, C::NOT_RUNNING))
    }

    pub(crate) fn stats(&self, py: Python<'_>) -> PyResult<C::Stats> {
        if let State::Ended { stats, .. } = &*self.state() {
            return Ok(*stats);
        }
        Ok(self.core(py)?.map(|core| core.stats()).unwrap_or_default())
    }

    pub(crate) fn failure(&self) -> Option<Error> {
        match &*self.state() {
            State::Running { core, .. } => core.failure(),
            State::Ended { failure, .. } => failure.clone(),
            State::Idle | State::Starting { .. } => None,
        }
    }

    /// Notes that `core` has ended, unless another one has been started since.
    pub(crate) fn ended(&self, core: &Arc<C>) {
        let mut state = self.state();
        if matches!(&*state, State::Running { core: current, .. } if Arc::ptr_eq(current, core)) {
            *state = State::Ended { stats: core.stats(), failure: core.failure() };
        }
    }

    /// Ends it when its owner is gone.
    pub(crate) fn abandon(&self) {
        let state = std::mem::replace(&mut *self.state(), State::Idle);
        let State::Running { core, generation, .. } = state else { return };
        if is_own(generation) {
            lifetime::detached(move || C::abandon(core));
        } else {
            std::mem::forget(core);
        }
    }
}

impl<C: Core> Start for Run<C> {
    fn wait(&self) {
        let is_under_way =
            |state: &mut State<C>| matches!(state, State::Starting { generation, .. } if is_own(*generation));
        let mut state = self.state();
        if is_under_way(&mut state) {
            drop(self.started.wait_timeout_while(state, START, is_under_way).unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl<C: Core> Live for Run<C> {
    fn stopper(&self) -> Option<Box<dyn FnOnce(Duration) + Send>> {
        let State::Running { core, hooked: true, .. } = &*self.state() else { return None };
        let core = Arc::clone(core);
        Some(Box::new(move |patience| core.finish(patience)))
    }
}
