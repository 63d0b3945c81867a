//! How a worker takes a connection on.

use std::os::fd::AsRawFd;
use std::sync::Arc;

use bytes::Bytes;
use mio::unix::SourceFd;
use mio::{Interest, Token};

use super::inbox::Arrival;
use super::link::{Link, Read};
use super::service::Service;
use super::table::{PeerRef, Slot};
use super::worker::Worker;
use crate::auth::ChannelBinding;
use crate::error::sentence;
use crate::net::Stream;
use crate::peer::{LeaveReason, Peer};
use crate::{Error, Result};

impl<S: Service> Worker<S> {
    /// Takes a connection that was let in.
    pub(super) fn adopt(&mut self, arrival: Arrival) {
        let Arrival { stream, serial, permit } = arrival;
        let commons = Arc::clone(&self.turn.commons);
        let is_guarded = commons.options.is_guarded();
        let (mut link, peer) = match self.meet(stream) {
            Ok(met) => met,
            Err(error) => {
                self.turn.leave_crowd();
                return log::error!("{error}");
            }
        };
        let early = if !is_guarded && self.service.hears_early() {
            // An error or the end is met again by who reads on.
            link.read(&mut self.buffer).unwrap_or(Read::Drained)
        } else {
            Read::Drained
        };
        let reference = self.turn.table.vacant(serial);
        let interest = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) =
            self.turn.registry.register(&mut SourceFd(&link.as_raw_fd()), Token(reference.token()), interest)
        {
            self.turn.leave_crowd();
            return log::error!("{}: cannot watch the connection: {}", link.address(), sentence(&error));
        }
        let state = self.service.greet(&mut self.turn, reference, link.address());
        let (key, armed, to_read, to_flush, pressed, doomed) = (0, None, false, false, false, false);
        let slot = Slot { peer, link, state, serial, key, armed, to_read, to_flush, pressed, doomed, _permit: permit };
        self.turn.table.slots.insert(slot);
        if self.turn.stop.is_none() {
            return if is_guarded { self.begin_handshake(reference) } else { self.meet_early(reference, early) };
        }
        self.turn.leave_crowd();
        if is_guarded {
            // Before its handshake a peer expects none of our messages: it sees the end of the stream.
            commons.totals.refused.add(1);
            self.turn.farewell(reference, Bytes::new());
        } else {
            self.service.dismiss(&mut self.turn, reference, LeaveReason::ServerStopped);
        }
    }

    /// A newcomer, at the first thing that it has to do.
    fn meet(&self, stream: Stream) -> Result<(Link, Peer)> {
        let (options, now) = (&self.turn.commons.options, self.turn.now);
        let failed =
            |error: Error, stream: &Stream| error.context(format!("{}: cannot begin a handshake", stream.peer()));
        match (&options.tls, &options.auth) {
            _ if self.turn.stop.is_some() => Ok((Link::new(stream), Peer::new(now))),
            (Some(tls), _) => {
                let machine = tls.begin().map_err(|error| failed(error, &stream))?;
                Ok((Link::secure(stream, machine), Peer::securing(&options.rules, now)))
            }
            (None, Some(auth)) => {
                let handshake = auth.begin(&ChannelBinding::NONE).map_err(|error| failed(error, &stream))?;
                Ok((Link::new(stream), Peer::shaking_hands(handshake, &options.rules, now)))
            }
            (None, None) => Ok((Link::new(stream), Peer::new(now))),
        }
    }

    fn begin_handshake(&mut self, peer: PeerRef) {
        self.turn.want_flush(peer.token());
        self.turn.arm(peer.token());
        self.turn.begin_handshake(peer);
    }

    /// Opens a connection, unless what has come with it shows that it is no peer of ours: then no hook ever hears of it.
    fn meet_early(&mut self, peer: PeerRef, early: Read) {
        let (token, now) = (peer.token(), self.turn.now);
        if let Read::Bytes(count) = early {
            self.turn.count_received(token, count);
            let (bytes, rules) = (&self.buffer[..count], &self.turn.commons.options.rules);
            let slot = &mut self.turn.table.slots[token];
            if let Some(opening) = slot.peer.strange(bytes, rules) {
                let words = self.service.stranger(&mut self.turn, peer, opening, None);
                return self.turn.farewell(peer, words.unwrap_or_default());
            }
            slot.peer.hear(bytes, rules, now);
        }
        self.service.opened(&mut self.turn, peer, None);
        self.bury();
    }
}
