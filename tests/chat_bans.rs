//! Who may not join: by address, net, key and name; and the file in which that is kept.

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustchat::Status;
use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::chat::{
    Ban, BanSubject, ChatClient, ChatServer, ClientOptions, Event, Events, LeaveReason, ServerOptions, Verdict,
};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use serde_json::json;
use support::{LinePeer, ObjectPeer, PATIENCE, await_members, dial, eventually, next_event, options};

fn address(text: &str) -> BanSubject {
    BanSubject::address(text).unwrap()
}

fn ban(server: &ChatServer, subject: BanSubject, reason: &str) -> usize {
    server.ban(Ban::new(subject, reason)).unwrap()
}

/// Everything up to the end of a newcomer's stream.
fn turned_away(server: &ChatServer) -> String {
    let mut text = String::new();
    dial(server).read_to_string(&mut text).unwrap();
    text
}

fn messages() -> ServerOptions {
    let mut options = options();
    options.framing = Framing::U32Be;
    options.events = Events::Membership;
    options
}

#[test]
fn a_banned_address_is_told_why_and_its_members_are_gone() {
    let mut options = options();
    options.events = Events::Membership;
    let server = ChatServer::start(options).unwrap();
    let mut member = LinePeer::join(&server);
    assert_eq!(ban(&server, address("192.0.2.0/24"), ""), 0);
    assert_eq!(ban(&server, address("127.0.0.0/8"), "floods the room"), 1);
    assert!(member.rest().ends_with("\n* banned\n"));
    await_members(&server, 0);
    let left = std::iter::repeat_with(|| next_event(&server)).find_map(|event| match event {
        Event::Left(_, reason) => Some(reason),
        _ => None,
    });
    assert_eq!(left, Some(LeaveReason::Banned));
    assert!(turned_away(&server).contains("you are banned here: floods the room"));
    assert!(!server.unban(&address("127.0.0.1")).unwrap());
    assert!(server.unban(&address("127.0.0.0/8")).unwrap());
    assert!(!server.unban(&address("127.0.0.0/8")).unwrap());
    LinePeer::join(&server);
    assert_eq!(server.bans().iter().map(|ban| ban.subject.to_string()).collect::<Vec<_>>(), ["net 192.0.2.0/24"]);
}

#[test]
fn a_program_is_told_by_a_code_that_it_is_refused_for_good() {
    let server = ChatServer::start(messages()).unwrap();
    ban(&server, address("127.0.0.1"), "");
    let mut answer = Vec::new();
    dial(&server).read_to_end(&mut answer).unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&answer[4..]).unwrap();
    assert_eq!((answer["type"].as_str(), answer["code"].as_str()), (Some("error"), Some(Status::Refused.name())));
}

#[test]
fn a_ban_ends_in_its_time() {
    let server = ChatServer::start(options()).unwrap();
    let until = |time: Duration| Ban::new(address("127.0.0.1"), "").until(SystemTime::now() + time);
    server.ban(until(PATIENCE * 10)).unwrap();
    assert!(turned_away(&server).contains("you are banned here"));
    server.ban(until(Duration::from_millis(50))).unwrap();
    eventually("the ban ends", || server.bans().is_empty());
    LinePeer::join(&server);
}

#[test]
fn a_banned_name_and_what_looks_like_it_go() {
    let server = ChatServer::start(messages()).unwrap();
    let (mut mallory, mut ann) = (ObjectPeer::join(&server), ObjectPeer::join(&server));
    mallory.send(&json!({"type": "hello", "name": "Mallory"}));
    assert_eq!(mallory.hear()["type"], "name");
    assert_eq!(ban(&server, BanSubject::name("MALLORY").unwrap(), ""), 1);
    let bye = mallory.hear();
    assert_eq!((bye["type"].as_str(), bye["reason"].as_str()), (Some("bye"), Some("banned")));
    assert_eq!(ban(&server, BanSubject::name("Mallory").unwrap(), "spam"), 0);
    ann.send(&json!({"type": "hello", "name": "mallоry"}));
    let refusal = ann.hear();
    assert_eq!(refusal["code"], Status::Refused.name());
    assert!(refusal["text"].as_str().unwrap().ends_with("you are banned here: spam"), "{refusal}");
    assert_eq!(ann.hear()["reason"], "banned");
    await_members(&server, 0);
    let mut other = ObjectPeer::join(&server);
    other.send(&json!({"type": "hello", "name": "Ann"}));
    assert_eq!(other.hear()["name"], "Ann");
}

