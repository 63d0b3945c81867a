//! Points in time of one reactor.

use std::num::NonZeroU64;
use std::ops::Add;
use std::time::Duration;

/// Nanoseconds since a beginning that all who compare moments share. Half of an `Instant`, or of an optional one: a
/// connection keeps several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(NonZeroU64);

impl Moment {
    /// The beginning itself.
    pub(crate) const BEGINNING: Moment = Moment(NonZeroU64::MIN);

    /// So long after the beginning; more than five hundred years are five hundred years.
    pub(crate) fn after(time: Duration) -> Moment {
        Moment::BEGINNING + time
    }

    /// How long after `earlier` this is; zero if it is before.
    pub(crate) fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.0.get().saturating_sub(earlier.0.get()))
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, time: Duration) -> Moment {
        Moment(self.0.saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)))
    }
}
