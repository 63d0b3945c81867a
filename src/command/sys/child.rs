//! What happens between the birth of a child and its program: in the memory of its parent, one of whose threads waits.
//!
//! Nothing here may allocate, lock, panic or write to what other threads know of. All calls are the system's own: what stands
//! before them in the C library, such as a sanitizer's records of descriptors, would take them for calls of the parent.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use libc::syscall;

/// One more than the last signal.
const SIGNALS: c_int = 65;

/// What the child has to do, and what the parent finds when that has failed.
pub(super) struct Task<'p> {
    pub(super) path: &'p CStr,
    /// Pointers that end with null, and outlive the child's use of them.
    pub(super) argv: *const *const c_char,
    pub(super) env: *const *const c_char,
    pub(super) directory: Option<&'p CStr>,
    /// Each is above the three standard ones.
    pub(super) standard: [c_int; 3],
    /// A `cgroup.procs` that is open for writing.
    pub(super) cgroup: Option<c_int>,
    /// `errno` of the step that has failed; 0 if none has.
    pub(super) error: c_int,
    pub(super) step: Step,
}

/// What a child was at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::command) enum Step {
    Process,
    Session,
    Cgroup,
    Descriptors,
    Directory,
    Program,
}

impl Step {
    /// A word for it.
    pub(in crate::command) fn as_str(self) -> &'static str {
        match self {
            Step::Process => "process",
            Step::Session => "session",
            Step::Cgroup => "cgroup",
            Step::Descriptors => "descriptors",
            Step::Directory => "directory",
            Step::Program => "program",
        }
    }
}

/// The child, from its first instruction: becomes the program, or notes why not and ends.
///
/// # Safety
/// Called by clone(2) with `CLONE_VM` and `CLONE_VFORK`, all signals blocked, with a pointer to a [`Task`] that nobody else
/// uses.
pub(super) extern "C" fn child(task: *mut c_void) -> c_int {
    // SAFETY: as above; the parent's thread waits as long as this lives.
    let task = unsafe { &mut *task.cast::<Task<'_>>() };
    // SAFETY: all of these are system calls and nothing more, which a child of this kind may make, with pointers that live.
    // Only this process is concerned: it has descriptors, handlers and a mask of its own.
    unsafe {
        reset_handlers();
        if syscall(libc::SYS_setsid) < 0 {
            return fail(task, Step::Session);
        }
        if let Some(cgroup) = task.cgroup
            && syscall(libc::SYS_write, cgroup, c"0".as_ptr(), 1_usize) != 1
        {
            return fail(task, Step::Cgroup);
        }
        for (target, source) in (0 as c_int..).zip(task.standard) {
            if syscall(libc::SYS_dup3, source, target, 0 as c_int) < 0 {
                return fail(task, Step::Descriptors);
            }
        }
        if let Some(directory) = task.directory
            && syscall(libc::SYS_chdir, directory.as_ptr()) < 0
        {
            return fail(task, Step::Directory);
        }
        close_others();
        let (none, forgotten) = (0_u64, ptr::null_mut::<u64>());
        syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const none, forgotten, size_of::<u64>());
        syscall(libc::SYS_execve, task.path.as_ptr(), task.argv, task.env);
    }
    fail(task, Step::Program)
}

/// Signals that the host program ignores would be ignored by the command, too, and a handler of its would run here.
///
/// # Safety
/// In the child alone.
unsafe fn reset_handlers() {
    // The kernel's own structure, of whatever size: all bytes zero is SIG_DFL. The C library would refuse the signals that it
    // keeps for itself, which may be ignored, too.
    let default = [0_u64; 8];
    for signal in 1..SIGNALS {
        // Refused for the two that cannot be caught.
        // SAFETY: memory that lives, and a mask of 64 signals.
        unsafe {
            let none = ptr::null_mut::<c_void>();
            syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), none, size_of::<u64>());
        }
    }
}

/// Whatever the host program has open without close-on-exec.
///
/// # Safety
/// In the child alone.
unsafe fn close_others() {
    const FIRST: libc::c_uint = 3;
    // SAFETY: no pointers.
    let closed = unsafe { syscall(libc::SYS_close_range, FIRST, libc::c_uint::MAX, 0 as c_int) };
    if closed == 0 {
        return;
    }
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: room for the answer.
    unsafe {
        let unchanged = ptr::null::<libc::rlimit>();
        syscall(libc::SYS_prlimit64, 0 as c_int, libc::RLIMIT_NOFILE, unchanged, &raw mut limit)
    };
    for fd in FIRST as c_int..c_int::try_from(limit.rlim_cur).unwrap_or(c_int::MAX) {
        // SAFETY: no pointers.
        unsafe { syscall(libc::SYS_close, fd) };
    }
}

fn fail(task: &mut Task<'_>, step: Step) -> c_int {
    // SAFETY: it is this thread's own, which is the parent's that waits.
    let error = unsafe { *libc::__errno_location() };
    (task.error, task.step) = (error, step);
    // SAFETY: it ends this process at once, without what the host program does at its end.
    unsafe { syscall(libc::SYS_exit_group, 127 as c_int) };
    127
}
