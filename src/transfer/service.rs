//! File transfer as a service: what a worker does for its clients. It never touches the disk: each step of a request is lent
//! to a thread that may wait, and comes back with what there is to be said.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;

use super::audit::Record;
use super::hub::{Call, Errand, Hub, Order, Work};
use super::options::READ_AHEAD;
use super::script::Scripted;
use super::session::{Job, Session, Standing};
use super::task::{Input, Next, Step};
use super::wire::{Farewell, Refusal, Refused, Report, Request, Violation};
use crate::auth::Identity;
use crate::net::Address;
use crate::opening::Opening;
use crate::peer::LeaveReason;
use crate::reactor::{Door, Flow, PeerRef, Service, Traffic, Turn};
use crate::{Error, Status};

/// Folders that one connection may list at a time: each keeps a descriptor.
const MOST_LISTINGS: usize = 8;

/// What one worker has of the service.
pub(super) struct Librarian {
    pub(super) hub: Arc<Hub>,
    /// Clients for whom something is ready as soon as less waits for them.
    waiting: HashSet<PeerRef>,
    /// Requests that go to the disk at the end of the turn.
    asked: Vec<(PeerRef, u32)>,
}

impl Librarian {
    pub(super) fn new(hub: &Arc<Hub>) -> Librarian {
        Librarian { hub: Arc::clone(hub), waiting: HashSet::new(), asked: Vec::new() }
    }

    /// A request begins.
    pub(super) fn ask(
        &mut self,
        turn: &mut Turn<Librarian>,
        peer: PeerRef,
        id: u32,
        request: &Request<'_>,
        message: &[u8],
        is_transfer: bool,
    ) {
        let is_stopping = turn.is_stopping();
        let Some(session) = turn.state(peer) else { return };
        let record = Record::new(request);
        let place = match is_transfer {
            _ if is_stopping => Err(Refusal::Stopping.into()),
            true if session.transfers() >= self.hub.options.client_transfer_limit => {
                Err(busy(self.hub.options.client_transfer_limit, "of one client"))
            }
            true => self.hub.take_place().map(Some).ok_or_else(|| busy(self.hub.options.transfer_limit, "")),
            false if record.lists() && session.listings() >= MOST_LISTINGS => {
                Err((Refusal::Busy, format!("{}: {MOST_LISTINGS} folders are being listed", Refusal::Busy)))
            }
            false => Ok(None),
        };
        let (place, refusal) = match place {
            Ok(place) => (place, None),
            Err(why) => (None, Some(why)),
        };
        if is_transfer && refusal.is_none() {
            record.begin(&session.client);
        }
        session.jobs.insert(id, Job { standing: Standing::Asked(message.to_vec()), inputs: Vec::new(), record, place });
        match refusal {
            Some(why) => self.refuse(turn, peer, id, &why),
            None => self.asked.push((peer, id)),
        }
    }

    /// Something comes for a request that is under way.
    pub(super) fn input(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, id: u32, input: Input) {
        if let Some(job) = turn.state(peer).and_then(|session| session.jobs.get_mut(&id)) {
            job.inputs.push(input);
            self.go_on(turn, peer, id);
        }
    }

    /// Lends a request to the disk if there is something to be done for it.
    fn go_on(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, id: u32) {
        let Some(mut door) = turn.door(peer).filter(Door::is_open) else { return };
        let has_room = door.outbox_cost() < READ_AHEAD;
        let Some(job) = door.state().jobs.get_mut(&id) else { return };
        let may_go = match &job.standing {
            Standing::Asked(_) | Standing::AtDisk => false,
            Standing::Idle(_) => !job.inputs.is_empty(),
            Standing::Ready(_) => has_room || !job.inputs.is_empty(),
        };
        if !may_go {
            if matches!(job.standing, Standing::Ready(_)) {
                self.waiting.insert(peer);
            }
            return;
        }
        let inputs = std::mem::take(&mut job.inputs);
        if let Standing::Idle(task) | Standing::Ready(task) = std::mem::replace(&mut job.standing, Standing::AtDisk) {
            self.lend(turn, peer, id, Order::Go(task), inputs);
        }
    }

