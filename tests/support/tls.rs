//! Peers that speak TLS by a raw socket and a machine of their own: what a connection would never do, they do.

use std::io::{IoSlice, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustchat::auth::{Handshake, KeyRing, Profile, Secret, ServerAuth};
use rustchat::tls::{Certificate, ClientTls, Machine, ServerTls};

use super::PATIENCE;

/// What both ends share.
pub(crate) const SECRET: &str = "what only the two of them know";

pub(crate) fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

pub(crate) fn server_auth() -> ServerAuth {
    ServerAuth::new(Profile::Mutual, KeyRing::single(secret()))
}

/// One side of TLS on a socket.
pub(crate) struct RawPeer {
    pub(crate) stream: TcpStream,
    pub(crate) machine: Machine,
    /// What has come and nobody has taken.
    plain: Vec<u8>,
}

impl RawPeer {
    /// Accepts one connection and shakes hands of TLS, as far as that goes.
    pub(crate) fn accept(listener: &TcpListener, tls: &ServerTls) -> rustchat::Result<RawPeer> {
        RawPeer::over(listener.accept().unwrap().0, tls.begin().unwrap())
    }

    pub(crate) fn connect(address: &str, tls: &ClientTls) -> rustchat::Result<RawPeer> {
        RawPeer::over(TcpStream::connect(address).unwrap(), tls.begin("localhost").unwrap())
    }

    pub(crate) fn over(stream: TcpStream, machine: Machine) -> rustchat::Result<RawPeer> {
        RawPeer::silent(stream, machine).secure()
    }

    /// The same before it has sent a byte.
    pub(crate) fn silent(stream: TcpStream, machine: Machine) -> RawPeer {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        RawPeer { stream, machine, plain: Vec::new() }
    }

    pub(crate) fn secure(mut self) -> rustchat::Result<RawPeer> {
        while !self.machine.is_secured() {
            self.settle();
            self.read_once()?;
        }
        self.settle();
        Ok(self)
    }

    /// Proves the secret by that handshake.
    pub(crate) fn shake_hands(&mut self, handshake: &mut Handshake) -> rustchat::Result<()> {
        while !handshake.is_complete() {
            self.send(&handshake.output());
            let heard = self.some()?;
            if heard.is_empty() {
                return Err(rustchat::Status::ConnectionReset.into());
            }
            let used = handshake.receive(&heard);
            if used.is_err() {
                self.send(&handshake.output());
            }
            self.plain = heard[used?..].to_vec();
        }
        self.send(&handshake.output());
        Ok(())
    }

    /// A server that proves the secret, bound to the channel.
    pub(crate) fn proved(listener: &TcpListener, tls: &ServerTls) -> RawPeer {
        let mut peer = RawPeer::accept(listener, tls).unwrap();
        let mut handshake = server_auth().begin_bound(&peer.machine.channel().unwrap()).unwrap();
        peer.shake_hands(&mut handshake).unwrap();
        peer
    }

    /// What the machine has to send of its own accord.
    pub(crate) fn settle(&mut self) {
        let mut owed = Vec::new();
        self.machine.owed(&mut owed);
        // The other end may be gone.
        let _ = self.stream.write_all(&owed);
    }

    /// One read; whether there was anything.
    fn read_once(&mut self) -> rustchat::Result<bool> {
        let mut buffer = [0; 16 * 1024];
        let count = match self.stream.read(&mut buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {
                return Err(rustchat::Status::ConnectionReset.into());
            }
            count => count.expect("something in time"),
        };
        let result = self.machine.receive(&buffer[..count], &mut self.plain);
        self.settle();
        result?;
        if count == 0 && !self.machine.is_secured() {
            return Err(rustchat::Status::ConnectionReset.into());
        }
        Ok(count > 0)
    }

    /// What comes next, at least a byte; empty at the end.
    pub(crate) fn some(&mut self) -> rustchat::Result<Vec<u8>> {
        while self.plain.is_empty() && self.read_once()? {}
        Ok(std::mem::take(&mut self.plain))
    }

    /// So many bytes.
    pub(crate) fn exactly(&mut self, count: usize) -> Vec<u8> {
        while self.plain.len() < count {
            assert!(self.read_once().unwrap(), "the end after {} of {count} bytes", self.plain.len());
        }
        let rest = self.plain.split_off(count);
        std::mem::replace(&mut self.plain, rest)
    }

    /// Everything up to the end of the stream, and whether the peer has said that it is the end.
    pub(crate) fn rest(&mut self) -> (Vec<u8>, bool) {
        while self.read_once().unwrap() {}
        (std::mem::take(&mut self.plain), self.machine.has_ended())
    }

    pub(crate) fn sealed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut records = Vec::new();
        self.machine.seal(&[IoSlice::new(bytes)], &mut records).unwrap();
        records
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let records = self.sealed(bytes);
            let _ = self.stream.write_all(&records);
        }
    }

    /// `close_notify`.
    pub(crate) fn close(&mut self) {
        let mut records = Vec::new();
        self.machine.close(&mut records);
        self.stream.write_all(&records).unwrap();
    }

    /// The end of the sending direction, whatever TLS has said of it.
    pub(crate) fn end_sending(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }
}

/// An authority that vouches for certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        let name = rustchat::auth::generate_key().unwrap();
        params.distinguished_name.push(rcgen::DnType::OrganizationName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Its own certificate, as a server's.
    pub(crate) fn itself(&self) -> Certificate {
        Certificate::from_pem(self.pem().as_bytes(), self.0.key().serialize_pem().as_bytes()).unwrap()
    }

    /// A chain and its key, in PEM.
    pub(crate) fn issue(&self, params: &CertificateParams) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }

    /// For a server of that name or address.
    pub(crate) fn certificate(&self, name: &str) -> Certificate {
        let (chain, key) = self.issue(&CertificateParams::new(vec![name.to_owned()]).unwrap());
        Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap()
    }
}
