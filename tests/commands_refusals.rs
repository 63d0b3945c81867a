//! Who and what is not let in, and that it is told why before anything is run.

mod support;

use std::time::Duration;

use rustchat::Status;
use rustchat::auth::{ClientAuth, Digest, KeyRing, Profile, Secret, ServerAuth};
use rustchat::command::{
    Catalogue, Command, CommandClient, CommandClientOptions, CommandServer, CommandServerOptions, Refusal, Slot,
    Template,
};
use rustchat::connection::{AcceptOptions, MessageListener};
use rustchat::net::Endpoint;

use support::commands::{SECRET, client_options, connect, options, serve, serve_with};
use support::raw::{HELLO, RawPeer, run, run_with, signal, stdin};
use support::{PATIENCE, eventually};

fn refused(change: impl FnOnce(&mut CommandServerOptions)) -> String {
    let mut options = options();
    change(&mut options);
    let error = CommandServer::start(options, Catalogue::new().shell("/bin/sh")).err().expect("it does not start");
    assert_eq!(error.status(), Status::InvalidArgument, "{error}");
    error.message().to_owned()
}

#[test]
fn without_a_secret_nothing_starts_not_even_on_this_machine() {
    assert!(refused(|options| options.auth = None).contains("needs a secret"));
    assert!(refused(|options| (options.auth, options.endpoint) = (None, Endpoint::unix("/tmp/x"))).contains("secret"));
    assert!(refused(|options| options.allow_anonymous = true).contains("never anonymous"));
    let weak = ServerAuth::new(Profile::Tutorial(Digest::Sha256), KeyRing::single(Secret::new(SECRET).unwrap()));
    assert!(refused(|options| options.auth = Some(weak)).contains("mutual"));
    let server = serve();
    let mut options = client_options(&server);
    options.auth = None;
    let error = CommandClient::connect(&options, PATIENCE).err().unwrap();
    assert_eq!(error.status(), Status::InvalidArgument);
}

#[test]
fn beyond_this_machine_nothing_is_said_in_plain_text_unless_that_is_wanted() {
    assert!(refused(|options| options.endpoint = Endpoint::tcp("0.0.0.0", 0)).contains("allow_plaintext"));
    let mut options = options();
    (options.endpoint, options.allow_plaintext) = (Endpoint::tcp("0.0.0.0", 0), true);
    CommandServer::start(options, Catalogue::new().shell("/bin/sh")).unwrap();
}

#[test]
fn whoever_has_another_secret_runs_nothing() {
    let server = serve();
    let mut options = client_options(&server);
    options.auth = Some(ClientAuth::new(Profile::Mutual, Secret::new("another secret, as long").unwrap()));
    let error = CommandClient::connect(&options, PATIENCE).err().unwrap();
    assert_eq!(error.status(), Status::AuthenticationFailed, "{error}");
    eventually("it is counted", || server.stats().authentication_failed == 1);
    assert_eq!(server.stats().started, 0);
}

/// Over the wire: the rules have tests of their own.
#[test]
fn what_is_not_on_the_list_is_refused_by_rule_and_the_connection_goes_on() {
    let mark = std::env::temp_dir().join(format!("rustchat-mark-{}", std::process::id()));
    let catalogue = Catalogue::new()
        .command("log", Template::new("/usr/bin/printf").arg("%s.").slot(Slot::int(1, 1000)).rest(Slot::word(20), 2))
        .command("quiet", Template::new("/bin/cat").without_input())
        .command("ours", Template::new("/bin/true").keys(["somebody else"]));
    let server = CommandServer::start(options(), catalogue).unwrap();
    let client = connect(&server);
    let refusal = |command: Command| client.run(&command, PATIENCE).unwrap_err().refusal();
    assert_eq!(client.run(&Command::new("log").arg("20").arg("a"), PATIENCE).unwrap().stdout, b"20.a.");
    assert_eq!(refusal(Command::new(format!("log 20; touch {}", mark.display()))), Some(Refusal::UnknownCommand));
    assert_eq!(refusal(Command::new("LOG").arg("20")), Some(Refusal::UnknownCommand));
    assert_eq!(refusal(Command::new("log")), Some(Refusal::ArgumentCount));
    for value in ["$(touch x)", "20\n", "-n", "--opt=v", "2०", "99999999999999999999"] {
        assert_eq!(refusal(Command::new("log").arg(value)), Some(Refusal::ArgumentPattern), "{value:?}");
    }
    assert_eq!(refusal(Command::new("log").arg("20").arg("\0")), Some(Refusal::Nul));
    assert_eq!(refusal(Command::new("log").arg("20").arg("x".repeat(21))), Some(Refusal::ArgumentTooLong));
    assert_eq!(refusal(Command::new("quiet").input("x")), Some(Refusal::Stdin));
    assert_eq!(refusal(Command::new("ours")), Some(Refusal::NotPermitted));
    assert_eq!(refusal(Command::shell("true")), Some(Refusal::Shell));
    assert_eq!(refusal(Command::new("log").arg("20").env("LD_PRELOAD", "x")), Some(Refusal::Environment));
    let long = client.run(&Command::new("log").arg("x".repeat(1 << 20)), PATIENCE).unwrap_err();
    assert_eq!(long.status(), Status::MessageTooLong, "{long}");
    let error = client.run(&Command::new("log").arg("0"), PATIENCE).unwrap_err();
    assert_eq!(error.to_string(), "command 'log' was refused: argument 1 is not an integer from 1 to 1000");
    assert!(client.spawn(&Command::new("nothing"), PATIENCE).is_err() && !mark.exists());
    assert_eq!((server.stats().started, client.is_closed()), (1, false));
}

