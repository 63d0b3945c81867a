//! All objects there are.

use std::collections::BTreeSet;
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
    /// The ids of each.
    pub(super) rings: Pool<rustchat_key_ring, BTreeSet<String>>,
    /// The port of each.
    pub(super) command_servers: Pool<rustchat_command_server, u16>,
    pub(super) command_clients: Pool<rustchat_command_client, ()>,
    pub(super) commands: Pool<rustchat_command, ()>,
    /// The port of each.
    pub(super) file_servers: Pool<rustchat_file_server, u16>,
    pub(super) file_clients: Pool<rustchat_file_client, ()>,
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
    Ring,
    CommandServer,
    CommandClient,
    Command,
    FileServer,
    FileClient,
    Decoder,
    Message,
}

impl World {
    /// Everything live that is not of `kind`.
    pub(super) fn foreign(&self, kind: Kind) -> Vec<*mut ()> {
        let objects: [(Kind, Vec<*mut ()>); 12] = [
            (Kind::Server, self.servers.handles()),
            (Kind::Client, self.clients.handles()),
            (Kind::Listener, self.listeners.handles()),
            (Kind::Connection, self.connections.handles()),
            (Kind::Ring, self.rings.handles()),
            (Kind::CommandServer, self.command_servers.handles()),
            (Kind::CommandClient, self.command_clients.handles()),
            (Kind::Command, self.commands.handles()),
            (Kind::FileServer, self.file_servers.handles()),
            (Kind::FileClient, self.file_clients.handles()),
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
        self.rings.live.iter().for_each(|(handle, _)| rustchat_key_ring_free(*handle));
        self.commands.live.iter().for_each(|(handle, _)| rustchat_command_free(*handle));
        self.command_clients.live.iter().for_each(|(handle, _)| rustchat_command_client_free(*handle));
        self.file_clients.live.iter().for_each(|(handle, _)| rustchat_file_client_free(*handle));
        for (handle, _) in &self.command_servers.live {
            let _ = rustchat_command_server_close_within(*handle, 0);
            rustchat_command_server_free(*handle);
        }
        for (handle, _) in &self.file_servers.live {
            let _ = rustchat_file_server_close_within(*handle, 0);
            rustchat_file_server_free(*handle);
        }
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
