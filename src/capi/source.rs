//! What a message has in it, and of whom it is.

use std::sync::Arc;

use super::attached::Attached;
use crate::chat::{Incoming, Member};

/// What was said, and who said it, as far as that is known. What is rare or large lies elsewhere.
pub(super) enum Source {
    Bytes(Vec<u8>),
    Said(Arc<str>, Arc<Member>),
    About(&'static str, Arc<Member>),
    Leaving(Box<Leaving>),
    Private(Box<Private>),
    Sentence(Box<Sentence>),
    Incoming(Box<Incoming>),
}

pub(super) struct Sentence {
    pub(super) text: String,
    pub(super) address: String,
}

/// What a member says to one other.
pub(super) struct Private {
    pub(super) text: Arc<str>,
    pub(super) from: Arc<Member>,
    pub(super) to: Arc<Member>,
}

/// A few words about a member that has left, with what the program had attached to it.
pub(super) struct Leaving {
    pub(super) text: &'static str,
    pub(super) member: Arc<Member>,
    pub(super) _attached: Arc<Attached>,
}

impl Source {
    /// The server's member that has said it, or that it is about.
    pub(super) fn member(&self) -> Option<&Member> {
        match self {
            Source::Said(_, member) | Source::About(_, member) => Some(member),
            Source::Leaving(leaving) => Some(&leaving.member),
            Source::Private(private) => Some(&private.from),
            Source::Bytes(_) | Source::Sentence(_) | Source::Incoming(_) => None,
        }
    }
}
