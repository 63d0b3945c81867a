//! The ends that commands, clients and servers come to.

mod support;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::command::{Command, CommandClient, CommandClientOptions, ExitKind, Output};
use rustchat::net::Endpoint;

use support::commands::{
    await_death, client_options, connect, connect_through, cut_proxy, is_alive, serve, serve_with, sh, zombies,
};
use support::{PATIENCE, eventually};

#[test]
fn a_command_that_hangs_ends_at_the_servers_time_without_any_of_the_clients() {
    let server = serve_with(|options| {
        options.command_timeout = Duration::from_secs(2);
        options.kill_grace = Duration::from_millis(100);
    });
    let client = connect(&server);
    let error = client.run(&Command::shell("trap '' TERM; echo $$; while :; do sleep 0.01; done"), None).unwrap_err();
    let exit = error.exit().unwrap();
    assert_eq!((error.status(), exit.kind, exit.signal), (Status::TimedOut, ExitKind::TimedOut, 9));
    await_death(str::from_utf8(error.stdout()).unwrap());
    // Who ends well when asked to has timed out all the same.
    let error = client.run(&Command::shell("trap 'exit 0' TERM; while :; do sleep 0.01; done"), None).unwrap_err();
    assert_eq!((error.exit().unwrap().kind, error.exit().unwrap().success()), (ExitKind::TimedOut, false));
}

#[test]
fn more_time_than_any_command_has_is_refused() {
    let server = serve_with(|options| options.longest_timeout = Duration::from_secs(3600));
    let command = Command::shell("true").timeout(Duration::from_secs(3601));
    let error = connect(&server).run(&command, PATIENCE).unwrap_err();
    assert_eq!(error.refusal(), Some(rustchat::command::Refusal::Timeout));
}

#[test]
fn a_deadline_of_the_clients_kills_the_command() {
    let server = serve();
    let error = connect(&server).run(&Command::shell("echo $$; exec sleep 300"), Duration::from_secs(4)).unwrap_err();
    assert_eq!((error.status(), error.exit()), (Status::TimedOut, None));
    await_death(str::from_utf8(error.stdout()).unwrap());
}

#[test]
fn what_was_begun_with_a_key_ends_when_the_key_is_revoked() {
    let mut keys = None;
    let server = serve_with(|options| keys = options.auth.as_ref().map(|auth| auth.keys().clone()));
    let (client, keys) = (connect(&server), keys.unwrap());
    let job = client.spawn(&Command::shell("echo $$; exec sleep 300"), PATIENCE).unwrap();
    let mut pid = String::new();
    BufReader::new(job.stdout()).read_line(&mut pid).unwrap();
    keys.ids().iter().for_each(|id| assert!(keys.remove(id)));
    await_death(&pid);
    let error = client.run(&Command::shell("true"), PATIENCE).unwrap_err();
    assert!(error.to_string().contains("key revoked"), "{error}");
}

#[test]
fn a_job_that_is_dropped_is_killed() {
    let server = serve();
    let client = connect(&server);
    let job = client.spawn(&Command::shell("echo $$; exec sleep 300"), PATIENCE).unwrap();
    let mut pid = String::new();
    BufReader::new(job.stdout()).read_line(&mut pid).unwrap();
    drop(job);
    await_death(&pid);
    assert_eq!(sh(&client, "echo on").stdout, b"on\n");
}

/// A client in a process of its own: this program, told to be one.
fn client_process(server: &rustchat::command::CommandServer, text: &str) -> Child {
    let mut process = std::process::Command::new(std::env::current_exe().unwrap());
    process.args(["--ignored", "--exact", "what_a_client_process_does", "--nocapture"]);
    process.env("RUSTCHAT_TEST_PORT", server.address().port().unwrap().to_string()).env("RUSTCHAT_TEST_TEXT", text);
    process.stdout(Stdio::piped()).spawn().unwrap()
}

#[test]
#[ignore = "run by other tests, in a process of its own"]
fn what_a_client_process_does() {
    let port = std::env::var("RUSTCHAT_TEST_PORT").unwrap().parse().unwrap();
    let mut options = CommandClientOptions::new(Endpoint::tcp("127.0.0.1", port));
    options.auth = client_options(&serve()).auth;
    let client = CommandClient::connect(&options, PATIENCE).unwrap();
    let text = std::env::var("RUSTCHAT_TEST_TEXT").unwrap();
    let job = client.spawn(&Command::shell(text), PATIENCE).unwrap();
    std::io::copy(&mut job.stdout(), &mut std::io::stdout()).unwrap();
}

#[test]
fn a_client_that_is_killed_takes_its_whole_tree_with_it() {
    let server = serve_with(|options| options.kill_grace = Duration::from_millis(500));
    let text =
        "trap '' TERM; (trap '' TERM; sleep 300 & echo pid $!; wait) & sleep 300 & echo pid $!; echo pid $$; wait";
    let mut client = client_process(&server, text);
    let lines = BufReader::new(client.stdout.take().unwrap()).lines().map_while(Result::ok);
    let words = lines.filter_map(|line| line.split_once("pid ").map(|(_, pid)| pid.to_owned()));
    let pids: Vec<_> = words.take(3).collect();
    assert!(pids.len() == 3 && pids.iter().all(|pid| is_alive(pid)));
    client.kill().unwrap();
    client.wait().unwrap();
    for pid in &pids {
        await_death(pid);
    }
    eventually("the command is let go", || server.stats().running == 0);
}

