//! What commands write arrives whole, in order and apart, however much it is and whoever reads it how.

mod support;

use std::io::{BufRead, BufReader, Read};
use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::command::{Command, ExitKind, Output};

use support::commands::{
    Proxy, client_options, connect, connect_through, cut_proxy, output_of, rounds, serve, serve_with, sh,
};
use support::{PATIENCE, eventually};

#[test]
fn five_megabytes_of_errors_before_the_first_byte_of_output() {
    let server = serve();
    let client = connect(&server);
    let text = "head -c 5000000 /dev/zero >&2; echo done";
    let done = sh(&client, text);
    assert_eq!((done.stderr.len(), done.stdout.as_slice()), (5_000_000, &b"done\n"[..]));
    // Whoever reads one after the other gets both as well, as far as the first is not more than may wait.
    let job = client.spawn(&Command::shell("head -c 900000 /dev/zero >&2; echo done"), PATIENCE).unwrap();
    let (mut out, mut err) = (String::new(), Vec::new());
    job.stdout().read_to_string(&mut out).unwrap();
    job.stderr().read_to_end(&mut err).unwrap();
    assert_eq!((out.as_str(), err.len()), ("done\n", 900_000));
}

#[test]
fn the_end_can_be_asked_for_before_the_output() {
    let server = serve();
    let job = connect(&server).spawn(&Command::shell("head -c 3000000 /dev/zero; exit 5"), PATIENCE).unwrap();
    assert_eq!(job.wait(PATIENCE).unwrap().code(), Some(5));
    let mut bytes = Vec::new();
    job.stdout().read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len(), 3_000_000);
}

/// At its full size with RUSTCHAT_ROUNDS=10000.
#[test]
fn short_commands_never_lose_a_word_or_their_end() {
    let server = serve();
    let client = connect(&server);
    let rounds = rounds(400);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let client = &client;
            scope.spawn(move || {
                for round in 0..rounds / 8 {
                    assert_eq!(output_of(client, &format!("echo {thread} {round}")), format!("{thread} {round}\n"));
                }
            });
        }
    });
    assert_eq!(server.stats().started, rounds / 8 * 8);
    eventually("all are over", || server.stats().running == 0);
}

/// Every line, or an error.
#[test]
fn over_a_slow_link_comes_all_or_an_error() {
    let server = serve();
    let expected: usize = (1..=200_000).map(|number: u32| number.to_string().len() + 1).sum();
    let proxy = Proxy::slow(&server, 8 * 1024 * 1024);
    let done = connect_through(&server, &proxy).run(&Command::shell("seq 200000"), PATIENCE).unwrap();
    assert_eq!(done.stdout.len(), expected);
    assert!(done.stdout.ends_with(b"\n199999\n200000\n"));
    let proxy = cut_proxy(&server, 500_000);
    let error = connect_through(&server, &proxy).run(&Command::shell("seq 200000"), PATIENCE).unwrap_err();
    assert_eq!((error.status(), error.exit()), (Status::ConnectionReset, None), "{error}");
}

#[test]
fn what_is_written_just_before_the_end_is_not_cut_off() {
    let server = serve();
    let client = connect(&server);
    for _ in 0..20 {
        assert_eq!(sh(&client, "exec head -c 160000 /dev/zero").stdout.len(), 160_000);
    }
}

/// One output is not read, and goes on later from where it stood.
#[test]
fn a_reader_that_stops_stops_its_own_command_and_no_other() {
    let server = serve_with(|options| options.total_limit = 300);
    let client = connect(&server);
    let stopped = client.spawn(&Command::shell("exec seq 3000000"), PATIENCE).unwrap();
    let mut lines = BufReader::with_capacity(100, stopped.stdout()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "1");
    let others = rounds(60) as usize;
    std::thread::scope(|scope| {
        for _ in 0..others.min(199) {
            scope.spawn(|| assert_eq!(sh(&client, "exec head -c 1000000 /dev/zero").stdout.len(), 1_000_000));
        }
    });
    for number in 2..=3_000_000_u32 {
        let line = lines.next().unwrap().unwrap();
        if number.is_multiple_of(1000) || line != number.to_string() {
            assert_eq!(line, number.to_string());
        }
        // The rest is thrown away where it stands.
        if number == 300_000 {
            break;
        }
    }
}

