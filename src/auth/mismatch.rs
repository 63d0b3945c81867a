//! How the ends of a handshake find out that they are set to something else.

use super::Profile;
use crate::frame::Framing;
use crate::opening::Opening;

/// The challenge of the profile `tutorial`, in bytes.
const CHALLENGE: usize = 32;

/// A piece of a challenge is hardly ever a line as long as that.
const SHORTEST_LINE: usize = 16;

/// The same as [`sentence`] where more is to come of what the server begins with: `None` as well while that may yet be of the
/// profile, however it is cut.
pub(super) fn early_sentence(profile: Profile, bytes: &[u8]) -> Option<String> {
    let is_whole_challenge = matches!(profile, Profile::Tutorial(_)) && bytes.len() >= CHALLENGE;
    let is_certain = match Opening::of_server(bytes)? {
        Opening::PerhapsChallenge => false,
        Opening::Text => bytes.len() >= SHORTEST_LINE && bytes.ends_with(b"\n"),
        Opening::Frames(_) => holds_object(bytes),
        _ => true,
    };
    sentence(profile, bytes).filter(|_| is_whole_challenge || is_certain)
}

/// What is wrong when a server begins with `bytes`; `None` when it may be of that profile.
pub(super) fn sentence(profile: Profile, bytes: &[u8]) -> Option<String> {
    let opening = Opening::of_server(bytes)?;
    if may_begin(profile, opening, bytes) {
        return None;
    }
    let what = match opening {
        Opening::Challenge | Opening::SecretWanted | Opening::PerhapsChallenge => {
            format!("the server asks for a secret in another profile: it sent {opening}, and this client has {profile}")
        }
        Opening::NoSecret => "the server asks for no secret".into(),
        Opening::Frames(_) | Opening::LineChat | Opening::Text => {
            format!("the server asks for no secret: it sent {opening}")
        }
        Opening::HttpAnswer | Opening::Tls | Opening::Ssh | Opening::Greeting => {
            format!("the server is no rustchat server: it sent {opening}")
        }
        _ => return None,
    };
    Some(format!("authentication failed: {what}"))
}

/// What else than the first words of a client of that profile those are.
pub(crate) fn stranger(profile: Profile, bytes: &[u8]) -> Option<Opening> {
    Opening::of_client(bytes).filter(|opening| match profile {
        Profile::Mutual => *opening != Opening::ClientHello,
        Profile::Tutorial(digest) => *opening != Opening::Digits(digest.hex_length()),
        Profile::Multiprocessing(_) => *opening != Opening::Frames(Framing::U32Be),
    })
}

fn may_begin(profile: Profile, opening: Opening, bytes: &[u8]) -> bool {
    match (profile, opening) {
        (Profile::Mutual, Opening::SecretWanted) | (Profile::Multiprocessing(_), Opening::Challenge) => true,
        // Some draw letters.
        (Profile::Tutorial(_), Opening::PerhapsChallenge | Opening::Text) => bytes.len() == CHALLENGE,
        // The messages of both profiles are frames, too, but hold no object.
        (Profile::Mutual | Profile::Multiprocessing(_), Opening::Frames(_)) => !holds_object(bytes),
        _ => false,
    }
}

fn holds_object(frame: &[u8]) -> bool {
    frame.get(4..).is_some_and(|message| message.starts_with(b"{\""))
}

#[cfg(test)]
mod tests;
