//! The handshakes under way at one worker.

use std::collections::VecDeque;
use std::time::Duration;

use super::table::PeerRef;
use crate::peer::Moment;
use crate::tidy::Tidy;

/// How long a newcomer may keep a full worker waiting for what it says first, before it makes place for the next.
const SILENCE: Duration = Duration::from_millis(50);

/// The same for its answer, once a private key was used for it: some round trips. Whoever fills the worker up time and again
/// keeps others waiting for so long each time.
const PATIENCE: Duration = Duration::from_millis(150);

/// That, when a worker that had room is full: many who come at once take a while to get under way.
const FIRST_PATIENCE: Duration = Duration::from_millis(500);

/// How long a worker has to have had room for that.
const CALM: Duration = Duration::from_secs(1);

/// Both while others get done: then they may all be honest, and merely many.
const LONG_PATIENCE: Duration = Duration::from_secs(2);

/// Counts handshakes, and knows who has kept us waiting for how long.
#[derive(Default)]
pub(super) struct Handshakes {
    /// In the order of `since`. Those that have ended stay for a while.
    order: VecDeque<Waiting>,
    tidy: Tidy,
    count: usize,
    /// When somebody got done last.
    done: Option<Moment>,
    /// Since when there is a crowd, and when there was one last.
    crowded: Option<(Moment, Moment)>,
}

/// A newcomer whose move it is, or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) peer: PeerRef,
    /// Since its arrival; or, once a private key was used for it, since then, whenever it had arrived.
    since: Moment,
    pub(super) signed: bool,
}

/// Whose move it is in a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// The peer's.
    Theirs,
    /// Ours: it has sent something that was not read.
    Ours,
    /// Nobody's: the handshake has ended, or stands in the order once more.
    Over,
}

impl Handshakes {
    /// One begins. `whose` says whose move it is in another.
    pub(super) fn begin(&mut self, peer: PeerRef, now: Moment, whose: impl Fn(&Waiting) -> Move) {
        if self.tidy.is_due(self.order.len()) {
            self.order.retain(|earlier| whose(earlier) != Move::Over);
            self.order.shrink_to(2 * self.order.len());
            self.tidy.done(self.order.len());
        }
        self.order.push_back(Waiting { peer, since: now, signed: false });
        self.count += 1;
    }

    /// A private key was used for that one: its time begins anew, once, since it may have waited for us.
    pub(super) fn signed(&mut self, peer: PeerRef, now: Moment) {
        self.order.push_back(Waiting { peer, since: now, signed: true });
    }

    /// One has ended, whichever.
    pub(super) fn end(&mut self) {
        self.count -= 1;
    }

    /// One has ended as it should.
    pub(super) fn succeed(&mut self, now: Moment) {
        self.done = Some(now);
        self.end();
    }

    /// How many go on.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Takes the one out that has kept us waiting for longest: of those who have had their time, if there are any. Nobody who
    /// waits for us is among them.
    pub(super) fn oldest(&mut self, now: Moment, whose: impl Fn(&Waiting) -> Move) -> Option<PeerRef> {
        self.forget(&whose);
        let overdue = self.overdue_ones(now, &whose).next();
        let index = overdue.or_else(|| self.order.iter().position(|waiting| whose(waiting) == Move::Theirs))?;
        self.order.remove(index).map(|waiting| waiting.peer)
    }

    /// How many have had their time. To be asked in every turn in which there are as many as there may be.
    pub(super) fn overdue(&mut self, now: Moment, whose: impl Fn(&Waiting) -> Move) -> usize {
        self.forget(&whose);
        self.crowded = Some((self.beginning(now), now));
        self.overdue_ones(now, &whose).count()
    }

    /// Since when there is a crowd, if there is one.
    fn beginning(&self, now: Moment) -> Moment {
        self.crowded.filter(|(_, last)| now.since(*last) < CALM).map_or(now, |(begin, _)| begin)
    }

    /// Where those stand who have had their time.
    fn overdue_ones(&self, now: Moment, whose: impl Fn(&Waiting) -> Move) -> impl Iterator<Item = usize> {
        let begin = self.beginning(now);
        let gets_on = self.done.is_some_and(|done| now.since(done) < PATIENCE);
        let patience = move |waiting: &Waiting| match waiting.signed {
            _ if gets_on => LONG_PATIENCE,
            true if now.since(begin) < FIRST_PATIENCE => FIRST_PATIENCE,
            true => PATIENCE,
            false => SILENCE,
        };
        let old = self.order.iter().enumerate().take_while(move |(_, waiting)| now.since(waiting.since) >= SILENCE);
        old.filter(move |(_, waiting)| now.since(waiting.since) >= patience(waiting) && whose(waiting) == Move::Theirs)
            .map(|(index, _)| index)
    }

