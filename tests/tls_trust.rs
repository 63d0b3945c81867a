//! Whom a connection takes for its server: by the secret, by roots, by a pin; and who is refused, with what words.
#![cfg(feature = "tls")]

mod support;

use std::net::TcpListener;
use std::thread;

use rcgen::{CertificateParams, date_time_ymd};
use rustchat::auth::{Channel, ChannelBinding, ClientAuth, Digest, Profile, Requirement};
use rustchat::connection::{ConnectOptions, connect};
use rustchat::net::Endpoint;
use rustchat::tls::{Certificate, Pin, ServerTls, Tls, Trust};
use rustchat::{Error, Status};
use support::PATIENCE;
use support::tls::{Authority, RawPeer, secret, server_auth};

fn options(profile: Option<Profile>, tls: Tls) -> ConnectOptions {
    let mut options = ConnectOptions::default();
    options.timeout = 10 * PATIENCE;
    options.auth = profile.map(|profile| ClientAuth::new(profile, secret()));
    options.tls = Some(tls);
    options
}

fn by_secret() -> ConnectOptions {
    options(Some(Profile::Mutual), Tls::new())
}

fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[track_caller]
fn assert_says(error: &Error, status: Status, words: &str) {
    assert_eq!(error.status(), status, "{error}");
    assert!(error.message().contains(words), "{words:?} is not in {error}");
}

/// What becomes of a client at a server with that certificate that asks for no secret, and what the server sees.
fn meet(certificate: Certificate, host: &str, tls: Tls) -> (Option<Error>, Option<Error>) {
    let ((listener, port), server) = (listen(), Tls::new().with_certificate(certificate).server(false).unwrap());
    thread::scope(|scope| {
        let far = scope.spawn(|| RawPeer::accept(&listener, &server).err());
        let near = connect(Endpoint::tcp(host, port), &options(None, tls), PATIENCE).err();
        (near, far.join().unwrap())
    })
}

#[test]
fn who_sits_between_with_the_right_secret_at_both_ends_is_refused_at_both() {
    let ((listener, port), (relay, relayed)) = (listen(), listen());
    let (server, between) = (Tls::new().server(true).unwrap(), Tls::new().server(true).unwrap());
    thread::scope(|scope| {
        let far = scope.spawn(|| {
            let mut peer = RawPeer::accept(&listener, &server).unwrap();
            let mut handshake = server_auth().begin_bound(&peer.machine.channel().unwrap()).unwrap();
            peer.shake_hands(&mut handshake).unwrap_err()
        });
        scope.spawn(|| {
            let mut near = RawPeer::accept(&relay, &between).unwrap();
            let client = Tls::new().client(true).unwrap();
            let mut far = RawPeer::connect(&format!("127.0.0.1:{port}"), &client).unwrap();
            // Hellos, and the proof of the client, which the server answers with its refusal.
            for _ in 0..2 {
                far.send(&near.some().unwrap());
                near.send(&far.some().unwrap());
            }
        });
        let near = connect(Endpoint::tcp("127.0.0.1", relayed), &by_secret(), PATIENCE).unwrap_err();
        assert_eq!(near.status(), Status::AuthenticationFailed, "{near}");
        assert_eq!(far.join().unwrap().status(), Status::AuthenticationFailed);
    });
}

#[test]
fn nothing_is_proved_to_a_server_that_binds_by_less_than_the_exporter() {
    for kinds in [&[][..], &[ChannelBinding::TLS_SERVER_END_POINT]] {
        let ((listener, port), server) = (listen(), Tls::new().server(true).unwrap());
        thread::scope(|scope| {
            let far = scope.spawn(|| {
                let mut peer = RawPeer::accept(&listener, &server).unwrap();
                let with = |channel: Channel, kind: &u8| channel.with(peer.machine.binding(*kind).unwrap());
                let channel = kinds.iter().fold(Channel::new(Requirement::Nothing), with);
                let mut handshake = server_auth().begin_bound(&channel).unwrap();
                handshake.receive(&peer.some().unwrap()).unwrap();
                peer.send(&handshake.output());
                peer.some().unwrap()
            });
            let near = connect(Endpoint::tcp("127.0.0.1", port), &by_secret(), PATIENCE).unwrap_err();
            assert_says(&near, Status::AuthenticationFailed, "does not bind its proof to this TLS connection");
            assert_eq!(far.join().unwrap(), [0, 0, 0, 1, 5], "a refusal, and no proof");
        });
    }
}

