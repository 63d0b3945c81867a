//! Names of members: how they come to them, and how they are found by them.

use std::sync::Arc;

use serde_json::json;

use super::call::Call;
use super::event::Event;
use super::hub::Hub;
use super::member::{Member, MemberId};
use super::server::ChatServer;
use super::wire::LOBBY;
use crate::{Error, Result, Status};

impl ChatServer {
    /// The member of this name, or of one that differs from it only in case, width or composition; the one that has proved to hold
    /// this key, of several the one that connected first; or the one of which both is true.
    ///
    /// # Errors
    /// `NoSuchPeer` when nobody who is there is that; `InvalidArgument` without either.
    pub fn find(&self, name: Option<&str>, key_id: Option<&str>) -> Result<Arc<Member>> {
        let room = &self.hub().room;
        let found = match (name, key_id) {
            (None, None) => {
                return Err(Error::new(Status::InvalidArgument, "find is given neither a name nor a key_id"));
            }
            (None, Some(key_id)) => room.with_key(key_id),
            (Some(name), _) => {
                let named = room.named(name).map(|(member, _)| member);
                named.filter(|member| key_id.is_none_or(|key_id| member.key_id() == key_id))
            }
        };
        found.ok_or_else(|| Error::new(Status::NoSuchPeer, "no member has that name or key"))
    }

    /// Gives a member a name, which follows the same rules as one that it chooses itself, or with `None` takes it away. The member
    /// is told, and in line chat the others are, too, unless the option `commands` is off: then names are not shown.
    ///
    /// # Errors
    /// `InvalidText` for what may not be a name; `Refused` for one that is banned; `InvalidArgument` when somebody else has it, or one that looks like it;
    /// `NoSuchPeer` when the member is gone or sent away, or has not joined yet; `BadState` when it has had very many names.
    pub fn rename(&self, member: MemberId, name: Option<&str>) -> Result<()> {
        self.settle();
        self.hub().give_name(member, name)
    }
}

impl Hub {
    /// A member chooses a name, or gives its name up; returns whether that is a change. In line chat the others are told.
    pub(super) fn rename(&self, member: &Arc<Member>, name: Option<&str>) -> Result<bool> {
        let is_changed = self.room.rename(member, name, |log, before| {
            self.tell_of_name(member, before);
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

    /// A member chooses the only name that it is to have.
    pub(super) fn name(&self, member: &Arc<Member>, name: &str) -> Result<()> {
        self.room.name(member, name, || self.tell_of_name(member, None))
    }

    /// The embedder is told, in the order of the room.
    fn tell_of_name(&self, member: &Arc<Member>, before: Option<&str>) {
        self.events.push(Event::Renamed(Arc::clone(member), before.map(Arc::from)));
    }

    /// The embedder names a member, or takes its name away; the member is told.
    pub(super) fn give_name(&self, id: MemberId, name: Option<&str>) -> Result<()> {
        if let Some(ban) = name.and_then(|name| self.bans.of_name(name)) {
            return Err(ban.refusal());
        }
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