    fn forget(&mut self, whose: impl Fn(&Waiting) -> Move) {
        while self.order.front().is_some_and(|first| whose(first) == Move::Over) {
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(serial: u64) -> PeerRef {
        PeerRef { worker: 0, token: serial as u32, serial }
    }

    fn at(milliseconds: u64) -> Moment {
        Moment::after(Duration::from_millis(milliseconds))
    }

    #[test]
    fn beside_one_that_never_ends_any_number_of_others_costs_nothing() {
        let silent = peer(1);
        let whose = |waiting: &Waiting| if waiting.peer == silent { Move::Theirs } else { Move::Over };
        let mut handshakes = Handshakes::default();
        handshakes.begin(silent, at(0), whose);
        for serial in 2..100_000 {
            handshakes.begin(peer(serial), at(serial), whose);
            handshakes.end();
        }
        assert!(handshakes.order.len() <= 100, "{} entries for one handshake", handshakes.order.len());
        assert_eq!((handshakes.count(), handshakes.oldest(at(100_000), whose)), (1, Some(silent)));
    }

    #[test]
    fn who_waited_for_us_is_not_the_oldest() {
        let mut handshakes = Handshakes::default();
        let none = |_: &Waiting| Move::Theirs;
        (1..=4).for_each(|serial| handshakes.begin(peer(serial), at(serial), none));
        handshakes.signed(peer(1), at(100));
        let whose = |waiting: &Waiting| match waiting.peer.serial {
            1 if !waiting.signed => Move::Over,
            2 => Move::Ours,
            _ => Move::Theirs,
        };
        assert_eq!(handshakes.overdue(at(52), whose), 0, "the second one waits for us");
        assert_eq!([53, 54, 499, 599].map(|time| handshakes.overdue(at(time), whose)), [1, 2, 2, 3]);
        assert_eq!([3, 4, 1].map(peer).map(Some), std::array::from_fn(|_| handshakes.oldest(at(599), whose)));
        assert_eq!(handshakes.oldest(at(599), whose), None);
    }

    #[test]
    fn who_has_had_its_time_makes_place_before_who_has_not() {
        let mut handshakes = Handshakes::default();
        let whose =
            |waiting: &Waiting| if waiting.signed || waiting.peer.serial == 2 { Move::Theirs } else { Move::Over };
        handshakes.signed(peer(1), at(0));
        handshakes.begin(peer(2), at(10), whose);
        assert_eq!(handshakes.overdue(at(60), whose), 1);
        assert_eq!([2, 1].map(peer).map(Some), std::array::from_fn(|_| handshakes.oldest(at(60), whose)));
    }

    #[test]
    fn while_others_get_done_there_is_more_time() {
        let mut handshakes = Handshakes::default();
        let whose = |_: &Waiting| Move::Theirs;
        (1..=3).for_each(|serial| handshakes.begin(peer(serial), at(0), whose));
        handshakes.succeed(at(40));
        assert_eq!([100, 189, 190].map(|time| handshakes.overdue(at(time), whose)), [0, 0, 3]);
        handshakes.succeed(at(1900));
        assert_eq!([1999, 2000].map(|time| handshakes.overdue(at(time), whose)), [0, 3]);
    }

    #[test]
    fn a_crowd_has_more_time_at_its_beginning_than_later() {
        let mut handshakes = Handshakes::default();
        let whose = |waiting: &Waiting| if waiting.signed { Move::Theirs } else { Move::Over };
        handshakes.signed(peer(1), at(0));
        assert_eq!([0, 400, 499, 500].map(|time| handshakes.overdue(at(time), whose)), [0, 0, 0, 1]);
        handshakes.signed(peer(2), at(600));
        assert_eq!([700, 750].map(|time| handshakes.overdue(at(time), whose)), [1, 2]);
        handshakes.signed(peer(3), at(2000));
        assert_eq!(
            handshakes.overdue(at(2200), |waiting| if waiting.peer == peer(3) { Move::Theirs } else { Move::Over }),
            0
        );
    }
}
