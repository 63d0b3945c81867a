use std::io::{self, IoSlice, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use super::*;
use crate::auth::{ChannelBinding, ClientAuth, Digest, KeyRing, Profile, Secret, ServerAuth};
use crate::net::Endpoint;

const PATIENCE: Duration = Duration::from_secs(30);

fn options(profile: Profile) -> AcceptOptions {
    let keys = KeyRing::new();
    keys.insert("", secret()).unwrap();
    AcceptOptions { auth: Some(ServerAuth::new(profile, keys)), ..AcceptOptions::default() }
}

fn secret() -> Secret {
    Secret::new("sixteen bytes or more").unwrap()
}

fn local(options: &AcceptOptions) -> (StreamListener, TcpListener) {
    let theirs = TcpListener::bind("127.0.0.1:0").unwrap();
    (StreamListener::new(theirs.as_raw_fd(), options).unwrap(), theirs)
}

fn dial(listener: &StreamListener) -> TcpStream {
    let stream = TcpStream::connect(listener.address().to_string()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends the first `split` bytes alone: what follows is sent when the other end has read them, unless it is to leave some.
fn send(stream: &Stream, bytes: &[u8], split: usize, handshake: usize) {
    let (first, second) = bytes.split_at(split.min(bytes.len()));
    let all = |bytes: &[u8]| stream.send_some(&[IoSlice::new(bytes)], &Deadline::after(PATIENCE)).unwrap();
    all(first);
    let end = Instant::now() + PATIENCE;
    while first.len() < handshake && stream.unacknowledged() > 0 {
        assert!(Instant::now() < end, "it is not read");
        std::thread::yield_now();
    }
    all(second);
}

/// Proves the secret, with `behind` right behind the proof, each message in two pieces. Returns the length of the longest.
fn prove(stream: &Stream, profile: Profile, behind: &[u8], split: usize) -> usize {
    let mut client = ClientAuth::new(profile, secret()).begin(&ChannelBinding::NONE).unwrap();
    let (mut buffer, mut longest) = ([0; 4096], 0);
    loop {
        let mut message = client.output();
        let own = message.len();
        if client.is_complete() {
            message.extend_from_slice(behind);
        }
        longest = longest.max(message.len());
        send(stream, &message, split, own);
        if client.is_complete() {
            return longest;
        }
        let count = stream.recv(&mut buffer, &Deadline::after(PATIENCE)).unwrap();
        client.receive(&buffer[..count]).unwrap();
    }
}

#[test]
fn exactly_the_handshake_is_taken_from_a_stream_however_it_comes() {
    let directory = std::env::temp_dir().join(format!("rustchat-streams-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    for (number, profile) in
        [Profile::Mutual, Profile::Tutorial(Digest::Sha256), Profile::Multiprocessing(Digest::Sha256)]
            .into_iter()
            .enumerate()
    {
        let path = directory.join(number.to_string());
        let theirs = UnixListener::bind(&path).unwrap();
        let listener = StreamListener::new(theirs.as_raw_fd(), &options(profile)).unwrap();
        let (mut split, mut longest) = (0, 0);
        while split <= longest {
            let client = Stream::connect(&Endpoint::unix(&path), PATIENCE).unwrap();
            longest = prove(&client, profile, b"behind it", split);
            let (stream, who) = listener.accept(PATIENCE).unwrap();
            assert_eq!(who.key_id, "");
            let mut heard = [0; 9];
            let mut server = UnixStream::from(stream.into_fd());
            server.set_read_timeout(Some(PATIENCE)).unwrap();
            server.read_exact(&mut heard).unwrap();
            assert_eq!(&heard, b"behind it", "split at {split} of {longest}, {profile:?}");
            server.set_nonblocking(true).unwrap();
            assert_eq!(server.read(&mut heard).unwrap_err().kind(), io::ErrorKind::WouldBlock);
            split += 1;
        }
    }
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn who_proves_nothing_is_told_so_and_never_handed_out() {
    let (listener, _theirs) = local(&options(Profile::Mutual));
    let mut stranger = dial(&listener);
    stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut told = Vec::new();
    stranger.read_to_end(&mut told).unwrap();
    assert!(!told.is_empty());
    assert_eq!(listener.accept(Duration::ZERO).unwrap_err().status(), Status::TimedOut);
}

#[test]
fn closing_ends_handshakes_and_leaves_the_socket_to_its_owner() {
    let (listener, theirs) = local(&options(Profile::Mutual));
    let mut silent = dial(&listener);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| listener.accept(PATIENCE).map(drop).unwrap_err().status());
        // The reminder shows that the handshake is under way.
        silent.read_exact(&mut [0]).unwrap();
        listener.close();
        assert_eq!(waiting.join().unwrap(), Status::Closed);
    });
    let _ = silent.read_to_end(&mut Vec::new());
    let _later = dial(&listener);
    drop(listener);
    theirs.set_nonblocking(false).unwrap();
    theirs.accept().unwrap();
}

#[test]
fn while_nobody_accepts_newcomers_wait_and_lose_nothing() {
    let options = AcceptOptions { backlog: 1, ..options(Profile::Mutual) };
    let (listener, _theirs) = local(&options);
    let address = Endpoint::from(listener.address());
    std::thread::scope(|scope| {
        for _ in 0..20 {
            let client = Stream::connect(&address, PATIENCE).unwrap();
            scope.spawn(move || prove(&client, Profile::Mutual, b"x", usize::MAX));
        }
        let accepted: Vec<_> = (0..20).map(|_| listener.accept(PATIENCE).unwrap()).collect();
        for (stream, _) in &accepted {
            assert_eq!(stream.recv(&mut [0; 2], &Deadline::after(PATIENCE)).unwrap(), 1);
        }
    });
}

#[test]
fn without_a_secret_or_a_stream_socket_there_is_no_listener() {
    let theirs = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = StreamListener::new(theirs.as_raw_fd(), &AcceptOptions::default());
    assert_eq!(open.err().unwrap().status(), Status::InvalidArgument);
    let datagrams = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let wrong = StreamListener::new(datagrams.as_raw_fd(), &options(Profile::Mutual));
    assert_eq!(wrong.err().unwrap().status(), Status::InvalidArgument);
}
