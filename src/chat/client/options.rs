//! How a client connects.

use serde_json::json;

use crate::Result;
use crate::chat::name;
use crate::connection::{ConnectOptions, Connecting, connecting};
use crate::frame::Framing;
use crate::net::Backoff;
use crate::options::{check, options};

/// Longest frame a client takes from its server.
const FRAME_LIMIT: usize = 64 * 1024 * 1024;

options! {
    /// Options of a [`ChatClient`](super::ChatClient). Make them with [`ClientOptions::new`], set fields, connect.
    pub struct ClientOptions at "Where the server is.";
    rows {
        /// The server's: lines for line chat, any other for message chat.
        framing: Framing = Framing::Line;
    }
    shared connecting;
    rows {
        /// The name to take. In line chat the server must know commands: one that does not says `/name` to the room.
        name: Text = None;
        /// Events that may wait for the program; past it nothing is read, and the server sees a slow member.
        event_limit: Count = 8192, at least 1;
        /// The longest message that may be sent, in bytes: a line without its end, in message chat the whole frame with its
        /// JSON and escapes. A longer one is refused before anything is sent.
        message_limit: Count = 0, zero is "what the server's welcome says, and 8 KiB for lines, whose servers do not say";
        /// Comes back when the connection breaks or the server stops, and says again what was not acknowledged, once.
        ///
        /// With it what is said goes by way of a queue: [`send`](super::ChatClient::send) returns when it stands there, whether or not the
        /// server can be reached, and waits where 256 messages or 1 MiB were not acknowledged. `None`: a connection that
        /// ends is the end.
        reconnect: Reconnect = None;
    }
}

/// What asks a server of line chat for a name.
pub(super) fn request(name: &str) -> String {
    // Quotes around a name are none of it.
    if name.starts_with('"') && name.ends_with('"') { format!("/name \"{name}\"") } else { format!("/name {name}") }
}

/// What asks a server of message chat for the first name.
pub(super) fn hello(name: &str) -> String {
    json!({"type": "hello", "name": name}).to_string()
}

impl ClientOptions {
    /// What asks the server for the name.
    pub(super) fn hello(&self) -> Option<String> {
        self.name.as_ref().map(|name| match self.framing {
            Framing::Line => request(name),
            _ => hello(name),
        })
    }

    /// How to make the connection of such a client, for [`ChatClient::over`](super::ChatClient::over).
    ///
    /// # Errors
    /// `InvalidArgument` for options that cannot be.
    pub fn connection(&self) -> Result<ConnectOptions> {
        check(self)?;
        self.reconnect.as_ref().map_or(Ok(()), Backoff::check)?;
        self.name.as_deref().map_or(Ok(()), name::check)?;
        let Connecting { auth, tls, timeout, polling } = self.connecting();
        Ok(ConnectOptions { framing: self.framing, frame_limit: FRAME_LIMIT, auth, tls, timeout, polling })
    }
}
