//! The chat server as its embedder sees it.

use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use mio::{Poll, Waker};

use super::acceptor::Acceptor;
use super::dispatcher::Dispatcher;
use super::ending::Ending;
use super::event::{Event, Handler, LeaveReason};
use super::events::TakenEvents;
use super::inbox::Inbox;
use super::member::{Member, MemberId};
use super::options::{Events, ServerOptions};
use super::passed;
use super::room::Room;
use super::shutdown::Shutdown;
use super::stats::ServerStats;
use super::wire::Wire;
use super::worker::{Reading, WAKER, Worker};
use crate::net::{Address, Deadline, ListenOptions, Listener, Service};
use crate::sync::Mutex;
use crate::{Error, Result, Status, exposure};

/// How long members may take to read what is queued for them when the server stops, unless said otherwise.
pub const DRAIN: Duration = Duration::from_secs(5);

/// What the kernel may keep for a member before its outbox does: the kernel's own limit is megabytes, for each one.
const UNSENT_LIMIT: u32 = 128 * 1024;

/// What became of something that was sent to several members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// Members for whom it is on its way. Whoever turns out too slow for it is disconnected, and reported as such.
    pub queued: u64,
}

/// A running chat server.
///
/// Clones are handles of the same server; all methods may be called from any thread. When the last handle goes,
/// the server is stopped.
#[derive(Clone)]
pub struct ChatServer {
    owner: Arc<Owner>,
}

const WAITING: &str = "waiting for the server to stop";

