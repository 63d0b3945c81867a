//! A client ends when it is told to, whatever it has received and not taken, and whatever its server does.

mod support;

use std::io::Read;
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::chat::{ChatClient, ChatServer, ClientEvent, ClientOptions};
use support::{PATIENCE, await_members, eventually, options};

/// Sooner than any patience of the library's own, later than anything takes that waits for nobody.
const AT_ONCE: Duration = Duration::from_secs(5);

/// A client that takes nothing, after its server has said more than it may keep.
fn full(server: &ChatServer) -> ChatClient {
    let mut options = ClientOptions::new(server.address());
    options.event_limit = 10;
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    await_members(server, 1);
    for number in 0..100 {
        server.broadcast(&number.to_string()).unwrap();
    }
    // The one that finds no room is counted, and waits.
    eventually("a full queue", || client.stats().messages_in > 10);
    client
}

#[test]
fn a_client_with_a_full_queue_is_closed_and_joined_at_once() {
    let server = ChatServer::start(options()).unwrap();
    let client = full(&server);
    client.close();
    client.join(AT_ONCE).unwrap();
    let mut events = Vec::new();
    while client.poll(&mut events, 100, Duration::ZERO).is_ok() {}
    assert!(matches!(events.last(), Some(ClientEvent::Closed(None))), "{:?}", events.last());
    assert_eq!(events.len(), 12, "{events:?}");
}

#[test]
fn a_client_with_a_full_queue_whose_server_is_gone_is_stopped_and_dropped_at_once() {
    for stop in [true, false] {
        let server = ChatServer::start(options()).unwrap();
        let client = full(&server);
        server.stop(PATIENCE).unwrap();
        let begin = Instant::now();
        if stop {
            // The first word to who is gone is answered by a reset, the second fails.
            eventually("the server's end is known", || client.send("anybody there?", PATIENCE).is_err());
            client.stop(Duration::from_secs(1)).unwrap();
        } else {
            drop(client);
        }
        assert!(begin.elapsed() < AT_ONCE, "{:?}", begin.elapsed());
    }
}

#[test]
fn stop_keeps_to_its_time_beside_a_server_that_does_not_read() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = ClientOptions::new(silent.local_addr().unwrap());
    options.message_limit = 2 << 20;
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    let (mut peer, _) = silent.accept().unwrap();
    let text = "x".repeat(1 << 20);
    client.send(&text, PATIENCE).unwrap();
    while client.send(&text, Duration::from_millis(100)).is_ok() {}
    let begin = Instant::now();
    client.stop(Duration::from_millis(200)).unwrap();
    assert!(begin.elapsed() < AT_ONCE, "{:?}", begin.elapsed());
    // The peer sees the end.
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut buffer = vec![0; 1 << 20];
    while matches!(peer.read(&mut buffer), Ok(1..)) {}
}

#[test]
fn close_wakes_a_call_that_receives_and_one_that_sends() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = ClientOptions::new(silent.local_addr().unwrap());
    options.message_limit = 1 << 20;
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    let _peer = silent.accept().unwrap();
    std::thread::scope(|scope| {
        let receiving = scope.spawn(|| client.recv(PATIENCE).unwrap_err().status());
        let sending = scope.spawn(|| {
            let text = "x".repeat(1 << 20);
            loop {
                if let Err(error) = client.send(&text, PATIENCE) {
                    return error.status();
                }
            }
        });
        eventually("much is sent", || client.stats().messages_out > 1);
        client.close();
        assert_eq!(receiving.join().unwrap(), Status::Closed);
        assert_eq!(sending.join().unwrap(), Status::Closed);
    });
    client.join(PATIENCE).unwrap();
}

#[test]
fn a_handler_that_does_not_return_makes_stop_time_out_and_a_later_one_succeed() {
    let server = ChatServer::start(options()).unwrap();
    let (release, stuck) = mpsc::channel::<()>();
    let (began, inside) = mpsc::channel();
    let handler = move |_| {
        let _ = began.send(());
        let _ = stuck.recv_timeout(PATIENCE);
    };
    let client = ChatClient::connect_with(&ClientOptions::new(server.address()), PATIENCE, handler).unwrap();
    await_members(&server, 1);
    server.broadcast("stuck").unwrap();
    inside.recv_timeout(PATIENCE).unwrap();
    let begin = Instant::now();
    assert_eq!(client.stop(Duration::from_millis(100)).unwrap_err().status(), Status::TimedOut);
    assert!(begin.elapsed() < AT_ONCE, "{:?}", begin.elapsed());
    drop(release);
    client.stop(PATIENCE).unwrap();
    client.stop(PATIENCE).unwrap();
}

#[test]
fn several_threads_may_stop_a_client_at_once() {
    let server = ChatServer::start(options()).unwrap();
    let client = full(&server);
    std::thread::scope(|scope| {
        let stops: Vec<_> = (0..4).map(|_| scope.spawn(|| client.stop(PATIENCE))).collect();
        assert!(stops.into_iter().all(|stop| stop.join().unwrap().is_ok()));
    });
}
