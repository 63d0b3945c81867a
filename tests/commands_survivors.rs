//! Processes that outlive their command.

mod support;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::command::{Command, ExitKind, Output, Survivors};

use support::PATIENCE;
use support::commands::{await_death, connect, is_alive, output_of, serve, serve_with, sh};

#[test]
fn a_survivor_that_holds_the_output_ends_soon_and_is_killed() {
    let server = serve();
    let begin = Instant::now();
    let done = sh(&connect(&server), "sleep 300 & echo $!");
    assert!(begin.elapsed() < Duration::from_secs(10), "it waits for no sleeper");
    assert!(done.exit.survivors_killed && done.exit.success());
    await_death(&String::from_utf8(done.stdout).unwrap());
}

#[test]
fn a_survivor_that_has_let_go_of_the_output_is_killed_as_well() {
    let server = serve();
    let done = sh(&connect(&server), "sleep 300 > /dev/null 2>&1 & echo $!");
    assert!(done.exit.survivors_killed);
    await_death(&String::from_utf8(done.stdout).unwrap());
}

/// Beside the tests of a command's life with a made-up clock.
#[test]
fn a_survivor_that_writes_on_is_heard_to_its_end() {
    let server = serve();
    let done = sh(&connect(&server), "seq 700000 & sleep 0.5; exit 7");
    assert_eq!(done.exit.code(), Some(7));
    assert!(done.stdout.len() == 4_788_895 && done.stdout.ends_with(b"\n700000\n"), "{}", done.stdout.len());
}

#[test]
fn a_survivor_that_never_stops_writing_is_stopped() {
    let server = serve();
    let job = connect(&server).spawn(&Command::shell("yes & exit 0"), PATIENCE).unwrap();
    let (mut buffer, mut total) = (vec![0; 1 << 16], 0);
    loop {
        match job.read(Output::Stdout, &mut buffer, PATIENCE).unwrap() {
            0 => break,
            count => total += count,
        }
    }
    assert!(total > 1 << 20);
    assert!(job.wait(PATIENCE).unwrap().survivors_killed);
}

/// Beside the tests of a command's life, where the reader takes longer than survivors may.
#[test]
fn output_that_waits_for_its_reader_is_not_taken_for_a_survivor() {
    let server = serve();
    let client = connect(&server);
    // More than its client has given credit for, and less than stops it.
    let job = client.spawn(&Command::shell("echo $$; exec head -c 100000 /dev/zero"), PATIENCE).unwrap();
    let mut pid = String::new();
    BufReader::with_capacity(1, job.stdout()).read_line(&mut pid).unwrap();
    await_death(&pid);
    server.close();
    let exit = job.wait(PATIENCE).unwrap();
    assert_eq!((exit.survivors_killed, exit.code()), (false, Some(0)));
}

#[test]
fn a_grandchild_on_the_pipe_does_not_outlive_the_timeout() {
    let server = serve_with(|options| options.kill_grace = Duration::from_millis(200));
    let command = Command::shell("(trap '' TERM; echo $$; while :; do sleep 0.01; done) & wait; exec sleep 300")
        .timeout(Duration::from_secs(3));
    let error = connect(&server).run(&command, PATIENCE).unwrap_err();
    assert_eq!((error.status(), error.exit().unwrap().kind), (Status::TimedOut, ExitKind::TimedOut));
    await_death(str::from_utf8(error.stdout()).unwrap());
}

#[test]
fn survivors_are_left_alone_or_waited_for_where_the_server_says_so() {
    let left = serve_with(|options| options.survivors = Survivors::Leave);
    let done = sh(&connect(&left), "sleep 300 & echo $!");
    let pid = String::from_utf8(done.stdout).unwrap();
    assert!(is_alive(&pid) && !done.exit.survivors_killed);
    assert!(std::process::Command::new("/bin/kill").arg(pid.trim()).status().unwrap().success());
    let awaited = serve_with(|options| options.survivors = Survivors::Wait);
    assert_eq!(output_of(&connect(&awaited), "(sleep 0.7; echo late) & echo early"), "early\nlate\n");
}

/// Who has a session of its own is out of reach by signals.
#[test]
fn a_process_with_a_session_of_its_own_escapes_without_a_cgroup() {
    let server = serve();
    let done = sh(
        &connect(&server),
        "setsid sleep 300 & echo $!; until [ $(cut -d' ' -f6 /proc/$!/stat) = $! ]; do sleep 0.01; done",
    );
    assert!(done.exit.success());
    let pid = String::from_utf8(done.stdout).unwrap();
    assert!(is_alive(&pid), "README and docs say so");
    assert!(std::process::Command::new("/bin/kill").arg(pid.trim()).status().unwrap().success());
}

#[test]
fn one_that_has_escaped_and_never_stops_writing_is_not_heard_for_ever() {
    let server = serve();
    let client = connect(&server);
    // It ends by then: a group is killed with whoever has not yet left it.
    let text = "setsid sh -c 'echo $$; exec yes' & until [ $(cut -d' ' -f6 /proc/$!/stat) = $! ]; do sleep 0.01; done";
    let job = client.spawn(&Command::shell(text), PATIENCE).unwrap();
    let (mut buffer, mut start) = (vec![0; 1 << 16], String::new());
    loop {
        match job.read(Output::Stdout, &mut buffer, PATIENCE).unwrap() {
            0 => break,
            count if start.len() < 100 => start.push_str(str::from_utf8(&buffer[..count]).unwrap()),
            _ => {}
        }
    }
    assert!(job.wait(PATIENCE).unwrap().success());
    await_death(start.lines().next().unwrap());
}

/// A folder in the unified hierarchy that is ours, where the system lets us have one.
fn delegated() -> Option<PathBuf> {
    let mounts = std::fs::read_to_string("/proc/mounts").ok()?;
    let mount = mounts.lines().find(|line| line.split(' ').nth(2) == Some("cgroup2"))?;
    let folder = PathBuf::from(mount.split(' ').nth(1)?).join(format!("rustchat-test-{}", std::process::id()));
    std::fs::create_dir(&folder).ok()?;
    Some(folder)
}

#[test]
fn with_a_cgroup_nobody_escapes() {
    let Some(folder) = delegated() else {
        return eprintln!("no cgroup can be made here");
    };
    let server = serve_with(|options| options.cgroup = Some(folder.display().to_string()));
    let done = sh(&connect(&server), "setsid sleep 300 & echo $!; cat /proc/self/cgroup");
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(text.contains("rustchat-"), "{text}");
    assert!(done.exit.survivors_killed);
    await_death(text.lines().next().unwrap());
    server.stop(PATIENCE).unwrap();
    let left = std::fs::read_dir(&folder).unwrap().flatten().filter(|entry| entry.path().is_dir()).count();
    std::fs::remove_dir(&folder).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn a_cgroup_that_cannot_be_used_is_refused_at_the_start() {
    let mut options = support::commands::options();
    options.cgroup = Some("/nowhere/at/all".into());
    let catalogue = rustchat::command::Catalogue::new().shell("/bin/sh");
    let error = rustchat::command::CommandServer::start(options, catalogue).err().unwrap();
    assert!(error.message().contains("/nowhere/at/all"), "{error}");
}
