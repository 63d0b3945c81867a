//! Addresses of the families that Linux has besides.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyString, PyTuple};
use rustchat::net::socket::{CanAddress, PacketAddress, SocketAddress, TipcAddress, interface_index, interface_name};

use super::super::arguments::{int, unsigned};
use super::super::buffer::Source;
use super::super::error::{os_error, plain};
use super::super::object::Socket;
use super::unix::{file_bytes, file_name};
use super::{check_length, check_short, int_of_short, tuple};

const CAN_RAW: i32 = 1;
const CAN_BCM: i32 = 2;
const CAN_ISOTP: i32 = 6;
const CAN_J1939: i32 = 7;

/// `(port, groups)` of `AF_NETLINK`.
pub(super) fn netlink(value: &Bound<'_, PyAny>, name: &str) -> PyResult<SocketAddress> {
    let tuple = tuple("AF_NETLINK", value, name)?;
    check_length(tuple, 2, 2, "AF_NETLINK address must be a pair (pid, groups)")?;
    Ok(SocketAddress::netlink(unsigned(&tuple.get_item(0)?)?, unsigned(&tuple.get_item(1)?)?))
}

/// Two numbers, in the words that the newer families have.
pub(super) fn pair(
    family: &str,
    value: &Bound<'_, PyAny>,
    build: fn(u32, u32) -> SocketAddress,
) -> PyResult<SocketAddress> {
    let Ok(tuple) = value.cast::<PyTuple>() else {
        let kind = value.get_type().name()?;
        let text = format!("getsockaddrarg: {family} address must be tuple, not {kind}");
        return Err(PyTypeError::new_err(text));
    };
    check_exactly("getsockaddrarg()", 2, tuple)?;
    Ok(build(unsigned(&tuple.get_item(0)?)?, unsigned(&tuple.get_item(1)?)?))
}

fn check_exactly(what: &str, wanted: usize, tuple: &Bound<'_, PyTuple>) -> PyResult<()> {
    match tuple.len() {
        given if given == wanted => Ok(()),
        given => Err(PyTypeError::new_err(format!("{what} takes exactly {wanted} arguments ({given} given)"))),
    }
}

/// Refuses what is no `int` itself at an index.
fn check_int(tuple: &Bound<'_, PyTuple>, index: usize) -> PyResult<()> {
    let value = tuple.get_item(index)?;
    if value.is_instance_of::<PyInt>() {
        return Ok(());
    }
    let (number, kind) = (index + 1, value.get_type().name()?);
    Err(PyTypeError::new_err(format!("argument {number} must be int, not {kind}")))
}

/// Text without a zero character; the sentence `expected` for anything that is no text.
fn text(value: &Bound<'_, PyAny>, expected: &'static str) -> PyResult<String> {
    let text = value.cast::<PyString>().map_err(|_| PyTypeError::new_err(expected))?.to_cow()?.into_owned();
    if text.contains('\0') { Err(PyValueError::new_err("embedded null character")) } else { Ok(text) }
}

/// `(interface, protocol[, packet type[, hardware type[, address]]])`
pub(super) fn packet(socket: &Socket, value: &Bound<'_, PyAny>, name: &str) -> PyResult<SocketAddress> {
    let parts = tuple("AF_PACKET", value, name)?;
    const FORM: &str = "AF_PACKET address must be a tuple of two to five elements";
    check_length(parts, 2, 5, FORM)?;
    let number = |index| parts.get_item(index).map_or(Ok(0), |value| int(&value));
    let interface = text(&parts.get_item(0)?, FORM)?;
    let own_protocol = int_of_short(&parts.get_item(1)?, "proto", name)?;
    let (packet_type, hardware_type) = (number(2)?, number(3)?);
    let mut hardware = [0; 8];
    let mut length = 0;
    if let Ok(value) = parts.get_item(4) {
        let source = Source::of(&value)?;
        length = source.bytes().len();
        hardware
            .get_mut(..length)
            .ok_or_else(|| PyValueError::new_err("Hardware address must be 8 bytes or less"))?
            .copy_from_slice(source.bytes());
    }
    let interface = index(socket, interface.as_bytes(), value.py())?;
    let packet = PacketAddress {
        protocol: check_short(own_protocol, "proto", name)?,
        interface,
        packet_type: packet_type as u8,
        hardware_type: hardware_type as u16,
        hardware,
        hardware_length: length as u8,
    };
    Ok(packet.into())
}

fn index(socket: &Socket, name: &[u8], py: Python<'_>) -> PyResult<i32> {
    interface_index(socket.handle().number(), name).map_err(|error| os_error(py, &error))
}

pub(super) fn packet_to_python<'py>(
    py: Python<'py>,
    socket: &Socket,
    address: &SocketAddress,
) -> PyResult<Bound<'py, PyAny>> {
    let packet = PacketAddress::from(address);
    let name = file_name(py, &interface_name(socket.handle().number(), packet.interface))?;
    let hardware = PyBytes::new(py, &packet.hardware[..usize::from(packet.hardware_length)]);
    let parts = (name, packet.protocol, packet.packet_type, packet.hardware_type, hardware);
    Ok(parts.into_pyobject(py)?.into_any())
}

