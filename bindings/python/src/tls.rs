//! TLS, as programs ask for it.

use std::path::PathBuf;

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyString, PyType};
use rustchat::auth::ChannelBinding;
use rustchat::tls::{Certificate, Pin, Protection, Tls as Core, Trust};
use rustchat::{Error, Result};
use zeroize::Zeroizing;

use crate::arguments::{Argument, named, or, wrong_kind};
use crate::buffer::SecretBytes;
use crate::error::{OrRaise, invalid};

/// What an option called `tls` takes.
const EXPECTED: &str = "True, False, None or a rustchat.TLS";
const PIN: &str = "the SHA-256 of a public key as text or 32 bytes, or several";
const PEM: &str = "a path or PEM";
const BEGIN: &str = "-----BEGIN";

/// What an end of a connection needs for TLS, where tls=True is not enough: what a server shows, and whom a client trusts.
///
///     rustchat.ChatServer("0.0.0.0", secret=key, tls=True)
///     rustchat.ChatClient("chat.example.org", secret=key, tls=True)           # both know the secret: that is all
///     rustchat.ChatServer("0.0.0.0", tls=rustchat.TLS(cert="chain.pem", key="key.pem"), allow_anonymous=True)
///     rustchat.ChatClient("chat.example.org", tls=rustchat.TLS(pin="3f…"))    # as server.pin says
///
/// With a secret in the profile "mutual" a server makes a certificate when it starts, and a client takes any, but neither
/// sends or believes a byte before both have proved the secret over this very channel. Without one the server needs
/// `cert`, and the client trusts what `ca` or `pin` says, by itself the roots of the system. A way to verify nothing does
/// not exist. Both ends read what is their own, and the same object may serve any number of them.
///
/// cert, key: Of a server: its certificate and those that vouch for it, its own first, and the private key without a
///     passphrase: a path, or PEM as str or bytes. Without `key` it is in the same file or text. Both are read here.
/// ca: Of a client: the roots that it trusts, a path or PEM; "system" for those of the system, by name and date.
/// pin: Of a client: the public key that it trusts, whatever the certificate says of names and dates: its SHA-256 as 64
///     hex digits, in base64 or as 32 bytes; or several, for a change of the key.
/// server_name: Of a client: the name to ask for and to verify, instead of the host that it connects to.
/// allow_unbound: Of a server: lets in who proves the secret without binding the proof to the channel, which somebody in
///     between could pass on. For clients that cannot bind, and trust the certificate.
///
/// Raises InvalidArgument for PEM that cannot be used and what contradicts itself, FileNotFound and the like for files,
/// NotSupported in a build without TLS.
#[pyclass(frozen, weakref, module = "rustchat", name = "TLS")]
pub(crate) struct Tls(Core);

