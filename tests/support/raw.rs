//! A client of remote commands that says what it likes.

use std::sync::atomic::{AtomicU64, Ordering};

use rustchat::command::CommandServer;
use rustchat::connection::{ConnectOptions, Connection, connect};
use rustchat::frame::Framing;

use super::PATIENCE;
use super::commands::client_options;

pub(crate) const HELLO: &[u8] = b"\x01\0\0\0\0rcmd\x01\0\0\0\0";

pub(crate) struct RawPeer {
    pub(crate) connection: Connection,
    pub(crate) received: AtomicU64,
}

impl RawPeer {
    /// One that has shaken hands.
    pub(crate) fn dial(server: &CommandServer) -> RawPeer {
        let mut options = ConnectOptions::default();
        (options.framing, options.auth) = (Framing::U32Be, client_options(server).auth);
        let connection = connect(server.address(), &options, PATIENCE).unwrap();
        RawPeer { connection, received: AtomicU64::new(0) }
    }

    /// One that has said hello as well, and heard it.
    pub(crate) fn greet(server: &CommandServer) -> RawPeer {
        let peer = RawPeer::dial(server);
        peer.send(HELLO);
        assert_eq!(peer.recv()[0], 0x81);
        peer
    }

    pub(crate) fn send(&self, message: &[u8]) {
        self.connection.send(message, PATIENCE).unwrap();
    }

    /// The next message, which may be the last.
    pub(crate) fn recv(&self) -> Vec<u8> {
        let message = self.connection.recv(PATIENCE).unwrap();
        self.received.fetch_add(message.len() as u64, Ordering::Relaxed);
        message
    }
}

fn message(kind: u8, channel: u32, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &channel.to_be_bytes(), body].concat()
}

/// RUN of a shell's program text, with a mebibyte of credit.
pub(crate) fn run(channel: u32, text: &str) -> Vec<u8> {
    run_with(channel, text, 1 << 20)
}

pub(crate) fn run_with(channel: u32, text: &str, credit: u32) -> Vec<u8> {
    let mut body = vec![5, 0, 0, 0, 0];
    (0..2).for_each(|_| body.extend_from_slice(&credit.to_be_bytes()));
    body.extend_from_slice(&[0; 8]);
    body.extend_from_slice(&(text.len() as u16).to_be_bytes());
    body.extend_from_slice(text.as_bytes());
    body.extend_from_slice(&[0, 0, 0]);
    message(0x10, channel, &body)
}

pub(crate) fn signal(channel: u32, number: u8) -> Vec<u8> {
    message(0x14, channel, &[number])
}

pub(crate) fn stdin(channel: u32, bytes: &[u8]) -> Vec<u8> {
    message(0x11, channel, bytes)
}
