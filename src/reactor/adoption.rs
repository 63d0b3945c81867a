//! How a worker takes a connection on.

use std::os::fd::AsRawFd;
use std::sync::Arc;

use bytes::Bytes;
use mio::unix::SourceFd;
use mio::{Interest, Token};

use super::inbox::Arrival;
use super::link::{Link, Read};
use super::service::Service;
use super::strangers::Failure;
use super::table::{PeerRef, Slot};
use super::worker::Worker;
use crate::auth::ChannelBinding;
use crate::error::sentence;
use crate::peer::{LeaveReason, Peer};

impl<S: Service> Worker<S> {
    /// Takes a connection that was let in.
    pub(super) fn adopt(&mut self, arrival: Arrival) {
        let Arrival { stream, serial, permit } = arrival;
        let commons = Arc::clone(&self.turn.commons);
        let (rules, auth) = (&commons.options.rules, &commons.options.auth);
        let (mut link, now) = (Link::new(stream), self.turn.now);
        let peer = match auth {
            Some(auth) if self.turn.stop.is_none() => match auth.begin(&ChannelBinding::NONE) {
                Ok(handshake) => Peer::shaking_hands(handshake, rules, now),
                Err(error) => return log::error!("{}: cannot begin a handshake: {error}", link.address()),
            },
            _ => Peer::new(now),
        };
        let early = match auth {
            // An error or the end is met again by who reads on.
            None if self.service.hears_early() => link.read(&mut self.buffer).unwrap_or(Read::Drained),
            _ => Read::Drained,
        };
        let reference = self.turn.table.vacant(serial);
        let interest = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) =
            self.turn.registry.register(&mut SourceFd(&link.as_raw_fd()), Token(reference.token()), interest)
        {
            return log::error!("{}: cannot watch the connection: {}", link.address(), sentence(&error));
        }
        let state = self.service.greet(&mut self.turn, reference, link.address());
        let (armed, to_read, to_flush, pressed, doomed) = (None, false, false, false, false);
        let slot = Slot { peer, link, state, serial, armed, to_read, to_flush, pressed, doomed, _permit: permit };
        self.turn.table.slots.insert(slot);
        match auth {
            Some(_) if self.turn.stop.is_none() => self.begin_handshake(reference),
            Some(_) => {
                // Before its handshake a peer expects none of our messages: it sees the end of the stream.
                commons.totals.refused.add(1);
                self.turn.farewell(reference, Bytes::new());
            }
            None if self.turn.stop.is_some() => {
                self.service.dismiss(&mut self.turn, reference, LeaveReason::ServerStopped);
            }
            None => self.meet_early(reference, early),
        }
    }

    fn begin_handshake(&mut self, peer: PeerRef) {
        self.turn.want_flush(peer.token());
        self.turn.arm(peer.token());
        let mut handshakes = std::mem::take(&mut self.turn.handshakes);
        handshakes.begin(peer, |earlier| self.turn.is_shaking_hands(earlier));
        self.turn.handshakes = handshakes;
        let options = &self.turn.commons.options;
        let limit = options.handshake_limit.div_ceil(options.workers);
        while self.turn.handshakes.count() > limit {
            // An honest peer is done within a few round trips: the oldest is the least likely to be one.
            match self.turn.handshakes.pop() {
                Some(oldest) if self.turn.is_shaking_hands(oldest) => {
                    self.turn.handshake_failed(oldest.token(), Failure::TooMany);
                    self.turn.farewell(oldest, Bytes::new());
                }
                Some(_) => {}
                None => break,
            }
        }
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
