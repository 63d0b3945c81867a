//! Commands that run, and what becomes of them.

mod support;

use std::io::{Read, Write};
use std::time::Duration;

use rustchat::Status;
use rustchat::command::{Command, ExitKind, Output, Signal};

use support::PATIENCE;
use support::commands::{connect, output_of, serve, sh};

#[test]
fn a_command_gives_both_outputs_apart_and_its_code() {
    let (server, code) = (serve(), 3);
    let client = connect(&server);
    let done = sh(&client, "echo out; echo err >&2; exit 3");
    assert_eq!((done.stdout.as_slice(), done.stderr.as_slice()), (&b"out\n"[..], &b"err\n"[..]));
    assert_eq!((done.exit.kind, done.exit.code(), done.exit.signal), (ExitKind::Exited, Some(code), 0));
    assert_eq!((done.exit.stdout_bytes, done.exit.stderr_bytes), (4, 4));
    assert!(!done.exit.success() && done.exit.max_rss > 0 && !done.exit.survivors_killed);
    assert_eq!(sh(&client, "kill -9 $$").exit.kind, ExitKind::Signalled);
    let error = client.run(&Command::shell("echo why >&2; exit 4").check(), PATIENCE).unwrap_err();
    assert_eq!((error.status(), error.exit().unwrap().code()), (Status::CommandFailed, Some(4)));
    assert_eq!(error.stderr(), b"why\n");
}

#[test]
fn both_outputs_can_go_one_way() {
    let server = serve();
    let client = connect(&server);
    let done = client.run(&Command::shell("echo 1; echo 2 >&2; echo 3").merge_stderr(), PATIENCE).unwrap();
    assert_eq!((done.stdout.as_slice(), done.stderr.len()), (&b"1\n2\n3\n"[..], 0));
}

#[test]
fn arguments_of_a_shell_are_not_its_text() {
    let server = serve();
    let hostile = "$(id); `id`\n'\"";
    let done = connect(&server).run(&Command::shell("printf %s \"$1\"").arg(hostile), PATIENCE).unwrap();
    assert_eq!(done.stdout, hostile.as_bytes());
}

#[test]
fn a_command_finds_nothing_of_the_servers_environment() {
    let server = serve();
    let text = output_of(&connect(&server), "/usr/bin/env");
    let names: Vec<_> = text.lines().filter_map(|line| line.split('=').next()).collect();
    // The shell makes two of its own.
    assert!(names.iter().all(|name| ["PATH", "PWD", "_", "OLDPWD"].contains(name)), "{text}");
}

#[test]
fn many_commands_run_at_a_time_over_one_connection() {
    let server = serve();
    let client = connect(&server);
    std::thread::scope(|scope| {
        for number in 0..50 {
            let client = &client;
            scope.spawn(move || {
                let text = output_of(client, &format!("read line < /dev/null; echo {number}"));
                assert_eq!(text, format!("{number}\n"));
            });
        }
    });
}

#[test]
fn a_dialogue_with_a_command_needs_no_end_of_its_input() {
    let server = serve();
    let job = connect(&server).spawn(&Command::shell("exec cat").with_stdin(), PATIENCE).unwrap();
    let (mut stdin, mut stdout) = (job.stdin(), job.stdout());
    for line in ["one\n", "two\n"] {
        stdin.write_all(line.as_bytes()).unwrap();
        let mut answer = [0; 4];
        stdout.read_exact(&mut answer).unwrap();
        assert_eq!(answer, *line.as_bytes());
    }
    job.close_stdin().unwrap();
    assert!(job.wait(PATIENCE).unwrap().success());
}

#[test]
fn a_signal_of_the_clients_is_told_from_others() {
    let server = serve();
    let job = connect(&server).spawn(&Command::shell("echo ready; exec sleep 300"), PATIENCE).unwrap();
    assert!(job.read(Output::Stdout, &mut [0; 10], PATIENCE).unwrap() > 0);
    job.signal(Signal::Interrupt).unwrap();
    let exit = job.wait(PATIENCE).unwrap();
    assert_eq!((exit.kind, exit.signal, exit.code()), (ExitKind::ClientSignal, 2, None));
}

#[test]
fn what_nobody_reads_any_more_ends_as_in_front_of_head() {
    let server = serve();
    let job = connect(&server).spawn(&Command::shell("exec yes"), PATIENCE).unwrap();
    assert!(job.read(Output::Stdout, &mut [0; 10], PATIENCE).unwrap() > 0);
    job.close_output(Output::Stdout).unwrap();
    let exit = job.wait(PATIENCE).unwrap();
    assert_eq!((exit.kind, exit.signal), (ExitKind::Signalled, 13));
}

#[test]
fn a_wait_ends_at_its_deadline_and_leaves_the_command_as_it_was() {
    let server = serve();
    let job = connect(&server).spawn(&Command::shell("read line; echo $line").with_stdin(), PATIENCE).unwrap();
    assert_eq!(job.wait(Duration::from_millis(50)).unwrap_err().status(), Status::TimedOut);
    job.stdin().write_all(b"still here\n").unwrap();
    assert!(job.wait(PATIENCE).unwrap().success());
    let mut text = String::new();
    job.stdout().read_to_string(&mut text).unwrap();
    assert_eq!(text, "still here\n");
}
