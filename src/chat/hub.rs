//! What all threads of a chat server share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use jiff::tz::TimeZone;

use super::bans::{Bans, Lenience};
use super::call::Call;
use super::clock::Clock;
use super::event::{Event, Message, Verdict};
use super::events::EventQueue;
use super::member::{Member, MemberId};
use super::options::{FilterFailure, ServerOptions};
use super::pace::Pace;
use super::room::Room;
use super::said::Said;
use super::session::{Fate, Sessions};
use super::stats::{ChatTotals, ServerStats};
use super::wire::{Signature, Wire};
use super::{name, zone};
use crate::net::Address;
use crate::peer::LeaveReason;
use crate::reactor::{Commons, PeerRef, Shared};
use crate::sync::{Mutex, MutexGuard};
use crate::{Error, Result, Status};

/// The room, and all that is needed to number what is said in it, encode it and hand it to the workers.
pub(crate) struct Hub {
    pub(super) options: ServerOptions,
    pub(super) commons: Arc<Commons<Call>>,
    pub(super) room: Room,
    pub(super) wire: Wire,
    /// What members have numbered.
    pub(super) sessions: Sessions,
    /// Signs what the server itself says.
    pub(super) signature: Signature,
    /// Of what the server itself says; may be taken under the room's lock, never the other way round.
    clock: Mutex<Clock>,
    /// That of the stamps in line chat.
    zone: TimeZone,
    /// Its lock may be taken under the room's, never the other way round.
    pub(super) events: EventQueue,
    /// For the observer, if there is one; its lock as that of the events.
    pub(super) said: Option<Said>,
    pub(super) totals: ChatTotals,
    /// Members with much in their outboxes.
    behind: AtomicUsize,
    pub(super) pace: Pace,
    pub(super) bans: Bans,
    lenience: Lenience,
}

impl Hub {
    /// `asks` says whether whoever polls is asked what there is to decide, `observed` whether somebody is told of what was said.
    pub(super) fn new(options: ServerOptions, commons: &Arc<Commons<Call>>, asks: bool, observed: bool) -> Result<Hub> {
        let (framing, commands, label) = (options.framing, options.commands(), commons.address.label());
        let wire = Wire { framing, commands, epoch: new_epoch()?, label };
        let zone = zone::read(options.time_zone.as_deref());
        Ok(Hub {
            commons: Arc::clone(commons),
            room: Room::new(&wire.label),
            sessions: Sessions::new()?,
            signature: wire.sign_own(),
            clock: Mutex::new(Clock::new(zone.clone(), commons.clock.wall())),
            zone,
            events: EventQueue::new(&options, asks),
            said: observed.then(|| Said::new(options.event_limit)),
            totals: ChatTotals::default(),
            behind: AtomicUsize::new(0),
            pace: Pace::new(options.outbox_limit),
            bans: Bans::new(&options)?,
            lenience: Lenience::new(commons.clock.now()),
            options,
            wire,
        })
    }

    /// The address by which a newcomer is known. The path of a Unix socket is the peer's choice: one that reads as the
    /// server's own, or as a name with an address behind it, is not shown.
    pub(super) fn address_of(&self, peer: &Address) -> Address {
        match peer {
            Address::Unix(path) if !path.as_os_str().is_empty() && self.misleads(&peer.to_string()) => {
                Address::Unix(PathBuf::new())
            }
            _ => peer.clone(),
        }
    }

    fn misleads(&self, label: &str) -> bool {
        let own = name::keys(&self.wire.label);
        let reads_as_name = self.wire.commands && (!label.starts_with(['/', '.']) || label.contains(['(', ')']));
        reads_as_name || name::keys(label).iter().any(|key| own.contains(key))
    }

    /// A clock of this server's time zone.
    pub(super) fn new_clock(&self) -> Clock {
        Clock::new(self.zone.clone(), self.commons.clock.wall())
    }