fn with_key(server: &ChatServer, id: &str) -> rustchat::Result<ChatClient> {
    let mut options = ClientOptions::new(Endpoint::from(server.address()));
    options.framing = Framing::U32Be;
    options.auth = Some(ClientAuth::new(Profile::Mutual, Secret::new("s").unwrap()).with_key_id(id).unwrap());
    ChatClient::connect(&options, PATIENCE)
}

fn guarded() -> ServerOptions {
    let keys = KeyRing::new();
    ["ann", "ben"].iter().for_each(|id| keys.insert(*id, Secret::new("s").unwrap()).unwrap());
    let mut options = messages();
    options.auth = Some(ServerAuth::new(Profile::Mutual, keys));
    options
}

#[test]
fn a_banned_key_is_turned_away_when_it_is_proved() {
    let server = ChatServer::start(guarded()).unwrap();
    let (ann, ben) = (with_key(&server, "ann").unwrap(), with_key(&server, "ben").unwrap());
    await_members(&server, 2);
    assert_eq!(ban(&server, BanSubject::key("ann").unwrap(), "left the company"), 1);
    await_members(&server, 1);
    let refused = with_key(&server, "ann").and_then(|ann| ann.recv(PATIENCE).map(drop)).unwrap_err();
    assert!(refused.message().contains("left the company"), "{refused}");
    assert!(ben.send("still here", PATIENCE).is_ok());
    drop(ann);
}

#[test]
fn where_there_is_a_handshake_a_banned_address_is_told_when_it_has_proved_a_key() {
    let mut options = guarded();
    options.handshake_timeout = PATIENCE * 10;
    let server = ChatServer::start(options).unwrap();
    ban(&server, address("127.0.0.0/8"), "not for strangers' eyes");
    let refused = with_key(&server, "ann").and_then(|ann| ann.recv(PATIENCE).map(drop)).unwrap_err();
    assert!(refused.message().ends_with("you are banned here: not for strangers' eyes"), "{refused}");
    // Who proves nothing is told nothing, and of many who come most are turned away at once.
    let mut silent: Vec<_> = (0..50).map(|_| dial(&server)).collect();
    eventually("most are turned away", || server.stats().refused > 25);
    silent.iter().for_each(|peer| peer.set_nonblocking(true).unwrap());
    let told = |peer: &mut TcpStream| peer.read(&mut [0; 64]).ok();
    eventually("they see it", || silent.iter_mut().filter_map(told).filter(|count| *count == 0).count() > 25);
    assert!(silent.iter_mut().filter_map(told).all(|count| count == 0));
    assert_eq!((server.stats().joined, server.stats().authentication_failed), (0, 0));
}

#[test]
fn who_is_banned_while_it_is_judged_is_told_why() {
    let mut options = options();
    options.authorize = true;
    let server = ChatServer::start(options).unwrap();
    let mut peer = dial(&server);
    let Event::Ask(question, _) = next_event(&server) else { panic!("nobody asks") };
    assert_eq!(ban(&server, address("127.0.0.1"), "changed my mind"), 0);
    server.answer(question, Verdict::Deliver).unwrap();
    let mut told = String::new();
    peer.read_to_string(&mut told).unwrap();
    assert!(told.contains("you are banned here: changed my mind"), "{told}");
}

#[test]
fn who_takes_a_banned_name_is_told_why_in_line_chat() {
    let server = ChatServer::start(options()).unwrap();
    ban(&server, BanSubject::name("mallory").unwrap(), "spam");
    let mut peer = LinePeer::join(&server);
    peer.say("/name Mallory");
    let heard = peer.rest();
    assert!(heard.contains("you are banned here: spam\n") && heard.ends_with("\n* banned\n"), "{heard}");
}

