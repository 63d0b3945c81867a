//! The queue of events: one for every way to take them.

use std::collections::{VecDeque, vec_deque};
use std::iter::Chain;
use std::option;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use super::event::{Event, LeaveReason, Message};
use super::inbox::SessionRef;
use super::member::{Member, MemberId};
use super::options::{Events, Overflow, ServerOptions};
use crate::net::{Address, Deadline, Queue};
use crate::{Error, Result};

/// What waits for the embedder, or for the dispatcher that asks it.
pub(super) enum Item {
    Event(Event),
    /// A message that a filter has yet to let pass.
    Submitted(Message),
    Authorize(Arc<Member>, SessionRef),
    /// A member leaves; what it said before has yet to pass the filter.
    Parting(SessionRef, LeaveReason),
    /// The connection of a member broke; what it said before has yet to pass the filter.
    Departed(Arc<Member>, LeaveReason),
    /// Every message that was read before the server stopped stands before this.
    LastSubmitted,
}

impl Item {
    /// What is told to an embedder who polls: there, nothing else is queued.
    pub(super) fn into_event(self) -> Event {
        match self {
            Item::Event(event) => event,
            _ => unreachable!("only the dispatcher is asked"),
        }
    }

    /// The bytes of a message that waits for the filter.
    fn submitted(&self) -> usize {
        match self {
            Item::Submitted(message) => message.text.len(),
            _ => 0,
        }
    }

    fn is_message(&self) -> bool {
        matches!(self, Item::Event(Event::Message(_)))
    }
}

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
    full: AtomicBool,
    /// Bytes of messages that wait for the filter, and how many may: what passes at once must fit an outbox.
    submitted: AtomicUsize,
    submitted_limit: usize,
    dropped: AtomicU64,
    unreported: AtomicU64,
}

