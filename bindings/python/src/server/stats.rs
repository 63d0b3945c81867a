//! The server's numbers.

use pyo3::prelude::*;
use rustchat::chat::ServerStats as Core;

/// Numbers of a ChatServer since its start.
///
/// members: members now. accepted: connections accepted. refused: connections turned away at the door.
/// authentication_failed: peers that did not prove to hold a key. joined: members that have joined.
/// too_slow: members disconnected because they did not read. messages: messages of the room.
/// deliveries: messages handed to members; one for ten members is ten. bytes_in, bytes_out: bytes received and sent.
/// events_dropped: events lost because the hooks were too slow.
#[pyclass(frozen, get_all, eq, module = "rustchat")]
#[derive(PartialEq)]
pub(crate) struct ServerStats {
    members: u64,
    accepted: u64,
    refused: u64,
    authentication_failed: u64,
    joined: u64,
    too_slow: u64,
    messages: u64,
    deliveries: u64,
    bytes_in: u64,
    bytes_out: u64,
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
