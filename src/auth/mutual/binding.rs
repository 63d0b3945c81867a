//! What ties a handshake to the secure channel below it.

use crate::auth::Profile;
use crate::{Error, Result, Status};

/// The longest value, in bytes: those in use (RFC 5929, RFC 9266) have 32 to 64.
const MAX_VALUE: usize = 1024;

/// Ties a handshake to the secure channel below it, so that it cannot be relayed into another (RFC 5056): a kind, a number
/// that both ends agree on, and a value that both ends know and that never crosses the wire. One for each connection.
#[derive(Debug, Clone, Default)]
pub struct ChannelBinding {
    pub(super) kind: u8,
    pub(super) value: Vec<u8>,
}

impl ChannelBinding {
    /// There is no channel, or it is not to be bound to.
    pub const NONE: ChannelBinding = ChannelBinding { kind: 0, value: Vec::new() };

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

    /// Refuses a binding where there is no place for it: to go on unbound would be to fail open.
    pub(in crate::auth) fn check(&self, profile: Profile) -> Result<()> {
        if self.kind != 0 && profile != Profile::Mutual {
            let message = format!("the authentication profile {profile} cannot bind a channel");
            return Err(Error::new(Status::NotSupported, message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Digest;

    #[test]
    fn only_what_can_be_bound_is_taken() {
        let status = |profile, kind, value: &[u8]| {
            let bound = ChannelBinding::new(kind, value).and_then(|binding| binding.check(profile));
            bound.map_err(|error| error.status()).err()
        };
        assert_eq!(status(Profile::Mutual, 0, b""), None);
        assert_eq!(status(Profile::Mutual, 1, &[7; 1024]), None);
        assert_eq!(status(Profile::Mutual, 1, &[7; 1025]), Some(Status::InvalidArgument));
        assert_eq!(status(Profile::Mutual, 0, b"x"), Some(Status::InvalidArgument));
        assert_eq!(status(Profile::Mutual, 1, b""), Some(Status::InvalidArgument));
        assert_eq!(status(Profile::Tutorial(Digest::Sha256), 1, b"x"), Some(Status::NotSupported));
    }
}
