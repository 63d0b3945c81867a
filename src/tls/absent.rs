//! What stands for TLS in a build without it: types of which there is no value.

use std::io::IoSlice;
use std::path::Path;

use super::{Pin, Trust};
use crate::auth::{Channel, ChannelBinding};
use crate::net::Place;
use crate::{Error, Result, Status};

#[derive(Debug, Clone, Copy)]
enum Never {}

fn absent<T>() -> Result<T> {
    Err(Error::new(Status::NotSupported, "this build of rustchat has no TLS (cargo feature tls)"))
}

/// A certificate and its key; in a build without the feature `tls` there is none.
#[derive(Debug, Clone)]
pub struct Certificate(Never);

impl Certificate {
    /// Fails.
    ///
    /// # Errors
    /// `NotSupported`.
    pub fn from_pem(_chain: &[u8], _key: &[u8]) -> Result<Certificate> {
        absent()
    }

    /// Fails.
    ///
    /// # Errors
    /// `NotSupported`.
    pub fn from_files(_chain: &Path, _key: &Path) -> Result<Certificate> {
        absent()
    }

    /// The fingerprint of its public key.
    pub fn pin(&self) -> Pin {
        match self.0 {}
    }
}

/// The server's side; in a build without the feature `tls` there is none.
#[derive(Debug)]
pub struct ServerTls(Never);

impl ServerTls {
    pub(super) fn new(_: Option<&Certificate>, _allow_unbound: bool, _has_secret: bool) -> Result<ServerTls> {
        absent()
    }

    /// A machine for a new connection.
    ///
    /// # Errors
    /// None.
    pub fn begin(&self) -> Result<Machine> {
        match self.0 {}
    }

    /// Another certificate for connections to come.
    ///
    /// # Errors
    /// None.
    pub fn replace_certificate(&self, _certificate: &Certificate) -> Result<()> {
        match self.0 {}
    }

    /// The fingerprint of its public key.
    pub fn pin(&self) -> Pin {
        match self.0 {}
    }
}

/// The client's side; in a build without the feature `tls` there is none.
#[derive(Debug, Clone)]
pub struct ClientTls(Never);

impl ClientTls {
    pub(super) fn new(_: Option<&Trust>, _server_name: Option<&str>, _has_secret: bool) -> Result<ClientTls> {
        absent()
    }

    /// A machine for a new connection.
    ///
    /// # Errors
    /// None.
    pub fn begin(&self, _host: &str) -> Result<Machine> {
        match self.0 {}
    }
}

/// One side of one connection; in a build without the feature `tls` there is none.
#[derive(Debug)]
pub struct Machine(Never);

#[allow(missing_docs, reason = "nobody has one to call them on; they are documented where there are some")]
impl Machine {
    pub fn receive(&mut self, _wire: &[u8], _plain: &mut Vec<u8>) -> Result<()> {
        match self.0 {}
    }

    pub fn seal(&mut self, _parts: &[IoSlice<'_>], _out: &mut Vec<u8>) -> Result<()> {
        match self.0 {}
    }

    pub fn owed(&mut self, _out: &mut Vec<u8>) {
        match self.0 {}
    }

    pub fn owes(&self) -> bool {
        match self.0 {}
    }

    pub fn close(&mut self, _out: &mut Vec<u8>) {
        match self.0 {}
    }

    pub fn renew_keys(&mut self) -> Result<()> {
        match self.0 {}
    }

    pub fn is_secured(&self) -> bool {
        match self.0 {}
    }

    pub fn has_ended(&self) -> bool {
        match self.0 {}
    }

    pub fn is_foreign(&self) -> bool {
        match self.0 {}
    }

    pub fn has_signed(&self) -> bool {
        match self.0 {}
    }

    pub fn channel(&self) -> Result<Channel> {
        match self.0 {}
    }

    pub fn binding(&self, _kind: u8) -> Result<ChannelBinding> {
        match self.0 {}
    }

    pub fn peer_pin(&self) -> Option<Pin> {
        match self.0 {}
    }

    pub fn alpn(&self) -> Option<&[u8]> {
        match self.0 {}
    }

    pub fn describe(&self) -> String {
        match self.0 {}
    }

    pub(crate) fn state_place(&self) -> Place {
        match self.0 {}
    }

    pub(crate) fn keys_place(&self) -> Place {
        match self.0 {}
    }
}
