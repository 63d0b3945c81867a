//! A queue between the library's threads and the embedder's.

use std::collections::VecDeque;
use std::os::fd::{AsFd, RawFd};
use std::sync::Arc;

use super::sys::descriptor::Direction;
use super::waiting::wait;
use super::{Deadline, Signal};
use crate::sync::{Condvar, Mutex, MutexGuard};
use crate::{Error, Result, Status};

/// First in, first out; consumers block with a deadline, poll a descriptor, or are woken on purpose.
///
/// How full it may get, and what happens then, is the producer's business: see [`Queue::lock`].
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    ready: Condvar,
    space: Condvar,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
    /// Nobody waits for room any more: see [`Queue::let_through`].
    open_ended: bool,
    wakes: usize,
    /// Who sleeps until something comes, and until there is room. Nobody is woken who does not: that costs a system call.
    waiting_for_items: usize,
    waiting_for_space: usize,
    /// Made on first use: most queues are never polled by a descriptor.
    signal: Option<Arc<Signal>>,
    signalled: bool,
}

impl<T> State<T> {
    fn is_ready(&self) -> bool {
        !self.items.is_empty() || self.closed || self.wakes > 0
    }

    fn update_signal(&mut self) {
        let Some(signal) = &self.signal else { return };
        let ready = !self.items.is_empty() || self.closed || self.wakes > 0;
        if ready != self.signalled {
            if ready {
                signal.set()
            } else {
                signal.clear()
            }
            self.signalled = ready;
        }
    }
}

impl<T> Queue<T> {
    pub(crate) fn new() -> Queue<T> {
        let state = State {
            items: VecDeque::new(),
            closed: false,
            open_ended: false,
            wakes: 0,
            waiting_for_items: 0,
            waiting_for_space: 0,
            signal: None,
            signalled: false,
        };
        Queue { state: Mutex::new(state), ready: Condvar::new(), space: Condvar::new() }
    }

    /// Looks at and changes the items under the lock; consumers are woken when there are some afterwards.
    pub(crate) fn lock<R>(&self, change: impl FnOnce(&mut VecDeque<T>) -> R) -> R {
        let mut state = self.state.lock();
        let result = change(&mut state.items);
        self.publish(&mut state);
        result
    }

    /// Adds an item, waiting while there are `limit` already, unless [`Queue::let_through`] was called; gives it back when
    /// the queue is closed.
    pub(crate) fn push_waiting(&self, item: T, limit: usize) -> Result<(), T> {
        let mut state = self.state.lock();
        while state.items.len() >= limit && !state.closed && !state.open_ended {
            state.waiting_for_space += 1;
            state = self.space.wait(state, None);
            state.waiting_for_space -= 1;
        }
        if state.closed {
            return Err(item);
        }
        state.items.push_back(item);
        self.publish(&mut state);
        Ok(())
    }

    /// Waits until there is something, then lets `take` have it.
    ///
    /// `Closed` when the queue is closed and empty, `Interrupted` after [`Queue::wake`], `TimedOut` beginning with `what`.
    pub(crate) fn wait<R>(
        &self,
        deadline: &Deadline<'_>,
        what: &str,
        take: impl FnOnce(&mut VecDeque<T>) -> R,
    ) -> Result<R> {
        let mut state = self.state.lock();
        loop {
            if state.wakes > 0 {
                state.wakes -= 1;
                state.update_signal();
                return Err(Error::new(Status::Interrupted, format!("{what} was woken")));
            }
            if !state.items.is_empty() {
                let result = take(&mut state.items);
                state.update_signal();
                self.make_room(&state);
                return Ok(result);
            }
            if state.closed {
                return Err(Error::new(Status::Closed, format!("{what}: closed, and nothing is left")));
            }
            if deadline.has_passed() {
                return Err(Deadline::timed_out(what));
            }
            state = self.sleep(state, deadline, what)?;
        }
    }

    /// A condition variable cannot be interrupted by a signal, a descriptor can.
    fn sleep<'m>(
        &'m self,
        mut state: MutexGuard<'m, State<T>>,
        deadline: &Deadline<'_>,
        what: &str,
    ) -> Result<MutexGuard<'m, State<T>>> {
        if deadline.can_be_interrupted() {
            let signal = Self::signal(&mut state)?;
            drop(state);
            return match wait([(signal.as_fd(), Direction::Receive)], deadline, what) {
                Err(error) if error.status() != Status::TimedOut => Err(error),
                _ => Ok(self.state.lock()),
            };
        }
        state.waiting_for_items += 1;
        state = self.ready.wait(state, deadline.instant());
        state.waiting_for_items -= 1;
        Ok(state)
    }

    /// Makes one waiting call (or the next one) end with `Interrupted`.
    pub(crate) fn wake(&self) {
        let mut state = self.state.lock();
        state.wakes += 1;
        self.publish(&mut state);
    }

    /// From now on nobody waits for room: the producer is about to end, and has at most the item in its hand to add.
    pub(crate) fn let_through(&self) {
        let mut state = self.state.lock();
        state.open_ended = true;
        self.make_room(&state);
    }

    /// Adds the last item, whatever the limit, and closes: whoever takes it finds the queue closed.
    pub(crate) fn close_with(&self, last: T) {
        let mut state = self.state.lock();
        if !state.closed {
            state.items.push_back(last);
        }
        self.close_locked(&mut state);
    }

    /// No more items will come: waiting calls end with `Closed` as soon as the queue is empty.
    pub(crate) fn close(&self) {
        self.close_locked(&mut self.state.lock());
    }

    /// Whether no more items will come.
    pub(crate) fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    fn close_locked(&self, state: &mut State<T>) {
        state.closed = true;
        self.make_room(state);
        self.publish(state);
    }

    /// A descriptor that is readable while [`Queue::wait`] would not block. It belongs to the queue.
    pub(crate) fn poll_fd(&self) -> Result<RawFd> {
        let mut state = self.state.lock();
        Ok(Self::signal(&mut state)?.raw_fd())
    }

    fn signal(state: &mut State<T>) -> Result<Arc<Signal>> {
        if let Some(signal) = &state.signal {
            return Ok(Arc::clone(signal));
        }
        let signal = Arc::new(Signal::new()?);
        state.signal = Some(Arc::clone(&signal));
        state.update_signal();
        Ok(signal)
    }

    fn publish(&self, state: &mut State<T>) {
        state.update_signal();
        if state.is_ready() && state.waiting_for_items > 0 {
            // Several consumers may wait, and one batch may be more than one of them takes.
            self.ready.notify_all();
        }
    }

    fn make_room(&self, state: &State<T>) {
        if state.waiting_for_space > 0 {
            self.space.notify_all();
        }
    }
}

#[cfg(all(test, shuttle))]
mod races;

#[cfg(test)]
mod tests;
