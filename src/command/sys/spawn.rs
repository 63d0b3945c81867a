//! Starting a program.
//!
//! This is what posix_spawn(3) does, by the same means: a child that shares its parent's memory for the few system calls up
//! to exec, so that a large host pays no more than a small one. What posix_spawn has not is a descriptor of the process from
//! its first moment (`CLONE_PIDFD`), without which a host program that waits for all of its children can have the number go
//! to a stranger before anybody has asked, and a cgroup that the child is in before it runs, from which nothing can escape.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::{io, ptr};

use super::child::{Step, Task, child};
use super::process;

/// What the child's few calls need, with much to spare.
const STACK: usize = 64 * 1024;

unsafe extern "C" {
    /// See clone(2). The other name of the same function, where there is one: what ThreadSanitizer puts in its place takes every
    /// child for one of fork, which has memory of its own.
    #[cfg_attr(target_env = "gnu", link_name = "__clone")]
    #[cfg_attr(not(target_env = "gnu"), link_name = "clone")]
    fn clone_with_memory(
        child: extern "C" fn(*mut c_void) -> c_int,
        stack: *mut c_void,
        flags: c_int,
        argument: *mut c_void,
        ...
    ) -> c_int;
}

/// What to start, and how.
pub(in crate::command) struct Program<'p> {
    /// Where it is; never searched for.
    pub(in crate::command) path: &'p CStr,
    pub(in crate::command) argv: &'p [CString],
    pub(in crate::command) env: &'p [CString],
    pub(in crate::command) directory: Option<&'p CStr>,
    /// Its standard input, output and error, each above the numbers of these.
    pub(in crate::command) standard: [BorrowedFd<'p>; 3],
    /// A `cgroup.procs` that is open for writing: it is in that cgroup before it runs.
    pub(in crate::command) cgroup: Option<BorrowedFd<'p>>,
}

/// A process: a leader of a session and a group of its own.
#[derive(Debug)]
pub(in crate::command) struct Child {
    pub(in crate::command) pid: libc::pid_t,
    pub(in crate::command) pidfd: OwnedFd,
}

/// Where a start has failed. Nothing is left of it.
#[derive(Debug)]
pub(in crate::command) struct Failed {
    pub(in crate::command) step: Step,
    pub(in crate::command) error: io::Error,
}

/// Starts a program with no signal blocked or ignored and no descriptor but the three. Waits until it runs, which a file
/// system may make long.
pub(in crate::command) fn spawn(program: &Program<'_>) -> Result<Child, Failed> {
    let pointers = |texts: &[CString]| -> Vec<*const c_char> {
        texts.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect()
    };
    let (argv, env) = (pointers(program.argv), pointers(program.env));
    let mut task = Task {
        path: program.path,
        argv: argv.as_ptr(),
        env: env.as_ptr(),
        directory: program.directory,
        standard: program.standard.map(|fd| fd.as_raw_fd()),
        cgroup: program.cgroup.map(|fd| fd.as_raw_fd()),
        error: 0,
        step: Step::Process,
    };
    let (pid, pidfd) = clone(&mut task).map_err(|error| Failed { step: Step::Process, error })?;
    if task.error != 0 {
        process::await_end(pidfd.as_fd());
        return Err(Failed { step: task.step, error: io::Error::from_raw_os_error(task.error) });
    }
    Ok(Child { pid, pidfd })
}

/// Returns when the child has become the program, or has ended.
fn clone(task: &mut Task<'_>) -> io::Result<(libc::pid_t, OwnedFd)> {
    let mut stack = vec![MaybeUninit::<u128>::uninit(); STACK / size_of::<u128>()];
    let mut pidfd: c_int = -1;
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD | libc::SIGCHLD;
    let before = block_signals();
    // SAFETY: the child runs on a stack of its own, whose end is aligned, does what `child` may do, and is done with the task
    // and the stack when this returns. No handler of the host program can run in it: every signal is blocked here, and reset
    // there before it is let in.
    let pid = unsafe {
        let top = stack.as_mut_ptr_range().end;
        clone_with_memory(child, top.cast(), flags, ptr::from_mut(task).cast(), &raw mut pidfd)
    };
    let error = io::Error::last_os_error();
    // SAFETY: `before` is a mask that pthread_sigmask has returned.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, ptr::null_mut()) };
    if pid < 0 {
        return Err(error);
    }
    if pidfd < 0 {
        // Before Linux 5.2, which does not know what it was asked for. Nobody else has heard of this child.
        // SAFETY: no pointers but a null one.
        unsafe {
            libc::kill(pid, libc::SIGKILL);
            libc::waitpid(pid, ptr::null_mut(), 0);
        }
        return Err(io::ErrorKind::Unsupported.into());
    }
    // SAFETY: it is new, and nobody else's.
    Ok((pid, unsafe { OwnedFd::from_raw_fd(pidfd) }))
}

fn block_signals() -> libc::sigset_t {
    let (mut all, mut before) = (MaybeUninit::uninit(), MaybeUninit::uninit());
    // SAFETY: sigfillset initialises `all`; pthread_sigmask reads it and initialises `before`. Neither can fail here.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
        before.assume_init()
    }
}
