//! What ties a handshake to the secure channel below it.

use crate::{Error, Result, Status};

/// The longest value, in bytes: those in use (RFC 5929, RFC 9266) have 32 to 64.
const MAX_VALUE: usize = 1024;

/// Ties a handshake to the secure channel below it, so that it cannot be relayed into another (RFC 5056): a kind, a number
/// that both ends are set to, and a value that both ends know and that never crosses the wire. One for each connection. For
/// ends that are to find out what both can do there is [`Channel`](super::Channel).
#[derive(Debug, Clone, Default)]
pub struct ChannelBinding {
    pub(super) kind: u8,
    pub(super) value: Vec<u8>,
}

impl ChannelBinding {
    /// There is no channel, or it is not to be bound to.
    pub const NONE: ChannelBinding = ChannelBinding { kind: 0, value: Vec::new() };

    /// The kind whose value TLS 1.3 exports for each connection (RFC 9266).
    pub const TLS_EXPORTER: u8 = 1;

    /// The kind whose value is the hash of the server's certificate (RFC 5929), for peers that cannot export.
    pub const TLS_SERVER_END_POINT: u8 = 2;

    /// A binding; kind 0 with an empty value is [`ChannelBinding::NONE`].
    ///
    /// # Errors
    /// `InvalidArgument` when only one of `kind` and `value` is there, or the value is over 1024 bytes.
    pub fn new(kind: u8, value: &[u8]) -> Result<ChannelBinding> {
        if (kind == 0) != value.is_empty() {
            let message = "a channel binding has a kind other than 0 and a value, or neither";
            return Err(Error::new(Status::InvalidArgument, message));
        }
        if value.len() > MAX_VALUE {
            let message = format!("channel binding of {} bytes is over the limit of {MAX_VALUE} bytes", value.len());
            return Err(Error::new(Status::InvalidArgument, message));
        }
        Ok(ChannelBinding { kind, value: value.to_vec() })
    }

    /// The bit of its kind in the features of the hellos; 0 for kinds that are agreed on beforehand.
    pub(super) fn feature(&self) -> u32 {
        match self.kind {
            kind @ (ChannelBinding::TLS_EXPORTER | ChannelBinding::TLS_SERVER_END_POINT) => 1 << (kind - 1),
            _ => 0,
        }
    }
}
