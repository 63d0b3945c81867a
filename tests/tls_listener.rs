//! Connections by TLS with both ends of this library: a listener, and who connects to it.
#![cfg(feature = "tls")]

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use rustchat::auth::{ChannelBinding, ClientAuth, Profile};
use rustchat::connection::{AcceptOptions, ConnectOptions, Connection, MessageListener, Received, connect};
use rustchat::frame::Framing;
use rustchat::net::{Deadline, Endpoint};
use rustchat::tls::{Certificate, Tls, Trust};
use rustchat::{Error, Status};
use support::tls::{Authority, RawPeer, secret, server_auth};
use support::warnings::{collect_warnings, warnings};
use support::{PATIENCE, eventually};

fn local() -> Endpoint {
    Endpoint::tcp("127.0.0.1", 0)
}

fn listen(change: impl FnOnce(&mut AcceptOptions)) -> MessageListener {
    let mut options = AcceptOptions::default();
    options.auth = Some(server_auth());
    options.tls = Some(Tls::new());
    change(&mut options);
    MessageListener::bind(local(), options).unwrap()
}

/// Without a secret.
fn certified(certificate: Certificate) -> MessageListener {
    listen(|options| {
        options.auth = None;
        options.tls = Some(Tls::new().with_certificate(certificate));
    })
}

fn options() -> ConnectOptions {
    let mut options = ConnectOptions::default();
    options.timeout = 10 * PATIENCE;
    options.auth = Some(ClientAuth::new(Profile::Mutual, secret()));
    options.tls = Some(Tls::new());
    options
}

fn dial(listener: &MessageListener) -> rustchat::Result<Connection> {
    connect(listener.address(), &options(), PATIENCE)
}

fn pair() -> (Connection, Connection) {
    let listener = listen(|_| ());
    let near = dial(&listener).unwrap();
    (near, listener.accept(PATIENCE).unwrap())
}

/// Pinned, without a secret.
fn pinned(listener: &MessageListener) -> ConnectOptions {
    let mut options = ConnectOptions::default();
    options.timeout = 10 * PATIENCE;
    options.tls = Some(Tls::new().with_trust(Trust::Pins(vec![listener.pin().unwrap()])));
    options
}

#[track_caller]
fn assert_says(error: &Error, words: &str) {
    assert!(error.message().contains(words), "{words:?} is not in {error}");
}

#[test]
fn both_ends_know_what_protects_them() {
    let (near, far) = pair();
    for end in [&near, &far] {
        let protection = end.protection();
        assert_eq!((protection.name(), protection.binding), ("tls", ChannelBinding::TLS_EXPORTER));
        assert_eq!(end.identity().unwrap().binding, ChannelBinding::TLS_EXPORTER);
    }
    assert!(near.protection().pin.is_some() && far.protection().pin.is_none());
    let listener = certified(Authority::new().certificate("localhost"));
    let near = connect(listener.address(), &pinned(&listener), PATIENCE).unwrap();
    let far = listener.accept(PATIENCE).unwrap();
    assert_eq!(near.protection().pin, Some(listener.pin().unwrap()));
    for end in [&near, &far] {
        assert_eq!((end.protection().name(), end.protection().binding, end.identity()), ("tls", 0, None));
    }
    near.send(b"hello", PATIENCE).unwrap();
    assert_eq!(far.recv(PATIENCE).unwrap(), b"hello");
    assert_eq!(listen(|options| options.tls = None).pin().unwrap_err().status(), Status::BadState);
}

#[test]
fn both_directions_at_once_and_several_threads_never_mix_messages() {
    let (near, far) = pair();
    thread::scope(|scope| {
        for (sender, receiver) in [(&near, &far), (&far, &near)] {
            for tag in 0..4_u8 {
                scope.spawn(move || {
                    for count in 0..200_usize {
                        sender.send(&vec![tag; 1 + count * 101 % 100_000], PATIENCE).unwrap();
                    }
                });
            }
            scope.spawn(move || {
                let (mut counts, mut buffer) = ([0_usize; 4], vec![0; 100_000]);
                for _ in 0..800 {
                    let Received::Whole(length) = receiver.recv_into(&mut buffer, PATIENCE).unwrap() else { panic!() };
                    let tag = usize::from(buffer[0]);
                    assert!(buffer[..length].iter().all(|byte| usize::from(*byte) == tag));
                    assert_eq!(length, 1 + counts[tag] * 101 % 100_000);
                    counts[tag] += 1;
                }
            });
        }
    });
}

