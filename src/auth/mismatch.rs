//! How the ends of a handshake find out that they are set to something else.

use super::Profile;
use crate::frame::Framing;
use crate::opening::Opening;

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
        (Profile::Tutorial(_), Opening::PerhapsChallenge | Opening::Text) => bytes.len() == 32,
        // The messages of both profiles are frames, too, but hold no object.
        (Profile::Mutual | Profile::Multiprocessing(_), Opening::Frames(_)) => {
            !bytes.get(4..).is_some_and(|message| message.starts_with(b"{\""))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{ClientAuth, Digest, KeyRing, Secret, ServerAuth};
    use crate::frame::encode;

    /// What a server of that profile says to a client that is silent, or is none of its own.
    fn first_words(profile: Profile) -> Vec<u8> {
        let mut server = ServerAuth::new(profile, KeyRing::single(Secret::new("s").unwrap())).begin().unwrap();
        [server.output(), server.reminder().to_vec()].concat()
    }

    fn complaint(profile: Profile, bytes: &[u8]) -> String {
        let mut client = ClientAuth::new(profile, Secret::new("s").unwrap()).begin().unwrap();
        client.receive(bytes).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn each_profile_knows_the_servers_of_the_others() {
        let kind = |profile: Profile| profile.to_string().split(':').next().unwrap().to_owned();
        for (_, client) in Profile::NAMES {
            for (_, server) in Profile::NAMES {
                let complaint = complaint(client, &first_words(server));
                if kind(client) == kind(server) {
                    assert_eq!(complaint, "", "{client} {server}");
                } else {
                    assert!(complaint.contains(&format!("profile {}", kind(server))), "{client} {server}: {complaint}");
                }
            }
        }
    }

    #[test]
    fn a_server_without_a_secret_and_one_of_something_else_are_named() {
        let object = b"{\"type\":\"welcome\",\"room\":\"lobby\"}";
        for (_, client) in Profile::NAMES {
            for (bytes, named) in [
                (encode(Framing::U32Be, object).unwrap(), "no secret: it sent frames (framing u32be"),
                (encode(Framing::U32Le, object).unwrap(), "no secret: it sent frames (framing u32le"),
                (b"2026/11/21 09:07:29 127.0.0.1:5\nhi\n".to_vec(), "no secret: it sent line chat"),
                (b"hello\n".to_vec(), "no secret: it sent text"),
                (crate::opening::NO_SECRET.to_vec(), "asks for no secret"),
                (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "an HTTP answer"),
                (b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(), "an SSH banner"),
            ] {
                let complaint = complaint(client, &bytes);
                assert!(complaint.contains(named), "{client}: {complaint}");
            }
        }
    }

    #[test]
    fn a_reminder_disturbs_no_handshake() {
        let secret = || Secret::new("s").unwrap();
        let mut server = ServerAuth::new(Profile::Mutual, KeyRing::single(secret())).begin().unwrap();
        let mut client = ClientAuth::new(Profile::Mutual, secret()).begin().unwrap();
        client.receive(server.reminder()).unwrap();
        while !(server.is_complete() && client.is_complete()) {
            server.receive(&client.output()).unwrap();
            client.receive(&server.output()).unwrap();
        }
        assert_eq!(server.session_key(), client.session_key());
    }

    #[test]
    fn challenges_of_letters_are_challenges() {
        assert_eq!(complaint(Profile::Tutorial(Digest::Sha256), &[b'a'; 32]), "");
    }
}
