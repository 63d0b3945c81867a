//! What ends with the last handle of a client, and the last of its commands.

use std::sync::Arc;
use std::thread::JoinHandle;

use super::reader;
use super::shared::Shared;
use crate::net::Threads;
use crate::sync::Mutex;

pub(super) struct Owner {
    pub(super) threads: Threads,
    pub(super) shared: Arc<Shared>,
    /// What the server takes of a command and its arguments.
    pub(super) argument_bytes: u32,
    /// How many commands it runs at a time.
    pub(super) commands: u16,
    pub(super) thread: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        reader::say_goodbye(&self.shared);
        self.shared.connection.close();
        if let Some(thread) = self.thread.get_mut().take().filter(|_| !self.threads.is_current()) {
            // A panic of the reader's was logged where it happened.
            let _ = thread.join();
        }
    }
}
