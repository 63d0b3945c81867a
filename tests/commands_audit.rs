//! What the log has of commands. Alone in its program, whose log it is.

mod support;

use std::sync::Mutex;

use log::{Level, LevelFilter, Log, Metadata, Record};
use rustchat::command::{Catalogue, Command, CommandServer, Output, Signal, Slot, Template};

use support::commands::{connect, options};
use support::{PATIENCE, eventually};

struct Kept(Mutex<Vec<(Level, String)>>);

static LOG: Kept = Kept(Mutex::new(Vec::new()));

impl Log for Kept {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if record.target() == "rustchat::audit" {
            self.0.lock().unwrap().push((record.level(), record.args().to_string()));
        }
    }

    fn flush(&self) {}
}

#[test]
fn each_command_has_two_records_that_nothing_can_forge() {
    log::set_logger(&LOG).unwrap();
    log::set_max_level(LevelFilter::Info);
    let catalogue = Catalogue::new()
        .command("say", Template::new("/bin/echo").slot(Slot::text(100)).slot(Slot::text(20).secret()))
        .command("any", Template::new("/bin/echo").slot(Slot::characters("\0-\u{10ffff}", 100)))
        .command("wait", Template::new("/bin/sh").arg("-c").arg("trap '' USR1; echo ready; exec sleep 300"));
    let server = CommandServer::start(options(), catalogue).unwrap();
    let client = connect(&server);
    client.run(&Command::new("say").args(["hello \"you\"", "hunter2"]), PATIENCE).unwrap();
    client.run(&Command::new("any").arg("x\ncommand 9 ends\u{1b}[2J\u{2028}"), PATIENCE).unwrap();
    client.run(&Command::new("say\n").args(["x", "hunter2"]), PATIENCE).unwrap_err();
    let records = || LOG.0.lock().unwrap().clone();
    eventually("all is told", || records().len() == 5);
    let texts: Vec<_> = records().into_iter().map(|(_, text)| text).collect();
    assert!(texts[0].starts_with("command 1 begins: key \"\" from 127.0.0.1:"), "{}", texts[0]);
    assert!(texts[0].ends_with(r#"runs ["/bin/echo","hello \"you\"","***"]"#), "{}", texts[0]);
    assert!(
        texts[1].starts_with("command 1 ends: exited (code 0)") && texts[1].contains(" 20 + 0 bytes, "),
        "{}",
        texts[1]
    );
    assert!(texts[2].ends_with(r#"["/bin/echo","x\u000acommand 9 ends\u001b[2J\u2028"]"#), "{}", texts[2]);
    assert!(texts[4].starts_with("command 3 refused: key \"\" from "), "{}", texts[4]);
    assert_eq!(records()[4].0, Level::Warn);
    let signalled = client.spawn(&Command::new("wait"), PATIENCE).unwrap();
    signalled.read(Output::Stdout, &mut [0], PATIENCE).unwrap();
    for signal in [Signal::User1, Signal::User1, Signal::WindowChange, Signal::User1, Signal::Kill] {
        signalled.signal(signal).unwrap();
    }
    signalled.wait(PATIENCE).unwrap();
    eventually("its end is told", || records().last().unwrap().1.starts_with("command 4 ends: client's signal"));
    // However often a client sends one.
    let told: Vec<_> = records()
        .into_iter()
        .filter_map(|(_, text)| text.rsplit_once(" sends signal ").map(|(_, number)| number.to_owned()))
        .collect();
    assert_eq!(told, ["10", "28", "9"]);
    assert!(texts.iter().all(|text| !text.contains(['\n', '\u{1b}', '\u{2028}']) && !text.contains("hunter2")));
}