struct Owner {
    service: Service,
    room: Arc<Room>,
    address: Address,
    polled: bool,
    shutdown: Arc<Shutdown>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl ChatServer {
    /// Starts a server whose events, if any are wanted, are taken with [`ChatServer::poll`].
    pub fn start(options: ServerOptions) -> Result<ChatServer> {
        if options.filter || options.authorize {
            return Err(Error::new(Status::InvalidArgument, "filter and authorize ask a handler: use start_with"));
        }
        ChatServer::launch(options, None)
    }

    /// Starts a server that calls `handler` on its dispatcher thread.
    pub fn start_with(options: ServerOptions, handler: impl Handler + 'static) -> Result<ChatServer> {
        ChatServer::launch(options, Some(Box::new(handler)))
    }

    fn launch(options: ServerOptions, handler: Option<Box<dyn Handler>>) -> Result<ChatServer> {
        options.check()?;
        let options = options.bounded();
        let (backlog, mode, group) = (options.backlog, options.mode, options.group.clone());
        let unsent_limit = Some(UNSENT_LIMIT);
        let listening = ListenOptions { backlog, mode, group, unsent_limit, ..ListenOptions::default() };
        let listener = Arc::new(Listener::bind(&options.endpoint, &listening)?);
        let address = listener.address().clone();
        let workers = options.worker_count();
        let mut polls = Vec::new();
        let (mut inboxes, mut receivers) = (Vec::new(), Vec::new());
        for _ in 0..workers {
            let poll = Poll::new()?;
            let (inbox, receiver) = Inbox::new(Waker::new(poll.registry(), WAKER)?);
            polls.push(poll);
            inboxes.push(inbox);
            receivers.push(receiver);
        }
        let polled = handler.is_none() && options.events != Events::None;
        let wire = Wire { framing: options.framing, epoch: new_epoch()?, label: address.label() };
        let room = Arc::new(Room::new(options, wire, inboxes));
        let stopping = Arc::new(AtomicBool::new(false));
        let accept_poll = Poll::new()?;
        let acceptor_waker = Waker::new(accept_poll.registry(), WAKER)?;
        let acceptor = Acceptor::new(Arc::clone(&listener), accept_poll, Arc::clone(&room), Arc::clone(&stopping))?;
        room.events.push(Event::Listening(address.clone()));
        let shutdown = Arc::new(Shutdown::new(&room, &listener, &stopping, acceptor_waker));
        let still_reading = Arc::new(AtomicUsize::new(workers));
        let mut bodies: Vec<(String, Box<dyn FnOnce() + Send>)> = Vec::new();
        for (index, (poll, receiver)) in polls.into_iter().zip(receivers).enumerate() {
            let reading = Reading::new(&room, &still_reading);
            let worker = Worker::new(index, poll, Arc::clone(&room), receiver, reading);
            let ends = Arc::clone(&shutdown);
            bodies.push((Shutdown::worker_name(index), Box::new(move || ends.run_worker(index, worker))));
        }
        if let Some(handler) = handler {
            let dispatcher = Dispatcher::new(Arc::clone(&room), handler, Arc::clone(&shutdown.ending));
            let ends = Arc::clone(&shutdown);
            bodies.push((Shutdown::DISPATCHER_NAME.into(), Box::new(move || ends.run_dispatcher(dispatcher))));
        }
        let ends = Arc::clone(&shutdown);
        bodies.push((Shutdown::ACCEPTOR_NAME.into(), Box::new(move || ends.run_acceptor(acceptor))));
        let owner = Owner { service: Service::new(), room, address, polled, shutdown, threads: Mutex::default() };
        owner.spawn(bodies)?;
        log::info!("listening on {}", owner.address);
        exposure::warn_of_weak_keys(&owner.address, owner.room.options.auth.as_ref());
        Ok(ChatServer { owner: Arc::new(owner) })
    }

    /// The address it listens on, with the port the system chose.
    pub fn address(&self) -> &Address {
        &self.owner.address
    }

    /// The options it was started with.
    pub fn options(&self) -> &ServerOptions {
        &self.owner.room.options
    }

    /// Says `text` to every member, numbered and in order with what members say.
    ///
    /// Waits up to [`ServerOptions::send_timeout`] while what was said before is under way, or a member that reads is
    /// behind by half of its outbox; then the error is `Overflow`, and nothing was said. Never waits on the server's own
    /// threads, as in a handler: `Overflow` comes at once.
    ///
    /// In a handler it comes after whatever the filter has let pass before. `Closed` when the server stops, also for who
    /// waits; in its handler it then goes nowhere, which is no error.
    pub fn broadcast(&self, text: &str) -> Result<Delivery> {
        self.broadcast_except(text, 0)
    }

    /// Says `text` to every member but one; 0 excepts nobody.
    pub fn broadcast_except(&self, text: &str, except: MemberId) -> Result<Delivery> {
        self.broadcast_patiently(text, except, || self.patience())
    }

    /// The same with a deadline of the caller's instead of the option's.
    pub fn broadcast_within<'a>(
        &self,
        text: &str,
        except: MemberId,
        deadline: impl Into<Deadline<'a>>,
    ) -> Result<Delivery> {
        self.broadcast_patiently(text, except, || deadline.into())
    }

