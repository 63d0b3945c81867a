//! Bans, as a server takes and gives them.

use std::time::{Duration, SystemTime};

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use rustchat::chat::{Ban as Core, BanSubject, ChatServer};

use crate::arguments::{Argument, Named, wrong_kind};
use crate::error::{OrRaise, invalid};
use crate::time;

/// Somebody who may not join.
#[pyclass(frozen, eq, module = "rustchat")]
#[derive(PartialEq)]
pub(crate) struct Ban(Core);

#[pymethods]
impl Ban {
    /// What the ban goes by: "address", "net", "key" or "name".
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.subject.kind()
    }

    /// The address, net, id of the key or name.
    #[getter]
    fn subject(&self) -> String {
        self.0.subject.value()
    }

    /// Why; may be empty.
    #[getter]
    fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When it ends: a datetime with time zone, None if not by itself.
    #[getter]
    fn until<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.until.map(|until| time::local_datetime(py, until)).transpose()
    }

    fn __str__(&self) -> String {
        self.0.subject.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Ban {}>", self.0.to_json())
    }
}

/// Whom a ban is about, by the one of three arguments that is given.
pub(super) fn subject(
    py: Python<'_>,
    address: Option<&Bound<'_, PyAny>>,
    key_id: Option<Argument<'_, '_, &str>>,
    name: Option<Argument<'_, '_, &str>>,
) -> PyResult<BanSubject> {
    let (key_id, name) = (key_id.called("key_id")?, name.called("name")?);
    let subject = match (address, key_id, name) {
        (Some(address), None, None) => BanSubject::address(&host(address)?),
        (None, Some(key_id), None) => BanSubject::key(key_id),
        (None, None, Some(name)) => BanSubject::name(name),
        _ => return Err(invalid(py, "expected one of address, key_id and name".into())),
    };
    subject.or_raise(py)
}

/// An address or net as text, or that of a member, of which the port does not count.
fn host(address: &Bound<'_, PyAny>) -> PyResult<String> {
    let first = match address.cast::<PyTuple>() {
        Ok(parts) if parts.len() == 2 => parts.get_item(0)?,
        _ => address.clone(),
    };
    let text = first.cast::<PyString>().map_err(|_| wrong_kind("address", "str or (ip, port)", address))?;
    Ok(text.to_cow()?.into_owned())
}

/// Puts a ban in force; how many members were sent away.
pub(super) fn ban(
    py: Python<'_>,
    server: &ChatServer,
    subject: BanSubject,
    reason: &str,
    duration: Option<Duration>,
) -> PyResult<usize> {
    let mut ban = Core::new(subject, reason);
    ban.until = duration.and_then(|duration| SystemTime::now().checked_add(duration));
    py.detach(|| server.ban(ban)).or_raise(py)
}

/// The bans in force.
pub(super) fn all(py: Python<'_>, server: &ChatServer) -> Vec<Ban> {
    py.detach(|| server.bans()).into_iter().map(Ban).collect()
}
