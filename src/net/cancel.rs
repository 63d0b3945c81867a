//! A word from another thread that ends a wait.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Signal;
use crate::{Error, Result, Status};

/// Ends calls that have it in their [`Deadline`](super::Deadline), with `Closed`: those that wait, and all later ones.
///
/// For calls that make what could be closed, such as a connect with its look-up and its handshake.
#[derive(Debug)]
pub struct Cancel {
    cancelled: AtomicBool,
    signal: Signal,
}

impl Cancel {
    /// One that nobody has used.
    pub fn new() -> Result<Cancel> {
        Ok(Cancel { cancelled: AtomicBool::new(false), signal: Signal::new()? })
    }

    /// Ends the calls. Never waits; may be repeated, from any thread.
    pub fn cancel(&self) {
        if !self.cancelled.swap(true, Ordering::SeqCst) {
            self.signal.set();
        }
    }

    pub(super) fn signal(&self) -> &Signal {
        &self.signal
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.cancelled.load(Ordering::SeqCst) {
            return Err(Error::new(Status::Closed, "cancelled"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::net::{Deadline, Endpoint, Queue, Stream};

    #[test]
    fn it_ends_whatever_waits_with_it_and_what_begins_later() {
        let path = std::env::temp_dir().join(format!("rustchat-cancel-{}", std::process::id()));
        let silent = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let cancel = Cancel::new().unwrap();
        let endpoint = Endpoint::unix(&path);
        let stream = Stream::connect(&endpoint, Duration::from_secs(30)).unwrap();
        let queue = Queue::<()>::new();
        let receive =
            || stream.recv(&mut [0], &Deadline::after(Duration::from_secs(30)).with_cancel(&cancel)).map(drop);
        let forever = || Deadline::never().with_cancel(&cancel);
        thread::scope(|scope| {
            let calls = [
                scope.spawn(receive),
                scope.spawn(|| stream.recv(&mut [0], &forever()).map(drop)),
                scope.spawn(|| queue.wait(&forever(), "wait", |_| ())),
                scope.spawn(|| {
                    let mut streams = Vec::new();
                    loop {
                        // Sooner or later the backlog is full.
                        streams.push(Stream::connect(&endpoint, forever())?);
                    }
                }),
            ];
            thread::sleep(Duration::from_millis(100));
            cancel.cancel();
            for call in calls {
                assert_eq!(call.join().unwrap().unwrap_err().status(), Status::Closed);
            }
        });
        assert_eq!(receive().unwrap_err().status(), Status::Closed);
        drop(silent);
        std::fs::remove_file(path).unwrap();
    }
}
