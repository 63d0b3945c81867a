//! All objects there are.

use std::ptr;

use rustchat::frame::Framing;
use rustchat::fuzzing::c::*;

use super::pool::{Memory, Pool};

/// What the model knows of a server.
pub(super) struct Server {
    pub(super) framing: Framing,
    pub(super) port: u16,
    pub(super) closed: bool,
}

/// What the model knows of a decoder.
pub(super) struct Decoder {
    pub(super) framing: Framing,
    pub(super) limit: usize,
    /// All bytes that it took.
    pub(super) taken: Vec<u8>,
    /// Messages that have come out.
    pub(super) out: usize,
    pub(super) failed: bool,
}

/// What the model knows of a message.
pub(super) struct Message {
    /// What it says; `None` where others have said it.
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) references: usize,
}

#[derive(Default)]
pub(super) struct World {
    pub(super) servers: Pool<rustchat_server, Server>,
    /// Whether each was closed.
    pub(super) clients: Pool<rustchat_client, bool>,
    /// Port, and whether it was closed.
    pub(super) listeners: Pool<rustchat_listener, (u16, bool)>,
    /// Whether each was closed.
    pub(super) connections: Pool<rustchat_connection, bool>,
    pub(super) decoders: Memory<rustchat_decoder, Decoder>,
    pub(super) messages: Memory<rustchat_message, Message>,
}

/// Of which kind what is wanted is: everything else is foreign to it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Server,
    Client,
    Listener,
    Connection,
    Decoder,
    Message,
}

impl World {
    /// Everything live that is not of `kind`.
    pub(super) fn foreign(&self, kind: Kind) -> Vec<*mut ()> {
        let objects: [(Kind, Vec<*mut ()>); 6] = [
            (Kind::Server, self.servers.live.iter().map(|(handle, _)| handle.cast()).collect()),
            (Kind::Client, self.clients.live.iter().map(|(handle, _)| handle.cast()).collect()),
            (Kind::Listener, self.listeners.live.iter().map(|(handle, _)| handle.cast()).collect()),
            (Kind::Connection, self.connections.live.iter().map(|(handle, _)| handle.cast()).collect()),
            (Kind::Decoder, self.decoders.0.iter().map(|(pointer, _)| pointer.cast()).collect()),
            (Kind::Message, self.messages.0.iter().map(|(pointer, _)| pointer.cast()).collect()),
        ];
        objects.into_iter().filter(|(of, _)| *of != kind).flat_map(|(_, objects)| objects).collect()
    }

    /// Ends all that is left.
    pub(super) fn free(self) {
        self.connections.live.iter().for_each(|(handle, _)| rustchat_connection_free(*handle));
        self.clients.live.iter().for_each(|(handle, _)| rustchat_client_free(*handle));
        self.listeners.live.iter().for_each(|(handle, _)| rustchat_listener_free(*handle));
        for (handle, _) in &self.servers.live {
            // Nobody is left whom it would have to wait for.
            let _ = rustchat_server_close_within(*handle, 0);
            rustchat_server_free(*handle);
        }
        for (pointer, _) in &self.decoders.0 {
            // SAFETY: a live decoder that nobody else uses.
            unsafe { rustchat_decoder_free(*pointer) };
        }
        for (pointer, message) in &self.messages.0 {
            // SAFETY: a live message, and as many references as are left of it.
            (0..message.references).for_each(|_| unsafe { rustchat_message_release(*pointer) });
        }
        // SAFETY: NULL is what the header allows.
        unsafe { rustchat_decoder_free(ptr::null_mut()) };
    }
}