/// Killed behind RUN, before anybody knows whether it runs.
#[test]
fn a_signal_right_behind_its_beginning_is_not_lost() {
    let server = serve();
    let peer = support::raw::RawPeer::greet(&server);
    for channel in 1..=20 {
        peer.send(&support::raw::run(channel, "exec sleep 300"));
        peer.send(&support::raw::signal(channel, 9));
    }
    let mut over = 0;
    while over < 20 {
        let message = peer.recv();
        if message[0] == 0x95 {
            assert_eq!((message[5], message[7]), (5, 9), "its client's signal");
            over += 1;
        }
    }
}

#[test]
fn a_server_that_stops_ends_two_hundred_commands_that_do_not_want_to() {
    let server = serve_with(|options| options.kill_grace = Duration::from_millis(300));
    let client = connect(&server);
    let text = "trap '' TERM; echo $$; while :; do sleep 5; done";
    let jobs: Vec<_> = (0..200).map(|_| client.spawn(&Command::shell(text), PATIENCE).unwrap()).collect();
    let pid_of = |job| BufReader::new(job).lines().next().unwrap().unwrap();
    let pids: Vec<_> = jobs.iter().map(|job| pid_of(job.stdout())).collect();
    let begin = Instant::now();
    std::thread::scope(|scope| {
        // The host program has children of its own meanwhile.
        let forks = scope.spawn(|| {
            while begin.elapsed() < Duration::from_millis(300) {
                assert!(std::process::Command::new("/bin/true").status().unwrap().success());
            }
        });
        server.stop(Duration::from_secs(20)).unwrap();
        forks.join().unwrap();
    });
    for job in &jobs {
        assert_eq!(job.wait(PATIENCE).unwrap().kind, ExitKind::ServerStopping);
    }
    pids.iter().for_each(|pid| assert!(!is_alive(pid)));
    assert_eq!(client.run(&Command::shell("true"), PATIENCE).unwrap_err().status(), Status::Closed);
    drop((jobs, client, server));
    eventually("no zombie is left", || zombies() == 0);
}

#[test]
fn a_server_without_time_to_stop_kills_at_once() {
    let server = serve();
    let client = connect(&server);
    let job = client.spawn(&Command::shell("trap '' TERM; echo $$; while :; do sleep 5; done"), PATIENCE).unwrap();
    let mut pid = String::new();
    BufReader::new(job.stdout()).read_line(&mut pid).unwrap();
    server.stop(Duration::ZERO).unwrap();
    assert!(!is_alive(&pid));
    assert!(matches!(
        job.wait(PATIENCE).map_err(|error| error.status()),
        Ok(_) | Err(Status::ConnectionReset | Status::Closed)
    ));
}

#[test]
fn a_server_that_is_dropped_takes_its_commands_with_it() {
    let server = serve();
    let job = connect(&server).spawn(&Command::shell("echo $$; exec sleep 300"), PATIENCE).unwrap();
    let mut pid = String::new();
    BufReader::new(job.stdout()).read_line(&mut pid).unwrap();
    drop(server);
    await_death(&pid);
}

#[test]
fn a_connection_that_breaks_amid_output_is_an_error_with_what_came_and_no_status() {
    let server = serve();
    let proxy = cut_proxy(&server, 300_000);
    let client = connect_through(&server, &proxy);
    let error = client.run(&Command::shell("exec yes").check(), PATIENCE).unwrap_err();
    assert_eq!((error.status(), error.exit()), (Status::ConnectionReset, None), "{error}");
    assert!(error.stdout().len() > 100_000 && error.stdout().starts_with(b"y\ny\n"));
    assert!(error.to_string().contains("bytes of output"), "{error}");
    let proxy = cut_proxy(&server, 300_000);
    let job = connect_through(&server, &proxy).spawn(&Command::shell("exec yes"), PATIENCE).unwrap();
    let (mut bytes, mut output) = (Vec::new(), job.stdout());
    assert!(output.read_to_end(&mut bytes).is_err() && bytes.len() > 100_000);
    assert!(job.exit().is_none() && job.wait(PATIENCE).is_err());
    eventually("they are killed", || server.stats().running == 0);
    assert_eq!(job.read(Output::Stdout, &mut [0; 9], PATIENCE).unwrap_err().status(), Status::ConnectionReset);
}

#[test]
fn an_end_that_is_not_its_own_is_no_success_of_a_job_either() {
    let server = serve_with(|options| options.kill_grace = PATIENCE);
    let client = connect(&server);
    let text = "trap 'exit 0' TERM; echo begun; while :; do sleep 0.01; done";
    // Long enough to have begun by then.
    let command = Command::shell(text).timeout(Duration::from_secs(4));
    let [waited, conversed] = [(); 2].map(|()| client.spawn(&command, PATIENCE).unwrap());
    assert!(waited.failure().is_none());
    let exit = waited.wait(PATIENCE).unwrap();
    assert_eq!((exit.kind, exit.code(), exit.success()), (ExitKind::TimedOut, Some(0), false));
    let failure = waited.failure().unwrap();
    assert_eq!((failure.status(), failure.exit()), (Status::TimedOut, Some(&exit)));
    let error = conversed.communicate(b"", PATIENCE).unwrap_err();
    assert_eq!((error.status(), error.stdout()), (Status::TimedOut, &b"begun\n"[..]));
    assert_eq!(error.exit().unwrap().kind, ExitKind::TimedOut);
    // One that fails of its own accord is none.
    let job = client.spawn(&Command::shell("exit 3"), PATIENCE).unwrap();
    assert_eq!(job.communicate(b"", PATIENCE).unwrap().exit.code(), Some(3));
    assert!(job.failure().is_none());
}
