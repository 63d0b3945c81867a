//! Whole messages over real sockets.

use std::cell::Cell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::connection::{AcceptOptions, ConnectOptions, Connection, MessageListener, Received, connect};
use rustchat::frame::{Framing, encode};
use rustchat::net::{Deadline, Endpoint};

const PATIENCE: Duration = Duration::from_secs(30);

fn listen(change: impl FnOnce(&mut AcceptOptions)) -> MessageListener {
    let mut options = AcceptOptions::default();
    change(&mut options);
    MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), options).unwrap()
}

fn dial(listener: &MessageListener, change: impl FnOnce(&mut ConnectOptions)) -> rustchat::Result<Connection> {
    let mut options = ConnectOptions::default();
    change(&mut options);
    connect(listener.address(), &options, PATIENCE)
}

fn pair(framing: Framing) -> (Connection, Connection) {
    let listener = listen(|options| options.framing = framing);
    let near = dial(&listener, |options| options.framing = framing).unwrap();
    (near, listener.accept(PATIENCE).unwrap())
}

#[test]
fn messages_of_every_size_arrive_whole_in_every_framing() {
    for framing in Framing::ALL {
        let (near, far) = pair(framing);
        let most = if framing == Framing::Line { 8 * 1024 } else { 3 << 20 };
        let sizes: Vec<usize> = [0, 1, 2, 63, 64, 1000, 8192, 16_384, 16_385, 100_000, 3 << 20]
            .into_iter()
            .filter(|size| *size <= most)
            .collect();
        thread::scope(|scope| {
            scope.spawn(|| {
                for &size in &sizes {
                    near.send(&vec![b'm'; size], PATIENCE).unwrap();
                }
            });
            for &size in &sizes {
                let message = far.recv(PATIENCE).unwrap();
                assert!(message.len() == size && message.iter().all(|byte| *byte == b'm'), "{framing} {size}");
            }
        });
    }
}

#[test]
fn both_directions_at_once_and_several_threads_never_mix_messages() {
    let (near, far) = pair(Framing::U32Be);
    let (near, far) = (Arc::new(near), Arc::new(far));
    thread::scope(|scope| {
        for (sender, receiver) in [(&near, &far), (&far, &near)] {
            for tag in 0..4_u8 {
                scope.spawn(move || {
                    for count in 0..200_usize {
                        sender.send(&vec![tag; 1 + count * 101 % 30_000], PATIENCE).unwrap();
                    }
                });
            }
            scope.spawn(move || {
                let mut counts = [0_usize; 4];
                for _ in 0..800 {
                    let message = receiver.recv(PATIENCE).unwrap();
                    let tag = usize::from(message[0]);
                    assert!(message.iter().all(|byte| usize::from(*byte) == tag));
                    assert_eq!(message.len(), 1 + counts[tag] * 101 % 30_000);
                    counts[tag] += 1;
                }
            });
        }
    });
}

#[test]
fn many_messages_at_a_time_are_the_same_messages() {
    let (near, far) = pair(Framing::U32Be);
    let messages: Vec<Vec<u8>> = (0..5000_usize).map(|number| vec![number as u8; number % 300]).collect();
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(near.send_many(&messages, PATIENCE), Ok(messages.len())));
        let mut got: Vec<Vec<u8>> = Vec::new();
        while got.len() < messages.len() {
            let count = far.recv_many(100, PATIENCE, |message| got.push(message.to_vec())).unwrap();
            assert!((1..=100).contains(&count));
        }
        assert!(got == messages);
    });
    let oversized = [vec![1; 10], vec![2; 17 << 20]];
    let error = near.send_many(&oversized, PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::MessageTooLong);
    assert!(error.message().contains("after 0 whole messages"), "{error}");
    near.send(b"still in step", PATIENCE).unwrap();
    assert_eq!(far.recv(PATIENCE).unwrap(), b"still in step");
}

#[test]
fn what_breaks_the_framing_is_told_after_the_whole_messages_before_it_and_again() {
    let listener = listen(|_| {});
    let mut raw = TcpStream::connect(listener.address().to_string()).unwrap();
    raw.write_all(&encode(Framing::U32Be, b"whole").unwrap()).unwrap();
    raw.write_all(&u32::MAX.to_be_bytes()).unwrap();
    let connection = listener.accept(PATIENCE).unwrap();
    assert_eq!(connection.recv_many(10, PATIENCE, |message| assert_eq!(message, b"whole")), Ok(1));
    for _ in 0..2 {
        assert_eq!(connection.recv(PATIENCE).unwrap_err().status(), Status::MessageTooLong);
    }
}

