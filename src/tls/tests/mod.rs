//! The machine, with every split of the bytes and peers that do not keep to the protocol.

mod ends;
mod floods;
mod keys;
mod splits;
mod strangers;
mod trusts;

use std::io::IoSlice;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::{Certificate, ClientTls, Machine, ServerTls, Tls};
use crate::{Error, Result, Status};

/// Two machines, and what is under way between them.
struct Pair {
    server: Machine,
    client: Machine,
    /// What each has decrypted.
    heard_by_server: Vec<u8>,
    heard_by_client: Vec<u8>,
}

/// What a machine has to send.
fn owed(machine: &mut Machine) -> Vec<u8> {
    let mut out = Vec::new();
    machine.owed(&mut out);
    out
}

fn sealed(machine: &mut Machine, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    machine.seal(&[IoSlice::new(text)], &mut out).unwrap();
    out
}

impl Pair {
    fn new(server: &ServerTls, client: &ClientTls) -> Pair {
        let (server, client) = (server.begin().unwrap(), client.begin("localhost").unwrap());
        Pair { server, client, heard_by_server: Vec::new(), heard_by_client: Vec::new() }
    }

    /// With a secret at both ends.
    fn by_secret() -> Pair {
        Pair::new(&Tls::new().server(true).unwrap(), &Tls::new().client(true).unwrap())
    }

    fn secured() -> Pair {
        let mut pair = Pair::by_secret();
        pair.settle(|_| usize::MAX).unwrap();
        assert!(pair.server.is_secured() && pair.client.is_secured());
        pair
    }

    /// Hands over what is owed until nothing is, in pieces as long as `cut` says of what is left.
    fn settle(&mut self, mut cut: impl FnMut(usize) -> usize) -> Result<()> {
        loop {
            let (to_server, to_client) = (owed(&mut self.client), owed(&mut self.server));
            if to_server.is_empty() && to_client.is_empty() {
                return Ok(());
            }
            hand_over(&mut self.server, &to_server, &mut self.heard_by_server, &mut cut)?;
            hand_over(&mut self.client, &to_client, &mut self.heard_by_client, &mut cut)?;
        }
    }
}

fn hand_over(
    machine: &mut Machine,
    mut wire: &[u8],
    plain: &mut Vec<u8>,
    mut cut: impl FnMut(usize) -> usize,
) -> Result<()> {
    while !wire.is_empty() {
        let (piece, rest) = wire.split_at(cut(wire.len()).clamp(1, wire.len()));
        machine.receive(piece, plain)?;
        wire = rest;
    }
    Ok(())
}

/// An authority, in PEM, that vouches for certificates made with `params`.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        // No two of them share a name, lest one is taken for the other with a wrong signature.
        let name = crate::auth::generate_key().unwrap();
        params.distinguished_name.push(rcgen::DnType::OrganizationName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    fn issue(&self, params: &CertificateParams) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

/// For a server on this machine.
fn local() -> CertificateParams {
    CertificateParams::new(vec!["localhost".to_owned()]).unwrap()
}

fn certificate((chain, key): &(String, String)) -> Certificate {
    Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap()
}

#[track_caller]
fn assert_says(error: &Error, status: Status, words: &str) {
    assert_eq!(error.status(), status, "{error}");
    assert!(error.message().contains(words), "{error}");
}
