//! How commands come into the world, in host programs of all kinds.
#![allow(unsafe_code)] // what host programs do to their own processes

mod support;

use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command as Process, Output as ProcessOutput};

use rustchat::command::{Catalogue, Command, CommandServer, ExitKind, Refusal, Template};

use support::PATIENCE;
use support::commands::{connect, options, output_of, rounds, serve, sh, zombies};

/// Runs an ignored test of this program in a process of its own, by way of these words.
fn elsewhere(way: &[&str], test: &str) -> ProcessOutput {
    let own = std::env::current_exe().unwrap();
    let words = way.iter().map(std::ffi::OsStr::new).chain([own.as_os_str()]);
    let words: Vec<_> = words.chain(["--ignored", "--exact", "--nocapture", test].map(std::ffi::OsStr::new)).collect();
    Process::new(words[0]).args(&words[1..]).output().unwrap()
}

fn succeeds(output: &ProcessOutput) {
    let text = [&output.stdout[..], &output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&text));
}

#[test]
fn no_signal_is_blocked_or_ignored_in_a_command_whatever_the_host_does() {
    succeeds(&elsewhere(&[], "in_a_host_that_ignores_signals"));
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn in_a_host_that_ignores_signals() {
    for signal in [libc::SIGPIPE, libc::SIGCHLD, libc::SIGINT, libc::SIGUSR1] {
        // SAFETY: no handler, but a constant.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    let server = serve();
    let client = connect(&server);
    let text = output_of(&client, "grep -E '^Sig(Blk|Ign)' /proc/self/status");
    assert_eq!(text, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    // The system lets go of such a host's children itself.
    for _ in 0..50 {
        let exit = sh(&client, "exit 3").exit;
        assert!(matches!((exit.kind, exit.code()), (ExitKind::Exited, Some(3))) || is_lost(&client), "{exit}");
    }
}

/// Whether this system does not tell of those that others have waited for: before Linux 6.15.
fn is_lost(client: &rustchat::command::CommandClient) -> bool {
    client
        .run(&Command::shell("exit 3"), PATIENCE)
        .is_err_and(|error| error.exit().is_some_and(|exit| exit.kind == ExitKind::StatusLost && exit.code().is_none()))
}

#[test]
fn a_host_that_waits_for_all_children_costs_a_status_at_most() {
    succeeds(&elsewhere(&[], "in_a_host_that_waits_for_all_children"));
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn in_a_host_that_waits_for_all_children() {
    std::thread::spawn(|| {
        loop {
            // SAFETY: no pointers but a null one.
            unsafe { libc::waitpid(-1, std::ptr::null_mut(), 0) };
        }
    });
    let server = serve();
    let client = connect(&server);
    for code in 0..100 {
        match client.run(&Command::shell(format!("echo x; exit {code}")), PATIENCE) {
            Ok(done) => assert_eq!((done.exit.code(), done.stdout.len()), (Some(code), 2)),
            Err(error) => {
                assert_eq!(error.exit().map(|exit| (exit.kind, exit.code())), Some((ExitKind::StatusLost, None)));
                assert_eq!(error.stdout(), b"x\n");
            }
        }
    }
}

/// Whether the number of processes is a world's own: since Linux 6.14. Before, to set it would concern everybody.
fn worlds_have_limits() -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers = release.split(['.', '-']).map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next(), numbers.next()) >= (Some(6), Some(14))
}

/// At its full size with RUSTCHAT_ROUNDS=100000: in a world with few numbers, which come again soon.
#[test]
fn no_stranger_is_ever_signalled_however_often_numbers_come_again() {
    // The shell lets go of orphans, and so of their numbers, as the first process of a world has to.
    let world = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c"];
    let small = "echo 400 > /proc/sys/kernel/pid_max; \"$0\" \"$@\"; exit $?";
    let may = Process::new(world[0]).args(&world[1..]).arg("true").output().is_ok_and(|output| output.status.success());
    let way = if may && worlds_have_limits() { [&world[..], &[small]].concat() } else { Vec::new() };
    succeeds(&elsewhere(&way, "among_strangers"));
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn among_strangers() {
    let server = serve();
    let client = connect(&server);
    let mut strangers: Vec<_> = (0..10).map(|_| Process::new("/bin/sleep").arg("300").spawn().unwrap()).collect();
    for round in 0..rounds(600) {
        // With a survivor, so that the group is signalled behind its leader's end.
        assert!(sh(&client, if round % 2 == 0 { "exec true" } else { "sleep 300 >&- 2>&- &" }).exit.success());
        // Others come and go, and take the numbers.
        let place = round as usize % strangers.len();
        if round % 7 == 0 {
            assert!(strangers[place].try_wait().unwrap().is_none(), "a stranger was signalled");
            strangers[place].kill().unwrap();
            strangers[place].wait().unwrap();
            strangers[place] = Process::new("/bin/sleep").arg("300").spawn().unwrap();
        }
    }
    for stranger in &mut strangers {
        assert!(stranger.try_wait().unwrap().is_none(), "a stranger was signalled");
        stranger.kill().unwrap();
        stranger.wait().unwrap();
    }
}

#[test]
fn two_hundred_commands_at_once_have_three_descriptors_each() {
    // Without close-on-exec, as host programs have them.
    let file = std::fs::File::open("/dev/null").unwrap();
    // SAFETY: no pointers.
    let leak = unsafe { libc::dup(file.as_raw_fd()) };
    let server = serve();
    let client = connect(&server);
    std::thread::scope(|scope| {
        for _ in 0..200 {
            // ls has the folder open as well.
            scope.spawn(|| assert_eq!(output_of(&client, "exec ls /proc/self/fd"), "0\n1\n2\n3\n"));
        }
    });
    // SAFETY: no pointers.
    unsafe { libc::close(leak) };
}

#[test]
fn what_cannot_be_started_is_refused_and_leaves_nothing() {
    let folder = std::env::temp_dir().join(format!("rustchat-commands-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str, mode| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let busy = file("busy", "#!/bin/sh\n", 0o755);
    let catalogue = Catalogue::new()
        .command("missing", Template::new("/nowhere/at/all"))
        .command("folder", Template::new("/usr"))
        .command("plain", Template::new(file("plain", "echo", 0o644)))
        .command("interpreter", Template::new(file("interpreter", "#!/no/such/thing\n", 0o755)))
        .command("text", Template::new(file("text", "no program at all", 0o755)))
        .command("busy", Template::new(&busy))
        .command("nowhere", Template::new("/bin/true").directory("/nowhere"));
    let server = CommandServer::start(options(), catalogue).unwrap();
    let client = connect(&server);
    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = descriptors();
    let writer = std::fs::File::options().write(true).open(&busy).unwrap();
    for (name, expected) in [
        ("missing", Refusal::NotExecutable),
        ("folder", Refusal::NotExecutable),
        ("plain", Refusal::NotExecutable),
        ("interpreter", Refusal::NotExecutable),
        ("text", Refusal::NotExecutable),
        ("busy", Refusal::SpawnFailed),
        ("nowhere", Refusal::SpawnFailed),
    ] {
        for _ in 0..10 {
            let error = client.run(&Command::new(name), PATIENCE).unwrap_err();
            assert_eq!(error.refusal(), Some(expected), "{name}: {error}");
        }
    }
    drop(writer);
    assert_eq!((server.stats().started, server.stats().refused), (0, 70));
    support::eventually("no descriptor is left", || descriptors() <= before);
    support::eventually("nobody waits to be buried", || zombies() == 0);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Out of processes, and out of room for pipes. Neither is for a superuser, whom no limit holds.
#[test]
fn a_user_who_has_used_up_processes_and_pipes_is_told_so_and_gets_what_there_is() {
    // SAFETY: no pointers.
    let way: &[&str] = if unsafe { libc::geteuid() } == 0 {
        &["setpriv", "--reuid=64999", "--regid=64999", "--clear-groups", "--inh-caps=-all"]
    } else {
        &[]
    };
    let tried = elsewhere(way, "as_a_user_like_others");
    let text = String::from_utf8_lossy(&tried.stderr);
    if !way.is_empty() && !tried.status.success() && text.contains("Permission denied") && text.contains("setpriv") {
        return eprintln!("nobody else may run this program");
    }
    succeeds(&tried);
}

#[test]
#[ignore = "run by another test, as a user without rights"]
fn as_a_user_like_others() {
    let server = serve();
    let client = connect(&server);
    // The soft limit of pages is for all pipes of a user: past it new pipes have one or two.
    let mut hoard = Vec::new();
    for _ in 0..100 {
        let (reader, writer) = std::io::pipe().unwrap();
        // SAFETY: no pointers.
        let size = unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_SETPIPE_SZ, 1 << 20) };
        hoard.push((reader, writer));
        if size < 0 {
            break;
        }
    }
    let done = client.run(&Command::shell("cat; head -c 3000000 /dev/zero").input(vec![7; 300_000]), PATIENCE).unwrap();
    assert_eq!(done.stdout.len(), 3_300_000);
    drop(hoard);
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a value that lives.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NPROC, &raw const none) }, 0);
    let error = client.run(&Command::shell("true"), PATIENCE).unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::SpawnFailed), "{error}");
    assert!(error.to_string().contains("temporarily unavailable"), "{error}");
    // Nothing of the connection has suffered.
    assert_eq!(client.run(&Command::shell("true"), PATIENCE).unwrap_err().refusal(), Some(Refusal::SpawnFailed));
}
