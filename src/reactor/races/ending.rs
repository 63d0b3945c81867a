//! The end of a host's threads, and those who wait for it.

use std::sync::Arc;

use shuttle::sync::atomic::{AtomicUsize, Ordering};
use shuttle::thread;

use crate::net::Deadline;
use crate::races::explore;
use crate::reactor::ending::Ending;

#[test]
fn whoever_waits_for_the_end_sees_it_whichever_thread_is_the_last_one() {
    explore(|| {
        let (running, ending) = (Arc::new(AtomicUsize::new(2)), Arc::new(Ending::new()));
        for _ in 0..2 {
            let (running, ending) = (Arc::clone(&running), Arc::clone(&ending));
            thread::spawn(move || {
                if running.fetch_sub(1, Ordering::AcqRel) == 1 {
                    ending.reach();
                }
            });
        }
        let other = Arc::clone(&ending);
        let other = thread::spawn(move || other.wait(&Deadline::never(), "the end").unwrap());
        ending.wait(&Deadline::never(), "the end").unwrap();
        assert_eq!(running.load(Ordering::Relaxed), 0);
        other.join().unwrap();
        // Who comes late does not wait.
        ending.wait(&Deadline::never(), "the end").unwrap();
    });
}
