//! One side of one connection.

use std::fmt;
use std::io::{BufRead, IoSlice, Write};
use std::sync::Arc;

use rustls::client::ClientConnection;
use rustls::server::ServerConnection;
use rustls::{Connection, HandshakeKind};

use super::suite::keys_of;
use super::{HANDSHAKE, MAX_SECURING_BYTES, Pin, sentences, x509};
use crate::auth::{Channel, ChannelBinding, Requirement};
use crate::error::caught;
use crate::net::Place;
use crate::opening::{Opening, TLS_REFUSED, http_answer};
use crate::{Error, Result, Status};

/// The content type of an alert.
const ALERT: u8 = 21;

/// What the exporter is asked for (RFC 9266, 2): without a context, 32 bytes.
const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// One side of TLS on one connection.
///
/// Hand over what comes to [`receive`](Machine::receive), and send what [`owed`](Machine::owed) gives afterwards, each time,
/// an error included; once it [is secured](Machine::is_secured), [`seal`](Machine::seal) what is to be sent. The machine
/// keeps no plaintext: what a call was given is decrypted when it returns, but for a record that has not come whole.
pub struct Machine {
    connection: Connection,
    /// The binding by the certificate, of a server.
    end_point: Option<Arc<[u8]>>,
    requires: Requirement,
    /// Where the keys lie that it seals with.
    keys: Place,
    /// Bytes of the peer before the channel was secured.
    received: usize,
    /// The certificate's key was used.
    signed: bool,
    /// The peer's first bytes were no TLS.
    foreign: bool,
    ended: bool,
    closed: bool,
    failure: Option<Error>,
    /// For a peer that does not speak TLS.
    answer: Vec<u8>,
}

impl Machine {
    pub(super) fn of_server(
        connection: ServerConnection,
        end_point: Option<Arc<[u8]>>,
        requires: Requirement,
    ) -> Machine {
        Machine::new(connection.into(), end_point, requires)
    }

    pub(super) fn of_client(connection: ClientConnection, requires: Requirement) -> Machine {
        Machine::new(connection.into(), None, requires)
    }

    fn new(mut connection: Connection, end_point: Option<Arc<[u8]>>, requires: Requirement) -> Machine {
        // What is sealed is taken at once.
        connection.set_buffer_limit(None);
        let (received, signed, foreign, ended, closed) = (0, false, false, false, false);
        let (keys, failure, answer) = (Place::default(), None, Vec::new());
        Machine { connection, end_point, requires, keys, received, signed, foreign, ended, closed, failure, answer }
    }

    /// Takes all of `wire`, in any split, and appends what it holds to `plain`: never more than has come in all. What
    /// follows the peer's `close_notify` is thrown away.
    ///
    /// # Errors
    /// Now and ever after, once the channel is broken: `ProtocolViolation`, also for a peer that does not speak TLS or sends
    /// more than [`MAX_SECURING_BYTES`] before the channel is secured; `AuthenticationFailed` where one end does not trust the
    /// other's certificate. What came before in good order is in `plain`, and an alert is [owed](Machine::owed).
    pub fn receive(&mut self, wire: &[u8], plain: &mut Vec<u8>) -> Result<()> {
        if self.failure.is_none()
            && let Err(error) = self.advance(wire, plain)
        {
            self.failure = Some(error);
        }
        self.failure.clone().map_or(Ok(()), Err)
    }

    fn advance(&mut self, mut wire: &[u8], plain: &mut Vec<u8>) -> Result<()> {
        if self.received == 0 && !wire.is_empty() {
            self.meet(wire)?;
        }
        while !wire.is_empty() && !self.ended {
            let before = wire.len();
            let is_securing = !self.is_secured();
            if is_securing && self.received >= MAX_SECURING_BYTES {
                self.connection.send_close_notify();
                let message = format!("more than {MAX_SECURING_BYTES} bytes of TLS before the channel is secured");
                return Err(Error::new(Status::ProtocolViolation, message));
            }
            // Of its own accord rustls takes a piece at a time, and none while plaintext waits.
            self.connection.read_tls(&mut wire)?;
            let result = if self.closed { self.process_behind_end() } else { self.process() };
            self.drain(plain);
            result.map_err(|error| sentences::failure(&error))?;
            if is_securing {
                self.received += before - wire.len();
            }
        }
        Ok(())
    }

