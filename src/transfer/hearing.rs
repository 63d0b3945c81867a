//! What a client says, as its worker hears it.

use bytes::Bytes;

use super::service::Librarian;
use super::task::Input;
use super::wire::{BARE_BLOCKS, BLOCK, EAGER, HEARS_TRANSFERS, Report, Request, ServerHello, Violation, WINDOW};
use crate::peer::LeaveReason;
use crate::reactor::{Flow, PeerRef, Turn};

impl Librarian {
    /// Takes a message; `whole` is its own memory, if it has any.
    pub(super) fn hear(
        &mut self,
        turn: &mut Turn<Librarian>,
        peer: PeerRef,
        bytes: &[u8],
        whole: Option<&Bytes>,
    ) -> Flow {
        turn.spoke(peer);
        // Nothing is believed of somebody who has broken a rule.
        let Some(session) = turn.state(peer).filter(|session| session.violation.is_none()) else {
            return Flow::Continue;
        };
        if session.scripted.is_some() {
            return self.hear_script(turn, peer, bytes);
        }
        match Request::decode(bytes).and_then(|request| session.ledger.take(request)) {
            Ok(Some(request)) => self.request(turn, peer, &request, bytes, whole),
            Ok(None) => Flow::Continue,
            Err(violation) => Librarian::violated(turn, peer, violation),
        }
    }

    fn hello(&self, features: u32) -> Bytes {
        let transfers = self.hub.options.client_transfer_limit.min(u16::MAX.into()) as u16;
        let server_id = self.hub.commons.address.to_string();
        let hello = ServerHello {
            features: BARE_BLOCKS | EAGER,
            block: BLOCK as u32,
            window: WINDOW,
            file_limit: self.hub.options.file_limit as u64,
            server_id: server_id.as_bytes(),
            transfers: (features & HEARS_TRANSFERS != 0).then_some(transfers),
        };
        Report::Hello(hello).framed()
    }

    fn request(
        &mut self,
        turn: &mut Turn<Librarian>,
        peer: PeerRef,
        request: &Request<'_>,
        message: &[u8],
        whole: Option<&Bytes>,
    ) -> Flow {
        match request {
            Request::Hello { features } => turn.push(peer, self.hello(*features)),
            Request::Ping => turn.push(peer, Report::Pong.framed()),
            Request::Pong => {}
            Request::GoAway { .. } => return Flow::Close(LeaveReason::Quit),
            Request::Begin(id, block, is_bare) => self.input(turn, peer, *id, Input::Begin(*block, *is_bare)),
            Request::Data(id, block) => {
                let kept = whole.map(|whole| whole.slice_ref(block.bytes));
                let bytes = kept.unwrap_or_else(|| Bytes::copy_from_slice(block.bytes));
                let (index, hash) = (block.index, block.hash);
                self.input(turn, peer, *id, Input::Data { index, hash, bytes });
            }
            Request::Again(id, block) => self.input(turn, peer, *id, Input::Again(*block)),
            Request::Finish(id, size, root) => self.input(turn, peer, *id, Input::Finish(*size, *root)),
            Request::Cancel(id) => self.input(turn, peer, *id, Input::Cancel),
            Request::Put(id, _) | Request::Get(id, _) => self.ask(turn, peer, *id, request, message, true),
            Request::Stat(id, ..)
            | Request::List(id, ..)
            | Request::MakeFolder(id, ..)
            | Request::Remove(id, ..)
            | Request::RemoveFolder(id, ..)
            | Request::Rename(id, ..) => self.ask(turn, peer, *id, request, message, false),
        }
        Flow::Continue
    }

    pub(super) fn violated(turn: &mut Turn<Librarian>, peer: PeerRef, violation: Violation) -> Flow {
        if let Some(session) = turn.state(peer) {
            log::warn!("{}: {violation}; the connection ends", session.client.address);
            session.violation.get_or_insert(violation);
        }
        Flow::Close(LeaveReason::ProtocolViolation)
    }
}