#[test]
fn more_commands_at_a_time_than_may_run_are_refused() {
    let server = serve_with(|options| (options.command_limit, options.total_limit) = (3, 4));
    let (client, other) = (connect(&server), connect(&server));
    assert_eq!(client.command_limit(), 3);
    let sleep = Command::shell("exec sleep 300");
    let jobs: Vec<_> = (0..3).map(|_| client.spawn(&sleep, PATIENCE).unwrap()).collect();
    assert_eq!(client.spawn(&sleep, PATIENCE).err().unwrap().refusal(), Some(Refusal::Busy));
    let fourth = other.spawn(&sleep, PATIENCE).unwrap();
    assert_eq!(other.spawn(&sleep, PATIENCE).err().unwrap().refusal(), Some(Refusal::Busy));
    drop((jobs, fourth));
    eventually("there is room again", || client.run(&Command::shell("true"), PATIENCE).is_ok());
}

/// What a server says to who breaks a rule.
fn rule(messages: &[Vec<u8>]) -> String {
    let server = serve();
    let peer = RawPeer::greet(&server);
    messages.iter().for_each(|message| drop(peer.connection.send(message, PATIENCE)));
    loop {
        let message = peer.recv();
        if message[0] == 0x7f {
            assert_eq!(message[5], 1, "a breach of the protocol");
            eventually("nothing runs on", || server.stats().running == 0);
            return String::from_utf8(message[10..].to_vec()).unwrap();
        }
    }
}

#[test]
fn who_breaks_a_rule_of_the_protocol_is_told_which_and_goes() {
    assert_eq!(rule(&[HELLO.to_vec()]), "HELLO comes once");
    assert_eq!(rule(&[vec![1, 2]]), "a message has a type and a channel");
    assert_eq!(rule(&[run(2, "true")]), "channels are numbered in order: 2 came, 1 is next");
    assert_eq!(rule(&[run(1, "true"), run(1, "true")]), "channels are numbered in order: 1 came, 2 is next");
    assert_eq!(rule(&[signal(1, 9)]), "command 1 was never begun");
    assert_eq!(rule(&[run(1, "exec sleep 300"), signal(1, 19)]), "signal 19 cannot be sent");
    // What the pipe takes gives credit again, once.
    let much = [&[run(1, "exec sleep 300")][..], &vec![stdin(1, &[0; 60_000]); 3]].concat();
    assert_eq!(rule(&much), "more bytes than there was credit for");
    assert_eq!(rule(&[vec![0x11; 70_000]]), "a message is longer than the limit");
    assert_eq!(rule(&[run_with(1, "true", 0x8000_0001)]), "credit is at most 2^31 bytes at a time");
}

#[test]
fn a_peer_that_says_no_hello_and_one_that_speaks_something_else_run_nothing() {
    let server = serve();
    let peer = RawPeer::dial(&server);
    peer.send(&run(1, "true"));
    assert_eq!(&peer.recv()[10..], b"the first message is HELLO");
    let mut browser = std::net::TcpStream::connect(server.address().to_string()).unwrap();
    std::io::Write::write_all(&mut browser, b"GET / HTTP/1.1\r\n\r\n").unwrap();
    browser.set_read_timeout(Some(PATIENCE)).unwrap();
    let _ = std::io::Read::read_to_end(&mut browser, &mut Vec::new());
    eventually("it is counted", || server.stats().authentication_failed == 1);
    assert_eq!(server.stats().started, 0);
}

#[test]
fn a_client_that_does_not_read_costs_no_memory_and_is_gone_in_time() {
    let server = serve_with(|options| options.write_timeout = Duration::from_millis(300));
    let peer = RawPeer::greet(&server);
    for channel in 1..=20 {
        peer.send(&run_with(channel, "exec yes", 1 << 30));
    }
    eventually("they run", || server.stats().started == 20);
    eventually("it is gone, and its commands with it", || server.stats().running == 0);
}

/// A server that says it takes more than a message can hold: what is too long is said here, and the next command is the
/// first that it hears of.
#[test]
fn what_no_message_can_hold_is_refused_by_the_client() {
    let mut options = AcceptOptions::default();
    options.auth = support::commands::options().auth;
    let listener = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), options).unwrap();
    let address = listener.address().clone();
    std::thread::scope(|scope| {
        let server = scope.spawn(|| {
            let connection = listener.accept(PATIENCE).unwrap();
            assert_eq!(connection.recv(PATIENCE).unwrap(), HELLO);
            let hello = [&b"\x81\0\0\0\0\x01\0\0\0\0\x01\0"[..], &[0xff; 4], &[0; 4], &[0; 2]].concat();
            connection.send(&hello, PATIENCE).unwrap();
            connection.recv(PATIENCE).unwrap()
        });
        let mut options = CommandClientOptions::new(&address);
        options.auth = Some(ClientAuth::new(Profile::Mutual, Secret::new(SECRET).unwrap()));
        let client = CommandClient::connect(&options, PATIENCE).unwrap();
        let error = client.run(&Command::new("x").arg([b'a'; 70_000]), PATIENCE).unwrap_err();
        assert_eq!(error.status(), Status::MessageTooLong);
        let lost = client.run(&Command::new("x").arg("short"), PATIENCE).unwrap_err();
        assert_eq!(lost.status(), Status::ConnectionReset);
        assert_eq!(server.join().unwrap()[..5], [0x10, 0, 0, 0, 1]);
    });
}
