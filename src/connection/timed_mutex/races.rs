//! The timed lock among threads in any order: one at a time has it, and nobody sleeps for ever.
//!
//! Its threads wait without looking again after a while: where steps have one order for all threads, whoever unlocks misses
//! none that waits.

use std::sync::Arc;

use shuttle::thread;

use super::*;
use crate::races::explore;

fn far() -> Instant {
    Instant::now() + Duration::from_secs(3600)
}

/// Two threads that wait in the ways given, beside one that has the lock at first.
fn among(waits: [fn(&TimedMutex<u32>); 2]) {
    explore(move || {
        let mutex = Arc::new(TimedMutex::new(0));
        let guard = mutex.lock();
        let others = waits.map(|wait| {
            let mutex = Arc::clone(&mutex);
            thread::spawn(move || wait(&mutex))
        });
        assert!(mutex.is_mine());
        drop(guard);
        assert!(!mutex.is_mine());
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!((*mutex.lock(), mutex.waiting.load(Ordering::Relaxed)), (2, 0));
    });
}

fn add(mut guard: TimedGuard<'_, u32>) {
    assert!(guard.mutex.is_mine());
    *guard += 1;
}

fn with_deadline(mutex: &TimedMutex<u32>) {
    assert!(!mutex.is_mine());
    add(mutex.try_lock_until(far()).expect("nobody has it for long"));
}

fn without(mutex: &TimedMutex<u32>) {
    assert!(!mutex.is_mine());
    add(mutex.lock());
}

#[test]
fn two_that_wait_with_a_deadline_both_get_it() {
    among([with_deadline, with_deadline]);
}

#[test]
fn one_that_waits_with_a_deadline_and_one_that_waits_without_both_get_it() {
    among([with_deadline, without]);
}
