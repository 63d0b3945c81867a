//! The chat server as its embedder sees it.

use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, SystemTime};

use super::answers::Answers;
use super::call::Call;
use super::dispatcher;
use super::event::{Event, Handler, QuestionId, Verdict};
use super::events::{Taken, TakenEvents};
use super::hub::Hub;
use super::member::{Member, MemberId};
use super::observer;
use super::options::{Events, ServerOptions};
use super::passed;
use super::questions::Questions;
use super::reading::Reading;
use super::service::Chat;
use super::speech::Delivery;
use super::stats::ServerStats;
use crate::net::{Deadline, Listener, Signal};
use crate::peer::LeaveReason;
use crate::reactor::{self, Berth, Commons, Hand, Host, serving};
use crate::{Error, Result, Status};

/// How long members may take to read what is queued for them when the server stops, unless said otherwise.
pub const DRAIN: Duration = reactor::DRAIN;

/// A running chat server.
///
/// Clones are handles of the same server; all methods may be called from any thread. When the last handle goes,
/// the server is stopped.
#[derive(Clone)]
pub struct ChatServer {
    owner: Arc<Owner>,
}

struct Owner {
    host: Host<Chat>,
    hub: Arc<Hub>,
    answers: Answers,
    polled: bool,
}

impl Drop for Owner {
    /// Nobody is left who could answer, so that nothing is waited for with.
    fn drop(&mut self) {
        if self.hub.events.questions.is_some() {
            self.host.close_within(DRAIN);
            self.hub.commons.finish();
        }
    }
}

impl ChatServer {
    /// Starts a server whose events, if any are wanted, are taken with [`ChatServer::poll`]. With `filter` or `authorize` on, it
    /// asks by [`Event::Ask`], and waits for each [answer](ChatServer::answer).
    pub fn start(options: ServerOptions) -> Result<ChatServer> {
        ChatServer::launch(options, None, None)
    }

    /// Starts a server that calls `handler` on its dispatcher thread.
    pub fn start_with(options: ServerOptions, handler: impl Handler + 'static) -> Result<ChatServer> {
        ChatServer::launch(options, Some(Box::new(handler)), None)
    }

    /// Starts a server at a socket that is there already, such as one that [`Listener::adopt`] has taken over; the endpoint of the
    /// options is not looked at, nor are `backlog`, `mode` and `group`. Otherwise as [`ChatServer::start`], or [`ChatServer::start_with`] with a
    /// handler.
    pub fn start_at(
        listener: Listener,
        mut options: ServerOptions,
        handler: Option<Box<dyn Handler>>,
    ) -> Result<ChatServer> {
        options.endpoint = listener.address().into();
        (options.mode, options.group) = (None, None);
        ChatServer::launch(options, handler, Some(listener))
    }

    fn launch(
        options: ServerOptions,
        mut handler: Option<Box<dyn Handler>>,
        listener: Option<Listener>,
    ) -> Result<ChatServer> {
        options.check()?;
        let observer = handler.as_mut().and_then(|handler| handler.observer());
        let asked = handler.is_none();
        let host = options.host()?;
        let berth = match listener {
            Some(listener) => Berth::at(Some(listener.tuned(&host.listening)), host),
            None => Berth::new(host),
        }?;
        let (hub, still_reading) = ChatServer::open(options, berth.commons(), asked, observer.is_some())?;
        let service = |_| Chat::new(&hub, Reading::new(&hub, &still_reading));
        let host = berth.start(&hub, service, |shutdown| {
            let observer = observer.map(|observer| observer::body(&hub, observer, Arc::clone(shutdown)));
            let handler = handler.map(|handler| dispatcher::body(&hub, handler, Arc::clone(shutdown)));
            observer.into_iter().chain(handler).collect()
        })?;
        log::info!("listening on {}", hub.commons.address);
        Ok(ChatServer::made(host, hub, asked))
    }

