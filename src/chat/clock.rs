//! The stamp of a message, written once a second.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The time of one turn of a worker, in the forms the wire wants.
pub(super) struct Clock {
    zone: TimeZone,
    second: i64,
    /// `YYYY/MM/DD HH:MM:SS`, local time: what line chat prints.
    line: String,
    /// `YYYY-MM-DDTHH:MM:SS`, UTC: what message chat carries, before the milliseconds.
    date: String,
    /// RFC 3339 with milliseconds.
    message: String,
    now: SystemTime,
}

impl Clock {
    /// The zone is that of line chat's stamps.
    pub(super) fn new(zone: TimeZone, now: SystemTime) -> Clock {
        let mut clock =
            Clock { zone, second: i64::MIN, line: String::new(), date: String::new(), message: String::new(), now };
        clock.set(now);
        clock
    }

    /// Tells this time from now on.
    pub(super) fn set(&mut self, now: SystemTime) {
        self.now = now;
        let since = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let second = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        if second != self.second {
            self.second = second;
            let stamp = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
            self.line = stamp.to_zoned(self.zone.clone()).strftime("%Y/%m/%d %H:%M:%S").to_string();
            self.date = stamp.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S").to_string();
        }
        self.message.clear();
        self.message.push_str(&self.date);
        let millis = since.subsec_millis();
        for digit in ['.', digit(millis / 100), digit(millis / 10), digit(millis), 'Z'] {
            self.message.push(digit);
        }
    }

    pub(super) fn now(&self) -> SystemTime {
        self.now
    }

    pub(super) fn line(&self) -> &str {
        &self.line
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }
}

fn digit(number: u32) -> char {
    char::from(b'0' + (number % 10) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_stamps_follow_the_time() {
        let mut clock = Clock::new(TimeZone::fixed(jiff::tz::offset(8)), UNIX_EPOCH);
        clock.set(UNIX_EPOCH + Duration::from_millis(1_783_000_000_045));
        assert_eq!(clock.line(), "2026/07/02 21:46:40");
        assert_eq!(clock.message(), "2026-07-02T13:46:40.045Z");
        clock.set(UNIX_EPOCH + Duration::from_millis(1_783_000_000_907));
        assert_eq!(clock.message(), "2026-07-02T13:46:40.907Z");
    }
}
