use std::io::Read;
use std::os::fd::{AsRawFd, IntoRawFd};
use std::os::unix::net::UnixStream;

use super::*;

fn handle() -> (SocketHandle, UnixStream) {
    let (one, other) = UnixStream::pair().unwrap();
    other.set_nonblocking(true).unwrap();
    let handle = SocketHandle::default();
    handle.set(one.into_raw_fd()).unwrap();
    (handle, other)
}

/// As the other end sees it: numbers may be another test's by now.
fn is_open(mut other: &UnixStream) -> bool {
    other.read(&mut [0]).is_err()
}

#[test]
fn a_descriptor_is_closed_at_the_end_of_the_calls_under_way() {
    let (handle, other) = handle();
    let (first, second) = (handle.in_use(), handle.in_use());
    handle.close().unwrap();
    assert_eq!(handle.number(), -1);
    assert!(first.is_stale());
    drop(first);
    assert!(is_open(&other), "the second call still waits");
    drop(second);
    assert!(!is_open(&other));
    handle.close().unwrap();
}

#[test]
fn without_calls_it_is_closed_at_once() {
    let (handle, other) = handle();
    drop(handle.in_use());
    handle.close().unwrap();
    assert!(!is_open(&other));
}

#[test]
fn another_descriptor_closes_the_first_one_at_the_end_of_the_calls_on_it() {
    let (handle, first) = handle();
    handle.set(handle.number()).unwrap();
    assert!(is_open(&first), "the same one again");
    let user = handle.in_use();
    let others: Vec<_> = (0..DOOMED - 1)
        .map(|_| {
            let (one, other) = UnixStream::pair().unwrap();
            other.set_nonblocking(true).unwrap();
            handle.set(one.into_raw_fd()).unwrap();
            other
        })
        .collect();
    assert!(user.is_stale() && is_open(&first), "its call still waits");
    let (one, _other) = UnixStream::pair().unwrap();
    assert_eq!(handle.set(one.as_raw_fd()).unwrap_err().raw_os_error(), Some(libc::EBUSY));
    drop(user);
    assert!(!is_open(&first));
    let open: Vec<_> = others.iter().map(is_open).collect();
    assert_eq!(open, [vec![false; DOOMED - 2], vec![true]].concat());
    handle.close().unwrap();
    assert!(!is_open(&others[DOOMED - 2]));
}

#[test]
fn no_call_begins_with_a_number_that_is_being_closed() {
    let (handle, other) = handle();
    let closing = handle.begin_close();
    assert_eq!((handle.number(), handle.in_use().number()), (NONE, NONE));
    assert!(is_open(&other));
    closing.finish().unwrap();
    assert!(!is_open(&other));
}
