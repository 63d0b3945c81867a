//! Messages with several buffers and ancillary data: sendmsg, recvmsg, recvmsg_into.

use std::ffi::c_int;
use std::io::IoSlice;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PySequence, PyTuple};
use rustchat::net::socket::{self, AncillaryItem, Arrival, Direction, Room, SocketAddress};

use super::arguments::{check_count, int, size};
use super::buffer::{FreshBytes, Source, Target};
use super::call::Kind;
use super::error::plain;
use super::object::Socket;
use super::{address, audit};
use crate::unwind;

const BUFFERS: &str = "recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers";

/// The longest ancillary data in bytes.
const LONGEST: isize = i32::MAX as isize;

impl Socket {
    /// `buffers[, ancillary[, flags[, address]]]`
    pub(crate) fn send_message<'py>(slf: &Bound<'py, Self>, arguments: &Bound<'py, PyTuple>) -> PyResult<usize> {
        let (py, this) = (slf.py(), slf.get());
        if this.is_foreign() {
            return this.lend("sendmsg", arguments)?.extract();
        }
        check_count("sendmsg", arguments.len(), 1, 4)?;
        let flags = arguments.get_item(2).map_or(Ok(0), |flags| int(&flags))?;
        let receiver = match arguments.get_item(3) {
            Ok(receiver) if !receiver.is_none() => {
                let address = address::from_python(this, &receiver, "sendmsg")?;
                audit::address(c"socket.sendmsg", slf, &receiver)?;
                Some(address)
            }
            _ => {
                audit::address(c"socket.sendmsg", slf, py.None().bind(py))?;
                None
            }
        };
        let buffers = fast_sequence(&arguments.get_item(0)?, "sendmsg() argument 1 must be an iterable")?;
        let buffers = buffers.iter().map(Source::of).collect::<PyResult<Vec<_>>>()?;
        let ancillary = match arguments.get_item(1) {
            Ok(items) => encode(&items)?,
            Err(_) => Vec::new(),
        };
        let slices: Vec<_> = buffers.iter().map(|buffer| IoSlice::new(buffer.bytes())).collect();
        let attempt = |fd, extra| socket::send_message(fd, &slices, &ancillary, flags | extra, receiver.as_ref());
        this.perform(py, Direction::Send, Kind::Flags, attempt)
    }

    /// `size[, ancillary size[, flags]]`
    pub(crate) fn receive_message<'py>(&self, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyTuple>> {
        let py = arguments.py();
        if self.is_foreign() {
            return Ok(self.lend("recvmsg", arguments)?.cast_into()?);
        }
        check_count("recvmsg", arguments.len(), 1, 3)?;
        let length = size(&arguments.get_item(0)?)?;
        let rest = Rest::of(arguments)?;
        let length = usize::try_from(length).map_err(|_| PyValueError::new_err("negative buffer size in recvmsg()"))?;
        let mut fresh = FreshBytes::new(py, length)?;
        let mut ancillary = rest.room()?;
        let buffer = fresh.zeroed();
        let (arrival, sender) = self.receive_rooms(py, &[buffer.into()], &mut ancillary, rest.flags)?;
        // SAFETY: all of it was zeroed.
        let bytes = unsafe { fresh.finish(arrival.bytes.min(length)) }?;
        self.message_to_python(py, bytes.into_any(), &ancillary, &arrival, &sender)
    }

    /// `buffers[, ancillary size[, flags]]`
    pub(crate) fn receive_message_into<'py>(&self, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyTuple>> {
        let py = arguments.py();
        if self.is_foreign() {
            return Ok(self.lend("recvmsg_into", arguments)?.cast_into()?);
        }
        check_count("recvmsg_into", arguments.len(), 1, 3)?;
        let buffers = fast_sequence(&arguments.get_item(0)?, "recvmsg_into() argument 1 must be an iterable")?;
        let rest = Rest::of(arguments)?;
        let mut targets = Vec::with_capacity(buffers.len());
        for buffer in buffers.iter() {
            targets.push(Target::of(buffer).map_err(|_| PyTypeError::new_err(BUFFERS))?);
        }
        let mut ancillary = rest.room()?;
        let rooms: Vec<_> = targets.iter().map(|target| target.room(usize::MAX)).collect();
        let (arrival, sender) = self.receive_rooms(py, &rooms, &mut ancillary, rest.flags)?;
        let count = arrival.bytes.into_pyobject(py)?.into_any();
        self.message_to_python(py, count, &ancillary, &arrival, &sender)
    }

    fn receive_rooms(
        &self,
        py: Python<'_>,
        rooms: &[Room<'_>],
        ancillary: &mut [u8],
        flags: c_int,
    ) -> PyResult<(Arrival, SocketAddress)> {
        let attempt = |fd, extra| socket::recv_message(fd, rooms, ancillary, flags | extra);
        self.perform(py, Direction::Receive, Kind::Flags, attempt)
    }

    fn message_to_python<'py>(
        &self,
        py: Python<'py>,
        first: Bound<'py, PyAny>,
        ancillary: &[u8],
        arrival: &Arrival,
        sender: &SocketAddress,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let items = PyList::empty(py);
        let filled = &ancillary[..arrival.ancillary.min(ancillary.len())];
        for item in AncillaryItem::decode(filled) {
            items.append((item.level, item.kind, PyBytes::new(py, &filled[item.data])))?;
        }
        (first, items, arrival.flags, address::to_python(py, sender)?).into_pyobject(py)
    }
}

