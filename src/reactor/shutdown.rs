//! How a host comes to its end: it is told to, or one of its threads fails.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use mio::{Poll, Waker};

use super::acceptor::Acceptor;
use super::commons::Commons;
use super::ending::Ending;
use super::inbox::Post;
use super::service::Service;
use super::shared::Shared;
use super::worker::Worker;
use crate::net::Listener;
use crate::sync::Mutex;
use crate::{Error, error};

/// How long peers may take to read what is queued for them when a host ends, unless said otherwise.
pub(crate) const DRAIN: Duration = Duration::from_secs(5);

/// No drain lasts longer.
const LONGEST_DRAIN: Duration = Duration::from_secs(3600);

/// What ends a host; every one of its threads has it.
pub(crate) struct Shutdown<S: Service> {
    commons: Arc<Commons<S::Call>>,
    shared: Arc<S::Shared>,
    /// The acceptor's, if there is one.
    listener: Weak<Listener>,
    stopping: AtomicBool,
    /// `None` when a worker accepts.
    acceptor_waker: Option<Waker>,
    /// By when the peers will be gone; `None` as long as it was not told to stop.
    deadline: Mutex<Option<Instant>>,
    /// Workers that have not ended.
    workers: AtomicUsize,
    pub(super) ending: Arc<Ending>,
}

impl<S: Service> Shutdown<S> {
    pub(super) fn new(
        commons: &Arc<Commons<S::Call>>,
        shared: &Arc<S::Shared>,
        listener: Option<&Arc<Listener>>,
        acceptor_waker: Option<Waker>,
    ) -> Shutdown<S> {
        Shutdown {
            commons: Arc::clone(commons),
            shared: Arc::clone(shared),
            listener: listener.map_or_else(Weak::new, Arc::downgrade),
            stopping: AtomicBool::new(false),
            acceptor_waker,
            deadline: Mutex::new(None),
            workers: AtomicUsize::new(commons.inboxes().len()),
            ending: Arc::new(Ending::new()),
        }
    }

    /// Begins to stop. Repeated, it does nothing but bring an earlier end about.
    pub(crate) fn close(&self, drain: Duration) {
        let at = self.commons.clock.now() + drain.min(LONGEST_DRAIN);
        // Held until all have been told, so that an earlier end is told last.
        let mut deadline = self.deadline.lock();
        if deadline.is_some_and(|before| before <= at) {
            return;
        }
        let is_first = deadline.replace(at).is_none();
        if is_first {
            self.close_doors();
        }
        for inbox in self.commons.inboxes() {
            inbox.post(Post::Stop(at));
            if is_first && !self.shared.finishes_itself() {
                inbox.post(Post::Finish);
            }
            inbox.wake();
        }
    }

    fn close_doors(&self) {
        self.shared.closing();
        self.stopping.store(true, Ordering::SeqCst);
        // At once, lest the last event or callback comes before the acceptor has got round to it.
        if let Some(listener) = self.listener.upgrade() {
            listener.close();
        }
        if let Some(waker) = &self.acceptor_waker {
            let _ = waker.wake();
        }
    }

    /// By when the peers will be gone; `None` as long as the host was not told to stop.
    pub(super) fn deadline(&self) -> Option<Instant> {
        *self.deadline.lock()
    }

    /// Whether the time is over in which the host was to stop.
    pub(crate) fn is_late(&self) -> bool {
        self.deadline().is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// What has to end for the host to have ended.
    pub(crate) fn ending(&self) -> &Arc<Ending> {
        &self.ending
    }

    pub(super) fn run_worker(&self, index: usize, worker: Worker<S>) {
        if let Err(failure) = error::caught(worker_name(self.commons.options.name, index), || worker.run()) {
            // Its connections went with it.
            self.commons.inboxes()[index].abandon();
            self.fail(failure);
            self.shared.lost_worker(index);
        }
        self.worker_ended();
    }

    /// One of them has no connections any more. The last one out says so.
    pub(super) fn worker_ended(&self) {
        if self.workers.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.commons.strangers.collect_all(&*self.shared);
            self.shared.ended();
        }
    }

    pub(super) fn run_acceptor(&self, acceptor: Acceptor<S>, poll: Poll) {
        let body = || acceptor.run(poll, &self.stopping);
        error::caught(ACCEPTOR_NAME, body).unwrap_or_else(|failure| self.fail(failure));
    }

    /// One of the host's threads has failed: nobody is to wait for what it does not do any more.
    pub(crate) fn fail(&self, failure: Error) {
        log::error!("{}: {}; the server ends", self.commons.address, failure.message());
        self.commons.failed(failure);
        self.close(DRAIN);
        self.commons.wake_all();
    }
}

pub(super) const ACCEPTOR_NAME: &str = "rustchat-accept";

pub(super) fn worker_name(name: &str, index: usize) -> String {
    format!("rustchat-{name}-{index}")
}
