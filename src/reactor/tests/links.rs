//! What a stream and its poller say.

use std::io::{IoSlice, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use super::*;
use crate::net::Stream;
use crate::reactor::link::{Link, Read, Written};

fn pair() -> (Link, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    theirs.set_read_timeout(Some(PATIENCE)).unwrap();
    (Link::new(Stream::from_fd(ours.into()).unwrap()), theirs)
}

#[test]
fn a_short_read_is_the_last_one_unless_the_end_comes_next() {
    let (mut link, mut theirs) = pair();
    theirs.write_all(b"12345678").unwrap();
    link.note(true, false);
    assert_eq!((link.read(&mut [0; 4]).unwrap(), link.is_readable()), (Read::Bytes(4), true));
    assert_eq!((link.read(&mut [0; 5]).unwrap(), link.is_readable()), (Read::Bytes(4), false));
    assert_eq!(link.read(&mut [0; 4]).unwrap(), Read::Drained);
    theirs.write_all(b"12").unwrap();
    theirs.shutdown(Shutdown::Write).unwrap();
    link.note(true, true);
    assert_eq!((link.read(&mut [0; 4]).unwrap(), link.is_readable()), (Read::Bytes(2), true));
    assert_eq!((link.read(&mut [0; 4]).unwrap(), link.is_readable()), (Read::End, false));
}

#[test]
fn what_was_peeked_at_stays_until_it_is_passed_over() {
    let (mut link, mut theirs) = pair();
    theirs.write_all(&[b'x'; 10_000]).unwrap();
    theirs.write_all(b"rest").unwrap();
    link.note(true, false);
    let mut buffer = [0; 20_000];
    for _ in 0..2 {
        assert_eq!((link.peek(&mut buffer).unwrap(), link.is_readable()), (Read::Bytes(10_004), false));
    }
    link.pass_over(10_000);
    assert_eq!(link.read(&mut buffer).unwrap(), Read::Bytes(4));
    assert_eq!(&buffer[..4], b"rest");
    assert_eq!(link.peek(&mut buffer).unwrap(), Read::Drained);
    theirs.shutdown(Shutdown::Write).unwrap();
    assert_eq!(link.peek(&mut buffer).unwrap(), Read::End);
}

#[test]
fn a_full_kernel_says_how_much_it_has_taken() {
    let (mut link, mut theirs) = pair();
    let much = vec![b'x'; 1 << 22];
    let Written::Full(sent) = link.write(&much, &mut Vec::new()).unwrap() else { panic!("all of it") };
    assert!(sent > 0 && sent < much.len());
    assert_eq!(link.write(b"x", &mut Vec::new()).unwrap(), Written::Full(0));
    assert_eq!(hear(&mut theirs, sent).len(), sent);
    assert_eq!(
        link.write_vectored(&[IoSlice::new(b"one "), IoSlice::new(b"two")], &mut Vec::new()).unwrap(),
        Written::All
    );
    assert_eq!(hear(&mut theirs, 7), "one two");
}

#[test]
fn what_is_thrown_away_does_not_cut_off_what_was_sent_last() {
    let (mut link, mut theirs) = pair();
    theirs.write_all(&[b'x'; 10_000]).unwrap();
    assert_eq!(link.write(b"bye", &mut Vec::new()).unwrap(), Written::All);
    link.end().unwrap();
    link.discard(&mut [0; 1024]);
    drop(link);
    assert_eq!(hear_out(theirs), "bye");
}

#[test]
fn a_connection_that_broke_is_an_error_for_who_writes() {
    let (mut link, theirs) = pair();
    drop(theirs);
    assert!(link.write(b"x", &mut Vec::new()).is_err());
}
