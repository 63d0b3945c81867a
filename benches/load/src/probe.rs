//! What a process has used: CPU time and memory.

use std::fs;

use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;
use serde::Serialize;

/// A process to be watched.
pub(crate) struct Probe {
    pid: i32,
    clock: ClockId,
}

/// Resident memory in KiB.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Memory {
    pub(crate) resident: u64,
    pub(crate) peak: u64,
}

impl Probe {
    /// Watches a process by its number.
    pub(crate) fn new(pid: i32) -> Result<Probe, String> {
        let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(pid)).map_err(|error| format!("process {pid}: {error}"))?;
        Ok(Probe { pid, clock })
    }

    /// CPU time of all its threads so far, in seconds. The process's own clock, since the 10 ms ticks of /proc are too
    /// coarse for a single broadcast.
    pub(crate) fn cpu(&self) -> f64 {
        seconds(self.clock)
    }

    /// Its resident memory; zero when it is gone.
    pub(crate) fn memory(&self) -> Memory {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
        };
        Memory { resident: field("VmRSS:"), peak: field("VmHWM:") }
    }
}

/// CPU time of this process so far, in seconds.
pub(crate) fn own_cpu() -> f64 {
    seconds(ClockId::CLOCK_PROCESS_CPUTIME_ID)
}

fn seconds(clock: ClockId) -> f64 {
    clock_gettime(clock).map_or(0.0, |time| time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_this_process() {
        let probe = Probe::new(std::process::id() as i32).unwrap();
        assert!((probe.cpu() - own_cpu()).abs() < 0.1);
        let memory = probe.memory();
        assert!(memory.resident > 100 && memory.peak >= memory.resident);
    }
}