    /// Lends what was asked for in this turn, with all that has come for it: a small file takes one way to the disk.
    fn lend_asked(&mut self, turn: &mut Turn<Librarian>) {
        for (peer, id) in std::mem::take(&mut self.asked) {
            let Some(session) = turn.state(peer) else { continue };
            let is_scripted = session.scripted.is_some();
            let Some(job) = session.jobs.get_mut(&id) else { continue };
            // What a script says has its beginning said for it.
            let inputs = if is_scripted { Vec::new() } else { std::mem::take(&mut job.inputs) };
            if let Standing::Asked(message) = std::mem::replace(&mut job.standing, Standing::AtDisk) {
                self.lend(turn, peer, id, Order::Begin(message), inputs);
            }
        }
    }

    fn lend(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, id: u32, order: Order, inputs: Vec<Input>) {
        let worker = turn.worker();
        let Some(session) = turn.state(peer) else { return };
        let key = Arc::clone(&session.key);
        let place = session.jobs.get(&id).and_then(|job| job.place.clone());
        let work = Box::new(Work { worker, peer, id, key, order, place, inputs });
        if self.hub.errands.push_waiting(Errand::Step(work), usize::MAX).is_err() {
            self.refuse(turn, peer, id, &Refusal::Stopping.into());
        }
    }

    /// A step has been done.
    fn stepped(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, id: u32, step: Step) {
        let Step { said, blocks, bytes, ready, next, .. } = step;
        let Some(session) = turn.state(peer).filter(|session| session.jobs.contains_key(&id)) else {
            return self.drop_task(next);
        };
        session.ledger.dealt_with(id, blocks);
        if ready {
            session.ledger.ready(id);
        }
        let is_scripted = session.scripted.is_some();
        if let Some(scripted) = &mut session.scripted {
            scripted.under_way = scripted.under_way.saturating_sub(blocks);
        }
        if let Some(job) = session.jobs.get_mut(&id) {
            if is_scripted && ready {
                job.inputs.insert(0, Input::BeginOnce);
            }
            job.record.moved(bytes);
            let counts = &self.hub.counts;
            if job.record.stores() { counts.stored_bytes.add(bytes) } else { counts.fetched_bytes.add(bytes) }
        }
        said.into_iter().filter(|_| !is_scripted).for_each(|message| turn.push(peer, message));
        let standing = match next {
            Next::Done => return self.done(turn, peer, id),
            Next::Refused(why) => return self.refuse(turn, peer, id, &why),
            Next::More(task) => Standing::Ready(task),
            Next::Waits(task) => Standing::Idle(task),
        };
        if let Some(job) = turn.state(peer).and_then(|session| session.jobs.get_mut(&id)) {
            job.standing = standing;
        }
        self.go_on(turn, peer, id);
    }

    fn done(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, id: u32) {
        let Some(session) = turn.state(peer) else { return };
        session.ledger.over(id);
        if let Some(job) = session.jobs.remove(&id) {
            job.record.done(&session.client);
            self.hub.counts.stored.add(job.record.stores().into());
            self.hub.counts.fetched.add(job.record.fetches().into());
        }
        if session.scripted.is_some() {
            turn.dismiss_later(peer, LeaveReason::Quit);
        }
    }

    fn refuse(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, id: u32, why: &Refused) {
        let Some(session) = turn.state(peer) else { return };
        session.ledger.over(id);
        if let Some(job) = session.jobs.remove(&id) {
            job.record.refused(&session.client, why);
        }
        self.hub.counts.refused.add(1);
        if session.scripted.is_some() {
            return turn.dismiss_later(peer, LeaveReason::ProtocolViolation);
        }
        turn.push(peer, Report::Refused(id, why.0.code(), &why.1).framed());
    }

    fn drop_task(&self, next: Next) {
        if let Next::More(task) | Next::Waits(task) = next {
            // Where nobody takes it any more it goes here.
            let _ = self.hub.errands.push_waiting(Errand::Drop(task), usize::MAX);
        }
    }

    /// Nobody waits for these requests any more.
    fn forsake(&mut self, client: &crate::audit::Client, jobs: impl IntoIterator<Item = Job>) {
        for job in jobs {
            job.record.gone(client);
            if let Some(task) = job.take_task() {
                self.drop_task(Next::Waits(task));
            }
        }
    }

    /// Looks whether what is ready for a client has room.
    fn look_at(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef) {
        let Some(session) = turn.state(peer) else { return };
        let ready: Vec<u32> = session.jobs.keys().copied().collect();
        ready.into_iter().for_each(|id| self.go_on(turn, peer, id));
    }
}

