//! What commands write, on its way to their clients.
//!
//! A pipe is read if its client has given credit for it and little waits for the client; otherwise its command waits in its
//! own write. Nothing is kept here.

use std::io;

use bytes::Bytes;

use super::job::{Job, Running, Standing};
use super::life::Cause;
use super::service::Commander;
use super::sys;
use super::wire::{CHUNK, OUTPUT_HEAD, Output, Report, UNCOUNTED};
use crate::peer::Moment;
use crate::reactor::{Door, PeerRef, Turn};

/// What came of an output.
enum Read {
    /// More may come at once.
    Some,
    /// Its pipe, its client's credit or its client's outbox says when it goes on.
    Waits,
    End,
}

impl Running {
    /// There is nothing in it for the moment: its pipe says when there is.
    fn dry(&mut self, output: Output, now: Moment) -> Read {
        self.outlet(output).readable = false;
        self.life.dry(output, now);
        Read::Waits
    }
}

impl Commander {
    /// Puts an output that may have something on the list.
    pub(super) fn queue(&mut self, id: u64, output: Output) {
        let Some(running) = self.jobs.get_mut(&id).and_then(Job::running) else { return };
        let outlet = running.outlet(output);
        if outlet.watch.is_some() && outlet.readable && outlet.place == Standing::Idle {
            outlet.place = Standing::Queued;
            self.ready.push_back((id, output));
        }
    }

    /// The same for one that had to wait until less waits for its client.
    pub(super) fn release(&mut self, id: u64, output: Output) {
        if let Some(running) = self.jobs.get_mut(&id).and_then(Job::running) {
            running.outlet(output).place = Standing::Idle;
        }
        self.queue(id, output);
    }

    /// Reads each output on the list once.
    pub(super) fn read_outputs(&mut self, turn: &mut Turn<Commander>) {
        for _ in 0..self.ready.len() {
            let Some((id, output)) = self.ready.pop_front() else { break };
            match self.jobs.get_mut(&id).and_then(Job::running) {
                Some(running) => running.outlet(output).place = Standing::Idle,
                None => continue,
            }
            match self.read_output(turn, id, output) {
                Read::Some => self.queue(id, output),
                Read::Waits => {}
                Read::End => self.close_output(turn, id, output),
            }
            self.settle(turn, id);
        }
        if !self.ready.is_empty() {
            turn.go_on();
        }
    }

    fn read_output(&mut self, turn: &mut Turn<Commander>, id: u64, output: Output) -> Read {
        let (now, room) = (turn.now(), self.hub.options.output_room());
        let Some(job) = self.jobs.get_mut(&id) else { return Read::Waits };
        let (peer, channel) = (job.peer, job.channel);
        let Some(running) = job.running() else { return Read::Waits };
        let Some(watch) = running.outlet(output).watch else { return Read::Waits };
        // The outputs of a command whose client is gone are closed, and not read.
        let Some(mut door) = turn.door(peer).filter(Door::is_open) else { return Read::Waits };
        if door.outbox_cost() >= room {
            door.state().held.push((id, output));
            running.outlet(output).place = Standing::Held;
            return Read::Waits;
        }
        let credit = door.state().mux.credit(channel, output);
        let Some(fd) = turn.watched(watch) else { return Read::Waits };
        if credit == 0 {
            // That nothing more comes takes no credit to be told.
            return match (sys::is_empty(fd), running.outlet(output).hung_up) {
                (true, true) => Read::End,
                (false, _) if turn.is_stopping() => {
                    // No credit comes any more.
                    running.life.cut();
                    Read::End
                }
                (true, false) => running.dry(output, now),
                (false, _) => Read::Waits,
            };
        }
        let wanted = CHUNK.min(credit as usize);
        match sys::read(fd, &mut self.buffer[OUTPUT_HEAD..][..wanted]) {
            Ok(0) => Read::End,
            Ok(count) => {
                if count == CHUNK && !std::mem::replace(&mut running.outlet(output).widened, true) {
                    // Its command writes faster than it is read: with more room it is woken less often.
                    sys::widen(fd);
                }
                running.life.read(count, now);
                self.deliver(turn, id, output, count);
                Read::Some
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => running.dry(output, now),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Read::Some,
            Err(_) => Read::End,
        }
    }

    /// Sends so many bytes of the buffer, as far as the command's limit lets it.
    fn deliver(&mut self, turn: &mut Turn<Commander>, id: u64, output: Output, count: usize) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let (peer, channel) = (job.peer, job.channel);
        let allowed = job.allowance.map_or(count, |left| usize::try_from(left).unwrap_or(count).min(count));
        if let Some(left) = &mut job.allowance {
            *left -= allowed as u64;
        }
        let dropped = (count - allowed) as u64;
        if let Some(running) = job.running() {
            let outlet = running.outlet(output);
            outlet.sent += allowed as u64;
            outlet.dropped += dropped;
        }
        if allowed > 0
            && let Some(session) = turn.state(peer)
            && session.mux.spend(channel, output, allowed).is_ok()
        {
            self.buffer[..OUTPUT_HEAD].copy_from_slice(&Report::output_head(channel, output, allowed));
            send(turn, peer, &self.buffer[..OUTPUT_HEAD + allowed]);
        }
        if dropped > 0 {
            // While it lives: what ends because it was killed was not ended by it.
            self.note_cut(turn, id);
            self.end(turn, id, Cause::OutputLimit);
            Output::BOTH.into_iter().for_each(|output| self.close_output(turn, id, output));
        }
    }

    /// It has written more than it may: what it would have written to the other output, too, nobody knows, unless it has ended
    /// that itself.
    fn note_cut(&mut self, turn: &mut Turn<Commander>, id: u64) {
        let Some(running) = self.jobs.get_mut(&id).and_then(Job::running) else { return };
        for output in Output::BOTH {
            let outlet = running.outlet(output);
            let open = outlet.watch.filter(|_| outlet.dropped == 0).and_then(|watch| turn.watched(watch));
            if open.is_some_and(|fd| !matches!(sys::read(fd, &mut self.buffer[..1]), Ok(0))) {
                outlet.dropped = UNCOUNTED;
            }
        }
    }

    /// Reads an output no more, and tells the client of its end.
    pub(super) fn close_output(&mut self, turn: &mut Turn<Commander>, id: u64, output: Output) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let (peer, channel) = (job.peer, job.channel);
        let Some(running) = job.running() else { return };
        let dropped = running.outlet(output).dropped;
        running.life.closed(output);
        if let Some(watch) = running.outlet(output).watch.take() {
            self.watched.remove(&watch);
            drop(turn.unwatch(watch));
        }
        if let Some(session) = turn.state(peer)
            && let Ok(total) = session.mux.end(channel, output)
        {
            turn.push(peer, Report::End(channel, output, total, dropped).framed());
        }
        self.settle(turn, id);
    }
}

/// Sends a message at once where nothing waits for its peer, else behind what does.
fn send(turn: &mut Turn<Commander>, peer: PeerRef, message: &[u8]) {
    let Some(mut door) = turn.door(peer) else { return };
    if !door.is_clear() {
        return turn.push(peer, Bytes::copy_from_slice(message));
    }
    match door.offer_copy(message) {
        Ok(()) if door.has_output() => turn.press(peer),
        Ok(()) => {}
        Err(reason) => turn.doom(peer, reason),
    }
}
