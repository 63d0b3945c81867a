//! Connections for who must never wait: what is offered is sent whole and in order, what is received is lost nowhere.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::connection::{AcceptOptions, ConnectOptions, Connection, Introduction, MessageListener, Step, connect};
use rustchat::frame::{Framing, encode};
use rustchat::net::{Endpoint, Stream};
use rustchat::tls::Tls;

const PATIENCE: Duration = Duration::from_secs(30);
const SECRET: &str = "sixteen bytes or more";

/// Plain, with a secret, and with TLS besides if there is any.
fn kinds() -> Vec<(AcceptOptions, ConnectOptions)> {
    let secret = Secret::new(SECRET).unwrap();
    let kind = |has_secret: bool, has_tls: bool| {
        let server = has_secret.then(|| ServerAuth::new(Profile::Mutual, KeyRing::single(secret.clone())));
        let client = has_secret.then(|| ClientAuth::new(Profile::Mutual, secret.clone()));
        let tls = has_tls.then(Tls::new);
        let (mut accepting, mut connecting) = (AcceptOptions::default(), ConnectOptions::default());
        (accepting.auth, accepting.tls) = (server, tls.clone());
        (connecting.auth, connecting.tls) = (client, tls);
        (accepting, connecting)
    };
    let mut kinds = vec![kind(false, false), kind(true, false)];
    if Tls::is_available() {
        kinds.push(kind(true, true));
    }
    kinds
}

fn pairs() -> impl Iterator<Item = (Connection, Connection)> {
    kinds().into_iter().map(|(accepting, connecting)| {
        let listener = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), accepting).unwrap();
        let near = connect(listener.address(), &connecting, PATIENCE).unwrap();
        (near, listener.accept(PATIENCE).unwrap())
    })
}

/// Waits until a condition holds.
fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "{what}");
        thread::yield_now();
    }
}

/// A message that shows its number and its length.
fn message(number: u32, length: usize) -> Vec<u8> {
    let mut message = number.to_be_bytes().to_vec();
    message.resize(length.max(4), number as u8);
    message
}

/// Offers messages until one is refused; returns how many were taken.
fn fill(connection: &Connection, length: usize) -> u32 {
    let mut number = 0;
    while let Some(pending) = connection.offer(&message(number, length)).unwrap() {
        assert_eq!(pending, connection.pending());
        number += 1;
    }
    number
}

#[test]
fn what_is_offered_past_what_the_kernel_takes_is_kept_whole_and_in_order_up_to_a_mark() {
    for (near, far) in pairs() {
        for length in [100, 40_000] {
            let taken = fill(&near, length);
            let pending = near.pending();
            // Of one message over the mark, and of records around it.
            assert!((Connection::HIGH_WATER..Connection::HIGH_WATER + 45_000).contains(&pending), "{pending}");
            assert!(near.flush_nowait().unwrap() <= pending);
            for number in 0..taken {
                assert_eq!(far.recv(PATIENCE).unwrap(), message(number, length));
                near.flush_nowait().unwrap();
            }
            assert_eq!((near.pending(), far.recv_nowait().unwrap()), (0, None));
        }
    }
}

#[test]
fn whatever_sends_later_sends_what_was_offered_first() {
    for (near, far) in pairs() {
        let mut taken = vec![fill(&near, 1000)];
        // The system may take more a moment later.
        let refused = loop {
            match near.send(b"too early", Duration::ZERO) {
                Ok(()) => taken.push(fill(&near, 1000)),
                Err(error) => break error,
            }
        };
        assert_eq!(refused.status(), Status::TimedOut);
        thread::scope(|scope| {
            scope.spawn(|| {
                near.send(b"one", PATIENCE).unwrap();
                near.send_many([b"two".to_vec(), vec![3; 100_000]], PATIENCE).unwrap();
            });
            for (at, count) in taken.into_iter().enumerate() {
                if at > 0 {
                    assert_eq!(far.recv(PATIENCE).unwrap(), b"too early");
                }
                (0..count).for_each(|number| assert_eq!(far.recv(PATIENCE).unwrap(), message(number, 1000)));
            }
            assert_eq!(far.recv(PATIENCE).unwrap(), b"one");
            assert_eq!(far.recv(PATIENCE).unwrap(), b"two");
            assert_eq!(far.recv(PATIENCE).unwrap(), vec![3; 100_000]);
        });
        assert_eq!(near.pending(), 0);
    }
}

