//! What clients send to their commands.

use std::io;

use super::job::{Job, Stage};
use super::service::Commander;
use super::sys;
use super::wire::{INITIAL_STDIN, Report};
use crate::reactor::Turn;

impl Commander {
    /// More input, which waits until the pipe takes it: never more than there is credit for.
    pub(super) fn input(&mut self, turn: &mut Turn<Commander>, id: u64, bytes: &[u8]) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if !job.input.closed {
            job.input.waiting.extend_from_slice(bytes);
            self.feed(turn, id);
        }
    }

    pub(super) fn end_input(&mut self, turn: &mut Turn<Commander>, id: u64) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.input.ended = true;
            self.feed(turn, id);
        }
    }

    /// Writes what waits, as far as the pipe takes it, and gives the client credit for it.
    pub(super) fn feed(&mut self, turn: &mut Turn<Commander>, id: u64) {
        let Some(Job { input, stage: Stage::Running(_), .. }) = self.jobs.get_mut(&id) else { return };
        let Some(watch) = input.watch else { return };
        while input.writable && input.written < input.waiting.len() {
            let Some(fd) = turn.watched(watch) else { return };
            match sys::write(fd, &input.waiting[input.written..]) {
                Ok(count) => {
                    input.written += count;
                    input.owed += count as u32;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => input.writable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return self.input_closed(turn, id),
            }
        }
        input.waiting.drain(..std::mem::take(&mut input.written));
        if input.waiting.is_empty() {
            // An idle command keeps no buffer.
            input.waiting = Vec::new();
        }
        if input.ended {
            if input.waiting.is_empty() {
                self.close_input(turn, id);
            }
        } else if input.owed >= INITIAL_STDIN / 2 {
            self.grant_input(turn, id);
        }
    }

    fn grant_input(&mut self, turn: &mut Turn<Commander>, id: u64) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let more = std::mem::take(&mut job.input.owed);
        if let Some(session) = turn.state(job.peer)
            && session.mux.grant_stdin(job.channel, more).is_ok()
        {
            turn.push(job.peer, Report::StdinCredit(job.channel, more).framed());
        }
    }

    /// The command reads no more. What is still sent is thrown away; it may have had enough.
    pub(super) fn input_closed(&mut self, turn: &mut Turn<Commander>, id: u64) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let (peer, channel) = (job.peer, job.channel);
        let is_news = !std::mem::replace(&mut job.input.closed, true) && job.input.watch.is_some();
        self.close_input(turn, id);
        if is_news && turn.state(peer).is_some() {
            turn.push(peer, Report::StdinClosed(channel).framed());
        }
    }

    /// Lets go of the pipe: the command finds the end of its input.
    pub(super) fn close_input(&mut self, turn: &mut Turn<Commander>, id: u64) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        (job.input.waiting, job.input.written) = (Vec::new(), 0);
        if let Some(watch) = job.input.watch.take() {
            self.watched.remove(&watch);
            drop(turn.unwatch(watch));
        }
    }
}