#[test]
fn messages_of_every_size_go_through_in_every_framing_and_over_a_unix_socket() {
    let path = std::env::temp_dir().join(format!("rustchat-tls-{}.sock", std::process::id()));
    for framing in Framing::ALL {
        for endpoint in [local(), Endpoint::unix(&path)] {
            let mut accepting = AcceptOptions::default();
            (accepting.auth, accepting.tls, accepting.framing) = (Some(server_auth()), Some(Tls::new()), framing);
            let listener = MessageListener::bind(endpoint, accepting).unwrap();
            let mut connecting = options();
            connecting.framing = framing;
            let near = connect(listener.address(), &connecting, PATIENCE).unwrap();
            let far = listener.accept(PATIENCE).unwrap();
            let most = if framing == Framing::Line { 8 * 1024 } else { 3 << 20 };
            let sizes = [0, 1, 63, 8192, 16_380, 16_385, 65_537, 3 << 20].into_iter().filter(|size| *size <= most);
            thread::scope(|scope| {
                scope.spawn(|| sizes.clone().for_each(|size| near.send(&vec![b'm'; size], PATIENCE).unwrap()));
                for size in sizes.clone() {
                    assert!(far.recv(PATIENCE).unwrap() == vec![b'm'; size], "{framing} {size}");
                }
            });
        }
    }
}

#[test]
fn a_burst_and_its_end_come_whole_though_the_sender_is_gone() {
    for _ in 0..20 {
        let (near, far) = pair();
        thread::scope(|scope| {
            scope.spawn(move || {
                let message = vec![1; 64 * 1024];
                (0..100).for_each(|_| near.send(&message, PATIENCE).unwrap());
                near.close();
            });
            for _ in 0..100 {
                assert_eq!(far.recv(PATIENCE).unwrap().len(), 64 * 1024);
            }
            assert_eq!(far.recv(PATIENCE).unwrap_err().status(), Status::Closed);
        });
    }
}

#[test]
fn each_direction_ends_for_itself() {
    let (near, far) = pair();
    for (one, other) in [(&near, &far), (&far, &near)] {
        one.send(b"last", PATIENCE).unwrap();
        one.shutdown(Shutdown::Write);
        assert_eq!(other.recv(PATIENCE).unwrap(), b"last");
        assert_eq!(other.recv(PATIENCE).unwrap_err().status(), Status::Closed);
    }
}

#[test]
fn closing_wakes_who_waits_in_either_direction() {
    let (near, _far) = pair();
    thread::scope(|scope| {
        let receiving = scope.spawn(|| near.recv(None).unwrap_err());
        let sending = scope.spawn(|| {
            loop {
                if let Err(error) = near.send(&[0; 100_000], None) {
                    break error;
                }
            }
        });
        let mut sent = 0;
        eventually("the sender waits", || {
            // Nobody reads: what is under way does not grow any more.
            let unchanged = near.buffered() == 0 && sent > 1000;
            sent += 1;
            unchanged
        });
        near.close();
        assert_eq!(receiving.join().unwrap().status(), Status::Closed);
        assert_eq!(sending.join().unwrap().status(), Status::Closed);
    });
}

#[test]
fn an_interrupt_before_the_first_byte_leaves_the_connection_as_it_was() {
    let (near, far) = pair();
    let mut sent = 0;
    // What is under way makes room now and then.
    let mut fill = |send: &dyn Fn() -> rustchat::Result<()>| loop {
        match send() {
            Ok(()) => sent += 1,
            Err(error) => break error.status(),
        }
    };
    let interrupt = || Err(Error::new(Status::Interrupted, "enough"));
    let send = || near.send(&[7; 1000], Deadline::after(PATIENCE).with_interrupt(&interrupt));
    assert_eq!(fill(&send), Status::Interrupted);
    // The same by way of a waiter, as a program in Python has it.
    let waiter = |wait: &mut dyn FnMut()| wait();
    let send = || near.send(&[7; 1000], Deadline::after(Duration::from_millis(1)).with_waiter(&waiter));
    assert_eq!(fill(&send), Status::TimedOut);
    thread::scope(|scope| {
        scope.spawn(|| near.send(b"but this", Deadline::after(PATIENCE).with_waiter(&|wait| wait())).unwrap());
        (0..sent).for_each(|_| assert_eq!(far.recv(PATIENCE).unwrap(), [7; 1000]));
        assert_eq!(far.recv(PATIENCE).unwrap(), b"but this");
    });
}

