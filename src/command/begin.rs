//! Beginning a command: what is asked for, whether it may be, and that it runs.

use std::io;
use std::time::Duration;

use mio::Interest;

use super::audit::Record;
use super::errand::{Errand, Order, Started};
use super::job::{Input, Job, Outlet, Running, Stage};
use super::life::Life;
use super::process::Process;
use super::service::{Commander, Part};
use super::template::{Line, Refused};
use super::wire::{Output, Refusal, Report, Run};
use crate::net::PrivateFd;
use crate::reactor::{PeerRef, Turn, WatchRef};

impl Commander {
    /// Runs what a client asks for, or refuses it.
    pub(super) fn run(&mut self, turn: &mut Turn<Commander>, peer: PeerRef, channel: u32, run: &Run<'_>) {
        let Some(session) = turn.state(peer) else { return };
        let record = Record::new(self.hub.next_id(), &session.client);
        if self.hub.is_closing() {
            return self.refuse(turn, peer, channel, &record, &stopping());
        }
        let open = session.mux.open();
        match self.order(run, record, peer, channel, open, turn.worker()) {
            Ok((id, job, order)) => match self.hub.errands.push_waiting(Errand::Start(order), usize::MAX) {
                Ok(()) => {
                    if let Some(session) = turn.state(peer) {
                        session.jobs.insert(channel, id);
                    }
                    self.jobs.insert(id, job);
                }
                Err(_) => self.refuse(turn, peer, channel, &job.record, &stopping()),
            },
            Err((record, why)) => self.refuse(turn, peer, channel, &record, &why),
        }
    }

    fn order(
        &self,
        run: &Run<'_>,
        record: Record,
        peer: PeerRef,
        channel: u32,
        open: usize,
        worker: usize,
    ) -> Result<(u64, Job, Order), (Record, Refused)> {
        let (line, environment) = match self.line(run, &record, open) {
            Ok(allowed) => allowed,
            Err(why) => return Err((record, why)),
        };
        let Some(terms) = self.hub.options.terms(run.timeout) else {
            let longest = self.hub.options.longest_timeout;
            return Err((record, (Refusal::Timeout, format!("{}, which is {longest:?}", Refusal::Timeout))));
        };
        let Some(place) = self.hub.take_place() else {
            let limit = self.hub.options.total_limit;
            return Err((record, (Refusal::Busy, format!("{}: {limit} run at a time", Refusal::Busy))));
        };
        record.begin(&line);
        let id = record.id;
        let job = Job {
            peer,
            channel,
            record,
            terms,
            allowance: allowance(self.hub.options.output_limit as u64, run.limit),
            input: Input { ended: !run.flags.stdin, ..Input::default() },
            stage: Stage::Starting { signals: Vec::new(), stopped: [false; 2], cause: None, merge: run.flags.merge },
            armed: None,
            _place: place,
        };
        let (stdin, merge) = (run.flags.stdin, run.flags.merge);
        Ok((id, job, Order { worker, job: id, line, environment, stdin, merge }))
    }

    fn line(&self, run: &Run<'_>, record: &Record, open: usize) -> Result<(Line, Vec<Vec<u8>>), Refused> {
        if open > self.hub.options.command_limit {
            let limit = self.hub.options.command_limit;
            return Err((Refusal::Busy, format!("{}: {limit} of one client run at a time", Refusal::Busy)));
        }
        let line = self.hub.catalogue.line(run, record.key_id())?;
        Ok((line, self.hub.catalogue.environment(&run.env)?))
    }

    fn refuse(&self, turn: &mut Turn<Commander>, peer: PeerRef, channel: u32, record: &Record, why: &Refused) {
        let (refusal, text) = why;
        record.refused(*refusal, text);
        self.hub.counts.refused.add(1);
        let Some(session) = turn.state(peer) else { return };
        session.jobs.remove(&channel);
        if session.mux.refused(channel).is_ok() {
            turn.push(peer, Report::Refused(channel, refusal.code(), text).framed());
        }
    }

