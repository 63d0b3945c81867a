//! What servers have in common, whichever service is theirs: what their objects say and do of their running.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use rustchat::net::{Address, Deadline};
use rustchat::tls::{Certificate, Pin};

use crate::address;
use crate::error::{OrRaise, exception};
use crate::run::{self, Run};
use crate::time;
use crate::tls;
use crate::wait::blocking;

/// What is wrong with a start or a call of a server's; see [`run::Core`].
pub(crate) const STARTING: &str = "the server is being started by another thread";
pub(crate) const NEVER_STARTED: &str = "the server was not started";
pub(crate) const NOT_RUNNING: &str = "the server does not run: start() it";

/// A server of the core's.
pub(crate) trait Server: run::Core {
    fn address(&self) -> &Address;
    fn is_closed(&self) -> bool;
    fn join(&self, deadline: Deadline<'_>) -> rustchat::Result<()>;
    fn stop(&self, drain: Deadline<'_>) -> rustchat::Result<()>;
    fn pin(&self) -> rustchat::Result<Pin>;
    fn replace_certificate(&self, certificate: &Certificate) -> rustchat::Result<()>;
}

/// Says that a type of the core's is a server.
macro_rules! server {
    ($core:ty) => {
        impl $crate::serving::Server for $core {
            fn address(&self) -> &::rustchat::net::Address {
                self.address()
            }

            fn is_closed(&self) -> bool {
                self.is_closed()
            }

            fn join(&self, deadline: ::rustchat::net::Deadline<'_>) -> ::rustchat::Result<()> {
                self.join(deadline)
            }

            fn stop(&self, drain: ::rustchat::net::Deadline<'_>) -> ::rustchat::Result<()> {
                self.stop(drain)
            }

            fn pin(&self) -> ::rustchat::Result<::rustchat::tls::Pin> {
                self.pin()
            }

            fn replace_certificate(&self, certificate: &::rustchat::tls::Certificate) -> ::rustchat::Result<()> {
                self.replace_certificate(certificate)
            }
        }
    };
}
pub(crate) use server;

/// The same of one that calls no hooks: how it begins and ends, with its options, its numbers, and where the options say that
/// it listens.
macro_rules! hookless_server {
    ($core:ty, $options:ty, $stats:ty, $endpoint:expr) => {
        $crate::serving::server!($core);

        impl $crate::run::Core for $core {
            type Options = $options;
            type Stats = $stats;

            const STARTING: &'static str = $crate::serving::STARTING;
            const NEVER_STARTED: &'static str = $crate::serving::NEVER_STARTED;
            const NOT_RUNNING: &'static str = $crate::serving::NOT_RUNNING;

            fn endpoint(options: &$options) -> &::rustchat::net::Endpoint {
                let endpoint: fn(&$options) -> &::rustchat::net::Endpoint = $endpoint;
                endpoint(options)
            }

            fn check_ended(&self) -> Result<(), &'static str> {
                $crate::serving::check_ended(self)
            }

            fn stats(&self) -> $stats {
                self.stats()
            }

            fn failure(&self) -> Option<::rustchat::Error> {
                self.failure()
            }

            fn finish(&self, patience: ::std::time::Duration) {
                if let Err(error) = self.stop(patience) {
                    ::log::warn!("{}: {error}", self.address());
                }
            }

            fn abandon(core: ::std::sync::Arc<$core>) {
                $crate::run::Core::finish(&*core, $crate::serving::ABANDONED);
            }
        }
    };
}
pub(crate) use hookless_server;

/// How long a server that nobody holds any more may take to end.
pub(crate) const ABANDONED: Duration = Duration::from_secs(1);

/// Refuses another start of one that has not ended.
pub(crate) fn check_ended(core: &impl Server) -> Result<(), &'static str> {
    if !core.is_closed() {
        return Err("the server is running: stop() it before starting it again");
    }
    let now = Deadline::after(Duration::ZERO);
    core.join(now).map_err(|_| "the server is stopping: join() it before starting it again")
}

/// What stop() does where it may wait.
pub(crate) fn stop<C: Server>(run: &Run<C>, py: Python<'_>, patience: Duration) -> PyResult<()> {
    let Some(core) = run.core(py)? else { return Ok(()) };
    blocking(py, Some(patience), |deadline| core.stop(deadline))?;
    run.ended(&core);
    Ok(())
}

/// What join() does.
pub(crate) fn join<C: Server>(run: &Run<C>, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let patience = time::patience("timeout", timeout)?;
    if let Some(core) = run.core_or_past(py)? {
        blocking(py, patience, |deadline| core.join(deadline))?;
        run.ended(&core);
    }
    Ok(())
}

/// Where it listens; what `__init__` was told while it does not run, `None` before that.
pub(crate) fn address<'py, C: Server>(run: &Run<C>, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
    match run.core_to_name() {
        Some((core, _)) => address::to_python(py, core.address()).map(Some),
        None => run.endpoint().map(|endpoint| address::endpoint_to_python(py, &endpoint)).transpose(),
    }
}

/// Whether it serves.
pub(crate) fn is_running<C: Server>(run: &Run<C>, py: Python<'_>) -> PyResult<bool> {
    Ok(run.core(py)?.is_some_and(|core| !core.is_closed()))
}

/// The fingerprint of the public key that clients are shown; `None` without TLS, and while it does not run.
pub(crate) fn pin<C: Server>(run: &Run<C>, py: Python<'_>) -> PyResult<Option<String>> {
    let Some(core) = run.core(py)? else { return Ok(None) };
    Ok(py.detach(|| core.pin()).ok().map(|pin| pin.to_string()))
}

/// Has those who come from here on get another certificate.
pub(crate) fn replace_certificate<C: Server>(
    run: &Run<C>,
    cert: &Bound<'_, PyAny>,
    key: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let (py, certificate) = (cert.py(), tls::certificate(cert, key)?);
    let core = run.running(py)?;
    py.detach(|| core.replace_certificate(&certificate)).or_raise(py)
}

/// Why it has ended of its own accord, as an exception.
pub(crate) fn failure<'py, C: Server>(run: &Run<C>, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
    run.failure().map(|failure| exception(py, &failure).into_value(py).into_bound(py).into_any())
}

/// Numbers by name.
pub(crate) fn numbers<'py, const N: usize>(
    py: Python<'py>,
    all: [(&'static str, u64); N],
) -> PyResult<Bound<'py, PyDict>> {
    let numbers = PyDict::new(py);
    all.into_iter().try_for_each(|(name, number)| numbers.set_item(name, number))?;
    Ok(numbers)
}

/// How `repr()` shows the object of a server.
pub(crate) fn shown<C: Server>(run: &Run<C>, object: &Bound<'_, PyAny>) -> PyResult<String> {
    let name = object.get_type().name()?;
    Ok(match run.core_to_name() {
        Some((core, true)) if !core.is_closed() => format!("<{name} on {}>", core.address()),
        Some((core, _)) => format!("<{name} stopping on {}>", core.address()),
        None => format!("<{name} stopped>"),
    })
}
