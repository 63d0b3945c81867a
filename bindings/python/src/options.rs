//! Options from keywords, row by row: the core's tables say what there is.

use std::time::Duration;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};
use rustchat::chat::{Rate, ServerOptions};
use rustchat::options::{Kind, Row, Table, Value};

use crate::arguments::{self, Argument, Mode, Named, choice};
use crate::error::invalid;
use crate::{backoff, credentials, time, tls};

/// Sets what is given to `call`; the others stay as they are.
pub(crate) fn fill<O: Table>(options: &mut O, call: &str, given: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
    let Some(given) = given else { return Ok(()) };
    for (keyword, value) in given {
        let keyword = keyword.cast::<PyString>()?.to_cow()?;
        match O::ROWS.iter().find(|row| row.keywords().contains(&&*keyword)) {
            Some(row) => set(row, options, &keyword, &value)?,
            None => return Err(unknown::<O>(given.py(), call, &keyword)),
        }
    }
    O::ROWS.iter().try_for_each(|row| authenticate(row, options, given))
}

fn set<O>(row: &Row<O>, options: &mut O, keyword: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = value.py();
    match &row.kind {
        Kind::Flag(place) => *place(options) = required(keyword, value)?,
        Kind::Switch(place) => *place(options) = optional(keyword, value)?,
        Kind::Count(place) => *place(options) = required(keyword, value)?,
        Kind::Number(place) => *place(options) = required(keyword, value)?,
        Kind::Ceiling(place) => *place(options) = optional(keyword, value)?,
        Kind::Seconds(place) => *place(options) = time::duration(py, keyword, required(keyword, value)?)?,
        Kind::Patience(place) => {
            let seconds = optional(keyword, value)?;
            *place(options) = seconds.map_or(Ok(Duration::MAX), |seconds| time::duration(py, keyword, seconds))?;
        }
        Kind::Text(place) => *place(options) = optional(keyword, value)?,
        Kind::Group(place) => *place(options) = arguments::group(keyword, value)?,
        Kind::Mode(place) => *place(options) = optional(keyword, value)?.map(|Mode(mode)| mode),
        Kind::Rate(place) => {
            let rate = optional(keyword, value)?;
            *place(options) = rate.map(|(burst, per_second)| checked_rate(py, burst, per_second)).transpose()?;
        }
        Kind::Framing(place) => *place(options) = choice(py, keyword, required(keyword, value)?)?,
        Kind::Choice(choice) => {
            let name: &str = required(keyword, value)?;
            let index = choice.names.iter().position(|known| *known == name).ok_or_else(|| {
                let known: Vec<_> = choice.names.iter().map(|name| format!("{name:?}")).collect();
                invalid(py, format!("{keyword} is {name:?}, expected {}", known.join(" or ")))
            })?;
            choice.set(options, index);
        }
        Kind::Reconnect(place) => *place(options) = backoff::option(keyword, value)?,
        Kind::Tls(place) => *place(options) = tls::option(keyword, value)?,
        // Made of several keywords when all are there.
        Kind::ServerAuth(_) | Kind::ClientAuth(_) => {}
    }
    Ok(())
}

fn required<'a, 'py, T: arguments::Kind<'a, 'py>>(keyword: &str, value: &'a Bound<'py, PyAny>) -> PyResult<T> {
    Argument::Given(value.as_borrowed()).called(keyword)
}

fn optional<'a, 'py, T: arguments::Kind<'a, 'py>>(keyword: &str, value: &'a Bound<'py, PyAny>) -> PyResult<Option<T>> {
    (!value.is_none()).then(|| Argument::Given(value.as_borrowed())).called(keyword)
}

fn checked_rate(py: Python<'_>, burst: u32, per_second: f64) -> PyResult<Rate> {
    if per_second.is_finite() && per_second >= 0.0 {
        return Ok(Rate { burst, per_second });
    }
    Err(invalid(py, format!("rate is {per_second} messages a second, expected 0 or more")))
}

