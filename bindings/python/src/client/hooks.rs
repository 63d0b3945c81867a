//! The client's hooks: called on the thread that receives.

use pyo3::prelude::*;
use rustchat::chat::{ClientEvent, Incoming, IncomingKind};

use super::{ChatClient, Message};
use crate::hook::{Owner, Raised, done, is_overridden};

/// The hooks that a subclass has overridden.
pub(super) struct Hooks {
    owner: Owner,
    messages: bool,
    events: bool,
    end: bool,
}

impl Hooks {
    /// `None` when nothing is overridden: then messages wait for `recv()`.
    pub(super) fn of(client: &Bound<'_, ChatClient>) -> PyResult<Option<Hooks>> {
        let overridden = |hook| is_overridden::<ChatClient>(client, hook);
        let hooks = Hooks {
            owner: Owner::new(client)?,
            messages: overridden("on_message")?,
            events: overridden("on_event")?,
            end: overridden("on_disconnect")?,
        };
        Ok((hooks.messages || hooks.events || hooks.end).then_some(hooks))
    }

    pub(super) fn event(&self, event: ClientEvent) {
        match event {
            ClientEvent::Incoming(incoming) => self.received(incoming),
            ClientEvent::Closed(reason) if self.end => {
                self.owner.call("on_disconnect", (reason.map(Raised),), done);
            }
            ClientEvent::Closed(Some(reason)) => ::log::warn!("the client is disconnected: {reason}"),
            _ => {}
        }
    }

    fn received(&self, incoming: Incoming) {
        let said = matches!(incoming.kind, IncomingKind::Message | IncomingKind::Direct);
        let (wanted, hook) = if said { (self.messages, "on_message") } else { (self.events, "on_event") };
        if let (false, Some(refusal)) = (wanted, incoming.refusal()) {
            ::log::warn!("{refusal}");
        }
        if wanted {
            self.owner.call(hook, (Message::from(incoming),), done);
        }
    }
}
