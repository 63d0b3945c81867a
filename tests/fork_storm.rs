//! Locks whose waiting threads a fork copies in the middle: whether the child can use locks of its own.
//!
//! `cargo test --test fork_storm -- --ignored --nocapture` forks 10,000 times for each kind of lock and prints what came of
//! it; docs/performance.md has the figures.
#![cfg(target_os = "linux")]
#![allow(unsafe_code)] // fork(2), in a test

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// A lock as both kinds have it.
trait Lock: Default + Send + Sync + 'static {
    /// Holds the lock for the length of `call`.
    fn hold(&self, call: impl FnOnce());
}

impl Lock for std::sync::Mutex<()> {
    fn hold(&self, call: impl FnOnce()) {
        let _held = self.lock().unwrap();
        call();
    }
}

impl Lock for parking_lot::Mutex<()> {
    fn hold(&self, call: impl FnOnce()) {
        let _held = self.lock();
        call();
    }
}

/// Threads of the parent that wait for each other all the time.
const CONTENDERS: usize = 4;

/// Children at a time.
const CHILDREN: usize = 64;

/// Gives way inside the lock, so that whoever wants it has to wait.
fn contend(lock: &impl Lock) {
    lock.hold(thread::yield_now);
}

/// In the child: two threads of its own and a lock of its own, over which they wait for each other.
fn use_own_lock<L: Lock>() {
    let lock = Arc::new(L::default());
    let threads = [(), ()].map(|()| {
        let lock = Arc::clone(&lock);
        thread::spawn(move || (0..100).for_each(|_| contend(&*lock)))
    });
    for thread in threads {
        thread.join().unwrap();
    }
}

/// How many children of a fork came to no end within so many seconds, of so many forks under contention. It takes a child
/// milliseconds.
fn storm<L: Lock>(forks: usize, patience: libc::c_uint) -> usize {
    let (lock, over) = (L::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..CONTENDERS {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    contend(&lock);
                }
            });
        }
        let mut lost = 0;
        let mut running = 0;
        for _ in 0..forks {
            if running == CHILDREN {
                lost += usize::from(!reap());
                running -= 1;
            }
            // SAFETY: the child does what a child may be expected to do in a program of several threads, which is what is
            // tried here, and ends without running anything of the parent's.
            match unsafe { libc::fork() } {
                -1 => panic!("fork: {}", io::Error::last_os_error()),
                0 => {
                    // SAFETY: no pointers; the signal ends a child that waits for ever.
                    unsafe { libc::alarm(patience) };
                    use_own_lock::<L>();
                    // SAFETY: as above.
                    unsafe { libc::_exit(0) }
                }
                _ => running += 1,
            }
        }
        lost += (0..running).filter(|_| !reap()).count();
        over.store(true, Ordering::Relaxed);
        lost
    })
}

/// Waits for a child; whether it came to its end.
fn reap() -> bool {
    let mut status = 0;
    // SAFETY: room for the status.
    let child = unsafe { libc::waitpid(-1, &raw mut status, 0) };
    assert!(child > 0, "waitpid: {}", io::Error::last_os_error());
    libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
}

#[test]
fn the_standard_locks_survive_a_fork() {
    assert_eq!(storm::<std::sync::Mutex<()>>(300, 60), 0);
}

#[test]
#[ignore = "takes minutes, and is run to decide"]
fn ten_thousand_forks() {
    const FORKS: usize = 10_000;
    const PATIENCE: libc::c_uint = 3;
    let standard = storm::<std::sync::Mutex<()>>(FORKS, PATIENCE);
    let parking = storm::<parking_lot::Mutex<()>>(FORKS, PATIENCE);
    println!("children that hang, of {FORKS}: std::sync::Mutex {standard}, parking_lot::Mutex {parking}");
}