/// What both receiving calls take behind their first argument.
struct Rest {
    ancillary: isize,
    flags: c_int,
}

impl Rest {
    fn of(arguments: &Bound<'_, PyTuple>) -> PyResult<Rest> {
        Ok(Rest {
            ancillary: arguments.get_item(1).map_or(Ok(0), |length| size(&length))?,
            flags: arguments.get_item(2).map_or(Ok(0), |flags| int(&flags))?,
        })
    }

    fn room(&self) -> PyResult<Vec<u8>> {
        if !(0..=LONGEST).contains(&self.ancillary) {
            return Err(PyValueError::new_err("invalid ancillary data buffer length"));
        }
        Ok(vec![0; self.ancillary.unsigned_abs()])
    }
}

/// The elements of something iterable; no more than a C `int` counts, which the kernel refuses anyway.
pub(super) fn fast_sequence<'py>(
    value: &Bound<'py, PyAny>,
    complaint: &'static str,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let py = value.py();
    let builtin = |name| py.import(intern!(py, "builtins"))?.getattr(name);
    let items = unwind::call(&builtin("iter")?, &(value,).into_pyobject(py)?).map_err(|error| {
        if error.is_instance_of::<PyTypeError>(py) { PyTypeError::new_err(complaint) } else { error }
    })?;
    // A generator runs code of the program.
    let list = unwind::call(&builtin("list")?, &(items,).into_pyobject(py)?)?.cast_into::<PyList>()?;
    Ok(list.iter().collect())
}

/// Items `(level, kind, data)` as the kernel reads them.
fn encode(items: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    const NAME: &str = "[sendmsg() ancillary data items]()";
    let mut buffer = Vec::new();
    for item in fast_sequence(items, "sendmsg() argument 2 must be an iterable")? {
        let Ok(parts) = item.cast::<PySequence>() else {
            let kind = item.get_type().name()?;
            return Err(PyTypeError::new_err(format!("{NAME} argument must be 3-item sequence, not {kind}")));
        };
        let given = parts.len()?;
        if given != 3 {
            return Err(PyTypeError::new_err(format!("{NAME} argument must be sequence of length 3, not {given}")));
        }
        let (level, kind) = (int(&parts.get_item(0)?)?, int(&parts.get_item(1)?)?);
        let data = parts.get_item(2)?;
        let source = Source::of(&data)?;
        if source.bytes().len() > i32::MAX as usize {
            return Err(plain("ancillary data item too large"));
        }
        AncillaryItem::encode_into(level, kind, source.bytes(), &mut buffer);
    }
    Ok(buffer)
}
