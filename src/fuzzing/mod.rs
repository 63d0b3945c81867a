//! What the fuzz targets in `tests/fuzz` call that is not public. In no build for users, and no part of the API.

mod command;
mod peer;
mod transfer;

pub use self::command::command_messages;
pub use self::peer::peer_life;
pub use self::transfer::file_messages;
use crate::auth::{self, Profile};
/// The functions of the C ABI.
pub use crate::capi::exports as c;
use crate::frame::Framing;
use crate::opening::{self, Opening};

/// What the first bytes of a stream are taken for: by whoever knows nothing of the sender, by a client, by a server.
pub fn openings(bytes: &[u8]) -> [Option<String>; 3] {
    [Opening::of(bytes), Opening::of_server(bytes), Opening::of_client(bytes)]
        .map(|opening| opening.map(|opening| opening.to_string()))
}

/// What else than a client of `profile` the first bytes show.
pub fn stranger(profile: Profile, bytes: &[u8]) -> Option<String> {
    auth::stranger(profile, bytes).map(|opening| opening.to_string())
}

/// The notice of somebody set to `own` to a peer that opens like this.
pub fn notice(bytes: &[u8], own: Framing) -> Option<Vec<u8>> {
    opening::notice(Opening::of(bytes)?, own)
}

/// The sentence of the notice that the bytes begin with, to somebody set to `own`.
pub fn noticed(bytes: &[u8], own: Framing) -> Option<String> {
    opening::noticed(bytes, own)
}
