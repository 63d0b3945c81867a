//! A server that is killed again and again under clients that talk and come back.
//!
//! What an acknowledgement is worth: a message that was acknowledged is in the room of the life of the server that has
//! acknowledged it, exactly once, which a relay between the two sees. One whose acknowledgement died with the server is said
//! once more in the next life, and is marked there; it is never said a third time. `RUSTCHAT_KILLS` says how often (5); with it the spread is told, too.

mod support;

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::chat::{
    Backoff, ChatClient, ChatServer, ClientEvent, ClientOptions, Event, Handler, IncomingKind, Message, Verdict,
};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use support::relay::Relay;
use support::{PATIENCE, eventually, options};

const CLIENTS: usize = 20;
const SOCKET: &str = "RUSTCHAT_KILLS_SOCKET";
const LOG: &str = "RUSTCHAT_KILLS_LOG";
const BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(200), most: Duration::from_millis(400), factor: 2.0, jitter: 1.0, limit: 0 };

/// Writes down what is said before anybody hears it.
struct Scribe(File);

impl Handler for Scribe {
    fn filter(&mut self, message: &Message) -> Verdict {
        writeln!(self.0, "{}", message.text).unwrap();
        Verdict::Deliver
    }

    fn event(&mut self, _event: Event) {}
}

#[test]
#[ignore = "the server of the other test, in a process of its own"]
fn serve_until_killed() {
    let (Ok(socket), Ok(log)) = (std::env::var(SOCKET), std::env::var(LOG)) else { return };
    let mut options = options();
    (options.endpoint, options.framing, options.filter) = (Endpoint::Unix(socket.into()), Framing::U32Be, true);
    let log = OpenOptions::new().create(true).append(true).open(log).unwrap();
    let _server = ChatServer::start_with(options, Scribe(log)).unwrap();
    println!("\nready");
    // Until it is killed, or who has started it is gone.
    let _ = std::io::stdin().read_line(&mut String::new());
}

struct Server(Child);

impl Server {
    fn start(socket: &Path, log: &Path) -> Server {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "serve_until_killed", "--ignored", "--nocapture", "--test-threads=1"]);
        command.env(SOCKET, socket).env(LOG, log).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "ready"), "the server has not started");
        // Nobody may be in the way of what it still prints.
        thread::spawn(move || lines.for_each(drop));
        Server(child)
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One who talks.
#[derive(Default)]
struct Talker {
    returns: AtomicUsize,
    said: AtomicUsize,
    done: AtomicBool,
    unconfirmed: Mutex<HashSet<String>>,
    /// When it came back.
    times: Mutex<Vec<Instant>>,
}

impl Talker {
    fn run(&self, client: &ChatClient, name: usize) {
        let (mut events, mut heard) = (Vec::new(), HashSet::new());
        while !self.done.load(Ordering::Relaxed) {
            let number = self.said.fetch_add(1, Ordering::Relaxed);
            client.send(&format!("{name}.{number}"), PATIENCE).unwrap();
            self.listen(client, &mut events, &mut heard, Duration::from_millis(5));
        }
        eventually("all is acknowledged", || {
            self.listen(client, &mut events, &mut heard, Duration::from_millis(5));
            client.unacknowledged() == 0
        });
    }

    /// For so long, if nothing is said.
    fn listen(&self, client: &ChatClient, events: &mut Vec<ClientEvent>, heard: &mut HashSet<String>, time: Duration) {
        match client.poll(events, 1000, time) {
            Err(error) if error.status() == Status::TimedOut => return,
            result => result.unwrap(),
        }
        for event in events.drain(..) {
            let ClientEvent::Incoming(incoming) = event else { panic!("{event:?}") };
            match incoming.kind {
                IncomingKind::Reconnected => {
                    self.times.lock().unwrap().push(Instant::now());
                    self.returns.fetch_add(1, Ordering::Relaxed);
                }
                IncomingKind::Unconfirmed => drop(self.unconfirmed.lock().unwrap().insert(incoming.text)),
                IncomingKind::Refused => panic!("{incoming:?}"),
                IncomingKind::Message => {
                    let again = incoming.again;
                    assert!(heard.insert(incoming.text) || again, "said twice, and not marked");
                }
                _ => {}
            }
        }
    }
}

fn log_of(folder: &Path, life: usize) -> PathBuf {
    folder.join(format!("life-{life}"))
}

