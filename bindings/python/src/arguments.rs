//! Arguments: what is wrong with one is told with its name, what is expected and what came.
//!
//! PyO3 converts arguments without knowing their names and puts those into notes, which `str()` does not show. So a
//! function takes its arguments as [`Argument`]s and asks for their values by name: [`named!`](named).

use std::borrow::Cow;
use std::path::PathBuf;
use std::str::FromStr;

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use rustchat::Error;
use rustchat::frame::Framing;

use crate::error::{exception, invalid};

/// An argument as it came; `Option<Argument<_>>` takes `None`, too.
#[derive(Clone, Copy)]
pub(crate) enum Argument<'a, 'py, T> {
    /// It was left out.
    Default(T),
    /// What the caller gave.
    Given(Borrowed<'a, 'py, PyAny>),
}

/// The default of an argument in a signature.
pub(crate) const fn or<'a, 'py, T>(value: T) -> Argument<'a, 'py, T> {
    Argument::Default(value)
}

impl<'a, 'py, T> FromPyObject<'a, 'py> for Argument<'a, 'py, T> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Ok(Argument::Given(value))
    }
}

/// What has a value once its name is known.
pub(crate) trait Named {
    type Value;

    /// The value. `TypeError` for another kind of thing, `InvalidArgument` for a number past what the type can hold.
    fn called(self, name: &str) -> PyResult<Self::Value>;
}

impl<'a, 'py, T: Kind<'a, 'py>> Named for Argument<'a, 'py, T> {
    type Value = T;

    #[inline]
    fn called(self, name: &str) -> PyResult<T> {
        match self {
            Argument::Default(value) => Ok(value),
            Argument::Given(value) => T::extract(value).map_err(|error| refuse::<T>(name, &value, error.into(), "")),
        }
    }
}

impl<'a, 'py, T: Kind<'a, 'py>> Named for Option<Argument<'a, 'py, T>> {
    type Value = Option<T>;

    #[inline]
    fn called(self, name: &str) -> PyResult<Option<T>> {
        match self {
            None => Ok(None),
            Some(Argument::Default(value)) => Ok(Some(value)),
            Some(Argument::Given(value)) => {
                T::extract(value).map(Some).map_err(|error| refuse::<T>(name, &value, error.into(), " or None"))
            }
        }
    }
}

/// Puts the values of arguments into variables of the same names.
macro_rules! named {
    ($($name:ident),+ $(,)?) => {
        $(let $name = $crate::arguments::Named::called($name, stringify!($name))?;)+
    };
}
pub(crate) use named;

/// A type of arguments.
pub(crate) trait Kind<'a, 'py>: FromPyObject<'a, 'py> {
    /// What is expected, as a sentence has it.
    const EXPECTED: &'static str;
    /// What is expected of a number below what the type can hold, and above.
    const BOUNDS: (&'static str, &'static str) = ("", "");
}

impl<'a> Kind<'a, '_> for &'a str {
    const EXPECTED: &'static str = "str";
}

impl Kind<'_, '_> for String {
    const EXPECTED: &'static str = "str";
}

impl Kind<'_, '_> for bool {
    const EXPECTED: &'static str = "True or False";
}

impl Kind<'_, '_> for PathBuf {
    const EXPECTED: &'static str = "a path";
}

impl Kind<'_, '_> for i64 {
    const EXPECTED: &'static str = "an integer";
    const BOUNDS: (&'static str, &'static str) = ("at least -2^63", "less than 2^63");
}

impl Kind<'_, '_> for i32 {
    const EXPECTED: &'static str = "an integer";
    const BOUNDS: (&'static str, &'static str) = ("at least -2147483648", "at most 2147483647");
}

impl Kind<'_, '_> for u16 {
    const EXPECTED: &'static str = "an integer";
    const BOUNDS: (&'static str, &'static str) = ("0 to 65535", "0 to 65535");
}

impl Kind<'_, '_> for u32 {
    const EXPECTED: &'static str = "an integer";
    const BOUNDS: (&'static str, &'static str) = ("0 or more", "0 to 4294967295");
}

impl Kind<'_, '_> for u64 {
    const EXPECTED: &'static str = "an integer";
    const BOUNDS: (&'static str, &'static str) = ("0 or more", "0 to 18446744073709551615");
}

impl Kind<'_, '_> for usize {
    const EXPECTED: &'static str = "an integer";
    #[cfg(target_pointer_width = "64")]
    const BOUNDS: (&'static str, &'static str) = <u64 as Kind>::BOUNDS;
    #[cfg(not(target_pointer_width = "64"))]
    const BOUNDS: (&'static str, &'static str) = <u32 as Kind>::BOUNDS;
}

/// Every floating-point number that is an argument counts seconds.
impl Kind<'_, '_> for f64 {
    const EXPECTED: &'static str = "a number of seconds";
    const BOUNDS: (&'static str, &'static str) = ("0 or more", "at most 1.8e308");
}