    fn broadcast_patiently<'a>(
        &self,
        text: &str,
        except: MemberId,
        patience: impl FnOnce() -> Deadline<'a>,
    ) -> Result<Delivery> {
        self.owner.room.check_text(text)?;
        self.settle();
        match self.owner.room.broadcast(text, except, || self.unless_own_thread(patience)) {
            Err(error) if error.status() == Status::Closed && self.speaks_into_the_void() => Ok(Delivery::default()),
            result => result,
        }
    }

    /// Says `text` to one member, outside the room's numbering. Waits as [`ChatServer::broadcast`] does, but for that
    /// member alone. In a handler it comes after whatever the filter has let pass before.
    ///
    /// `NoSuchPeer` when it is gone or sent away; in a handler of a server that stops it then goes nowhere.
    pub fn send(&self, member: MemberId, text: &str) -> Result<()> {
        self.send_patiently(member, text, || self.patience())
    }

    /// The same with a deadline of the caller's instead of the option's.
    pub fn send_within<'a>(&self, member: MemberId, text: &str, deadline: impl Into<Deadline<'a>>) -> Result<()> {
        self.send_patiently(member, text, || deadline.into())
    }

    fn send_patiently<'a>(&self, member: MemberId, text: &str, patience: impl FnOnce() -> Deadline<'a>) -> Result<()> {
        self.owner.room.check_text(text)?;
        self.settle();
        self.unless_void(self.owner.room.send(member, text, || self.unless_own_thread(patience)))
    }

    fn patience(&self) -> Deadline<'static> {
        Deadline::after(self.owner.room.options.send_timeout)
    }

    /// What is waited for may be the doing of the very thread that would wait.
    fn unless_own_thread<'a>(&self, patience: impl FnOnce() -> Deadline<'a>) -> Deadline<'a> {
        if self.owner.service.is_current() { Deadline::after(Duration::ZERO) } else { patience() }
    }

    /// What a handler says comes after what it has let pass.
    fn settle(&self) {
        // On the thread of another server there may be what belongs to that one's room.
        if self.owner.service.is_current() {
            passed::publish(&self.owner.room);
        }
    }

    /// Whether a handler calls while the server stops: it cannot know that nobody is there to hear, and needs no error.
    fn speaks_into_the_void(&self) -> bool {
        self.owner.service.is_current() && self.is_closed()
    }

    fn unless_void(&self, result: Result<()>) -> Result<()> {
        match result {
            Err(error)
                if matches!(error.status(), Status::NoSuchPeer | Status::Closed) && self.speaks_into_the_void() =>
            {
                Ok(())
            }
            result => result,
        }
    }

    /// Disconnects a member, which is told so. The member is gone a moment later; what it has said and a filter has not
    /// let pass before this call is not heard.
    ///
    /// `NoSuchPeer` when it is gone; in a handler of a server that stops that is no error.
    pub fn disconnect(&self, member: MemberId) -> Result<()> {
        self.disconnect_for(member, LeaveReason::Disconnected)
    }

    /// Disconnects a member for a reason of the embedder's choice, which the member and the events are told.
    pub fn disconnect_for(&self, member: MemberId, reason: LeaveReason) -> Result<()> {
        self.settle();
        self.unless_void(self.owner.room.disconnect(member, reason))
    }

    /// The members, in the order in which they connected.
    pub fn members(&self) -> Vec<Arc<Member>> {
        self.owner.room.members()
    }

    /// One member.
    pub fn member(&self, id: MemberId) -> Result<Arc<Member>> {
        self.owner.room.member(id)
    }

    /// Numbers since the start.
    pub fn stats(&self) -> ServerStats {
        let room = &self.owner.room;
        room.totals.read(room.member_count() as u64, room.events.dropped())
    }

    /// Waits for events and moves up to `most` of them to the end of `into`.
    ///
    /// `Closed` when the server has stopped and every event was taken; `Interrupted` after [`ChatServer::wake`];
    /// `BadState` when a handler takes the events, or none are wanted.
    pub fn poll<'a>(&self, into: &mut Vec<Event>, most: usize, deadline: impl Into<Deadline<'a>>) -> Result<()> {
        self.take(most, deadline.into(), |events| into.extend(events))
    }

    /// The same for who puts events elsewhere: `put` is called once, with the queue locked, and must not call the server.
    pub(crate) fn take(&self, most: usize, deadline: Deadline<'_>, put: impl FnOnce(TakenEvents<'_>)) -> Result<()> {
        self.check_polled()?;
        if self.owner.room.events.take(most, &deadline, |taken| put(TakenEvents::new(taken)))? {
            self.owner.room.wake_all();
        }
        Ok(())
    }

    /// A descriptor that is readable while [`ChatServer::poll`] would not wait. It belongs to the server.
    pub fn poll_fd(&self) -> Result<RawFd> {
        self.check_polled()?;
        self.owner.room.events.poll_fd()
    }

    fn check_polled(&self) -> Result<()> {
        if self.owner.polled {
            return Ok(());
        }
        Err(Error::new(Status::BadState, "events go to a handler, or the option 'events' asks for none"))
    }

    /// Makes one waiting [`ChatServer::poll`] (or the next one) return `Interrupted`.
    pub fn wake(&self) {
        self.owner.room.events.wake();
    }

    /// Begins to stop: nobody joins any more, members are told and get what is queued for them, for [`DRAIN`] at most.
    /// Never waits; may be repeated and called from a handler.
    pub fn close(&self) {
        self.close_within(DRAIN);
    }

    /// The same with `drain` for what is queued. Of several calls the one whose end comes first counts, so that a server
    /// that is stopping can be made to end sooner.
    pub fn close_within(&self, drain: Duration) {
        self.owner.shutdown.close(drain);
    }

    /// Waits until the server has stopped. `WouldDeadlock` on the server's own threads.
    pub fn join<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<()> {
        self.owner.service.check_wait()?;
        self.owner.shutdown.ending.wait(&deadline.into(), WAITING)?;
        self.owner.reap();
        Ok(())
    }

    /// Stops: [`ChatServer::close_within`] with `drain` for the members' reading, then [`ChatServer::join`].
    ///
    /// Ends within `drain` and a moment. The error is `TimedOut` when a handler does not return: a later call waits for it
    /// anew. A second call with an earlier end, on whatever thread, ends the first one sooner.
    pub fn stop<'a>(&self, drain: impl Into<Deadline<'a>>) -> Result<()> {
        let drain = drain.into();
        self.close_within(drain.remaining().unwrap_or(Duration::MAX));
        self.owner.service.check_wait()?;
        self.owner.shutdown.ending.wait_beyond(drain, WAITING)?;
        self.owner.reap();
        Ok(())
    }

    /// Why the server has ended of its own accord: one of its threads has failed, which is a bug of this library. It is then
    /// closed, with an [`Event::Error`] before the last event, and calls on it fail with `Panicked`; [`ChatServer::join`] and
    /// [`ChatServer::stop`] work as ever. `None` as long as all is well.
    pub fn failure(&self) -> Option<Error> {
        self.owner.room.failure()
    }

    /// Whether the server stops or has stopped: [`ChatServer::close`] was called, or it has failed.
    pub fn is_closed(&self) -> bool {
        self.owner.room.is_closed()
    }
}

