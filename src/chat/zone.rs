//! Local time zones, from files alone.
//!
//! jiff would keep the zone, and the list of all zones, for as long as the process lives: too much for a guest in it. And it
//! would read `TZ` from the environment, which the host program may be changing at that moment.

use std::fs;
use std::path::Path;

use jiff::tz::TimeZone;

/// Where systems keep their zones.
const ZONES: [&str; 3] = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"];

/// The system's zone, or what somebody has read in `TZ`: empty (UTC), the name or path of a zone's file, or rules. One that
/// cannot be read is UTC.
pub(super) fn read(variable: Option<&str>) -> TimeZone {
    let zone = match variable.map(|text| text.strip_prefix(':').unwrap_or(text)) {
        None => file(Path::new("/etc/localtime")),
        Some("") => None,
        Some(name) => {
            let named = ZONES.iter().find_map(|zones| file(&Path::new(zones).join(name)));
            named.or_else(|| TimeZone::posix(name).ok())
        }
    };
    zone.unwrap_or(TimeZone::UTC)
}

fn file(path: &Path) -> Option<TimeZone> {
    /// Longer than any zone's file; what has no end, such as a device, is no zone.
    const LONGEST: u64 = 1 << 20;
    let metadata = fs::metadata(path).ok()?;
    let readable = metadata.is_file() && metadata.len() <= LONGEST;
    readable.then(|| TimeZone::tzif("Local", &fs::read(path).ok()?).ok())?
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn hour(variable: &str) -> i8 {
        Timestamp::from_second(1_783_000_000).unwrap().to_zoned(read(Some(variable))).hour()
    }

    #[test]
    fn names_rules_and_nonsense_are_told_apart() {
        assert_eq!((hour(""), hour("no such zone"), hour("/dev/zero")), (13, 13, 13));
        assert_eq!((hour("<+08>-8"), hour("EST5")), (21, 8));
        if Path::new("/usr/share/zoneinfo/Asia/Shanghai").exists() {
            assert_eq!((hour("Asia/Shanghai"), hour(":Asia/Shanghai")), (21, 21));
        }
    }
}
