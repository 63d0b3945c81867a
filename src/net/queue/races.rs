//! The queue among threads in any order: nothing is lost, and nobody sleeps for ever.

use shuttle::thread;

use super::*;
use crate::races::{draw, explore, point};

const FOR_EVER: Deadline<'static> = Deadline::never();

fn take(queue: &Queue<u32>) -> Result<u32> {
    queue.wait(&FOR_EVER, "take", |items| items.pop_front().expect("there is something"))
}

/// Everything up to the end.
fn drain(queue: &Queue<u32>) -> Vec<u32> {
    let mut all = Vec::new();
    loop {
        match take(queue) {
            Ok(item) => all.push(item),
            Err(error) => {
                assert_eq!(error.status(), Status::Closed);
                return all;
            }
        }
    }
}

fn start<R: Send + 'static>(
    queue: &Arc<Queue<u32>>,
    body: impl FnOnce(&Queue<u32>) -> R + Send + 'static,
) -> thread::JoinHandle<R> {
    let queue = Arc::clone(queue);
    thread::spawn(move || body(&queue))
}

#[test]
fn every_item_reaches_one_of_several_consumers_and_each_of_them_the_end() {
    explore(|| {
        let queue = Arc::new(Queue::new());
        let consumers = [0, 1].map(|_| start(&queue, drain));
        let producer = start(&queue, |queue| queue.lock(|items| items.push_back(1)));
        queue.lock(|items| items.extend([2, 3]));
        producer.join().unwrap();
        queue.close();
        let mut all: Vec<_> = consumers.into_iter().flat_map(|consumer| consumer.join().unwrap()).collect();
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3]);
    });
}

#[test]
fn a_producer_that_waits_for_room_goes_on_when_there_is_some() {
    explore(|| {
        let queue = Arc::new(Queue::new());
        let producers = [1, 2].map(|item| start(&queue, move |queue| queue.push_waiting(item, 1)));
        let mut all = [take(&queue).unwrap(), take(&queue).unwrap()];
        all.sort_unstable();
        assert_eq!(all, [1, 2]);
        producers.into_iter().for_each(|producer| assert_eq!(producer.join().unwrap(), Ok(())));
    });
}

#[test]
fn a_producer_that_waits_for_room_is_let_through_or_gets_its_item_back() {
    explore(|| {
        let queue = Arc::new(Queue::new());
        queue.lock(|items| items.push_back(0));
        let producer = start(&queue, |queue| queue.push_waiting(1, 1));
        queue.let_through();
        assert_eq!(producer.join().unwrap(), Ok(()));
        assert_eq!([take(&queue), take(&queue)], [Ok(0), Ok(1)]);
    });
    explore(|| {
        let queue = Arc::new(Queue::new());
        queue.lock(|items| items.push_back(0));
        let producer = start(&queue, |queue| queue.push_waiting(1, 1));
        queue.close_with(2);
        assert_eq!(producer.join().unwrap(), Err(1));
        assert_eq!(drain(&queue), [0, 2]);
    });
}

#[test]
fn as_many_waits_are_interrupted_as_there_are_wakes() {
    explore(|| {
        let queue = Arc::new(Queue::new());
        let waiting = [0, 1].map(|_| start(&queue, |queue| take(queue).unwrap_err().status()));
        let waker = start(&queue, Queue::wake);
        queue.wake();
        waker.join().unwrap();
        waiting.into_iter().for_each(|waiting| assert_eq!(waiting.join().unwrap(), Status::Interrupted));
        // None is left over.
        queue.lock(|items| items.push_back(1));
        assert_eq!(take(&queue), Ok(1));
    });
}

#[test]
fn a_wake_and_an_item_at_once_are_both_seen() {
    explore(|| {
        let queue = Arc::new(Queue::new());
        let producer = start(&queue, |queue| queue.lock(|items| items.push_back(1)));
        let waker = start(&queue, Queue::wake);
        let mut seen = [take(&queue), take(&queue)].map(|result| result.map_err(|error| error.status()));
        seen.sort_by_key(Result::is_err);
        assert_eq!(seen, [Ok(1), Err(Status::Interrupted)]);
        producer.join().unwrap();
        waker.join().unwrap();
    });
}

/// Whether the descriptor says so.
fn is_readable(signal: &Signal) -> bool {
    wait([(signal.as_fd(), Direction::Receive)], &Deadline::after(std::time::Duration::ZERO), "poll").is_ok()
}

#[test]
fn who_watches_the_descriptor_misses_nothing_and_is_not_called_in_vain() {
    draw(|| {
        let queue = Arc::new(Queue::new());
        let producers = [1, 2].map(|item| {
            start(&queue, move |queue| {
                queue.lock(|items| items.push_back(item));
                point();
            })
        });
        let closer = start(&queue, move |queue| {
            producers.into_iter().for_each(|producer| producer.join().unwrap());
            queue.close();
        });
        let signal = Queue::signal(&mut queue.state.lock()).unwrap();
        let mut all = Vec::new();
        loop {
            if !is_readable(&signal) {
                point();
                continue;
            }
            match queue.wait(&Deadline::after(std::time::Duration::ZERO), "take", |items| items.pop_front()) {
                Ok(item) => all.extend(item),
                Err(error) => {
                    assert_eq!(error.status(), Status::Closed, "called in vain");
                    break;
                }
            }
        }
        all.sort_unstable();
        assert_eq!(all, [1, 2]);
        closer.join().unwrap();
    });
}
