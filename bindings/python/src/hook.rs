//! Methods that subclasses override to be called.

use std::sync::Arc;

use pyo3::PyTypeInfo;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyWeakrefMethods, PyWeakrefReference};

use crate::{lifetime, log};

/// The object whose hooks are called, without keeping it alive: a server nobody holds is to be ended, not served.
#[derive(Clone)]
pub(crate) struct Owner(Arc<Py<PyWeakrefReference>>);

impl Owner {
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Owner> {
        Ok(Owner(Arc::new(PyWeakrefReference::new(object)?.unbind())))
    }

    /// Lets `call` call a hook on a thread of the library's. What is raised is logged with its traceback.
    ///
    /// `None` when the hook raised, the object is gone or the interpreter is.
    pub(crate) fn call<R>(
        &self,
        hook: &str,
        call: impl for<'py> FnOnce(&Bound<'py, PyAny>) -> PyResult<R>,
    ) -> Option<R> {
        lifetime::attach(|py| {
            let object = self.0.bind(py).upgrade()?;
            let result = object.getattr(PyString::intern(py, hook)).and_then(|method| call(&method));
            result.map_err(|error| log::hook_failed(py, hook, &error)).ok()
        })
        .flatten()
    }
}

/// Whether the class of `object`, or the object itself, has a method of its own in the place of `Base`'s.
pub(crate) fn is_overridden<Base: PyTypeInfo>(object: &Bound<'_, PyAny>, hook: &str) -> PyResult<bool> {
    let base = object.py().get_type::<Base>();
    Ok(!object.get_type().getattr(hook)?.is(&base.getattr(hook)?))
}
