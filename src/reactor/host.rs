//! The threads of a server, from their start to their end.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use crossbeam_channel::Receiver;
use mio::{Poll, Waker};

use super::acceptor::Acceptor;
use super::clock::Clock;
use super::commons::Commons;
use super::crowd::Crowd;
use super::ending::Ending;
use super::hand::Hand;
use super::histogram::Gauge;
use super::inbox::{Inbox, Post};
use super::options::HostOptions;
use super::revocation;
use super::service::Service;
use super::shutdown::{ACCEPTOR_NAME, DRAIN, Shutdown, worker_name};
use super::worker::{WAKER, Worker};
use crate::auth::Watcher;
use crate::net::{Address, Deadline, Listener, Threads};
use crate::sync::Mutex;
use crate::{Error, Result, Status, exposure};

const WAITING: &str = "waiting for the server to stop";

/// How long to leave workers that are woken alone before looking at them again.
const PROBING: Duration = Duration::from_millis(1);

/// What one thread does.
pub(crate) type Body = (String, Box<dyn FnOnce() + Send>);

/// A place that is listened at, before anybody is served there. The kernel already queues who connects.
pub(crate) struct Berth<C> {
    /// `None` where nobody connects.
    listener: Option<Arc<Listener>>,
    commons: Arc<Commons<C>>,
    workers: Vec<(Poll, Receiver<Post<C>>)>,
}

/// A running server. Dropped, it is stopped.
pub(crate) struct Host<S: Service> {
    owner: Threads,
    commons: Arc<Commons<S::Call>>,
    shutdown: Arc<Shutdown<S>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Held for its drop: until then the workers are told of keys that count no more.
    _watcher: Option<Arc<Watcher>>,
}

impl<C: Send + 'static> Berth<C> {
    /// Binds and listens.
    pub(crate) fn new(options: HostOptions) -> Result<Berth<C>> {
        let listener = Listener::bind(&options.endpoint, &options.listening)?;
        Berth::at(Some(listener), options)
    }

    /// For a host without threads, whose time begins then and is moved by hand. Nobody listens there.
    pub(crate) fn by_hand(options: HostOptions, address: Address, begins: SystemTime) -> Result<Berth<C>> {
        Berth::make(None, address, Clock::standing(begins), HostOptions { workers: 1, ..options })
    }

    /// The same with a listener that is there already, or with none: a service whose host has no door deals with what it is
    /// called for, and watches.
    pub(crate) fn at(listener: Option<Listener>, options: HostOptions) -> Result<Berth<C>> {
        let address = listener.as_ref().map_or(Address::Unix(PathBuf::new()), |listener| listener.address().clone());
        Berth::make(listener, address, Clock::default(), options)
    }

    fn make(listener: Option<Listener>, address: Address, clock: Clock, options: HostOptions) -> Result<Berth<C>> {
        let (mut inboxes, mut workers) = (Vec::new(), Vec::new());
        let newcomers = options.handshake_limit.div_ceil(options.workers);
        for _ in 0..options.workers {
            let poll = Poll::new()?;
            let (inbox, receiver) =
                Inbox::new(Waker::new(poll.registry(), WAKER)?, options.rules.outbox_limit, Crowd::new(newcomers));
            workers.push((poll, receiver));
            inboxes.push(inbox);
        }
        let listener = listener.map(Arc::new);
        Ok(Berth { listener, commons: Arc::new(Commons::new(options, address, clock, inboxes)), workers })
    }

    /// What the threads will share.
    pub(crate) fn commons(&self) -> &Arc<Commons<C>> {
        &self.commons
    }

    /// Has it served by hand, with one service and nothing else.
    pub(crate) fn serve_by_hand<S: Service<Call = C>>(
        self,
        shared: &Arc<S::Shared>,
        service: S,
    ) -> Result<(Host<S>, Hand<S>)> {
        let Berth { commons, mut workers, .. } = self;
        let (poll, inbox) = workers.remove(0);
        let shutdown = Arc::new(Shutdown::new(&commons, shared, None, None));
        let worker = Worker::new(0, poll, &commons, shared, inbox, service)?;
        let hand = Hand::new(worker, &commons, shared, &shutdown);
        let watcher = watcher(&commons);
        Ok((Host { owner: Threads::EVERY, commons, shutdown, threads: Mutex::default(), _watcher: watcher }, hand))
    }

    /// Starts the threads: a service for each worker, and what else the server has.
    pub(crate) fn start<S: Service<Call = C>>(
        self,
        shared: &Arc<S::Shared>,
        mut service: impl FnMut(usize) -> S,
        others: impl FnOnce(&Arc<Shutdown<S>>) -> Vec<Body>,
    ) -> Result<Host<S>> {
        let Berth { listener, commons, workers } = self;
        let own_poll = (commons.options.acceptor && listener.is_some()).then(Poll::new).transpose()?;
        let registry = own_poll.as_ref().unwrap_or(&workers[0].0).registry().try_clone()?;
        let waker = own_poll.as_ref().map(|poll| Waker::new(poll.registry(), WAKER)).transpose()?;
        let mut acceptor =
            listener.as_ref().map(|listener| Acceptor::new(listener, registry, &commons, shared)).transpose()?;
        let shutdown = Arc::new(Shutdown::new(&commons, shared, listener.as_ref(), waker));
        let mut bodies: Vec<Body> = Vec::new();
        for (index, (poll, inbox)) in workers.into_iter().enumerate() {
            let mut worker = Worker::new(index, poll, &commons, shared, inbox, service(index))?;
            if own_poll.is_none()
                && let Some(acceptor) = acceptor.take()
            {
                worker = worker.with_acceptor(acceptor);
            }
            let ends = Arc::clone(&shutdown);
            let name = worker_name(commons.options.name, index);
            bodies.push((name, Box::new(move || ends.run_worker(index, worker))));
        }
        bodies.extend(others(&shutdown));
        if let (Some(acceptor), Some(poll)) = (acceptor, own_poll) {
            let ends = Arc::clone(&shutdown);
            bodies.push((ACCEPTOR_NAME.into(), Box::new(move || ends.run_acceptor(acceptor, poll))));
        }
        // Before anybody can prove a key.
        let watcher = watcher(&commons);
        let host = Host { owner: Threads::new(), commons, shutdown, threads: Mutex::default(), _watcher: watcher };
        host.spawn(bodies)?;
        let Commons { address, options, .. } = &*host.commons;
        exposure::warn_of_weak_keys(address, options.auth.as_ref());
        if options.auth.is_some() && options.tls.is_none() {
            exposure::advise_tls(address);
        }
        Ok(host)
    }
}

