//! What clients send to their commands.

mod support;

use std::io::Write;

use rustchat::Status;
use rustchat::command::{Command, Output};

use support::PATIENCE;
use support::commands::{connect, rounds, serve};

#[test]
fn no_tail_of_the_input_is_lost_and_output_behind_its_end_still_comes() {
    let server = serve();
    let client = connect(&server);
    for size in [0, 1, 65_535, 65_536, 65_537, 1_000_000] {
        let input: Vec<u8> = (0..size).map(|index| (index % 251) as u8).collect();
        let done = client.run(&Command::shell("exec cat").input(&input), PATIENCE).unwrap();
        assert!(done.stdout == input, "{size}");
    }
    for _ in 0..rounds(50) {
        let done = client.run(&Command::shell("cat; sleep 0.01; echo behind").input("x"), PATIENCE).unwrap();
        assert_eq!(done.stdout, b"xbehind\n");
    }
}

#[test]
fn without_input_a_command_finds_the_end_of_it() {
    let server = serve();
    assert_eq!(connect(&server).run(&Command::shell("exec cat"), PATIENCE).unwrap().stdout, b"");
}

#[test]
fn a_command_that_has_had_enough_of_its_input_is_no_failure() {
    let server = serve();
    let client = connect(&server);
    let input = vec![b'x'; 20_000_000];
    let done = client.run(&Command::shell("exec 0<&-; echo enough").input(&input), PATIENCE).unwrap();
    assert_eq!(done.stdout, b"enough\n");
    let done = client.run(&Command::shell("exec head -c 5").input(&input), PATIENCE).unwrap();
    assert_eq!(done.stdout, b"xxxxx");
    // Closed while the command goes on.
    let job = client.spawn(&Command::shell("exec 0<&-; echo closed; exec sleep 300").with_stdin(), PATIENCE).unwrap();
    assert!(job.read(Output::Stdout, &mut [0; 10], PATIENCE).unwrap() > 0);
    let error = loop {
        match job.write(&input[..1000], PATIENCE) {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.status(), Status::Closed);
    let broken = job.stdin().write(b"x").unwrap_err();
    assert_eq!(broken.kind(), std::io::ErrorKind::BrokenPipe);
}

#[test]
fn input_that_is_not_taken_waits_at_the_client() {
    let server = serve();
    let job = connect(&server).spawn(&Command::shell("exec sleep 300").with_stdin(), PATIENCE).unwrap();
    let bytes = vec![0; 100_000];
    let mut sent = 0;
    let error = loop {
        match job.write(&bytes, std::time::Duration::from_millis(100)) {
            Ok(count) => sent += count,
            Err(error) => break error,
        }
    };
    assert_eq!(error.status(), Status::TimedOut);
    // A window at the server and a pipe.
    assert!(sent <= 64 * 1024 * 3, "{sent}");
}

#[test]
fn input_behind_its_end_is_the_error_of_that_call_alone() {
    let server = serve();
    let client = connect(&server);
    let other = client.spawn(&Command::shell("exec cat").with_stdin(), PATIENCE).unwrap();
    let job = client.spawn(&Command::shell("cat; exec sleep 300").with_stdin(), PATIENCE).unwrap();
    job.write(b"x", PATIENCE).unwrap();
    job.close_stdin().unwrap();
    job.close_stdin().unwrap();
    assert_eq!(job.write(b"y", PATIENCE).unwrap_err().status(), Status::BadState);
    assert_eq!(job.communicate(b"y", PATIENCE).unwrap_err().status(), Status::BadState);
    let without = client.spawn(&Command::shell("exec cat"), PATIENCE).unwrap();
    assert_eq!(without.write(b"y", PATIENCE).unwrap_err().status(), Status::BadState);
    assert_eq!(without.communicate(b"y", PATIENCE).unwrap_err().status(), Status::BadState);
    assert_eq!(without.communicate(b"", PATIENCE).unwrap().stdout, b"");
    // All of them go on.
    let mut buffer = [0; 10];
    assert_eq!((job.read(Output::Stdout, &mut buffer, PATIENCE), buffer[0]), (Ok(1), b'x'));
    assert_eq!(other.communicate(b"on", PATIENCE).unwrap().stdout, b"on");
    assert!(!client.is_closed());
}

#[test]
fn threads_may_write_and_end_the_input_at_the_same_time() {
    let server = serve();
    let client = connect(&server);
    for _ in 0..rounds(200) {
        let job = client.spawn(&Command::shell("exec cat >/dev/null").with_stdin(), PATIENCE).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..3 {
                        match job.write(b"some", PATIENCE) {
                            Ok(count) => assert_eq!(count, 4),
                            // It may be over by then.
                            Err(error) => {
                                assert!(matches!(error.status(), Status::BadState | Status::Closed), "{error}")
                            }
                        }
                    }
                });
            }
            scope.spawn(|| job.close_stdin().unwrap());
        });
        assert!(job.wait(PATIENCE).unwrap().success());
    }
    assert!(!client.is_closed());
}
