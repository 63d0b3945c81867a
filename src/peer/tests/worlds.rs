//! What holds in a room of several peers, whatever their connections do.

use proptest::collection::vec;
use proptest::prelude::*;

use super::world::{Habits, World};
use super::*;
use crate::peer::Rate;

/// An hour: longer than anything here.
const END: u64 = 3_600_000;

fn quick() -> Habits {
    Habits {
        latency: Duration::from_millis(1),
        capacity: 4096,
        piece: 4096,
        says: Vec::new(),
        deaf: 0..0,
        answers_pings: false,
        rate: None,
    }
}

/// Who says that many lines, one a millisecond.
fn talker(name: &str, count: u64) -> Habits {
    Habits { says: (0..count).map(|number| (number, format!("{name} {number}\n"))).collect(), ..quick() }
}

/// Lines of the room's own length, at any times, over a connection of any kind.
fn habits() -> impl Strategy<Value = Habits> {
    let says = vec((0..3000_u64, "[a-z]{1,40}"), 0..12).prop_map(|mut says| {
        says.sort();
        says.into_iter().map(|(time, text)| (time, text + "\n")).collect::<Vec<_>>()
    });
    let rate =
        prop_oneof![Just(None), (1..4_u32, 1.0..50.0).prop_map(|(burst, per_second)| Some(Rate { burst, per_second }))];
    (says, 0..300_u64, 1..200_usize, 1..100_usize, 0..3000_u64, 0..1500_u64, rate).prop_map(
        |(says, latency, capacity, piece, start, length, rate)| Habits {
            says,
            latency: Duration::from_millis(latency),
            capacity,
            piece,
            deaf: start..start + length,
            rate,
            ..quick()
        },
    )
}

/// Outboxes that hold whatever a world of these says.
fn roomy() -> Rules {
    Rules { outbox_limit: 1 << 20, ..rules(Framing::Line) }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn everybody_who_reads_hears_all_that_is_said_once_and_in_one_order(habits in vec(habits(), 1..5)) {
        let lines: usize = habits.iter().map(|habits| habits.says.len()).sum();
        let mut world = World::new(roomy(), habits);
        world.run(at(END));
        prop_assert_eq!(world.said.lines().count(), lines);
        for line in &world.lines {
            prop_assert_eq!(line.gone, None);
            prop_assert_eq!(&line.read, &world.said);
        }
    }

    #[test]
    fn who_leaves_hears_what_was_said_before_and_a_farewell_at_last(habits in vec(habits(), 1..4), time in 0..3000_u64) {
        let mut habits = habits;
        habits[0].says.retain(|(at, _)| *at < time);
        habits[0].says.push((time, "quit\nnobody hears this\n".into()));
        // Its farewell has a second.
        (habits[0].deaf, habits[0].capacity, habits[0].latency) = (0..0, 4096, Duration::from_millis(1));
        let mut world = World::new(roomy(), habits);
        world.run(at(END));
        prop_assert!(!world.said.contains("nobody"));
        let quitter = &world.lines[0];
        prop_assert_eq!(quitter.gone.map(|(_, reason)| reason), Some(LeaveReason::Closed));
        let heard = &world.said[..quitter.left_at.unwrap()];
        prop_assert_eq!(&quitter.read, &format!("{heard}bye: quit\n"));
        for line in &world.lines[1..] {
            prop_assert_eq!(&line.read, &world.said);
        }
    }

    #[test]
    fn who_never_reads_costs_a_bounded_memory_and_nobody_else_a_word(
        habits in vec(habits(), 1..4),
        count in 1..200_u64,
        capacity in 1..200_usize,
    ) {
        let rules = rules(Framing::Line);
        let deaf = Habits { deaf: 0..u64::MAX / 1_000_000, capacity, ..quick() };
        let harmless = habits.into_iter().map(|habits| Habits { deaf: 0..0, capacity: 4096, ..habits });
        let mut world = World::new(rules.clone(), harmless.chain([talker("flood", count), deaf]));
        while world.now < at(20_000) {
            let before = world.now;
            world.run(before);
            prop_assert!(world.greatest_outbox() <= rules.outbox_limit + 64 + 64);
            if world.now == before {
                break;
            }
        }
        let (deaf, others) = world.lines.split_last().unwrap();
        for line in others {
            prop_assert_eq!(&line.read, &world.said);
        }
        let is_over = world.said.len() > capacity;
        prop_assert_eq!(deaf.gone.is_some(), is_over, "{:?}", deaf.gone);
    }
}

#[test]
fn who_stops_reading_goes_two_seconds_later_and_the_others_stay() {
    let deaf = Habits { deaf: 10..u64::MAX / 1_000_000, capacity: 8, ..quick() };
    let mut world = World::new(roomy(), [talker("a", 40), deaf]);
    world.run(at(END));
    let (gone, reason) = world.lines[1].gone.unwrap();
    assert_eq!(reason, LeaveReason::Stalled);
    let latest = at(40) + Duration::from_secs(2);
    assert!(gone > at(2000) && gone <= latest, "{gone:?}");
    assert_eq!(world.lines[0].gone, None);
}

#[test]
fn who_reads_a_little_now_and_then_is_not_stalled() {
    let mut slow = Habits { capacity: 8, latency: Duration::from_millis(1500), ..quick() };
    slow.deaf = 0..1999;
    let mut world = World::new(roomy(), [talker("a", 20), slow]);
    world.run(at(END));
    assert_eq!(world.lines[1].gone, None);
    assert_eq!(world.lines[1].read, world.said);
}

#[test]
fn who_answers_pings_stays_and_who_does_not_goes() {
    let rules = Rules { ping_interval: Some(Duration::from_secs(10)), ..roomy() };
    let answering = Habits { answers_pings: true, latency: Duration::from_millis(400), ..quick() };
    let mut world = World::new(rules, [answering, quick()]);
    world.run(at(100_000));
    assert_eq!(world.lines[0].gone, None);
    assert_eq!(world.lines[0].read.matches("PING").count(), 9);
    assert_eq!(world.lines[1].read, "PING\nbye: did not answer a ping\n");
    assert!(world.lines[1].gone.unwrap().0 >= at(11_000));
}

#[test]
fn who_is_held_back_for_its_rate_is_not_taken_for_dead() {
    let rules = Rules { ping_interval: Some(Duration::from_secs(10)), ..roomy() };
    let words: String = (0..100).map(|number| format!("{number}\n")).collect();
    let hasty = Habits { says: vec![(0, words.clone())], rate: Some(Rate { burst: 1, per_second: 0.09 }), ..quick() };
    let mut world = World::new(rules, [hasty]);
    world.run(at(500_000));
    assert_eq!(world.lines[0].gone, None);
    assert!(!world.lines[0].read.contains("PING"), "{}", world.lines[0].read);
    assert!(words.starts_with(&world.said) && world.said.lines().count() >= 45);
}

#[test]
fn who_says_nothing_for_too_long_is_told_so() {
    let rules = Rules { idle_timeout: Some(Duration::from_secs(60)), ..roomy() };
    let mut world = World::new(rules, [quick(), talker("a", 1)]);
    world.run(at(END));
    assert!(world.lines.iter().all(|line| line.read.ends_with("bye: said nothing for too long\n")));
    assert_eq!(world.lines[0].gone.unwrap().0, at(60_001));
}