#[test]
fn a_deadline_loses_nothing_of_a_message_that_is_under_way() {
    let listener = listen(|_| {});
    let mut raw = TcpStream::connect(listener.address().to_string()).unwrap();
    let connection = listener.accept(PATIENCE).unwrap();
    let frame = encode(Framing::U32Be, b"in two halves").unwrap();
    let (first, second) = frame.split_at(9);
    raw.write_all(first).unwrap();
    for patience in [Duration::ZERO, Duration::from_millis(20)] {
        assert_eq!(connection.recv(patience).unwrap_err().status(), Status::TimedOut);
    }
    raw.write_all(second).unwrap();
    assert_eq!(connection.recv(PATIENCE).unwrap(), b"in two halves");
}

#[test]
fn the_end_between_messages_and_within_one_are_told_apart() {
    let listener = listen(|_| {});
    for (bytes, status, text) in [
        (&b""[..], Status::Closed, "closed the connection"),
        (&[0, 0], Status::ConnectionReset, "after 2 bytes"),
        (&[0, 0, 0, 9, b'x', b'y'], Status::ConnectionReset, "after 2 of 9 bytes"),
    ] {
        let mut raw = TcpStream::connect(listener.address().to_string()).unwrap();
        raw.write_all(bytes).unwrap();
        drop(raw);
        let connection = listener.accept(PATIENCE).unwrap();
        for _ in 0..2 {
            let error = connection.recv(PATIENCE).unwrap_err();
            assert_eq!(error.status(), status, "{error}");
            assert!(error.message().contains(text), "{error}");
        }
    }
}

#[test]
fn an_oversized_frame_is_refused_at_its_header_with_the_limit_named() {
    let listener = listen(|options| options.frame_limit = 1000);
    let near = dial(&listener, |options| options.frame_limit = 1000).unwrap();
    let error = near.send(&[0; 1001], PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::MessageTooLong);
    assert!(error.message().contains("1001") && error.message().contains("1000"), "{error}");
    near.send(&[0; 1000], PATIENCE).unwrap();
    let far = listener.accept(PATIENCE).unwrap();
    assert_eq!(far.recv(PATIENCE).unwrap().len(), 1000);
    let mut raw = TcpStream::connect(listener.address().to_string()).unwrap();
    raw.write_all(&u32::MAX.to_be_bytes()).unwrap();
    let error = listener.accept(PATIENCE).unwrap().recv(PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::MessageTooLong);
}

#[test]
fn close_wakes_whoever_waits_in_either_direction() {
    let (near, far) = pair(Framing::U32Be);
    let near = Arc::new(near);
    let receiving = thread::spawn({
        let near = Arc::clone(&near);
        move || near.recv(Deadline::never()).unwrap_err().status()
    });
    let sending = thread::spawn({
        let near = Arc::clone(&near);
        // Nobody reads at the other end, so this blocks when the kernel is full.
        move || loop {
            if let Err(error) = near.send(&[0; 100_000], Deadline::never()) {
                return error.status();
            }
        }
    });
    near.close();
    near.close();
    assert_eq!(receiving.join().unwrap(), Status::Closed);
    assert_eq!(sending.join().unwrap(), Status::Closed);
    drop(far);
}

