//! Ends that do not match find out within a second or so, and say what the other one speaks.

mod support;

use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use rustchat::auth::{ChannelBinding, ClientAuth, Digest, KeyRing, Profile, Secret, ServerAuth};
use rustchat::chat::{ChatClient, ChatServer, ClientOptions, ServerOptions};
use rustchat::connection::{AcceptOptions, ConnectOptions, Connection, MessageListener, connect};
use rustchat::frame::Framing;
use rustchat::net::{Address, Endpoint, Stream};
use rustchat::{Error, Status};
use support::{PATIENCE, options};

/// Not the second that is meant, but far from the ten that it took: this machine may be busy with other things.
const SOON: Duration = Duration::from_secs(5);

const PROFILES: [Profile; 3] =
    [Profile::Mutual, Profile::Tutorial(Digest::Sha256), Profile::Multiprocessing(Digest::Sha256)];

fn secret() -> Secret {
    Secret::new("a secret").unwrap()
}

fn chat_server(framing: Framing, profile: Option<Profile>) -> ChatServer {
    let mut options: ServerOptions = options();
    options.framing = framing;
    options.auth = profile.map(|profile| ServerAuth::new(profile, KeyRing::single(secret())));
    ChatServer::start(options).unwrap()
}

fn listener(framing: Framing, profile: Option<Profile>) -> MessageListener {
    let mut options = AcceptOptions::default();
    options.framing = framing;
    options.auth = profile.map(|profile| ServerAuth::new(profile, KeyRing::single(secret())));
    MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), options).unwrap()
}

/// What a chat client gets to know that says `text`, if any, and waits for an answer.
fn chat(address: &Address, framing: Framing, profile: Option<Profile>, text: Option<&str>) -> Error {
    let begin = Instant::now();
    let mut options = ClientOptions::new(Endpoint::from(address));
    options.framing = framing;
    options.auth = profile.map(|profile| ClientAuth::new(profile, secret()));
    let error = ChatClient::connect(&options, PATIENCE).and_then(|client| {
        if let Some(text) = text {
            let _ = client.send(text, PATIENCE);
        }
        client.recv(PATIENCE)
    });
    let error = error.expect_err("ends that do not match");
    assert!(begin.elapsed() < SOON, "after {:?}: {error}", begin.elapsed());
    error
}

/// The same of a connection.
fn converse(address: &Address, framing: Framing, profile: Option<Profile>, text: Option<&str>) -> Error {
    let begin = Instant::now();
    let mut options = ConnectOptions::default();
    options.framing = framing;
    options.auth = profile.map(|profile| ClientAuth::new(profile, secret()));
    let error = connect(address, &options, PATIENCE).and_then(|connection: Connection| {
        if let Some(text) = text {
            let _ = connection.send(text.as_bytes(), PATIENCE);
        }
        connection.recv(PATIENCE)
    });
    let error = error.expect_err("ends that do not match");
    assert!(begin.elapsed() < SOON, "after {:?}: {error}", begin.elapsed());
    error
}

#[track_caller]
fn assert_says(error: &Error, what: &str) {
    assert!(error.message().contains(what), "{what:?} is not in {error:?}");
}

#[test]
fn a_chat_client_with_a_secret_is_told_that_the_server_has_none() {
    for framing in [Framing::Line, Framing::U32Be, Framing::U32Le] {
        let server = chat_server(framing, None);
        for profile in PROFILES {
            let error = chat(server.address(), framing, Some(profile), None);
            if framing == Framing::Line && profile != Profile::Mutual {
                // Nobody speaks first there: silence is all that shows.
                assert_eq!(error.status(), Status::TimedOut, "{error}");
                assert_says(&error, "may ask for no secret");
            } else {
                assert_eq!(error.status(), Status::AuthenticationFailed, "{error}");
                assert_says(&error, "the server asks for no secret");
            }
        }
    }
}

#[test]
fn a_client_without_a_secret_is_told_that_the_server_wants_one() {
    for profile in PROFILES {
        let name = profile.to_string().split(':').next().unwrap().to_owned();
        for framing in [Framing::Line, Framing::U32Be, Framing::U32Le] {
            let server = chat_server(framing, Some(profile));
            let listener = listener(framing, Some(profile));
            for text in [None, Some("hello")] {
                for error in [
                    chat(server.address(), framing, None, text),
                    converse(server.address(), framing, None, text),
                    converse(listener.address(), framing, None, text),
                ] {
                    assert_says(&error, &format!("profile {name}"));
                    assert_eq!(error.status(), Status::AuthenticationFailed, "{error}");
                }
            }
        }
    }
}

#[test]
fn wrong_profiles_are_named() {
    for client in PROFILES {
        for server in PROFILES.into_iter().filter(|server| *server != client) {
            let name = server.to_string().split(':').next().unwrap().to_owned();
            let (room, listener) = (chat_server(Framing::Line, Some(server)), listener(Framing::U32Be, Some(server)));
            for error in [
                chat(room.address(), Framing::Line, Some(client), None),
                converse(listener.address(), Framing::U32Be, Some(client), None),
            ] {
                assert_says(&error, &format!("profile {name}"));
                assert_eq!(error.status(), Status::AuthenticationFailed, "{error}");
            }
        }
    }
}

