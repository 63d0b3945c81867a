//! The load generator against real servers over real sockets: a good one, and one for each way to be bad.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// Changes the deliveries of one turn for one member; `turn` counts the turns in which at least three lines came, and is
/// 0 in others.
type Misdeed = fn(turn: usize, member: usize, lines: &mut Vec<Vec<u8>>);

/// The turn in which a server goes wrong: after the room has been joined.
const BAD_TURN: usize = 40;
const MEMBERS: usize = 5;

/// A chat server that polls its members, every line of a turn to all of them, as far as `misdeed` lets it.
fn serve(listener: &TcpListener, misdeed: Misdeed) {
    let mut members: Vec<(TcpStream, Vec<u8>)> = Vec::new();
    while members.len() < MEMBERS {
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        members.push((stream, Vec::new()));
    }
    let mut turn = 0;
    loop {
        let mut lines = Vec::new();
        for (stream, partial) in &mut members {
            let mut buffer = [0; 4096];
            match stream.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => partial.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
            while let Some(end) = partial.iter().position(|byte| *byte == b'\n') {
                lines.push(partial.drain(..=end).collect::<Vec<u8>>());
            }
        }
        if lines.len() < 3 {
            thread::sleep(Duration::from_micros(200));
        } else {
            turn += 1;
        }
        for (number, (stream, _)) in members.iter_mut().enumerate() {
            let mut lines = lines.clone();
            misdeed(if lines.len() >= 3 { turn } else { 0 }, number, &mut lines);
            stream.set_nonblocking(false).unwrap();
            let _ = stream.write_all(&lines.concat());
            stream.set_nonblocking(true).unwrap();
        }
    }
}

/// Runs the load against a server with a misdeed; returns its exit code and its report.
fn load(misdeed: Misdeed, options: &[&str]) -> (Option<i32>, serde_json::Value) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = thread::spawn(move || serve(&listener, misdeed));
    let members = MEMBERS.to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_rustchat-bench"))
        .args([&address, "--format", "plain", "--members", &members, "--senders", "2", "--in-flight", "8"])
        .args(["--warm-up", "0", "--messages", "3000", "--patience", "0.5"])
        .args(options)
        .output()
        .unwrap();
    server.join().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

fn assert_fault(misdeed: Misdeed, kinds: &[&str], member: Option<usize>) {
    assert_fault_in(load(misdeed, &[]), kinds, member);
}

fn assert_fault_in((code, report): (Option<i32>, serde_json::Value), kinds: &[&str], member: Option<usize>) {
    assert_eq!((code, &report["ok"]), (Some(1), &false.into()), "{report}");
    let fault = &report["faults"][0];
    assert!(kinds.contains(&fault["kind"].as_str().unwrap()), "{fault}");
    if let Some(member) = member {
        assert_eq!(fault["member"], member, "{fault}");
    }
}

#[test]
fn a_good_server_passes() {
    let (code, report) = load(|_, _, _| {}, &[]);
    assert_eq!((code, &report["ok"]), (Some(0), &true.into()), "{report}");
    assert_eq!(report["messages_checked"], 3000);
    assert_eq!(report["window"]["deliveries"], 3000 * MEMBERS);
    assert_eq!(report["latency_us"]["room"]["count"], 3000);
    assert_eq!(report["window"]["bytes_per_delivery"], 65.0);
}

#[test]
fn a_good_server_passes_at_a_fixed_rate() {
    let (code, report) = load(|_, _, _| {}, &["--rate", "20000"]);
    assert_eq!((code, &report["messages_checked"]), (Some(0), &3000.into()), "{report}");
}

#[test]
fn a_message_lost_for_one_member_is_seen() {
    // If that member happens to be ahead of the others, they are the ones who depart from what it saw.
    let misdeed: Misdeed = |turn, member, lines| {
        if turn == BAD_TURN && member == 3 {
            lines.remove(1);
        }
    };
    assert_fault(misdeed, &["lost", "reordered"], None);
}

#[test]
fn a_message_lost_for_everyone_is_seen() {
    let misdeed: Misdeed = |turn, _, lines| {
        if turn == BAD_TURN {
            lines.remove(1);
        }
    };
    assert_fault(misdeed, &["lost"], None);
}

#[test]
fn the_last_message_lost_for_one_member_is_seen() {
    let misdeed: Misdeed = |_, member, lines| {
        if member == 4 {
            lines.retain(|line| !line.starts_with(b"d00000 0000002999"));
        }
    };
    assert_fault_in(load(misdeed, &["--senders", "1"]), &["lost"], Some(4));
}

#[test]
fn a_doubled_message_is_seen() {
    let misdeed: Misdeed = |turn, member, lines| {
        if turn == BAD_TURN && member == 2 {
            let again = lines[0].clone();
            lines.push(again);
        }
    };
    assert_fault(misdeed, &["doubled"], Some(2));
}

#[test]
fn another_order_for_one_member_is_seen() {
    let misdeed: Misdeed = |turn, member, lines| {
        if turn == BAD_TURN && member == 1 {
            lines.reverse();
        }
    };
    assert_fault(misdeed, &["reordered", "lost"], None);
}

#[test]
fn a_cut_message_is_seen() {
    let misdeed: Misdeed = |turn, member, lines| {
        if turn == BAD_TURN && member == 3 {
            lines[1].drain(10..20);
        }
    };
    assert_fault(misdeed, &["cut"], Some(3));
}

#[test]
fn what_nobody_sent_is_seen() {
    let misdeed: Misdeed = |turn, member, lines| {
        if turn == BAD_TURN && member == 3 {
            lines.insert(1, b"buy now\n".to_vec());
        }
    };
    assert_fault(misdeed, &["cut", "foreign"], Some(3));
}
