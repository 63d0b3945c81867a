//! The upload client of the socket tutorials as a client of files: what it says is made into a request that stores one file.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::names;
use super::script::Said;
use super::service::Librarian;
use super::task::Input;
use super::wire::{FileTime, Flags, Put, Request, WINDOW};
use crate::peer::LeaveReason;
use crate::reactor::{Flow, PeerRef, Turn};

/// Its one request.
const ID: u32 = 1;

/// When it is looked whether the disk has caught up.
const SOON: Duration = Duration::from_millis(2);

impl Librarian {
    /// Something has come of it.
    pub(super) fn hear_script(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, mut bytes: &[u8]) -> Flow {
        let now = turn.now();
        let Some(scripted) = turn.state(peer).and_then(|session| session.scripted.as_mut()) else {
            return Flow::Continue;
        };
        // What has come is at most what one read brings: so no more than a block beyond the window is in memory.
        if scripted.under_way >= WINDOW {
            return Flow::Pause(now + SOON);
        }
        loop {
            let said = turn
                .state(peer)
                .and_then(|session| session.scripted.as_mut())
                .map_or(Ok(Said::Nothing), |scripted| scripted.script.take(&mut bytes));
            match said {
                Ok(Said::Nothing) => return Flow::Continue,
                Ok(Said::File(path, size)) => self.store(turn, peer, &path, size),
                Ok(Said::Block { index, bytes, is_last }) => {
                    if let Some(scripted) = turn.state(peer).and_then(|session| session.scripted.as_mut()) {
                        scripted.under_way += 1;
                    }
                    let bytes = Bytes::from(bytes);
                    self.input(turn, peer, ID, Input::Data { index, hash: None, bytes });
                    if is_last {
                        self.complete(turn, peer);
                    }
                }
                Err(fault) => {
                    if let Some(session) = turn.state(peer) {
                        log::warn!("{}: {fault}; the connection ends", session.client.address);
                    }
                    return Flow::Close(LeaveReason::ProtocolViolation);
                }
            }
        }
    }

    /// As the tutorials' server does, it replaces what is there, and makes the user's folder.
    fn store(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef, path: &[String], size: u64) {
        let Some(session) = turn.state(peer) else { return };
        if let Some(scripted) = &mut session.scripted {
            scripted.size = size;
        }
        if let Err((_, text)) = names::check(path) {
            log::warn!("{}: {text}; the connection ends", session.client.address);
            self.hub.counts.refused.add(1);
            return turn.dismiss_later(peer, LeaveReason::ProtocolViolation);
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let modified = FileTime { seconds: now.as_secs().cast_signed(), nanoseconds: now.subsec_nanos() };
        let flags = Flags { parents: true, overwrite: true, ..Flags::default() };
        let path = path.iter().map(String::as_bytes).collect();
        let request = Request::Put(ID, Put { flags, size, modified, mode: 0o666, path });
        let message = request.encode();
        self.ask(turn, peer, ID, &request, &message, true);
        if size == 0 {
            self.complete(turn, peer);
        }
    }

    /// That was the file.
    fn complete(&mut self, turn: &mut Turn<Librarian>, peer: PeerRef) {
        let size = turn.state(peer).and_then(|session| session.scripted.as_ref()).map_or(0, |scripted| scripted.size);
        self.input(turn, peer, ID, Input::Finish(size, [0; 32]));
    }
}
