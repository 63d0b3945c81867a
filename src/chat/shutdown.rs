//! How a server comes to its end: it is told to, or one of its threads fails.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use mio::Waker;

use super::acceptor::Acceptor;
use super::dispatcher::Dispatcher;
use super::ending::Ending;
use super::inbox::{Command, Inbox};
use super::room::Room;
use super::server::DRAIN;
use super::worker::Worker;
use crate::net::Listener;
use crate::sync::Mutex;
use crate::{Error, error};

/// No drain lasts longer.
const LONGEST_DRAIN: Duration = Duration::from_secs(3600);

/// How often the dispatcher may fail before it is given up: behind its first failure it has the end to tell.
const DISPATCHER_FAILURES: usize = 2;

/// What ends a server; every one of its threads has it.
pub(super) struct Shutdown {
    room: Arc<Room>,
    /// The acceptor's.
    listener: Weak<Listener>,
    stopping: Arc<AtomicBool>,
    acceptor_waker: Waker,
    /// By when the members will be gone; `None` as long as it was not told to stop.
    deadline: Mutex<Option<Instant>>,
    /// Workers that have not ended.
    workers: AtomicUsize,
    pub(super) ending: Arc<Ending>,
}

impl Shutdown {
    pub(super) fn new(
        room: &Arc<Room>,
        listener: &Arc<Listener>,
        stopping: &Arc<AtomicBool>,
        acceptor_waker: Waker,
    ) -> Shutdown {
        Shutdown {
            room: Arc::clone(room),
            listener: Arc::downgrade(listener),
            stopping: Arc::clone(stopping),
            acceptor_waker,
            deadline: Mutex::new(None),
            workers: AtomicUsize::new(room.inboxes.len()),
            ending: Arc::new(Ending::new()),
        }
    }

    /// Begins to stop. Repeated, it does nothing but bring an earlier end about.
    pub(super) fn close(&self, drain: Duration) {
        let at = Instant::now() + drain.min(LONGEST_DRAIN);
        // Held until all have been told, so that an earlier end is told last.
        let mut deadline = self.deadline.lock();
        if deadline.is_some_and(|before| before <= at) {
            return;
        }
        let is_first = deadline.replace(at).is_none();
        if is_first {
            self.close_doors();
        }
        for inbox in &self.room.inboxes {
            inbox.push(Command::Stop(at));
            if is_first && !self.room.options.filter {
                // With a filter the dispatcher says so, when it has let pass what was read before.
                inbox.push(Command::Finish);
            }
            inbox.wake();
        }
    }

    fn close_doors(&self) {
        self.room.close();
        self.stopping.store(true, Ordering::SeqCst);
        // At once, lest the last event or callback comes before the acceptor has got round to it.
        if let Some(listener) = self.listener.upgrade() {
            listener.close();
        }
        let _ = self.acceptor_waker.wake();
    }

    /// By when the members will be gone; `None` as long as the server was not told to stop.
    pub(super) fn deadline(&self) -> Option<Instant> {
        *self.deadline.lock()
    }

