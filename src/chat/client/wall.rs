//! A time without a zone.

use std::fmt;

use jiff::civil::DateTime;

/// What a server's clock on the wall showed: the stamp of line chat, which does not say in which zone that clock hangs.
/// No point in time follows from it, unless the zone is known from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime {
    /// The year, as in 2026.
    pub year: u16,
    /// The month, from 1 to 12.
    pub month: u8,
    /// The day of the month, from 1 on.
    pub day: u8,
    /// The hour, from 0 to 23.
    pub hour: u8,
    /// The minute.
    pub minute: u8,
    /// The second.
    pub second: u8,
}

impl WallTime {
    /// Reads `YYYY/MM/DD HH:MM:SS`; `None` for what is no such thing.
    pub(super) fn parse(stamp: &str) -> Option<WallTime> {
        let time = DateTime::strptime("%Y/%m/%d %H:%M:%S", stamp).ok()?;
        let small = |number: i8| number.unsigned_abs();
        Some(WallTime {
            year: time.year().unsigned_abs(),
            month: small(time.month()),
            day: small(time.day()),
            hour: small(time.hour()),
            minute: small(time.minute()),
            second: small(time.second()),
        })
    }
}

impl fmt::Display for WallTime {
    /// `YYYY/MM/DD HH:MM:SS`, as it stands on the wire.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WallTime { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_survives_the_way_there_and_back() {
        let stamp = "2026/11/21 09:07:29";
        assert_eq!(WallTime::parse(stamp).unwrap().to_string(), stamp);
        for bad in ["2026/13/21 09:07:29", "2026-11-21 09:07:29", "hello", ""] {
            assert_eq!(WallTime::parse(bad), None);
        }
    }
}