    /// A server without threads, as [`ChatServer::start`] makes one: it lives in the calls of who has the hand, at a time
    /// that begins at `begins` and that the hand moves. Nobody listens at its endpoint. Its calls never wait.
    pub(crate) fn by_hand(options: ServerOptions, begins: SystemTime) -> Result<(ChatServer, Hand<Chat>)> {
        options.check()?;
        let address = options.endpoint.as_told();
        let berth = Berth::by_hand(options.host()?, address, begins)?;
        let (hub, still_reading) = ChatServer::open(options, berth.commons(), true, false)?;
        let (host, hand) = berth.serve_by_hand(&hub, Chat::new(&hub, Reading::new(&hub, &still_reading)))?;
        Ok((ChatServer::made(host, hub, true), hand))
    }

    /// The room, and how many workers may still read. `asked` says whether the embedder polls, `observed` whether it has an observer.
    fn open(
        options: ServerOptions,
        commons: &Arc<Commons<Call>>,
        asked: bool,
        observed: bool,
    ) -> Result<(Arc<Hub>, Arc<AtomicUsize>)> {
        let asks = asked && (options.filter || options.authorize);
        let hub = Arc::new(Hub::new(options, commons, asks, observed)?);
        hub.events.push(Event::Listening(commons.address.clone()));
        Ok((hub, Arc::new(AtomicUsize::new(commons.inboxes().len()))))
    }

    fn made(host: Host<Chat>, hub: Arc<Hub>, asked: bool) -> ChatServer {
        let options = &hub.options;
        let polled = asked && (options.filter || options.authorize || options.events != Events::None);
        ChatServer { owner: Arc::new(Owner { host, hub, answers: Answers::default(), polled }) }
    }

    /// The options it was started with.
    pub fn options(&self) -> &ServerOptions {
        &self.owner.hub.options
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
        self.owner.hub.check_text(text)?;
        self.settle();
        match self.owner.hub.broadcast(text, except, || self.unless_own_thread(patience)) {
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
        self.owner.hub.check_text(text)?;
        self.settle();
        self.unless_void(self.owner.hub.send(member, text, || self.unless_own_thread(patience)))
    }

    fn patience(&self) -> Deadline<'static> {
        Deadline::after(self.owner.hub.options.send_timeout)
    }

