//! Commands of line chat, as people with `nc` type them.

mod support;

use std::io::Write;
use std::sync::Barrier;

use rustchat::auth::{Digest, KeyRing, Profile, Secret, ServerAuth};
use rustchat::chat::{ChatServer, Event, Events, Question, Rate, ServerOptions, Verdict};
use rustchat::net::Endpoint;
use support::{LinePeer, await_members, dial, eventually, next_event, options};

fn start() -> ChatServer {
    ChatServer::start(options()).unwrap()
}

/// One who has that name, and has been told so.
fn named(server: &ChatServer, name: &str) -> LinePeer {
    let mut peer = LinePeer::join(server);
    peer.say(&format!("/name {name}"));
    loop {
        let (from, text) = peer.hear();
        assert_eq!(from, server.address().to_string());
        if text == format!("* your name is {name}") {
            return peer;
        }
        assert!(text.starts_with("* here: "), "{text}");
    }
}

/// What the server answers to a line.
fn answer(server: &ChatServer, peer: &mut LinePeer, line: &str) -> String {
    peer.say(line);
    let (from, text) = peer.hear();
    assert_eq!(from, server.address().to_string(), "{text}");
    text
}

#[test]
fn who_has_a_name_speaks_under_it_and_who_has_none_under_its_address() {
    let server = start();
    let mut ann = LinePeer::join(&server);
    let mut bob = LinePeer::join(&server);
    ann.send("before\n/name Ann Lee\nafter\n");
    let (address, own) = (ann.address(), server.address().to_string());
    assert_eq!(bob.hear(), (address.clone(), "before".into()));
    assert_eq!(bob.hear(), (own.clone(), format!("* {address}: is called Ann Lee")));
    assert_eq!(bob.hear(), (format!("Ann Lee ({address})"), "after".into()));
    let mut heard: Vec<_> = (0..3).map(|_| ann.hear()).collect();
    heard.sort();
    let mut expected = [
        (address.clone(), "before".to_owned()),
        (own.clone(), "* your name is Ann Lee".to_owned()),
        (format!("Ann Lee ({address})"), "after".to_owned()),
    ];
    expected.sort();
    assert_eq!(heard, expected);
    assert_eq!(answer(&server, &mut ann, "/name \"ann\""), "* your name is ann");
    assert_eq!(bob.hear_text(), format!("* Ann Lee ({address}): is called ann"));
    // To take the same name again changes nothing for the others.
    assert_eq!(answer(&server, &mut ann, "/name ann"), "* your name is ann");
    bob.say("nothing between");
    assert_eq!(bob.hear(), (bob.address(), "nothing between".into()));
}

#[test]
fn a_taken_name_is_asked_for_again_and_free_when_its_owner_is_gone() {
    let server = start();
    let ann = named(&server, "Admin");
    let mut bob = LinePeer::join(&server);
    assert!(bob.hear_text().starts_with("* here: Admin ("));
    for alike in ["Admin", "admin", "Ａｄｍｉｎ", "аdmin", "Adrnin"] {
        let told = answer(&server, &mut bob, &format!("/name {alike}"));
        assert_eq!(told, format!("* error: the name '{alike}' is taken, or looks like one that is"));
    }
    for bad in ["server", "127.0.0.1:5", "ann (unix)", "x (/tmp/y)", "* ann", "/tmp/x", "a\tb", &"x".repeat(33)] {
        let told = answer(&server, &mut bob, &format!("/name {bad}"));
        assert!(told.starts_with("* error: name '"), "{told}");
    }
    assert_eq!(answer(&server, &mut bob, "/name"), "* error: expected /name NAME; /help tells more");
    ann.send("/quit\n");
    await_members(&server, 1);
    assert_eq!(answer(&server, &mut bob, "/name admin"), "* your name is admin");
    // The one that it had before is free, too.
    assert_eq!(answer(&server, &mut bob, "/name bob"), "* your name is bob");
    named(&server, "аdmin");
}

