//! Names of members: how they come to them, and how they are found by them.

use std::sync::Arc;

use serde_json::json;

use super::call::Call;
use super::hub::Hub;
use super::member::{Member, MemberId};
use super::wire::LOBBY;
use crate::Result;

impl Hub {
    /// A member chooses a name, or gives its name up; returns whether that is a change. In line chat the others are told.
    pub(super) fn rename(&self, member: &Arc<Member>, name: Option<&str>) -> Result<bool> {
        let is_changed = self.room.rename(member, name, |log, before| {
            if self.wire.commands && !log.closed {
                let what = name.map_or("has no name".to_owned(), |name| format!("is called {name}"));
                let head = self.wire.head(before, member.label());
                self.notice(log, &format!("* {head}: {what}"), member.id());
            }
        })?;
        if is_changed {
            log::info!("{} ({}) is called {:?}", member.label(), member.id(), name.unwrap_or_default());
            self.commons.wake_all();
        }
        Ok(is_changed)
    }

    /// The embedder names a member, or takes its name away; the member is told.
    pub(super) fn give_name(&self, id: MemberId, name: Option<&str>) -> Result<()> {
        let (member, peer) = self.find(id)?;
        if !self.rename(&member, name)? || (self.wire.is_line() && !self.wire.commands) {
            return Ok(());
        }
        self.tell(peer, Call::Sign(peer));
        let fields = json!({"type": "name", "room": LOBBY, "name": name, "id": id});
        let chunk = self.wire.private(&self.clock(), &self.signature, &your_name(name), &fields);
        self.tell(peer, Call::Send { to: peer, chunk, reserved: 0 });
        Ok(())
    }
}

/// What line chat tells a member that has got a name, or lost it.
pub(super) fn your_name(name: Option<&str>) -> String {
    name.map_or("* you have no name".to_owned(), |name| format!("* your name is {name}"))
}