/// Has the workers told of keys that count no more.
fn watcher<C: Send + 'static>(commons: &Arc<Commons<C>>) -> Option<Arc<Watcher>> {
    commons.options.auth.as_ref().map(|auth| revocation::watch(auth.keys(), commons))
}

impl<S: Service> Host<S> {
    fn spawn(&self, bodies: Vec<Body>) -> Result<()> {
        let running = Arc::new(AtomicUsize::new(bodies.len()));
        // All made before the first thread starts, so that one that cannot start counts as ended.
        let leaving = bodies
            .iter()
            .map(|_| Leaving { running: Arc::clone(&running), ending: Arc::clone(self.shutdown.ending()) })
            .collect::<Vec<_>>();
        for ((name, body), last) in bodies.into_iter().zip(leaving) {
            let thread = self.owner.spawn(&name, move || {
                let _last = last;
                body();
            })?;
            self.threads.lock().push(thread);
        }
        Ok(())
    }

    pub(crate) fn commons(&self) -> &Arc<Commons<S::Call>> {
        &self.commons
    }

    /// Whether it stops or has stopped.
    pub(crate) fn is_closed(&self) -> bool {
        self.shutdown.deadline().is_some()
    }

    /// Whether the calling thread is one of this host's.
    pub(crate) fn is_current(&self) -> bool {
        self.owner.is_current()
    }

    /// Waits until every worker has ended a turn since this call, for which each is woken. `TimedOut` names the ones that have not.
    pub(crate) fn probe(&self, deadline: &Deadline<'_>) -> Result<()> {
        self.owner.check_wait()?;
        let counts = || self.commons.gauges().iter().map(Gauge::turns).collect::<Vec<_>>();
        let before = counts();
        loop {
            // Again and again, since one that was about to fall asleep may have missed it.
            self.commons.wake_all();
            let now = counts();
            let hanging: Vec<_> = (0..now.len()).filter(|index| now[*index] == before[*index]).collect();
            if hanging.is_empty() || self.is_closed() {
                return Ok(());
            }
            if deadline.has_passed() {
                let names: Vec<_> =
                    hanging.iter().map(|index| worker_name(self.commons.options.name, *index)).collect();
                return Err(Error::new(Status::TimedOut, format!("{} does not come to an end", names.join(", "))));
            }
            deadline.interrupted()?;
            std::thread::sleep(PROBING);
        }
    }

    /// Begins to stop, with so much time for what is queued. Never waits; of several calls the one whose end comes first
    /// counts.
    pub(crate) fn close_within(&self, drain: Duration) {
        self.shutdown.close(drain);
    }

    /// Waits until the host has stopped. `WouldDeadlock` on its own threads.
    pub(crate) fn join(&self, deadline: &Deadline<'_>) -> Result<()> {
        self.check_wait()?;
        self.shutdown.ending().wait(deadline, WAITING)?;
        self.reap();
        Ok(())
    }

    /// Closes with `drain` for the peers' reading, then waits for the end, which comes a moment after that at the latest.
    /// `TimedOut` when a call of the embedder's does not return.
    pub(crate) fn stop(&self, drain: Deadline<'_>) -> Result<()> {
        self.close_within(drain.remaining().unwrap_or(Duration::MAX));
        self.check_wait()?;
        self.shutdown.ending().wait_beyond(drain, WAITING)?;
        self.reap();
        Ok(())
    }

    /// Refuses a wait for what the caller itself would have to do.
    fn check_wait(&self) -> Result<()> {
        if self.shutdown.ending().is_reached() { Ok(()) } else { self.owner.check_wait() }
    }

    /// Takes the threads back, which have ended or are about to without waiting for anything.
    fn reap(&self) {
        for thread in self.threads.lock().drain(..) {
            // What has failed in it is the host's failure.
            let _ = thread.join();
        }
    }
}

impl<S: Service> Drop for Host<S> {
    fn drop(&mut self) {
        self.shutdown.close(DRAIN);
        if !self.owner.is_current() {
            let drain = Deadline::never().until(self.shutdown.deadline());
            let _ = self.shutdown.ending().wait_beyond(drain, WAITING).map(|()| self.reap());
        }
    }
}

/// Held by each thread; the last one to drop it ends the host.
struct Leaving {
    running: Arc<AtomicUsize>,
    ending: Arc<Ending>,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if self.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.ending.reach();
        }
    }
}
