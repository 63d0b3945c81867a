//! What the log advises of servers beyond this machine.
#![cfg(feature = "tls")]

mod support;

use rustchat::chat::ChatServer;
use rustchat::net::Endpoint;
use support::tls_member::Both;
use support::warnings::{collect_warnings, warnings};

#[test]
fn a_secret_without_tls_is_advised_to_have_it_once_and_beyond_this_machine_alone() {
    collect_warnings();
    let both = Both::new();
    for (host, with_tls, lines) in [("127.0.0.1", false, 0), ("0.0.0.0", true, 0), ("0.0.0.0", false, 1)] {
        let mut options = both.options();
        options.endpoint = Endpoint::tcp(host, 0);
        if !with_tls {
            options.tls = None;
        }
        let _server = ChatServer::start(options).unwrap();
        assert_eq!(warnings("no certificate is needed").len(), lines, "{host} {with_tls}");
    }
}
