use super::*;

const DELIVERY: Duration = Duration::from_millis(1);

fn holds(hold: &mut AdaptiveHold, turns: usize, gain: usize) -> usize {
    (0..turns)
        .filter(|_| {
            let held = hold.before(100).is_some();
            if held {
                hold.after(100 + gain);
            }
            held
        })
        .count()
}

#[test]
fn only_a_busy_and_large_room_is_held_for_a_part_of_its_delivery() {
    let mut hold = AdaptiveHold::default();
    assert_eq!(hold.before(1000), None, "nothing is known of deliveries yet");
    hold.delivered(SHORTEST);
    assert_eq!(hold.before(1000), None);
    hold.delivered(DELIVERY);
    assert_eq!(hold.before(BUSY - 1), None);
    assert_eq!(hold.before(BUSY), Some(DELIVERY / SHARE));
    hold.delivered(Duration::from_secs(1));
    assert_eq!(hold.before(BUSY), Some(LONGEST));
}

#[test]
fn holds_in_vain_become_rare_until_one_pays() {
    let mut hold = AdaptiveHold::default();
    hold.delivered(DELIVERY);
    assert_eq!(holds(&mut hold, 100, 50), 100);
    let in_vain = holds(&mut hold, 10_000, 0);
    assert!((40..60).contains(&in_vain), "{in_vain}");
    // Within the longest pause it is tried again, and pays.
    let paid = holds(&mut hold, 1000, 50);
    assert!(paid >= 1000 - MOST_LEFT_OUT as usize, "{paid}");
}
