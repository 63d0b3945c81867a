//! The local time zone, read once for all who need it and given back after the last of them.
//!
//! jiff would keep it, and the list of all zones, for as long as the process lives: too much for a guest in it.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

use jiff::tz::TimeZone;

/// Where systems keep their zones.
const ZONES: [&str; 3] = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"];

struct Shared {
    users: usize,
    zone: TimeZone,
}

static SHARED: Mutex<Shared> = Mutex::new(Shared { users: 0, zone: TimeZone::UTC });

/// The zone of the system, or that of `TZ`; one that cannot be read is UTC.
pub(super) struct LocalZone {
    zone: TimeZone,
    shared: bool,
}

impl LocalZone {
    /// Never waits: in a child process nobody may be left to unlock what was locked at the moment of the fork.
    pub(super) fn new() -> LocalZone {
        let read = || read(env::var("TZ").ok().as_deref());
        let Ok(mut shared) = SHARED.try_lock() else { return LocalZone { zone: read(), shared: false } };
        if shared.users == 0 {
            shared.zone = read();
        }
        shared.users += 1;
        LocalZone { zone: shared.zone.clone(), shared: true }
    }

    pub(super) fn get(&self) -> TimeZone {
        self.zone.clone()
    }
}

impl Drop for LocalZone {
    fn drop(&mut self) {
        if !self.shared {
            return;
        }
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.users -= 1;
        if shared.users == 0 {
            shared.zone = TimeZone::UTC;
        }
    }
}

/// Reads what `TZ` says: nothing (the system's zone), empty (UTC), the name or path of a zone's file, or rules.
fn read(variable: Option<&str>) -> TimeZone {
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
    TimeZone::tzif("Local", &fs::read(path).ok()?).ok()
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
        assert_eq!((hour(""), hour("no such zone")), (13, 13));
        assert_eq!((hour("<+08>-8"), hour("EST5")), (21, 8));
        if Path::new("/usr/share/zoneinfo/Asia/Shanghai").exists() {
            assert_eq!((hour("Asia/Shanghai"), hour(":Asia/Shanghai")), (21, 21));
        }
    }

    #[test]
    fn the_zone_is_the_same_for_all_at_a_time() {
        let (first, second) = (LocalZone::new(), LocalZone::new());
        assert_eq!(first.get(), second.get());
    }
}