#[test]
fn with_both_sides_full_neither_waits_for_the_other() {
    let server = serve_with(|options| options.ping_interval = Duration::from_millis(30));
    let mut options = client_options(&server);
    options.ping_interval = Duration::from_millis(30);
    let client = rustchat::command::CommandClient::connect(&options, PATIENCE).unwrap();
    let job = client.spawn(&Command::shell("exec cat").with_stdin(), PATIENCE).unwrap();
    const TOTAL: usize = 8_000_000;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (bytes, mut sent) = (vec![7; 100_000], 0);
            while sent < TOTAL {
                sent += job.write(&bytes[..bytes.len().min(TOTAL - sent)], PATIENCE).unwrap();
            }
            job.close_stdin().unwrap();
        });
        // Nobody reads until all is full, and pings go over it.
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(300) {
            assert_eq!(output_of(&client, "echo x"), "x\n");
        }
        let (mut bytes, mut total) = (vec![0; 100_000], 0);
        while total < TOTAL {
            let count = job.read(Output::Stdout, &mut bytes, PATIENCE).unwrap();
            assert!(count > 0);
            total += count;
        }
        assert_eq!(job.read(Output::Stdout, &mut bytes, PATIENCE).unwrap(), 0);
    });
    assert!(job.wait(PATIENCE).unwrap().success());
}

#[test]
fn an_end_that_only_the_hang_up_tells_of_is_heard() {
    let server = serve();
    let client = connect(&server);
    for round in 0..20 {
        // With the last bytes, before them, and behind them.
        assert_eq!(output_of(&client, "printf last"), "last");
        assert_eq!(output_of(&client, "exec 2>&-; printf last; exec 1>&-; exit 0"), "last");
        assert_eq!(
            output_of(&client, &format!("(sleep 0.0{}; printf late) & exec 1>&- 2>&-; wait", round % 5)),
            "late"
        );
    }
}

/// Beside the property test of the mux: the client refuses an EXIT that is not the last.
#[test]
fn ends_and_exit_come_in_their_order_whatever_ends_first() {
    let server = serve();
    let client = connect(&server);
    let texts = ["exec 1>&-; exit 1", "exec 2>&-; echo x", "exec 1>&- 2>&-; exit 3", "echo y; kill -9 $$", ":"];
    for round in 0..rounds(100) as usize {
        sh(&client, texts[round % texts.len()]);
    }
    assert!(!client.is_closed());
}

#[test]
fn output_over_its_limit_is_delivered_up_to_it() {
    let server = serve_with(|options| options.output_limit = 100_000);
    let client = connect(&server);
    let error = client.run(&Command::shell("exec yes"), PATIENCE).unwrap_err();
    assert_eq!((error.status(), error.stdout().len()), (Status::Overflow, 100_000));
    let exact = sh(&client, "head -c 60000 /dev/zero; head -c 40000 /dev/zero >&2");
    assert_eq!((exact.stdout.len(), exact.stderr.len()), (60_000, 40_000));
    for _ in 0..50 {
        // It may have ended before anybody reads what it wrote.
        let own = client.run(&Command::shell("echo more").output_limit(3), PATIENCE).unwrap_err();
        assert_eq!((own.status(), own.stdout()), (Status::Overflow, &b"mor"[..]));
    }
}

#[test]
fn an_end_needs_no_credit() {
    let server = serve();
    let peer = support::raw::RawPeer::greet(&server);
    // Exactly what comes of the one, and nothing for the other.
    peer.send(&support::raw::run_with(1, "head -c 100000 /dev/zero; exit 9", 100_000));
    peer.send(&support::raw::run_with(2, "exit 8", 0));
    let mut codes = Vec::new();
    while codes.len() < 2 {
        let message = peer.recv();
        if message[0] == 0x95 {
            codes.push(message[6]);
        }
    }
    codes.sort_unstable();
    assert_eq!(codes, [8, 9]);
}

/// What a process has written so far.
fn written_by(pid: &str) -> u64 {
    let io = std::fs::read_to_string(format!("/proc/{}/io", pid.trim())).unwrap();
    io.lines().find_map(|line| line.strip_prefix("wchar: ")).unwrap().parse().unwrap()
}

