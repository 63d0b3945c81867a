//! How long to wait before a server is tried again.

use std::time::Duration;

use crate::{Error, Result, Status};

/// When a client tries to come back to its server.
///
/// Before the n-th try in a row it waits for a random part of `first * factor^(n-1)`, which is `most` at most. By default that
/// part is anything from none to all ("full jitter"): a server that restarts is then met by its clients one after the other,
/// evenly over the whole time, and not by all at once again and again. What remembers the last wait instead ("decorrelated
/// jitter") spreads them no better, and crowds them at its lower end.
///
/// Tries are counted from anew after a connection that has stood for longer than the last wait could have been. So a server
/// that takes clients in and throws them out at once is not tried any faster than one that is not there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// The longest wait before the first try; more than none.
    pub first: Duration,
    /// The longest wait before any; at least `first`.
    pub most: Duration,
    /// By how much the longest wait grows from try to try; at least 1.
    pub factor: f64,
    /// Which part of a wait is random, from 0 (none of it) to 1 (all of it).
    pub jitter: f64,
    /// Tries in a row, after which the client ends with the last one's error; 0 is no limit.
    pub limit: u32,
}

impl Default for Backoff {
    fn default() -> Backoff {
        Backoff { first: Duration::from_millis(500), most: Duration::from_secs(30), factor: 2.0, jitter: 1.0, limit: 0 }
    }
}

impl Backoff {
    /// Whether it is one.
    ///
    /// # Errors
    /// `InvalidArgument` for a field that is out of its bounds.
    pub fn check(&self) -> Result<()> {
        let wrong = |what: String| Err(Error::new(Status::InvalidArgument, format!("reconnect: {what}")));
        match self {
            Backoff { first: Duration::ZERO, .. } => {
                wrong("first is 0, expected more: a server would be tried all the time".into())
            }
            Backoff { first, most, .. } if most < first => {
                wrong(format!("most is {} s, expected at least first, {} s", most.as_secs_f64(), first.as_secs_f64()))
            }
            Backoff { factor, .. } if !(*factor >= 1.0 && factor.is_finite()) => {
                wrong(format!("factor is {factor}, expected at least 1"))
            }
            Backoff { jitter, .. } if !(0.0..=1.0).contains(jitter) => {
                wrong(format!("jitter is {jitter}, expected 0 to 1"))
            }
            _ => Ok(()),
        }
    }
}

/// The waits of one client, one after the other. Reads no clock, and takes its chance as an argument.
#[derive(Debug)]
pub(crate) struct Waits {
    plan: Backoff,
    tries: u32,
}

impl Waits {
    pub(crate) fn new(plan: Backoff) -> Waits {
        Waits { plan, tries: 0 }
    }

    /// How long to wait before the next try, `random` being anything from 0 to 1; `None` when there were enough.
    pub(crate) fn next(&mut self, random: f64) -> Option<Duration> {
        if self.plan.limit > 0 && self.tries >= self.plan.limit {
            return None;
        }
        self.tries = self.tries.saturating_add(1);
        let (longest, part) = (self.longest(), 1.0 - self.plan.jitter * random.clamp(0.0, 1.0));
        Some(Duration::try_from_secs_f64(longest.as_secs_f64() * part).unwrap_or(longest))
    }

    /// How long the last wait could have been.
    fn longest(&self) -> Duration {
        let exponent = i32::try_from(self.tries.saturating_sub(1)).unwrap_or(i32::MAX);
        let seconds = self.plan.first.as_secs_f64() * self.plan.factor.powi(exponent);
        if seconds < self.plan.most.as_secs_f64() { Duration::from_secs_f64(seconds) } else { self.plan.most }
    }

    /// A connection has stood for so long.
    pub(crate) fn stood(&mut self, time: Duration) {
        if self.tries > 0 && time > self.longest() {
            self.tries = 0;
        }
    }

    /// Tries in a row, so far.
    pub(crate) fn tries(&self) -> u32 {
        self.tries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Backoff {
        Backoff { first: Duration::from_secs(1), most: Duration::from_secs(10), ..Backoff::default() }
    }

    fn seconds(waits: &mut Waits, random: f64) -> f64 {
        waits.next(random).unwrap().as_secs_f64()
    }

    #[test]
    fn waits_grow_up_to_the_most_and_chance_makes_them_shorter() {
        let mut waits = Waits::new(plan());
        let longest: Vec<_> = (0..6).map(|_| seconds(&mut waits, 0.0)).collect();
        assert_eq!(longest, [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]);
        assert_eq!(seconds(&mut waits, 0.5), 5.0);
        assert_eq!(seconds(&mut waits, 1.0), 0.0);
        assert_eq!(seconds(&mut waits, f64::from(u32::MAX)), 0.0);
        let mut half = Waits::new(Backoff { jitter: 0.5, ..plan() });
        assert_eq!([seconds(&mut half, 0.0), seconds(&mut half, 1.0)], [1.0, 1.0]);
        let mut constant = Waits::new(Backoff { factor: 1.0, jitter: 0.0, ..plan() });
        assert!((0..100).all(|_| seconds(&mut constant, 0.7) == 1.0));
    }

    #[test]
    fn many_tries_overflow_nothing() {
        let mut waits = Waits::new(Backoff { first: Duration::MAX, most: Duration::MAX, ..plan() });
        waits.tries = u32::MAX;
        assert_eq!(waits.next(0.0), Some(Duration::MAX));
        let mut steep = Waits::new(Backoff { factor: f64::MAX, ..plan() });
        assert_eq!([seconds(&mut steep, 0.0), seconds(&mut steep, 0.0), seconds(&mut steep, 0.0)], [1.0, 10.0, 10.0]);
    }

    #[test]
    fn there_are_no_more_tries_than_the_limit_until_a_connection_has_stood() {
        let mut waits = Waits::new(Backoff { limit: 2, ..plan() });
        assert!(waits.next(0.0).is_some() && waits.next(0.0).is_some());
        assert_eq!(waits.next(0.0), None);
        // Thrown out again before the last wait, of two seconds, could have ended.
        waits.stood(Duration::from_secs(2));
        assert_eq!(waits.next(0.0), None);
        waits.stood(Duration::from_millis(2001));
        assert_eq!((waits.tries(), waits.next(0.0)), (0, Some(Duration::from_secs(1))));
    }

    #[test]
    fn full_jitter_spreads_evenly() {
        let mut counts = [0; 10];
        for step in 0..10_000 {
            let wait = seconds(&mut Waits::new(plan()), f64::from(step) / 10_000.0);
            counts[((wait * 10.0) as usize).min(9)] += 1;
        }
        assert!(counts.iter().all(|count| (990..=1010).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_plan_that_cannot_be_is_refused() {
        assert_eq!(Backoff::default().check(), Ok(()));
        let seconds = Duration::from_secs;
        for bad in [
            Backoff { first: Duration::ZERO, ..plan() },
            Backoff { most: seconds(0), ..plan() },
            Backoff { factor: 0.5, ..plan() },
            Backoff { factor: f64::NAN, ..plan() },
            Backoff { factor: f64::INFINITY, ..plan() },
            Backoff { jitter: -0.1, ..plan() },
            Backoff { jitter: 1.1, ..plan() },
            Backoff { jitter: f64::NAN, ..plan() },
        ] {
            assert_eq!(bad.check().unwrap_err().status(), Status::InvalidArgument, "{bad:?}");
        }
    }
}
