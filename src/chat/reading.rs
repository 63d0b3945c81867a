//! When everything is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::hub::Hub;
use super::item::Item;

/// What a worker has as long as it may read. When the last one is gone, however its worker came to end, what the filter
/// has to let pass is complete.
pub(super) struct Reading {
    hub: Arc<Hub>,
    workers: Arc<AtomicUsize>,
}

impl Reading {
    /// For one of `workers`.
    pub(super) fn new(hub: &Arc<Hub>, workers: &Arc<AtomicUsize>) -> Reading {
        Reading { hub: Arc::clone(hub), workers: Arc::clone(workers) }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if self.workers.fetch_sub(1, Ordering::AcqRel) == 1
            && self.hub.options.filter
            && self.hub.events.push_behind(Item::LastSubmitted).is_some()
        {
            self.hub.commons.finish();
        }
    }
}