/// `(interface,)`, with two identifiers for `CAN_ISOTP`, with name, group and address for `CAN_J1939`.
pub(super) fn can(socket: &Socket, value: &Bound<'_, PyAny>, name: &str) -> PyResult<SocketAddress> {
    let protocol = socket.protocol();
    if !matches!(protocol, CAN_RAW | CAN_BCM | CAN_ISOTP | CAN_J1939) {
        return Err(plain(format!("{name}(): unsupported CAN protocol")));
    }
    let parts = tuple("AF_CAN", value, name)?;
    let number = |index| unsigned(&parts.get_item(index)?);
    let rest = match protocol {
        CAN_ISOTP => {
            check_exactly("function", 3, parts)?;
            check_int(parts, 1)?;
            check_int(parts, 2)?;
            CanAddress::IsoTp { receive: number(1)?, send: number(2)? }
        }
        CAN_J1939 => {
            check_exactly("function", 4, parts)?;
            check_int(parts, 1)?;
            let (name, address) = (parts.get_item(1)?.extract()?, number(3)? as u8);
            CanAddress::J1939 { name, group: number(2)?, address }
        }
        _ => {
            check_length(parts, 1, 1, "AF_CAN address must be a tuple (interface, )")?;
            CanAddress::Raw
        }
    };
    let py = value.py();
    let interface = file_bytes(&parts.get_item(0)?)?;
    match interface.as_bytes() {
        b"" => Ok(rest.on(0)),
        long if long.len() >= libc::IFNAMSIZ => Err(plain("AF_CAN interface name too long")),
        name => Ok(rest.on(index(socket, name, py)?)),
    }
}

pub(super) fn can_to_python<'py>(
    py: Python<'py>,
    socket: &Socket,
    address: &SocketAddress,
) -> PyResult<Bound<'py, PyAny>> {
    let name = file_name(py, &interface_name(socket.handle().number(), CanAddress::interface(address)))?;
    match socket.protocol() {
        CAN_ISOTP => {
            let (receive, send) = CanAddress::iso_tp(address);
            Ok((name, receive, send).into_pyobject(py)?.into_any())
        }
        CAN_J1939 => {
            let (own_name, group, number) = CanAddress::j1939(address);
            Ok((name, own_name, group, number).into_pyobject(py)?.into_any())
        }
        _ => Ok((name,).into_pyobject(py)?.into_any()),
    }
}

/// `(type, name[, feature[, mask]])`
pub(super) fn alg(value: &Bound<'_, PyAny>, name: &str) -> PyResult<SocketAddress> {
    let parts = tuple("AF_ALG", value, name)?;
    const FORM: &str = "AF_ALG address must be a tuple (type, name[, feat[, mask]])";
    check_length(parts, 2, 4, FORM)?;
    let number = |index| parts.get_item(index).map_or(Ok(0), |value| unsigned(&value).map(|number| number & 0xffff));
    let (kind, algorithm) = (text(&parts.get_item(0)?, FORM)?, text(&parts.get_item(1)?, FORM)?);
    if kind.len() >= 14 {
        return Err(PyValueError::new_err("AF_ALG type too long."));
    }
    if algorithm.len() >= 64 {
        return Err(PyValueError::new_err("AF_ALG name too long."));
    }
    Ok(SocketAddress::alg(kind.as_bytes(), algorithm.as_bytes(), number(2)?, number(3)?))
}

pub(super) fn alg_to_python<'py>(py: Python<'py>, address: &SocketAddress) -> PyResult<Bound<'py, PyAny>> {
    let text = |from: usize, to: usize| {
        let bytes = address.as_bytes().get(from..to).unwrap_or_default();
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        PyString::new(py, &String::from_utf8_lossy(&bytes[..end]))
    };
    let number = |at: usize| {
        let bytes = address.as_bytes().get(at..at + 4).and_then(|bytes| bytes.first_chunk::<4>().copied());
        bytes.map_or(0, u32::from_ne_bytes)
    };
    Ok((text(2, 16), text(24, 88), number(16), number(20)).into_pyobject(py)?.into_any())
}

/// `(kind, v1, v2, v3[, scope])`
pub(super) fn tipc(value: &Bound<'_, PyAny>, name: &str) -> PyResult<SocketAddress> {
    let parts = tuple("AF_TIPC", value, name)?;
    check_length(parts, 4, 5, "AF_TIPC address must be a tuple (addr_type, v1, v2, v3[, scope])")?;
    let number = |index| unsigned(&parts.get_item(index)?);
    let kind = number(0)?;
    if !(1..=3).contains(&kind) {
        return Err(PyTypeError::new_err("Invalid address type"));
    }
    // The whole cluster, unless told otherwise.
    let scope = if parts.len() == 5 { number(4)? } else { 2 };
    Ok(TipcAddress { kind: kind as u8, numbers: [number(1)?, number(2)?, number(3)?], scope: scope as i8 }.into())
}

pub(super) fn tipc_to_python<'py>(py: Python<'py>, address: &SocketAddress) -> PyResult<Bound<'py, PyAny>> {
    let TipcAddress { kind, numbers: [first, second, third], scope } = address.into();
    Ok((kind, first, second, third, scope).into_pyobject(py)?.into_any())
}