#[test]
fn who_cannot_bind_is_refused_with_a_reason_in_the_log_unless_it_may() {
    collect_warnings();
    let listener = listen(|_| ());
    let client = ClientAuth::new(Profile::Mutual, secret());
    let tls = Tls::new().with_trust(Trust::Pins(vec![listener.pin().unwrap()])).client(false).unwrap();
    let mut peer = RawPeer::connect(&listener.address().to_string(), &tls).unwrap();
    let error = peer.shake_hands(&mut client.begin(&ChannelBinding::NONE).unwrap()).unwrap_err();
    assert_eq!(error.message(), "authentication failed");
    let port = listener.address().to_string();
    eventually("a line in the log", || !warnings(": it offered no channel binding").is_empty());
    assert!(!warnings(&port).iter().any(|line| line.contains("secret")));
    let mut accepting = AcceptOptions::default();
    (accepting.auth, accepting.tls) = (Some(server_auth()), Some(Tls::new().allowing_unbound()));
    let listener = MessageListener::bind(local(), accepting).unwrap();
    let tls = Tls::new().with_trust(Trust::Pins(vec![listener.pin().unwrap()])).client(false).unwrap();
    let mut peer = RawPeer::connect(&listener.address().to_string(), &tls).unwrap();
    peer.shake_hands(&mut client.begin(&ChannelBinding::NONE).unwrap()).unwrap();
    assert_eq!(listener.accept(PATIENCE).unwrap().protection().binding, 0);
}

#[test]
fn who_can_bind_by_the_certificate_alone_gets_in() {
    let listener = listen(|_| ());
    let tls = Tls::new().client(true).unwrap();
    let mut peer = RawPeer::connect(&listener.address().to_string(), &tls).unwrap();
    let binding = peer.machine.binding(ChannelBinding::TLS_SERVER_END_POINT).unwrap();
    let client = ClientAuth::new(Profile::Mutual, secret());
    peer.shake_hands(&mut client.begin(&binding).unwrap()).unwrap();
    peer.send(b"\0\0\0\x02hi");
    let far = listener.accept(PATIENCE).unwrap();
    assert_eq!(far.recv(PATIENCE).unwrap(), b"hi");
    assert_eq!(far.protection().binding, ChannelBinding::TLS_SERVER_END_POINT);
}

#[test]
fn who_sits_between_two_ends_of_ours_is_refused_by_both() {
    collect_warnings();
    let (listener, relay) = (listen(|_| ()), TcpListener::bind("127.0.0.1:0").unwrap());
    let relayed = Endpoint::tcp("127.0.0.1", relay.local_addr().unwrap().port());
    let between = Tls::new().server(true).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut near = RawPeer::accept(&relay, &between).unwrap();
            let client = Tls::new().client(true).unwrap();
            let mut far = RawPeer::connect(&listener.address().to_string(), &client).unwrap();
            for _ in 0..2 {
                far.send(&near.some().unwrap());
                near.send(&far.some().unwrap());
            }
        });
        let error = connect(relayed, &options(), PATIENCE).unwrap_err();
        assert_eq!(error.status(), Status::AuthenticationFailed, "{error}");
    });
    assert_eq!(listener.accept(Duration::ZERO).unwrap_err().status(), Status::TimedOut);
}

