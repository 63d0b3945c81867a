//! Remote commands over TLS: the same, and beyond this machine as well.
#![cfg(feature = "tls")]

mod support;

use rustchat::Status;
use rustchat::auth::ChannelBinding;
use rustchat::command::{Catalogue, Command, CommandClient, CommandServer, Output};
use rustchat::net::Endpoint;
use rustchat::tls::{Tls, Trust};

use support::PATIENCE;
use support::commands::{client_options, options, output_of, serve_with};
use support::tls::Authority;

fn serve() -> (CommandServer, CommandClient) {
    let server = serve_with(|options| options.tls = Some(Tls::new()));
    let client = connect(&server);
    (server, client)
}

fn connect(server: &CommandServer) -> CommandClient {
    let mut options = client_options(server);
    options.tls = Some(Tls::new());
    CommandClient::connect(&options, PATIENCE).unwrap()
}

#[test]
fn commands_run_over_tls_with_much_in_either_direction() {
    let (_server, client) = serve();
    assert_eq!(output_of(&client, "echo hello"), "hello\n");
    let input: Vec<u8> = (0..2_000_000).map(|index| (index % 251) as u8).collect();
    let done = client.run(&Command::shell("tee /dev/stderr").input(&input), PATIENCE).unwrap();
    assert!(done.stdout == input && done.stderr == input);
}

#[test]
fn a_reader_that_stops_stops_no_other_over_tls() {
    let (_server, client) = serve();
    let stopped = client.spawn(&Command::shell("exec seq 2000000"), PATIENCE).unwrap();
    let mut buffer = [0; 2];
    assert_eq!(stopped.read(Output::Stdout, &mut buffer, PATIENCE).unwrap(), 2);
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                let done = client.run(&Command::shell("exec head -c 1000000 /dev/zero"), PATIENCE).unwrap();
                assert_eq!(done.stdout.len(), 1_000_000);
            });
        }
    });
    assert_eq!(stopped.read(Output::Stdout, &mut buffer, PATIENCE).unwrap(), 2);
    assert_eq!(&buffer, b"2\n");
}

#[test]
fn with_tls_a_server_listens_beyond_this_machine() {
    let mut options = options();
    (options.endpoint, options.tls) = (Endpoint::tcp("0.0.0.0", 0), Some(Tls::new()));
    let server = CommandServer::start(options, Catalogue::new().shell("/bin/sh")).unwrap();
    let mut options = client_options(&server);
    options.endpoint = Endpoint::tcp("127.0.0.1", server.address().port().unwrap());
    assert!(CommandClient::connect(&options, PATIENCE).is_err(), "it says nothing in plain text");
    options.tls = Some(Tls::new());
    let client = CommandClient::connect(&options, PATIENCE).unwrap();
    assert_eq!(output_of(&client, "echo x"), "x\n");
}

#[test]
fn clients_may_pin_the_key_and_the_certificate_is_renewed_under_them() {
    let authority = Authority::new();
    let first = Tls::new().with_certificate(authority.certificate("first.example"));
    let server = serve_with(|options| options.tls = Some(first));
    let pinned = |pin| {
        let mut options = client_options(&server);
        options.tls = Some(Tls::new().with_trust(Trust::Pins(vec![pin])));
        CommandClient::connect(&options, PATIENCE)
    };
    let before = server.pin().unwrap();
    let client = pinned(before).unwrap();
    assert_eq!(client.protection().pin, Some(before));
    assert_eq!(client.protection().binding, ChannelBinding::TLS_EXPORTER);
    server.replace_certificate(&authority.certificate("second.example")).unwrap();
    let after = server.pin().unwrap();
    assert_eq!(pinned(before).map(drop).unwrap_err().status(), Status::AuthenticationFailed);
    assert_eq!(output_of(&pinned(after).unwrap(), "echo new"), "new\n");
    assert_eq!(output_of(&client, "echo old"), "old\n");
    let plain = serve_with(|_| {});
    assert_eq!(plain.pin().unwrap_err().status(), Status::BadState);
    assert!(!CommandClient::connect(&client_options(&plain), PATIENCE).unwrap().protection().tls);
}

#[test]
fn a_server_that_stops_says_so_over_tls_behind_the_last_exit() {
    let (server, client) = serve();
    let job = client.spawn(&Command::shell("exec sleep 300"), PATIENCE).unwrap();
    server.stop(PATIENCE).unwrap();
    assert_eq!(job.wait(PATIENCE).unwrap().kind, rustchat::command::ExitKind::ServerStopping);
    assert_eq!(client.run(&Command::shell("true"), PATIENCE).unwrap_err().status(), Status::Closed);
}
