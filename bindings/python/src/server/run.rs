//! How one server's running begins and ends.

use std::sync::Arc;
use std::time::Duration;

use pyo3::intern;
use pyo3::prelude::*;
use rustchat::chat::{ChatServer as Core, Events, ServerOptions, ServerStats};
use rustchat::net::{Deadline, Endpoint};
use rustchat::{Error, Status};

use super::ChatServer;
use super::hooks::Hooks;
use crate::error::{OrRaise, invalid};
use crate::run;

/// How long the hooks of a server that nobody holds any more may still take when its members are gone.
const LAST_HOOKS: Duration = Duration::from_secs(2);

impl run::Core for Core {
    type Options = ServerOptions;
    type Stats = ServerStats;

    const STARTING: &'static str = "the server is being started by another thread";
    const NEVER_STARTED: &'static str = "the server was not started";
    const NOT_RUNNING: &'static str = "the server does not run: start() it";

    fn endpoint(options: &ServerOptions) -> &Endpoint {
        &options.endpoint
    }

    fn check_ended(&self) -> Result<(), &'static str> {
        if !self.is_closed() {
            return Err("the server is running: stop() it before starting it again");
        }
        self.join(Duration::ZERO).map_err(|_| "the server is stopping: join() it before starting it again")
    }

    fn stats(&self) -> ServerStats {
        self.stats()
    }

    fn failure(&self) -> Option<Error> {
        self.failure()
    }

    /// On its own threads it only begins to end.
    fn finish(&self, patience: Duration) {
        self.close_within(patience);
        if let Err(error) = self.join(Deadline::after(patience + LAST_HOOKS))
            && error.status() != Status::WouldDeadlock
        {
            ::log::warn!("{}: {error}", self.address());
        }
    }

    fn abandon(core: Arc<Core>) {
        run::Core::finish(&*core, Duration::from_secs(1));
    }
}

pub(super) fn start(server: &Bound<'_, ChatServer>) -> PyResult<()> {
    let (py, run) = (server.py(), &server.get().run);
    let mut options = run.options(py)?;
    options.time_zone = time_zone(py)?;
    let hooks = Hooks::of(server)?;
    if let Some(hooks) = &hooks {
        options = hooks.wanted(options);
    }
    let told = options.events != Events::None;
    run.start(py, None, true, || {
        server.get().clients.begin(told);
        let started = py.detach(|| match hooks {
            Some(hooks) => Core::start_with(options, hooks),
            None => Core::start(options),
        });
        started.or_raise(py)
    })
}

/// Starts one whose events are polled: those of `wanted`.
pub(super) fn start_polled(server: &Bound<'_, ChatServer>, wanted: &[String]) -> PyResult<()> {
    let (py, run) = (server.py(), &server.get().run);
    let mut options = run.options(py)?;
    options.time_zone = time_zone(py)?;
    for each in wanted {
        match each.as_str() {
            "membership" if options.events == Events::None => options.events = Events::Membership,
            "membership" => {}
            "messages" => options.events = Events::Said,
            "filter" => options.filter = true,
            "authorize" => options.authorize = true,
            _ => {
                let known = "\"membership\", \"messages\", \"filter\" and \"authorize\"";
                return Err(invalid(py, format!("poll has {each:?}, expected some of {known}")));
            }
        }
    }
    if options.events == Events::None && !options.filter && !options.authorize {
        return Err(invalid(py, "poll is empty, expected what is to come".into()));
    }
    let told = options.events != Events::None;
    run.start(py, None, true, || {
        server.get().clients.begin(told);
        py.detach(|| Core::start(options)).or_raise(py)
    })
}

/// What the program has in `TZ`, as Python knows it: the C library's own list may change while it is read.
fn time_zone(py: Python<'_>) -> PyResult<Option<String>> {
    let environment = py.import(intern!(py, "os"))?.getattr(intern!(py, "environ"))?;
    // What is no text is no zone.
    Ok(environment.call_method1(intern!(py, "get"), ("TZ",))?.extract().unwrap_or_default())
}
