//! What a handler says and does: after what it has let pass, in its own room, and to nobody once the server stops.

mod support;

use std::io::Write;
use std::net::TcpStream;
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, SystemTime};

use rustchat::chat::{ChatServer, Delivery, Event, Events, Handler, Member, Message, Verdict};
use rustchat::frame::Framing;
use rustchat::{Result, Status};
use support::{LinePeer, ObjectPeer, PATIENCE, await_members, dial, eventually, options};

type Seat = Arc<OnceLock<ChatServer>>;

/// Does what the messages say; waits for a word at "slow", so that the others wait behind it.
struct Bot {
    server: Seat,
    go: mpsc::Receiver<()>,
    asked: mpsc::Sender<String>,
}

impl Handler for Bot {
    fn filter(&mut self, message: &Message) -> Verdict {
        let server = self.server.get().expect("started");
        let id = message.from.id();
        self.asked.send(message.text.to_string()).unwrap();
        match &*message.text {
            "slow" => {
                let _ = self.go.recv_timeout(PATIENCE);
            }
            "speak" => assert_eq!(server.broadcast("BOT").unwrap().queued, server.members().len() as u64),
            "except" => assert_eq!(server.broadcast_except("BOT", id).unwrap().queued, 1),
            "whisper" => server.send(id, "PSST").unwrap(),
            "kick" => server.disconnect(id).unwrap(),
            _ => {}
        }
        Verdict::Deliver
    }

    fn event(&mut self, _event: Event) {}
}

struct Scene {
    server: ChatServer,
    go: mpsc::Sender<()>,
    asked: mpsc::Receiver<String>,
    listener: LinePeer,
    speaker: LinePeer,
}

/// A room of two, with a bot that is asked about all of `lines` at once.
fn play(lines: &str) -> Scene {
    let seat = Seat::default();
    let (go, wait) = mpsc::channel();
    let (sender, asked) = mpsc::channel();
    let mut options = options();
    options.filter = true;
    let bot = Bot { server: Arc::clone(&seat), go: wait, asked: sender };
    let server = ChatServer::start_with(options, bot).unwrap();
    seat.set(server.clone()).ok().unwrap();
    let (listener, speaker) = (LinePeer::join(&server), LinePeer::join(&server));
    speaker.send(format!("slow\n{lines}"));
    let count = 1 + lines.lines().count() as u64;
    eventually("all is read", || server.members()[1].messages_in() == count);
    go.send(()).unwrap();
    Scene { server, go, asked, listener, speaker }
}

fn hear(peer: &mut LinePeer, count: usize) -> Vec<String> {
    (0..count).map(|_| peer.hear_text()).collect()
}

#[test]
fn what_a_handler_says_comes_after_what_it_let_pass() {
    let mut scene = play("m1\nm2\nspeak\nm4\n");
    for peer in [&mut scene.listener, &mut scene.speaker] {
        assert_eq!(hear(peer, 6), ["slow", "m1", "m2", "BOT", "speak", "m4"]);
    }
}

#[test]
fn what_a_handler_says_to_all_but_one_comes_after_what_it_let_pass() {
    let mut scene = play("m1\nexcept\nm3\n");
    assert_eq!(hear(&mut scene.listener, 5), ["slow", "m1", "BOT", "except", "m3"]);
    assert_eq!(hear(&mut scene.speaker, 4), ["slow", "m1", "except", "m3"]);
}

#[test]
fn what_a_handler_whispers_comes_after_what_it_let_pass() {
    let mut scene = play("m1\nm2\nwhisper\nm4\n");
    assert_eq!(hear(&mut scene.speaker, 6), ["slow", "m1", "m2", "PSST", "whisper", "m4"]);
}

#[test]
fn who_is_sent_away_by_a_handler_is_heard_up_to_there() {
    let mut scene = play("m1\nm2\nkick\nm4\nm5\n");
    assert_eq!(hear(&mut scene.speaker, 3), ["slow", "m1", "m2"]);
    assert_eq!(scene.speaker.hear_text(), "* disconnected by the server");
    await_members(&scene.server, 1);
    scene.listener.say("slow");
    scene.go.send(()).unwrap();
    assert_eq!(hear(&mut scene.listener, 4), ["slow", "m1", "m2", "slow"]);
    let asked: Vec<String> = scene.asked.try_iter().collect();
    assert_eq!(asked, ["slow", "m1", "m2", "kick", "slow"]);
}

