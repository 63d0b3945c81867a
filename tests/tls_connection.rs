//! Connections by TLS: messages, both ends of them, and the ends of the stream.
#![cfg(feature = "tls")]

mod support;

use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use rustchat::Status;
use rustchat::auth::{ChannelBinding, ClientAuth, Profile};
use rustchat::connection::{ConnectOptions, Connection, connect};
use rustchat::frame::{Framing, encode};
use rustchat::net::Endpoint;
use rustchat::tls::{ServerTls, Tls};
use support::PATIENCE;
use support::tls::{RawPeer, secret};

/// Trusts by the secret.
fn options() -> ConnectOptions {
    let mut options = ConnectOptions::default();
    options.timeout = 10 * PATIENCE;
    options.auth = Some(ClientAuth::new(Profile::Mutual, secret()));
    options.tls = Some(Tls::new());
    options
}

/// A server that makes its certificate itself.
fn server() -> (TcpListener, ServerTls, Endpoint) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::tcp("127.0.0.1", listener.local_addr().unwrap().port());
    (listener, Tls::new().server(true).unwrap(), endpoint)
}

fn pair_with(options: &ConnectOptions) -> (Connection, RawPeer) {
    let (listener, tls, endpoint) = server();
    thread::scope(|scope| {
        let far = scope.spawn(|| RawPeer::proved(&listener, &tls));
        (connect(endpoint, options, PATIENCE).unwrap(), far.join().unwrap())
    })
}

fn pair() -> (Connection, RawPeer) {
    pair_with(&options())
}

fn framed(message: &[u8]) -> Vec<u8> {
    encode(Framing::U32Be, message).unwrap()
}

#[test]
fn messages_of_every_size_come_back_whole() {
    let (near, mut far) = pair();
    let sizes = [0, 1, 100, 8192, 16_380, 16_384, 16_385, 65_532, 65_536, 100_000, 3 << 20];
    thread::scope(|scope| {
        scope.spawn(move || {
            let total: usize = sizes.iter().map(|size| 4 + size).sum();
            let mut left = total;
            while left > 0 {
                let some = far.some().unwrap();
                left -= some.len();
                far.send(&some);
            }
        });
        let sender = scope.spawn(|| {
            for (index, size) in sizes.into_iter().enumerate() {
                near.send(&vec![index as u8; size], PATIENCE).unwrap();
            }
        });
        for (index, size) in sizes.into_iter().enumerate() {
            assert!(near.recv(PATIENCE).unwrap() == vec![index as u8; size], "{size}");
        }
        sender.join().unwrap();
    });
    let protection = near.protection();
    assert_eq!((protection.to_string().as_str(), protection.binding), ("tls", ChannelBinding::TLS_EXPORTER));
    assert_eq!(near.identity().unwrap().binding, ChannelBinding::TLS_EXPORTER);
}

#[test]
fn a_batch_goes_out_in_few_records() {
    let (near, mut far) = pair();
    let messages: Vec<_> = (0..1000_u32).map(|number| number.to_be_bytes()).collect();
    assert_eq!(near.send_many(&messages, PATIENCE), Ok(1000));
    let expected: Vec<u8> = messages.iter().flat_map(|message| framed(message)).collect();
    assert_eq!(far.exactly(expected.len()), expected);
}

#[test]
fn a_message_is_received_into_a_buffer_and_many_at_once() {
    let (near, mut far) = pair();
    let long = vec![7; 100_000];
    far.send(&[framed(&long), framed(b"one"), framed(b"two"), framed(&long)].concat());
    let mut buffer = vec![0; 200_000];
    assert_eq!(near.recv_into(&mut buffer, PATIENCE), Ok(rustchat::connection::Received::Whole(long.len())));
    assert!(buffer[..long.len()] == long);
    let mut some = Vec::new();
    while some.len() < 2 {
        near.recv_many(2 - some.len(), PATIENCE, |message| some.push(message.to_vec())).unwrap();
    }
    assert_eq!(some, [b"one", b"two"]);
    assert_eq!(near.recv_into(&mut buffer, PATIENCE), Ok(rustchat::connection::Received::Whole(long.len())));
}

#[test]
fn the_fingerprint_that_is_shown_can_be_trusted_the_next_time() {
    let (listener, tls, endpoint) = server();
    let pin = tls.pin();
    thread::scope(|scope| {
        let far = scope.spawn(|| [(); 2].map(|()| RawPeer::proved(&listener, &tls)));
        let near = connect(endpoint.clone(), &options(), PATIENCE).unwrap();
        assert_eq!(near.protection().pin, Some(pin));
        let mut pinned = options();
        pinned.tls = Some(Tls::new().with_trust(rustchat::tls::Trust::Pins(vec![near.protection().pin.unwrap()])));
        let near = connect(endpoint, &pinned, PATIENCE).unwrap();
        assert_eq!(near.protection().binding, ChannelBinding::TLS_EXPORTER, "bound all the same");
        far.join().unwrap();
    });
}

#[test]
fn an_end_in_good_order_is_told_from_a_cut_between_messages() {
    for count in [0, 1, 5] {
        for in_order in [true, false] {
            let (near, mut far) = pair();
            for number in 0..count {
                far.send(&framed(&[number]));
            }
            if in_order {
                far.close();
            }
            far.end_sending();
            for number in 0..count {
                assert_eq!(near.recv(PATIENCE).unwrap(), [number]);
            }
            let error = near.recv(PATIENCE).unwrap_err();
            let status = if in_order { Status::Closed } else { Status::ConnectionReset };
            assert_eq!(error.status(), status, "{count} {error}");
            assert_eq!(near.recv(PATIENCE).unwrap_err().status(), status, "it stays so");
        }
    }
}

