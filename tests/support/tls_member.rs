//! Members of a chat with TLS.

use std::net::Shutdown;

use rustchat::Result;
use rustchat::auth::{Channel, ClientAuth, KeyRing, Profile, ServerAuth};
use rustchat::chat::{ChatServer, ServerOptions};
use rustchat::tls::{ClientTls, Tls};

use super::tls::{RawPeer, secret};
use super::{dial, eventually};

/// A connection to `server` that has not sent a byte.
pub(crate) fn knock(server: &ChatServer, tls: &ClientTls) -> RawPeer {
    RawPeer::silent(dial(server), tls.begin("localhost").unwrap())
}

/// One with a channel.
pub(crate) fn secured(server: &ChatServer, tls: &ClientTls) -> Result<RawPeer> {
    knock(server, tls).secure()
}

/// The secret as both sides have it.
pub(crate) struct Both {
    pub(crate) server: ServerAuth,
    pub(crate) client: ClientAuth,
}

impl Both {
    pub(crate) fn new() -> Both {
        let keys = KeyRing::new();
        keys.insert("alice", secret()).unwrap();
        let client = ClientAuth::new(Profile::Mutual, secret()).with_key_id("alice").unwrap();
        Both { server: ServerAuth::new(Profile::Mutual, keys), client }
    }

    /// A server with the secret and a certificate of its own making.
    pub(crate) fn options(&self) -> ServerOptions {
        let mut options = super::options();
        (options.auth, options.tls) = (Some(self.server.clone()), Some(Tls::new()));
        options
    }

    /// Proves the secret, bound to that channel.
    pub(crate) fn prove_on(&self, peer: &mut RawPeer, channel: &Channel) -> Result<()> {
        peer.shake_hands(&mut self.client.begin_bound(channel)?)
    }

    /// Proves the secret, bound to its own channel.
    pub(crate) fn prove(&self, peer: &mut RawPeer) -> Result<()> {
        self.prove_on(peer, &peer.machine.channel()?)
    }

    /// A member with the secret.
    pub(crate) fn join(&self, server: &ChatServer) -> RawPeer {
        let before = server.stats().joined;
        let mut peer = secured(server, &Tls::new().client(true).unwrap()).unwrap();
        self.prove(&mut peer).unwrap();
        eventually("a member joins", || server.stats().joined > before);
        peer
    }
}

/// What a member of line chat says and hears.
pub(crate) trait LineMember {
    fn say(&mut self, text: &str);
    /// The next line, without its end.
    fn line(&mut self) -> String;
    /// The text of the next message.
    fn hear_text(&mut self) -> String;
    /// Ends its side in good order.
    fn end(&mut self);
    /// All that comes up to the end, which was announced.
    fn hear_out(&mut self) -> String;
}

impl LineMember for RawPeer {
    fn say(&mut self, text: &str) {
        self.send(format!("{text}\n").as_bytes());
    }

    fn line(&mut self) -> String {
        let mut line = Vec::new();
        loop {
            match self.exactly(1)[0] {
                b'\n' => return String::from_utf8(line).unwrap(),
                byte => line.push(byte),
            }
        }
    }

    fn hear_text(&mut self) -> String {
        self.line();
        self.line()
    }

    fn end(&mut self) {
        self.close();
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    fn hear_out(&mut self) -> String {
        let (rest, is_announced) = self.rest();
        assert!(is_announced, "the stream has ended and the channel has not");
        String::from_utf8(rest).unwrap()
    }
}
