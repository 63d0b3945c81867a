//! The kernel's ciphers (`AF_ALG`): an operation with its parameters, sent as ancillary data.
#![cfg(any(target_os = "linux", target_os = "android"))]

use std::ffi::c_int;
use std::io::IoSlice;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use rustchat::net::socket::{self, AncillaryItem, Direction};

use super::arguments::int;
use super::buffer::Source;
use super::call::Kind;
use super::error::plain;
use super::message::fast_sequence;
use super::object::Socket;

impl Socket {
    /// Sends `message`, an iterable of buffers, to the cipher with the operation, its vector and the length of what is
    /// authenticated only.
    pub(crate) fn send_to_cipher(
        &self,
        py: Python<'_>,
        message: Option<&Bound<'_, PyAny>>,
        operation: Option<&Bound<'_, PyAny>>,
        vector: Option<&Bound<'_, PyAny>>,
        associated: Option<&Bound<'_, PyAny>>,
        flags: c_int,
    ) -> PyResult<usize> {
        if self.family() != libc::AF_ALG {
            return Err(plain("algset is only supported for AF_ALG"));
        }
        let ancillary = parameters(operation, vector, associated)?;
        let buffers = match message {
            Some(message) => fast_sequence(message, "sendmsg() argument 1 must be an iterable")?,
            None => Vec::new(),
        };
        let buffers = buffers.iter().map(Source::of).collect::<PyResult<Vec<_>>>()?;
        let slices: Vec<_> = buffers.iter().map(|buffer| IoSlice::new(buffer.bytes())).collect();
        let attempt = |fd, extra| socket::send_message(fd, &slices, &ancillary, flags | extra, None);
        self.perform(py, Direction::Send, Kind::Flags, attempt)
    }
}

fn parameters(
    operation: Option<&Bound<'_, PyAny>>,
    vector: Option<&Bound<'_, PyAny>>,
    associated: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<u8>> {
    let operation = match operation.map(int).transpose()? {
        Some(operation) if operation >= 0 => operation,
        _ => return Err(PyTypeError::new_err("Invalid or missing argument 'op'")),
    };
    let mut ancillary = Vec::new();
    let mut push = |kind, data: &[u8]| AncillaryItem::encode_into(libc::SOL_ALG, kind, data, &mut ancillary);
    push(libc::ALG_SET_OP, &operation.to_ne_bytes());
    if let Some(vector) = vector {
        let source = Source::of(vector)?;
        let mut data = (source.bytes().len() as u32).to_ne_bytes().to_vec();
        data.extend_from_slice(source.bytes());
        push(libc::ALG_SET_IV, &data);
    }
    match associated.map(int).transpose()? {
        Some(length) if length < 0 => return Err(PyTypeError::new_err("assoclen must be positive")),
        Some(length) => push(libc::ALG_SET_AEAD_ASSOCLEN, &length.to_ne_bytes()),
        None => {}
    }
    Ok(ancillary)
}