#[test]
fn an_end_inside_a_message_is_a_loss_whatever_tls_says_of_it() {
    for in_order in [true, false] {
        let (near, mut far) = pair();
        far.send(&framed(b"whole"));
        far.send(&framed(b"cut off")[..7]);
        if in_order {
            far.close();
        }
        far.end_sending();
        assert_eq!(near.recv(PATIENCE).unwrap(), b"whole");
        let error = near.recv(PATIENCE).unwrap_err();
        assert_eq!(error.status(), Status::ConnectionReset);
        assert!(error.message().contains("3 of 7 bytes"), "{error}");
    }
}

#[test]
fn the_end_is_the_end_though_the_stream_stays_open() {
    let (near, mut far) = pair();
    far.send(&framed(b"last"));
    far.close();
    assert_eq!(near.recv(PATIENCE).unwrap(), b"last");
    // Whoever waits for the descriptor finds it out.
    let descriptor = TcpStream::from(near.as_fd().try_clone_to_owned().unwrap());
    descriptor.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(descriptor.peek(&mut [0]).unwrap(), 0);
    assert_eq!(near.recv(PATIENCE).unwrap_err().status(), Status::Closed);
    // The other direction goes on.
    near.send(b"still here", PATIENCE).unwrap();
    assert_eq!(far.exactly(14), framed(b"still here"));
}

#[test]
fn the_peer_is_told_of_our_end_and_may_still_answer() {
    let (near, mut far) = pair();
    near.send(b"question", PATIENCE).unwrap();
    near.shutdown(Shutdown::Write);
    assert_eq!(far.rest(), (framed(b"question"), true));
    far.send(&framed(b"answer"));
    assert_eq!(near.recv(PATIENCE).unwrap(), b"answer");
    assert!(near.send(b"more", PATIENCE).is_err());
    drop(near);
    let (near, mut far) = pair();
    near.send(b"last", PATIENCE).unwrap();
    near.close();
    assert_eq!(far.rest(), (framed(b"last"), true));
    assert_eq!(near.recv(PATIENCE).unwrap_err().status(), Status::Closed);
}

#[test]
fn who_receives_no_more_is_closed_and_not_cut_off() {
    let (near, _far) = pair();
    near.shutdown(Shutdown::Read);
    let error = near.recv(PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::Closed, "{error}");
}

#[test]
fn a_deadline_that_passes_with_a_full_kernel_leaves_the_connection_as_it_was() {
    let (near, mut far) = pair();
    let message = |number: u32| [number.to_be_bytes().as_slice(), &[0; 1020]].concat();
    let mut sent = 0;
    // What is under way makes room now and then.
    for patience in [0, 1, 100, 1, 0].map(Duration::from_millis) {
        let full = loop {
            match near.send(&message(sent), patience) {
                Ok(()) => sent += 1,
                Err(error) => break error,
            }
            assert!(sent < 1 << 20, "the kernel takes everything");
        };
        assert_eq!(full.status(), Status::TimedOut, "{full}");
    }
    thread::scope(|scope| {
        scope.spawn(|| near.send(&message(sent), PATIENCE).unwrap());
        for number in 0..=sent {
            assert_eq!(far.exactly(1028), framed(&message(number)));
        }
    });
    near.close();
    assert_eq!(far.rest(), (Vec::new(), true), "nothing that had timed out was sent");
}

/// Sends until the kernel takes no more; how many bytes.
fn fill(near: &Connection) -> usize {
    let mut sent = 0;
    while near.send(&[0; 1020], Duration::from_millis(20)).is_ok() {
        sent += 1024;
    }
    sent
}

#[test]
fn the_end_of_our_direction_comes_though_the_kernel_was_full_and_somebody_waits_for_an_answer() {
    let (near, mut far) = pair();
    thread::scope(|scope| {
        let receiver = scope.spawn(|| near.recv(PATIENCE));
        let sent = fill(&near);
        near.shutdown(Shutdown::Write);
        assert!(near.send(b"more", PATIENCE).is_err());
        let (heard, in_order) = far.rest();
        assert_eq!((heard.len(), in_order), (sent, true));
        far.send(&framed(b"thanks"));
        assert_eq!(receiver.join().unwrap().unwrap(), b"thanks");
    });
}

#[test]
fn who_closes_with_a_full_kernel_is_gone_and_its_end_comes_all_the_same() {
    for shut_before in [false, true] {
        let (near, mut far) = pair();
        let sent = fill(&near);
        thread::scope(|scope| {
            let receiver = scope.spawn(|| near.recv(PATIENCE).unwrap_err());
            if shut_before {
                near.shutdown(Shutdown::Write);
            }
            near.close();
            assert_eq!(receiver.join().unwrap().status(), Status::Closed);
        });
        assert_eq!(near.send(b"more", PATIENCE).unwrap_err().status(), Status::Closed);
        drop(near);
        let (heard, in_order) = far.rest();
        assert_eq!((heard.len(), in_order), (sent, true));
    }
}

#[test]
fn bytes_that_were_changed_on_the_way_are_no_messages() {
    let (near, mut far) = pair();
    let mut record = far.sealed(&framed(b"hello"));
    *record.last_mut().unwrap() ^= 1;
    std::io::Write::write_all(&mut far.stream, &record).unwrap();
    let error = near.recv(PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::ProtocolViolation, "{error}");
    assert_eq!(near.recv(PATIENCE).unwrap_err().status(), Status::ProtocolViolation);
    assert!(near.send(b"anything", PATIENCE).is_err());
    // The alert says why.
    assert!(far.some().unwrap_err().message().contains("BadRecordMac"));
}