    /// What is waited for may be the doing of the very thread that would wait.
    fn unless_own_thread<'a>(&self, patience: impl FnOnce() -> Deadline<'a>) -> Deadline<'a> {
        if self.owner.host.is_current() { Deadline::after(Duration::ZERO) } else { patience() }
    }

    /// What a handler says comes after what it has let pass.
    pub(super) fn settle(&self) {
        // On the thread of another server there may be what belongs to that one's room.
        if self.owner.host.is_current() {
            passed::publish(&self.owner.hub);
        }
    }

    /// Whether a handler calls while the server stops: it cannot know that nobody is there to hear, and needs no error.
    fn speaks_into_the_void(&self) -> bool {
        self.owner.host.is_current() && self.is_closed()
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

    /// A descriptor that is readable while it is worth to say again what was refused with `Overflow`: for who must not wait in
    /// [`ChatServer::broadcast_within`] and [`ChatServer::send_within`], and tries them with no time at all. It belongs to the
    /// server. What is tried may be refused again; the descriptor then is readable no more until something has changed.
    pub fn speech_fd(&self) -> Result<RawFd> {
        self.owner.hub.pace.signal().map(Signal::raw_fd)
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
        self.unless_void(self.owner.hub.disconnect(member, reason))
    }

    /// The members, in the order in which they connected.
    pub fn members(&self) -> Vec<Arc<Member>> {
        self.owner.hub.room.members()
    }

    /// One member.
    pub fn member(&self, id: MemberId) -> Result<Arc<Member>> {
        self.owner.hub.find(id).map(|(member, _)| member)
    }

    pub(super) fn hub(&self) -> &Hub {
        &self.owner.hub
    }

    /// Whether it gets on: every worker is woken, and has to come to the end of a turn until the deadline. A server that stops, or
    /// has stopped, has nothing to show.
    ///
    /// # Errors
    /// `TimedOut` with the names of the threads that hang; what the server has failed with; `Closed` when it was closed; `WouldDeadlock`
    /// on its own threads.
    pub fn probe<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<()> {
        self.owner.host.probe(&deadline.into())?;
        match self.failure() {
            Some(failure) => Err(failure),
            None if self.is_closed() => Err(Error::new(Status::Closed, "the server was closed")),
            None => Ok(()),
        }
    }

    /// Numbers since the start.
    pub fn stats(&self) -> ServerStats {
        self.owner.hub.stats()
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
        if let Some(questions) = &self.owner.hub.events.questions {
            return self.ask(questions, most, &deadline, |taken| put(TakenEvents::new(taken)));
        }
        if self.owner.hub.events.take(most, &deadline, |taken| put(TakenEvents::new(taken)))? {
            self.owner.hub.commons.wake_all();
        }
        Ok(())
    }

    fn ask(
        &self,
        questions: &Questions,
        most: usize,
        deadline: &Deadline<'_>,
        mut put: impl FnOnce(Taken<'_>),
    ) -> Result<()> {
        let hub = &self.owner.hub;
        loop {
            let left = hub.events.ask(questions, most, deadline, put);
            // Whoever has left and was not asked about need not be waited for.
            self.owner.answers.go_on(hub, questions);
            match left? {
                None => return Ok(()),
                Some(unused) => put = unused,
            }
        }
    }

    /// Answers a question that [`Event::Ask`] has brought, once. Any thread may, in any order: messages are published in the order in
    /// which they were said, each when all before it are answered. So many are asked before an answer comes as the option
    /// `event_limit` says, and no more bytes than go to the room at once; then members are not read.
    ///
    /// An answer about who has left meanwhile does nothing. What is not answered when the server has stopped goes to nobody.
    ///
    /// # Errors
    /// `InvalidArgument` for a number that is no open question's; `BadState` for a server that asks a handler, or nobody.
    pub fn answer(&self, question: QuestionId, verdict: Verdict) -> Result<()> {
        self.owner.answers.answer(&self.owner.hub, question, verdict)
    }

    /// A descriptor that is readable while [`ChatServer::poll`] would not wait. It belongs to the server.
    pub fn poll_fd(&self) -> Result<RawFd> {
        self.check_polled()?;
        self.owner.hub.events.poll_fd()
    }

    fn check_polled(&self) -> Result<()> {
        if self.owner.polled {
            return Ok(());
        }
        Err(Error::new(Status::BadState, "events go to a handler, or the option 'events' asks for none"))
    }

    /// Makes one waiting [`ChatServer::poll`] (or the next one) return `Interrupted`.
    pub fn wake(&self) {
        self.owner.hub.events.wake();
    }
}

serving! {
    ChatServer {
        /// Begins to stop: nobody joins any more, members are told and get what is queued for them, for [`DRAIN`] at most.
        /// Never waits; may be repeated and called from a handler.
        close;
        /// The same with `drain` for what is queued. Of several calls the one whose end comes first counts, so that a server
        /// that is stopping can be made to end sooner.
        close_within;
        /// Stops: [`ChatServer::close_within`] with `drain` for the members' reading, then [`ChatServer::join`].
        ///
        /// Ends within `drain` and a moment. The error is `TimedOut` when a handler does not return: a later call waits for it
        /// anew. A second call with an earlier end, on whatever thread, ends the first one sooner.
        stop;
        /// Why the server has ended of its own accord: one of its threads has failed, which is a bug of this library. It is then
        /// closed, with an [`Event::Error`] before the last event, and calls on it fail with `Panicked`; [`ChatServer::join`] and
        /// [`ChatServer::stop`] work as ever. `None` as long as all is well.
        failure;
    }
}