impl Owner {
    fn spawn(&self, bodies: Vec<(String, Box<dyn FnOnce() + Send>)>) -> Result<()> {
        let running = Arc::new(AtomicUsize::new(bodies.len()));
        // All made before the first thread starts, so that one that cannot start counts as ended.
        let leaving =
            bodies.iter().map(|_| Leaving { running: Arc::clone(&running), ending: Arc::clone(&self.shutdown.ending) });
        let leaving: Vec<_> = leaving.collect();
        for ((name, body), last) in bodies.into_iter().zip(leaving) {
            let thread = self.service.spawn(&name, move || {
                let _last = last;
                body();
            })?;
            self.threads.lock().push(thread);
        }
        Ok(())
    }

    /// Takes the threads back, which have ended or are about to without waiting for anything.
    fn reap(&self) {
        for thread in self.threads.lock().drain(..) {
            // What has failed in it is the server's failure.
            let _ = thread.join();
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shutdown.close(DRAIN);
        if !self.service.is_current() {
            let drain = Deadline::never().until(self.shutdown.deadline());
            let _ = self.shutdown.ending.wait_beyond(drain, WAITING).map(|()| self.reap());
        }
    }
}

/// Held by each thread; the last one to drop it ends the server.
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

/// A name for the numbering of a new log.
fn new_epoch() -> Result<String> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| Error::new(Status::Io, format!("no randomness: {error}")))?;
    Ok(format!("{:016x}", u64::from_be_bytes(random)))
}
