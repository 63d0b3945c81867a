use std::time::{Duration, SystemTime};

use super::*;
use crate::net::Endpoint;
use crate::peer::LeaveReason;

fn queue(policy: Overflow) -> EventQueue {
    let mut options = ServerOptions::new(Endpoint::tcp("", 0));
    (options.event_limit, options.event_overflow, options.events) = (2, policy, Events::All);
    EventQueue::new(&options, false)
}

fn messages(queue: &EventQueue, texts: &[&str]) -> Vec<MemberId> {
    let from = Arc::new(Member::new(9, Address::Unix("".into()), false));
    queue.push_messages(texts.iter().map(|&text| Message {
        seq: 1,
        time: SystemTime::now(),
        from: Arc::clone(&from),
        to: None,
        text: text.into(),
        receipt: None,
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
    Arc::new(Member::new(id, Address::Unix("".into()), false))
}

#[test]
fn what_waits_for_the_filter_is_bounded_in_bytes() {
    let mut options = ServerOptions::new(Endpoint::tcp("", 0));
    (options.outbox_limit, options.filter) = (64 * 1024, true);
    let queue = EventQueue::new(&options, false);
    let submit = || {
        let text = "x".repeat(8000).into();
        queue.push_question(Item::Submitted(Message {
            seq: 0,
            time: SystemTime::now(),
            from: member(9),
            to: None,
            text,
            receipt: None,
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
