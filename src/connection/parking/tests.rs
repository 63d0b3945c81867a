use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::thread;

use super::*;

const PATIENCE: Duration = Duration::from_secs(30);

fn lot() -> ParkingLot<&'static str> {
    ParkingLot::new().unwrap()
}

#[test]
fn each_leaves_once_when_there_is_something_to_read() {
    let (lot, (mut near, mut far)) = (lot(), UnixStream::pair().unwrap());
    let (quiet, _other) = UnixStream::pair().unwrap();
    lot.park("quiet", quiet.as_raw_fd(), None);
    for _ in 0..3 {
        far.write_all(b"x").unwrap();
        // What has come before it was parked counts as well.
        lot.park("speaks", near.as_raw_fd(), Some(PATIENCE));
        assert_eq!(lot.leave(PATIENCE).unwrap(), ("speaks", Departure::Readable));
        near.read_exact(&mut [0]).unwrap();
    }
    far.write_all(b"x").unwrap();
    lot.enter("enters");
    assert_eq!(lot.leave(PATIENCE).unwrap(), ("enters", Departure::AtOnce));
    lot.park("at its end", near.as_raw_fd(), None);
    assert_eq!(lot.leave(PATIENCE).unwrap(), ("at its end", Departure::Readable));
    assert_eq!(lot.leave(Duration::ZERO).unwrap_err().status(), Status::TimedOut);
}

#[test]
fn each_leaves_when_its_time_is_over() {
    let lot = lot();
    let pairs: Vec<_> = (0..3).map(|_| UnixStream::pair().unwrap()).collect();
    let until = [Duration::from_secs(3600), Duration::ZERO, Duration::from_millis(20)];
    for ((name, (near, _)), until) in ["last", "first", "second"].iter().zip(&pairs).zip(until) {
        lot.park(name, near.as_raw_fd(), Some(until));
    }
    assert_eq!(lot.leave(PATIENCE).unwrap(), ("first", Departure::Overdue));
    assert_eq!(lot.leave(PATIENCE).unwrap(), ("second", Departure::Overdue));
    (&pairs[0].1).write_all(b"x").unwrap();
    assert_eq!(lot.leave(PATIENCE).unwrap(), ("last", Departure::Readable));
}

#[test]
fn an_earlier_time_is_no_later_ones() {
    let (lot, (mut near, mut far)) = (lot(), UnixStream::pair().unwrap());
    lot.park("soon", near.as_raw_fd(), Some(Duration::from_millis(50)));
    far.write_all(b"x").unwrap();
    assert_eq!(lot.leave(PATIENCE).unwrap().0, "soon");
    near.read_exact(&mut [0]).unwrap();
    lot.park("never", near.as_raw_fd(), None);
    assert_eq!(lot.leave(Duration::from_millis(100)).unwrap_err().status(), Status::TimedOut);
}

#[test]
fn what_cannot_be_watched_leaves_for_its_reader_to_notice() {
    let lot = lot();
    lot.park("closed", -1, None);
    assert_eq!(lot.leave(PATIENCE).unwrap(), ("closed", Departure::Readable));
}

#[test]
fn a_number_that_was_closed_while_it_was_parked_is_the_next_ones() {
    let (lot, (near, mut far)) = (lot(), UnixStream::pair().unwrap());
    // Whatever the number stands for by then, it is parked twice.
    lot.park("first", near.as_raw_fd(), Some(PATIENCE));
    lot.park("second", near.as_raw_fd(), None);
    assert_eq!(lot.leave(PATIENCE).unwrap(), ("first", Departure::Readable));
    far.write_all(b"x").unwrap();
    assert_eq!(lot.leave(PATIENCE).unwrap(), ("second", Departure::Readable));
}

#[test]
fn closing_wakes_who_waits_and_drops_who_is_parked() {
    let (lot, parked) = (ParkingLot::new().unwrap(), Arc::new(()));
    let (near, _far) = UnixStream::pair().unwrap();
    lot.park(Arc::clone(&parked), near.as_raw_fd(), None);
    thread::scope(|scope| {
        let waiting: Vec<_> = (0..3).map(|_| scope.spawn(|| lot.leave(PATIENCE).unwrap_err().status())).collect();
        lot.close();
        for waiting in waiting {
            assert_eq!(waiting.join().unwrap(), Status::Closed);
        }
    });
    lot.enter(Arc::clone(&parked));
    lot.park(Arc::clone(&parked), near.as_raw_fd(), None);
    drop(lot);
    assert_eq!(Arc::strong_count(&parked), 1);
}