#[test]
fn a_send_that_times_out_says_whether_the_connection_survives() {
    let (near, far) = pair(Framing::U32Be);
    let whole = loop {
        match near.send(&[7; 50_000], Duration::from_millis(50)) {
            Ok(()) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(whole.status(), Status::TimedOut, "{whole}");
    if whole.message().contains("closed after") {
        assert_eq!(near.send(b"more", PATIENCE).unwrap_err().status(), Status::Closed);
    }
    assert!(far.recv(PATIENCE).unwrap().iter().all(|byte| *byte == 7));
}

fn keys() -> (ServerAuth, ClientAuth) {
    let secret = Secret::new("k").unwrap();
    (ServerAuth::new(Profile::Mutual, KeyRing::single(secret.clone())), ClientAuth::new(Profile::Mutual, secret))
}

#[test]
fn authenticated_connections_are_handed_out_past_a_crowd_of_silent_ones() {
    let (server, client) = keys();
    let listener = listen(|options| {
        options.auth = Some(server);
        options.handshake_limit = 8;
    });
    let silent: Vec<TcpStream> = (0..50).map(|_| TcpStream::connect(listener.address().to_string()).unwrap()).collect();
    let start = Instant::now();
    let near = dial(&listener, |options| options.auth = Some(client)).unwrap();
    let far = listener.accept(PATIENCE).unwrap();
    assert!(start.elapsed() < Duration::from_secs(5), "waited for a silent one");
    near.send(b"hello", PATIENCE).unwrap();
    assert_eq!(far.recv(PATIENCE).unwrap(), b"hello");
    assert_eq!(far.identity().unwrap().key_id, "");
    drop(silent);
}

#[test]
fn a_stranger_is_never_handed_out_and_learns_nothing() {
    let (server, _) = keys();
    let listener = listen(|options| options.auth = Some(server));
    let wrong = ClientAuth::new(Profile::Mutual, Secret::new("wrong").unwrap());
    let error = dial(&listener, |options| options.auth = Some(wrong)).unwrap_err();
    assert_eq!(error.status(), Status::AuthenticationFailed);
    let mut raw = TcpStream::connect(listener.address().to_string()).unwrap();
    raw.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = raw.read_to_end(&mut answer);
    assert!(answer.len() < 16);
    assert_eq!(listener.accept(Duration::from_millis(50)).unwrap_err().status(), Status::TimedOut);
}

#[test]
fn closing_a_listener_wakes_whoever_accepts_with_and_without_authentication() {
    for auth in [None, Some(keys().0)] {
        let listener = Arc::new(listen(|options| options.auth = auth));
        let waiting = thread::spawn({
            let listener = Arc::clone(&listener);
            move || listener.accept(Deadline::never()).unwrap_err().status()
        });
        listener.close();
        assert_eq!(waiting.join().unwrap(), Status::Closed);
    }
}

#[test]
fn connecting_has_a_deadline_and_names_the_address() {
    // A listener whose backlog is full and whom nobody accepts: the handshake never begins.
    let (server, client) = keys();
    drop(server);
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = ConnectOptions::default();
    (options.auth, options.timeout) = (Some(client), Duration::from_millis(200));
    let error = connect(deaf.local_addr().unwrap(), &options, Deadline::never()).unwrap_err();
    assert_eq!(error.status(), Status::TimedOut);
    assert!(error.message().contains(&deaf.local_addr().unwrap().to_string()), "{error}");
}

#[test]
fn a_run_of_quick_handshakes_makes_neither_side_forget_its_deadline() {
    let (server, client) = keys();
    let listener = listen(|options| (options.auth, options.handshake_timeout) = (Some(server), PATIENCE / 10));
    for _ in 0..100 {
        dial(&listener, |options| options.auth = Some(client.clone())).unwrap();
        listener.accept(PATIENCE).unwrap();
    }
    let mut silent = TcpStream::connect(listener.address().to_string()).unwrap();
    silent.set_read_timeout(Some(PATIENCE)).unwrap();
    // It is reminded, and then left.
    silent.read_to_end(&mut Vec::new()).unwrap();
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = ConnectOptions::default();
    (options.auth, options.timeout) = (Some(client), Duration::from_millis(200));
    let error = connect(deaf.local_addr().unwrap(), &options, Deadline::never()).unwrap_err();
    assert_eq!(error.status(), Status::TimedOut);
}

#[test]
fn messages_of_every_size_arrive_in_a_buffer_and_those_too_long_beside_it() {
    for framing in [Framing::U32Be, Framing::Multiprocessing] {
        let (near, far) = pair(framing);
        let sizes = [0, 1, 100_000, 64, 16_384, 16_383, 1 << 20, 1 << 20, (1 << 20) + 1, 3 << 20, 5, 70_000, 70_000, 0];
        let content = |size: usize| -> Vec<u8> { (0..size).map(|index| (index % 251) as u8).collect() };
        thread::scope(|scope| {
            scope.spawn(|| sizes.map(|size| near.send(&content(size), PATIENCE).unwrap()));
            let mut buffer = vec![0; 1 << 20];
            for size in sizes {
                match far.recv_into(&mut buffer, PATIENCE).unwrap() {
                    Received::Whole(length) => assert!(buffer[..length] == content(size), "{framing} {size}"),
                    Received::TooLong(message) => assert!(message == content(size) && size > buffer.len(), "{size}"),
                }
            }
        });
    }
}

#[test]
fn what_came_of_a_long_message_before_a_deadline_is_there_after_it() {
    let listener = listen(|_| {});
    let mut raw = TcpStream::connect(listener.address().to_string()).unwrap();
    let far = listener.accept(PATIENCE).unwrap();
    let wire = encode(Framing::U32Be, &[7; 200_000]).unwrap();
    let mut buffer = vec![0; 300_000];
    let mut sent = 0;
    for end in [2, 4, 5_000, 150_000] {
        raw.write_all(&wire[sent..end]).unwrap();
        sent = end;
        let error = far.recv_into(&mut buffer, Duration::from_millis(30)).unwrap_err();
        assert_eq!(error.status(), Status::TimedOut, "after {end} bytes");
    }
    raw.write_all(&wire[sent..]).unwrap();
    assert_eq!(far.recv_into(&mut buffer, PATIENCE), Ok(Received::Whole(200_000)));
    assert!(buffer[..200_000].iter().all(|byte| *byte == 7));
    raw.write_all(&wire[..100_000]).unwrap();
    drop(raw);
    let error = far.recv_into(&mut buffer, PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::ConnectionReset);
    assert!(error.message().contains("99996 of 200000 bytes"), "{error}");
}

fn counting(waits: &Cell<usize>) -> impl Fn(&mut dyn FnMut()) + '_ {
    |wait| {
        waits.set(waits.get() + 1);
        wait();
    }
}

#[test]
fn what_need_not_wait_is_done_without_the_waiter() {
    let (near, far) = pair(Framing::U32Be);
    let waits = Cell::new(0);
    let waiter = counting(&waits);
    let deadline = Deadline::after(PATIENCE).with_waiter(&waiter);
    for patience in [deadline, Deadline::never().with_waiter(&waiter)] {
        near.send(b"first", patience).unwrap();
        near.send(b"second", patience).unwrap();
        assert_eq!(waits.take(), 0, "small messages fit");
        // Connections learn from their waits, and the first one cannot know that something is there.
        assert_eq!(far.recv(patience).unwrap(), b"first");
        waits.take();
        assert_eq!(far.recv(patience).unwrap(), b"second");
        assert_eq!(waits.take(), 0, "it had come with the first");
    }
    let zero = Deadline::after(Duration::ZERO).with_waiter(&waiter);
    assert_eq!(far.recv(zero).unwrap_err().status(), Status::TimedOut);
    assert_eq!(waits.take(), 1);
}

#[test]
fn a_full_line_is_left_to_the_waiter() {
    let (near, far) = pair(Framing::U32Be);
    let waits = Cell::new(0);
    let waiter = counting(&waits);
    let message = [b'm'; 16_000];
    let mut sent = 0;
    while waits.get() == 0 {
        match near.send(&message, Deadline::after(Duration::from_millis(20)).with_waiter(&waiter)) {
            Ok(()) => sent += 1,
            // A part of it is under way: that is the end of the connection, but not of what was sent.
            Err(error) => assert!(matches!(error.status(), Status::TimedOut | Status::Closed), "{error}"),
        }
    }
    for _ in 0..sent {
        assert_eq!(far.recv(PATIENCE).unwrap(), message);
    }
}

#[test]
fn a_call_inside_another_of_its_kind_is_refused_instead_of_waiting_for_itself() {
    let (near, far) = pair(Framing::U32Be);
    far.send(b"one", PATIENCE).unwrap();
    for patience in [Duration::ZERO, PATIENCE] {
        let inner = near.recv_with(PATIENCE, |_| near.recv(patience)).unwrap();
        assert_eq!(inner.unwrap_err().status(), Status::WouldDeadlock);
        far.send(b"two", PATIENCE).unwrap();
    }
    // Sending and receiving are two kinds.
    near.recv_with(PATIENCE, |message| near.send(message, PATIENCE)).unwrap().unwrap();
    let mut inner = None;
    let messages =
        std::iter::from_fn(|| inner.is_none().then(|| inner = Some(near.send(b"x", PATIENCE))).map(|()| b"y"));
    assert_eq!(near.send_many(messages, PATIENCE).unwrap(), 1);
    assert_eq!(inner.unwrap().unwrap_err().status(), Status::WouldDeadlock);
    assert_eq!((far.recv(PATIENCE).unwrap(), far.recv(PATIENCE).unwrap()), (b"two".to_vec(), b"y".to_vec()));
}

#[test]
fn an_endless_wait_awake_is_cut_short() {
    let listener = listen(|options| options.polling = Duration::MAX);
    let near = dial(&listener, |options| options.polling = Duration::MAX).unwrap();
    let far = listener.accept(PATIENCE).unwrap();
    // A signal does not wake who is awake: between that and sleep the call asks.
    let interrupt = || Err(rustchat::Error::from(Status::Interrupted));
    let end = Instant::now() + PATIENCE;
    loop {
        // On a busy machine these waits may be too long to make it worth to wait awake.
        for _ in 0..10 {
            near.send(b"brisk", PATIENCE).unwrap();
            far.recv(PATIENCE).unwrap();
        }
        let patience = Deadline::after(Duration::from_millis(100)).with_interrupt(&interrupt);
        match far.recv(patience).unwrap_err().status() {
            Status::Interrupted => return,
            status => assert!(status == Status::TimedOut && Instant::now() < end, "{status}"),
        }
    }
}
