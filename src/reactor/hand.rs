//! A host without threads, sockets that listen, or a clock: whoever has it serves, by calling it, and moves its time.

use std::sync::Arc;
use std::time::Duration;

use mio::Events;

use super::admission::Admission;
use super::commons::Commons;
use super::service::Service;
use super::shutdown::Shutdown;
use super::worker::Worker;
use crate::net::Stream;
use crate::{Error, Result, Status};

const EVENTS_PER_TURN: usize = 64;

/// What serves a host by hand; dropped, the host has ended. Everything happens in its calls, and nothing between them.
pub(crate) struct Hand<S: Service> {
    /// `None` once the host has ended.
    worker: Option<Worker<S>>,
    events: Events,
    admission: Arc<Admission>,
    commons: Arc<Commons<S::Call>>,
    shared: Arc<S::Shared>,
    shutdown: Arc<Shutdown<S>>,
}

impl<S: Service> Hand<S> {
    pub(super) fn new(
        worker: Worker<S>,
        commons: &Arc<Commons<S::Call>>,
        shared: &Arc<S::Shared>,
        shutdown: &Arc<Shutdown<S>>,
    ) -> Hand<S> {
        Hand {
            worker: Some(worker),
            events: Events::with_capacity(EVENTS_PER_TURN),
            admission: Admission::new(commons.options.limit, commons.options.per_ip),
            commons: Arc::clone(commons),
            shared: Arc::clone(shared),
            shutdown: Arc::clone(shutdown),
        }
    }

    /// Somebody connects, as to a listener.
    ///
    /// # Errors
    /// `ConnectionRefused` once the host stops.
    pub(crate) fn connect(&mut self, stream: Stream) -> Result<()> {
        if self.worker.is_none() || self.shutdown.deadline().is_some() {
            return Err(Error::new(Status::ConnectionRefused, "the server stops, or has stopped"));
        }
        self.commons.totals.accepted.add(1);
        match self.admission.admit(stream.peer()) {
            Ok(permit) => self.commons.let_in(0, stream, permit),
            Err(reason) => {
                self.commons.turn_away(&*self.shared, &stream, reason, self.commons.clock.now());
            }
        }
        self.settle();
        Ok(())
    }

    /// Serves until there is nothing to do at this time; whether there was anything.
    pub(crate) fn settle(&mut self) -> bool {
        let mut has_served = false;
        while let Some(worker) = &mut self.worker {
            if worker.is_done() {
                self.end();
            } else if !worker.serve_now(&mut self.events) {
                break;
            }
            has_served = true;
        }
        has_served
    }

    /// Lets time pass until it brings something, `most` at most, and serves; returns how much has passed.
    pub(crate) fn pass(&mut self, most: Duration) -> Duration {
        let due = self.worker.as_ref().and_then(Worker::until_next_alarm);
        // What is due now was done, unless it waits for something else than time.
        let time = due.map_or(most, |due| due.max(Duration::from_nanos(1)).min(most));
        self.commons.clock.pass(time);
        self.settle();
        time
    }

    /// How much time has passed since the start.
    pub(crate) fn passed(&self) -> Duration {
        self.commons.clock.passed()
    }

    /// Whether the host has stopped, with every connection gone.
    pub(crate) fn has_ended(&self) -> bool {
        self.worker.is_none()
    }

    fn end(&mut self) {
        if let Some(mut worker) = self.worker.take() {
            worker.end();
            self.shutdown.worker_ended();
            self.shutdown.ending().reach();
        }
    }
}

impl<S: Service> Drop for Hand<S> {
    fn drop(&mut self) {
        if self.worker.is_some() {
            self.shutdown.close(Duration::ZERO);
            self.settle();
            self.end();
        }
    }
}
