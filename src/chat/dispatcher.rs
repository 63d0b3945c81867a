//! The thread that calls the embedder.

use std::sync::Arc;

use super::call::Call;
use super::clock::Clock;
use super::event::{Handler, Message, Verdict};
use super::hub::Hub;
use super::item::Item;
use super::member::Member;
use super::passed;
use super::service::Chat;
use crate::net::Deadline;
use crate::reactor::{Body, Ending, PeerRef, Shutdown};
use crate::{Error, error};

/// Items taken from the queue at a time; what a filter lets pass of them is published as one batch.
const ITEMS_PER_ROUND: usize = 256;

struct Dispatcher {
    hub: Arc<Hub>,
    handler: Box<dyn Handler>,
    /// Tells the time at which the message in hand was read.
    clock: Clock,
    ending: Arc<Ending>,
}

/// How often the dispatcher may fail before it is given up: behind its first failure it has the end to tell.
const FAILURES: usize = 2;

const NAME: &str = "rustchat-hooks";

/// The thread of a server that calls this handler.
pub(super) fn body(hub: &Arc<Hub>, handler: Box<dyn Handler>, shutdown: Arc<Shutdown<Chat>>) -> Body {
    let hub = Arc::clone(hub);
    let mut dispatcher = Dispatcher::new(Arc::clone(&hub), handler, Arc::clone(shutdown.ending()));
    let run = move || {
        // Whatever was being dispatched when it failed is lost; the handler is still told of the end.
        for _ in 0..FAILURES {
            let Err(failure) = error::caught(NAME, || dispatcher.run()) else { break };
            shutdown.fail(failure);
            // That the last message has passed it was perhaps among what is lost.
            hub.commons.finish();
        }
        dispatcher.end();
    };
    (NAME.into(), Box::new(run))
}

impl Dispatcher {
    fn new(hub: Arc<Hub>, handler: Box<dyn Handler>, ending: Arc<Ending>) -> Dispatcher {
        let clock = hub.new_clock();
        Dispatcher { hub, handler, clock, ending }
    }

    /// Runs until the queue is closed and empty.
    fn run(&mut self) {
        let mut items = Vec::new();
        while let Ok(relieved) = self.hub.events.take(ITEMS_PER_ROUND, &Deadline::never(), |taken| items.extend(taken))
        {
            if relieved {
                self.hub.commons.wake_all();
            }
            for item in items.drain(..) {
                #[cfg(any(test, feature = "panic-injection"))]
                crate::inject::point_once("rustchat-hooks ", &self.hub.wire.label);
                self.dispatch(item);
            }
            passed::publish(&self.hub);
        }
    }

    /// Lets the handler go. It may own objects of the host program whose drop must not take the thread down either.
    fn end(self) {
        let handler = self.handler;
        self.ending.calling(|| guard("drop", || drop(handler)));
    }

    fn dispatch(&mut self, item: Item) {
        match item {
            Item::Event(event) => {
                // A handler may look at the room: what it has let pass so far is there.
                passed::publish(&self.hub);
                self.ending.calling(|| guard("event", || self.handler.event(event)));
            }
            Item::Submitted(message) => self.filter(message),
            Item::Authorize(member, peer) => self.authorize(&member, peer),
            Item::Parting(peer, reason) => {
                passed::publish(&self.hub);
                self.hub.tell(peer, Call::Disconnect(peer, reason));
            }
            Item::Departed(member, reason) => {
                passed::publish(&self.hub);
                self.hub.leave(&member, reason);
            }
            Item::LastSubmitted => {
                passed::publish(&self.hub);
                self.hub.commons.finish();
            }
        }
    }

    fn filter(&mut self, message: Message) {
        // Who has left is heard no more, and neither is a hook called for what it said.
        if message.from.is_silenced() {
            return;
        }
        let verdict = self.ending.calling(|| guard("filter", || self.handler.filter(&message)));
        let verdict = verdict.unwrap_or(Verdict::Failed);
        match self.hub.judged(&message, &verdict) {
            Ok(None) => self.hub.swallow(message.receipt.as_deref()),
            Ok(Some(text)) => passed::add(&self.hub, &mut self.clock, &message, text),
            Err(why) => self.refuse(&message, why),
        }
    }

    /// Nobody gets the message, and who said it is told why.
    fn refuse(&self, message: &Message, why: Error) {
        passed::publish(&self.hub);
        self.hub.refuse(message, why);
    }

    fn authorize(&mut self, member: &Arc<Member>, peer: PeerRef) {
        if self.hub.is_closed() {
            // Nobody joins any more, so nobody needs to be judged.
            return;
        }
        // Here a bug must not open the door.
        let admitted = self.ending.calling(|| guard("authorize", || self.handler.authorize(member))).unwrap_or(false);
        self.hub.tell(peer, Call::Admit(peer, admitted));
    }
}

fn guard<R>(what: &str, call: impl FnOnce() -> R) -> Option<R> {
    error::caught(what, call).inspect_err(|_| log::error!("the handler panicked in '{what}'")).ok()
}
