//! Children as they come into the world, and as they leave it.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use super::pipe::Ends;
use super::process::signal_by_number;
use super::*;

const PATIENCE: Duration = Duration::from_secs(30);

fn start_at(path: &CStr, argv: &[&str], directory: Option<&CStr>) -> Result<(Child, File), Failed> {
    let argv: Vec<_> = argv.iter().map(|arg| CString::new(*arg).unwrap()).collect();
    let Ends { ours, theirs } = pipe(false).unwrap();
    let null = File::open("/dev/null").unwrap();
    let standard = [null.as_fd(), theirs.as_fd(), theirs.as_fd()];
    let env = [c"PATH=/usr/bin:/bin".to_owned()];
    let child = spawn(&Program { path, argv: &argv, env: &env, directory, standard, cgroup: None })?;
    Ok((child, File::from(OwnedFd::from(ours))))
}

fn start(script: &str) -> (Child, File) {
    start_at(c"/bin/sh", &["sh", "-c", script], None).unwrap()
}

fn await_end(child: &Child) -> Status {
    let begin = Instant::now();
    loop {
        if let Some(status) = peek(child.pidfd.as_fd()) {
            return status;
        }
        assert!(begin.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
}

/// All that it writes.
fn output(mut pipe: File) -> String {
    let (mut text, begin) = (String::new(), Instant::now());
    loop {
        match pipe.read_to_string(&mut text) {
            Ok(_) => return text,
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        }
        assert!(begin.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
}

#[test]
fn a_child_has_no_signal_blocked_or_ignored_and_no_descriptor_but_three() {
    // Without close-on-exec: what a host program does.
    let leak = File::open("/dev/null").unwrap();
    // SAFETY: no pointers.
    let _leak = unsafe { libc::dup(leak.as_raw_fd()) };
    let script = "grep -E 'SigBlk|SigIgn' /proc/self/status; ls /proc/self/fd | tr '\\n' ' '";
    // A thread of the library has every signal blocked.
    let body = move || output(start(script).1);
    let text = std::thread::spawn(move || {
        let (send, receive) = std::sync::mpsc::channel();
        crate::net::spawn("test", move || send.send(body()).unwrap()).unwrap().join().unwrap();
        receive.recv().unwrap()
    });
    // ls itself has the folder open.
    let expected = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n0 1 2 3 ";
    assert_eq!(text.join().unwrap(), expected);
}

#[test]
fn a_child_leads_a_session_and_a_group_of_its_own() {
    let (child, pipe) = start("cut -d' ' -f5,6 /proc/$$/stat; kill -KILL $$");
    assert_eq!(output(pipe), format!("{0} {0}\n", child.pid));
    assert_eq!(await_end(&child), Status::Killed { signal: 9, core: false });
}

#[test]
fn who_has_ended_is_there_until_it_is_let_go() {
    let (child, _pipe) = start("exit 7");
    assert_eq!(await_end(&child), Status::Exited(7));
    assert_eq!(peek(child.pidfd.as_fd()), Some(Status::Exited(7)));
    assert!(signal_group(child.pidfd.as_fd(), child.pid, libc::SIGTERM, false).is_ok(), "its number is its own");
    assert!(reap(child.pidfd.as_fd()).max_rss > 0);
    // The system may have kept what it was.
    assert!(matches!(peek(child.pidfd.as_fd()), Some(Status::Exited(7) | Status::Lost)));
    assert!(signal_group(child.pidfd.as_fd(), child.pid, libc::SIGTERM, true).is_err());
}

#[test]
fn who_was_waited_for_by_somebody_else_is_told_of_or_lost() {
    let (child, _pipe) = start("exit 7");
    // SAFETY: no pointers but a null one.
    while unsafe { libc::waitpid(child.pid, std::ptr::null_mut(), 0) } != child.pid {}
    assert!(matches!(peek(child.pidfd.as_fd()), Some(Status::Exited(7) | Status::Lost)));
}

#[test]
fn a_group_outlives_its_leader_and_is_reached_all_the_same() {
    let (child, pipe) = start("sleep 300 & echo $!");
    assert_eq!(await_end(&child), Status::Exited(0));
    signal_group(child.pidfd.as_fd(), child.pid, libc::SIGKILL, false).unwrap();
    assert!(output(pipe).trim().parse::<u32>().is_ok(), "the end comes with the end of the last one");
    reap(child.pidfd.as_fd());
}

/// As before Linux 6.9.
#[test]
fn a_group_is_reached_by_its_number_while_its_leader_keeps_that() {
    let (child, pipe) = start("sleep 300 & echo $!");
    assert_eq!(await_end(&child), Status::Exited(0));
    signal_by_number(child.pidfd.as_fd(), child.pid, libc::SIGKILL).unwrap();
    assert!(output(pipe).trim().parse::<u32>().is_ok(), "the end comes with the end of the last one");
    reap(child.pidfd.as_fd());
    assert!(signal_by_number(child.pidfd.as_fd(), child.pid, libc::SIGKILL).is_err());
}

/// The group goes on, so that its number cannot be another one's here: what is tested is that nobody relies on that.
#[test]
fn a_number_that_the_host_has_let_go_of_is_signalled_no_more() {
    let (child, pipe) = start("sleep 300 & echo $!");
    // SAFETY: no pointers but a null one.
    while unsafe { libc::waitpid(child.pid, std::ptr::null_mut(), 0) } != child.pid {}
    assert!(signal_by_number(child.pidfd.as_fd(), child.pid, libc::SIGKILL).is_err());
    // SAFETY: no pointers. The group has one that lives, and was not signalled.
    assert_eq!(unsafe { libc::kill(-child.pid, libc::SIGKILL) }, 0);
    output(pipe);
}

#[test]
fn what_cannot_be_started_says_where_and_why_and_leaves_nothing() {
    let failed = |path, directory| {
        let Failed { step, error } = start_at(path, &["x"], directory).unwrap_err();
        (step, error.raw_os_error().unwrap())
    };
    assert_eq!(failed(c"/nowhere/at/all", None), (Step::Program, libc::ENOENT));
    assert_eq!(failed(c"/etc/passwd", None), (Step::Program, libc::EACCES));
    assert_eq!(failed(c"/bin/true", Some(c"/nowhere")), (Step::Directory, libc::ENOENT));
    let folder = std::env::temp_dir().join(format!("rustchat-spawn-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let script = folder.join("script");
    std::fs::write(&script, "#!/no/interpreter\n").unwrap();
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = CString::new(script.to_str().unwrap()).unwrap();
    assert_eq!(failed(&path, None), (Step::Program, libc::ENOENT));
    // While somebody writes to it.
    let _writer = File::options().write(true).open(&script).unwrap();
    assert_eq!(failed(&path, None), (Step::Program, libc::ETXTBSY));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_directory_is_where_it_runs() {
    let (_child, pipe) = start_at(c"/bin/sh", &["sh", "-c", "pwd"], Some(c"/usr")).unwrap();
    assert_eq!(output(pipe), "/usr\n");
}
