//! What may block, and is done on threads of its own: starting a program waits for its file system.

use std::ffi::{CString, NulError};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::begin::stopping;
use super::cgroup::Cgroup;
use super::errand::{Call, Errand, Order, Started};
use super::hub::Hub;
use super::process::Process;
use super::sys::{self, Failed, Program, Step};
use super::template::{Line, Refused};
use super::wire::Refusal;
use crate::error::sentence;
use crate::net::Deadline;
use crate::reactor::Body;

/// More threads than that start nothing sooner.
const MOST_THREADS: usize = 4;

/// The threads that do errands.
pub(super) fn bodies(hub: &Arc<Hub>) -> Vec<Body> {
    let count = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let body = |index| {
        let hub = Arc::clone(hub);
        (format!("rustchat-spawn-{index}"), Box::new(move || run(&hub)) as Box<dyn FnOnce() + Send>)
    };
    (0..count).map(body).collect()
}

fn run(hub: &Hub) {
    // It ends when no worker has commands any more; what was asked for before that is still done.
    while let Ok(Some(errand)) = hub.errands.wait(&Deadline::never(), "errands", |errands| errands.pop_front()) {
        match errand {
            Errand::Remove(cgroup) => cgroup.remove(),
            Errand::Bury(process) => drop(process),
            Errand::Start(order) => {
                let (worker, job) = (order.worker, order.job);
                let started = if hub.is_closing() { Err(stopping()) } else { start(hub, &order) };
                let call = match started {
                    Ok(started) => Call::Started(job, Box::new(started)),
                    Err(refused) => Call::Refused(job, refused),
                };
                hub.commons.inboxes()[worker].send(call);
            }
        }
    }
}

fn start(hub: &Hub, order: &Order) -> Result<Started, Refused> {
    let pipe = |to_child| sys::pipe(to_child).map_err(|error| unstarted("pipe", &error));
    let stdin = order.stdin.then(|| pipe(true)).transpose()?;
    let stdout = pipe(false)?;
    let stderr = (!order.merge).then(|| pipe(false)).transpose()?;
    let cgroup = hub.options.cgroup.as_ref().map(|root| Cgroup::create(Path::new(root))).transpose();
    let cgroup = cgroup.map_err(|error| unstarted("cgroup", &error))?;
    let door = cgroup.as_ref().map(Cgroup::door).transpose().map_err(|error| unstarted("cgroup", &error))?;
    let input = stdin.as_ref().map_or(hub.empty.as_fd(), |ends| ends.theirs.as_fd());
    let error = stderr.as_ref().map_or(stdout.theirs.as_fd(), |ends| ends.theirs.as_fd());
    let standard = [input, stdout.theirs.as_fd(), error];
    let child = launch(&order.line, &order.environment, standard, door.as_ref());
    let child = child.inspect_err(|_| {
        if let Some(cgroup) = &cgroup {
            cgroup.remove();
        }
    })?;
    Ok(Started {
        process: Process::new(child, cgroup),
        stdin: stdin.map(|ends| ends.ours),
        outputs: [Some(stdout.ours), stderr.map(|ends| ends.ours)],
    })
}

fn launch(
    line: &Line,
    environment: &[Vec<u8>],
    standard: [BorrowedFd<'_>; 3],
    cgroup: Option<&File>,
) -> Result<sys::Child, Refused> {
    let strings =
        |texts: &[Vec<u8>]| -> Result<Vec<_>, _> { texts.iter().map(|text| CString::new(text.as_slice())).collect() };
    let path = |path: &PathBuf| CString::new(path.as_os_str().as_bytes());
    let nul = |_: NulError| (Refusal::Nul, Refusal::Nul.to_string());
    let directory = line.directory.as_ref().map(path).transpose().map_err(nul)?;
    let program = Program {
        path: &path(&line.program).map_err(nul)?,
        argv: &strings(&line.argv).map_err(nul)?,
        env: &strings(environment).map_err(nul)?,
        directory: directory.as_deref(),
        standard,
        cgroup: cgroup.map(AsFd::as_fd),
    };
    sys::spawn(&program).map_err(|Failed { step, error }| {
        let is_missing =
            matches!(error.raw_os_error(), Some(libc::ENOENT | libc::EACCES | libc::ENOEXEC | libc::ENOTDIR));
        match step {
            Step::Program if is_missing => {
                (Refusal::NotExecutable, format!("{}: {}", Refusal::NotExecutable, sentence(&error)))
            }
            step => unstarted(step.as_str(), &error),
        }
    })
}

fn unstarted(step: &str, error: &io::Error) -> Refused {
    (Refusal::SpawnFailed, format!("{}: {step}: {}", Refusal::SpawnFailed, sentence(error)))
}
