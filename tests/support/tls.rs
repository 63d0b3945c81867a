//! Clients with TLS, made of a raw socket and a machine.

use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustchat::Result;
use rustchat::auth::{Channel, ClientAuth, Handshake, KeyRing, Profile, Secret, ServerAuth, generate_key};
use rustchat::chat::{ChatServer, ServerOptions};
use rustchat::tls::{Certificate, ClientTls, Machine, Tls};

use super::dial;

/// A stream with TLS. An end that was not announced is an error.
pub(crate) struct TlsPeer {
    pub(crate) stream: TcpStream,
    pub(crate) machine: Machine,
    plain: Vec<u8>,
    /// The session begins with these bytes.
    behind: Vec<u8>,
}

impl TlsPeer {
    /// Connects, and sends nothing.
    pub(crate) fn dial(server: &ChatServer, tls: &ClientTls) -> TlsPeer {
        TlsPeer {
            stream: dial(server),
            machine: tls.begin("localhost").unwrap(),
            plain: Vec::new(),
            behind: Vec::new(),
        }
    }

    /// Secures the channel.
    pub(crate) fn secure(mut self) -> Result<TlsPeer> {
        self.send_owed()?;
        while !self.machine.is_secured() {
            self.receive()?;
        }
        Ok(self)
    }

    /// Proves a secret in the channel.
    pub(crate) fn prove(self, auth: &ClientAuth) -> Result<TlsPeer> {
        let channel = self.machine.channel()?;
        self.prove_on(auth, &channel)
    }

    /// The same bound to something else.
    pub(crate) fn prove_on(mut self, auth: &ClientAuth, channel: &Channel) -> Result<TlsPeer> {
        let mut handshake = auth.begin_bound(channel)?;
        while !handshake.is_complete() {
            self.write_all(&handshake.output())?;
            self.hear(&mut handshake)?;
        }
        self.write_all(&handshake.output())?;
        Ok(self)
    }

    fn hear(&mut self, handshake: &mut Handshake) -> Result<()> {
        let mut buffer = [0; 4096];
        let count = self.read(&mut buffer)?;
        let used = handshake.receive(&buffer[..count])?;
        self.behind.splice(0..0, buffer[used..count].iter().copied());
        Ok(())
    }

    /// Asks for new keys in both directions.
    pub(crate) fn renew_keys(&mut self) {
        self.machine.renew_keys().unwrap();
        self.send_owed().unwrap();
    }

    fn send_owed(&mut self) -> io::Result<()> {
        let mut out = Vec::new();
        self.machine.owed(&mut out);
        self.stream.write_all(&out)
    }

    /// Reads from the stream once.
    fn receive(&mut self) -> io::Result<()> {
        let mut wire = [0; 16_384];
        let count = self.stream.read(&mut wire)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let result = self.machine.receive(&wire[..count], &mut self.plain);
        self.send_owed()?;
        result.map_err(io::Error::other)
    }

    /// Ends this side in good order.
    pub(crate) fn end(&mut self) {
        let mut out = Vec::new();
        self.machine.close(&mut out);
        self.stream.write_all(&out).unwrap();
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Everything up to the end, which was announced.
    pub(crate) fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.read_to_string(&mut rest).unwrap();
        rest
    }

    /// The next line, without its end.
    pub(crate) fn line(&mut self) -> String {
        let (mut line, mut byte) = (Vec::new(), [0]);
        loop {
            self.read_exact(&mut byte).unwrap();
            if byte == *b"\n" {
                return String::from_utf8(line).unwrap();
            }
            line.push(byte[0]);
        }
    }

    /// The next message of line chat: its text.
    pub(crate) fn hear_text(&mut self) -> String {
        self.line();
        self.line()
    }

    pub(crate) fn say(&mut self, text: &str) {
        self.write_all(format!("{text}\n").as_bytes()).unwrap();
    }
}

impl Read for TlsPeer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.plain.is_empty() && self.behind.is_empty() && !self.machine.has_ended() {
            self.receive()?;
        }
        let from = if self.behind.is_empty() { &mut self.plain } else { &mut self.behind };
        let count = from.len().min(buffer.len());
        buffer[..count].copy_from_slice(&from[..count]);
        from.drain(..count);
        Ok(count)
    }
}

impl Write for TlsPeer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut out = Vec::new();
        self.machine.seal(&[IoSlice::new(bytes)], &mut out).map_err(io::Error::other)?;
        self.stream.write_all(&out)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A secret, as both sides have it.
pub(crate) struct Both {
    pub(crate) server: ServerAuth,
    pub(crate) client: ClientAuth,
}

impl Both {
    pub(crate) fn new() -> Both {
        let secret = Secret::new(generate_key().unwrap()).unwrap();
        let keys = KeyRing::new();
        keys.insert("alice", secret.clone()).unwrap();
        let client = ClientAuth::new(Profile::Mutual, secret).with_key_id("alice").unwrap();
        Both { server: ServerAuth::new(Profile::Mutual, keys), client }
    }

    /// A server with the secret and a certificate of its own making.
    pub(crate) fn options(&self) -> ServerOptions {
        let mut options = super::options();
        (options.auth, options.tls) = (Some(self.server.clone()), Some(Tls::new()));
        options
    }

    /// A member with the secret.
    pub(crate) fn join(&self, server: &ChatServer) -> TlsPeer {
        let before = server.stats().joined;
        let tls = Tls::new().client(true).unwrap();
        let peer = TlsPeer::dial(server, &tls).secure().unwrap().prove(&self.client).unwrap();
        super::eventually("a member joins", || server.stats().joined > before);
        peer
    }
}

/// Vouches for certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::OrganizationName, generate_key().unwrap());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// For `localhost`.
    pub(crate) fn issue(&self) -> Certificate {
        let (chain, key) = self.issue_pem();
        Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap()
    }

    pub(crate) fn issue_pem(&self) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}