#[test]
fn who_is_banned_in_its_handshake_does_not_get_in() {
    let server = ChatServer::start(guarded()).unwrap();
    let mut stream = dial(&server);
    eventually("it is accepted", || server.stats().accepted == 1);
    let auth = ClientAuth::new(Profile::Mutual, Secret::new("s").unwrap()).with_key_id("ann").unwrap();
    let mut handshake = auth.begin(&rustchat::auth::ChannelBinding::NONE).unwrap();
    let mut buffer = [0; 4096];
    stream.write_all(&handshake.output()).unwrap();
    let count = stream.read(&mut buffer).unwrap();
    handshake.receive(&buffer[..count]).unwrap();
    assert_eq!(ban(&server, address("127.0.0.1"), "too late"), 0);
    stream.write_all(&handshake.output()).unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(String::from_utf8_lossy(&rest).contains("too late"));
    assert_eq!(server.stats().joined, 0);
}

#[test]
fn a_reason_may_not_command_a_terminal() {
    let server = ChatServer::start(options()).unwrap();
    let error = server.ban(Ban::new(address("192.0.2.1"), "\x1b[2J")).unwrap_err();
    assert_eq!((error.status(), server.bans().len()), (Status::InvalidText, 0));
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("rustchat-bans-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("bans")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn kept_in(path: &Path) -> ServerOptions {
    let mut options = options();
    options.ban_file = Some(path.to_str().unwrap().to_owned());
    options
}

#[test]
fn a_file_keeps_bans_beyond_a_server_and_several_servers_share_it() {
    let folder = Folder::new("kept");
    let [first, second] = [(), ()].map(|()| ChatServer::start(kept_in(&folder.file())).unwrap());
    ban(&first, address("192.0.2.1"), "one");
    ban(&second, address("192.0.2.2"), "two");
    ban(&first, address("192.0.2.3"), "three");
    assert_eq!((first.bans().len(), second.bans().len()), (3, 2));
    assert_eq!(second.reload_bans().unwrap(), 0);
    assert_eq!(second.bans().len(), 3);
    ban(&second, address("192.0.2.4"), "four");
    assert!(first.unban(&address("192.0.2.4")).unwrap(), "it is in the file");
    assert!(second.unban(&address("192.0.2.1")).unwrap());
    let third = ChatServer::start(kept_in(&folder.file())).unwrap();
    let reasons: Vec<_> = third.bans().into_iter().map(|ban| ban.reason).collect();
    assert_eq!(reasons, ["two", "three"]);
    let names: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["bans"], "nothing else is left behind");
}

#[test]
fn a_file_that_somebody_edits_is_read_again_and_a_broken_one_changes_nothing() {
    let folder = Folder::new("edited");
    let server = ChatServer::start(kept_in(&folder.file())).unwrap();
    let mut member = LinePeer::join(&server);
    fs::write(folder.file(), "# by hand\n\n{\"net\": \"127.0.0.0/8\", \"reason\": \"by hand\"}\n").unwrap();
    assert_eq!(server.reload_bans().unwrap(), 1);
    assert!(member.rest().ends_with("* banned\n"));
    fs::write(folder.file(), "{\"net\": \"127.0.0.0/8\"}\n{\"net\": 7}\n").unwrap();
    let error = server.reload_bans().unwrap_err();
    assert!(error.message().contains("bans line 2"), "{error}");
    assert_eq!(server.bans()[0].reason, "by hand");
    // In force though it cannot be kept, and what is broken is not written over.
    let error = server.ban(Ban::new(address("192.0.2.1"), "")).unwrap_err();
    assert!(error.message().contains("line 2"), "{error}");
    assert_eq!(server.bans().len(), 2);
    assert!(fs::read_to_string(folder.file()).unwrap().ends_with("{\"net\": 7}\n"));
    fs::write(folder.file(), "").unwrap();
    ban(&server, address("192.0.2.2"), "");
    let kept: Vec<_> = server.bans().iter().map(|ban| ban.subject.value()).collect();
    assert_eq!(kept, ["192.0.2.1", "192.0.2.2"]);
    assert_eq!(fs::read_to_string(folder.file()).unwrap().matches("192.0.2.").count(), 2);
}

#[test]
fn a_server_with_a_file_that_cannot_be_read_does_not_start() {
    let folder = Folder::new("unreadable");
    let start = |path: &Path| ChatServer::start(kept_in(path)).err().unwrap();
    assert!(start(&folder.0.join("nowhere/bans")).message().contains("nowhere"));
    assert!(start(&folder.0).message().contains("it is no file"));
    fs::write(folder.file(), "192.0.2.1\n").unwrap();
    let error = start(&folder.file());
    assert!(error.message().contains("bans line 1"), "{error}");
}
