//! The server's numbers.

use pyo3::prelude::*;
use rustchat::chat::ServerStats as Core;

/// Numbers of a ChatServer since its start.
#[pyclass(frozen, get_all, eq, module = "rustchat")]
#[derive(PartialEq)]
pub(crate) struct ServerStats {
    /// Members now.
    members: u64,
    /// Connections accepted.
    accepted: u64,
    /// Connections turned away: the server was full or stopping, or authorize() did not admit them.
    refused: u64,
    /// Peers that did not prove to hold a key.
    authentication_failed: u64,
    /// Members that have joined.
    joined: u64,
    /// Members disconnected because they did not read, or for that reason by the embedder.
    too_slow: u64,
    /// Messages of the room.
    messages: u64,
    /// Messages of the room handed to members: one message for ten members is ten.
    deliveries: u64,
    /// Bytes received.
    bytes_in: u64,
    /// Bytes sent.
    bytes_out: u64,
    /// Events lost because the hooks were too slow.
    events_dropped: u64,
}

impl From<Core> for ServerStats {
    fn from(core: Core) -> ServerStats {
        ServerStats {
            members: core.members,
            accepted: core.accepted,
            refused: core.refused,
            authentication_failed: core.authentication_failed,
            joined: core.joined,
            too_slow: core.too_slow,
            messages: core.messages,
            deliveries: core.deliveries,
            bytes_in: core.bytes_in,
            bytes_out: core.bytes_out,
            events_dropped: core.events_dropped,
        }
    }
}

impl ServerStats {
    fn fields(&self) -> [(&'static str, u64); 11] {
        [
            ("members", self.members),
            ("accepted", self.accepted),
            ("refused", self.refused),
            ("authentication_failed", self.authentication_failed),
            ("joined", self.joined),
            ("too_slow", self.too_slow),
            ("messages", self.messages),
            ("deliveries", self.deliveries),
            ("bytes_in", self.bytes_in),
            ("bytes_out", self.bytes_out),
            ("events_dropped", self.events_dropped),
        ]
    }
}

#[pymethods]
impl ServerStats {
    /// The numbers by name.
    fn as_dict(&self) -> std::collections::BTreeMap<&'static str, u64> {
        self.fields().into()
    }

    fn __repr__(&self) -> String {
        let fields = self.fields().map(|(name, value)| format!("{name}={value}"));
        format!("ServerStats({})", fields.join(", "))
    }
}