#[test]
fn the_peer_gets_what_was_offered_before_the_end() {
    for (near, far) in pairs() {
        let taken = fill(&near, 1000);
        near.close();
        assert_eq!(near.offer(b"late").unwrap_err().status(), Status::Closed);
        for number in 0..taken {
            assert_eq!(far.recv(PATIENCE).unwrap(), message(number, 1000));
        }
        assert_eq!(far.recv(PATIENCE).unwrap_err().status(), Status::Closed);
    }
}

#[test]
fn an_end_of_sending_comes_behind_what_was_offered_and_nothing_behind_it() {
    for (near, far) in pairs() {
        let taken = fill(&near, 1000);
        near.shutdown(std::net::Shutdown::Write);
        near.offer(b"late").unwrap_err();
        near.send(b"late", PATIENCE).unwrap_err();
        for number in 0..taken {
            assert_eq!(far.recv(PATIENCE).unwrap(), message(number, 1000));
        }
        assert_eq!(far.recv(PATIENCE).unwrap_err().status(), Status::Closed);
        far.send(b"answer", PATIENCE).unwrap();
        assert_eq!(near.recv(PATIENCE).unwrap(), b"answer");
    }
}

#[test]
fn a_message_that_cannot_be_is_refused_and_nothing_of_it_is_kept() {
    for (near, far) in pairs() {
        let too_long = vec![0; Framing::U32Be.default_limit() + 1];
        assert_eq!(near.offer(&too_long).unwrap_err().status(), Status::MessageTooLong);
        near.offer(b"fits").unwrap().unwrap();
        assert_eq!(far.recv(PATIENCE).unwrap(), b"fits");
    }
}

#[test]
fn what_is_there_is_received_without_waiting_and_what_is_not_is_none() {
    for (near, far) in pairs() {
        assert_eq!(far.recv_nowait().unwrap(), None);
        near.send_many([b"one".to_vec(), b"two".to_vec(), vec![3; 3 << 20]].iter().take(2), PATIENCE).unwrap();
        let mut got = Vec::new();
        until("both come", || {
            got.extend(far.recv_nowait().unwrap());
            got.len() == 2
        });
        assert_eq!(got, [b"one", b"two"]);
        thread::scope(|scope| {
            scope.spawn(|| near.send(&vec![3; 3 << 20], PATIENCE).unwrap());
            let mut long = None;
            until("a long one comes", || {
                long = far.recv_nowait().unwrap();
                long.is_some()
            });
            assert!(long.unwrap() == vec![3; 3 << 20]);
        });
        near.send(b"last", PATIENCE).unwrap();
        near.close();
        let mut end = None;
        until("the end comes", || match far.recv_nowait() {
            Ok(message) => {
                got.extend(message);
                false
            }
            Err(error) => {
                end = Some(error.status());
                true
            }
        });
        assert_eq!((&*got[2], end), (&b"last"[..], Some(Status::Closed)));
    }
}

#[test]
fn what_has_come_with_another_message_is_received_without_asking_the_system() {
    for (near, far) in pairs() {
        near.send_many([b"one", b"two"], PATIENCE).unwrap();
        assert_eq!(far.recv_buffered_with(<[u8]>::to_vec).unwrap(), None, "nobody has asked");
        assert_eq!(far.recv(PATIENCE).unwrap(), b"one");
        assert_eq!(far.recv_buffered_with(<[u8]>::to_vec).unwrap().unwrap(), b"two");
        near.send(b"three", PATIENCE).unwrap();
        assert_eq!(far.recv_buffered_with(<[u8]>::to_vec).unwrap(), None);
        assert_eq!(far.recv(PATIENCE).unwrap(), b"three");
    }
}

