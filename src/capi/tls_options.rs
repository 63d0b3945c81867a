//! TLS, and by what the other end is trusted.

use std::ffi::c_char;

use zeroize::Zeroizing;

use super::bytes::{rustchat_bytes, string};
use super::choices;
use super::options;
use crate::tls::{Certificate, Pin, Tls, Trust};
use crate::{Error, Result, Status};

/// Whom a client takes for its server. The server always proves to hold its certificate's key; this says what vouches for
/// that key. There is no way to verify nothing.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_trust {
    /// The pins if there are some, else the roots if there are some, else the secret with one in the profile mutual, else
    /// the system.
    RUSTCHAT_TRUST_DEFAULT = 0,
    /// The shared secret, in the profile mutual: any certificate will do, but not one byte of the session is sent or
    /// believed before both ends have proved the secret, bound to this very channel.
    RUSTCHAT_TRUST_SECRET = 1,
    /// The roots that the operating system trusts, by name and date.
    RUSTCHAT_TRUST_SYSTEM = 2,
}

/// TLS 1.3 for one end. Begin with RUSTCHAT_TLS_OPTIONS_INIT, which is enough as it is where both ends share a secret in
/// the profile mutual: the server makes a certificate when it starts, and the client trusts whoever proves the secret over
/// this very channel. A client without a secret trusts whom the system trusts; a server without one needs a certificate.
///
/// The same structure serves both sides; each reads what is its own. All of it is copied during the call that takes it, and
/// none is used later. In a build without TLS (no RUSTCHAT_FEATURE_TLS) every such call is RUSTCHAT_ENOTSUP.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_tls_options {
    /// sizeof(rustchat_tls_options).
    pub struct_size: usize,
    /// The server's: its certificate and those that vouch for it, its own first, as text (PEM); empty for none, or for
    /// certificate_file.
    pub certificate: rustchat_bytes,
    /// The private key of the certificate as text (PEM: PKCS#8, PKCS#1 or SEC1, without a passphrase); empty where it is
    /// in the text of the certificate, or for key_file. The caller's copy is the caller's to overwrite.
    pub key: rustchat_bytes,
    /// The path of a file with the same as certificate, UTF-8; NULL for none.
    pub certificate_file: *const c_char,
    /// The path of a file with the same as key, UTF-8; NULL for none.
    pub key_file: *const c_char,
    /// The client's: the only roots to be trusted, by name and date: one certificate or more as text (PEM); empty for none, or
    /// for ca_file.
    pub ca: rustchat_bytes,
    /// The path of a file with the same as ca, UTF-8; NULL for none.
    pub ca_file: *const c_char,
    /// The client's: the only public keys to be trusted, whatever their certificate says of names and dates; pin_count
    /// times 32 bytes, each the SHA-256 of a SubjectPublicKeyInfo, as rustchat_server_pin gives it. NULL for none.
    pub pins: *const u8,
    /// How many pins there are, at most 256. Several are for a change of the key.
    pub pin_count: usize,
    /// The client's: the name that is asked for and verified; NULL is the host of the address.
    pub server_name: *const c_char,
    /// The client's: a rustchat_trust; 0 is by what else is set. Others than 0 go with neither pins nor ca.
    pub trust: i32,
    /// The server's, with a secret in the profile mutual: not 0 lets in who proves the secret without binding the proof to the
    /// channel, which somebody in between could pass on. For clients that cannot bind, and trust the certificate.
    pub allow_unbound: i32,
    /// 0.
    pub reserved: [u64; 6],
}

/// More pins are a count that nobody meant.
const MOST_PINS: usize = 256;

impl rustchat_tls_options {
    /// # Safety
    /// The pointers are what the header asks for.
    unsafe fn convert(&self) -> Result<Tls> {
        let mut tls = Tls::new();
        // SAFETY: as promised by the caller.
        unsafe {
            tls.certificate = self.certificate()?;
            tls.trust = self.trust()?;
            tls.server_name = string("server_name", self.server_name)?.map(str::to_owned);
        }
        tls.allow_unbound = self.allow_unbound != 0;
        Ok(tls)
    }

    /// # Safety
    /// As for `convert`.
    unsafe fn certificate(&self) -> Result<Option<Certificate>> {
        // SAFETY: as promised by the caller.
        let chain = unsafe { Text::read("certificate", self.certificate, self.certificate_file) }?;
        // SAFETY: as promised by the caller.
        let key = unsafe { Text::read("key", self.key, self.key_file) }?;
        let Some(chain) = chain else {
            return if key.is_some() { Err(wrong("key is set, but there is no certificate")) } else { Ok(None) };
        };
        let (origin, key) = match &key {
            Some(key) => (format!("{}, {}", chain.origin, key.origin), key),
            None => (chain.origin.clone(), &chain),
        };
        Certificate::from_pem(&chain.bytes, &key.bytes).map(Some).map_err(|error| error.context(origin))
    }

    /// # Safety
    /// As for `convert`.
    unsafe fn trust(&self) -> Result<Option<Trust>> {
        // SAFETY: as promised by the caller.
        let (ca, pins) = unsafe { (Text::read("ca", self.ca, self.ca_file)?, self.pins()?) };
        match (choices::index("trust", self.trust, 2)?, ca, pins) {
            (Some(index), None, None) => Ok(Some([Trust::Secret, Trust::System][index].clone())),
            (Some(_), ..) => Err(wrong("trust is set, but so are ca or pins, which say whom to trust as well")),
            (None, Some(_), Some(_)) => Err(wrong("ca and pins are both set, expected one of them")),
            (None, Some(ca), None) => Ok(Some(Trust::Roots(ca.bytes.to_vec()))),
            (None, None, pins) => Ok(pins.map(Trust::Pins)),
        }
    }

