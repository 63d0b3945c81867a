//! The client's hooks: called on the thread that receives.

use std::sync::Arc;

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
    back: bool,
}

impl Hooks {
    /// `None` when nothing is overridden: then messages wait for `recv()`.
    pub(super) fn of(client: &Bound<'_, ChatClient>) -> PyResult<Option<Hooks>> {
        let overridden = |hook| is_overridden::<ChatClient>(client, hook);
        let hooks = Hooks {
            owner: Owner::new(client, Arc::downgrade(&client.get().run) as _)?,
            messages: overridden("on_message")?,
            events: overridden("on_event")?,
            end: overridden("on_disconnect")?,
            back: overridden("on_reconnect")?,
        };
        Ok((hooks.messages || hooks.events || hooks.end || hooks.back).then_some(hooks))
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
        match incoming.kind {
            IncomingKind::Disconnected if self.end => {
                self.owner.call("on_disconnect", (incoming.loss().map(Raised),), done);
            }
            IncomingKind::Reconnected if self.back => {
                self.owner.call("on_reconnect", (), done);
            }
            IncomingKind::Disconnected => {
                ::log::warn!("the client is disconnected, and tries again: {}", incoming.text)
            }
            IncomingKind::Reconnected => {}
            _ => self.heard(incoming),
        }
    }

    fn heard(&self, incoming: Incoming) {
        let said = matches!(incoming.kind, IncomingKind::Message | IncomingKind::Direct);
        let (wanted, hook) = if said { (self.messages, "on_message") } else { (self.events, "on_event") };
        if !wanted {
            match incoming.kind {
                IncomingKind::Refused => incoming.refusal().iter().for_each(|refusal| ::log::warn!("{refusal}")),
                IncomingKind::Gap => ::log::warn!("{}", incoming.text),
                IncomingKind::Unconfirmed => ::log::warn!("perhaps not said: {:?}", incoming.text),
                _ => {}
            }
        }
        if wanted {
            self.owner.call(hook, (Message::from(incoming),), done);
        }
    }
}