#[test]
fn of_several_who_ask_at_once_one_gets_the_name() {
    let server = start();
    for round in 0..10 {
        let mut peers: Vec<_> = (0..4).map(|_| LinePeer::join(&server)).collect();
        let together = Barrier::new(peers.len());
        let got = std::thread::scope(|scope| {
            let asking: Vec<_> = peers
                .iter_mut()
                .map(|peer| {
                    scope.spawn(|| {
                        together.wait();
                        peer.say(&format!("/name round {round}"));
                        let own = |text: &String| text.contains("your name is") || text.contains("is taken");
                        std::iter::repeat_with(|| peer.hear_text()).find(own).unwrap()
                    })
                })
                .collect();
            asking.into_iter().map(|asking| asking.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(got.iter().filter(|text| text.contains("your name is")).count(), 1, "{got:?}");
        drop(peers);
        await_members(&server, 0);
    }
}

#[test]
fn private_words_reach_one_member_and_are_shown_to_their_speaker() {
    let server = start();
    let (mut ann, mut bob) = (named(&server, "Ann Lee"), named(&server, "bob"));
    let mut cat = LinePeer::join(&server);
    assert!(cat.hear_text().starts_with("* here: "));
    assert!(ann.hear_text().ends_with("is called bob"));
    let (to_ann, to_bob) = (format!("Ann Lee ({})", ann.address()), format!("bob ({})", bob.address()));
    assert_eq!(answer(&server, &mut ann, "/msg BOB  hi  there"), format!("* you say to {to_bob}: hi  there"));
    assert_eq!(bob.hear(), (server.address().to_string(), format!("* {to_ann} says to you: hi  there")));
    assert_eq!(answer(&server, &mut bob, "/msg \"Ann Lee\" hello"), format!("* you say to {to_ann}: hello"));
    assert_eq!(ann.hear_text(), format!("* {to_bob} says to you: hello"));
    let nobody = "* error: nobody here has the name 'dan'; /who tells who is here";
    assert_eq!(answer(&server, &mut ann, "/msg dan hi"), nobody);
    assert!(answer(&server, &mut ann, &format!("/msg {} hi", "x".repeat(8000))).len() < 200);
    assert_eq!(answer(&server, &mut ann, "/msg bob"), "* error: expected /msg NAME TEXT; /help tells more");
    bob.send("/quit\n");
    await_members(&server, 2);
    assert!(answer(&server, &mut ann, "/msg bob are you there?").contains("nobody here has the name 'bob'"));
    // Of all that the third has heard nothing.
    cat.say("end");
    assert_eq!(cat.hear_text(), "end");
}

#[test]
fn what_was_said_before_private_words_comes_before_them() {
    let server = start();
    let (ann, mut bob) = (LinePeer::join(&server), named(&server, "bob"));
    let lines: String = (0..100).map(|n| format!("room {n}\n/msg bob private {n}\n")).collect();
    ann.send(lines);
    for n in 0..100 {
        assert_eq!(bob.hear_text(), format!("room {n}"));
        assert_eq!(bob.hear_text(), format!("* {} says to you: private {n}", ann.address()));
    }
}

#[test]
fn what_is_no_command_is_answered_and_never_said() {
    let server = start();
    let (mut ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    for (line, word) in
        [("/", "/"), ("/dance", "/dance"), ("/usr/bin is full", "/usr/bin"), ("/ who", "/"), ("/é", "/é")]
    {
        let told = answer(&server, &mut ann, line);
        assert!(told.starts_with(&format!("* error: unknown command '{word}'; ")), "{told}");
    }
    let long = format!("/{}", "x".repeat(8 * 1024 - 1));
    assert!(answer(&server, &mut ann, &long).len() < 200);
    assert!(answer(&server, &mut ann, &format!("/{}", "x".repeat(8 * 1024))).contains("over the limit"));
    ann.send(b"/name a\x1bb\n");
    assert!(ann.hear_text().contains("U+001B"));
    assert!(answer(&server, &mut ann, "/help").contains("//TEXT says /TEXT"));
    // Telnet, and other ways to end a line.
    ann.send(b"\xff\xfb\x01/who\r\n");
    assert!(ann.hear_text().starts_with("* here: "));
    ann.send("//usr/bin is full\n /who\n///\n/me waves \n/WHO\n");
    let said = ["/usr/bin is full", " /who", "//", &format!("* {} waves", ann.address())];
    for line in said {
        assert_eq!(bob.hear(), (ann.address(), line.to_owned()));
    }
    ann.send("/quit now\nnot heard\n");
    assert!(ann.rest().contains("* here: "));
    await_members(&server, 1);
    bob.say("end");
    assert_eq!(bob.hear_text(), "end");
}

#[test]
fn what_somebody_does_is_said_with_its_name_and_no_longer_than_any_message() {
    let server = start();
    let mut ann = named(&server, "ann");
    ann.say("/me waves");
    assert_eq!(ann.hear(), (format!("ann ({})", ann.address()), "* ann waves".into()));
    assert!(answer(&server, &mut ann, &format!("/me {}", "x".repeat(8 * 1024 - 5))).contains("8192"));
    assert_eq!(answer(&server, &mut ann, "/me"), "* error: expected /me TEXT; /help tells more");
}

#[test]
fn who_comes_is_told_of_names_and_who_asks_of_all_but_of_no_more_than_anybody_reads() {
    let server = start();
    let mut crowd: Vec<_> = (0..150).map(|_| dial(&server)).collect();
    await_members(&server, 150);
    let mut ann = named(&server, "ann");
    let who = answer(&server, &mut ann, "/who");
    assert!(who.starts_with(&format!("* here: ann ({}), 127.0.0.1:", ann.address())), "{who}");
    let listed = who.matches("127.0.0.1:").count();
    assert!(who.len() < 2200 && who.ends_with(&format!(" and {} more", 151 - listed)), "{who}");
    for (number, peer) in crowd.iter_mut().enumerate() {
        peer.write_all(format!("/name name of some length {number}\n").as_bytes()).unwrap();
    }
    eventually("names", || server.members().iter().all(|member| member.name().is_some()));
    let mut bob = LinePeer::join(&server);
    let (from, greeting) = bob.hear();
    assert_eq!(from, server.address().to_string());
    assert!(greeting.starts_with("* here: name of some length "), "{greeting}");
    let listed = greeting.matches("127.0.0.1:").count();
    assert!(greeting.len() < 600 && greeting.ends_with(&format!(" and {} more", 151 - listed)), "{greeting}");
}

#[test]
fn a_room_without_names_greets_nobody() {
    let server = start();
    let (mut ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    bob.say("first");
    assert_eq!((ann.hear_text(), bob.hear_text()), ("first".into(), "first".into()));
}

#[test]
fn a_flood_of_questions_fills_its_own_outbox_alone() {
    let mut options = options();
    options.outbox_limit = 64 * 1024;
    let server = ChatServer::start(options).unwrap();
    let mut ann = LinePeer::join(&server);
    let mut bob = LinePeer::join(&server);
    let flood = ann.try_clone();
    let questions = 20_000;
    std::thread::scope(|scope| {
        scope.spawn(move || flood.send("/help\n".repeat(questions)));
        bob.say("unharmed");
        assert_eq!(bob.hear_text(), "unharmed");
        assert!(server.members()[0].outbox_bytes() <= 64 * 1024);
        let heard = (0..=questions).map(|_| ann.hear_text()).filter(|text| text.starts_with("* /name")).count();
        assert_eq!(heard, questions);
    });
    assert_eq!(server.members().len(), 2);
}

#[test]
fn commands_wait_as_messages_do_for_who_is_over_its_rate() {
    let mut options = options();
    options.rate = Some(Rate { burst: 2, per_second: 20.0 });
    let server = ChatServer::start(options).unwrap();
    let mut ann = LinePeer::join(&server);
    ann.send("one\n/name ann\ntwo\n/name anna\nthree\n/quit\n");
    let heard: Vec<_> = ann.rest().lines().map(str::to_owned).collect();
    let (heads, texts): (Vec<_>, Vec<_>) = heard.chunks(2).map(|pair| (&pair[0][20..], &*pair[1])).unzip();
    let place = |text| texts.iter().position(|heard| *heard == text).unwrap();
    // An answer may overtake what its own member has said.
    assert!(place("one") < place("two") && place("two") < place("three"), "{texts:?}");
    assert!(place("* your name is ann") < place("two") && place("* your name is anna") < place("three"), "{texts:?}");
    assert!(heads[place("two")].starts_with("ann (") && heads[place("three")].starts_with("anna ("), "{heads:?}");
    assert_eq!(texts.len(), 5);
}

#[test]
fn without_commands_the_wire_is_the_tutorials_to_the_byte() {
    let mut options = options();
    (options.commands, options.announce) = (Some(false), true);
    let server = ChatServer::start(options).unwrap();
    let (mut ann, bob) = (LinePeer::join(&server), LinePeer::join(&server));
    let (first, second, own) = (ann.address(), bob.address(), server.address().to_string());
    // Not shown, whoever has given it.
    server.rename(server.members()[1].id(), Some("bob")).unwrap();
    bob.send("hello\n/name ann\n/who\n//x\n/quit\n/\nquit\n");
    let mut expected = vec![(own.clone(), format!("* {second}: joined"))];
    expected.extend(["hello", "/name ann", "/who", "//x", "/quit", "/"].map(|text| (second.clone(), text.to_owned())));
    expected.push((own.clone(), format!("* {second}: quit")));
    let heard: Vec<_> = expected.iter().map(|_| ann.hear()).collect();
    assert_eq!(heard, expected);
    ann.send("/msg bob hi\nquit\n");
    let rest = ann.rest();
    let (stamp, text) = rest.split_once('\n').unwrap();
    assert_eq!((&stamp[19..], text), (&*format!(" {first}"), "/msg bob hi\n"));
}

#[test]
fn only_servers_of_line_chat_have_commands_and_those_of_the_tutorials_when_asked() {
    let mut options = options();
    assert!(options.commands());
    options.auth =
        Some(ServerAuth::new(Profile::Tutorial(Digest::Sha256), KeyRing::single(Secret::new("a secret").unwrap())));
    assert!(!options.commands());
    options.commands = Some(true);
    assert!(options.commands());
    options.framing = rustchat::frame::Framing::U32Be;
    assert!(!options.commands());
}

/// The next question, which must be about a message, and the message.
fn asked(server: &ChatServer) -> (u64, rustchat::chat::Message) {
    loop {
        match next_event(server) {
            Event::Ask(id, Question::Message(message)) => return (id, message),
            Event::Message(message) => panic!("{message:?}"),
            _ => {}
        }
    }
}

#[test]
fn a_filter_decides_about_private_words_and_deeds_too_and_keeps_their_order() {
    let mut options = options();
    options.filter = true;
    let server = ChatServer::start(options).unwrap();
    let (mut ann, mut bob) = (named(&server, "ann"), LinePeer::join(&server));
    assert!(bob.hear_text().starts_with("* here: ann ("));
    assert_eq!(answer(&server, &mut bob, "/name bob"), "* your name is bob");
    assert!(ann.hear_text().ends_with("is called bob"));
    ann.send("one\n/msg bob two\n/me three\n/msg bob four\n/msg bob five\nsix\n");
    let questions: Vec<_> = (0..6).map(|_| asked(&server)).collect();
    let texts: Vec<_> = questions.iter().map(|(_, message)| &*message.text).collect();
    assert_eq!(texts, ["one", "two", "* ann three", "four", "five", "six"]);
    let to: Vec<_> = questions.iter().map(|(_, message)| message.to.as_ref().and_then(|to| to.name())).collect();
    assert_eq!(to, [None, Some("bob"), None, Some("bob"), Some("bob"), None]);
    let verdicts = [
        Verdict::Deliver,
        Verdict::Deliver,
        Verdict::Deliver,
        Verdict::Replace("****".into()),
        Verdict::Drop,
        Verdict::Failed,
    ];
    // In whatever order they come.
    for ((id, _), verdict) in questions.into_iter().zip(verdicts).rev() {
        server.answer(id, verdict).unwrap();
    }
    let heard: Vec<_> = (0..4).map(|_| bob.hear_text()).collect();
    let head = format!("ann ({})", ann.address());
    let words = |text: &str| format!("* {head} says to you: {text}");
    assert_eq!(heard, ["one".into(), words("two"), "* ann three".into(), words("****")]);
    let heard: Vec<_> = (0..5).map(|_| ann.hear_text()).collect();
    assert_eq!(heard[3], format!("* you say to bob ({}): ****", bob.address()));
    assert_eq!(heard[4], "* error: not said: the server's filter failed");
}

#[test]
fn private_words_for_who_leaves_before_the_verdict_are_answered() {
    let mut options = options();
    (options.filter, options.events) = (true, Events::Said);
    let server = ChatServer::start(options).unwrap();
    let (mut ann, bob) = (LinePeer::join(&server), named(&server, "bob"));
    let address = bob.address();
    assert!(ann.hear_text().ends_with("is called bob"));
    ann.say("/msg bob hi");
    let (id, message) = asked(&server);
    let to = message.to.unwrap();
    assert_eq!(to.name(), Some("bob"));
    server.disconnect(to.id()).unwrap();
    await_members(&server, 1);
    server.answer(id, Verdict::Deliver).unwrap();
    assert_eq!(ann.hear_text(), format!("* error: not said: bob ({address}) has left"));
    // What the room gets is told of, with this choice of events; what one alone is told is not.
    ann.say("to all");
    let (id, _) = asked(&server);
    server.answer(id, Verdict::Replace("to everybody".into())).unwrap();
    let message = loop {
        if let Event::Message(message) = next_event(&server) {
            break message;
        }
    };
    assert_eq!((&*message.text, message.seq > 0), ("to everybody", true));
}

#[test]
fn the_embedder_names_and_finds_members_by_the_same_rules() {
    let server = start();
    let (mut ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    let [first, second] = [0, 1].map(|index| server.members()[index].id());
    server.rename(first, Some("Ann")).unwrap();
    assert_eq!(ann.hear_text(), "* your name is Ann");
    assert_eq!(bob.hear_text(), format!("* {}: is called Ann", ann.address()));
    ann.say("hi");
    assert_eq!(bob.hear(), (format!("Ann ({})", ann.address()), "hi".into()));
    assert_eq!(ann.hear_text(), "hi");
    let taken = server.rename(second, Some("аnn")).unwrap_err();
    assert_eq!(taken.status(), rustchat::Status::InvalidArgument);
    assert_eq!(server.rename(second, Some("server")).unwrap_err().status(), rustchat::Status::InvalidText);
    let find = |name: &str| server.find(Some(name), None).map(|member| member.id()).ok();
    assert_eq!(
        (find("Ann"), find("ANN"), find("bob"), find(""), find("* x")),
        (Some(first), Some(first), None, None, None)
    );
    assert_eq!(find(&server.address().to_string()), None);
    assert_eq!(server.find(None, None).unwrap_err().status(), rustchat::Status::InvalidArgument);
    assert_eq!(server.find(None, Some("")).unwrap().id(), first);
    assert!(server.find(None, Some("a key")).is_err() && server.find(Some("Ann"), Some("a key")).is_err());
    server.rename(first, None).unwrap();
    assert_eq!(ann.hear_text(), "* you have no name");
    assert_eq!(bob.hear_text(), format!("* Ann ({}): has no name", ann.address()));
    assert_eq!((find("Ann"), server.member(first).unwrap().name()), (None, None));
    server.rename(second, Some("Ann")).unwrap();
    drop(bob);
    await_members(&server, 1);
    assert_eq!(find("Ann"), None);
    assert_eq!(server.rename(second, Some("x")).unwrap_err().status(), rustchat::Status::NoSuchPeer);
}

#[test]
fn nobody_s_path_reads_as_the_name_of_another() {
    let folder = std::env::temp_dir().join(format!("rustchat-commands-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("chat.sock");
    let server = ChatServer::start(ServerOptions::new(Endpoint::unix(&path))).unwrap();
    for (own, shown) in [("ann (127.0.0.1:5)", false), ("bob.sock", true)] {
        let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None).unwrap();
        socket.bind(&socket2::SockAddr::unix(folder.join(own)).unwrap()).unwrap();
        let joined = server.stats().joined;
        socket.connect(&socket2::SockAddr::unix(&path).unwrap()).unwrap();
        eventually("it joins", || server.stats().joined > joined);
        let label = server.members().last().unwrap().label().to_owned();
        assert_eq!(label == "unix", !shown, "{own} is shown as {label}");
    }
    drop(server);
    std::fs::remove_dir_all(&folder).unwrap();
}
