//! How one client's connection begins and ends.

use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;
use rustchat::chat::{ChatClient as Core, ClientOptions, ClientStats};
use rustchat::net::{Cancel, Endpoint};

use super::ChatClient;
use super::hooks::Hooks;
use crate::error::OrRaise;
use crate::introduction::Introduction;
use crate::run;
use crate::wait::blocking;

impl run::Core for Core {
    type Options = ClientOptions;
    type Stats = ClientStats;

    const STARTING: &'static str = "the client is being started by another thread";
    const NEVER_STARTED: &'static str = "the client was not started";
    const NOT_RUNNING: &'static str = "the client is not connected: start() it";

    fn endpoint(options: &ClientOptions) -> &Endpoint {
        &options.endpoint
    }

    fn check_ended(&self) -> Result<(), &'static str> {
        self.join(Duration::ZERO).map_err(|_| "the client is connected: stop() it before starting it again")
    }

    fn stats(&self) -> ClientStats {
        self.stats()
    }

    fn finish(&self, patience: Duration) {
        self.close();
        let _ = self.join(patience);
    }

    fn abandon(core: Arc<Core>) {
        drop(core);
    }
}

pub(super) fn start_over(client: &Bound<'_, ChatClient>, introduction: &Bound<'_, Introduction>) -> PyResult<()> {
    let (py, run) = (client.py(), &client.get().run);
    let options = run.options(py)?;
    run.start(py, None, false, || {
        let connection = introduction.get().core(py)?;
        py.detach(|| Core::over(connection, &options)).or_raise(py)
    })
}

pub(super) fn start(client: &Bound<'_, ChatClient>) -> PyResult<()> {
    let (py, run) = (client.py(), &client.get().run);
    let options = run.options(py)?;
    let hooks = Hooks::of(client)?;
    let cancel = Arc::new(Cancel::new().or_raise(py)?);
    // Without hooks no thread of the client's calls anything: a daemon thread that waits in recv() may go on waiting.
    run.start(py, Some(Arc::clone(&cancel)), hooks.is_some(), || {
        blocking(py, None, |deadline| {
            let deadline = deadline.with_cancel(&cancel);
            match hooks {
                Some(hooks) => Core::connect_with(&options, deadline, move |event| hooks.event(event)),
                None => Core::connect(&options, deadline),
            }
        })
    })
}
