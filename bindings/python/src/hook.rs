//! Methods that subclasses override to be called.

use std::sync::{Arc, Weak};

use pyo3::PyTypeInfo;
use pyo3::exceptions::{PyBaseException, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyWeakrefMethods, PyWeakrefReference};
use rustchat::Error;

use crate::error::exception;
use crate::{deferred, lifetime, log, unwind};

/// The start() of an object that has hooks. The threads that call them begin before it has ended.
pub(crate) trait Start: Send + Sync {
    /// Returns when it is not under way, without the interpreter, which it may need to get there.
    fn wait(&self);
}

/// The object whose hooks are called, without keeping it alive: a server nobody holds is to be ended, not served.
#[derive(Clone)]
pub(crate) struct Owner {
    object: Arc<Py<PyWeakrefReference>>,
    start: Weak<dyn Start>,
}

impl Owner {
    pub(crate) fn new(object: &Bound<'_, PyAny>, start: Weak<dyn Start>) -> PyResult<Owner> {
        Ok(Owner { object: Arc::new(PyWeakrefReference::new(object)?.unbind()), start })
    }

    /// Calls a hook on a thread of the library's, and `take` with what it returns. What is raised is logged with its
    /// traceback. A start() that is under way ends before, so that the hook may use what was started.
    ///
    /// `None` when the hook raised, the object is gone or the interpreter is.
    pub(crate) fn call<R>(
        &self,
        hook: &str,
        arguments: impl for<'py> IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>>,
        take: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<R>,
    ) -> Option<R> {
        self.start.upgrade().iter().for_each(|start| start.wait());
        lifetime::attach(|py| {
            let object = self.object.bind(py).upgrade()?;
            let result = object
                .getattr(PyString::intern(py, hook))
                .and_then(|method| unwind::call(&method, &arguments.into_pyobject(py).map_err(Into::into)?))
                .and_then(|answer| take(&answer));
            result.map_err(|error| log::hook_failed(py, hook, &error)).ok()
        })
        .flatten()
    }
}

/// Calls a hook with an error of the core's as the exception that stands for it.
pub(crate) struct Raised(pub(crate) Error);

impl<'py> IntoPyObject<'py> for Raised {
    type Target = PyBaseException;
    type Output = Bound<'py, PyBaseException>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        Ok(exception(py, &self.0).into_value(py).into_bound(py))
    }
}

/// Whether `object` has a hook of its own in the place of `Base`'s: a method of its class, or what was assigned to it.
///
/// `TypeError` for one that a call would not run: it is no function, or one that gives a coroutine or a generator.
pub(crate) fn is_overridden<Base: PyTypeInfo>(object: &Bound<'_, PyAny>, hook: &str) -> PyResult<bool> {
    let base = object.py().get_type::<Base>();
    if object.get_type().getattr(hook)?.is(&base.getattr(hook)?) && !is_assigned(object, hook)? {
        return Ok(false);
    }
    let method = object.getattr(hook)?;
    if !method.is_callable() {
        return Err(PyTypeError::new_err(format!("{hook} is {method}, expected a function")));
    }
    if let Some(kind) = deferred::kind_of(&method)? {
        let what = "hooks are called on a thread of the library's, which awaits nothing: make it a plain function";
        return Err(PyTypeError::new_err(format!("{hook}() is {kind}; {what}")));
    }
    Ok(true)
}

fn is_assigned(object: &Bound<'_, PyAny>, hook: &str) -> PyResult<bool> {
    object.getattr_opt("__dict__")?.map_or(Ok(false), |attributes| attributes.contains(hook))
}

/// Takes the answer of a hook that is asked for none.
///
/// `TypeError` for one that shows that the hook has not run.
pub(crate) fn done(answer: &Bound<'_, PyAny>) -> PyResult<()> {
    if answer.is_none() { Ok(()) } else { deferred::refuse(answer) }
}