    /// A command could not be started.
    pub(super) fn not_started(&mut self, turn: &mut Turn<Commander>, id: u64, why: &Refused) {
        if let Some(job) = self.jobs.remove(&id) {
            self.refuse(turn, job.peer, job.channel, &job.record, why);
            self.finish_if_done(turn);
        }
    }

    /// A command runs.
    pub(super) fn started(&mut self, turn: &mut Turn<Commander>, id: u64, started: Started) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let Stage::Starting { signals, stopped, cause, merge } = &mut job.stage else { return };
        let (signals, stopped, cause, merge) = (std::mem::take(signals), *stopped, *cause, *merge);
        let Started { process, stdin, outputs } = started;
        let [stdout, stderr] = outputs;
        let (readable, [out, err]) = (Interest::READABLE, Output::BOTH.map(Part::Output));
        let wanted = [(stdin, Interest::WRITABLE, Part::Input), (stdout, readable, out), (stderr, readable, err)];
        let Ok((leader, [input, stdout, stderr])) = self.watch_all(turn, id, &process, wanted) else {
            // Nothing could be heard of it.
            process.kill();
            self.hub.leave(Errand::Bury(process));
            let text = format!("{}: the system watches no more descriptors", Refusal::SpawnFailed);
            return self.not_started(turn, id, &(Refusal::SpawnFailed, text));
        };
        let Some(job) = self.jobs.get_mut(&id) else { return };
        (job.input.watch, job.input.writable) = (input, true);
        let outputs = [stdout, stderr].map(|watch| Outlet { watch, readable: true, ..Outlet::default() });
        let (life, leader) = (Life::new(job.terms, turn.now()), Some(leader));
        job.stage = Stage::Running(Box::new(Running { life, process, leader, outputs }));
        let (peer, channel, audit) = (job.peer, job.channel, job.record.id);
        self.hub.counts.started.add(1);
        if let Some(session) = turn.state(peer)
            && session.mux.started(channel).is_ok()
        {
            turn.push(peer, Report::Started(channel, audit).framed());
        }
        for output in Output::BOTH {
            if stopped[output.index()] || (merge && output == Output::Stderr) {
                self.stop_output(turn, id, output);
            } else {
                self.queue(id, output);
            }
        }
        signals.into_iter().for_each(|signal| self.signal(id, signal));
        if let Some(cause) = cause {
            self.end(turn, id, cause);
        }
        self.feed(turn, id);
        self.settle(turn, id);
    }
}

/// What to watch of a command, and for what.
type Wanted = (Option<PrivateFd>, Interest, Part);

impl Commander {
    /// Watches a command's leader and its pipes, or nothing.
    fn watch_all(
        &mut self,
        turn: &mut Turn<Commander>,
        id: u64,
        process: &Process,
        pipes: [Wanted; 3],
    ) -> io::Result<(WatchRef, [Option<WatchRef>; 3])> {
        let leader = turn.lend(process.pidfd(), Interest::READABLE)?;
        self.watched.insert(leader, (id, Part::Leader));
        let mut watches = [None; 3];
        for (place, (fd, interest, part)) in watches.iter_mut().zip(pipes) {
            match fd.map(|fd| turn.watch(fd, interest)).transpose() {
                Ok(watch) => {
                    *place = watch;
                    self.watched.extend(watch.map(|watch| (watch, (id, part))));
                }
                Err(error) => {
                    for watch in watches.into_iter().flatten().chain([leader]) {
                        self.watched.remove(&watch);
                        drop(turn.unwatch(watch));
                    }
                    return Err(error);
                }
            }
        }
        Ok((leader, watches))
    }
}

pub(super) fn stopping() -> Refused {
    (Refusal::Stopping, Refusal::Stopping.to_string())
}

/// The smaller one of two limits, each of which is none if it is 0.
fn allowance(own: u64, asked: u64) -> Option<u64> {
    [own, asked].into_iter().filter(|limit| *limit > 0).min()
}

/// How long commands have that are asked to end when the server stops within that time.
pub(super) fn patience_of_stop(left: Duration) -> Duration {
    left / 2
}
