use std::thread;
use std::time::Duration;

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

fn take(queue: &Queue<u32>, deadline: &Deadline<'_>) -> Result<u32> {
    queue.wait(deadline, "take", |items| items.pop_front().unwrap())
}

#[test]
fn what_is_left_comes_out_after_close_and_then_closed() {
    let queue = Queue::new();
    queue.lock(|items| items.extend([1, 2]));
    queue.close();
    assert_eq!(take(&queue, &Deadline::never()), Ok(1));
    assert_eq!(take(&queue, &Deadline::never()), Ok(2));
    assert_eq!(take(&queue, &Deadline::never()).unwrap_err().status(), Status::Closed);
}

#[test]
fn a_wake_ends_one_wait_whichever_way_it_waits() {
    let queue = Queue::new();
    for interruptible in [false, true] {
        thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let calm = || Ok(());
                let deadline = Deadline::after(PATIENCE);
                take(&queue, &if interruptible { deadline.with_interrupt(&calm) } else { deadline })
            });
            queue.wake();
            assert_eq!(waiting.join().unwrap().unwrap_err().status(), Status::Interrupted);
        });
    }
    assert_eq!(take(&queue, &Deadline::after(Duration::ZERO)).unwrap_err().status(), Status::TimedOut);
}

#[test]
fn the_descriptor_is_readable_exactly_while_there_is_something() {
    let queue = Queue::new();
    let readable = |queue: &Queue<u32>| {
        queue.poll_fd().unwrap();
        let signal = Queue::signal(&mut queue.state.lock()).unwrap();
        wait([(signal.as_fd(), Direction::Receive)], &Deadline::after(Duration::ZERO), "poll").is_ok()
    };
    queue.lock(|items| items.push_back(1));
    assert!(readable(&queue));
    take(&queue, &Deadline::never()).unwrap();
    assert!(!readable(&queue));
    queue.lock(|items| items.extend([1, 2]));
    take(&queue, &Deadline::never()).unwrap();
    assert!(readable(&queue));
    take(&queue, &Deadline::never()).unwrap();
    queue.close();
    assert!(readable(&queue));
}

#[test]
fn a_signal_that_came_too_early_to_interrupt_the_wait_is_asked_for() {
    let queue = Queue::<()>::new();
    let interrupt = || Err(Status::Interrupted.into());
    let error = queue.wait(&Deadline::after(PATIENCE).with_interrupt(&interrupt), "wait", |_| ()).unwrap_err();
    assert_eq!(error.status(), Status::Interrupted);
}