#[pymethods]
impl Tls {
    #[new]
    #[pyo3(
        signature = (*, cert=None, key=None, ca=None, pin=None, server_name=None, allow_unbound=or(false)),
        text_signature = "(*, cert=None, key=None, ca=None, pin=None, server_name=None, allow_unbound=False)"
    )]
    fn new(
        py: Python<'_>,
        cert: Option<&Bound<'_, PyAny>>,
        key: Option<&Bound<'_, PyAny>>,
        ca: Option<&Bound<'_, PyAny>>,
        pin: Option<&Bound<'_, PyAny>>,
        server_name: Option<Argument<'_, '_, String>>,
        allow_unbound: Argument<'_, '_, bool>,
    ) -> PyResult<Tls> {
        named!(server_name, allow_unbound);
        let mut core = Core::new();
        (core.server_name, core.allow_unbound) = (server_name, allow_unbound);
        core.trust = trust(py, ca, pin)?;
        core.certificate = match (cert, key) {
            (Some(cert), key) => Some(Pem::of("cert", cert)?.with_key(py, key)?),
            (None, Some(key)) => {
                Pem::of("key", key)?;
                return Err(invalid(py, "key is given without cert, expected both, or one that holds both".into()));
            }
            (None, None) => None,
        };
        if core.server_name.is_some() {
            py.detach(|| core.client(true)).or_raise(py)?;
        }
        Ok(Tls(core))
    }

    /// The fingerprint of the certificate's public key, which clients may be told to trust; None without `cert`.
    #[getter]
    fn cert_pin(&self) -> Option<String> {
        self.0.certificate.as_ref().map(|certificate| certificate.pin().to_string())
    }

    /// The fingerprints of the public keys that a client trusts; empty if it does not go by them.
    #[getter]
    fn pins(&self) -> Vec<String> {
        match &self.0.trust {
            Some(Trust::Pins(pins)) => pins.iter().map(Pin::to_string).collect(),
            _ => Vec::new(),
        }
    }

    /// The name that a client asks for and verifies; None for the host that it connects to.
    #[getter]
    fn server_name(&self) -> Option<&str> {
        self.0.server_name.as_deref()
    }

    /// Whether a server lets in who does not bind its proof to the channel.
    #[getter]
    fn allow_unbound(&self) -> bool {
        self.0.allow_unbound
    }

    fn __repr__(&self) -> String {
        let mut words = Vec::new();
        words.extend(self.cert_pin().map(|pin| format!("certificate of {pin}")));
        words.extend(match &self.0.trust {
            Some(Trust::Pins(_)) => Some(format!("trusting {}", self.pins().join(", "))),
            Some(Trust::Roots(_)) => Some("trusting roots of its own".to_owned()),
            Some(Trust::System) => Some("trusting the system's roots".to_owned()),
            _ => None,
        });
        words.extend(self.0.server_name.as_ref().map(|name| format!("server_name {name:?}")));
        words.extend(self.0.allow_unbound.then(|| "allow_unbound".to_owned()));
        if words.is_empty() { "<TLS>".to_owned() } else { format!("<TLS {}>", words.join("; ")) }
    }
}

/// The option `name`: TLS or none.
pub(crate) fn option(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Core>> {
    if value.is_none() {
        return Ok(None);
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(flag.is_true().then(Core::new));
    }
    match value.cast::<Tls>() {
        Ok(tls) => Ok(Some(tls.get().0.clone())),
        Err(_) if is_context(value) => Err(refuse_context(name, value)),
        Err(_) => Err(wrong_kind(name, EXPECTED, value)),
    }
}

/// Whether that is an `ssl.SSLContext`, for which the module need not be loaded.
fn is_context(value: &Bound<'_, PyAny>) -> bool {
    let is_its = |class: Bound<'_, PyAny>| {
        let class = class.cast::<PyType>()?;
        Ok::<_, PyErr>(class.name()? == "_SSLContext" && class.module()? == "_ssl")
    };
    value.get_type().mro().iter().any(|class| is_its(class).unwrap_or(false))
}

#[cold]
fn refuse_context(name: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let what = value.get_type().name().map_or_else(|_| "SSLContext".into(), |name| name.to_string());
    PyTypeError::new_err(format!(
        "argument '{name}': expected {EXPECTED}, not {what}, whose key and certificates cannot be read out of it: with a \
         secret at both ends give True, otherwise TLS(cert=…, key=…) to the server and TLS(ca=…) or TLS(pin=…) to the client"
    ))
}

/// The certificate of a TLS, or one that is given like its `cert` and `key`.
pub(crate) fn certificate(cert: &Bound<'_, PyAny>, key: Option<&Bound<'_, PyAny>>) -> PyResult<Certificate> {
    let py = cert.py();
    let Ok(tls) = cert.cast::<Tls>() else {
        let expected = "a rustchat.TLS, a path or PEM";
        return Pem::expected("cert", expected, cert)?.with_key(py, key);
    };
    match (&tls.get().0.certificate, key) {
        (_, Some(_)) => Err(invalid(py, "key is given beside a TLS, expected the key in it".into())),
        (None, None) => Err(invalid(py, "the TLS has no certificate, expected TLS(cert=…, key=…)".into())),
        (Some(certificate), None) => Ok(certificate.clone()),
    }
}

