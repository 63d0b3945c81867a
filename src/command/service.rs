//! Remote commands as a service: what a worker does for its clients and their commands.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;

use super::errand::{Call, Errand};
use super::hub::{Hub, Working};
use super::job::{Job, Stage};
use super::life::Cause;
use super::session::Session;
use super::wire::{ARGUMENT_BYTES, CHUNK, Farewell, OUTPUT_HEAD, Output, Report, Request, ServerHello, Violation};
use crate::auth::Identity;
use crate::net::Address;
use crate::opening::Opening;
use crate::peer::{LeaveReason, Moment};
use crate::reactor::{Flow, PeerRef, Readiness, Service, Turn, WatchRef};
use crate::{Error, Status};

/// What a watched descriptor is of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Leader,
    Input,
    Output(Output),
}

/// What one worker has of the service.
pub(super) struct Commander {
    pub(super) hub: Arc<Hub>,
    /// `None` once all commands are over and none can begin.
    pub(super) working: Option<Working>,
    pub(super) jobs: HashMap<u64, Job>,
    pub(super) watched: HashMap<WatchRef, (u64, Part)>,
    /// Outputs that may be read, in turn.
    pub(super) ready: VecDeque<(u64, Output)>,
    pub(super) timers: BTreeSet<(Moment, u64)>,
    /// What outputs are read with, behind what stands before them on the wire.
    pub(super) buffer: Vec<u8>,
}

impl Commander {
    pub(super) fn new(hub: &Arc<Hub>) -> Commander {
        Commander {
            hub: Arc::clone(hub),
            working: Some(Working(Arc::clone(hub))),
            jobs: HashMap::new(),
            watched: HashMap::new(),
            ready: VecDeque::new(),
            timers: BTreeSet::new(),
            buffer: vec![0; OUTPUT_HEAD + CHUNK],
        }
    }

    fn hello(&self) -> Bytes {
        let options = &self.hub.options;
        let hello = ServerHello {
            features: 0,
            channels: options.command_limit as u16,
            argument_bytes: ARGUMENT_BYTES,
            timeout: options.command_timeout.as_millis() as u32,
            // The handshake has said it.
            server_id: b"",
        };
        Report::Hello(hello).framed()
    }

    fn request(&mut self, turn: &mut Turn<Commander>, peer: PeerRef, request: Request<'_>) -> Flow {
        match request {
            Request::Hello { .. } => turn.push(peer, self.hello()),
            Request::Run(channel, run) => self.run(turn, peer, channel, &run),
            Request::Stdin(channel, bytes) => self.with_job(turn, peer, channel, |all, turn, id| {
                all.input(turn, id, bytes);
            }),
            Request::StdinEnd(channel) => self.with_job(turn, peer, channel, Commander::end_input),
            Request::Credit(channel, output, _) => self.with_job(turn, peer, channel, |all, _, id| {
                all.queue(id, output);
            }),
            Request::Signal(channel, signal) => self.with_job(turn, peer, channel, |all, _, id| {
                all.signal(id, signal);
            }),
            Request::Stop(channel, output) => self.with_job(turn, peer, channel, |all, turn, id| {
                all.stop_output(turn, id, output);
            }),
            Request::Ping => turn.push(peer, Report::Pong.framed()),
            Request::Pong => {}
            Request::GoAway { .. } => return Flow::Close(LeaveReason::Quit),
        }
        Flow::Continue
    }

    fn with_job(
        &mut self,
        turn: &mut Turn<Commander>,
        peer: PeerRef,
        channel: u32,
        then: impl FnOnce(&mut Commander, &mut Turn<Commander>, u64),
    ) {
        if let Some(id) = turn.state(peer).and_then(|session| session.jobs.get(&channel).copied()) {
            then(self, turn, id);
        }
    }

    fn violated(turn: &mut Turn<Commander>, peer: PeerRef, violation: Violation) -> Flow {
        if let Some(session) = turn.state(peer) {
            log::warn!("{}: {violation}; the connection ends", session.client.address);
            session.violation.get_or_insert(violation);
        }
        Flow::Close(LeaveReason::ProtocolViolation)
    }

    /// Nobody waits for these commands any more.
    fn forsake(&mut self, turn: &mut Turn<Commander>, jobs: impl IntoIterator<Item = u64>) {
        for id in jobs {
            self.end(turn, id, Cause::ClientGone);
        }
    }

    /// Lets the server say goodbye when the last command is over.
    pub(super) fn finish_if_done(&mut self, turn: &Turn<Commander>) {
        if turn.is_stopping() && self.jobs.is_empty() {
            self.working = None;
        }
    }
}

impl Service for Commander {
    type Call = Call;
    type State = Session;
    type Shared = Hub;

    fn greet(&mut self, _turn: &mut Turn<Commander>, _peer: PeerRef, address: &Address) -> Session {
        Session::new(address)
    }

    fn opened(&mut self, turn: &mut Turn<Commander>, peer: PeerRef, who: Option<Identity>) {
        let Some(session) = turn.state(peer) else { return };
        // Without a secret nothing listens; whoever has not proved one has no business here all the same.
        match who {
            Some(identity) => {
                session.client.key_id = identity.key_id;
                turn.admit(peer, None);
            }
            None => turn.doom(peer, LeaveReason::ProtocolViolation),
        }
    }