#[test]
fn after_a_wait_that_has_timed_out_no_more_comes_than_is_read() {
    let server = serve();
    let text = "echo $$; read go; exec head -c 1000000000 /dev/zero";
    let job = connect(&server).spawn(&Command::shell(text).with_stdin(), PATIENCE).unwrap();
    let mut pid = String::new();
    BufReader::with_capacity(1, job.stdout()).read_line(&mut pid).unwrap();
    assert_eq!(job.wait(Duration::from_millis(20)).unwrap_err().status(), Status::TimedOut);
    job.write(b"go\n", PATIENCE).unwrap();
    // A window and a pipe may be full, and no read of a byte makes room for more.
    for round in 0..200 {
        assert_eq!(job.read(Output::Stdout, &mut [0], PATIENCE).unwrap(), 1);
        // Time for it to write what it must not.
        std::thread::sleep(Duration::from_millis(1));
        let written = written_by(&pid);
        assert!(written <= 1 << 20, "{written} bytes were written for a reader of {round}");
    }
}

#[test]
fn a_wait_keeps_so_much_of_what_nobody_reads_and_no_more() {
    let server = serve();
    let client = connect(&server);
    let job = client.spawn(&Command::shell("exec head -c 10000000000 /dev/zero"), PATIENCE).unwrap();
    assert_eq!(job.wait(PATIENCE).unwrap_err().status(), Status::Overflow);
    let error = job.communicate(b"", Duration::ZERO).unwrap_err();
    let kept = error.stdout().len();
    assert!((64 << 20..72 << 20).contains(&kept), "{kept} bytes were kept");
}

#[test]
fn an_output_over_its_limit_does_not_read_as_whole() {
    let server = serve();
    let client = connect(&server);
    let job = client.spawn(&Command::shell("exec yes").output_limit(1000), PATIENCE).unwrap();
    let mut bytes = Vec::new();
    let error = job.stdout().read_to_end(&mut bytes).unwrap_err();
    assert_eq!((bytes.len(), error.to_string().as_str()), (1000, "command 'exec yes' has written more than it may"));
    assert_eq!(job.read(Output::Stdout, &mut [0], PATIENCE).unwrap_err().status(), Status::Overflow);
}

/// A command that goes over its limit with one output is ended, and what else it would have written nobody knows.
#[test]
fn the_other_output_of_one_over_its_limit_does_not_read_as_whole_either() {
    let server = serve();
    let client = connect(&server);
    let texts = [("echo some >&2; exec yes", Output::Stderr), ("yes >&2; exit", Output::Stdout)];
    for (text, output) in texts.repeat(rounds(5) as usize) {
        let job = client.spawn(&Command::shell(text).output_limit(1000), PATIENCE).unwrap();
        assert_eq!(job.wait(PATIENCE).unwrap().kind, ExitKind::OutputLimit);
        let mut bytes = [0; 100];
        let error = loop {
            match job.read(output, &mut bytes, PATIENCE) {
                Ok(0) => panic!("{output:?} of {text} reads as whole"),
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.status(), Status::Overflow);
    }
}

#[test]
fn what_ended_before_the_limit_was_met_reads_as_whole() {
    let server = serve();
    let client = connect(&server);
    let texts = [
        ("exec 2>&-; read go; exec yes", Output::Stderr, Output::Stdout),
        ("exec 1>&2; read go; exec yes", Output::Stdout, Output::Stderr),
    ];
    for (text, ended, other) in texts {
        let job = client.spawn(&Command::shell(text).with_stdin().output_limit(1000), PATIENCE).unwrap();
        assert_eq!(job.read(ended, &mut [0], PATIENCE), Ok(0));
        job.write(b"go\n", PATIENCE).unwrap();
        assert_eq!(job.wait(PATIENCE).unwrap().kind, ExitKind::OutputLimit);
        assert_eq!(job.read(ended, &mut [0], PATIENCE), Ok(0));
        let read = job.read(other, &mut [0; 2000], PATIENCE).unwrap();
        assert_eq!((read, job.read(other, &mut [0], PATIENCE).unwrap_err().status()), (1000, Status::Overflow));
    }
}