/// Messages at once, and messages a second.
impl Kind<'_, '_> for (u32, f64) {
    const EXPECTED: &'static str = "(messages at once, messages a second)";
    const BOUNDS: (&'static str, &'static str) = ("a burst of 0 to 4294967295", "a burst of 0 to 4294967295");
}

/// A kind of channel binding, and its value.
impl<'py> Kind<'_, 'py> for (u8, Bound<'py, PyAny>) {
    const EXPECTED: &'static str = "(kind, bytes)";
    const BOUNDS: (&'static str, &'static str) = ("a kind of 1 to 255", "a kind of 1 to 255");
}

/// The permissions of a Unix socket's file.
#[derive(Clone, Copy)]
pub(crate) struct Mode(pub(crate) u32);

impl FromPyObject<'_, '_> for Mode {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Mode> {
        let mode = value.extract::<u32>()?;
        if mode <= 0o777 { Ok(Mode(mode)) } else { Err(PyOverflowError::new_err(())) }
    }
}

impl Kind<'_, '_> for Mode {
    const EXPECTED: &'static str = "an integer";
    const BOUNDS: (&'static str, &'static str) = ("at most 0o777, such as 0o660", "at most 0o777, such as 0o660");
}

/// What is said of a value that is not taken for a `T`.
#[cold]
fn refuse<'a, 'py, T: Kind<'a, 'py>>(name: &str, value: &Bound<'py, PyAny>, error: PyErr, otherwise: &str) -> PyErr {
    let py = value.py();
    if error.is_instance_of::<PyTypeError>(py) {
        return wrong_kind(name, &format!("{}{otherwise}", T::EXPECTED), value);
    }
    if error.is_instance_of::<PyOverflowError>(py) {
        let (below, above) = T::BOUNDS;
        return out_of_bounds(name, value, if value.lt(0).unwrap_or(false) { below } else { above });
    }
    error
}

/// The `TypeError` for an argument of another kind than is `expected`.
#[cold]
pub(crate) fn wrong_kind(name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!("argument '{name}': expected {expected}, not {}", kind_of(value)))
}

/// What came, without what is in it, which may be a secret: its type, and of a tuple those of its parts.
fn kind_of(value: &Bound<'_, PyAny>) -> String {
    const MOST: usize = 4;
    match value.cast::<PyTuple>() {
        Ok(parts) if parts.len() <= MOST => {
            let kinds: Vec<_> = parts.iter().map(|part| type_name(&part)).collect();
            if let [alone] = &kinds[..] { format!("({alone},)") } else { format!("({})", kinds.join(", ")) }
        }
        _ => type_name(value),
    }
}

fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().qualname().map_or_else(|_| "that".into(), |name| shortened(&name))
}

/// The `InvalidArgument` for a number that is too small or too large, or the first of a tuple.
#[cold]
pub(crate) fn out_of_bounds(name: &str, value: &Bound<'_, PyAny>, expected: &str) -> PyErr {
    let number = value.cast::<PyTuple>().map_or_else(|_| Ok(value.clone()), |parts| parts.get_item(0));
    // Python does not write out a number of thousands of digits.
    let text = number.and_then(|number| number.str()).map_or_else(|_| "too large".into(), |text| shortened(&text));
    invalid(value.py(), format!("{name} is {text}, expected {expected}"))
}

fn shortened(text: &Bound<'_, PyString>) -> String {
    const LONGEST: usize = 60;
    let text = text.to_string_lossy();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// A value with a name, such as a framing; the error lists the names.
pub(crate) fn choice<T: FromStr<Err = Error>>(py: Python<'_>, option: &str, name: &str) -> PyResult<T> {
    name.parse().map_err(|error: Error| exception(py, &error.context(option)))
}

/// The longest message: what the caller wants, or the framing's default.
pub(crate) fn limit(framing: Framing, value: Option<usize>) -> usize {
    value.unwrap_or(framing.default_limit())
}

/// A group by its name or number.
pub(crate) fn group(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    if value.is_none() {
        return Ok(None);
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Some(text.to_cow().map(Cow::into_owned)?));
    }
    match value.extract::<u32>() {
        Ok(number) => Ok(Some(number.to_string())),
        Err(error) if error.is_instance_of::<PyTypeError>(value.py()) => {
            Err(wrong_kind(name, "a name, a number or None", value))
        }
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => {
            Err(out_of_bounds(name, value, <u32 as Kind>::BOUNDS.1))
        }
        Err(error) => Err(error),
    }
}

/// Several texts, or `None`. One alone is not several.
pub(crate) fn texts(name: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Vec<String>>> {
    let Some(value) = value.filter(|value| !value.is_none()) else { return Ok(None) };
    let wrong = || wrong_kind(name, "a list of str or None", value);
    if value.is_instance_of::<PyString>() {
        return Err(wrong());
    }
    value
        .try_iter()
        .map_err(|_| wrong())?
        .map(|text| text?.extract().map_err(|_| wrong()))
        .collect::<PyResult<_>>()
        .map(Some)
}