/// Lets everything pass, and tells another server's room of it.
struct Relay(ChatServer);

impl Handler for Relay {
    fn filter(&mut self, message: &Message) -> Verdict {
        self.0.broadcast(&format!("relayed: {}", message.text)).unwrap();
        Verdict::Deliver
    }

    fn event(&mut self, _event: Event) {}
}

#[test]
fn what_one_rooms_handler_says_in_another_room_leaves_its_own_where_it_is() {
    let other = ChatServer::start(options()).unwrap();
    let mut far = LinePeer::join(&other);
    let mut options = options();
    options.filter = true;
    let server = ChatServer::start_with(options, Relay(other.clone())).unwrap();
    let mut near = LinePeer::join(&server);
    near.send("one\ntwo\nthree\n");
    assert_eq!(hear(&mut near, 3), ["one", "two", "three"]);
    assert_eq!(hear(&mut far, 3), ["relayed: one", "relayed: two", "relayed: three"]);
}

/// Says goodbye to who is left, in every way there is.
struct Farewell(Seat, mpsc::Sender<[Result<u64>; 3]>);

impl Handler for Farewell {
    fn event(&mut self, event: Event) {
        if let Event::Left(member, _) = event {
            let server = self.0.get().expect("started");
            let said = server.broadcast("goodbye");
            let counted = said.map(|Delivery { queued }| queued);
            let zero = |result: Result<()>| result.map(|()| 0);
            let id = member.id();
            self.1.send([counted, zero(server.send(id, "goodbye")), zero(server.disconnect(id))]).unwrap();
        }
    }
}

#[test]
fn a_handler_that_says_goodbye_while_the_server_stops_speaks_to_nobody() {
    let seat = Seat::default();
    let (sender, results) = mpsc::channel();
    let mut options = options();
    options.events = Events::Membership;
    let server = ChatServer::start_with(options, Farewell(Arc::clone(&seat), sender)).unwrap();
    seat.set(server.clone()).ok().unwrap();
    let mut peers: Vec<LinePeer> = (0..3).map(|_| LinePeer::join(&server)).collect();
    // Before the stop it is an error to speak to somebody who has left.
    peers.pop().unwrap().say("quit");
    let [said, sent, sent_away] = results.recv_timeout(PATIENCE).unwrap();
    assert_eq!(said.unwrap(), 2);
    assert_eq!(sent.unwrap_err().status(), Status::NoSuchPeer);
    assert_eq!(sent_away.unwrap_err().status(), Status::NoSuchPeer);
    server.stop(PATIENCE).unwrap();
    for _ in 0..2 {
        let told = results.recv_timeout(PATIENCE).unwrap();
        assert!(told.iter().all(|result| matches!(result, Ok(0))), "{told:?}");
    }
    // Anybody else is told that there is no room any more.
    assert_eq!(server.broadcast("hello?").unwrap_err().status(), Status::Closed);
}

/// Thinks about each newcomer until it gets a word.
struct Doorkeeper(mpsc::Receiver<()>, mpsc::Sender<u64>);

impl Handler for Doorkeeper {
    fn authorize(&mut self, member: &Arc<Member>) -> bool {
        self.1.send(member.id()).unwrap();
        let _ = self.0.recv_timeout(PATIENCE);
        true
    }

    fn event(&mut self, event: Event) {
        assert!(!matches!(event, Event::Joined(_) | Event::Left(..)), "{event:?}");
    }
}

#[test]
fn nobody_is_asked_about_newcomers_of_a_server_that_stops() {
    let (go, wait) = mpsc::channel();
    let (sender, asked) = mpsc::channel();
    let mut options = options();
    (options.authorize, options.filter, options.events) = (true, true, Events::Membership);
    let server = ChatServer::start_with(options, Doorkeeper(wait, sender)).unwrap();
    let _peers: Vec<_> = (0..5).map(|_| dial(&server)).collect();
    asked.recv_timeout(PATIENCE).unwrap();
    eventually("all are accepted", || server.stats().accepted == 5);
    server.close();
    go.send(()).unwrap();
    server.join(PATIENCE).unwrap();
    assert_eq!(asked.try_iter().count(), 0);
    assert_eq!(server.stats().joined, 0);
}