fn trust(py: Python<'_>, ca: Option<&Bound<'_, PyAny>>, pin: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Trust>> {
    let (trust, name) = match (ca, pin) {
        (Some(_), Some(_)) => return Err(invalid(py, "ca and pin are both given, expected one of them".into())),
        (None, None) => return Ok(None),
        (None, Some(pin)) => (Trust::Pins(pins(pin)?), "pin".to_owned()),
        (Some(ca), None) if ca.eq("system").unwrap_or(false) => (Trust::System, "ca".to_owned()),
        (Some(ca), None) => {
            let pem = Pem::of("ca", ca)?;
            (Trust::Roots(pem.read(py)?.to_vec()), pem.name())
        }
    };
    // What nobody could be trusted by is told here, where it was written.
    let checked = py.detach(|| Core::new().with_trust(trust.clone()).client(true));
    checked.map(|_| Some(trust)).map_err(|error| error.context(name)).or_raise(py)
}

fn pins(value: &Bound<'_, PyAny>) -> PyResult<Vec<Pin>> {
    if let Some(one) = one_pin(value)? {
        return Ok(vec![one]);
    }
    let wrong = |_| wrong_kind("pin", PIN, value);
    let parts = value.try_iter().map_err(wrong)?;
    parts.map(|part| part.and_then(|part| one_pin(&part)?.ok_or_else(|| wrong_kind("pin", PIN, &part)))).collect()
}

/// `None` for what may be several.
fn one_pin(value: &Bound<'_, PyAny>) -> PyResult<Option<Pin>> {
    if let Ok(text) = value.cast::<PyString>() {
        return text.to_string_lossy().parse().map(Some).or_raise(value.py());
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        let digest = bytes.as_bytes().try_into();
        return digest.map(|digest| Some(Pin(digest))).map_err(|_| {
            let length = bytes.as_bytes().len();
            invalid(value.py(), format!("pin has {length} bytes, expected the 32 of a SHA-256"))
        });
    }
    Ok(None)
}

/// Where PEM is.
enum Pem<'a> {
    Text(&'a str, SecretBytes<'a>),
    File(PathBuf),
}

impl<'a> Pem<'a> {
    fn of(name: &'a str, value: &'a Bound<'_, PyAny>) -> PyResult<Pem<'a>> {
        Pem::expected(name, PEM, value)
    }

    fn expected(name: &'a str, expected: &str, value: &'a Bound<'_, PyAny>) -> PyResult<Pem<'a>> {
        let is_path = match value.cast::<PyString>() {
            Ok(text) => !text.to_string_lossy().contains(BEGIN),
            Err(_) => value.hasattr(intern!(value.py(), "__fspath__"))?,
        };
        if is_path {
            return value.extract().map(Pem::File);
        }
        SecretBytes::of_kind(name, expected, value).map(|bytes| Pem::Text(name, bytes))
    }

    /// With the private key that is at `key`, or here as well.
    fn with_key(self, py: Python<'_>, key: Option<&Bound<'_, PyAny>>) -> PyResult<Certificate> {
        let key = key.map(|key| Pem::of("key", key)).transpose()?;
        let names = match &key {
            Some(key) => format!("{}, {}", self.name(), key.name()),
            None => self.name(),
        };
        let (chain, key) = (self.read(py)?, key.as_ref().unwrap_or(&self).read(py)?);
        Certificate::from_pem(&chain, &key).map_err(|error| error.context(names)).or_raise(py)
    }

    /// How a sentence names it.
    fn name(&self) -> String {
        match self {
            Pem::Text(name, _) => (*name).to_owned(),
            Pem::File(path) => path.display().to_string(),
        }
    }

    fn read(&self, py: Python<'_>) -> PyResult<Zeroizing<Vec<u8>>> {
        let read = |path: &PathBuf| -> Result<Vec<u8>> {
            std::fs::read(path).map_err(|error| Error::from_io(&error, path.display()))
        };
        match self {
            Pem::Text(_, bytes) => Ok(Zeroizing::new(bytes.to_vec())),
            Pem::File(path) => py.detach(|| read(path)).map(Zeroizing::new).or_raise(py),
        }
    }
}

/// By what the proof of a secret is bound to the channel.
pub(crate) fn binding(protection: Protection) -> Option<&'static str> {
    match protection.binding {
        ChannelBinding::TLS_EXPORTER => Some("tls-exporter"),
        ChannelBinding::TLS_SERVER_END_POINT => Some("tls-server-end-point"),
        _ => None,
    }
}

/// The server's public key, at the client's end.
pub(crate) fn peer_pin(protection: Protection) -> Option<String> {
    protection.pin.map(|pin| pin.to_string())
}
