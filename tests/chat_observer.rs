//! Who is told of what the members have said, and is waited for by nobody.

mod support;

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::chat::{ChatServer, Event, Handler, Message, Observer, Verdict};
use support::{LinePeer, PATIENCE, eventually, options};

/// A handler that lets pass what has no "x" in it, in capitals, and observes with a function.
struct Watched {
    observer: Option<Observer>,
    filtering: bool,
}

impl Handler for Watched {
    fn filter(&mut self, message: &Message) -> Verdict {
        assert!(self.filtering);
        if message.text.contains('x') { Verdict::Drop } else { Verdict::Replace(message.text.to_uppercase()) }
    }

    fn event(&mut self, event: Event) {
        assert!(!matches!(event, Event::Message(_)), "{event:?}");
    }

    fn observer(&mut self) -> Option<Observer> {
        self.observer.take()
    }
}

fn start(filtering: bool, event_limit: usize, observer: impl FnMut(Message) + Send + 'static) -> ChatServer {
    let mut options = options();
    (options.filter, options.event_limit) = (filtering, event_limit);
    ChatServer::start_with(options, Watched { observer: Some(Box::new(observer)), filtering }).unwrap()
}

#[test]
fn an_observer_is_told_what_the_room_has_got_in_its_order() {
    for filtering in [false, true] {
        let (tell, told) = mpsc::channel();
        let server = start(filtering, 8192, move |message| tell.send(message).unwrap());
        let (mut ann, bob) = (LinePeer::join(&server), LinePeer::join(&server));
        let lines = |peer: &str| (0..200).map(|n| format!("{peer} {n}\n")).collect::<String>();
        ann.send(lines("a") + "/name ann\n/msg ann hi\n");
        bob.send(lines("b"));
        let room: Vec<_> =
            std::iter::repeat_with(|| ann.hear()).filter(|(_, text)| !text.starts_with('*')).take(400).collect();
        let heard: Vec<Message> = (0..400).map(|_| told.recv_timeout(PATIENCE).unwrap()).collect();
        assert_eq!(
            heard.iter().map(|message| &*message.text).collect::<Vec<_>>(),
            room.iter().map(|(_, text)| text).collect::<Vec<_>>()
        );
        assert!(heard.windows(2).all(|two| two[0].seq < two[1].seq) && heard[0].seq > 0);
        assert_eq!(heard.iter().filter(|message| message.from.label() == ann.address()).count(), 200);
        if filtering {
            assert!(heard.iter().all(|message| *message.text == message.text.to_uppercase()));
            ann.say("x is swallowed");
        }
        ann.say("end");
        assert!(told.recv_timeout(PATIENCE).unwrap().text.eq_ignore_ascii_case("end"));
        bob.send("quit\n");
    }
}

#[test]
fn nobody_waits_for_an_observer_that_does_not_return() {
    let (release, stuck) = mpsc::channel::<()>();
    let told = Arc::new(Mutex::new(Vec::new()));
    let texts = Arc::clone(&told);
    let server = start(true, 10, move |message: Message| {
        texts.lock().unwrap().push(message.text.to_string());
        let _ = stuck.recv();
    });
    let mut ann = LinePeer::join(&server);
    for number in 0..30 {
        ann.say(&format!("{number}"));
        assert_eq!(ann.hear_text(), number.to_string());
        eventually("the first is told", || !told.lock().unwrap().is_empty());
    }
    // One is being told, ten wait, the oldest of the others are lost.
    assert_eq!(server.stats().events_dropped, 19);
    drop(release);
    eventually("all that waited are told", || told.lock().unwrap().len() == 11);
    assert_eq!(told.lock().unwrap()[1..], (20..30).map(|number| number.to_string()).collect::<Vec<_>>());
    server.stop(PATIENCE).unwrap();
}

#[test]
fn a_server_stops_in_time_whatever_its_observer_does() {
    let (began, inside) = mpsc::channel();
    let (release, stuck) = mpsc::channel::<()>();
    let mut told = 0;
    let server = start(false, 8192, move |_| {
        told += 1;
        let _ = began.send(told);
        let _ = stuck.recv();
    });
    let mut ann = LinePeer::join(&server);
    ann.send("1\n2\n3\n");
    (0..3).for_each(|_| drop(ann.hear()));
    inside.recv_timeout(PATIENCE).unwrap();
    let begin = Instant::now();
    assert_eq!(server.stop(Duration::ZERO).unwrap_err().status(), Status::TimedOut);
    assert!(begin.elapsed() < PATIENCE);
    drop(release);
    server.join(PATIENCE).unwrap();
    // What still waited when the time was over is lost.
    assert_eq!((inside.try_iter().count(), server.stats().events_dropped), (0, 2));
}

#[test]
fn an_observer_may_speak_and_its_panic_harms_nobody() {
    let (hand_over, taken) = mpsc::channel::<ChatServer>();
    let (tell, told) = mpsc::channel();
    let mut own = None;
    let server = start(false, 8192, move |message: Message| {
        let server: &ChatServer = own.get_or_insert_with(|| taken.recv_timeout(PATIENCE).unwrap());
        assert!(*message.text != *"panic");
        tell.send(server.join(PATIENCE).unwrap_err().status()).unwrap();
        server.broadcast(&format!("heard {}", message.text)).unwrap();
    });
    hand_over.send(server.clone()).unwrap();
    let mut ann = LinePeer::join(&server);
    ann.send("one\npanic\ntwo\n");
    let heard: Vec<_> = (0..5).map(|_| ann.hear_text()).filter(|text| text.starts_with("heard")).collect();
    assert_eq!(heard, ["heard one", "heard two"]);
    assert_eq!(told.iter().take(2).collect::<Vec<_>>(), [Status::WouldDeadlock; 2]);
    server.stop(PATIENCE).unwrap();
}
