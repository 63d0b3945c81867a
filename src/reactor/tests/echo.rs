//! A server in one file: it says every line back with its number, and `bye` is the last one.

use std::sync::Arc;

use bytes::Bytes;

use crate::auth::Identity;
use crate::net::Address;
use crate::peer::LeaveReason;
use crate::reactor::{Berth, Flow, Host, HostOptions, PeerRef, Service, Shared, Turn};
use crate::{Error, Result};

/// What each worker has; here, nothing but its connections.
pub(super) struct Echo;
/// What hangs on each connection.
pub(super) struct Speaker {
    address: Address,
    lines: u64,
}

/// What all threads share; here, nothing.
pub(super) struct Nothing;

/// Listens, and serves whoever comes.
pub(super) fn start(options: HostOptions) -> Result<Host<Echo>> {
    Berth::new(options)?.start(&Arc::new(Nothing), |_worker| Echo, |_| Vec::new())
}

impl Service for Echo {
    type Call = ();
    type State = Speaker;
    type Shared = Nothing;
    fn greet(&mut self, _turn: &mut Turn<Echo>, _peer: PeerRef, address: &Address) -> Speaker {
        Speaker { address: address.clone(), lines: 0 }
    }

    fn opened(&mut self, turn: &mut Turn<Echo>, peer: PeerRef, _who: Option<Identity>) {
        turn.admit(peer, None);
    }

    fn message(&mut self, turn: &mut Turn<Echo>, peer: PeerRef, line: &[u8]) -> Flow {
        if line == b"bye" {
            return Flow::Close(LeaveReason::Quit);
        }
        let Some(speaker) = turn.state(peer) else { return Flow::Continue };
        speaker.lines += 1;
        let answer = [format!("{} ", speaker.lines).as_bytes(), line, b"\n"].concat();
        turn.push(peer, answer.into());
        Flow::Continue
    }

    fn dismiss(&mut self, turn: &mut Turn<Echo>, peer: PeerRef, reason: LeaveReason) {
        turn.farewell(peer, format!("goodbye: {reason}\n").into());
    }

    fn call(&mut self, _turn: &mut Turn<Echo>, (): ()) {}

    fn address(speaker: &Speaker) -> &Address {
        &speaker.address
    }
}

impl Shared for Nothing {
    fn refusal(&self, why: Error) -> Option<Bytes> {
        Some(format!("{why}\n").into())
    }

    fn trouble(&self, _error: Error) {}
    fn unproved(&self, _count: u64, _last: Address) {}
    fn ended(&self) {}
}