    pub(super) fn run_worker(&self, index: usize, worker: Worker) {
        if let Err(failure) = error::caught(Self::worker_name(index), || worker.run()) {
            // Its sessions went with it, and their connections with them.
            self.room.inboxes[index].abandon();
            self.fail(failure);
            self.room.forget_worker(index);
        }
        // The last one out says that the server is closed.
        if self.workers.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.room.strangers.collect_all(&self.room.events);
            self.room.events.close(self.room.failure());
        }
    }

    pub(super) fn worker_name(index: usize) -> String {
        format!("rustchat-io-{index}")
    }

    pub(super) fn run_acceptor(&self, acceptor: Acceptor) {
        error::caught(Self::ACCEPTOR_NAME, || acceptor.run()).unwrap_or_else(|failure| self.fail(failure));
    }

    pub(super) const ACCEPTOR_NAME: &str = "rustchat-accept";

    /// Whatever was being dispatched when it failed is lost; the handler is still told of the end.
    pub(super) fn run_dispatcher(&self, mut dispatcher: Dispatcher) {
        for _ in 0..DISPATCHER_FAILURES {
            let Err(failure) = error::caught(Self::DISPATCHER_NAME, || dispatcher.run()) else { break };
            self.fail(failure);
            // That the last message has passed it was perhaps among what is lost.
            self.room.inboxes.iter().for_each(|inbox| inbox.send(Command::Finish));
        }
        dispatcher.end();
    }

    pub(super) const DISPATCHER_NAME: &str = "rustchat-hooks";

    /// One of the server's threads has failed: nobody is to wait for what it does not do any more.
    fn fail(&self, failure: Error) {
        log::error!("{}: {}; the server ends", self.room.wire.label, failure.message());
        self.room.fail(failure);
        self.close(DRAIN);
        self.room.inboxes.iter().for_each(Inbox::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpStream;
    use std::sync::mpsc;

    use super::super::{ChatServer, Event, Events, Handler, LeaveReason, Message, ServerOptions, Verdict};
    use super::*;
    use crate::Status;
    use crate::inject::Aim;
    use crate::net::Endpoint;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn options() -> ServerOptions {
        let mut options = ServerOptions::new(Endpoint::tcp("127.0.0.1", 0));
        (options.workers, options.events) = (2, Events::All);
        options
    }

    fn dial(server: &ChatServer) -> TcpStream {
        let stream = TcpStream::connect(server.address().to_string()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn await_members(server: &ChatServer, count: usize) {
        let end = Instant::now() + PATIENCE;
        while server.members().len() != count {
            assert!(Instant::now() < end, "waited in vain for {count} members");
            std::thread::yield_now();
        }
    }

    /// All events up to the last.
    fn events(server: &ChatServer) -> Vec<Event> {
        let mut events = Vec::new();
        while server.poll(&mut events, 1000, PATIENCE).map_err(|error| error.status()) != Err(Status::Closed) {}
        events
    }

    fn assert_tells_of(events: &[Event], thread: &str) {
        let [.., Event::Error(error), Event::Closed] = events else { panic!("{events:?}") };
        assert_eq!(error.status(), Status::Panicked);
        assert!(error.message().contains(thread) && error.message().contains("injected"), "{error}");
    }

    fn assert_ended(server: &ChatServer, thread: &str) {
        server.join(PATIENCE).unwrap();
        server.stop(Duration::ZERO).unwrap();
        assert!(server.is_closed() && server.members().is_empty());
        let failure = server.failure().expect("it has failed");
        assert!(failure.message().contains(thread), "{failure}");
        for error in [server.broadcast("x").unwrap_err(), server.send(1, "x").unwrap_err()] {
            assert_eq!(error.status(), Status::Panicked, "{error}");
        }
    }

    #[test]
    fn a_worker_that_fails_ends_the_server_and_everybodys_connection() {
        let server = ChatServer::start(options()).unwrap();
        let mut peers: Vec<_> = (0..4).map(|_| dial(&server)).collect();
        await_members(&server, 4);
        let _aim = Aim::at(format!("rustchat-io-1 {}", server.address()));
        server.broadcast("one").unwrap();
        for peer in &mut peers {
            let mut heard = String::new();
            // Those of the worker that has failed are cut off, the others are told.
            let _ = peer.read_to_string(&mut heard);
        }
        assert_ended(&server, "rustchat-io-1");
        let events = events(&server);
        let left = |event: &&Event| matches!(event, Event::Left(_, LeaveReason::ServerStopped));
        assert_eq!(events.iter().filter(left).count(), 4);
        assert_tells_of(&events, "rustchat-io-1");
    }

    #[test]
    fn an_acceptor_that_fails_ends_the_server_in_good_order() {
        let server = ChatServer::start(options()).unwrap();
        let mut member = BufReader::new(dial(&server));
        await_members(&server, 1);
        let _aim = Aim::at(format!("rustchat-accept {}", server.address()));
        let _knocking = dial(&server);
        let mut farewell = String::new();
        member.read_line(&mut farewell).unwrap();
        member.read_to_string(&mut farewell).unwrap();
        assert!(farewell.ends_with("* server stopped\n"), "{farewell:?}");
        assert_ended(&server, "rustchat-accept");
        assert_tells_of(&events(&server), "rustchat-accept");
    }

    struct Teller(mpsc::Sender<Event>);

    impl Handler for Teller {
        fn filter(&mut self, _message: &Message) -> Verdict {
            Verdict::Deliver
        }

        fn event(&mut self, event: Event) {
            let _ = self.0.send(event);
        }
    }

    #[test]
    fn a_dispatcher_that_fails_still_tells_its_handler_of_the_end() {
        let (teller, told) = mpsc::channel();
        let mut options = options();
        (options.filter, options.authorize) = (true, true);
        let server = ChatServer::start_with(options, Teller(teller)).unwrap();
        let mut peer = dial(&server);
        await_members(&server, 1);
        let _aim = Aim::at(format!("rustchat-hooks {}", server.address()));
        peer.write_all(b"what is lost\n").unwrap();
        let mut heard = String::new();
        let _ = peer.read_to_string(&mut heard);
        assert!(heard.ends_with("* server stopped\n"), "{heard:?}");
        assert_ended(&server, "rustchat-hooks");
        let events: Vec<_> = told.iter().collect();
        assert_tells_of(&events, "rustchat-hooks");
    }

    #[test]
    fn a_worker_that_fails_while_a_filter_is_busy_or_the_server_stops_is_not_waited_for() {
        let mut options = options();
        options.filter = true;
        let (teller, told) = mpsc::channel();
        let server = ChatServer::start_with(options, Teller(teller)).unwrap();
        let _peers: Vec<_> = (0..2).map(|_| dial(&server)).collect();
        await_members(&server, 2);
        let _aim = Aim::at(format!("rustchat-io-0 {}", server.address()));
        server.stop(Duration::from_secs(3)).unwrap();
        assert_ended(&server, "rustchat-io-0");
        assert_tells_of(&told.iter().collect::<Vec<_>>(), "rustchat-io-0");
    }

    #[test]
    fn a_second_close_brings_an_earlier_end_about_and_a_later_one_does_not_put_it_off() {
        let mut options = options();
        options.outbox_limit = 1 << 30;
        let server = ChatServer::start(options).unwrap();
        let peer = dial(&server);
        await_members(&server, 1);
        let text = "x".repeat(8000);
        while server.members()[0].outbox_bytes() < 100_000 {
            server.broadcast(&text).unwrap();
        }
        server.close_within(Duration::from_secs(3000));
        assert_eq!(server.join(Duration::from_millis(50)).unwrap_err().status(), Status::TimedOut);
        server.close();
        let begin = Instant::now();
        server.close_within(Duration::from_millis(1));
        server.close_within(Duration::from_secs(3000));
        server.join(PATIENCE).unwrap();
        assert!(begin.elapsed() < DRAIN, "{:?}", begin.elapsed());
        drop(peer);
    }
}