/// In which lives each text was said; in one life none is twice.
fn lives_of(folder: &Path, lives: usize) -> HashMap<String, Vec<usize>> {
    let mut found: HashMap<String, Vec<usize>> = HashMap::new();
    for life in 0..lives {
        let log = std::fs::read_to_string(log_of(folder, life)).unwrap_or_default();
        let mut texts = HashSet::new();
        // What was being written when it was killed was published by nobody.
        for text in log.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            assert!(texts.insert(text), "{text} was said twice in one life");
            found.entry(text.to_owned()).or_default().push(life);
        }
    }
    found
}

#[test]
fn what_was_acknowledged_is_in_the_room_however_often_the_server_is_killed() {
    let wanted = std::env::var("RUSTCHAT_KILLS").ok().and_then(|text| text.parse().ok());
    let kills: usize = wanted.unwrap_or(5);
    let folder = std::env::temp_dir().join(format!("rustchat-kills-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let relay = Relay::listen(&folder);
    let mut server = Server::start(&relay.server_path(0), &log_of(&folder, 0));
    let talkers: Arc<Vec<Talker>> = Arc::new((0..CLIENTS).map(|_| Talker::default()).collect());
    let mut spreads = Vec::new();
    thread::scope(|scope| {
        for name in 0..CLIENTS {
            let (talkers, mut options) = (Arc::clone(&talkers), ClientOptions::new(Endpoint::Unix(relay.path())));
            (options.framing, options.reconnect) = (Framing::U32Be, Some(BACKOFF));
            let client = ChatClient::connect(&options, PATIENCE).unwrap();
            scope.spawn(move || talkers[name].run(&client, name));
        }
        for kill in 1..=kills {
            let said: Vec<_> = talkers.iter().map(|talker| talker.said.load(Ordering::Relaxed)).collect();
            eventually("everybody has talked", || {
                talkers.iter().zip(&said).all(|(talker, said)| talker.said.load(Ordering::Relaxed) > said + 5)
            });
            server.kill();
            relay.begin(kill);
            server = Server::start(&relay.server_path(kill), &log_of(&folder, kill));
            let ready = Instant::now();
            eventually("everybody is back", || {
                talkers.iter().all(|talker| talker.returns.load(Ordering::Relaxed) >= kill)
            });
            let back = talkers.iter().map(|talker| talker.times.lock().unwrap()[kill - 1]);
            spreads.push(back.map(|at| at.saturating_duration_since(ready)).collect::<Vec<_>>());
        }
        talkers.iter().for_each(|talker| talker.done.store(true, Ordering::Relaxed));
    });
    drop(server);
    let (lives, acknowledged) = (lives_of(&folder, kills + 1), relay.acknowledged());
    let (mut said, mut twice) = (0, 0);
    for (name, talker) in talkers.iter().enumerate() {
        let unconfirmed = talker.unconfirmed.lock().unwrap();
        for number in 0..talker.said.load(Ordering::Relaxed) {
            let text = format!("{name}.{number}");
            let rooms = lives.get(&text).map_or(&[][..], Vec::as_slice);
            let answers = acknowledged.get(&text).map_or(&[][..], Vec::as_slice);
            assert!(rooms.len() <= 2, "{text} was said in the lives {rooms:?}");
            for life in answers {
                assert!(rooms.contains(life), "{text} was acknowledged by life {life}, and said in {rooms:?}");
            }
            assert!(!answers.is_empty() || unconfirmed.contains(&text), "{text} was neither acknowledged nor given up");
            said += 1;
            twice += usize::from(rooms.len() == 2);
        }
    }
    if wanted.is_some() {
        let unconfirmed: usize = talkers.iter().map(|talker| talker.unconfirmed.lock().unwrap().len()).sum();
        println!("{kills} kills, {CLIENTS} clients: {said} said, {twice} in two lives, {unconfirmed} unconfirmed");
        tell_spread(&spreads);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// How long after the server was there they came, and how many of them within the same twentieth of the longest wait.
fn tell_spread(spreads: &[Vec<Duration>]) {
    let mut all: Vec<_> = spreads.iter().flatten().map(|time| time.as_secs_f64() * 1e3).collect();
    all.sort_by(f64::total_cmp);
    let at = |part: f64| all[((all.len() - 1) as f64 * part) as usize];
    let window = BACKOFF.most.as_secs_f64() * 1e3 / 20.0;
    let fullest = spreads.iter().map(|times| {
        let mut counts = HashMap::new();
        times.iter().for_each(|time| *counts.entry((time.as_secs_f64() * 1e3 / window) as u64).or_insert(0) += 1);
        counts.into_values().max().unwrap_or(0)
    });
    println!(
        "back after the server was ready, ms: 10% {:.0}, 50% {:.0}, 90% {:.0}, 99% {:.0}, last {:.0}; at most {} of {CLIENTS} within {window:.0} ms",
        at(0.1),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0),
        fullest.max().unwrap_or(0),
    );
}
