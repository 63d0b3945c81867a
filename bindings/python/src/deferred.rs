//! Functions that a call does not run: it gives a coroutine or a generator, which somebody would have to go through.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::unwind;

/// Flags of code objects, see Python's module `inspect`, and what a function with such code is.
const KINDS: [(u32, &str); 4] = [
    (0x80, "an async function"),
    (0x200, "an async generator function"),
    (0x100, "a coroutine function"),
    (0x20, "a generator function"),
];

/// How many partials may be around a function.
const DEPTH: usize = 64;

/// What a callable is, if to call it is not to run it.
pub(crate) fn kind_of(callable: &Bound<'_, PyAny>) -> PyResult<Option<&'static str>> {
    let py = callable.py();
    let partial = py.import(intern!(py, "functools"))?.getattr(intern!(py, "partial"))?;
    let mut callable = callable.clone();
    for _ in 0..DEPTH {
        let inner = if callable.is_instance(&partial)? { "func" } else { "__func__" };
        match callable.getattr_opt(inner)? {
            Some(function) => callable = function,
            None => break,
        }
    }
    let marks = callable.getattr_opt(intern!(py, "__dict__"))?;
    if marks.map_or(Ok(false), |marks| marks.contains(intern!(py, "_is_coroutine_mark")))? {
        return Ok(Some(KINDS[0].1));
    }
    if let Some(kind) = kind_by_code(&callable)? {
        return Ok(Some(kind));
    }
    if callable.is_instance_of::<PyType>() {
        return Ok(None);
    }
    callable.get_type().getattr_opt(intern!(py, "__call__"))?.map_or(Ok(None), |call| kind_by_code(&call))
}

fn kind_by_code(function: &Bound<'_, PyAny>) -> PyResult<Option<&'static str>> {
    let py = function.py();
    let Some(code) = function.getattr_opt(intern!(py, "__code__"))? else { return Ok(None) };
    let flags: u32 = code.getattr(intern!(py, "co_flags"))?.extract()?;
    Ok(KINDS.iter().find(|(flag, _)| flags & flag != 0).map(|(_, kind)| *kind))
}

/// `TypeError` for a coroutine, a generator or something else that waits to be gone through. It is closed, so that
/// nobody is told besides that it was never awaited.
pub(crate) fn refuse(answer: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = answer.py();
    let class = answer.get_type();
    let waits = class.hasattr(intern!(py, "__await__"))?
        || class.hasattr(intern!(py, "__anext__"))?
        || (class.hasattr(intern!(py, "send"))? && class.hasattr(intern!(py, "__next__"))?);
    if !waits {
        return Ok(());
    }
    if let Some(close) = answer.getattr_opt(intern!(py, "close"))? {
        unwind::call(&close, &pyo3::types::PyTuple::empty(py))?;
    }
    Err(PyTypeError::new_err(format!(
        "it returned a {}, which nobody awaits: hooks are plain functions",
        class.name()?
    )))
}
