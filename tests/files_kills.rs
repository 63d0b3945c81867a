//! Either end is killed anywhere in a transfer: a file is there as it was, or whole, and the next attempt completes it.
//!
//! At their full size with RUSTCHAT_ROUNDS=10000.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use rustchat::net::Address;
use rustchat::transfer::{Download, FileClient, FileServer, Upload};

use support::PATIENCE;
use support::commands::rounds;
use support::files::{BLOCK, Scratch, client_options, content, options, path};

const WHAT: &str = "RUSTCHAT_TEST_WHAT";

/// The end in a process of its own, which is killed: a server that tells its address, or a client that moves one file.
#[test]
#[ignore = "run by another test, in a process of its own"]
fn an_end_that_is_killed() {
    let Ok(what) = std::env::var(WHAT) else { return };
    let words: Vec<&str> = what.split('\n').collect();
    match words[..] {
        ["serve", root, told] => {
            let server = FileServer::start(options(Path::new(root))).unwrap();
            fs::write(format!("{told}.new"), server.address().to_string()).unwrap();
            fs::rename(format!("{told}.new"), told).unwrap();
            std::thread::park();
        }
        [way, address, from, to] => {
            let client = FileClient::connect(&client_options(&address_of(address)), PATIENCE).unwrap();
            if way == "put" {
                put(&client, from, to)
            } else {
                get(&client, from, to)
            };
        }
        _ => panic!("{what}"),
    }
}

fn address_of(text: &str) -> Address {
    Address::Ip(text.parse().unwrap())
}

fn put(client: &FileClient, from: &str, to: &str) -> bool {
    client.upload(from, &path(to), Upload::new().overwrite(), PATIENCE).is_ok()
}

fn get(client: &FileClient, from: &str, to: &str) -> bool {
    client.download(&path(from), to, Download::new().overwrite(), PATIENCE).is_ok()
}

fn spawn(words: &[&str]) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["an_end_that_is_killed", "--ignored", "--exact"]).env(WHAT, words.join("\n"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Kills it after a time that is another in each round, anywhere between its start and a while behind its end.
fn kill_later(mut child: Child, round: u64) -> JoinHandle<()> {
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_micros(round * 7919 % 40_000));
        child.kill().unwrap();
        child.wait().unwrap();
    })
}

/// The two ends' folders, with the new file at one of them and the old one at the other.
struct Ends {
    scratch: Scratch,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl Ends {
    fn new() -> Ends {
        let scratch = Scratch::new();
        fs::create_dir(scratch.path("root")).unwrap();
        fs::create_dir(scratch.path("local")).unwrap();
        let (old, new) = (vec![1; 3 * BLOCK], content(6 * BLOCK + 11));
        fs::write(scratch.path("local/new"), &new).unwrap();
        fs::write(scratch.path("root/new"), &new).unwrap();
        Ends { scratch, old, new }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn begin(&self, target: &str) {
        fs::write(self.path(target), &self.old).unwrap();
    }

    /// Old or new, and no litter beside it but what is gone on with.
    fn check(&self, target: &str, must_be_new: bool) {
        let there = fs::read(self.path(target)).unwrap();
        assert!(there == self.new || (there == self.old && !must_be_new), "{} bytes", there.len());
        for folder in ["root", "local"] {
            for entry in fs::read_dir(self.path(folder)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                assert!(matches!(&*name, "new" | "file") || name.starts_with(".rustchat"), "{name}");
            }
        }
    }

    fn serve(&self) -> (Child, Address) {
        let told = self.path("told");
        let _ = fs::remove_file(&told);
        let child = spawn(&["serve", &self.text("root"), told.to_str().unwrap()]);
        support::eventually("it serves", || told.exists());
        (child, address_of(&fs::read_to_string(told).unwrap()))
    }

    fn server(&self) -> FileServer {
        FileServer::start(options(&self.path("root"))).unwrap()
    }
}

fn connect(address: &Address) -> FileClient {
    FileClient::connect(&client_options(address), PATIENCE).unwrap()
}

#[test]
fn a_client_that_is_killed_leaves_the_old_file_or_the_new_one_there() {
    let ends = Ends::new();
    let server = ends.server();
    let address = server.address().to_string();
    for round in 0..rounds(12) {
        ends.begin("root/file");
        kill_later(spawn(&["put", &address, &ends.text("local/new"), "file"]), round).join().unwrap();
        ends.check("root/file", false);
        // Its lock goes with its connection.
        let client = connect(server.address());
        support::eventually("it is stored", || put(&client, &ends.text("local/new"), "file"));
        ends.check("root/file", true);
    }
}

#[test]
fn a_client_that_is_killed_leaves_the_old_file_or_the_new_one_here() {
    let ends = Ends::new();
    let server = ends.server();
    let address = server.address().to_string();
    for round in 0..rounds(12) {
        ends.begin("local/file");
        kill_later(spawn(&["get", &address, "new", &ends.text("local/file")]), round).join().unwrap();
        ends.check("local/file", false);
        assert!(get(&connect(server.address()), "new", &ends.text("local/file")));
        ends.check("local/file", true);
    }
}

#[test]
fn a_server_that_is_killed_leaves_the_old_file_or_the_new_one() {
    let ends = Ends::new();
    for round in 0..rounds(12) {
        for (way, from, to, target) in
            [("put", "local/new", "file", "root/file"), ("get", "new", "local/file", "local/file")]
        {
            ends.begin(target);
            let (child, address) = ends.serve();
            let client = connect(&address);
            let killer = kill_later(child, round);
            let once = |client: &FileClient| match way {
                "put" => put(client, &ends.text(from), to),
                _ => get(client, from, &ends.text(to)),
            };
            let is_done = once(&client);
            killer.join().unwrap();
            ends.check(target, is_done);
            assert!(once(&connect(ends.server().address())));
            ends.check(target, true);
        }
    }
}