#[test]
fn a_call_beside_one_of_another_thread_does_not_wait_for_it() {
    let (near, far) = pairs().next().unwrap();
    thread::scope(|scope| {
        let receiving = scope.spawn(|| far.recv(PATIENCE).unwrap());
        // It may not have begun.
        (0..1000).for_each(|_| assert_eq!(far.recv_nowait().unwrap(), None));
        near.send(b"its", PATIENCE).unwrap();
        assert_eq!(receiving.join().unwrap(), b"its");
    });
}

/// Makes a connection as an event loop would.
fn introduce(endpoint: &Endpoint, options: &ConnectOptions) -> rustchat::Result<Connection> {
    let begin = Instant::now();
    let stream = Stream::connect(endpoint, PATIENCE)?;
    let mut introduction = Introduction::begin(stream, options, "127.0.0.1", begin)?;
    assert!(introduction.as_raw_fd() > 0);
    loop {
        match introduction.step()? {
            Step::Done => return introduction.finish(),
            Step::Receive | Step::Send => {
                assert!(begin.elapsed() < PATIENCE && introduction.patience() <= options.timeout);
                thread::yield_now();
            }
        }
    }
}

#[test]
fn an_introduction_makes_the_same_connection_as_connecting_does() {
    for (accepting, connecting) in kinds() {
        let listener = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), accepting).unwrap();
        let near = introduce(&listener.address().into(), &connecting).unwrap();
        let far = listener.accept(PATIENCE).unwrap();
        assert_eq!(near.protection().tls, connecting.tls.is_some());
        assert_eq!(near.identity().is_some(), connecting.auth.is_some());
        far.send(b"hello", PATIENCE).unwrap();
        near.send(b"hello to you", PATIENCE).unwrap();
        assert_eq!(
            (near.recv(PATIENCE).unwrap(), far.recv(PATIENCE).unwrap()),
            (b"hello".into(), b"hello to you".into())
        );
    }
}

#[test]
fn an_introduction_fails_as_connecting_does() {
    let (accepting, mut wrong) = kinds().pop().unwrap();
    let listener = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), accepting).unwrap();
    wrong.auth = Some(ClientAuth::new(Profile::Mutual, Secret::new("another one altogether").unwrap()));
    let error = introduce(&listener.address().into(), &wrong).unwrap_err();
    assert_eq!(error.status(), Status::AuthenticationFailed);
    assert!(error.message().starts_with("handshake with 127.0.0.1:"), "{error}");
    assert_eq!(error.message(), connect(listener.address(), &wrong, PATIENCE).unwrap_err().message());
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::tcp("127.0.0.1", silent.local_addr().unwrap().port());
    for (_, mut options) in kinds().into_iter().skip(1) {
        let begin = Instant::now();
        options.timeout = Duration::from_secs(5);
        let error = introduce(&endpoint, &options).unwrap_err();
        assert!(error.message().contains("the server has said nothing"), "{error}");
        assert!(error.status() == Status::TimedOut && begin.elapsed() >= Duration::from_secs(1));
    }
}

#[test]
fn a_connection_is_made_of_a_stream_whose_handshake_somebody_else_has_done() {
    let listening = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut near = TcpStream::connect(listening.local_addr().unwrap()).unwrap();
    let stream = Stream::from_fd(OwnedFd::from(listening.accept().unwrap().0)).unwrap();
    let rest = [encode(Framing::U32Be, b"came early").unwrap(), vec![0, 0]].concat();
    let far = Connection::established(stream, None, None, &rest, &ConnectOptions::default()).unwrap();
    assert_eq!(far.recv_nowait().unwrap().unwrap(), b"came early");
    assert_eq!((far.recv_nowait().unwrap(), far.buffered()), (None, 2));
    assert_eq!(far.offer(b"hello").unwrap(), Some(0));
    let mut wire = [0; 9];
    near.read_exact(&mut wire).unwrap();
    assert_eq!(&wire, b"\0\0\0\x05hello");
}