impl Service for Librarian {
    type Call = Call;
    type State = Session;
    type Shared = Hub;

    fn greet(&mut self, _turn: &mut Turn<Librarian>, _peer: PeerRef, address: &Address) -> Session {
        Session { scripted: self.hub.options.tutorial.then(Scripted::default), ..Session::new(address) }
    }

    fn opened(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, who: Option<Identity>) {
        let Some(session) = turn.state(peer) else { return };
        match who {
            Some(identity) => {
                session.key = Arc::from(identity.key_id.as_str());
                session.client.key_id = identity.key_id;
            }
            // Only for tutorials' clients something listens without a secret.
            None if session.scripted.is_some() => {}
            None => return turn.doom(peer, LeaveReason::ProtocolViolation),
        }
        turn.admit(peer, None);
        let first = turn.now() + self.hub.options.stall_timeout;
        turn.set_alarm(peer, Some(first));
    }

    fn message(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, bytes: &[u8]) -> Flow {
        self.hear(turn, peer, bytes, None)
    }

    fn long_message(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, bytes: &Bytes) -> Flow {
        self.hear(turn, peer, bytes, Some(bytes))
    }

    fn refused(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, error: &Error) {
        let is_long = error.status() == Status::MessageTooLong;
        let violation = if is_long { Violation::TooLong } else { Violation::Headless };
        Librarian::violated(turn, peer, violation);
        turn.dismiss_later(peer, LeaveReason::ProtocolViolation);
    }

    fn stranger(
        &mut self,
        turn: &mut Turn<Librarian>,
        peer: PeerRef,
        opening: Opening,
        _error: Option<Error>,
    ) -> Option<Bytes> {
        turn.tell_of_stranger(peer, format!("sent {opening}; this is a server of files"));
        None
    }

    fn parting(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, reason: LeaveReason) {
        if !turn.state(peer).is_some_and(|session| session.is_served()) {
            turn.dismiss_later(peer, reason);
        }
    }

    fn dismiss(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, reason: LeaveReason) {
        let Some(session) = turn.state(peer) else { return };
        let (why, text) = match (reason, session.violation) {
            (_, Some(violation)) => (Farewell::Protocol, violation.to_string()),
            (LeaveReason::ServerStopped, _) => (Farewell::Stopping, reason.to_string()),
            (LeaveReason::Quit | LeaveReason::Closed, _) => (Farewell::Done, String::new()),
            _ => (Farewell::Unresponsive, reason.to_string()),
        };
        let (client, jobs) = (session.client.clone(), std::mem::take(&mut session.jobs));
        let is_scripted = session.scripted.is_some();
        self.forsake(&client, jobs.into_values());
        if is_scripted {
            return turn.farewell(peer, Bytes::new());
        }
        turn.farewell(peer, Report::GoAway { why, text: &text }.framed());
    }

    fn ended(&mut self, _turn: &mut Turn<Librarian>, session: Session, _reason: LeaveReason) {
        self.forsake(&session.client, session.jobs.into_values());
    }

    fn call(&mut self, turn: &mut Turn<Librarian>, call: Call) {
        self.stepped(turn, call.peer, call.id, call.step);
    }

    fn alarm(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef) {
        let again = turn.now() + self.hub.options.stall_timeout;
        let Some(session) = turn.state(peer) else { return };
        let has_moved = session.has_moved();
        if session.is_waited_for() && !has_moved {
            return turn.dismiss_later(peer, LeaveReason::Idle);
        }
        turn.set_alarm(peer, Some(again));
    }

    fn pressed(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef) {
        if self.waiting.remove(&peer) {
            self.look_at(turn, peer);
        }
    }

    fn settled(&mut self, turn: &mut Turn<Librarian>) {
        // What was sent at once presses nobody.
        for peer in std::mem::take(&mut self.waiting) {
            self.look_at(turn, peer);
        }
        self.lend_asked(turn);
    }

    fn address(session: &Session) -> &Address {
        &session.client.address
    }

    fn traffic(session: &Session) -> Option<&Traffic> {
        Some(&session.traffic)
    }
}

fn busy(limit: usize, whose: &str) -> Refused {
    let whose = if whose.is_empty() { String::new() } else { format!(" {whose}") };
    (Refusal::Busy, format!("{}: {limit} transfers{whose} are under way", Refusal::Busy))
}
