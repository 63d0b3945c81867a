//! Handshakes over whatever transport the caller has.

use std::sync::MutexGuard;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustchat::auth::{Channel, ChannelBinding, ClientAuth, Handshake, KeyRing as CoreRing, Profile, ServerAuth};

use crate::arguments::{Argument, choice, named, or};
use crate::buffer::Payload;
use crate::credentials::{ring, secret};
use crate::error::{OrRaise, invalid};
use crate::locks::Mutex;

/// One side's state; bytes in, bytes out.
struct State(Mutex<Handshake>);

impl State {
    fn begin(py: Python<'_>, handshake: rustchat::Result<Handshake>) -> PyResult<State> {
        Ok(State(Mutex::new(handshake.or_raise(py)?)))
    }

    fn lock(&self) -> MutexGuard<'_, Handshake> {
        self.0.lock()
    }

    fn output<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.lock().output())
    }

    fn receive<'py>(&self, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let py = data.py();
        let data = Payload::of("data", data)?;
        let used = self.lock().receive(&data).or_raise(py)?;
        Ok(PyBytes::new(py, &data[used..]))
    }

    fn key_id(&self) -> Option<String> {
        self.lock().identity().map(|identity| identity.key_id.clone())
    }

    fn server_id(&self) -> Option<String> {
        self.lock().identity().map(|identity| identity.server_id.clone())
    }

    fn session_key<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.lock().session_key().map(|key| PyBytes::new(py, key))
    }
}

/// Something both ends know of the channel below, such as ("tls-exporter", 1): a kind from 1 to 255 and its value.
type Binding<'a, 'py> = Option<Argument<'a, 'py, (u8, Bound<'py, PyAny>)>>;

fn binding(py: Python<'_>, given: Option<(u8, Bound<'_, PyAny>)>) -> PyResult<ChannelBinding> {
    match given {
        None => Ok(ChannelBinding::NONE),
        Some((kind, value)) => ChannelBinding::new(kind, &Payload::of("channel_binding", &value)?).or_raise(py),
    }
}

macro_rules! handshake_methods {
    ($class:ident, $($constructor:tt)*) => {
        #[pymethods]
        impl $class {
            $($constructor)*

            /// What to send now; empty when there is nothing. Look again after every receive().
            fn output<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
                self.0.output(py)
            }

            /// Takes bytes as they come. Returns those behind the handshake, which belong to the session.
            ///
            /// Raises AuthenticationError, the same for every reason; send output() all the same, then close.
            fn receive<'py>(&self, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
                self.0.receive(data)
            }

            /// What a server may send, once and before anything else, to a client that says nothing: it may not know that there is
            /// a secret. Empty for clients, and in profiles in which the server speaks first.
            fn reminder<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
                PyBytes::new(py, self.0.lock().reminder())
            }

            /// For a server's log: what a client seems to speak whose first bytes were refused, in a few words; None if they may
            /// begin a handshake.
            fn describe(&self, first: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
                Ok(self.0.lock().describe(&Payload::of("first", first)?))
            }

            /// Whether this side is convinced. Send output() once more, then the session begins.
            #[getter]
            fn complete(&self) -> bool {
                self.0.lock().is_complete()
            }

            /// The id of the key that was proved, None before.
            #[getter]
            fn key_id(&self) -> Option<String> {
                self.0.key_id()
            }

            /// What the server calls itself, None before.
            #[getter]
            fn server_id(&self) -> Option<String> {
                self.0.server_id()
            }

            /// 32 bytes that both sides know and nobody else, for this session only; None before, and in every
            /// profile but mutual.
            #[getter]
            fn session_key<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
                self.0.session_key(py)
            }

            fn __repr__(&self) -> String {
                let state = if self.0.lock().is_complete() { "complete" } else { "under way" };
                format!("<{} {state}>", stringify!($class))
            }
        }
    };
}

/// The server's side of a handshake, for one connection; no I/O, no clock.
///
///     handshake = rustchat.auth.ServerHandshake("secret")
///     while not handshake.complete:
///         sock.sendall(handshake.output())
///         rest = handshake.receive(sock.recv(4096))
///     sock.sendall(handshake.output())
///
/// rustchat.auth.shake_hands() is this loop with a time limit.
#[pyclass(frozen, weakref, module = "rustchat.auth")]
pub(crate) struct ServerHandshake(State);

handshake_methods! { ServerHandshake,
    #[new]
    #[pyo3(
        signature = (secret=None, *, keys=None, profile=or("mutual"), server_id=or(""), channel_binding=None),
        text_signature = "(secret=None, *, keys=None, profile='mutual', server_id='', channel_binding=None)"
    )]
    fn new(
        py: Python<'_>,
        secret: Option<&Bound<'_, PyAny>>,
        keys: Option<&Bound<'_, PyAny>>,
        profile: Argument<'_, '_, &str>,
        server_id: Argument<'_, '_, &str>,
        channel_binding: Binding<'_, '_>,
    ) -> PyResult<ServerHandshake> {
        named!(profile, server_id, channel_binding);
        let profile = choice::<Profile>(py, "profile", profile)?;
        let ring: Option<CoreRing> = ring(py, secret, keys)?;
        let ring = ring.ok_or_else(|| invalid(py, "secret or keys: expected one of them".into()))?;
        let auth = ServerAuth::new(profile, ring).with_server_id(server_id).or_raise(py)?;
        State::begin(py, auth.begin(&binding(py, channel_binding)?)).map(ServerHandshake)
    }
}

/// The client's side of a handshake, for one connection; no I/O, no clock.
///
///     handshake = rustchat.auth.ClientHandshake("secret")
///     rest = rustchat.auth.shake_hands(sock, handshake)
#[pyclass(frozen, weakref, module = "rustchat.auth")]
pub(crate) struct ClientHandshake(State);

handshake_methods! { ClientHandshake,
    #[new]
    #[pyo3(
        signature = (secret, *, key_id=or(""), profile=or("mutual"), channel_binding=None),
        text_signature = "(secret, *, key_id='', profile='mutual', channel_binding=None)"
    )]
    fn new(
        py: Python<'_>,
        secret: &Bound<'_, PyAny>,
        key_id: Argument<'_, '_, &str>,
        profile: Argument<'_, '_, &str>,
        channel_binding: Binding<'_, '_>,
    ) -> PyResult<ClientHandshake> {
        named!(key_id, profile, channel_binding);
        let profile = choice::<Profile>(py, "profile", profile)?;
        let auth = ClientAuth::new(profile, self::secret("secret", secret)?).with_key_id(key_id).or_raise(py)?;
        State::begin(py, auth.begin(&binding(py, channel_binding)?)).map(ClientHandshake)
    }
}

impl ClientHandshake {
    /// In the profile mutual, bound to a secure channel.
    pub(crate) fn bound(secret: &Bound<'_, PyAny>, key_id: &str, channel: &Channel) -> PyResult<ClientHandshake> {
        let py = secret.py();
        let auth =
            ClientAuth::new(Profile::Mutual, self::secret("secret", secret)?).with_key_id(key_id).or_raise(py)?;
        State::begin(py, auth.begin_bound(channel)).map(ClientHandshake)
    }
}
