//! Where connections wait that have nothing to say, as a service.

use std::collections::HashMap;
use std::os::fd::RawFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use mio::Interest;

use super::AcceptOptions;
use crate::auth::Identity;
use crate::net::{Address, Deadline, Endpoint};
use crate::peer::LeaveReason;
use crate::reactor::{Berth, Flow, Host, HostOptions, PeerRef, Readiness, Service, Shared, Turn, WatchRef};
use crate::sync::Mutex;
use crate::{Error, Result, Status};

/// Watches connections for the few threads of a pool, and hands each back once: when there is something to read, or when its
/// time is over.
///
/// One thread of the lot's own watches all of them; any number of others may park, and take who leaves.
pub struct ParkingLot<T: Send + 'static> {
    leaving: Receiver<(T, Departure)>,
    exit: Arc<Exit<T>>,
    host: Host<Attendant<T>>,
}

/// Why something leaves a [`ParkingLot`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departure {
    /// It was not to wait at all.
    AtOnce,
    /// There is something to read, its end perhaps; or it cannot be watched, which its reader will notice.
    Readable,
    /// Its time is over.
    Overdue,
}

impl<T: Send + 'static> ParkingLot<T> {
    /// Opens a lot.
    pub fn new() -> Result<ParkingLot<T>> {
        let (sender, leaving) = unbounded();
        let exit = Arc::new(Exit { sender: Mutex::new(Some(sender.clone())) });
        let berth = Berth::at(None, options()?)?;
        let host = berth.start(&exit, |_| Attendant::new(sender.clone()), |_| Vec::new())?;
        Ok(ParkingLot { leaving, exit, host })
    }

    /// Takes something in that leaves at once, behind what leaves already. Never blocks.
    pub fn enter(&self, item: T) {
        if let Some(sender) = &*self.exit.sender.lock() {
            let _ = sender.send((item, Departure::AtOnce));
        }
    }

    /// Takes something in until `descriptor` is readable, for at most `timeout` (`None`: for ever). Never blocks.
    ///
    /// The descriptor stays open until the item leaves. If it does not, and the number is parked anew, the item that was parked
    /// with it before leaves as readable.
    pub fn park(&self, item: T, descriptor: RawFd, timeout: Option<Duration>) {
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        self.host.commons().inboxes()[0].send(Arrival { item, descriptor, until });
    }

    /// Waits for somebody who leaves, first come, first served. One thread alone is woken for each.
    ///
    /// `Closed` after [`ParkingLot::close`], when nobody is left; `TimedOut` when the time is up; `Panicked` when the lot's thread
    /// has failed, which is a bug of this library. The deadline's interrupt is not asked.
    pub fn leave<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<(T, Departure)> {
        let left = match deadline.into().instant() {
            None => self.leaving.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(at) => self.leaving.recv_deadline(at),
        };
        left.map_err(|error| match error {
            RecvTimeoutError::Timeout => Deadline::timed_out("leave"),
            RecvTimeoutError::Disconnected => self.host.commons().failure().unwrap_or_else(closed),
        })
    }

    /// The same for who does not wait.
    pub fn try_leave(&self) -> Option<(T, Departure)> {
        self.leaving.try_recv().ok()
    }

    /// Hands nobody out any more but who leaves already; who is parked is dropped. Wakes every thread that waits in
    /// [`ParkingLot::leave`]. Never blocks; may be repeated.
    pub fn close(&self) {
        self.host.close_within(Duration::ZERO);
    }
}

fn closed() -> Error {
    Error::new(Status::Closed, "the parking lot is closed")
}

/// Of a host with one thread that nobody connects to.
fn options() -> Result<HostOptions> {
    let options = AcceptOptions::default();
    let nowhere = Endpoint::Unix(PathBuf::new());
    Ok(HostOptions { name: "parking", ..options.listening().host(&nowhere, options.framing, 0)? })
}

/// Where items leave, shared by all who send them there. The receiving end closes with the last sender.
struct Exit<T> {
    sender: Mutex<Option<Sender<(T, Departure)>>>,
}

impl<T: Send + 'static> Shared for Exit<T> {
    fn refusal(&self, _why: Error) -> Option<Bytes> {
        None
    }

    fn trouble(&self, _error: Error) {}

    fn unproved(&self, _count: u64, _last: Address) {}

    fn closing(&self) {
        self.sender.lock().take();
    }

    fn ended(&self) {
        self.sender.lock().take();
    }
}

/// Something that is to be parked.
struct Arrival<T> {
    item: T,
    descriptor: RawFd,
    until: Option<Instant>,
}

/// The thread that watches.
struct Attendant<T> {
    exit: Sender<(T, Departure)>,
    /// By descriptor.
    parked: HashMap<RawFd, (WatchRef, T)>,
}

impl<T: Send + 'static> Attendant<T> {
    fn new(exit: Sender<(T, Departure)>) -> Attendant<T> {
        Attendant { exit, parked: HashMap::new() }
    }

    fn hand_out(&self, item: T, why: Departure) {
        // Nobody takes it who has closed the lot.
        let _ = self.exit.send((item, why));
    }

    fn depart(&mut self, turn: &mut Turn<Self>, watch: WatchRef, why: Departure) {
        let descriptor = turn.give_back(watch);
        if let Some((_, item)) = descriptor.and_then(|descriptor| self.parked.remove(&descriptor)) {
            self.hand_out(item, why);
        }
    }
}

impl<T: Send + 'static> Service for Attendant<T> {
    type Call = Arrival<T>;
    type State = Address;
    type Shared = Exit<T>;

    fn call(&mut self, turn: &mut Turn<Self>, arrival: Arrival<T>) {
        let Arrival { item, descriptor, until } = arrival;
        if let Some(&(earlier, _)) = self.parked.get(&descriptor) {
            // Its descriptor was closed, and the number is another connection's.
            self.depart(turn, earlier, Departure::Readable);
        }
        let Ok(watch) = turn.lend(descriptor, Interest::READABLE) else {
            return self.hand_out(item, Departure::Readable);
        };
        let (now, instant) = (turn.now(), turn.instant());
        turn.watch_until(watch, until.map(|until| now + until.saturating_duration_since(instant)));
        self.parked.insert(descriptor, (watch, item));
    }

    fn ready(&mut self, turn: &mut Turn<Self>, watch: WatchRef, _readiness: Readiness) {
        self.depart(turn, watch, Departure::Readable);
    }

    fn overdue(&mut self, turn: &mut Turn<Self>, watch: WatchRef) {
        self.depart(turn, watch, Departure::Overdue);
    }

    fn greet(&mut self, _turn: &mut Turn<Self>, _peer: PeerRef, address: &Address) -> Address {
        address.clone()
    }

    /// Nobody connects.
    fn opened(&mut self, turn: &mut Turn<Self>, peer: PeerRef, _who: Option<Identity>) {
        turn.farewell(peer, Bytes::new());
    }

    fn message(&mut self, _turn: &mut Turn<Self>, _peer: PeerRef, _bytes: &[u8]) -> Flow {
        Flow::Close(LeaveReason::ProtocolViolation)
    }

    fn address(address: &Address) -> &Address {
        address
    }
}

#[cfg(test)]
mod tests;
