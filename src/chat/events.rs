//! The queue of events: one for every way to take them.

use std::collections::{VecDeque, vec_deque};
use std::iter::Chain;
use std::option;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use super::event::{Event, Message};
use super::item::Item;
use super::member::{Member, MemberId};
use super::options::{Events, Overflow, ServerOptions};
use super::questions::Questions;
use crate::net::{Address, Deadline, Queue};
use crate::{Error, Result};

/// What one call takes.
pub(super) type Taken<'q> = Chain<option::IntoIter<Item>, vec_deque::Drain<'q, Item>>;

/// What one call takes of an embedder that polls.
pub(crate) struct TakenEvents<'q>(Taken<'q>);

impl<'q> TakenEvents<'q> {
    pub(super) fn new(taken: Taken<'q>) -> TakenEvents<'q> {
        TakenEvents(taken)
    }
}

impl Iterator for TakenEvents<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.0.next().map(Item::into_event)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    fn fold<B, F: FnMut(B, Event) -> B>(self, first: B, mut put: F) -> B {
        self.0.fold(first, |before, item| put(before, item.into_event()))
    }
}

pub(super) struct EventQueue {
    queue: Queue<Item>,
    limit: usize,
    policy: Overflow,
    wanted: Events,
    filtered: bool,
    full: AtomicBool,
    /// What was asked of an embedder who polls; `None` for a dispatcher.
    pub(super) questions: Option<Questions>,
    /// Bytes of messages that wait for the filter, and how many may: what passes at once must fit an outbox.
    submitted: AtomicUsize,
    submitted_limit: usize,
    dropped: AtomicU64,
    unreported: AtomicU64,
}

impl EventQueue {
    /// `asks` says whether whoever polls is asked, and no dispatcher.
    pub(super) fn new(options: &ServerOptions, asks: bool) -> EventQueue {
        EventQueue {
            queue: Queue::new(),
            questions: asks.then(Questions::default),
            limit: options.event_limit,
            policy: options.event_overflow,
            wanted: options.events,
            filtered: options.filter,
            full: AtomicBool::new(false),
            submitted: AtomicUsize::new(0),
            submitted_limit: options.batch_size(),
            dropped: AtomicU64::new(0),
            unreported: AtomicU64::new(0),
        }
    }

    pub(super) fn are_wanted(&self) -> bool {
        self.wanted != Events::None
    }

    /// Whether messages are told of as the room gets them.
    pub(super) fn wants_messages(&self) -> bool {
        match self.wanted {
            Events::None | Events::Membership => false,
            Events::All => !self.filtered,
            Events::Said => true,
        }
    }

