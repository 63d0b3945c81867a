//! The server as others see it, at a time that the test moves.

use std::io::{ErrorKind, Read, Write};
use std::time::UNIX_EPOCH;

use super::*;
use crate::Status;
use crate::auth::{KeyRing, Profile, Secret, ServerAuth};
use crate::chat::{Event, Events, LeaveReason, Rate, Verdict};
use crate::frame::Framing;
use crate::net::Endpoint;

const SECOND: Duration = Duration::from_secs(1);

fn options() -> ServerOptions {
    let mut options = ServerOptions::new(Endpoint::tcp("127.0.0.1", 60000));
    (options.events, options.time_zone) = (Events::Membership, Some(String::new()));
    options
}

fn world(options: ServerOptions) -> World {
    World::start(options, UNIX_EPOCH).unwrap()
}

fn join(world: &mut World, from: &str) -> UnixStream {
    world.connect(Address::Ip(from.parse().unwrap())).unwrap()
}

fn say(world: &mut World, stream: &mut UnixStream, text: &str) {
    stream.write_all(text.as_bytes()).unwrap();
    world.settle();
}

/// What has come, and whether that is all that ever will.
fn hear(stream: &mut UnixStream) -> (String, bool) {
    let mut heard = Vec::new();
    let ended = match stream.read_to_end(&mut heard) {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::WouldBlock => false,
        Err(error) => panic!("{error}"),
    };
    (String::from_utf8_lossy(&heard).into_owned(), ended)
}

fn why_left(world: &World) -> Vec<LeaveReason> {
    let mut events = Vec::new();
    let _ = world.server().poll(&mut events, usize::MAX, Duration::ZERO);
    events.into_iter().filter_map(|event| if let Event::Left(_, why) = event { Some(why) } else { None }).collect()
}

#[test]
fn what_is_said_is_heard_at_once_by_all_with_the_worlds_time() {
    let mut world = world(options());
    let (mut ann, mut ben) = (join(&mut world, "192.0.2.1:1"), join(&mut world, "192.0.2.2:2"));
    world.advance(Duration::from_secs(90));
    say(&mut world, &mut ann, "hello\n");
    let expected = ("1970/01/01 00:01:30 192.0.2.1:1\nhello\n".into(), false);
    assert_eq!((hear(&mut ann), hear(&mut ben)), (expected.clone(), expected));
    assert_eq!(world.server().address().to_string(), "127.0.0.1:60000");
    assert_eq!(world.server().broadcast("hear, hear").unwrap().queued, 2);
    world.settle();
    assert!(hear(&mut ben).0.contains("hear, hear\n"));
}

#[test]
fn who_is_idle_goes_at_that_moment_and_not_before() {
    let mut world = world(ServerOptions { idle_timeout: 600 * SECOND, ..options() });
    let (mut ann, mut ben) = (join(&mut world, "127.0.0.1:1"), join(&mut world, "127.0.0.1:2"));
    world.advance(599 * SECOND);
    say(&mut world, &mut ben, "still here\n");
    world.advance(SECOND);
    assert!(hear(&mut ann).0.ends_with("* said nothing for too long\n"));
    assert_eq!(why_left(&world), [LeaveReason::Idle]);
    assert!(!hear(&mut ben).1);
    world.advance(599 * SECOND);
    assert!(hear(&mut ben).1 && world.server().members().is_empty());
}

#[test]
fn strangers_are_heard_at_their_rate() {
    let rate = Some(Rate { burst: 2, per_second: 0.5 });
    let mut world = world(ServerOptions { rate, ..options() });
    let mut ann = join(&mut world, "192.0.2.1:1");
    say(&mut world, &mut ann, "1\n2\n3\n4\n");
    let said = |world: &World| world.server().stats().messages;
    assert_eq!(said(&world), 2);
    world.advance(SECOND);
    assert_eq!(said(&world), 2);
    world.advance(SECOND + Duration::from_nanos(1));
    assert_eq!(said(&world), 3);
    world.advance(2 * SECOND);
    assert_eq!(said(&world), 4);
}

#[test]
fn who_does_not_answer_a_ping_goes_and_who_does_stays() {
    let mut options = ServerOptions { framing: Framing::U32Be, ..options() };
    (options.ping_interval, options.ping_timeout) = (25 * SECOND, 10 * SECOND);
    let mut world = world(options);
    let mut streams = [join(&mut world, "127.0.0.1:1"), join(&mut world, "127.0.0.1:2")];
    let pong = br#"{"type":"pong"}"#;
    let framed = [&u32::try_from(pong.len()).unwrap().to_be_bytes()[..], pong].concat();
    let (mut heard, mut left) = (Vec::new(), 36 * SECOND);
    while !left.is_zero() {
        left -= world.step(left);
        let (bytes, _) = hear(&mut streams[0]);
        if bytes.contains("ping") {
            heard.push(world.passed());
            streams[0].write_all(&framed).unwrap();
            world.settle();
        }
    }
    assert_eq!(heard, [25 * SECOND]);
    assert_eq!(why_left(&world), [LeaveReason::Unresponsive]);
    assert_eq!(world.server().members().len(), 1);
}

