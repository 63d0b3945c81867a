//! Secrets, keys and profiles, as options give them.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyDictMethods, PyString};
use rustchat::auth::{ClientAuth, KeyRing as CoreRing, Profile, Secret, ServerAuth};

use crate::arguments::{choice, wrong_kind};
use crate::buffer::SecretBytes;
use crate::error::{OrRaise, invalid};
use crate::keyring::KeyRing;

/// A secret: `bytes`, or `str` for its UTF-8 form.
pub(crate) fn secret(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Secret> {
    let py = value.py();
    let bytes = SecretBytes::of(name, value)?;
    Secret::new(&*bytes).map_err(|error| error.context(name)).or_raise(py)
}

/// The keys of a server: one secret for all, a key ring, or a dict of secrets by id; `None` without any.
pub(crate) fn ring(
    py: Python<'_>,
    one: Option<&Bound<'_, PyAny>>,
    many: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<CoreRing>> {
    match (one, many) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(invalid(py, "secret and keys are both given, expected one of them".into())),
        (Some(one), None) => Ok(Some(CoreRing::single(secret("secret", one)?))),
        (None, Some(many)) => match many.cast::<KeyRing>() {
            Ok(ring) => Ok(Some(ring.get().core().clone())),
            Err(_) => from_dict(many).map(Some),
        },
    }
}

fn from_dict(value: &Bound<'_, PyAny>) -> PyResult<CoreRing> {
    let ring = CoreRing::new();
    ring.replace(secrets(value)?).or_raise(value.py())?;
    Ok(ring)
}

/// The secrets of a dict by their ids.
pub(crate) fn secrets(value: &Bound<'_, PyAny>) -> PyResult<Vec<(String, Secret)>> {
    let dict = value.cast::<PyDict>().map_err(|_| wrong_kind("keys", "a KeyRing or a dict of secrets by id", value))?;
    let secret_of = |(id, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let id = id.cast::<PyString>().map_err(|_| wrong_kind("keys", "ids of type str", &id))?.to_cow()?;
        let secret = secret(&format!("keys[{id:?}]"), &value)?;
        Ok((id.into_owned(), secret))
    };
    dict.iter().map(secret_of).collect()
}

/// What a server checks its peers by.
pub(crate) fn server(
    py: Python<'_>,
    one: Option<&Bound<'_, PyAny>>,
    many: Option<&Bound<'_, PyAny>>,
    profile: &str,
    server_id: &str,
) -> PyResult<Option<ServerAuth>> {
    let profile = choice::<Profile>(py, "profile", profile)?;
    let Some(ring) = ring(py, one, many)? else { return Ok(None) };
    ServerAuth::new(profile, ring).with_server_id(server_id).map(Some).or_raise(py)
}

/// What a client proves itself by.
pub(crate) fn client(
    py: Python<'_>,
    one: Option<&Bound<'_, PyAny>>,
    key_id: &str,
    profile: &str,
) -> PyResult<Option<ClientAuth>> {
    let profile = choice::<Profile>(py, "profile", profile)?;
    let Some(one) = one else {
        if !key_id.is_empty() {
            return Err(invalid(py, format!("key_id is {key_id:?}, but there is no secret to go with it")));
        }
        return Ok(None);
    };
    ClientAuth::new(profile, secret("secret", one)?).with_key_id(key_id).map(Some).or_raise(py)
}
