//! Challenge and response, one step at a time.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustchat::auth;
use rustchat::auth::Digest;
use rustchat::auth::challenge as core;

use crate::arguments::{Argument, choice, named, or};
use crate::buffer::{Payload, SecretBytes};
use crate::error::OrRaise;

/// A new secret: 64 lower-case hex digits, 256 bits of the operating system's randomness.
#[pyfunction]
pub(crate) fn generate_key(py: Python<'_>) -> PyResult<String> {
    auth::generate_key().or_raise(py)
}

/// 32 random bytes for the other side to answer. Use each challenge once.
#[pyfunction]
pub(crate) fn challenge(py: Python<'_>) -> PyResult<Bound<'_, PyBytes>> {
    Ok(PyBytes::new(py, &core::challenge().or_raise(py)?))
}

/// The answer to a challenge: 32 bytes that only a holder of the secret can make.
///
/// Give each role and purpose a label of its own: an answer fits one label only, so it cannot be sent back as
/// somebody else's.
#[pyfunction]
#[pyo3(signature = (secret, challenge, label=None))]
pub(crate) fn respond<'py>(
    secret: &Bound<'py, PyAny>,
    challenge: &Bound<'py, PyAny>,
    label: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = secret.py();
    let label = label.map(|label| SecretBytes::of("label", label)).transpose()?;
    let (secret, challenge) = (SecretBytes::of("secret", secret)?, Payload::of("challenge", challenge)?);
    let label: &[u8] = label.as_deref().unwrap_or_default();
    Ok(PyBytes::new(py, &core::respond(&secret, &challenge, label)))
}

/// Returns True if `response` answers the challenge, in constant time; else raises AuthenticationError.
#[pyfunction]
#[pyo3(signature = (secret, challenge, response, label=None))]
pub(crate) fn verify(
    secret: &Bound<'_, PyAny>,
    challenge: &Bound<'_, PyAny>,
    response: &Bound<'_, PyAny>,
    label: Option<&Bound<'_, PyAny>>,
) -> PyResult<bool> {
    let py = secret.py();
    let label = label.map(|label| SecretBytes::of("label", label)).transpose()?;
    let (secret, challenge) = (SecretBytes::of("secret", secret)?, Payload::of("challenge", challenge)?);
    let label: &[u8] = label.as_deref().unwrap_or_default();
    core::verify(&secret, &challenge, label, &Payload::of("response", response)?).or_raise(py)?;
    Ok(true)
}

/// The answer of the tutorials' clients: the lower-case hex digest of HMAC(secret, challenge).
///
/// `digest` is "sha256", or "md5" for scripts of that age.
#[pyfunction]
#[pyo3(signature = (secret, challenge, digest=or("sha256")), text_signature = "(secret, challenge, digest='sha256')")]
pub(crate) fn tutorial_respond(
    secret: &Bound<'_, PyAny>,
    challenge: &Bound<'_, PyAny>,
    digest: Argument<'_, '_, &str>,
) -> PyResult<String> {
    named!(digest);
    let digest = choice::<Digest>(secret.py(), "digest", digest)?;
    let (secret, challenge) = (SecretBytes::of("secret", secret)?, Payload::of("challenge", challenge)?);
    Ok(core::tutorial_response(digest, &secret, &challenge))
}

/// Returns True if `response` (hex digits, str or bytes) is the tutorials' answer, in constant time; else raises
/// AuthenticationError.
#[pyfunction]
#[pyo3(
    signature = (secret, challenge, response, digest=or("sha256")),
    text_signature = "(secret, challenge, response, digest='sha256')"
)]
pub(crate) fn tutorial_verify(
    secret: &Bound<'_, PyAny>,
    challenge: &Bound<'_, PyAny>,
    response: &Bound<'_, PyAny>,
    digest: Argument<'_, '_, &str>,
) -> PyResult<bool> {
    let py = secret.py();
    named!(digest);
    let digest = choice::<Digest>(py, "digest", digest)?;
    let (secret, challenge) = (SecretBytes::of("secret", secret)?, Payload::of("challenge", challenge)?);
    core::tutorial_verify(digest, &secret, &challenge, &SecretBytes::of("response", response)?).or_raise(py)?;
    Ok(true)
}
