//! Memory of Python objects that system calls read and write.

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::slice;

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustchat::net::socket::Room;

use crate::unwind;

unsafe extern "C" {
    // Part of the stable ABI, though PyO3 does not show it.
    fn _PyBytes_Resize(bytes: *mut *mut ffi::PyObject, size: ffi::Py_ssize_t) -> c_int;
}

/// A buffer of an object, which stays where it is until this is dropped. To be dropped attached.
struct Export(Box<ffi::Py_buffer>);

impl Export {
    fn of(object: &Bound<'_, PyAny>, flags: c_int) -> PyResult<Export> {
        let mut view = Box::new(ffi::Py_buffer::new());
        unwind::get_buffer(object, &mut view, flags)?;
        Ok(Export(view))
    }

    fn pointer(&self) -> *mut u8 {
        // An empty buffer may have no place.
        if self.0.buf.is_null() { std::ptr::dangling_mut() } else { self.0.buf.cast() }
    }

    fn len(&self) -> usize {
        self.0.len.unsigned_abs()
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        // SAFETY: a view that was filled, released once; its owner is attached.
        unsafe { unwind::release_buffer(&mut self.0) }
    }
}

/// Bytes to be sent: any contiguous buffer, not copied. Another thread may change them meanwhile, and the kernel then
/// sends some of either; nothing of this library reads them.
pub(crate) enum Source<'a> {
    /// Of a `bytes` object, which the caller holds.
    Bytes(&'a [u8]),
    /// Of anything else.
    Other(SourceExport),
}

/// See [`Source`].
pub(crate) struct SourceExport(Export);

impl<'a> Source<'a> {
    #[inline]
    pub(crate) fn of(object: &'a Bound<'_, PyAny>) -> PyResult<Source<'a>> {
        match object.cast::<PyBytes>() {
            Ok(bytes) => Ok(Source::Bytes(bytes.as_bytes())),
            Err(_) => Ok(Source::Other(SourceExport(Export::of(object, ffi::PyBUF_SIMPLE)?))),
        }
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Source::Bytes(bytes) => bytes,
            // SAFETY: the export keeps so many bytes alive as long as `self`.
            Source::Other(SourceExport(export)) => unsafe { slice::from_raw_parts(export.pointer(), export.len()) },
        }
    }
}

/// Memory to receive into: any contiguous buffer that can be written to.
pub(crate) struct Target(Export);

impl Target {
    /// The buffer of `object`.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> PyResult<Target> {
        Export::of(object, ffi::PyBUF_WRITABLE).map(Target)
    }

    /// The buffer of the first argument of the method `name`.
    #[inline]
    pub(crate) fn of_argument(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Target> {
        Target::of(object).map_err(|_| {
            let kind = object.get_type().name().map_or_else(|_| "?".into(), |name| name.to_string());
            PyTypeError::new_err(format!("{name}() argument 1 must be read-write bytes-like object, not {kind}"))
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The first `size` bytes of it, as far as there are as many. Others may name the same memory at the same time.
    pub(crate) fn room(&self, size: usize) -> Room<'_> {
        // SAFETY: the export keeps so many writable bytes alive as long as `self`, and nothing here refers to them.
        unsafe { Room::from_raw(self.0.pointer(), self.len().min(size)) }
    }
}

/// A `bytes` object that nobody else has seen yet.
pub(crate) struct FreshBytes<'py>(Bound<'py, PyAny>, usize);

impl<'py> FreshBytes<'py> {
    /// So many bytes, not initialised.
    pub(crate) fn new(py: Python<'py>, size: usize) -> PyResult<FreshBytes<'py>> {
        let length = ffi::Py_ssize_t::try_from(size).unwrap_or(ffi::Py_ssize_t::MAX);
        // SAFETY: attached; the answer is a new reference or NULL with an exception set.
        let bytes =
            unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyBytes_FromStringAndSize(std::ptr::null(), length)) }?;
        Ok(FreshBytes(bytes, size))
    }

    pub(crate) fn bytes(&mut self) -> &mut [MaybeUninit<u8>] {
        // SAFETY: a bytes object of that size whose only reference is ours.
        unsafe { slice::from_raw_parts_mut(ffi::PyBytes_AsString(self.0.as_ptr()).cast(), self.1) }
    }

    /// The same, zeroed.
    pub(crate) fn zeroed(&mut self) -> &mut [u8] {
        let bytes = self.bytes();
        bytes.fill(MaybeUninit::new(0));
        // SAFETY: every byte has just been written.
        unsafe { slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len()) }
    }

    /// The object with its first `filled` bytes, which must be initialised.
    ///
    /// # Safety
    /// They are.
    pub(crate) unsafe fn finish(self, filled: usize) -> PyResult<Bound<'py, PyBytes>> {
        let FreshBytes(bytes, size) = self;
        if filled == size {
            // SAFETY: made as bytes.
            return Ok(unsafe { bytes.cast_into_unchecked() });
        }
        let py = bytes.py();
        let mut pointer = bytes.into_ptr();
        // SAFETY: the only reference to a bytes object; it is gone, and an exception set, if that fails.
        if unsafe { _PyBytes_Resize(&raw mut pointer, filled as ffi::Py_ssize_t) } != 0 {
            return Err(PyErr::fetch(py));
        }
        // SAFETY: the reference that resizing gives back.
        Ok(unsafe { Bound::from_owned_ptr(py, pointer).cast_into_unchecked() })
    }
}
