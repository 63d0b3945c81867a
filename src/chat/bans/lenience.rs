//! How many of those who are banned by their address may still prove a key.

use std::time::Instant;

use crate::peer::{Bucket, Moment, Rate};
use crate::sync::Mutex;

/// Before its handshake nobody can be told anything, and why somebody is banned is for nobody else's eyes. So a few of whom an
/// address keeps out are let in as far as to their proof, and turned away then. That is more than people need, and no
/// work to speak of when a whole net is at the door.
pub(in crate::chat) struct Lenience {
    begun: Instant,
    left: Mutex<Bucket>,
}

impl Lenience {
    const RATE: Rate = Rate { burst: 8, per_second: 2.0 };

    pub(in crate::chat) fn new(now: Instant) -> Lenience {
        Lenience { begun: now, left: Mutex::new(Bucket::new(Lenience::RATE, Moment::BEGINNING)) }
    }

    /// Whether one more may.
    pub(in crate::chat) fn lets_prove(&self, now: Instant) -> bool {
        let now = Moment::after(now.saturating_duration_since(self.begun));
        self.left.lock().take(now).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_few_at_once_and_two_a_second() {
        let begun = Instant::now();
        let lenience = Lenience::new(begun);
        let many = |seconds: f64| {
            let now = begun + Duration::from_secs_f64(seconds);
            std::iter::repeat_with(|| lenience.lets_prove(now)).take_while(|may| *may).count()
        };
        assert_eq!([many(0.0), many(0.1), many(1.01), many(100.0)], [8, 0, 2, 8]);
    }
}
