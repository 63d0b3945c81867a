//! What a handshake may be bound to, and what it must be.

use super::ChannelBinding;
use crate::auth::Profile;
use crate::auth::machine::Refusal;
use crate::{Error, Result, Status};

/// What the log of a server is told of a client that it refuses.
const NOTHING_OFFERED: &str = "it offered no channel binding";
const NONE_IN_COMMON: &str = "the server's certificate gives none of the kinds of channel binding that it offered";
const TOO_LITTLE_OFFERED: &str = "it offered no channel binding by the exporter of TLS";

/// What a client is told of a server that does less than it insists on.
const NOT_BOUND: &str = "the server does not bind its proof to this TLS connection";
const BOUND_TOO_WEAKLY: &str = "the server does not bind its proof to this TLS connection by its exporter";

/// What the handshake of one connection may be bound to, and the least that it must be: both ends say what they can, and
/// the strongest that both can is used. The default has nothing, and requires something.
#[derive(Debug, Clone, Default)]
pub struct Channel {
    /// The strongest first.
    bindings: Vec<ChannelBinding>,
    requires: Requirement,
}

/// The weakest binding that will do; in the order of their strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Requirement {
    /// None at all.
    Nothing,
    /// Whichever both ends can.
    #[default]
    Binding,
    /// The channel's own: it holds even where the server's certificate is somebody else's, too.
    Exporter,
}

impl Requirement {
    /// What is wrong with a handshake that is bound by that kind of those in [`Channel`], 0 for none.
    fn shortfall(self, kind: u8, [nothing, too_little]: [&'static str; 2]) -> Option<&'static str> {
        match self {
            Requirement::Nothing => None,
            Requirement::Binding => (kind == 0).then_some(nothing),
            Requirement::Exporter => match kind {
                ChannelBinding::TLS_EXPORTER => None,
                0 => Some(nothing),
                _ => Some(too_little),
            },
        }
    }
}

impl Channel {
    /// Without anything to be bound to yet.
    pub fn new(requires: Requirement) -> Channel {
        Channel { bindings: Vec::new(), requires }
    }

    /// May be bound by this, too, if its kind is [`ChannelBinding::TLS_EXPORTER`] or [`ChannelBinding::TLS_SERVER_END_POINT`]:
    /// the ends agree on no other.
    pub fn with(mut self, binding: ChannelBinding) -> Channel {
        self.bindings.push(binding);
        self.bindings.sort_by_key(|binding| binding.kind);
        self
    }
}

/// What one end brings to a handshake.
pub(in crate::auth) enum Terms {
    /// This binding, whatever the peer can.
    Fixed(ChannelBinding),
    /// The first one of these that the peer can do, too.
    Open(Channel),
}

impl Terms {
    /// Refuses a binding where there is no place for it: to go on unbound would be to fail open.
    pub(in crate::auth) fn fixed(binding: &ChannelBinding, profile: Profile) -> Result<Terms> {
        if binding.kind != 0 {
            check(profile)?;
        }
        Ok(Terms::Fixed(binding.clone()))
    }

    pub(in crate::auth) fn of(channel: &Channel, profile: Profile) -> Result<Terms> {
        if channel.requires != Requirement::Nothing {
            check(profile)?;
        }
        Ok(Terms::Open(channel.clone()))
    }

    /// The kinds that a client can do, as bits.
    pub(super) fn features(&self) -> u32 {
        match self {
            Terms::Fixed(binding) => binding.feature(),
            Terms::Open(channel) => channel.bindings.iter().fold(0, |bits, binding| bits | binding.feature()),
        }
    }

    /// What a server binds to whose client has those `features`.
    pub(super) fn choose(&self, features: u32) -> Result<ChannelBinding, Refusal> {
        let Channel { bindings, requires } = match self {
            Terms::Fixed(binding) => return Ok(binding.clone()),
            Terms::Open(channel) => channel,
        };
        let common = bindings.iter().find(|binding| binding.feature() & features != 0);
        let chosen = common.cloned().unwrap_or_default();
        let nothing = if features == 0 { NOTHING_OFFERED } else { NONE_IN_COMMON };
        match requires.shortfall(chosen.kind, [nothing, TOO_LITTLE_OFFERED]) {
            Some(reason) => Err(Refusal::Because(reason)),
            None => Ok(chosen),
        }
    }

    /// What a client binds to whose server has chosen that kind.
    pub(super) fn accept(&self, kind: u8) -> Result<ChannelBinding, Refusal> {
        let Channel { bindings, requires } = match self {
            Terms::Fixed(binding) if binding.kind == kind => return Ok(binding.clone()),
            Terms::Fixed(_) => return Err(Refusal::Ours),
            Terms::Open(channel) => channel,
        };
        if let Some(reason) = requires.shortfall(kind, [NOT_BOUND, BOUND_TOO_WEAKLY]) {
            return Err(Refusal::Because(reason));
        }
        match kind {
            0 => Ok(ChannelBinding::NONE),
            // It has said what it can.
            _ => bindings.iter().find(|binding| binding.kind == kind).cloned().ok_or(Refusal::Ours),
        }
    }
}

fn check(profile: Profile) -> Result<()> {
    if profile == Profile::Mutual {
        return Ok(());
    }
    let message = format!("the authentication profile {profile} cannot bind a channel");
    Err(Error::new(Status::NotSupported, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Digest;

    #[test]
    fn only_what_can_be_bound_is_taken() {
        let status = |profile, kind, value: &[u8]| {
            let terms = ChannelBinding::new(kind, value).and_then(|binding| Terms::fixed(&binding, profile));
            terms.map_err(|error| error.status()).err()
        };
        assert_eq!(status(Profile::Mutual, 0, b""), None);
        assert_eq!(status(Profile::Mutual, 1, &[7; 1024]), None);
        assert_eq!(status(Profile::Mutual, 1, &[7; 1025]), Some(Status::InvalidArgument));
        assert_eq!(status(Profile::Mutual, 0, b"x"), Some(Status::InvalidArgument));
        assert_eq!(status(Profile::Mutual, 1, b""), Some(Status::InvalidArgument));
        assert_eq!(status(Profile::Tutorial(Digest::Sha256), 1, b"x"), Some(Status::NotSupported));
    }

    #[test]
    fn a_profile_that_cannot_bind_goes_where_nothing_is_required() {
        let of = |profile, requires| {
            let channel = Channel::new(requires).with(ChannelBinding::new(1, &[1; 32]).unwrap());
            Terms::of(&channel, profile).map(|_| ()).map_err(|error| error.status())
        };
        for (_, profile) in Profile::NAMES {
            assert_eq!(of(profile, Requirement::Nothing), Ok(()), "{profile}");
            let bound = if profile == Profile::Mutual { Ok(()) } else { Err(Status::NotSupported) };
            assert_eq!(of(profile, Requirement::Binding), bound, "{profile}");
            assert_eq!(of(profile, Requirement::Exporter), bound, "{profile}");
        }
    }
}
