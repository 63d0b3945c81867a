//! A worker that falls asleep while others put something into its inbox.

use std::sync::Arc;

use mio::{Poll, Token, Waker};
use shuttle::sync::atomic::{AtomicUsize, Ordering};
use shuttle::thread;

use super::sleep;
use crate::races::{draw, point};
use crate::reactor::crowd::Crowd;
use crate::reactor::inbox::{Inbox, Post};

const OUTBOX: usize = 64 * 1024;

const SENDERS: usize = 2;
const EACH: usize = 2;

/// The worker's side: it sleeps as the worker's turn does, until it has taken everything.
fn work(poll: &mut Poll, inbox: &Inbox<()>, receiver: &crossbeam_channel::Receiver<Post<()>>, done: &AtomicUsize) {
    let mut taken = 0;
    while taken < SENDERS * EACH {
        inbox.falling_asleep();
        point();
        // Looked at once, as the worker does: from here on only the waker ends its sleep.
        if receiver.is_empty() {
            sleep(poll, || done.load(Ordering::SeqCst) == SENDERS);
        }
        point();
        inbox.awake();
        point();
        while receiver.try_recv().is_ok() {
            taken += 1;
            point();
        }
    }
}

/// Two things are said before the worker is woken, or each for itself.
fn send(inbox: &Inbox<()>, together: bool) {
    for number in 0..EACH {
        inbox.push((), 0);
        point();
        if !together || number + 1 == EACH {
            inbox.wake();
            point();
        }
    }
}

#[test]
fn a_worker_that_falls_asleep_is_woken_for_what_was_put_there_meanwhile() {
    for together in [false, true] {
        draw(move || {
            let mut poll = Poll::new().unwrap();
            let (inbox, receiver) =
                Inbox::new(Waker::new(poll.registry(), Token(0)).unwrap(), OUTBOX, Crowd::default());
            let (inbox, done) = (Arc::new(inbox), Arc::new(AtomicUsize::new(0)));
            let senders: Vec<_> = (0..SENDERS)
                .map(|_| {
                    let (inbox, done) = (Arc::clone(&inbox), Arc::clone(&done));
                    thread::spawn(move || {
                        send(&inbox, together);
                        done.fetch_add(1, Ordering::SeqCst);
                    })
                })
                .collect();
            work(&mut poll, &inbox, &receiver, &done);
            senders.into_iter().for_each(|sender| sender.join().unwrap());
            assert!(receiver.is_empty());
        });
    }
}