    /// # Safety
    /// As for `convert`.
    unsafe fn pins(&self) -> Result<Option<Vec<Pin>>> {
        let count = self.pin_count;
        match (self.pins.is_null(), count) {
            (true, 0) => return Ok(None),
            (true, _) => return Err(wrong(format!("pins is NULL, but pin_count is {count}"))),
            (false, 0) => return Err(wrong("pins is set, but pin_count is 0")),
            (false, _) if count > MOST_PINS => {
                return Err(wrong(format!("pin_count is {count}, expected 1 to {MOST_PINS}")));
            }
            (false, _) => {}
        }
        // SAFETY: not NULL, and `count` times 32 readable bytes as promised; bytes need no alignment.
        let pins = unsafe { std::slice::from_raw_parts(self.pins.cast::<[u8; 32]>(), count) };
        Ok(Some(pins.iter().copied().map(Pin).collect()))
    }
}

/// A text of PEM, and where it is from. It may hold a key.
struct Text {
    origin: String,
    bytes: Zeroizing<Vec<u8>>,
}

impl Text {
    /// The text that was given, or that of the file.
    ///
    /// # Safety
    /// `given` can be read, and `file` is NULL or a string.
    unsafe fn read(what: &str, given: rustchat_bytes, file: *const c_char) -> Result<Option<Text>> {
        let name = format!("{what}_file");
        // SAFETY: as promised by the caller.
        let (given, file) = unsafe { (given.get().map_err(|error| error.context(what))?, string(&name, file)?) };
        match (given, file) {
            ([], None) => Ok(None),
            (given, None) => Ok(Some(Text { origin: what.to_owned(), bytes: Zeroizing::new(given.to_vec()) })),
            ([], Some(path)) => {
                let origin = format!("{name} {path}");
                let bytes = std::fs::read(path).map_err(|error| Error::from_io(&error, &origin))?;
                Ok(Some(Text { origin, bytes: Zeroizing::new(bytes) }))
            }
            (_, Some(_)) => Err(wrong(format!("{what} and {name} are both set, expected one of them"))),
        }
    }
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Status::InvalidArgument, message)
}

/// What an end is to have; `None` for NULL, which is no TLS.
///
/// # Safety
/// `tls` is NULL or begins with its size and can be read that far, and its pointers are what the header asks for.
pub(super) unsafe fn read(tls: *const rustchat_tls_options) -> Result<Option<Tls>> {
    if tls.is_null() {
        return Ok(None);
    }
    // SAFETY: as promised by the caller.
    unsafe { options::read(tls)?.convert() }.map(Some).map_err(|error| error.context("tls"))
}

/// The certificate of options that are there to hand one over.
///
/// # Safety
/// As for [`read`].
pub(super) unsafe fn certificate(tls: *const rustchat_tls_options) -> Result<Certificate> {
    // SAFETY: as promised by the caller.
    let certificate = unsafe { options::read(tls)?.certificate() }.map_err(|error| error.context("tls"))?;
    certificate.ok_or_else(|| wrong("tls: neither certificate nor certificate_file is set"))
}

#[cfg(all(test, not(feature = "tls")))]
mod tests {
    use super::*;
    use crate::capi::{client, client_options, error, library, server, server_options, status::rustchat_status};

    /// Options with nothing set, as the header's macros make them.
    fn fresh<T: options::Options>() -> T {
        // SAFETY: every pattern of bits is a value, by the trait.
        let mut options: T = unsafe { std::mem::zeroed() };
        // SAFETY: the size comes first.
        unsafe { (&raw mut options).cast::<usize>().write(size_of::<T>()) };
        options
    }

    fn says_that_there_is_none(status: rustchat_status) {
        assert_eq!(status, rustchat_status::RUSTCHAT_ENOTSUP);
        let text: Vec<u8> = error::last().message.iter().map(|c| *c as u8).take_while(|c| *c != 0).collect();
        assert!(String::from_utf8(text).unwrap().contains("this build of rustchat has no TLS"));
    }

    #[test]
    fn a_build_without_tls_says_so_and_starts_nothing() {
        let tls = fresh::<rustchat_tls_options>();
        let (mut server, mut client) = (std::ptr::null_mut(), std::ptr::null_mut());
        let serving = server_options::rustchat_server_options {
            address: c"127.0.0.1:0".as_ptr(),
            secret: rustchat_bytes::of(b"a secret"),
            tls: &tls,
            ..fresh()
        };
        let connecting = client_options::rustchat_client_options { tls: &tls, ..fresh() };
        // SAFETY: options and places for results that are there.
        unsafe {
            says_that_there_is_none(server::rustchat_server_start(&serving, &mut server));
            says_that_there_is_none(client::rustchat_client_connect(&connecting, &mut client));
        }
        assert!(server.is_null() && client.is_null());
        assert_eq!(library::rustchat_features() & 1 << 4, 0);
    }

    #[test]
    fn and_reads_no_certificate() {
        let tls = rustchat_tls_options { certificate: rustchat_bytes::of(b"-----BEGIN CERTIFICATE-----"), ..fresh() };
        // SAFETY: options whose pointers can be read.
        let error = unsafe { certificate(&tls) }.unwrap_err();
        assert_eq!(error.status(), Status::NotSupported);
    }
}
