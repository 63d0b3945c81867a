//! Bytes that callers hand in: any contiguous buffer.

use std::borrow::Cow;
use std::ops::Deref;

use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView, PyString};
use zeroize::Zeroize;

use crate::arguments::wrong_kind;

/// Bytes that stay as they are while the interpreter runs other threads.
pub(crate) enum Payload<'a> {
    /// `bytes` never change and live as long as the caller's reference.
    Borrowed(&'a [u8]),
    /// What may change under our hands, such as a `bytearray`, is copied first.
    Copied(Vec<u8>),
}

impl<'a> Payload<'a> {
    /// The bytes of `value`, the argument called `name`.
    pub(crate) fn of(name: &str, value: &'a Bound<'_, PyAny>) -> PyResult<Payload<'a>> {
        Payload::of_kind(name, "a bytes-like object", value)
    }

    fn of_kind(name: &str, expected: &str, value: &'a Bound<'_, PyAny>) -> PyResult<Payload<'a>> {
        if let Ok(bytes) = value.cast::<PyBytes>() {
            return Ok(Payload::Borrowed(bytes.as_bytes()));
        }
        copy(name, expected, value).map(Payload::Copied)
    }
}

/// The bytes of a secret. A copy is overwritten when it goes: programs that can erase a secret keep it in a `bytearray`.
pub(crate) struct SecretBytes<'a>(Payload<'a>);

impl<'a> SecretBytes<'a> {
    /// The bytes of `value`, the argument called `name`, or of its UTF-8 form if it is text: secrets are written down
    /// either way.
    pub(crate) fn of(name: &str, value: &'a Bound<'_, PyAny>) -> PyResult<SecretBytes<'a>> {
        SecretBytes::of_kind(name, "bytes or str", value)
    }

    /// The same where something else is `expected`.
    pub(crate) fn of_kind(name: &str, expected: &str, value: &'a Bound<'_, PyAny>) -> PyResult<SecretBytes<'a>> {
        let bytes = match value.cast::<PyString>() {
            Ok(text) => match text.to_cow()? {
                Cow::Borrowed(text) => Payload::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Payload::Copied(text.into_bytes()),
            },
            Err(_) => Payload::of_kind(name, expected, value)?,
        };
        Ok(SecretBytes(bytes))
    }
}

impl Drop for SecretBytes<'_> {
    fn drop(&mut self) {
        if let Payload::Copied(bytes) = &mut self.0 {
            bytes.zeroize();
        }
    }
}

impl Deref for SecretBytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Deref for Payload<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Payload::Borrowed(bytes) => bytes,
            Payload::Copied(bytes) => bytes,
        }
    }
}

fn copy(name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let py = value.py();
    if let Ok(buffer) = PyBuffer::<u8>::get(value) {
        return buffer.to_vec(py);
    }
    // Elements other than bytes: an array of numbers is sent as it lies in memory.
    let view = PyMemoryView::from(value).map_err(|_| wrong_kind(name, expected, value))?;
    let bytes = view.call_method1("cast", ("B",))?;
    PyBuffer::<u8>::get(&bytes)?.to_vec(py)
}
