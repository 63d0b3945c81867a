//! The one object that stands for each member.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use rustchat::chat::{ChatServer as Core, Member, MemberId};

use super::client::Client;
use crate::locks::Mutex;
use crate::run::Run;

/// The objects of a server's members, from the first time that somebody looks at a member until it has left. Nothing else holds
/// them but the program, so that what it has put into one goes with the member, and the garbage collector sees all of it.
pub(super) struct Clients {
    known: Mutex<Known>,
    /// Somebody is told of each member that leaves: so long its object stays.
    told: AtomicBool,
    run: Weak<Run<Core>>,
}

#[derive(Default)]
struct Known {
    objects: HashMap<MemberId, Py<Client>>,
    /// With so many of them it is looked which have left, if nobody is told of that.
    much: usize,
}

const FEW: usize = 64;

impl Clients {
    pub(super) fn new(run: &Arc<Run<Core>>) -> Clients {
        Clients { known: Mutex::default(), told: AtomicBool::new(false), run: Arc::downgrade(run) }
    }

    /// A new run begins, whose program is `told` of members that leave, or not.
    pub(super) fn begin(&self, told: bool) {
        self.told.store(told, Ordering::Relaxed);
        self.clear();
    }

    /// The object of a member, the same each time as long as it is one.
    pub(super) fn of<'py>(&self, py: Python<'py>, member: &Arc<Member>) -> PyResult<Bound<'py, Client>> {
        let find = |known: &Known| known.objects.get(&member.id()).map(|client| client.bind(py).clone());
        if let Some(client) = find(&self.known.lock()) {
            return Ok(client);
        }
        // Not under the lock: to make an object may run the garbage collector, and that anything.
        let client = Bound::new(py, Client::new(Arc::clone(member), self.run.clone()))?;
        let mut known = self.known.lock();
        if let Some(first) = find(&known) {
            drop(known);
            return Ok(first);
        }
        // Of who has left nobody will say so.
        if !member.has_left() {
            known.objects.insert(member.id(), client.clone().unbind());
        }
        let is_much = known.objects.len() > known.much;
        drop(known);
        if is_much {
            self.sweep();
        }
        Ok(client)
    }

    /// The same of a member that has left, whose object is not kept any longer.
    pub(super) fn parting<'py>(&self, py: Python<'py>, member: &Arc<Member>) -> PyResult<Bound<'py, Client>> {
        match self.let_go(member) {
            Some(client) => Ok(client.into_bound(py)),
            None => Bound::new(py, Client::new(Arc::clone(member), self.run.clone())),
        }
    }

    /// Lets go of the object of a member, if there is one.
    pub(super) fn let_go(&self, member: &Member) -> Option<Py<Client>> {
        self.known.lock().objects.remove(&member.id())
    }

    /// Lets go of those who have left, where nobody is told of it.
    pub(super) fn sweep(&self) {
        let mut known = self.known.lock();
        let mut gone = Vec::new();
        if !self.told.load(Ordering::Relaxed) {
            gone.extend(known.objects.extract_if(|_, client| client.get().member().has_left()));
        }
        known.much = (2 * known.objects.len()).max(FEW);
        // What is dropped may run anything.
        drop(known);
        drop(gone);
    }

    /// Lets go of all.
    pub(super) fn clear(&self) {
        let all = std::mem::take(&mut *self.known.lock());
        drop(all);
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Whoever has the lock is about to let go of it, and what is not shown to the collector is not collected.
        let Some(known) = self.known.try_lock() else { return Ok(()) };
        known.objects.values().try_for_each(|client| visit.call(client))
    }
}

/// Calls a hook with the object of a member.
pub(super) struct Of<'a>(pub(super) &'a Clients, pub(super) &'a Arc<Member>);

impl<'py> IntoPyObject<'py> for Of<'_> {
    type Target = Client;
    type Output = Bound<'py, Client>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        self.0.of(py, self.1)
    }
}
