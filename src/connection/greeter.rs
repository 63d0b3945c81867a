//! What the connecting side says and hears before the first message, as a machine over bytes: TLS if wanted, then the handshake.

use std::io::IoSlice;

use super::{ConnectOptions, Connection};
use crate::auth::{ChannelBinding, ClientAuth, Handshake, Identity, Profile};
use crate::net::{Address, Stream};
use crate::tls::Machine;
use crate::{Error, Result, Status};

/// What is said of a server that ends the stream while it is to be secured, without a record of TLS and with some.
const NO_TLS: &str = "the server closed the connection, though one that speaks TLS answers; it may not speak TLS";
const TURNED_AWAY: &str = "the server ended it before the channel was secured: it is busy or full";

/// Send what [`output`](Greeter::output) gives, hand what comes to [`receive`](Greeter::receive), until it
/// [is complete](Greeter::is_complete), and send the last output, too; an error's as well, as far as that takes no waiting.
#[derive(Debug)]
pub(super) struct Greeter {
    stage: Stage,
    machine: Option<Machine>,
    /// For the handshake that comes when there is a channel.
    auth: Option<ClientAuth>,
    profile: Option<Profile>,
    identity: Option<Identity>,
    output: Vec<u8>,
    /// What has come by the channel and was not heard yet; in the end, what belongs to the first message.
    early: Vec<u8>,
    /// The peer has said something at this stage.
    heard: bool,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one for each connection in the making")]
enum Stage {
    Securing,
    Proving(Handshake),
    Complete,
}

impl Greeter {
    /// For a stream that nothing was sent on.
    pub(super) fn begin(auth: Option<&ClientAuth>, machine: Option<Machine>) -> Result<Greeter> {
        let profile = auth.map(ClientAuth::profile);
        let (stage, auth) = match (&machine, auth) {
            (Some(_), auth) => (Stage::Securing, auth.cloned()),
            (None, Some(auth)) => (Stage::Proving(auth.begin(&ChannelBinding::NONE)?), None),
            (None, None) => (Stage::Complete, None),
        };
        let (output, early) = (Vec::new(), Vec::new());
        let mut greeter = Greeter { stage, machine, auth, profile, identity: None, output, early, heard: false };
        greeter.speak();
        Ok(greeter)
    }

    /// What to send now.
    pub(super) fn output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    fn speak(&mut self) {
        let words = if let Stage::Proving(handshake) = &mut self.stage { handshake.output() } else { Vec::new() };
        match &mut self.machine {
            None => self.output = words,
            Some(machine) => {
                if !words.is_empty() {
                    // A channel that is broken says nothing any more.
                    let _ = machine.seal(&[IoSlice::new(&words)], &mut self.output);
                }
                machine.owed(&mut self.output);
            }
        }
    }

    /// Takes bytes of the peer as they come; none are the end of the stream.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Err(self.ended());
        }
        let result = self.take(bytes);
        self.speak();
        if matches!(&self.stage, Stage::Proving(handshake) if handshake.is_complete()) {
            self.stage = Stage::Complete;
        }
        result
    }

    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        let Some(machine) = &mut self.machine else {
            let used = self.hear(bytes)?;
            self.early.extend_from_slice(&bytes[used..]);
            return Ok(());
        };
        let result = machine.receive(bytes, &mut self.early);
        let (is_secured, has_ended) = (machine.is_secured(), machine.has_ended());
        if matches!(self.stage, Stage::Securing) {
            self.heard = true;
            result.clone()?;
            if !is_secured {
                return Ok(());
            }
            self.prove()?;
        }
        if !self.early.is_empty() {
            let early = std::mem::take(&mut self.early);
            let used = self.hear(&early)?;
            self.early = early;
            self.early.drain(..used);
            return Ok(());
        }
        match self.stage {
            Stage::Proving(_) if result.is_ok() && has_ended => Err(self.ended()),
            Stage::Proving(_) => result,
            _ => Ok(()),
        }
    }

    /// From the channel to the handshake that is bound to it, if there is a secret.
    fn prove(&mut self) -> Result<()> {
        self.heard = false;
        self.stage = match (&self.auth, &self.machine) {
            (Some(auth), Some(machine)) => Stage::Proving(auth.begin_bound(&machine.channel()?)?),
            _ => Stage::Complete,
        };
        Ok(())
    }

    /// Returns how much of what has come belongs to the handshake.
    fn hear(&mut self, bytes: &[u8]) -> Result<usize> {
        let Stage::Proving(handshake) = &mut self.stage else { return Ok(0) };
        self.heard = true;
        let used = handshake.receive(bytes)?;
        self.identity = handshake.identity().cloned();
        Ok(used)
    }

    fn ended(&self) -> Error {
        match &self.stage {
            Stage::Securing if self.heard => Error::new(Status::ConnectionReset, TURNED_AWAY),
            Stage::Securing => Error::new(Status::ConnectionReset, NO_TLS),
            _ => Error::new(Status::AuthenticationFailed, "authentication failed: the peer closed the connection"),
        }
    }

    /// Whether all is said and heard.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self.stage, Stage::Complete)
    }

    /// Whether the peer has said anything of what is awaited now.
    pub(super) fn has_heard(&self) -> bool {
        self.heard
    }

    /// In which profile the peer is to speak now; `None` where it is to speak TLS.
    pub(super) fn awaits(&self) -> Option<Profile> {
        match &self.stage {
            Stage::Securing => None,
            _ => self.profile,
        }
    }

    /// Says in which part of the beginning something went wrong.
    pub(super) fn explain(&self, peer: &Address, error: Error) -> Error {
        match (&self.stage, self.profile) {
            (Stage::Securing, _) => error.context(format_args!("TLS with {peer}")),
            (_, Some(_)) => error.context(format_args!("handshake with {peer}")),
            (_, None) => error.context(peer),
        }
    }

    /// The connection, over the stream that it was all about.
    pub(super) fn finish(self, stream: Stream, options: &ConnectOptions) -> Result<Connection> {
        Connection::established(stream, self.machine, self.identity, &self.early, options)
    }
}
