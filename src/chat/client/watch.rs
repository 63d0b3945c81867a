//! How long a client's server may be silent.

use std::time::Duration;

use super::returning::Returning;
use crate::frame::Framing;
use crate::{Error, Result, Status};

/// How long a server may take to greet before it is asked whether it speaks as we do. An answer is awaited as long as it takes.
const PROBE_AFTER: Duration = Duration::from_millis(300);

/// A client that comes back asks a server of message chat that has been silent for so long whether it is still there.
const SILENCE: Duration = Duration::from_secs(30);

/// How long it waits for the answer, or for anything else.
const ANSWER: Duration = Duration::from_secs(15);

/// The same before the server has taken it in, which its program may have to think about.
const WELCOME: Duration = Duration::from_secs(60);

/// How long a server of line chat may be silent that was asked for a name, and may know none.
const NAMED: Duration = Duration::from_secs(2);

/// How long a server may be silent.
pub(super) struct Watch {
    /// Of a client that comes back to a server of message chat, which answers pings.
    guards: bool,
    patience: Option<Duration>,
    asked: bool,
}

impl Watch {
    pub(super) fn new(framing: Framing, returning: Option<&Returning>) -> Watch {
        let is_arriving = returning.is_some_and(Returning::is_arriving);
        // Servers of message chat greet at once; what a silent one speaks shows when it is asked for something. One of line chat
        // sends at once away whom it sends away.
        let patience = (framing != Framing::Line || is_arriving).then_some(PROBE_AFTER);
        let patience = Watch::for_name(returning).or(patience);
        Watch { guards: framing != Framing::Line && returning.is_some(), patience, asked: false }
    }

    pub(super) fn patience(&self) -> Option<Duration> {
        self.patience
    }

    pub(super) fn heard(&mut self, returning: Option<&Returning>) {
        (self.patience, self.asked) = (self.guards.then_some(SILENCE).or(Watch::for_name(returning)), false);
    }

    fn for_name(returning: Option<&Returning>) -> Option<Duration> {
        returning.is_some_and(Returning::awaits_name).then_some(NAMED)
    }

    /// It is asked whether it is there; an error if it has not answered that before.
    pub(super) fn asked(&mut self, welcomed: bool) -> Result<()> {
        if self.asked {
            return Err(Error::new(Status::TimedOut, "the server is silent, and answers no ping"));
        }
        let patience = if welcomed { ANSWER } else { WELCOME };
        (self.patience, self.asked) = (self.guards.then_some(patience), true);
        Ok(())
    }
}