#[test]
fn a_client_that_trusts_the_certificate_takes_what_the_server_can_do() {
    let ((listener, port), server) = (listen(), Tls::new().server(true).unwrap());
    let pinned = options(Some(Profile::Mutual), Tls::new().with_trust(Trust::Pins(vec![server.pin()])));
    thread::scope(|scope| {
        let far = scope.spawn(|| {
            let mut peer = RawPeer::accept(&listener, &server).unwrap();
            peer.shake_hands(&mut server_auth().begin(&ChannelBinding::NONE).unwrap())
        });
        let near = connect(Endpoint::tcp("127.0.0.1", port), &pinned, PATIENCE).unwrap();
        assert_eq!((near.protection().tls, near.protection().binding), (true, 0));
        far.join().unwrap().unwrap();
    });
}

#[test]
fn roots_vouch_for_the_name_that_was_connected_to() {
    let authority = Authority::new();
    let trusted = || Tls::new().with_trust(Trust::Roots(authority.pem().into_bytes()));
    for name in ["localhost", "127.0.0.1"] {
        assert_eq!(meet(authority.certificate(name), name, trusted()), (None, None), "{name}");
    }
    let (near, far) = meet(authority.certificate("elsewhere.example"), "localhost", trusted());
    assert_says(&near.unwrap(), Status::AuthenticationFailed, "another name");
    assert_says(&far.unwrap(), Status::AuthenticationFailed, "does not trust this certificate");
    let named = trusted().with_server_name("elsewhere.example");
    assert_eq!(meet(authority.certificate("elsewhere.example"), "localhost", named), (None, None));
    let (near, _) = meet(Authority::new().certificate("localhost"), "localhost", trusted());
    assert_says(&near.unwrap(), Status::AuthenticationFailed, "vouched for by nobody");
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_before = date_time_ymd(3000, 1, 1);
    let (chain, key) = authority.issue(&params);
    let early = Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
    let (near, _) = meet(early, "localhost", trusted());
    assert_says(&near.unwrap(), Status::AuthenticationFailed, "not valid yet");
    // What the system trusts is not what the test has made.
    let (near, _) = meet(authority.certificate("localhost"), "localhost", Tls::new());
    assert_eq!(near.unwrap().status(), Status::AuthenticationFailed);
}

#[test]
fn a_long_chain_is_refused_and_hurts_nobody() {
    let authority = Authority::new();
    let (own, key) = authority.issue(&CertificateParams::new(vec!["localhost".to_owned()]).unwrap());
    let others: Vec<_> = (0..100).map(|_| Authority::new().pem()).collect();
    let chain = own + &others.concat();
    let certificate = Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
    let trust = |authority: &Authority| Tls::new().with_trust(Trust::Roots(authority.pem().into_bytes()));
    let (near, _) = meet(certificate.clone(), "localhost", trust(&Authority::new()));
    assert!(matches!(near.unwrap().status(), Status::AuthenticationFailed | Status::ProtocolViolation));
    let pinned = Tls::new().with_trust(Trust::Pins(vec![certificate.pin()]));
    // Longer than what may come before the channel is there.
    let (near, _) = meet(certificate, "localhost", pinned);
    assert!(near.is_none_or(|error| error.status() == Status::ProtocolViolation));
}