    fn message(&mut self, turn: &mut Turn<Commander>, peer: PeerRef, bytes: &[u8]) -> Flow {
        turn.spoke(peer);
        // Nothing is believed of somebody who has broken a rule.
        let Some(session) = turn.state(peer).filter(|session| session.violation.is_none()) else {
            return Flow::Continue;
        };
        match Request::decode(bytes).and_then(|request| session.mux.take(request)) {
            Ok(Some(request)) => self.request(turn, peer, request),
            Ok(None) => Flow::Continue,
            Err(violation) => Commander::violated(turn, peer, violation),
        }
    }

    fn refused(&mut self, turn: &mut Turn<Commander>, peer: PeerRef, error: &Error) {
        let is_long = error.status() == Status::MessageTooLong;
        let violation = if is_long { Violation::TooLong } else { Violation::Headless };
        Commander::violated(turn, peer, violation);
        turn.dismiss_later(peer, LeaveReason::ProtocolViolation);
    }

    fn stranger(
        &mut self,
        turn: &mut Turn<Commander>,
        peer: PeerRef,
        opening: Opening,
        _error: Option<Error>,
    ) -> Option<Bytes> {
        turn.tell_of_stranger(peer, format!("sent {opening}; this is a server of remote commands"));
        None
    }

    fn ping(&mut self, turn: &mut Turn<Commander>, peer: PeerRef) {
        turn.push(peer, Report::Ping.framed());
    }

    fn dismiss(&mut self, turn: &mut Turn<Commander>, peer: PeerRef, reason: LeaveReason) {
        let Some(session) = turn.state(peer) else { return };
        let (why, text) = match (reason, session.violation) {
            (_, Some(violation)) => (Farewell::Protocol, violation.to_string()),
            (LeaveReason::ServerStopped, _) => (Farewell::Stopping, reason.to_string()),
            (LeaveReason::Quit | LeaveReason::Closed, _) => (Farewell::Done, String::new()),
            _ => (Farewell::Unresponsive, reason.to_string()),
        };
        let last = session.mux.last();
        let jobs = std::mem::take(&mut session.jobs);
        self.forsake(turn, jobs.into_values());
        turn.farewell(peer, Report::GoAway { why, last, text: &text }.framed());
    }

    fn ended(&mut self, turn: &mut Turn<Commander>, session: Session, _reason: LeaveReason) {
        self.forsake(turn, session.jobs.into_values());
    }

    fn call(&mut self, turn: &mut Turn<Commander>, call: Call) {
        match call {
            Call::Started(id, started) => self.started(turn, id, *started),
            Call::Refused(id, why) => self.not_started(turn, id, &why),
        }
    }

    fn ready(&mut self, turn: &mut Turn<Commander>, watch: WatchRef, readiness: Readiness) {
        let Some((id, part)) = self.watched.get(&watch).copied() else { return };
        match part {
            Part::Leader => self.leader_ended(turn, id),
            Part::Input if readiness.closed => self.input_closed(turn, id),
            Part::Input => {
                if let Some(job) = self.jobs.get_mut(&id) {
                    job.input.writable = true;
                    self.feed(turn, id);
                }
            }
            // That its other end is gone is read as its end.
            Part::Output(output) if readiness.readable || readiness.closed => {
                if let Some(running) = self.jobs.get_mut(&id).and_then(Job::running) {
                    let outlet = running.outlet(output);
                    outlet.readable = true;
                    outlet.hung_up |= readiness.closed;
                    if readiness.closed {
                        running.life.hung_up(output);
                    }
                    running.life.wet(output);
                    self.queue(id, output);
                }
            }
            Part::Output(_) => {}
        }
    }

    fn due(&mut self, turn: &mut Turn<Commander>) {
        let now = turn.now();
        while let Some((_, id)) = self.timers.first().copied().filter(|(at, _)| *at <= now) {
            self.timers.pop_first();
            self.look_at(turn, id);
        }
        self.appoint(turn);
    }

    fn pressed(&mut self, turn: &mut Turn<Commander>, peer: PeerRef) {
        let room = self.hub.options.output_room() / 2;
        let Some(mut door) = turn.door(peer) else { return };
        if !door.state().held.is_empty() && door.outbox_cost() <= room {
            for (id, output) in std::mem::take(&mut door.state().held) {
                self.release(id, output);
            }
            turn.go_on();
        }
    }

    fn round(&mut self, turn: &mut Turn<Commander>) {
        self.read_outputs(turn);
    }

    fn stopping(&mut self, turn: &mut Turn<Commander>) {
        let ids: Vec<u64> = self.jobs.keys().copied().collect();
        for id in ids {
            self.end(turn, id, Cause::Stopping);
            Output::BOTH.into_iter().for_each(|output| self.queue(id, output));
        }
        self.finish_if_done(turn);
    }

    fn address(session: &Session) -> &Address {
        &session.client.address
    }
}

impl Drop for Commander {
    fn drop(&mut self) {
        // All at once, so that they do not end one after the other.
        for job in self.jobs.values() {
            if let Stage::Running(running) = &job.stage {
                running.process.kill();
            }
        }
        for (_, job) in self.jobs.drain() {
            if let Stage::Running(running) = job.stage {
                self.hub.leave(Errand::Bury(running.process));
            }
        }
    }
}