    fn process(&mut self) -> Result<(), rustls::Error> {
        let kind = self.connection.handshake_kind();
        let (state, keys) = keys_of(|| self.connection.process_new_packets());
        self.keys = keys.unwrap_or(self.keys);
        // A server that asks for another hello has signed nothing yet.
        let is_retry =
            kind.is_none() && self.connection.handshake_kind() == Some(HandshakeKind::FullWithHelloRetryRequest);
        self.signed |= self.connection.handshake_kind().is_some() && !is_retry && self.connection.wants_write();
        self.ended |= state?.peer_has_closed();
        Ok(())
    }

    /// Behind its own `close_notify` rustls asserts, in a build with assertions, that it sends no alert: it would panic for a
    /// peer that breaks the channel then.
    fn process_behind_end(&mut self) -> Result<(), rustls::Error> {
        let broken = |_| Err(rustls::Error::General("it has broken the channel behind our end".into()));
        caught("TLS", || self.process()).unwrap_or_else(broken)
    }

    fn drain(&mut self, plain: &mut Vec<u8>) {
        let mut reader = self.connection.reader();
        // An error stands for nothing to read, for now or for ever.
        while let Ok(chunk) = reader.fill_buf() {
            let count = chunk.len();
            if count == 0 {
                break;
            }
            plain.extend_from_slice(chunk);
            reader.consume(count);
        }
    }

    /// Looks at the first bytes of the peer, and has an answer for who does not speak TLS.
    fn meet(&mut self, first: &[u8]) -> Result<()> {
        let is_server = matches!(self.connection, Connection::Server(_));
        if !is_server && first == TLS_REFUSED {
            return Err(sentences::plain("it has refused it by an alert (UnexpectedMessage)"));
        }
        if matches!(first[0], HANDSHAKE | ALERT) {
            return Ok(());
        }
        self.foreign = true;
        let opening = if is_server { Opening::of(first) } else { Opening::of_server(first) };
        self.answer = match opening {
            Some(Opening::HttpRequest) => http_answer("TLS is spoken here"),
            _ => TLS_REFUSED.to_vec(),
        };
        let what = opening.map_or("something else".into(), |opening| opening.to_string());
        Err(if is_server { sentences::stranger(&what) } else { sentences::plain(&format!("it sent {what}")) })
    }

    /// Appends to `out` what carries `parts`, in records as long as can be: 16 KiB, whatever the parts. Nothing of it may be
    /// left out, and nothing else may come between. Key updates that are owed go before it.
    ///
    /// # Errors
    /// `BadState` before the channel is secured and after [`close`](Machine::close); the failure of the channel after that.
    pub fn seal(&mut self, parts: &[IoSlice<'_>], out: &mut Vec<u8>) -> Result<()> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        if self.closed || !self.is_secured() {
            let message = if self.closed { "this end has sent its last byte of TLS" } else { "TLS has no channel yet" };
            return Err(Error::new(Status::BadState, message));
        }
        let offered: usize = parts.iter().map(|part| part.len()).sum();
        let taken = match parts {
            [one] => self.connection.writer().write(one)?,
            several => self.connection.writer().write_vectored(several)?,
        };
        self.owed(out);
        if taken < offered {
            return Err(Error::new(Status::BadState, "the keys of the TLS channel are used up"));
        }
        Ok(())
    }

