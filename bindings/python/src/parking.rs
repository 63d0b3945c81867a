//! Where connections of a pool wait that have nothing to say.

use std::os::fd::RawFd;
use std::sync::Arc;

use pyo3::prelude::*;
use rustchat::Status;
use rustchat::connection::{Departure, ParkingLot as Core};
use rustchat::net::Deadline;

use crate::error::{OrRaise, exception};
use crate::held::Held;
use crate::time;

type Lot = Core<Py<PyAny>>;

/// Watches what is parked, and hands each back once: when it is readable, or when its time is over.
///
/// Any number of threads may park, and wait for what leaves.
#[pyclass(frozen, weakref, module = "rustchat._rustchat")]
pub(crate) struct ParkingLot {
    core: Held<Lot>,
}

impl ParkingLot {
    /// `None` when it is closed.
    fn core(&self, py: Python<'_>) -> PyResult<Option<Arc<Lot>>> {
        self.core.get(py)
    }
}

#[pymethods]
impl ParkingLot {
    #[new]
    fn new(py: Python<'_>) -> PyResult<ParkingLot> {
        let core = py.detach(Lot::new).or_raise(py)?;
        Ok(ParkingLot { core: Held::new(core) })
    }

    /// Takes in something that leaves at once, behind what leaves already. Never waits; a lot that is closed drops it.
    fn enter(&self, py: Python<'_>, item: Py<PyAny>) -> PyResult<()> {
        if let Some(core) = self.core(py)? {
            core.enter(item);
        }
        Ok(())
    }

    /// Takes in something until the descriptor with that number is readable, for at most `timeout` seconds, None for ever.
    /// Never waits; a lot that is closed drops it. The descriptor is to stay open until then.
    #[pyo3(signature = (item, descriptor, timeout=None))]
    fn park(
        &self,
        py: Python<'_>,
        item: Py<PyAny>,
        descriptor: RawFd,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let patience = time::patience("timeout", timeout)?;
        if let Some(core) = self.core(py)? {
            core.park(item, descriptor, patience);
        }
        Ok(())
    }

    /// Waits for something that leaves, at most `timeout` seconds, None for ever: it, whether there is something to read, and
    /// whether its time is over. None when the lot is closed and nothing is left.
    ///
    /// Raises TimeoutError when the time is up. Signals do not interrupt it: it is for other threads than the main one.
    #[pyo3(signature = (timeout=None))]
    fn leave(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Option<(Py<PyAny>, bool, bool)>> {
        let patience = time::patience("timeout", timeout)?;
        let Some(core) = self.core(py)? else { return Ok(None) };
        let left = match core.try_leave() {
            Some(left) => Ok(left),
            // The last one to let go of the lot waits for the end of its thread, which is nothing to do attached.
            None => py.detach(move || core.leave(Deadline::from(patience))),
        };
        match left {
            Ok((item, why)) => Ok(Some((item, why == Departure::Readable, why == Departure::Overdue))),
            Err(error) if error.status() == Status::Closed => Ok(None),
            Err(error) => Err(exception(py, &error)),
        }
    }

    /// Hands nothing out any more but what leaves already, and wakes every leave(). May be repeated.
    fn close(&self, py: Python<'_>) {
        self.core.close(py, Lot::close);
    }
}
