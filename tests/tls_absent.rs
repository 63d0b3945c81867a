//! A build without TLS says so, wherever it is asked for.
#![cfg(not(feature = "tls"))]

mod support;

use rustchat::chat::{ChatClient, ChatServer, ClientOptions};
use rustchat::tls::{Certificate, Tls};
use rustchat::{Error, Status};

#[test]
fn whoever_asks_for_tls_is_told_that_there_is_none() {
    assert!(!Tls::is_available());
    let says = |error: Option<Error>| {
        let error = error.expect("there is none");
        assert_eq!(error.status(), Status::NotSupported);
        assert!(error.message().contains("no TLS"), "{error}");
    };
    says(Tls::new().server(true).err());
    says(Tls::new().client(true).err());
    says(Certificate::from_pem(b"", b"").err());
    let mut options = support::options();
    options.tls = Some(Tls::new());
    says(ChatServer::start(options).err());
    let server = ChatServer::start(support::options()).unwrap();
    let mut client = ClientOptions::new(rustchat::net::Endpoint::from(server.address()));
    client.tls = Some(Tls::new());
    says(ChatClient::connect(&client, support::PATIENCE).err());
}
