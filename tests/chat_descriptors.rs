//! Out of descriptors: accepting pauses without spinning, members go on, and newcomers get in later.
//!
//! Alone in its binary: the limit is the whole process's.

mod support;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::process::Command;

use rustchat::Status;
use rustchat::chat::{ChatServer, Event, Events};
use support::{LinePeer, await_members, dial, next_event, options};

/// The thread's accounts, opened while there are descriptors to open them with.
fn accounts_of(name: &str) -> File {
    for entry in std::fs::read_dir("/proc/self/task").unwrap() {
        let path = entry.unwrap().path();
        if std::fs::read_to_string(path.join("comm")).unwrap().trim() == name {
            return File::open(path.join("stat")).unwrap();
        }
    }
    panic!("no thread {name}");
}

/// Time on the processor, in ticks.
fn ticks(accounts: &mut File) -> u64 {
    let mut stat = String::new();
    accounts.seek(SeekFrom::Start(0)).unwrap();
    accounts.read_to_string(&mut stat).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn accept_pauses_when_descriptors_run_out_and_recovers() {
    let process = std::process::id().to_string();
    assert!(Command::new("prlimit").args(["--nofile=256", "--pid", &process]).status().unwrap().success());
    let mut options = options();
    options.events = Events::Membership;
    let server = ChatServer::start(options).unwrap();
    let mut member = LinePeer::join(&server);
    let mut accounts = accounts_of("rustchat-accept");
    // One descriptor is kept back for the newcomer's own end of its connection.
    let spare = File::open("/dev/null").unwrap();
    let mut hoard = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        hoard.push(file);
    }
    drop(spare);
    let newcomer = dial(&server);
    let trouble = std::iter::repeat_with(|| next_event(&server)).find_map(|event| match event {
        Event::Error(error) => Some(error),
        _ => None,
    });
    assert_eq!(trouble.as_ref().map(|error| error.status()), Some(Status::Io), "{trouble:?}");
    let before = ticks(&mut accounts);
    for number in 0..2000 {
        member.say(&number.to_string());
        assert_eq!(member.hear_text(), number.to_string());
    }
    let spent = ticks(&mut accounts) - before;
    assert!(spent <= 2, "the acceptor spent {spent} ticks on nothing");
    drop(hoard);
    await_members(&server, 2);
    drop(newcomer);
}
