//! How one server's running begins and ends.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use pyo3::exceptions::PyAttributeError;
use pyo3::intern;
use pyo3::prelude::*;
use rustchat::chat::{ChatServer as Core, Events, ServerOptions, ServerStats};
use rustchat::net::{Deadline, Endpoint, Listener};
use rustchat::testing::World;
use rustchat::{Error, Status};

use super::ChatServer;
use super::hooks::Hooks;
use crate::arguments::wrong_kind;
use crate::error::{OrRaise, bad_state, invalid};
use crate::run;
use crate::serving;

/// How long the hooks of a server that nobody holds any more may still take when its members are gone.
const LAST_HOOKS: Duration = Duration::from_secs(2);

serving::server!(Core);

impl run::Core for Core {
    type Options = ServerOptions;
    type Stats = ServerStats;

    const STARTING: &'static str = serving::STARTING;
    const NEVER_STARTED: &'static str = serving::NEVER_STARTED;
    const NOT_RUNNING: &'static str = serving::NOT_RUNNING;

    fn endpoint(options: &ServerOptions) -> &Endpoint {
        &options.endpoint
    }

    fn check_ended(&self) -> Result<(), &'static str> {
        serving::check_ended(self)
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
        run::Core::finish(&*core, serving::ABANDONED);
    }
}

/// Where a server is to listen this time, other than it was told: at a socket that is there, or somewhere else.
pub(super) struct Place {
    pub(super) listener: Option<Listener>,
    pub(super) address: Option<Endpoint>,
}

/// A listening socket that was handed over: an object with `fileno()`, or a descriptor.
pub(super) fn adopt(listener: &Bound<'_, PyAny>) -> PyResult<Listener> {
    let py = listener.py();
    let number = match listener.call_method0(intern!(py, "fileno")) {
        Ok(number) => number,
        Err(error) if error.is_instance_of::<PyAttributeError>(py) => listener.clone(),
        Err(error) => return Err(error),
    };
    let number =
        number.extract().map_err(|_| wrong_kind("listener", "an object with fileno(), or a descriptor", listener))?;
    Listener::adopt(number).map_err(|error| error.context("listener")).or_raise(py)
}

pub(super) fn start(server: &Bound<'_, ChatServer>, place: Place) -> PyResult<()> {
    let (py, run) = (server.py(), &server.get().run);
    let mut options = options(server, place.address)?;
    let hooks = Hooks::of(server)?;
    if let Some(hooks) = &hooks {
        options = hooks.wanted(options);
    }
    let told = options.events != Events::None;
    run.start(py, None, true, || {
        server.get().clients.begin(told);
        let started = py.detach(|| match (hooks, place.listener) {
            (Some(hooks), Some(listener)) => Core::start_at(listener, options, Some(Box::new(hooks))),
            (None, Some(listener)) => Core::start_at(listener, options, None),
            (Some(hooks), None) => Core::start_with(options, hooks),
            (None, None) => Core::start(options),
        });
        started.or_raise(py)
    })
}

/// Starts one whose events are polled: those of `wanted`.
pub(super) fn start_polled(server: &Bound<'_, ChatServer>, wanted: &[String], place: Place) -> PyResult<()> {
    let (py, options) = (server.py(), polled(server, wanted, place.address)?);
    server.get().run.start(py, None, true, || {
        let started = py.detach(|| match place.listener {
            Some(listener) => Core::start_at(listener, options, None),
            None => Core::start(options),
        });
        started.or_raise(py)
    })
}

/// The same of one that is served by hand, from that time of day on.
pub(crate) fn start_by_hand(server: &Bound<'_, ChatServer>, wanted: &[String], begins: SystemTime) -> PyResult<World> {
    let (py, options) = (server.py(), polled(server, wanted, None)?);
    let mut world = None;
    server.get().run.start(py, None, false, || {
        let made = py.detach(|| World::start(options, begins)).or_raise(py)?;
        Ok(world.insert(made).server().clone())
    })?;
    world.ok_or_else(|| bad_state(py, "the server was not started"))
}

/// What it was told, with another address to listen at if there is one.
fn options(server: &Bound<'_, ChatServer>, address: Option<Endpoint>) -> PyResult<ServerOptions> {
    let py = server.py();
    let mut options = server.get().run.options(py)?;
    options.time_zone = time_zone(py)?;
    if let Some(address) = address {
        options.endpoint = address;
    }
    Ok(options)
}

fn polled(server: &Bound<'_, ChatServer>, wanted: &[String], address: Option<Endpoint>) -> PyResult<ServerOptions> {
    let (py, mut options) = (server.py(), options(server, address)?);
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
    Ok(options)
}

/// What the program has in `TZ`, as Python knows it: the C library's own list may change while it is read.
fn time_zone(py: Python<'_>) -> PyResult<Option<String>> {
    let environment = py.import(intern!(py, "os"))?.getattr(intern!(py, "environ"))?;
    // What is no text is no zone.
    Ok(environment.call_method1(intern!(py, "get"), ("TZ",))?.extract().unwrap_or_default())
}
