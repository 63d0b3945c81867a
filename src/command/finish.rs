//! Bringing commands to their end, and telling of it.

use super::begin::patience_of_stop;
use super::errand::Errand;
use super::exit::Exit;
use super::job::{Job, Running, Stage};
use super::life::{Cause, Deed};
use super::service::Commander;
use super::sys::Status;
use super::wire::{Output, Report, Signal};
use crate::reactor::Turn;

impl Commander {
    /// Brings a command to its end, whatever it is at.
    pub(super) fn end(&mut self, turn: &mut Turn<Commander>, id: u64, cause: Cause) {
        let now = turn.now();
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let deed = match &mut job.stage {
            Stage::Starting { cause: first, .. } => {
                first.get_or_insert(cause);
                return;
            }
            Stage::Running(running) => match (cause, turn.time_to_stop()) {
                (Cause::Stopping, Some(left)) => running.life.end_within(cause, patience_of_stop(left), now),
                _ => running.life.end(cause, now),
            },
        };
        self.perform(turn, id, deed);
        if cause == Cause::ClientGone {
            self.close_input(turn, id);
            Output::BOTH.into_iter().for_each(|output| self.close_output(turn, id, output));
        }
        self.settle(turn, id);
    }

    fn perform(&mut self, turn: &mut Turn<Commander>, id: u64, deed: Deed) {
        let Some(running) = self.jobs.get_mut(&id).and_then(Job::running) else { return };
        match deed {
            Deed::Terminate => drop(running.process.signal(Signal::Terminate.number())),
            Deed::Kill => drop(running.process.kill()),
            Deed::Close => Output::BOTH.into_iter().for_each(|output| self.close_output(turn, id, output)),
        }
    }

    /// Sends a signal of its client's to all of a command's group.
    pub(super) fn signal(&mut self, id: u64, signal: Signal) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        match &mut job.stage {
            Stage::Starting { signals, .. } if signals.contains(&signal) => {}
            Stage::Starting { signals, .. } => signals.push(signal),
            Stage::Running(running) => {
                // Once: the log is not for a client to fill.
                if running.life.signalled(signal) {
                    job.record.signalled(signal);
                }
                running.process.signal(signal.number());
            }
        }
    }

    /// Its client reads that output no more.
    pub(super) fn stop_output(&mut self, turn: &mut Turn<Commander>, id: u64, output: Output) {
        match self.jobs.get_mut(&id).map(|job| &mut job.stage) {
            Some(Stage::Starting { stopped, .. }) => stopped[output.index()] = true,
            Some(Stage::Running(_)) => self.close_output(turn, id, output),
            None => {}
        }
    }

    /// The system says that its leader has ended.
    pub(super) fn leader_ended(&mut self, turn: &mut Turn<Commander>, id: u64) {
        let now = turn.now();
        let Some(running) = self.jobs.get_mut(&id).and_then(Job::running) else { return };
        let Some(status) = running.process.peek() else { return };
        running.life.ended(status, now);
        if let Some(watch) = running.leader.take() {
            self.watched.remove(&watch);
            turn.give_back(watch);
        }
        self.settle(turn, id);
    }

    /// Does what is due for one command.
    pub(super) fn look_at(&mut self, turn: &mut Turn<Commander>, id: u64) {
        let now = turn.now();
        if let Some(job) = self.jobs.get_mut(&id) {
            job.armed = None;
        }
        while let Some(deed) = self.jobs.get_mut(&id).and_then(Job::running).and_then(|job| job.life.timeout(now)) {
            self.perform(turn, id, deed);
        }
        self.settle(turn, id);
    }

    /// Something has happened to a command: it may be over, or want to be looked at at another time.
    pub(super) fn settle(&mut self, turn: &mut Turn<Commander>, id: u64) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let armed = job.armed;
        let Some(running) = job.running() else { return };
        let next = running.life.next_timeout();
        if running.life.is_over() {
            return self.over(turn, id);
        }
        if next != armed {
            job.armed = next;
            self.timers.extend(next.map(|at| (at, id)));
            self.forget_timer(armed, id);
            self.appoint(turn);
        }
    }

    fn forget_timer(&mut self, armed: Option<crate::peer::Moment>, id: u64) {
        if let Some(at) = armed {
            self.timers.remove(&(at, id));
        }
    }

    /// Has the turn call when the first of all commands wants to be looked at.
    pub(super) fn appoint(&mut self, turn: &mut Turn<Commander>) {
        turn.appoint(self.timers.first().map(|(at, _)| *at));
    }

    /// Nothing more comes of a command but the word of its end.
    fn over(&mut self, turn: &mut Turn<Commander>, id: u64) {
        self.close_input(turn, id);
        let Some(job) = self.jobs.remove(&id) else { return };
        self.forget_timer(job.armed, id);
        let Job { peer, channel, record, stage: Stage::Running(mut running), .. } = job else { return };
        let exit = let_go(&mut running, turn);
        record.end(&exit, running.life.is_forsaken());
        if let Some(cgroup) = running.process.take_cgroup() {
            self.hub.leave(Errand::Remove(cgroup));
        }
        if let Some(session) = turn.state(peer) {
            session.jobs.remove(&channel);
            if session.mux.exit(channel).is_ok() {
                turn.push(peer, Report::Exit(channel, exit).framed());
            }
        }
        self.finish_if_done(turn);
    }
}

/// Lets go of the processes, and kills those that are left if they are not to be.
fn let_go(running: &mut Running, turn: &Turn<Commander>) -> Exit {
    let (kind, status, wall) = running.life.verdict(turn.now());
    let usage = running.process.reap();
    if running.life.sweeps() && running.process.kill() {
        running.life.swept();
    }
    let (raw_code, signal, core) = match status {
        Status::Exited(code) => (code, 0, false),
        Status::Killed { signal, core } => (0, signal, core),
        Status::Lost => (0, 0, false),
    };
    let [stdout, stderr] = &running.outputs;
    Exit {
        kind,
        raw_code,
        signal,
        core,
        survivors_killed: running.life.survivors_killed(),
        stdout_bytes: stdout.sent,
        stderr_bytes: stderr.sent,
        wall,
        user: usage.user,
        system: usage.system,
        max_rss: usage.max_rss,
    }
}
