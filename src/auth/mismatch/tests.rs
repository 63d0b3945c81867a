use super::*;
use crate::auth::{ChannelBinding, ClientAuth, Digest, KeyRing, Secret, ServerAuth};
use crate::frame::encode;

/// What a server of that profile says to a client that is silent, or is none of its own.
fn first_words(profile: Profile) -> Vec<u8> {
    let mut server =
        ServerAuth::new(profile, KeyRing::single(Secret::new("s").unwrap())).begin(&ChannelBinding::NONE).unwrap();
    [server.output(), server.reminder().to_vec()].concat()
}

fn complaint(profile: Profile, bytes: &[u8]) -> String {
    let mut client = ClientAuth::new(profile, Secret::new("s").unwrap()).begin(&ChannelBinding::NONE).unwrap();
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
            (b"welcome to the chat\n".to_vec(), "no secret: it sent text"),
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
    let mut server = ServerAuth::new(Profile::Mutual, KeyRing::single(secret())).begin(&ChannelBinding::NONE).unwrap();
    let mut client = ClientAuth::new(Profile::Mutual, secret()).begin(&ChannelBinding::NONE).unwrap();
    client.receive(server.reminder()).unwrap();
    while !(server.is_complete() && client.is_complete()) {
        server.receive(&client.output()).unwrap();
        client.receive(&server.output()).unwrap();
    }
    assert_eq!(server.session_key(), client.session_key());
}

#[test]
fn a_server_of_the_profile_is_known_however_its_first_words_are_cut() {
    for (_, profile) in Profile::NAMES {
        for _ in 0..200 {
            let secret = || Secret::new("s").unwrap();
            let server = ServerAuth::new(profile, KeyRing::single(secret())).with_server_id("home").unwrap();
            let mut server = server.begin(&ChannelBinding::NONE).unwrap();
            let mut client = ClientAuth::new(profile, secret()).begin(&ChannelBinding::NONE).unwrap();
            while !(server.is_complete() && client.is_complete()) {
                server.receive(&client.output()).unwrap();
                for byte in server.output() {
                    client.receive(&[byte]).unwrap();
                }
            }
        }
    }
}

#[test]
fn a_server_of_something_else_is_named_however_its_first_words_are_cut() {
    for (_, client) in Profile::NAMES {
        for bytes in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"SSH-2.0-OpenSSH_9.6\r\n", b"welcome to the chat\n"] {
            let mut client = ClientAuth::new(client, Secret::new("s").unwrap()).begin(&ChannelBinding::NONE).unwrap();
            let error = bytes.iter().find_map(|byte| client.receive(&[*byte]).err()).unwrap();
            assert_ne!(error.message(), "authentication failed", "{bytes:?}");
        }
    }
}

#[test]
fn challenges_of_letters_are_challenges() {
    assert_eq!(complaint(Profile::Tutorial(Digest::Sha256), &[b'a'; 32]), "");
}