    /// Whether members must not be read until the embedder has caught up.
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Acquire)
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Queues an event that is not a message. These are few, so they may pass the limit, but not without any bound:
    /// an embedder that never asks must not cost the server its memory.
    ///
    /// Past twice the limit failed handshakes become one count, other troubles are lost, and who comes and goes before
    /// anybody asks is not told of. No other join or leave is ever lost: there are no more than members.
    pub(super) fn push(&self, event: Event) {
        if self.wanted == Events::None {
            return;
        }
        self.queue.lock(|items| {
            if items.len() < self.limit.saturating_mul(2) {
                return items.push_back(Item::Event(event));
            }
            match event {
                Event::AuthenticationFailed(address) => count_failures(items, 1, address),
                Event::AuthenticationsFailed(count, address) => count_failures(items, count, address),
                Event::Left(member, _) if take_join(items, &member) => {
                    member.leave_unheard();
                    self.count_dropped(2);
                }
                Event::Joined(_) | Event::Left(..) => items.push_back(Item::Event(event)),
                _ => self.count_dropped(1),
            }
        });
    }

    /// Queues what is asked. It is never dropped: the workers stop reading while the queue is full.
    pub(super) fn push_question(&self, item: Item) {
        self.queue.lock(|items| {
            if let (Item::Submitted(_), Some(questions)) = (&item, &self.questions) {
                questions.submit();
            }
            let bytes = self.submitted.fetch_add(item.submitted(), Ordering::Relaxed) + item.submitted();
            items.push_back(item);
            let full = items.len() + self.unanswered() >= self.limit || bytes >= self.submitted_limit;
            self.full.store(full, Ordering::Release);
        });
    }

    /// Queues what may come to pass when all that was said before has passed. Gives it back where that is so already.
    pub(super) fn push_behind(&self, item: Item) -> Option<Item> {
        self.queue.lock(|items| {
            if self.questions.as_ref().is_some_and(|questions| !questions.must_follow()) {
                return Some(item);
            }
            items.push_back(item);
            None
        })
    }

    /// What could pass has passed: lets what stands before the first message here have a place in the line of `questions`, for which
    /// nobody needs to poll. Whether there was any.
    pub(super) fn follow(&self, questions: &Questions) -> bool {
        if !questions.rest() {
            return false;
        }
        self.queue.lock(|items| {
            let first = items.iter().position(|item| matches!(item, Item::Submitted(_))).unwrap_or(items.len());
            if !items.range(..first).any(Item::follows) {
                return false;
            }
            let kept = |item: Item| if item.follows() { questions.ask(item) } else { Some(item) };
            let front: Vec<Item> = items.drain(..first).filter_map(kept).collect();
            front.into_iter().rev().for_each(|item| items.push_front(item));
            true
        })
    }

    /// Queues messages; returns the senders that the policy says to disconnect.
    pub(super) fn push_messages(&self, messages: impl Iterator<Item = Message>) -> Vec<MemberId> {
        let mut punished = Vec::new();
        self.queue.lock(|items| {
            for message in messages {
                if items.len() < self.limit || self.policy == Overflow::Block {
                    items.push_back(Item::Event(Event::Message(message)));
                    continue;
                }
                let lost = self.policy != Overflow::DropOldest || drop_oldest(items);
                self.count_dropped(u64::from(lost));
                match self.policy {
                    Overflow::DropOldest => {
                        items.push_back(Item::Event(Event::Message(message)));
                    }
                    Overflow::Disconnect => punished.push(message.from.id()),
                    Overflow::DropNewest | Overflow::Block => {}
                }
            }
            let full = self.policy == Overflow::Block && items.len() >= self.limit;
            self.full.store(full, Ordering::Release);
        });
        punished
    }

    fn count_dropped(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
        self.unreported.fetch_add(count, Ordering::Relaxed);
    }

    fn unanswered(&self) -> usize {
        self.questions.as_ref().map_or(0, Questions::unanswered)
    }

    /// Waits for items, and has `questions` take up to `most` of them in; what of them is to be told goes to `put`
    /// under the queue's lock. Whether there was any; if not, `put` is given back.
    pub(super) fn ask<P: FnOnce(Taken<'_>)>(
        &self,
        questions: &Questions,
        most: usize,
        deadline: &Deadline<'_>,
        put: P,
    ) -> Result<Option<P>> {
        self.queue.wait(deadline, "poll", |items| {
            let lost = self.unreported.swap(0, Ordering::Relaxed);
            let loss = (lost > 0).then_some(Item::Event(Event::Overflow(lost)));
            let most = (most.max(1) - usize::from(loss.is_some())).min(items.len());
            let mut told: VecDeque<_> = items.drain(..most).filter_map(|item| questions.ask(item)).collect();
            if loss.is_none() && told.is_empty() {
                return Some(put);
            }
            put(loss.into_iter().chain(told.drain(..)));
            None
        })
    }

    /// So many bytes of messages were answered. Returns whether the workers should look again because there is room now.
    pub(super) fn answered(&self, bytes: usize) -> bool {
        self.queue.lock(|items| {
            let waiting = self.submitted.fetch_sub(bytes, Ordering::Relaxed) - bytes;
            let relieved = items.len() + self.unanswered() <= self.limit / 2 && waiting <= self.submitted_limit / 2;
            self.is_full() && relieved && self.full.swap(false, Ordering::AcqRel)
        })
    }

    /// Waits for items and gives up to `most` of them to `put`, under the queue's lock; a loss since the last call is told
    /// first. Returns whether the workers should look again because there is room now.
    pub(super) fn take(&self, most: usize, deadline: &Deadline<'_>, put: impl FnOnce(Taken<'_>)) -> Result<bool> {
        self.queue.wait(deadline, "poll", |items| {
            let lost = self.unreported.swap(0, Ordering::Relaxed);
            let loss = (lost > 0).then_some(Item::Event(Event::Overflow(lost)));
            let most = most.max(1) - usize::from(loss.is_some());
            let most = most.min(items.len());
            let taken: usize = items.range(..most).map(Item::submitted).sum();
            let waiting = self.submitted.fetch_sub(taken, Ordering::Relaxed) - taken;
            put(loss.into_iter().chain(items.drain(..most)));
            let relieved = items.len() <= self.limit / 2 && waiting <= self.submitted_limit / 2;
            self.is_full() && relieved && self.full.swap(false, Ordering::AcqRel)
        })
    }

    pub(super) fn wake(&self) {
        self.queue.wake();
    }

    pub(super) fn poll_fd(&self) -> Result<std::os::fd::RawFd> {
        self.queue.poll_fd()
    }

    /// The server is closed: nothing comes after that event. What it has failed with comes before, past every limit.
    pub(super) fn close(&self, failure: Option<Error>) {
        if self.wanted == Events::None {
            return self.queue.close();
        }
        if let Some(failure) = failure {
            self.queue.lock(|items| items.push_back(Item::Event(Event::Error(failure))));
        }
        self.queue.close_with(Item::Event(Event::Closed));
    }
}

/// Whether there was a message to drop.
fn drop_oldest(items: &mut VecDeque<Item>) -> bool {
    items.iter().position(Item::is_message).and_then(|index| items.remove(index)).is_some()
}

/// Takes the join of a member out, if it still waits.
fn take_join(items: &mut VecDeque<Item>, member: &Arc<Member>) -> bool {
    let is_theirs = |item: &Item| matches!(item, Item::Event(Event::Joined(who)) if Arc::ptr_eq(who, member));
    items.iter().rposition(is_theirs).and_then(|index| items.remove(index)).is_some()
}

/// Adds to the failures that were queued last.
fn count_failures(items: &mut VecDeque<Item>, count: u64, address: Address) {
    let queued = items.iter_mut().rev().find_map(|item| match item {
        Item::Event(event) => event.failures().map(|before| (before, event)),
        _ => None,
    });
    match queued {
        Some((before, event)) => *event = Event::AuthenticationsFailed(before + count, address),
        None => items.push_back(Item::Event(Event::AuthenticationsFailed(count, address))),
    }
}

#[cfg(test)]
mod tests;
