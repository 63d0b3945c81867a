//! How connections are made.

use crate::frame::Framing;
use crate::options::options;
use crate::reactor::{Listening, listening};

/// What everybody who connects has in common.
macro_rules! connecting {
    ($($for:tt)*) => { $crate::options::options! { @set connecting Connecting {
        /// What proves us, and in all profiles but the tutorials' the server, too.
        ///
        /// `None`: no handshake.
        auth: ClientAuth = None;
        /// TLS, and whom it takes for the server. With a secret in the profile mutual that alone is enough: nothing of the session
        /// is sent or believed before both ends have proved it over this very channel, whatever certificate the server has.
        ///
        /// `None`: plain.
        tls: Tls = None;
        /// How long looking up, connecting and shaking hands may take together. With TLS or a secret, a server that does not say a byte is
        /// given up before: after a tenth of it, a second or twenty times what connecting took, whichever is the longest. One that
        /// may be busy for longer wants a larger timeout.
        timeout: Patience = 10.0;
        /// How long a thread may wait awake for what comes, yielding its core, while its last waits were shorter than this,
        /// which saves its wake-ups; 10 ms at most. In a quiet or irregular dialogue nothing is polled.
        polling: Seconds = 0.0001, zero is "to sleep always";
    } $($for)* } };
}
pub(crate) use connecting;

connecting! { @define }

options! {
    /// How to connect.
    pub struct ConnectOptions;
    rows {
        /// How messages are told apart.
        framing: Framing = Framing::U32Be;
    }
    shared connecting;
    rows {
        /// Longest message in bytes, in both directions.
        frame_limit: Count = 0, zero is "16 MiB, 8 KiB for lines", keyword is "limit";
    }
}

options! {
    /// How to accept connections.
    pub struct AcceptOptions;
    rows {
        /// How messages are told apart.
        framing: Framing = Framing::U32Be;
    }
    shared listening;
    rows {
        /// Longest message in bytes, in both directions.
        frame_limit: Count = 0, zero is "16 MiB, 8 KiB for lines", keyword is "limit";
    }
}

impl ConnectOptions {
    pub(super) fn frame_limit(&self) -> usize {
        limit_or_default(self.frame_limit, self.framing)
    }
}

impl AcceptOptions {
    pub(super) fn frame_limit(&self) -> usize {
        limit_or_default(self.frame_limit, self.framing)
    }
}

fn limit_or_default(limit: usize, framing: Framing) -> usize {
    if limit == 0 { framing.default_limit() } else { limit }
}