    /// The server's own clock, which tells the time from now on.
    pub(super) fn clock(&self) -> MutexGuard<'_, Clock> {
        let mut clock = self.clock.lock();
        clock.set(self.commons.clock.wall());
        clock
    }

    pub(super) fn find(&self, id: MemberId) -> Result<(Arc<Member>, PeerRef)> {
        let log = self.room.lock();
        log.find(id).map_err(|error| self.failure().unwrap_or(error)).cloned()
    }

    /// Sends a member away: it is silent from here on, and gone when its worker has got round to it.
    pub(super) fn disconnect(&self, id: MemberId, reason: LeaveReason) -> Result<()> {
        let (member, peer) = self.find(id)?;
        member.silence();
        self.tell(peer, Call::Disconnect(peer, reason));
        Ok(())
    }

    /// Asks something of the worker that has that connection.
    pub(super) fn tell(&self, peer: PeerRef, call: Call) {
        self.commons.inboxes()[peer.worker()].send(call);
    }

    /// Whether the embedder or its filter may say this.
    pub(super) fn check_text(&self, text: &str) -> Result<()> {
        let (length, limit) = (text.len(), self.options.message_limit());
        if length > limit {
            let what = format!("the message has {length} bytes, the limit is {limit}");
            return Err(Error::new(Status::MessageTooLong, what));
        }
        super::text::check_text(text, !self.wire.is_line())
    }

    /// What a filter's verdict makes of a message: the text that the room gets, none, or what its speaker is told.
    pub(super) fn judged<'m>(&self, message: &'m Message, verdict: &'m Verdict) -> Result<Option<&'m str>> {
        match verdict {
            Verdict::Deliver => Ok(Some(&message.text)),
            Verdict::Drop => Ok(None),
            Verdict::Failed if self.options.filter_failure == FilterFailure::Pass => Ok(Some(&message.text)),
            Verdict::Failed => Err(Error::new(Status::Io, "not said: the server's filter failed")),
            Verdict::Replace(text) => match self.check_text(text) {
                Ok(()) => Ok(Some(text)),
                Err(error) => {
                    log::error!("a filter's text is not sent: {error}");
                    let what = "not said: what the server's filter made of it may not be sent";
                    Err(Error::new(error.status(), what))
                }
            },
        }
    }

    /// Tells who said it that a message goes to nobody.
    pub(super) fn refuse(&self, message: &Message, why: Error) {
        match &message.receipt {
            Some(receipt) => self.conclude(receipt, Fate::Refused(why)),
            // Who has left has nobody to tell.
            None => drop(self.complain(message.from.id(), &why)),
        }
    }

    fn complain(&self, id: MemberId, why: &Error) -> Result<()> {
        let (_, peer) = self.find(id)?;
        let chunk = self.wire.refusal(&self.clock(), &self.signature, why);
        self.tell(peer, Call::Send { to: peer, chunk, reserved: 0 });
        Ok(())
    }

    /// Whether what the room gets is told of, one way or the other.
    pub(super) fn wants_messages(&self) -> bool {
        self.said.is_some() || self.events.wants_messages()
    }

    pub(super) fn failure(&self) -> Option<Error> {
        self.commons.failure()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.room.lock().closed
    }

    /// Counts a member that has come to be behind, or is no longer.
    pub(super) fn note_behind(&self, behind: bool) {
        if behind {
            self.behind.fetch_add(1, Ordering::Relaxed);
        } else {
            self.behind.fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(super) fn somebody_is_behind(&self) -> bool {
        self.behind.load(Ordering::Relaxed) > 0
    }

    /// Numbers since the start.
    pub(super) fn stats(&self) -> ServerStats {
        let (host, chat) = (&self.commons.totals, &self.totals);
        let members = self.room.lock().count() as u64;
        ServerStats {
            members,
            accepted: host.accepted.get(),
            refused: host.refused.get(),
            authentication_failed: host.authentication_failed.get(),
            joined: chat.joined.get(),
            too_slow: chat.too_slow.get(),
            messages: chat.messages.get(),
            deliveries: chat.deliveries.get(),
            bytes_in: host.bytes_in.get(),
            bytes_out: host.bytes_out.get(),
            events_dropped: self.events.dropped() + self.said.as_ref().map_or(0, Said::dropped),
            // A server secures all of its connections, or none.
            turns: self.commons.turns(),
            latency: self.commons.deliveries(),
            members_tls: if self.commons.options.tls.is_some() { members } else { 0 },
        }
    }
}

impl Shared for Hub {
    fn refusal(&self, why: Error) -> Option<Bytes> {
        Some(self.wire.refusal(&self.new_clock(), &self.signature, &why))
    }

    fn turns_away(&self, address: &Address) -> Option<Error> {
        let ban = self.bans.of_address(address)?;
        let is_guarded = self.commons.options.is_guarded();
        (!is_guarded || !self.lenience.lets_prove(self.commons.clock.now())).then(|| ban.refusal())
    }

    fn trouble(&self, error: Error) {
        self.events.push(Event::Error(error));
    }

    fn unproved(&self, count: u64, last: Address) {
        self.events.push(match count {
            1 => Event::AuthenticationFailed(last),
            _ => Event::AuthenticationsFailed(count, last),
        });
    }

    fn may_read(&self) -> bool {
        !self.events.is_full()
    }

    fn closing(&self) {
        self.room.lock().closed = true;
        self.wake_speakers();
    }

    /// With a filter the dispatcher says so, when it has let pass what was read before.
    fn finishes_itself(&self) -> bool {
        self.options.filter
    }

    fn lost_worker(&self, index: usize) {
        let orphans = self.room.members_of(index);
        orphans.iter().for_each(|member| self.leave(member, LeaveReason::ServerStopped));
    }

    fn ended(&self) {
        self.events.close(self.failure());
        if let Some(said) = &self.said {
            said.close();
        }
    }
}

/// A name for the numbering of a new log.
fn new_epoch() -> Result<String> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| Error::new(Status::Io, format!("no randomness: {error}")))?;
    Ok(format!("{:016x}", u64::from_be_bytes(random)))
}
