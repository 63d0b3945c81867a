//! Panics on demand, for tests of what follows; not in any build for users.

use std::fmt::Display;

use crate::sync::Mutex;

static TARGETS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Panics if `name` behind `place` is aimed at.
#[cfg(feature = "panic-injection")]
pub(crate) fn point(place: &str, name: impl Display) {
    let targets = TARGETS.lock();
    let hit = !targets.is_empty() && targets.contains(&format!("{place}{name}"));
    drop(targets);
    assert!(!hit, "injected");
}

/// The same, once for each aim: for what is met again and again.
pub(crate) fn point_once(place: &str, name: impl Display) {
    let mut targets = TARGETS.lock();
    if targets.is_empty() {
        return;
    }
    let here = format!("{place}{name}");
    let hit = targets.iter().position(|target| *target == here).map(|index| targets.swap_remove(index));
    drop(targets);
    assert!(hit.is_none(), "injected");
}

/// Makes a point panic from now on, until this is dropped.
pub(crate) struct Aim(String);

impl Aim {
    pub(crate) fn at(target: String) -> Aim {
        TARGETS.lock().push(target.clone());
        Aim(target)
    }
}

impl Drop for Aim {
    fn drop(&mut self) {
        let mut targets = TARGETS.lock();
        if let Some(index) = targets.iter().position(|target| *target == self.0) {
            targets.swap_remove(index);
        }
        if targets.is_empty() {
            // Nothing is to be reachable in the end.
            *targets = Vec::new();
        }
    }
}
