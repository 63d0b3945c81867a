//! The client's numbers.

use pyo3::prelude::*;
use rustchat::chat::ClientStats as Core;

/// Numbers of a ChatClient since it connected.
#[pyclass(frozen, get_all, eq, module = "rustchat")]
#[derive(PartialEq)]
pub(crate) struct ClientStats {
    /// Messages sent.
    messages_out: u64,
    /// Things received, of whichever kind.
    messages_in: u64,
}

impl From<Core> for ClientStats {
    fn from(core: Core) -> ClientStats {
        ClientStats { messages_out: core.messages_out, messages_in: core.messages_in }
    }
}

#[pymethods]
impl ClientStats {
    /// The numbers by name.
    fn as_dict(&self) -> std::collections::BTreeMap<&'static str, u64> {
        [("messages_out", self.messages_out), ("messages_in", self.messages_in)].into()
    }

    fn __repr__(&self) -> String {
        format!("ClientStats(messages_out={}, messages_in={})", self.messages_out, self.messages_in)
    }
}
