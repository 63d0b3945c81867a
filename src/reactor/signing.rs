//! How often a private key may be used in one turn.

/// Uses in a turn with members who talk, each of which takes some tenth of a millisecond.
const LEAST: usize = 1;

/// The same in a turn with nobody who talks. Who begins to waits for these at most once.
const MOST: usize = 32;

/// Deals out the uses of a private key, by far the dearest step of a handshake: those who talk are not to wait for many who
/// knock at once, and those who knock not for a talk that nobody holds.
pub(super) struct Signing {
    used: usize,
    most: usize,
    /// Some member had something to say.
    disturbed: bool,
}

impl Default for Signing {
    fn default() -> Signing {
        Signing { used: 0, most: LEAST, disturbed: false }
    }
}

impl Signing {
    /// A turn begins.
    pub(super) fn begin(&mut self) {
        if std::mem::take(&mut self.disturbed) {
            self.most = LEAST;
        } else if self.used >= self.most {
            self.most = (2 * self.most).min(MOST);
        }
        self.used = 0;
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.used >= self.most
    }

    pub(super) fn count(&mut self) {
        self.used += 1;
    }

    /// Somebody who takes part may have something to say.
    pub(super) fn disturb(&mut self) {
        self.disturbed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(signing: &mut Signing, is_disturbed: bool) -> usize {
        signing.begin();
        if is_disturbed {
            signing.disturb();
        }
        let mut count = 0;
        while !signing.is_used_up() {
            signing.count();
            count += 1;
        }
        count
    }

    #[test]
    fn while_nobody_talks_more_may_knock() {
        let mut signing = Signing::default();
        let quiet: Vec<usize> = (0..6).map(|_| turn(&mut signing, false)).collect();
        assert_eq!(quiet, [1, 2, 4, 8, 16, 32]);
        assert_eq!([true, true, false, false].map(|talks| turn(&mut signing, talks)), [32, 1, 1, 2]);
    }
}
