//! What strangers can bring about as often as they like is told once, and then counted.

use std::time::{Duration, Instant};

use crate::sync::Mutex;

/// How long is counted before the count is told.
const MOMENT: Duration = Duration::from_secs(1);

/// Decides what is told of things of one kind: the first one at once, then how many there were, each second, until a
/// second has passed in which there was none. It has no clock and no thread: whoever notes something sees to it that
/// somebody collects at [`Gatherer::due`].
#[derive(Debug)]
pub(crate) struct Gatherer<T>(Mutex<Gathered<T>>);

#[derive(Debug)]
struct Gathered<T> {
    /// Until then nothing is told.
    quiet_until: Option<Instant>,
    held: u64,
    last: Option<T>,
}

impl<T> Default for Gatherer<T> {
    fn default() -> Gatherer<T> {
        Gatherer(Mutex::new(Gathered { quiet_until: None, held: 0, last: None }))
    }
}

impl<T> Gatherer<T> {
    /// Takes note of something; gives it back if it is to be told now.
    pub(crate) fn note(&self, now: Instant, what: T) -> Option<T> {
        let mut gathered = self.0.lock();
        if gathered.held == 0 && gathered.quiet_until.is_none_or(|end| end <= now) {
            gathered.quiet_until = Some(now + MOMENT);
            return Some(what);
        }
        gathered.held += 1;
        gathered.last = Some(what);
        None
    }

    /// When there is something to collect; `None` while nothing is held back.
    pub(crate) fn due(&self) -> Option<Instant> {
        let gathered = self.0.lock();
        gathered.quiet_until.filter(|_| gathered.held > 0)
    }

    /// How many were held back, and the last one of them, if it is time to tell.
    pub(crate) fn collect(&self, now: Instant) -> Option<(u64, T)> {
        let mut gathered = self.0.lock();
        if gathered.quiet_until.is_some_and(|end| end > now) {
            return None;
        }
        let last = gathered.last.take()?;
        gathered.quiet_until = Some(now + MOMENT);
        Some((std::mem::take(&mut gathered.held), last))
    }

    /// The same whatever the time: at the end.
    pub(crate) fn collect_all(&self) -> Option<(u64, T)> {
        let mut gathered = self.0.lock();
        let last = gathered.last.take()?;
        Some((std::mem::take(&mut gathered.held), last))
    }
}

/// What goes behind the last of so many things of one kind.
pub(crate) fn others(count: u64) -> String {
    match count - 1 {
        0 => String::new(),
        1 => "; and 1 other within a second".into(),
        others => format!("; and {others} others within a second"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_at_once_and_then_a_count_each_second() {
        let gatherer = Gatherer::default();
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!(gatherer.note(at(0), 'a'), Some('a'));
        assert_eq!((gatherer.due(), gatherer.collect(at(2000))), (None, None));
        assert_eq!(gatherer.note(at(2000), 'b'), Some('b'), "after a quiet second the next one is a first one");
        for millisecond in 0..900 {
            assert_eq!(gatherer.note(at(2001 + millisecond), 'c'), None);
        }
        assert_eq!(gatherer.collect(at(2999)), None);
        assert_eq!(gatherer.due(), Some(at(3000)));
        assert_eq!(gatherer.note(at(3001), 'd'), None, "it belongs to what is to be collected");
        assert_eq!(gatherer.collect(at(3002)), Some((901, 'd')));
        assert_eq!(gatherer.note(at(3500), 'e'), None);
        assert_eq!(gatherer.collect(at(4002)), Some((1, 'e')));
        assert_eq!(gatherer.note(at(5002), 'f'), Some('f'));
    }

    #[test]
    fn what_is_held_at_the_end_is_not_lost() {
        let gatherer = Gatherer::default();
        let now = Instant::now();
        gatherer.note(now, 1);
        gatherer.note(now, 2);
        gatherer.note(now, 3);
        assert_eq!((gatherer.collect_all(), gatherer.collect_all()), (Some((2, 3)), None));
    }
}
