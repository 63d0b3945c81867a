//! The processes of one command. Dropped, they are killed: none outlives its server by oversight.

use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::time::{Duration, Instant};

use super::cgroup::Cgroup;
use super::sys::{self, Child, Status, Usage};
use crate::net::PrivateFd;

/// How long somebody who was killed may take to be gone, for whom nobody waits any more.
const DYING: Duration = Duration::from_secs(1);

pub(super) struct Process {
    pid: libc::pid_t,
    pidfd: PrivateFd,
    cgroup: Option<Cgroup>,
    reaped: bool,
}

impl Process {
    pub(super) fn new(child: Child, cgroup: Option<Cgroup>) -> Process {
        Process { pid: child.pid, pidfd: child.pidfd.into(), cgroup, reaped: false }
    }

    /// Readable when its leader has ended; open as long as this lives.
    pub(super) fn pidfd(&self) -> RawFd {
        self.pidfd.as_raw_fd()
    }

    /// How its leader has ended, if it has.
    pub(super) fn peek(&self) -> Option<Status> {
        sys::peek(self.pidfd.as_fd())
    }

    /// Sends a signal to all of its group.
    pub(super) fn signal(&self, signal: u8) -> bool {
        sys::signal_group(self.pidfd.as_fd(), self.pid, signal.into(), self.reaped).is_ok()
    }

    /// Kills its group, and all of its cgroup; whether there was anybody.
    pub(super) fn kill(&self) -> bool {
        let in_group = self.signal(libc::SIGKILL as u8);
        self.cgroup.as_ref().is_some_and(Cgroup::kill) | in_group
    }

    /// Lets go of its leader, which has ended.
    pub(super) fn reap(&mut self) -> Usage {
        self.reaped = true;
        sys::reap(self.pidfd.as_fd())
    }

    /// Its cgroup, to be [removed](Cgroup::remove) by who can wait.
    pub(super) fn take_cgroup(&mut self) -> Option<Cgroup> {
        self.cgroup.take()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.reaped {
            self.kill();
            let begin = Instant::now();
            while self.peek().is_none() && begin.elapsed() < DYING {
                std::thread::sleep(Duration::from_millis(1));
            }
            self.reap();
        }
        if let Some(cgroup) = &self.cgroup {
            cgroup.kill();
            cgroup.remove();
        }
    }
}
