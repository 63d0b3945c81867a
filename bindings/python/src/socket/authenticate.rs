//! The handshakes of the core on a socket, without a byte read ahead.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use libc::MSG_PEEK;
use pyo3::exceptions::PyConnectionError;
use pyo3::prelude::*;
use rustchat::auth::{ChannelBinding, ClientAuth, Handshake, MAX_HANDSHAKE_BYTES, ServerAuth};
use rustchat::net::Address;
use rustchat::net::socket::{self, Direction, Room, SocketAddress};
use rustchat::{Error, Status, exposure};

use super::call::{Kind, perform};
use super::object::Socket;
use super::timeout::{Patience, Timeout};
use crate::error::{OrRaise, exception, invalid};
use crate::locks::Mutex;
use crate::{credentials, time};

/// Who one is in a handshake.
pub(crate) enum Side {
    Client(ClientAuth),
    Server(ServerAuth),
}

impl Side {
    /// The side called `name`, with what it needs.
    pub(crate) fn named(
        py: Python<'_>,
        name: &str,
        secret: Option<&Bound<'_, PyAny>>,
        keys: Option<&Bound<'_, PyAny>>,
        key_id: &str,
        profile: &str,
        server_id: &str,
    ) -> PyResult<Side> {
        let unfit = |what: &str| Err(invalid(py, format!("{what} is nothing for the side {name:?}")));
        let missing = || invalid(py, "secret: expected one to authenticate with".into());
        match name {
            "client" if keys.is_some() => unfit("keys"),
            "client" if !server_id.is_empty() => unfit("server_id"),
            "server" if !key_id.is_empty() => unfit("key_id"),
            "client" => credentials::client(py, secret, key_id, profile)?.map(Side::Client).ok_or_else(missing),
            "server" => {
                credentials::server(py, secret, keys, profile, server_id)?.map(Side::Server).ok_or_else(missing)
            }
            _ => Err(invalid(py, format!("side is {name:?}, expected \"client\" or \"server\""))),
        }
    }

    pub(crate) fn begin(&self, py: Python<'_>) -> PyResult<Handshake> {
        match self {
            Side::Client(auth) => auth.begin(&ChannelBinding::NONE),
            Side::Server(auth) => auth.begin(&ChannelBinding::NONE),
        }
        .or_raise(py)
    }
}

/// The ends of sockets at which a server has authenticated: one at the same port is told once.
static TOLD: Mutex<BTreeSet<SocketAddr>> = Mutex::new(BTreeSet::new());

/// So many ends are remembered; past them it begins anew.
const MOST_TOLD: usize = 1024;

impl Socket {
    /// Warns in the log of secrets that are too short to be used beyond this machine: of a server's where it listens.
    pub(crate) fn warn_of_weak_secrets(&self, side: &Side) {
        let descriptor = self.handle().number();
        match side {
            Side::Client(auth) => {
                if let Some(peer) = socket::peer(descriptor).ok().as_ref().and_then(internet) {
                    exposure::warn_of_weak_secret(&Address::Ip(peer), Some(auth));
                }
            }
            Side::Server(auth) => {
                let local = socket::local(descriptor).ok().as_ref().and_then(internet);
                let Some(local) = local.filter(|local| !Address::Ip(*local).is_local()) else { return };
                let is_new = {
                    let mut told = TOLD.lock();
                    if told.len() >= MOST_TOLD {
                        told.clear();
                    }
                    told.insert(local)
                };
                if is_new {
                    exposure::warn_of_weak_ring(&Address::Ip(local), auth.keys());
                }
            }
        }
    }

    /// Carries out `handshake` within the socket's timeout and `most` seconds; the id of the client's key.
    pub(crate) fn shake_hands(&self, py: Python<'_>, mut handshake: Handshake, most: Option<f64>) -> PyResult<String> {
        let mut patience = Patience::of(self.shorter(py, most)?);
        loop {
            self.send_bytes(py, &handshake.output(), 0, &mut patience).map_err(|error| gone(py, error))?;
            if handshake.is_complete() {
                return Ok(handshake.identity().map(|identity| identity.key_id.clone()).unwrap_or_default());
            }
            if let Err(error) = self.advance(py, &mut handshake, &mut patience) {
                // The peer is told that it is refused, if it can still be told.
                let _ = socket::send(self.handle().number(), &handshake.output(), libc::MSG_DONTWAIT);
                return Err(error);
            }
        }
    }

    /// Hands the handshake what has come, and takes from the stream what of it was the handshake's.
    fn advance(&self, py: Python<'_>, handshake: &mut Handshake, patience: &mut Patience) -> PyResult<()> {
        let mut buffer = [0; MAX_HANDSHAKE_BYTES];
        let attempt = |fd, extra| socket::recv(fd, Room::from(&mut buffer[..]), MSG_PEEK | extra);
        let received = perform(py, self.handle(), Direction::Receive, Kind::Flags, patience, attempt);
        let count = received.map_err(|error| gone(py, error))?;
        if count == 0 {
            return Err(left(py));
        }
        let received = handshake.receive(&buffer[..count]);
        let mut rest = *received.as_ref().unwrap_or(&count);
        while rest > 0 {
            let attempt = |fd, extra| socket::recv(fd, Room::from(&mut buffer[..rest]), extra);
            rest -= perform(py, self.handle(), Direction::Receive, Kind::Flags, patience, attempt)?.clamp(1, rest);
        }
        received.map(drop).or_raise(py)
    }

    fn shorter(&self, py: Python<'_>, most: Option<f64>) -> PyResult<Timeout> {
        let own = self.timeout();
        if own == Timeout::NONE {
            return Err(invalid(py, "a non-blocking socket cannot wait for the peer: set a timeout".into()));
        }
        let Some(most) = most else { return Ok(own) };
        let most = time::duration(py, "timeout", most)?;
        let most = Timeout(i64::try_from(most.as_nanos()).unwrap_or(i64::MAX).max(1));
        Ok(if own.is_forever() || own.0 > most.0 { most } else { own })
    }
}

/// An address with a port; other families do not leave this machine unseen.
fn internet(address: &SocketAddress) -> Option<SocketAddr> {
    match address.family() {
        libc::AF_INET => Some(SocketAddr::from(address.as_inet())),
        libc::AF_INET6 => {
            let (ip, port, _, _) = address.as_inet6();
            Some(SocketAddr::from((ip, port)))
        }
        _ => None,
    }
}

/// A peer that breaks the connection off has refused.
fn gone(py: Python<'_>, error: PyErr) -> PyErr {
    if error.is_instance_of::<PyConnectionError>(py) { left(py) } else { error }
}

fn left(py: Python<'_>) -> PyErr {
    let text = "authentication failed: the peer closed the connection";
    exception(py, &Error::new(Status::AuthenticationFailed, text))
}