fn authenticate<O>(row: &Row<O>, options: &mut O, given: &Bound<'_, PyDict>) -> PyResult<()> {
    let py = given.py();
    let thing = |keyword| Ok::<_, PyErr>(given.get_item(keyword)?.filter(|value| !value.is_none()));
    let (profile, server_id, key_id) =
        (given.get_item("profile")?, given.get_item("server_id")?, given.get_item("key_id")?);
    let profile = profile.as_ref().map_or(Ok("mutual"), |value| required("profile", value));
    match &row.kind {
        Kind::ServerAuth(place) => {
            let id = server_id.as_ref().map_or(Ok(""), |value| required("server_id", value))?;
            let (secret, keys) = (thing("secret")?, thing("keys")?);
            *place(options) = credentials::server(py, secret.as_ref(), keys.as_ref(), profile?, id)?;
        }
        Kind::ClientAuth(place) => {
            let id = key_id.as_ref().map_or(Ok(""), |value| required("key_id", value))?;
            *place(options) = credentials::client(py, thing("secret")?.as_ref(), id, profile?)?;
        }
        _ => {}
    }
    Ok(())
}

/// The `TypeError` for a keyword that there is not, with the one that may be meant.
#[cold]
fn unknown<O: Table>(py: Python<'_>, call: &str, keyword: &str) -> PyErr {
    let known: Vec<_> = O::ROWS.iter().flat_map(Row::keywords).copied().collect();
    let nearest = py
        .import(intern!(py, "difflib"))
        .and_then(|difflib| difflib.call_method1(intern!(py, "get_close_matches"), (keyword, known, 1, 0.5)))
        .and_then(|nearest| nearest.extract::<Vec<String>>());
    let hint = match nearest.as_deref() {
        Ok([nearest, ..]) => format!(". Did you mean '{nearest}'?"),
        _ => String::new(),
    };
    PyTypeError::new_err(format!("{call}() got an unexpected keyword argument '{keyword}'{hint}"))
}

/// What a command line has to know of an option: its keyword, its kind, its default, the names that it may be, and what it is for.
type Described<'py> = (&'static str, &'static str, Bound<'py, PyAny>, &'static [&'static str], String);

/// The options of ChatServer that are one value each, for `rustchat serve`.
#[pyfunction]
pub(crate) fn server_options(py: Python<'_>) -> PyResult<Vec<Described<'_>>> {
    let rows = ServerOptions::rows().iter();
    rows.filter_map(|row| Some((row, row.keyword?, kind(row)?)))
        .map(|(row, keyword, kind)| {
            let choices = match &row.kind {
                Kind::Choice(choice) => choice.names,
                _ => &[],
            };
            let zero = row.zero.map_or(String::new(), |zero| format!(" 0 is {zero}."));
            Ok((keyword, kind, default(py, row)?, choices, row.about() + &zero))
        })
        .collect()
}

/// `None` for what is made of several values.
fn kind<O>(row: &Row<O>) -> Option<&'static str> {
    Some(match &row.kind {
        Kind::Flag(_) | Kind::Switch(_) => "flag",
        Kind::Count(_) | Kind::Number(_) | Kind::Ceiling(_) => "count",
        Kind::Seconds(_) | Kind::Patience(_) => "seconds",
        Kind::Text(_) => "text",
        Kind::Group(_) => "group",
        Kind::Mode(_) => "mode",
        Kind::Rate(_) => "rate",
        Kind::Framing(_) => "framing",
        Kind::Choice(_) => "choice",
        Kind::ServerAuth(_) | Kind::ClientAuth(_) | Kind::Tls(_) | Kind::Reconnect(_) => return None,
    })
}

fn default<'py, O: Table>(py: Python<'py>, row: &Row<O>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match row.default() {
        Value::None => py.None().into_bound(py),
        Value::Flag(value) => PyBool::new(py, value).to_owned().into_any(),
        Value::Integer(value) => value.into_bound_py_any(py)?,
        Value::Seconds(value) => value.as_secs_f64().into_bound_py_any(py)?,
        Value::Text(value) => value.into_bound_py_any(py)?,
    })
}
