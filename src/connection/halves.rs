//! What belongs to whoever receives, and to whoever sends.

use std::time::Duration;

use super::coalesce::Coalescing;
use super::doubt::Doubt;
use super::gather::Gathering;
use super::secure::End;
use super::tail::Tail;
use crate::frame::{Decoder, Framing};
use crate::net::AdaptivePolling;

/// What belongs to whoever receives.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) decoder: Decoder,
    pub(super) polling: AdaptivePolling,
    pub(super) gathering: Gathering,
    /// Whether the last message was a long one.
    pub(super) long: bool,
    /// Whether the last read left nothing in the socket.
    pub(super) drained: bool,
    /// Nothing has come yet: the first bytes show what the peer speaks.
    pub(super) fresh: bool,
    pub(super) doubt: Doubt,
    /// What was decrypted last, for the length of a call.
    pub(super) plain: Vec<u8>,
    /// The end of what comes by TLS, if it was the last thing that came.
    pub(super) end: Option<End>,
}

impl Receiver {
    pub(super) fn new(framing: Framing, limit: usize, polling: Duration) -> Receiver {
        Receiver {
            decoder: Decoder::new(framing, limit),
            polling: AdaptivePolling::new(polling),
            gathering: Gathering::new(polling),
            long: false,
            drained: false,
            fresh: true,
            doubt: Doubt::default(),
            plain: Vec::new(),
            end: None,
        }
    }
}

/// What belongs to whoever sends.
#[derive(Debug, Default)]
pub(super) struct Sender {
    /// Messages beside their headers, for the length of a call.
    pub(super) copy: Vec<u8>,
    pub(super) coalescing: Coalescing,
    /// What goes before the next message: records of TLS, and messages that were offered.
    pub(super) tail: Tail,
}
