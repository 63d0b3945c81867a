//! Secrets by id.

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use rustchat::auth::KeyRing as Core;

use crate::arguments::{Argument, named};
use crate::credentials::{ring, secret, secrets};
use crate::error::OrRaise;

/// The keys a server knows, by id; may be changed while the server runs.
///
///     keys = rustchat.auth.KeyRing({"ann": "first secret", "ben": b"second secret"})
///     server = rustchat.ChatServer(keys=keys)
///     keys["cleo"] = rustchat.auth.generate_key()
///     del keys["ben"]          # from now on ben is refused, and no member any more
///
/// A key that is removed or gets another secret counts no more: chats, remote commands and files send away whoever has proved it,
/// within a moment. Connections of a Listener belong to the program, and go on.
///
/// Used like a dict, except that no secret ever comes out again. The id "" is the key of clients that name none.
#[pyclass(frozen, weakref, module = "rustchat.auth")]
pub(crate) struct KeyRing(Core);

impl KeyRing {
    pub(crate) fn core(&self) -> &Core {
        &self.0
    }

    fn insert(&self, key_id: &str, secret: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.insert(key_id, self::secret("secret", secret)?).or_raise(secret.py())
    }
}

#[pymethods]
impl KeyRing {
    #[new]
    #[pyo3(signature = (keys=None))]
    fn new(py: Python<'_>, keys: Option<&Bound<'_, PyAny>>) -> PyResult<KeyRing> {
        Ok(KeyRing(ring(py, None, keys)?.unwrap_or_default()))
    }

    /// Adds a key, in the place of an older one with the same id.
    fn add(&self, key_id: Argument<'_, '_, &str>, secret: &Bound<'_, PyAny>) -> PyResult<()> {
        named!(key_id);
        self.insert(key_id, secret)
    }

    /// Has the ring hold these keys (a dict of secrets by id) and no others, in one step; what is wrong with one changes nothing. Keys
    /// that it holds already, with the same secret, stay what they are. Returns the ids of those that are revoked, sorted.
    fn replace(&self, keys: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
        let py = keys.py();
        self.0.replace(secrets(keys)?).or_raise(py)
    }

    /// Revokes a key. Returns whether there was one.
    fn remove(&self, key_id: Argument<'_, '_, &str>) -> PyResult<bool> {
        named!(key_id);
        Ok(self.0.remove(key_id))
    }

    /// The ids, sorted.
    fn ids(&self) -> Vec<String> {
        self.0.ids()
    }

    fn __setitem__(&self, key_id: &str, secret: &Bound<'_, PyAny>) -> PyResult<()> {
        self.insert(key_id, secret)
    }

    fn __delitem__(&self, key_id: &str) -> PyResult<()> {
        if self.0.remove(key_id) { Ok(()) } else { Err(PyKeyError::new_err(key_id.to_owned())) }
    }

    fn __contains__(&self, key_id: &str) -> bool {
        self.0.contains(key_id)
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.0.ids().into_pyobject(py)?.try_iter()
    }

    fn __repr__(&self) -> String {
        format!("<KeyRing {:?}>", self.0.ids())
    }
}