    /// Appends to `out` what this side has to send of its own accord: its part of the handshake, alerts.
    pub fn owed(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.answer);
        while self.connection.wants_write() {
            // Writing to memory does not fail.
            if self.connection.write_tls(out).is_err() {
                break;
            }
        }
    }

    /// Whether [`owed`](Machine::owed) would append anything.
    pub fn owes(&self) -> bool {
        self.connection.wants_write() || !self.answer.is_empty()
    }

    /// Appends to `out` the end of this direction (`close_notify`), once. The peer's direction goes on until it has ended.
    pub fn close(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.closed, true) && self.failure.is_none() {
            self.connection.send_close_notify();
        }
        self.owed(out);
    }

    /// Goes on with new keys in this direction, and asks the peer for the same in its own: after very much, or long silence. That
    /// happens by itself before keys are used up. What it takes is [owed](Machine::owed).
    ///
    /// # Errors
    /// `BadState` before the channel is secured, and after its end.
    pub fn renew_keys(&mut self) -> Result<()> {
        if self.closed || self.failure.is_some() || !self.is_secured() {
            return Err(Error::new(Status::BadState, "TLS has no channel whose keys could be renewed"));
        }
        self.connection.refresh_traffic_keys().map_err(|error| sentences::failure(&error))
    }

    /// Whether there is a channel: both sides have agreed on its keys, and a client has verified its server as far as its
    /// trust goes.
    pub fn is_secured(&self) -> bool {
        !self.connection.is_handshaking()
    }

    /// Whether the peer has ended its direction in good order: an end of the stream without that is one that anybody on the
    /// way may have made.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether the peer has begun with something else than TLS, and so has failed.
    pub fn is_foreign(&self) -> bool {
        self.foreign
    }

    /// Whether a server has used its private key already, by far the dearest step: what comes after is cheap.
    pub fn has_signed(&self) -> bool {
        self.signed
    }

    /// What the handshake above is to be bound to, and the least that it must be: of a client that trusts by the secret the
    /// exporter, of a server with a secret any binding unless it allows none.
    ///
    /// # Errors
    /// `BadState` before the channel is secured.
    pub fn channel(&self) -> Result<Channel> {
        let channel = Channel::new(self.requires).with(self.binding(ChannelBinding::TLS_EXPORTER)?);
        Ok(match self.binding(ChannelBinding::TLS_SERVER_END_POINT) {
            Ok(binding) => channel.with(binding),
            Err(_) => channel,
        })
    }

    /// What ties a handshake above to this channel; the same at both ends, unless somebody sits in between.
    ///
    /// # Errors
    /// `BadState` before the channel is secured; `NotSupported` for other kinds than [`ChannelBinding::TLS_EXPORTER`] and
    /// [`ChannelBinding::TLS_SERVER_END_POINT`],
    /// and for the latter with a certificate whose signature has no hash of its own (Ed25519, RSA-PSS).
    pub fn binding(&self, kind: u8) -> Result<ChannelBinding> {
        if !self.is_secured() {
            return Err(Error::new(Status::BadState, "TLS has no channel yet to be bound to"));
        }
        match kind {
            ChannelBinding::TLS_EXPORTER => {
                let value = self.connection.export_keying_material([0; 32], EXPORTER_LABEL, None);
                ChannelBinding::new(kind, &value.map_err(|error| sentences::failure(&error))?)
            }
            ChannelBinding::TLS_SERVER_END_POINT => match self.end_point() {
                Some(value) => ChannelBinding::new(kind, &value),
                None => {
                    Err(Error::new(Status::NotSupported, "the signature of this certificate has no hash to bind to"))
                }
            },
            _ => Err(Error::new(Status::NotSupported, format!("TLS has no channel binding of the kind {kind}"))),
        }
    }

    /// Where that lies of which sealing reads much, as long as this machine is not moved.
    pub(crate) fn state_place(&self) -> Place {
        Place::of(&self.connection)
    }

    /// Where the keys lie that it seals with, or lay before they were renewed.
    pub(crate) fn keys_place(&self) -> Place {
        self.keys
    }

    fn end_point(&self) -> Option<Arc<[u8]>> {
        let shown = || self.connection.peer_certificates()?.first();
        self.end_point.clone().or_else(|| x509::end_point(shown()?).map(Arc::from))
    }

    /// The fingerprint of the public key of a client's server, once that has shown its certificate.
    pub fn peer_pin(&self) -> Option<Pin> {
        let certificate = self.connection.peer_certificates()?.first()?;
        x509::public_key(certificate).ok().map(|key| Pin::of(&key))
    }

    /// What the ends have agreed on to speak inside; `None` if the client offered nothing, and before it is known.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.connection.alpn_protocol()
    }

    /// For a log: the protocol and the cipher, as in `TLS 1.3 (TLS13_AES_256_GCM_SHA384)`.
    pub fn describe(&self) -> String {
        let suite = self.connection.negotiated_cipher_suite();
        suite.map_or("TLS, not secured yet".into(), |suite| format!("TLS 1.3 ({:?})", suite.suite()))
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secured, ended) = (self.is_secured(), self.ended);
        f.debug_struct("Machine").field("secured", &secured).field("ended", &ended).finish_non_exhaustive()
    }
}
