//! Why a handshake has failed, for the log.

use std::fmt;

use crate::opening::Opening;

/// What is to be told of a proof that was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing but that.
    Wrong,
    /// Its first bytes are of something else.
    Opening(Opening),
    /// It cannot do what this server asks for.
    Unfit(&'static str),
}

impl fmt::Display for Fault {
    /// Goes behind a colon; empty where nothing more is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Wrong => Ok(()),
            Fault::Opening(Opening::Tls) => write!(f, "it sent {}, and no TLS is set here", Opening::Tls),
            Fault::Opening(opening) => write!(f, "it sent {opening}"),
            Fault::Unfit(reason) => f.write_str(reason),
        }
    }
}