/// Thinks about the first newcomer until it gets a word, and tells who joins, says something and leaves.
struct Host(mpsc::Receiver<()>, mpsc::Sender<String>, bool);

impl Handler for Host {
    fn authorize(&mut self, _member: &Arc<Member>) -> bool {
        self.1.send("asked".into()).unwrap();
        if !std::mem::replace(&mut self.2, true) {
            let _ = self.0.recv_timeout(PATIENCE);
        }
        true
    }

    fn event(&mut self, event: Event) {
        let told = match event {
            Event::Joined(member) => format!("{} joined", member.label()),
            Event::Message(message) => format!("{} said {}", message.from.label(), message.text),
            Event::Left(member, _) => format!("{} left", member.label()),
            _ => return,
        };
        self.1.send(told).unwrap();
    }
}

/// What the hooks are told of two newcomers, of which the first does that while it is thought about, until the second
/// has said goodbye.
fn told_of_newcomers(meanwhile: impl FnOnce(TcpStream)) -> Vec<String> {
    let (go, wait) = mpsc::channel();
    let (sender, told) = mpsc::channel();
    let mut options = options();
    (options.authorize, options.events, options.workers) = (true, Events::All, 1);
    let server = ChatServer::start_with(options, Host(wait, sender, false)).unwrap();
    let hasty = dial(&server);
    let name = hasty.local_addr().unwrap().to_string();
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), "asked");
    meanwhile(hasty);
    // Served by the same worker, which has seen by then what the first one has done.
    let patient = dial(&server);
    eventually("both are accepted", || server.stats().accepted == 2);
    // One turn of the worker has ended, and one has begun, since the first one went.
    (0..2).for_each(|_| server.probe(PATIENCE).unwrap());
    go.send(()).unwrap();
    let other = patient.local_addr().unwrap().to_string();
    (&patient).write_all(b"bye\nquit\n").unwrap();
    let mut all = Vec::new();
    while all.last() != Some(&format!("{other} left")) {
        all.push(told.recv_timeout(PATIENCE).unwrap());
    }
    server.stop(PATIENCE).unwrap();
    all.extend(told.try_iter());
    all.into_iter().filter(|told| told.contains(&name)).map(|told| told.replace(&name, "it")).collect()
}

#[test]
fn who_goes_before_it_is_admitted_never_joins() {
    assert_eq!(told_of_newcomers(drop), [""; 0]);
    let reset = |stream: TcpStream| socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    assert_eq!(told_of_newcomers(reset), [""; 0]);
}

#[test]
fn who_speaks_and_goes_before_it_is_admitted_is_heard() {
    let speaks = |stream: TcpStream| (&stream).write_all(b"hello\nquit\n").unwrap();
    assert_eq!(told_of_newcomers(speaks), ["it joined", "it said hello", "it left"]);
}

/// Takes its time.
struct Slow(mpsc::Receiver<()>, mpsc::Sender<()>);

impl Handler for Slow {
    fn filter(&mut self, _message: &Message) -> Verdict {
        self.1.send(()).unwrap();
        let _ = self.0.recv_timeout(PATIENCE);
        Verdict::Deliver
    }

    fn event(&mut self, _event: Event) {}
}

#[test]
fn a_message_that_waited_for_its_filter_is_stamped_with_the_time_at_which_it_was_read() {
    let (go, wait) = mpsc::channel();
    let (sender, asked) = mpsc::channel();
    let mut options = options();
    (options.filter, options.framing) = (true, Framing::U32Be);
    let server = ChatServer::start_with(options, Slow(wait, sender)).unwrap();
    let mut peer = ObjectPeer::join(&server);
    peer.say("first");
    asked.recv_timeout(PATIENCE).unwrap();
    peer.say("second");
    eventually("it is read", || server.members()[0].messages_in() == 2);
    let read = SystemTime::now();
    let late = read + Duration::from_millis(50);
    eventually("time passes", || SystemTime::now() > late);
    go.send(()).unwrap();
    go.send(()).unwrap();
    assert_eq!(peer.hear()["text"], "first");
    let heard = peer.hear();
    let stamp: SystemTime = heard["time"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().into();
    assert!(stamp <= read, "{heard} was read before {read:?}");
}
