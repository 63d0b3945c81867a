//! The commands of a server, from a dict.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use rustchat::command::Catalogue;

use super::slot::{Template, of_words};
use crate::arguments::{texts, wrong_kind};

pub(super) fn catalogue(
    commands: Option<&Bound<'_, PyAny>>,
    shell: Option<PathBuf>,
    variables: Option<&Bound<'_, PyAny>>,
    settable: Option<&Bound<'_, PyAny>>,
) -> PyResult<Catalogue> {
    let mut catalogue = Catalogue::new();
    if let Some(commands) = commands {
        for (name, template) in dict("commands", commands)?.iter() {
            let name = name.cast::<PyString>().map_err(|_| wrong_kind("commands", "names of type str", &name))?;
            let template = match template.cast::<Template>() {
                Ok(template) => template.get().core.clone(),
                Err(_) => of_words(&format!("commands[{:?}]", name.to_cow()?), &template)?,
            };
            catalogue = catalogue.command(name.to_cow()?, template);
        }
    }
    if let Some(shell) = shell {
        catalogue = catalogue.shell(shell);
    }
    if let Some(variables) = variables {
        for (name, value) in dict("variables", variables)?.iter() {
            catalogue = catalogue.variable(text(&name)?, text(&value)?);
        }
    }
    Ok(texts("settable", settable)?.unwrap_or_default().into_iter().fold(catalogue, Catalogue::settable))
}

fn dict<'a, 'py>(name: &str, value: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, PyDict>> {
    value.cast::<PyDict>().map_err(|_| wrong_kind(name, "a dict or None", value))
}

fn text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    value.extract().map_err(|_| wrong_kind("variables", "names and values of type str", value))
}
