//! The threads that wait for the disk, which no worker does.

use std::sync::Arc;

use super::begin::begin;
use super::hub::{Call, Errand, Hub, Order, Work};
use super::task::Step;
use super::wire::{Refusal, Request};
use crate::error;
use crate::net::Deadline;
use crate::reactor::Body;

/// More threads than that make no disk faster.
const THREADS: usize = 4;

/// The threads that do errands.
pub(super) fn bodies(hub: &Arc<Hub>) -> Vec<Body> {
    let body = |index| {
        let hub = Arc::clone(hub);
        (format!("rustchat-disk-{index}"), Box::new(move || run(&hub)) as Box<dyn FnOnce() + Send>)
    };
    (0..THREADS).map(body).collect()
}

fn run(hub: &Hub) {
    // It ends when the host closes its doors; what was asked for before that is still done.
    while let Ok(Some(errand)) = hub.errands.wait(&Deadline::never(), "errands", |errands| errands.pop_front()) {
        let mut work = match errand {
            Errand::Drop(task) => {
                drop(task);
                continue;
            }
            Errand::Step(work) => work,
        };
        let place = work.place.take();
        let (worker, peer, id) = (work.worker, work.peer, work.id);
        let mut step = error::caught("rustchat-disk", || step(hub, *work)).unwrap_or_else(|failure| {
            log::error!("{}: {failure}", hub.commons.address);
            Step::refused((Refusal::Io, failure.message().to_owned()))
        });
        let commons = Arc::clone(&hub.commons);
        let whole = step.whole.take();
        let tell = move |step| {
            // Before anybody hears that it is over.
            drop(place);
            commons.inboxes()[worker].send(Call { peer, id, step });
        };
        match whole {
            Some(file) => hub.commits.add(file, step, tell),
            None => tell(step),
        }
    }
}

fn step(hub: &Hub, work: Work) -> Step {
    match work.order {
        Order::Go(task) => task.step(work.inputs),
        Order::Begin(message) => {
            // The worker has understood it before.
            let Ok(request) = Request::decode(&message) else { return Step::refused(Refusal::Io.into()) };
            match hub.store.home(&work.key) {
                Ok(home) => begin(&hub.store, &home, &request).go_on(work.inputs),
                Err(why) => Step::refused(why),
            }
        }
    }
}