impl EventQueue {
    pub(super) fn new(options: &ServerOptions) -> EventQueue {
        EventQueue {
            queue: Queue::new(),
            limit: options.event_limit,
            policy: options.event_overflow,
            wanted: options.events,
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

    pub(super) fn wants_messages(&self) -> bool {
        self.wanted == Events::All
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
                Event::Left(member, _) if take_join(items, &member) => self.count_dropped(2),
                Event::Joined(_) | Event::Left(..) => items.push_back(Item::Event(event)),
                _ => self.count_dropped(1),
            }
        });
    }

    /// Queues what only the dispatcher may take. It is never dropped: the workers stop reading while the queue is full.
    pub(super) fn push_for_dispatcher(&self, item: Item) {
        self.queue.lock(|items| {
            let bytes = self.submitted.fetch_add(item.submitted(), Ordering::Relaxed) + item.submitted();
            items.push_back(item);
            let full = items.len() >= self.limit || bytes >= self.submitted_limit;
            self.full.store(full, Ordering::Release);
        });
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
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::net::Endpoint;

    fn queue(policy: Overflow) -> EventQueue {
        let mut options = ServerOptions::new(Endpoint::tcp("", 0));
        (options.event_limit, options.event_overflow, options.events) = (2, policy, Events::All);
        EventQueue::new(&options)
    }

    fn messages(queue: &EventQueue, texts: &[&str]) -> Vec<MemberId> {
        let from = Arc::new(Member::new(9, Address::Unix("".into())));
        queue.push_messages(texts.iter().map(|&text| Message {
            seq: 1,
            time: SystemTime::now(),
            from: Arc::clone(&from),
            text: text.into(),
        }))
    }

    fn drain(queue: &EventQueue) -> Vec<String> {
        let mut items = Vec::new();
        queue.take(100, &Deadline::after(Duration::ZERO), |taken| items.extend(taken)).unwrap();
        let show = |item: &Item| match item {
            Item::Event(Event::Message(message)) => message.text.to_string(),
            Item::Event(Event::Overflow(count)) => format!("lost {count}"),
            _ => "other".into(),
        };
        items.iter().map(show).collect()
    }

    #[test]
    fn each_policy_does_what_its_name_says_and_tells_of_losses() {
        let oldest = queue(Overflow::DropOldest);
        oldest.push(Event::Error(crate::Status::Io.into()));
        messages(&oldest, &["a", "b", "c"]);
        assert_eq!(drain(&oldest), ["lost 2", "other", "c"]);

        let newest = queue(Overflow::DropNewest);
        messages(&newest, &["a", "b", "c", "d"]);
        assert_eq!((drain(&newest), newest.dropped()), (vec!["lost 2".into(), "a".into(), "b".into()], 2));

        let disconnect = queue(Overflow::Disconnect);
        assert_eq!(messages(&disconnect, &["a", "b", "c"]), [9]);

        let block = queue(Overflow::Block);
        messages(&block, &["a", "b", "c"]);
        assert!(block.is_full());
        assert_eq!(drain(&block), ["a", "b", "c"]);
        assert!(!block.is_full());
    }

    #[test]
    fn an_embedder_that_never_asks_costs_a_bounded_number_of_events() {
        let queue = queue(Overflow::DropOldest);
        for _ in 0..1000 {
            queue.push(Event::Error(crate::Status::Io.into()));
        }
        queue.close(None);
        let taken = drain(&queue);
        assert_eq!((taken.len(), taken[0].as_str()), (6, "lost 996"));
    }

    fn member(id: MemberId) -> Arc<Member> {
        Arc::new(Member::new(id, Address::Unix("".into())))
    }

    #[test]
    fn what_waits_for_the_filter_is_bounded_in_bytes() {
        let mut options = ServerOptions::new(Endpoint::tcp("", 0));
        (options.outbox_limit, options.filter) = (64 * 1024, true);
        let queue = EventQueue::new(&options);
        let submit = || {
            let text = "x".repeat(8000).into();
            queue.push_for_dispatcher(Item::Submitted(Message {
                seq: 0,
                time: SystemTime::now(),
                from: member(9),
                text,
            }));
        };
        submit();
        submit();
        assert!(!queue.is_full());
        submit();
        assert!(queue.is_full());
        let take = |most| queue.take(most, &Deadline::after(Duration::ZERO), |taken| taken.for_each(drop)).unwrap();
        assert!(!take(1) && queue.is_full());
        assert!(take(1) && !queue.is_full());
    }

    /// Who is there, going by what the embedder is told.
    fn follow(queue: &EventQueue, there: &mut Vec<MemberId>) {
        let mut items = Vec::new();
        let _ = queue.take(1_000_000, &Deadline::after(Duration::ZERO), |taken| items.extend(taken));
        for item in items {
            match item {
                Item::Event(Event::Joined(member)) => there.push(member.id()),
                Item::Event(Event::Left(member, _)) => {
                    let place = there.iter().position(|id| *id == member.id());
                    there.remove(place.expect("who leaves has joined"));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn no_flood_of_strangers_makes_joins_or_leaves_get_lost() {
        let (queue, mut there) = (queue(Overflow::Block), Vec::new());
        let members: Vec<_> = (1..=10).map(member).collect();
        queue.push(Event::Joined(Arc::clone(&members[0])));
        follow(&queue, &mut there);
        for _ in 0..1000 {
            queue.push(Event::AuthenticationFailed(Address::Unix("".into())));
        }
        members[1..].iter().for_each(|member| queue.push(Event::Joined(Arc::clone(member))));
        members[..5].iter().for_each(|member| queue.push(Event::Left(Arc::clone(member), LeaveReason::Quit)));
        follow(&queue, &mut there);
        assert_eq!(there, [6, 7, 8, 9, 10]);
    }

    #[test]
    fn members_that_come_and_go_while_nobody_asks_are_bounded_and_leave_no_trace() {
        let (queue, mut there) = (queue(Overflow::DropOldest), Vec::new());
        for id in 1..=1000 {
            queue.push(Event::Joined(member(id)));
            let again = queue.queue.lock(|items| match items.back() {
                Some(Item::Event(Event::Joined(member))) => Arc::clone(member),
                _ => panic!("no join was queued"),
            });
            queue.push(Event::Left(again, LeaveReason::Quit));
        }
        assert!(queue.queue.lock(|items| items.len()) <= 4);
        assert!(queue.dropped() > 0);
        follow(&queue, &mut there);
        assert_eq!(there, [] as [MemberId; 0]);
    }

    #[test]
    fn failures_are_counted_where_they_have_no_place() {
        let queue = queue(Overflow::Block);
        for _ in 0..100 {
            queue.push(Event::AuthenticationFailed(Address::Unix("".into())));
        }
        queue.push(Event::AuthenticationsFailed(50, Address::Unix("last".into())));
        let (mut count, mut last, mut items) = (0, None, Vec::new());
        queue.take(100, &Deadline::after(Duration::ZERO), |taken| items.extend(taken)).unwrap();
        for item in items {
            match item {
                Item::Event(Event::AuthenticationFailed(_)) => count += 1,
                Item::Event(Event::AuthenticationsFailed(several, address)) => {
                    count += several;
                    last = Some(address);
                }
                _ => panic!("a loss"),
            }
        }
        assert_eq!((count, last), (150, Some(Address::Unix("last".into()))));
    }

    #[test]
    fn what_is_not_lost_is_not_counted_as_lost() {
        let queue = queue(Overflow::DropOldest);
        (1..=3).for_each(|id| queue.push(Event::Joined(member(id))));
        messages(&queue, &["a"]);
        assert_eq!((queue.dropped(), drain(&queue).len()), (0, 4));
    }
}
