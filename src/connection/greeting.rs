//! The connecting side of the handshake.

use std::cell::Cell;
use std::io::IoSlice;
use std::time::Duration;

use super::Connection;
use crate::auth::{ClientAuth, Handshake, MAX_HANDSHAKE_BYTES};
use crate::net::{AdaptivePolling, Deadline};
use crate::{Error, Result, Status};

thread_local! {
    /// How long this thread's last handshakes took to be answered: a connection of its own has no past to judge by.
    static WAITS: Cell<Option<AdaptivePolling>> = const { Cell::new(None) };
}

impl Connection {
    /// Shakes hands over a stream that nothing was sent on, and remembers whom the peer has shown to be.
    pub(super) fn shake_hands(&mut self, auth: &ClientAuth, polling: Duration, deadline: &Deadline<'_>) -> Result<()> {
        let mut handshake = auth.begin()?;
        let mut waits = WAITS.take().unwrap_or_default().with_budget(polling);
        let result = self.exchange(&mut handshake, &mut waits, deadline);
        WAITS.set(Some(waits));
        result.map_err(|error| {
            // The peer is told that it is refused, if it can still be told.
            let _ = self.stream.try_send(&handshake.output());
            error.context(format_args!("handshake with {}", self.stream.peer()))
        })?;
        self.identity = handshake.identity().cloned();
        Ok(())
    }

    fn exchange(
        &mut self,
        handshake: &mut Handshake,
        waits: &mut AdaptivePolling,
        deadline: &Deadline<'_>,
    ) -> Result<()> {
        let mut buffer = [0; MAX_HANDSHAKE_BYTES];
        loop {
            self.send_all(&mut [IoSlice::new(&handshake.output())], deadline)?;
            if handshake.is_complete() {
                return Ok(());
            }
            let count = self.stream.recv_polling(&mut buffer, waits, deadline)?;
            if count == 0 {
                return Err(Error::new(
                    Status::AuthenticationFailed,
                    "authentication failed: the peer closed the connection",
                ));
            }
            let used = handshake.receive(&buffer[..count])?;
            self.receiver.get_mut().decoder.push(&buffer[used..count])?;
        }
    }
}