#[test]
fn a_new_certificate_is_for_who_comes_later() {
    let authority = Authority::new();
    let (old, new) = (authority.certificate("127.0.0.1"), authority.certificate("127.0.0.1"));
    let listener = certified(old.clone());
    let mut options = ConnectOptions::default();
    options.timeout = 10 * PATIENCE;
    options.tls = Some(Tls::new().with_trust(Trust::Roots(authority.pem().into_bytes())));
    let dial = || {
        let near = connect(listener.address(), &options, PATIENCE).unwrap();
        (near, listener.accept(PATIENCE).unwrap())
    };
    let early = dial();
    listener.replace_certificate(&new).unwrap();
    let late = dial();
    assert_eq!(early.0.protection().pin, Some(old.pin()));
    assert_eq!(late.0.protection().pin, Some(new.pin()));
    for (near, far) in [early, late] {
        near.send(b"still here", PATIENCE).unwrap();
        assert_eq!(far.recv(PATIENCE).unwrap(), b"still here");
    }
}

#[test]
fn a_client_with_tls_at_a_plain_port_is_told_what_is_there() {
    for framing in Framing::ALL {
        for guarded in [false, true] {
            let mut accepting = AcceptOptions::default();
            (accepting.auth, accepting.framing) = (guarded.then(server_auth), framing);
            let listener = MessageListener::bind(local(), accepting).unwrap();
            thread::scope(|scope| {
                if !guarded {
                    scope.spawn(|| {
                        let error = listener.accept(PATIENCE).unwrap().recv(PATIENCE).unwrap_err();
                        assert_says(&error, "TLS");
                    });
                }
                let error = dial(&listener).unwrap_err();
                assert_eq!(error.status(), Status::ProtocolViolation, "{framing} {guarded} {error}");
                assert_says(&error, "does not speak TLS");
            });
        }
    }
}

#[test]
fn a_client_with_tls_at_the_port_of_something_else_is_told_what_is_there() {
    for (words, what) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "an HTTP answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "an SSH banner"),
        (b"2026/11/21 09:07:29 127.0.0.1:5\nhi\n", "line chat"),
        (b"", "may not speak TLS"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = Endpoint::tcp("127.0.0.1", listener.local_addr().unwrap().port());
        thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                // All that the client says, lest the end is a reset.
                let mut hello = [0; 5];
                stream.read_exact(&mut hello).unwrap();
                stream.read_exact(&mut vec![0; usize::from(hello[3]) << 8 | usize::from(hello[4])]).unwrap();
                stream.write_all(words).unwrap();
            });
            assert_says(&connect(endpoint, &options(), PATIENCE).unwrap_err(), what);
        });
    }
}

#[test]
fn a_plain_client_at_a_port_with_tls_is_told_so() {
    let listeners = [listen(|_| ()), certified(Authority::new().certificate("localhost"))];
    for listener in &listeners {
        for auth in [None, Some(ClientAuth::new(Profile::Mutual, secret()))] {
            for framing in Framing::ALL {
                let mut options = ConnectOptions::default();
                options.timeout = 10 * PATIENCE;
                (options.auth, options.framing) = (auth.clone(), framing);
                let error = connect(listener.address(), &options, PATIENCE).and_then(|near| {
                    near.send(b"hello", PATIENCE)?;
                    near.recv(PATIENCE)
                });
                assert_says(&error.unwrap_err(), "TLS");
            }
        }
    }
}

#[test]
fn a_client_without_a_secret_is_told_that_the_server_wants_one_behind_tls() {
    let listener = listen(|_| ());
    let near = connect(listener.address(), &pinned(&listener), PATIENCE).unwrap();
    near.send(b"hello", PATIENCE).unwrap();
    let error = near.recv(PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::AuthenticationFailed, "{error}");
    assert_says(&error, "profile mutual");
}

#[test]
fn a_client_with_a_secret_is_told_that_the_server_has_none_behind_tls() {
    let listener = certified(Authority::new().certificate("localhost"));
    let error = dial(&listener).unwrap_err();
    assert_eq!(error.status(), Status::AuthenticationFailed, "{error}");
    assert_says(&error, "asks for no secret");
}

#[test]
fn strangers_at_the_door_hold_up_nobody() {
    let listener = listen(|_| ());
    let address = listener.address().to_string();
    let silent: Vec<_> = (0..50).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let near = dial(&listener).unwrap();
    let far = listener.accept(PATIENCE).unwrap();
    near.send(b"hello", PATIENCE).unwrap();
    assert_eq!(far.recv(PATIENCE).unwrap(), b"hello");
    drop(silent);
}
