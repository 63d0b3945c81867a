//! What a server lets its clients run, as Python writes it.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use rustchat::command::{Slot as CoreSlot, Template as CoreTemplate};

use crate::arguments::{Argument, Kind, named, or, texts, wrong_kind};
use crate::error::invalid;

/// A place for one argument of a client's, and what it takes: as a whole or not at all, byte for byte. What begins with "-" is
/// refused but for an integer, and a choice that was spelled out.
///
///     commands={"log": ["/usr/bin/tail", "-n", Slot.int(1, 1000), "/var/log/app.log"]}
///
/// All of them take prefix="--lines=", a fixed text that stands before the value in the same argument, and secret=True, for
/// which the log shows ***.
#[pyclass(frozen, from_py_object, module = "rustchat")]
#[derive(Clone)]
pub(crate) struct Slot {
    pub(super) core: CoreSlot,
    prefix: String,
}

fn slot(core: CoreSlot, prefix: &str, secret: bool) -> Slot {
    Slot { core: if secret { core.secret() } else { core }, prefix: prefix.to_owned() }
}

#[pymethods]
impl Slot {
    /// A decimal integer from `min` to `max`, in its only form.
    #[staticmethod]
    #[pyo3(signature = (min, max, *, prefix=or(""), secret=or(false)), text_signature = "(min, max, *, prefix='', secret=False)")]
    fn int(
        min: Argument<'_, '_, i64>,
        max: Argument<'_, '_, i64>,
        prefix: Argument<'_, '_, &str>,
        secret: Argument<'_, '_, bool>,
    ) -> PyResult<Slot> {
        named!(min, max, prefix, secret);
        Ok(slot(CoreSlot::int(min, max), prefix, secret))
    }

    /// One of these words.
    #[staticmethod]
    #[pyo3(signature = (*choices, prefix=or(""), secret=or(false)), text_signature = "(*choices, prefix='', secret=False)")]
    fn choice(
        choices: &Bound<'_, PyTuple>,
        prefix: Argument<'_, '_, &str>,
        secret: Argument<'_, '_, bool>,
    ) -> PyResult<Slot> {
        named!(prefix, secret);
        Ok(slot(CoreSlot::choice(texts("choices", Some(choices.as_any()))?.unwrap_or_default()), prefix, secret))
    }

    /// A word of ASCII letters, digits and _ . : @ + , = % - of at most `max` bytes: no path, neither "." nor "..".
    #[staticmethod]
    #[pyo3(signature = (max=or(64), *, prefix=or(""), secret=or(false)), text_signature = "(max=64, *, prefix='', secret=False)")]
    fn word(
        max: Argument<'_, '_, usize>,
        prefix: Argument<'_, '_, &str>,
        secret: Argument<'_, '_, bool>,
    ) -> PyResult<Slot> {
        named!(max, prefix, secret);
        Ok(slot(CoreSlot::word(max), prefix, secret))
    }

    /// One to `max` characters of a set, spelled as in "a-z0-9_".
    #[staticmethod]
    #[pyo3(signature = (set, max=or(64), *, prefix=or(""), secret=or(false)),
        text_signature = "(set, max=64, *, prefix='', secret=False)")]
    fn characters(
        set: Argument<'_, '_, &str>,
        max: Argument<'_, '_, usize>,
        prefix: Argument<'_, '_, &str>,
        secret: Argument<'_, '_, bool>,
    ) -> PyResult<Slot> {
        named!(set, max, prefix, secret);
        Ok(slot(CoreSlot::characters(set, max), prefix, secret))
    }

    /// Any text of one line, of at most `max` bytes of UTF-8.
    #[staticmethod]
    #[pyo3(signature = (max=or(1024), *, prefix=or(""), secret=or(false)),
        text_signature = "(max=1024, *, prefix='', secret=False)")]
    fn text(
        max: Argument<'_, '_, usize>,
        prefix: Argument<'_, '_, &str>,
        secret: Argument<'_, '_, bool>,
    ) -> PyResult<Slot> {
        named!(max, prefix, secret);
        Ok(slot(CoreSlot::text(max), prefix, secret))
    }

    /// What it takes, in a few words.
    fn __str__(&self) -> String {
        self.core.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Slot {}>", self.core)
    }
}

/// A command that clients may run, where a list of words does not say all.
///
/// argv: the absolute path of a program, and its arguments: str, bytes or a Slot.
/// rest: (Slot, most): up to so many more arguments of the client's at the end.
/// directory: where it runs; without it the server's own place.
/// keys: only who has proved one of these key ids may run it.
/// input: whether clients may send it input.
#[pyclass(frozen, module = "rustchat")]
#[derive(Clone)]
pub(crate) struct Template {
    pub(super) core: CoreTemplate,
}

#[pymethods]
impl Template {
    #[new]
    #[pyo3(signature = (argv, *, rest=None, directory=None, keys=None, input=or(true)),
        text_signature = "(argv, *, rest=None, directory=None, keys=None, input=True)")]
    fn new(
        argv: &Bound<'_, PyAny>,
        rest: Option<Argument<'_, '_, (Slot, usize)>>,
        directory: Option<Argument<'_, '_, PathBuf>>,
        keys: Option<&Bound<'_, PyAny>>,
        input: Argument<'_, '_, bool>,
    ) -> PyResult<Template> {
        named!(rest, directory, input);
        let mut core = of_words("argv", argv)?;
        if let Some((slot, most)) = rest {
            core = core.rest(slot.core, most);
        }
        if let Some(directory) = directory {
            core = core.directory(directory);
        }
        if let Some(keys) = texts("keys", keys)? {
            core = core.keys(keys);
        }
        Ok(Template { core: if input { core } else { core.without_input() } })
    }

    fn __repr__(&self) -> &'static str {
        "<Template>"
    }
}

impl Kind<'_, '_> for (Slot, usize) {
    const EXPECTED: &'static str = "(Slot, most)";
    const BOUNDS: (&'static str, &'static str) = ("0 or more", "no more than there can be");
}

/// A template of a list of words and slots.
pub(super) fn of_words(name: &str, argv: &Bound<'_, PyAny>) -> PyResult<CoreTemplate> {
    const EXPECTED: &str = "a list of str, bytes and Slot";
    if argv.is_instance_of::<PyString>() || argv.is_instance_of::<PyBytes>() {
        return Err(wrong_kind(name, EXPECTED, argv));
    }
    let mut template = None;
    for word in argv.try_iter().map_err(|_| wrong_kind(name, EXPECTED, argv))? {
        let word = word?;
        template = Some(match template {
            None => CoreTemplate::new(word.extract::<PathBuf>().map_err(|_| wrong_kind(name, "a path first", &word))?),
            Some(template) => add(name, template, &word)?,
        });
    }
    template.ok_or_else(|| invalid(argv.py(), format!("{name} is empty, expected a program")))
}

fn add(name: &str, template: CoreTemplate, word: &Bound<'_, PyAny>) -> PyResult<CoreTemplate> {
    if let Ok(slot) = word.cast::<Slot>() {
        let Slot { core, prefix } = slot.get();
        return Ok(template.option(prefix, core.clone()));
    }
    super::client::word(name, word).map(|bytes| template.arg(bytes))
}