#[test]
fn a_handshake_has_its_time_and_no_more() {
    let keys = KeyRing::single(Secret::new("open sesame, and more").unwrap());
    let auth = ServerAuth::new(Profile::Mutual, keys);
    let mut world = world(ServerOptions { auth: Some(auth), ..options() });
    let mut stranger = join(&mut world, "192.0.2.1:1");
    world.advance(5 * SECOND - Duration::from_millis(1));
    assert!(!hear(&mut stranger).1);
    world.advance(Duration::from_millis(1));
    let _ = hear(&mut stranger);
    world.advance(2 * SECOND);
    assert!(hear(&mut stranger).1);
    assert_eq!(world.server().stats().authentication_failed, 1);
}

#[test]
fn questions_wait_for_whoever_has_the_world() {
    let mut world = world(ServerOptions { filter: true, ..options() });
    let mut ann = join(&mut world, "127.0.0.1:1");
    say(&mut world, &mut ann, "damn\n");
    let mut events = Vec::new();
    world.server().poll(&mut events, 10, Duration::ZERO).unwrap();
    let Some(Event::Ask(question, _)) = events.pop() else { panic!("{events:?}") };
    assert_eq!(hear(&mut ann).0, "");
    world.server().answer(question, Verdict::Replace("****".into())).unwrap();
    world.settle();
    assert!(hear(&mut ann).0.ends_with("\n****\n"));
}

#[test]
fn who_finds_no_place_is_told_so() {
    let mut world = world(ServerOptions { member_limit: 1, ..options() });
    let mut streams = [join(&mut world, "127.0.0.1:1"), join(&mut world, "127.0.0.1:2")];
    let (words, ended) = hear(&mut streams[1]);
    assert!(words.contains("the server is full") && ended, "{words}");
    assert!(!hear(&mut streams[0]).1);
}

#[test]
fn nothing_waits_and_it_ends_when_its_time_has_come() {
    let mut world = world(options());
    let mut ann = join(&mut world, "127.0.0.1:1");
    let server = world.server().clone();
    assert_eq!(server.stop(2 * SECOND).unwrap_err().status(), Status::WouldDeadlock);
    assert_eq!(server.join(SECOND).unwrap_err().status(), Status::WouldDeadlock);
    world.settle();
    assert!(hear(&mut ann).0.ends_with("* server stopped\n"));
    let refused = world.connect(Address::Unix("".into())).unwrap_err();
    assert_eq!(refused.status(), Status::ConnectionRefused);
    world.advance(3 * SECOND);
    assert!(world.has_ended() && server.is_closed());
    server.stop(SECOND).unwrap();
}

#[test]
fn dropped_it_ends_with_everybody_in_it() {
    let mut world = world(options());
    let mut ann = join(&mut world, "127.0.0.1:1");
    let server = world.server().clone();
    drop(world);
    assert!(hear(&mut ann).1);
    server.join(SECOND).unwrap();
    // As in a handler of a server that has ended: nobody is there to hear.
    assert_eq!(server.broadcast("x").unwrap().queued, 0);
    assert_eq!(server.member(1).unwrap_err().status(), Status::NoSuchPeer);
}

#[test]
fn what_somebody_has_numbered_is_remembered_for_ten_minutes_of_the_worlds_time() {
    let options = || ServerOptions { framing: Framing::U32Be, ..options() };
    let framed = |text: String| crate::frame::encode(Framing::U32Be, text.as_bytes()).unwrap();
    for (minutes, known) in [(9, true), (11, false)] {
        let mut world = world(options());
        let mut ann = join(&mut world, "127.0.0.1:1");
        ann.write_all(&framed(r#"{"type":"message","text":"hi","ref":1}"#.into())).unwrap();
        world.settle();
        let (heard, _) = hear(&mut ann);
        let session: String = heard.split("\"session\":\"").nth(1).unwrap().chars().take(32).collect();
        drop(ann);
        world.advance(minutes * 60 * SECOND);
        // Whoever numbers something and leaves has it looked at what is old.
        let mut ben = join(&mut world, "127.0.0.1:2");
        ben.write_all(&framed(r#"{"type":"message","text":"hi","ref":1}"#.into())).unwrap();
        world.settle();
        drop(ben);
        let mut ann = join(&mut world, "127.0.0.1:3");
        ann.write_all(&framed(format!(r#"{{"type":"resume","session":"{session}"}}"#))).unwrap();
        world.settle();
        let (heard, _) = hear(&mut ann);
        assert!(heard.contains(&format!("\"known\":{known}")), "{heard}");
    }
}
