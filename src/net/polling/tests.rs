use super::*;

const BUDGET: Duration = Duration::from_millis(2);
const SHORT: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(1);

fn tries(polling: &mut AdaptivePolling) -> usize {
    let mut count = 0;
    polling.poll(|| -> io::Result<()> {
        count += 1;
        Err(io::ErrorKind::WouldBlock.into())
    });
    count
}

#[test]
fn only_a_run_of_short_waits_makes_it_poll() {
    let mut polling = AdaptivePolling::new(BUDGET);
    for waits in [[LONG, LONG], [SHORT, LONG], [LONG, SHORT]] {
        waits.into_iter().for_each(|wait| polling.slept(wait));
        assert_eq!(tries(&mut polling), 0, "{waits:?}");
    }
    polling.slept(SHORT);
    assert!(tries(&mut polling) > 0);
}

#[test]
fn polling_in_vain_is_tried_ever_more_seldom_until_it_pays_again() {
    let mut polling = AdaptivePolling::new(BUDGET);
    let mut polled = 0;
    for _ in 0..1000 {
        polling.slept(SHORT);
        polled += usize::from(tries(&mut polling) > 0);
    }
    assert!((5..15).contains(&polled), "{polled}");
    (0..MOST_SHORT_WAITS).for_each(|_| polling.slept(SHORT));
    assert!(polling.poll(|| Ok(())).is_some());
    assert!(tries(&mut polling) > 0);
    (0..2 * SHORT_WAITS).for_each(|_| polling.slept(SHORT));
    assert!(tries(&mut polling) > 0);
}

#[test]
fn a_peer_that_one_yield_lets_answer_is_yielded_to_first_until_it_does_not_need_it() {
    let mut polling = AdaptivePolling::new(BUDGET);
    (0..SHORT_WAITS).for_each(|_| polling.slept(SHORT));
    // Whether it answers at once, or after one yield.
    let answers = |polling: &mut AdaptivePolling, at_once: bool| {
        let mut tries = 0;
        let answer = polling.begin(|| {
            tries += 1;
            if at_once || tries == 2 { Ok(()) } else { Err(io::ErrorKind::WouldBlock.into()) }
        });
        assert!(answer.is_some());
    };
    (0..NEIGHBOUR).for_each(|_| answers(&mut polling, false));
    assert_eq!(polling.yields, NEIGHBOUR);
    (NEIGHBOUR..DOUBT).for_each(|_| answers(&mut polling, true));
    assert_eq!(polling.yields, DOUBT, "the yield came first, and so nothing speaks against it");
    answers(&mut polling, true);
    assert_eq!(polling.yields, 0, "it would have answered without");
    (0..NEIGHBOUR).for_each(|_| answers(&mut polling, false));
    answers(&mut polling, false);
    assert_eq!(polling.yields, 0, "one yield was not enough");
}

#[test]
fn without_a_budget_it_never_polls() {
    let mut polling = AdaptivePolling::new(Duration::ZERO);
    (0..100).for_each(|_| polling.slept(Duration::from_nanos(1)));
    assert_eq!(tries(&mut polling), 0);
}

#[test]
fn an_endless_budget_is_none() {
    for polling in [AdaptivePolling::new(Duration::MAX), AdaptivePolling::default().with_budget(Duration::MAX)] {
        let mut polling = polling;
        (0..SHORT_WAITS).for_each(|_| polling.slept(SHORT));
        let begin = Instant::now();
        assert!(tries(&mut polling) > 0);
        assert!(begin.elapsed() >= LONGEST);
    }
}
