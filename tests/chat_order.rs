//! One order for all, each message whole and exactly once, whatever other members do meanwhile.

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustchat::chat::ChatServer;
use rustchat::frame::Framing;
use socket2::SockRef;
use support::{LinePeer, ObjectPeer, await_members, dial, options};

const SENDERS: usize = 8;
const RECEIVERS: usize = 50;
const MESSAGES: usize = 300;

/// Members that come and go in every unpleasant way until told to stop.
fn disturb(server: &ChatServer, done: &AtomicBool) {
    let mut stalled = Vec::new();
    let mut round = 0;
    while !done.load(Ordering::SeqCst) {
        match round % 4 {
            0 => drop(LinePeer::join(server)),
            1 => {
                let reset = dial(server);
                SockRef::from(&reset).set_linger(Some(std::time::Duration::ZERO)).unwrap();
            }
            2 => {
                let half = LinePeer::join(server);
                half.send("half a line that never ends");
                stalled.push(half);
            }
            _ => {
                let mut leaver = LinePeer::join(server);
                leaver.send("quit\n");
                leaver.rest();
            }
        }
        stalled.truncate(8);
        round += 1;
    }
}

/// Receives until every sender's last message has come.
fn receive(mut peer: LinePeer) -> Vec<String> {
    let mut heard = Vec::with_capacity(SENDERS * MESSAGES);
    while heard.len() < SENDERS * MESSAGES {
        heard.push(peer.hear_text());
    }
    heard
}

#[test]
fn fifty_receivers_hear_eight_senders_in_one_order_while_others_misbehave() {
    let server = ChatServer::start(options()).unwrap();
    let receivers: Vec<LinePeer> = (0..RECEIVERS).map(|_| LinePeer::join(&server)).collect();
    let senders: Vec<LinePeer> = (0..SENDERS).map(|_| LinePeer::join(&server)).collect();
    let done = AtomicBool::new(false);
    let heard: Vec<Vec<String>> = thread::scope(|scope| {
        scope.spawn(|| disturb(&server, &done));
        let listening: Vec<_> = receivers.into_iter().map(|receiver| scope.spawn(move || receive(receiver))).collect();
        for (number, mut sender) in senders.into_iter().enumerate() {
            scope.spawn(move || {
                for count in 0..MESSAGES {
                    sender.say(&format!("{number} {count}"));
                    // A closed loop: hears itself before it goes on.
                    while sender.hear_text() != format!("{number} {count}") {}
                }
            });
        }
        let heard = listening.into_iter().map(|receiver| receiver.join().unwrap()).collect();
        done.store(true, Ordering::SeqCst);
        heard
    });
    for other in &heard[1..] {
        assert!(other == &heard[0], "two members saw two orders");
    }
    let mut next = HashMap::new();
    for text in &heard[0] {
        let (sender, count) = text.split_once(' ').unwrap();
        let expected = next.entry(sender.to_owned()).or_insert(0_usize);
        assert_eq!(count.parse::<usize>().unwrap(), *expected, "sender {sender}");
        *expected += 1;
    }
    assert_eq!(next.len(), SENDERS);
}

#[test]
fn numbers_have_no_gap_and_begin_where_the_welcome_says() {
    let mut options = options();
    options.framing = Framing::U32Be;
    options.workers = 3;
    let server = ChatServer::start(options).unwrap();
    let talkers: Vec<ObjectPeer> = (0..4).map(|_| ObjectPeer::join(&server)).collect();
    thread::scope(|scope| {
        for talker in &talkers {
            scope.spawn(move || (0..200).for_each(|number| talker.say(&number.to_string())));
        }
        for _ in 0..20 {
            scope.spawn(|| {
                // Joins in the midst of it.
                let mut peer = ObjectPeer::join(&server);
                let mut seq = peer.welcome["seq"].as_u64().unwrap();
                while seq < 800 {
                    seq += 1;
                    assert_eq!(peer.hear()["seq"], seq);
                }
            });
        }
    });
    assert_eq!(server.stats().messages, 800);
}

#[test]
fn two_servers_in_one_process_do_not_mix() {
    let (one, two) = (ChatServer::start(options()).unwrap(), ChatServer::start(options()).unwrap());
    let (ann, mut bob) = (LinePeer::join(&one), LinePeer::join(&two));
    ann.say("to the first");
    await_members(&one, 1);
    two.broadcast("to the second").unwrap();
    assert_eq!(bob.hear_text(), "to the second");
}