#[test]
fn wrong_framings_of_a_chat_are_named() {
    for profile in [None, Some(Profile::Mutual), Some(Profile::Tutorial(Digest::Sha256))] {
        for server in [Framing::Line, Framing::U32Be, Framing::U32Le] {
            let room = chat_server(server, profile);
            for client in [Framing::Line, Framing::U32Be, Framing::U32Le].into_iter().filter(|client| *client != server)
            {
                for text in [None, Some("hello")] {
                    let error = chat(room.address(), client, profile, text);
                    assert_says(&error, &format!("framing {server}"));
                    assert_eq!(error.status(), Status::ProtocolViolation, "{error}");
                }
            }
        }
    }
}

#[test]
fn wrong_framings_of_connections_are_named_to_both_ends() {
    for server in [Framing::Line, Framing::U32Be, Framing::U32Le] {
        for client in [Framing::Line, Framing::U32Be, Framing::U32Le].into_iter().filter(|client| *client != server) {
            let listener = listener(server, None);
            let address = listener.address().clone();
            let far = std::thread::spawn(move || listener.accept(PATIENCE).unwrap().recv(PATIENCE).unwrap_err());
            let near = converse(&address, client, None, Some("hello"));
            let far = far.join().unwrap();
            assert_says(&far, &format!("framing {client}"));
            assert_says(&near, &format!("framing {server}"));
            for error in [near, far] {
                assert_eq!(error.status(), Status::ProtocolViolation, "{error}");
            }
        }
    }
}

#[test]
fn a_connection_with_a_secret_is_told_that_the_listener_has_none() {
    for framing in [Framing::Line, Framing::U32Be, Framing::U32Le] {
        let listener = listener(framing, None);
        let address = listener.address().clone();
        let far = std::thread::spawn(move || listener.accept(PATIENCE).unwrap().recv(PATIENCE).unwrap_err());
        let near = converse(&address, framing, Some(Profile::Mutual), None);
        let far = far.join().unwrap();
        assert_says(&near, "the server asks for no secret");
        assert_says(&far, "profile mutual");
        assert_eq!((near.status(), far.status()), (Status::AuthenticationFailed, Status::AuthenticationFailed));
    }
}

#[test]
fn proofs_of_the_other_digest_are_named_to_the_client() {
    let digests = [(Digest::Md5, Digest::Sha256, "MD5"), (Digest::Sha256, Digest::Md5, "SHA-256")];
    for (client, server, length) in digests {
        let [client, server] = [client, server].map(Profile::Tutorial);
        let named =
            format!("the server is set to the profile {server}, and the proof had the length of an HMAC-{length}");
        for framing in [Framing::Line, Framing::U32Be, Framing::U32Le] {
            let (room, listener) = (chat_server(framing, Some(server)), listener(framing, Some(server)));
            for text in [None, Some("hello")] {
                for error in [
                    chat(room.address(), framing, Some(client), text),
                    converse(room.address(), framing, Some(client), text),
                    converse(listener.address(), framing, Some(client), text),
                ] {
                    assert_says(&error, &named);
                    assert_eq!(error.status(), Status::AuthenticationFailed, "{error}");
                }
            }
        }
    }
}

#[test]
fn silence_where_the_server_would_have_spoken_is_told_with_what_is_likely() {
    for profile in PROFILES {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Address::Ip(listener.local_addr().unwrap());
        for error in [
            converse(&address, Framing::U32Be, Some(profile), None),
            chat(&address, Framing::Line, Some(profile), None),
        ] {
            assert_eq!(error.status(), Status::TimedOut, "{error}");
            assert_says(&error, "may ask for no secret");
            assert_says(&error, "a larger timeout");
        }
    }
}

/// How long a peer takes to begin: longer than who has dialled waits for it.
const SLOW: Duration = Duration::from_millis(1500);

#[test]
fn patience_of_ones_own_is_kept() {
    let (near, far) = std::os::unix::net::UnixStream::pair().unwrap();
    let far = std::thread::spawn(move || {
        std::thread::sleep(SLOW);
        let mut auth =
            ServerAuth::new(Profile::Mutual, KeyRing::single(secret())).begin(&ChannelBinding::NONE).unwrap();
        drive(far, &mut auth);
    });
    let mut options = ConnectOptions::default();
    options.auth = Some(ClientAuth::new(Profile::Mutual, secret()));
    // Over a stream of somebody else's nobody knows how fast it is.
    Connection::over(Stream::from_fd(near.into()).unwrap(), &options, PATIENCE).unwrap();
    far.join().unwrap();
}

fn drive(mut stream: std::os::unix::net::UnixStream, handshake: &mut rustchat::auth::Handshake) {
    use std::io::Read;
    while !handshake.is_complete() {
        stream.write_all(&handshake.output()).unwrap();
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).unwrap();
        handshake.receive(&buffer[..count]).unwrap();
    }
    stream.write_all(&handshake.output()).unwrap();
}

