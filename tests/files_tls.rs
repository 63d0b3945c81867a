//! Files over TLS: whose key it is, and a certificate that is renewed.
#![cfg(feature = "tls")]

mod support;

use rustchat::Status;
use rustchat::auth::{ChannelBinding, ClientAuth, Profile, Secret};
use rustchat::tls::{Pin, Tls, Trust};
use rustchat::transfer::{FileClient, FileClientOptions, FileServer};

use support::PATIENCE;
use support::files::{Library, SECRET};
use support::tls::Authority;

fn connect(server: &FileServer, tls: Option<Tls>) -> rustchat::Result<FileClient> {
    let mut options = FileClientOptions::new(server.address());
    options.auth = Some(ClientAuth::new(Profile::Mutual, Secret::new(SECRET).unwrap()));
    (options.tls, options.timeout) = (tls, PATIENCE);
    FileClient::connect(&options, PATIENCE)
}

fn pinned(server: &FileServer, pin: Pin) -> rustchat::Result<FileClient> {
    connect(server, Some(Tls::new().with_trust(Trust::Pins(vec![pin]))))
}

#[test]
fn clients_may_pin_the_key_and_the_certificate_is_renewed_under_them() {
    let authority = Authority::new();
    let first = Tls::new().with_certificate(authority.certificate("first.example"));
    let library = Library::with(|options| options.tls = Some(first));
    let server = &library.server;
    let before = server.pin().unwrap();
    let early = pinned(server, before).unwrap();
    assert_eq!(early.protection().pin, Some(before));
    assert_eq!(early.protection().binding, ChannelBinding::TLS_EXPORTER);
    server.replace_certificate(&authority.certificate("second.example")).unwrap();
    let after = server.pin().unwrap();
    assert_eq!(pinned(server, before).map(drop).unwrap_err().status(), Status::AuthenticationFailed);
    assert_eq!(pinned(server, after).unwrap().protection().pin, Some(after));
    assert!(!early.is_closed(), "those who are there keep their connections");
}

#[test]
fn without_tls_there_is_nothing_to_pin_or_to_renew() {
    let library = Library::open();
    let certificate = Authority::new().certificate("nobody.example");
    assert_eq!(library.server.pin().unwrap_err().status(), Status::BadState);
    assert_eq!(library.server.replace_certificate(&certificate).unwrap_err().status(), Status::BadState);
    let client = connect(&library.server, None).unwrap();
    assert!(!client.protection().tls && client.protection().pin.is_none());
}