#[test]
fn a_wrong_pin_is_told_with_the_right_one() {
    let (authority, other) = (Authority::new(), Pin([7; 32]));
    let certificate = authority.certificate("elsewhere.example");
    let pin = certificate.pin();
    let pinned = |pins| Tls::new().with_trust(Trust::Pins(pins));
    assert_eq!(meet(certificate.clone(), "localhost", pinned(vec![other, pin])), (None, None));
    let (near, _) = meet(certificate, "localhost", pinned(vec![other]));
    assert_says(&near.unwrap(), Status::AuthenticationFailed, &pin.to_string());
}

#[test]
fn a_secret_that_cannot_be_bound_is_no_reason_to_trust() {
    let (_listener, port) = listen();
    for profile in [Profile::Tutorial(Digest::Sha256), Profile::Multiprocessing(Digest::Sha256)] {
        let options = options(Some(profile), Tls::new().with_trust(Trust::Secret));
        let error = connect(Endpoint::tcp("127.0.0.1", port), &options, PATIENCE).unwrap_err();
        assert_says(&error, Status::InvalidArgument, "profile mutual");
    }
    let error =
        connect(Endpoint::tcp("127.0.0.1", port), &options(None, Tls::new().with_trust(Trust::Secret)), PATIENCE);
    assert_says(&error.unwrap_err(), Status::InvalidArgument, "secret");
}

#[test]
fn profiles_that_cannot_be_bound_go_through_a_channel_that_is_trusted_otherwise() {
    for profile in [Profile::Tutorial(Digest::Sha256), Profile::Multiprocessing(Digest::Sha256)] {
        let ((listener, port), server) = (listen(), certified());
        let pinned = options(Some(profile), Tls::new().with_trust(Trust::Pins(vec![server.pin()])));
        thread::scope(|scope| {
            let far = scope.spawn(|| {
                let keys = rustchat::auth::KeyRing::single(secret());
                let auth = rustchat::auth::ServerAuth::new(profile, keys);
                let mut peer = RawPeer::accept(&listener, &server).unwrap();
                let channel = peer.machine.channel().unwrap();
                peer.shake_hands(&mut auth.begin_bound(&channel).unwrap()).unwrap();
                peer.send(b"\0\0\0\x05hello");
                peer
            });
            let near = connect(Endpoint::tcp("127.0.0.1", port), &pinned, PATIENCE).unwrap();
            assert_eq!(near.recv(PATIENCE).unwrap(), b"hello");
            assert_eq!((near.protection().tls, near.protection().binding), (true, 0));
            far.join().unwrap();
        });
    }
}

/// A server with a certificate of its own, and no secret in the profile `mutual`.
fn certified() -> ServerTls {
    Tls::new().with_certificate(Authority::new().certificate("localhost")).server(false).unwrap()
}

#[test]
fn one_deadline_is_for_all_of_it() {
    // It takes the connection and says nothing.
    let (_listener, port) = listen();
    let mut options = by_secret();
    options.timeout = std::time::Duration::from_millis(300);
    let begin = std::time::Instant::now();
    let error = connect(Endpoint::tcp("127.0.0.1", port), &options, PATIENCE).unwrap_err();
    assert_says(&error, Status::TimedOut, "though one that speaks TLS");
    assert!(begin.elapsed() < PATIENCE / 2);
}

#[test]
fn a_certificate_that_is_an_authoritys_own_is_trusted_by_its_pin_alone() {
    let authority = Authority::new();
    let certificate = authority.itself();
    let by_roots = Tls::new().with_trust(Trust::Roots(authority.pem().into()));
    let (near, _) = meet(certificate.clone(), "localhost", by_roots);
    let words = "the server's certificate is an authority's own, which vouches for others; to trust it, give its pin";
    assert_says(&near.unwrap(), Status::AuthenticationFailed, words);
    let by_pin = Tls::new().with_trust(Trust::Pins(vec![certificate.pin()]));
    assert_eq!(meet(certificate, "localhost", by_pin), (None, None));
}
