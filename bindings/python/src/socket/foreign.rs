//! Families that rustchat has no addresses of: the interpreter's own socket takes and gives theirs.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::error::from_number;
use super::object::Socket;
use crate::unwind;

impl Socket {
    /// Whether calls with an address are to go through [`Socket::lend`].
    #[inline]
    pub(crate) fn is_foreign(&self) -> bool {
        !matches!(self.family(), libc::AF_INET | libc::AF_INET6 | libc::AF_UNIX)
    }

    /// Calls the method `name` of the interpreter's own class on the same descriptor with the same timeout. The
    /// descriptor is not closed meanwhile.
    pub(crate) fn lend<'py>(&self, name: &str, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        self.lend_named(name, arguments, None)
    }

    /// The same with arguments by name, too.
    pub(crate) fn lend_named<'py>(
        &self,
        name: &str,
        arguments: &Bound<'py, PyTuple>,
        named: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, user) = (arguments.py(), self.handle().in_use());
        if user.number() == -1 {
            return Err(from_number(py, libc::EBADF));
        }
        let class = py.import(intern!(py, "_socket"))?.getattr(intern!(py, "socket"))?;
        let own = class.call1((self.family(), self.kind(), self.protocol(), user.number()))?;
        let answer = own
            .call_method1(intern!(py, "settimeout"), (self.timeout().seconds(),))
            .and_then(|_| own.getattr(name))
            .and_then(|method| match named {
                Some(_) => unwind::import(py, "functools")?.getattr(intern!(py, "partial"))?.call((method,), named),
                None => Ok(method),
            })
            .and_then(|method| unwind::call(&method, arguments));
        own.call_method0(intern!(py, "detach"))?;
        answer
    }
}