#[test]
fn ordinary_first_messages_are_not_mistaken() {
    for framing in Framing::ALL {
        for message in [
            &b"\x05"[..],
            b"hello",
            b"GET / HTTP/1.1",
            b"SSH-2.0",
            b"{\"a\":1}",
            &[7; 32],
            b"2026/11/21 09:07:29 x",
            b"\0\0\0\x01x",
        ] {
            let listener = listener(framing, None);
            let mut options = ConnectOptions::default();
            options.framing = framing;
            let near = connect(listener.address(), &options, PATIENCE).unwrap();
            let far = listener.accept(PATIENCE).unwrap();
            near.send(message, PATIENCE).unwrap();
            assert_eq!(far.recv(PATIENCE).unwrap(), message, "{framing}");
            far.send(message, PATIENCE).unwrap();
            assert_eq!(near.recv(PATIENCE).unwrap(), message, "{framing}");
        }
    }
}

/// Lengths of which the other order of bytes makes one within the limit.
const MUTUAL_LENGTHS: [usize; 4] = [1, 256, 512, 3 << 8];

const ORDERS: [(Framing, Framing); 2] = [(Framing::U32Be, Framing::U32Le), (Framing::U32Le, Framing::U32Be)];

/// All cases at once, since each of them waits for a second.
fn each<T: Send>(cases: impl IntoIterator<Item = T>, check: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| check(case));
        }
    });
}

#[test]
fn a_whole_message_in_the_other_order_of_bytes_is_known_by_the_silence_behind_it() {
    let cases = ORDERS.into_iter().flat_map(|order| MUTUAL_LENGTHS.map(|length| (order, length)));
    each(cases, |((server, client), length)| {
        let listener = listener(server, None);
        let mut options = ConnectOptions::default();
        options.framing = client;
        let near = connect(listener.address(), &options, PATIENCE).unwrap();
        let far = listener.accept(PATIENCE).unwrap();
        near.send(&vec![b'x'; length], PATIENCE).unwrap();
        let begin = Instant::now();
        // Whoever asks again and again finds out, too.
        let error = loop {
            match far.recv(Duration::from_millis(100)) {
                Err(error) if error.status() == Status::TimedOut => assert!(begin.elapsed() < SOON, "{length}"),
                result => break result.unwrap_err(),
            }
        };
        assert_eq!(error.status(), Status::ProtocolViolation, "{error}");
        assert_says(&error, &format!("framing {client}"));
        assert_says(&near.recv(PATIENCE).unwrap_err(), &format!("framing {server}"));
        assert!(begin.elapsed() < SOON, "after {:?}: {error}", begin.elapsed());
    });
}

#[test]
fn a_first_message_into_a_large_buffer_is_known_by_that_too() {
    let listener = listener(Framing::U32Be, None);
    let mut options = ConnectOptions::default();
    options.framing = Framing::U32Le;
    let near = connect(listener.address(), &options, PATIENCE).unwrap();
    let far = listener.accept(PATIENCE).unwrap();
    near.send(&[b'x'; 256], PATIENCE).unwrap();
    let begin = Instant::now();
    let error = far.recv_into(&mut vec![0; 1 << 17], PATIENCE).unwrap_err();
    assert_says(&error, "framing u32le");
    assert!(begin.elapsed() < SOON, "after {:?}: {error}", begin.elapsed());
}

#[test]
fn a_long_message_may_take_its_time() {
    // Behind the last of these pieces it could end in the other order, and whoever waits for ever goes on.
    let pieces = [(3, Some(PATIENCE)), (100, Some(PATIENCE)), (261, Some(PATIENCE)), (260, None)];
    let framings = [Framing::U32Be, Framing::U32Le];
    let cases = framings.into_iter().flat_map(|framing| pieces.map(|piece| (framing, piece)));
    each(cases, |(framing, (first, patience))| {
        let listener = listener(framing, None);
        let Address::Ip(address) = *listener.address() else { panic!("no port") };
        let mut near = std::net::TcpStream::connect(address).unwrap();
        let far = listener.accept(PATIENCE).unwrap();
        // As long as the other order of 256.
        let message = rustchat::frame::encode(framing, &[b'x'; 1 << 16]).unwrap();
        let receiving = std::thread::spawn(move || far.recv(patience));
        near.write_all(&message[..first]).unwrap();
        // The pause is what is tested: more than the second of silence.
        std::thread::sleep(Duration::from_millis(1200));
        near.write_all(&message[first..]).unwrap();
        assert_eq!(receiving.join().unwrap().unwrap().len(), 1 << 16, "{framing} {first}");
    });
}

#[test]
fn every_later_call_says_so_too() {
    let server = chat_server(Framing::Line, Some(Profile::Multiprocessing(Digest::Sha256)));
    let mut options = ConnectOptions::default();
    options.framing = Framing::Line;
    let connection = connect(server.address(), &options, PATIENCE).unwrap();
    for _ in 0..2 {
        assert_says(&connection.recv(PATIENCE).unwrap_err(), "profile multiprocessing");
        assert_says(&connection.send(b"hello", PATIENCE).unwrap_err(), "profile multiprocessing");
    }
}
