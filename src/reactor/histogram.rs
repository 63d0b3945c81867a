//! How long things take: counted by magnitude, by each worker for itself.

use std::ops::AddAssign;
use std::time::Duration;

use super::totals::Counter;

/// Times, counted by magnitude: each bucket reaches to twice as much as the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Histogram {
    /// How many took less than 2 to the power of the index microseconds, and not less than half of that; the first has what
    /// took less than a microsecond, the last what took longer than all others, four seconds and more.
    pub buckets: [u64; Histogram::BUCKETS],
    /// All of these times together, in nanoseconds.
    pub nanoseconds: u64,
}

impl Histogram {
    /// How many buckets there are.
    pub const BUCKETS: usize = 24;

    /// The times that the bucket of that index has are less than this; `None` for the last one, which has no bound.
    pub fn bound(index: usize) -> Option<Duration> {
        (index + 1 < Histogram::BUCKETS).then(|| Duration::from_micros(1 << index))
    }

    /// How many times were taken.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// A bound that this part of all times stays below: 0.5 is the median's, within a factor of two. `None` when there are none,
    /// or when it is past the last bound.
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        let rank = (self.count() as f64 * part.clamp(0.0, 1.0)).ceil().max(1.0) as u64;
        let mut seen = 0;
        let index = self.buckets.iter().position(|count| {
            seen += count;
            seen >= rank
        })?;
        Histogram::bound(index)
    }

    fn index(time: Duration) -> usize {
        let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        ((u64::BITS - microseconds.leading_zeros()) as usize).min(Histogram::BUCKETS - 1)
    }
}

impl AddAssign for Histogram {
    fn add_assign(&mut self, other: Histogram) {
        self.buckets.iter_mut().zip(other.buckets).for_each(|(sum, count)| *sum += count);
        self.nanoseconds += other.nanoseconds;
    }
}

/// The times of one worker, which alone adds to them; anybody may look.
#[derive(Debug, Default)]
pub(crate) struct Times {
    buckets: [Counter; Histogram::BUCKETS],
    nanoseconds: Counter,
}

impl Times {
    pub(super) fn record(&self, time: Duration) {
        self.buckets[Histogram::index(time)].add(1);
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.set(self.nanoseconds.get().saturating_add(nanoseconds));
    }

    /// What was recorded until about now.
    pub(crate) fn read(&self) -> Histogram {
        let buckets = std::array::from_fn(|index| self.buckets[index].get());
        Histogram { buckets, nanoseconds: self.nanoseconds.get() }
    }
}

/// What one worker measures, once a turn. Apart from the next one's, so that neither waits for the other's cache.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Gauge {
    /// From waking up to going back to sleep.
    pub(crate) turns: Times,
    /// From the moment when something was said to the end of the turn in which this worker's peers got it.
    pub(crate) deliveries: Times,
}

impl Gauge {
    /// How many turns have ended.
    pub(super) fn turns(&self) -> u64 {
        self.turns.read().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_has_the_bucket_whose_bound_it_is_below() {
        let times = Times::default();
        let all = [0, 999, 1_000, 1_999, 2_000, 4_194_303_999, 4_194_304_000, u64::MAX];
        all.iter().for_each(|time| times.record(Duration::from_nanos(*time)));
        let read = times.read();
        assert_eq!(
            [read.buckets[0], read.buckets[1], read.buckets[2], read.buckets[22], read.buckets[23]],
            [2, 2, 1, 1, 2]
        );
        assert_eq!(read.count(), all.len() as u64);
        for time in all.map(Duration::from_nanos) {
            let index = Histogram::index(time);
            assert!(Histogram::bound(index).is_none_or(|bound| time < bound), "{time:?}");
            assert!(index == 0 || Histogram::bound(index - 1).is_some_and(|below| below <= time), "{time:?}");
        }
    }

    #[test]
    fn a_part_of_the_times_stays_below_a_bound() {
        let mut sum = Histogram::default();
        assert_eq!(sum.quantile(0.5), None);
        let times = Times::default();
        (0..99).for_each(|_| times.record(Duration::from_micros(3)));
        times.record(Duration::from_secs(60));
        sum += times.read();
        sum += times.read();
        assert_eq!(sum.count(), 200);
        assert_eq!([0.0, 0.5, 0.99].map(|part| sum.quantile(part)), [Some(Duration::from_micros(4)); 3]);
        assert_eq!(sum.quantile(1.0), None);
    }
}
