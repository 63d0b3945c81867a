//! TLS and the proof of a secret, between a member's bytes and its stream.

use std::io::IoSlice;
use std::sync::Arc;

use rustchat::auth::{ClientAuth, Handshake, Profile, Secret};
use rustchat::tls::{ClientTls, Machine, Tls};

use crate::fault::{Fault, Kind};

/// What all members of a run have in common.
#[derive(Debug, Clone)]
pub(crate) struct Keys(Arc<(ClientTls, ClientAuth)>);

/// The channel of one member.
pub(crate) struct Secure {
    keys: Keys,
    machine: Machine,
    /// `None` before there is a channel to prove anything in.
    proof: Option<Handshake>,
    has_proved: bool,
    plain: Vec<u8>,
    /// Bytes on their way to the stream.
    pub(crate) sealed: Vec<u8>,
}

impl Keys {
    /// Whoever proves this secret over the very channel is trusted, and is proved the same.
    pub(crate) fn of(secret: &str) -> Result<Keys, rustchat::Error> {
        let auth = ClientAuth::new(Profile::Mutual, Secret::new(secret)?);
        Ok(Keys(Arc::new((Tls::new().client(true)?, auth))))
    }
}

impl Secure {
    /// A channel that has yet to be secured; what the peer is told first is in `sealed`.
    pub(crate) fn new(keys: &Keys) -> Result<Secure, Fault> {
        let mut machine = keys.0.0.begin("localhost").map_err(broken)?;
        let mut sealed = Vec::new();
        machine.owed(&mut sealed);
        Ok(Secure { keys: keys.clone(), machine, proof: None, has_proved: false, plain: Vec::new(), sealed })
    }

    /// Whether the session has begun: both ends have proved the secret.
    pub(crate) fn is_open(&self) -> bool {
        self.proof.as_ref().is_some_and(Handshake::is_complete)
    }

    /// Whether this end has said all that it has to prove; the other end may not have answered yet.
    pub(crate) fn has_proved(&self) -> bool {
        self.has_proved
    }

    /// Decrypts the first `length` bytes of `buffer` and leaves in it what belongs to the session; how much that is.
    pub(crate) fn unseal(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, Fault> {
        self.plain.clear();
        let result = self.machine.receive(&buffer[..length], &mut self.plain);
        self.machine.owed(&mut self.sealed);
        result.map_err(broken)?;
        let begin = if self.is_open() { 0 } else { self.prove()? };
        let session = &self.plain[begin..];
        buffer[..session.len()].copy_from_slice(session);
        Ok(session.len())
    }

    /// Goes on with the proof; how much of what was decrypted it took.
    fn prove(&mut self) -> Result<usize, Fault> {
        if !self.machine.is_secured() {
            return Ok(0);
        }
        if self.proof.is_none() {
            let channel = self.machine.channel().map_err(broken)?;
            self.proof = Some(self.keys.0.1.begin_bound(&channel).map_err(broken)?);
        }
        let Some(proof) = &mut self.proof else { return Ok(0) };
        let taken = proof.receive(&self.plain).map_err(broken)?;
        let answer = proof.output();
        // What comes of nothing is the beginning.
        self.has_proved |= taken > 0 && !answer.is_empty();
        if !answer.is_empty() {
            self.machine.seal(&[IoSlice::new(&answer)], &mut self.sealed).map_err(broken)?;
        }
        Ok(taken)
    }

    /// Seals all of `out`, once the session has begun.
    pub(crate) fn seal(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        if !out.is_empty() && self.is_open() {
            self.machine.seal(&[IoSlice::new(out)], &mut self.sealed).map_err(broken)?;
            out.clear();
        }
        Ok(())
    }
}

fn broken(error: rustchat::Error) -> Fault {
    Fault::new(Kind::Closed, error.to_string())
}
