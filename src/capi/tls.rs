//! What a running end has of TLS: its certificate, and what protects a connection.

use super::auth::output;
use super::client::{Client, rustchat_client};
use super::connection::{Peer, rustchat_connection};
use super::guard;
use super::handle::Object;
use super::listener::rustchat_listener;
use super::server::{Server, rustchat_server};
use super::serving;
use super::status::rustchat_status;
use super::tls_options::{self, rustchat_tls_options};
use crate::Result;
use crate::command::CommandServer;
use crate::connection::MessageListener;
use crate::tls::{Certificate, Pin, Protection};
use crate::transfer::FileServer;

/// By what a proof of the secret is tied to the channel below it, so that nobody in between can pass it on.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_binding {
    /// By nothing.
    RUSTCHAT_BINDING_NONE = 0,
    /// By what TLS 1.3 exports for this connection alone (RFC 9266).
    RUSTCHAT_BINDING_TLS_EXPORTER = 1,
    /// By the hash of the server's certificate (RFC 5929), for peers that cannot export.
    RUSTCHAT_BINDING_TLS_SERVER_END_POINT = 2,
}

/// What protects what is sent and received. Begin with RUSTCHAT_PROTECTION_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_protection {
    /// sizeof(rustchat_protection).
    pub struct_size: usize,
    /// 1: it goes through TLS; 0: whoever is on the way can read and change it.
    pub tls: i32,
    /// By what the peer's proof of the secret is bound to this channel, a rustchat_binding.
    pub binding: i32,
    /// 1: pin is set.
    pub has_pin: i32,
    /// 0.
    pub reserved_pin: i32,
    /// The fingerprint of the server's public key, at the client's end: to be trusted the next time, unless the server makes
    /// its own certificate, which has another key each time it starts.
    pub pin: [u8; 32],
    /// 0.
    pub reserved: [u64; 4],
}

impl From<Protection> for rustchat_protection {
    fn from(core: Protection) -> rustchat_protection {
        rustchat_protection {
            struct_size: size_of::<rustchat_protection>(),
            tls: core.tls.into(),
            binding: core.binding.into(),
            has_pin: core.pin.is_some().into(),
            reserved_pin: 0,
            pin: core.pin.map_or([0; 32], |pin| pin.0),
            reserved: [0; 4],
        }
    }
}

/// What shows a certificate to whoever comes.
pub(super) trait Certified: Object {
    fn replace_certificate(&self, certificate: &Certificate) -> Result<()>;
    fn pin(&self) -> Result<Pin>;
}

impl Certified for Server {
    fn replace_certificate(&self, certificate: &Certificate) -> Result<()> {
        self.chat.replace_certificate(certificate)
    }

    fn pin(&self) -> Result<Pin> {
        self.chat.pin()
    }
}

/// For what the core's own type is the object.
macro_rules! certified {
    ($($type:ty),*) => {$(
        impl Certified for $type {
            fn replace_certificate(&self, certificate: &Certificate) -> Result<()> {
                <$type>::replace_certificate(self, certificate)
            }

            fn pin(&self) -> Result<Pin> {
                <$type>::pin(self)
            }
        }
    )*};
}

certified!(MessageListener, CommandServer, FileServer);

/// Shows another certificate to whoever comes from here on.
///
/// # Safety
/// `tls` is NULL or options whose pointers can be read.
pub(super) unsafe fn replace_certificate<T: Certified>(
    name: &'static str,
    handle: *mut T::Handle,
    tls: *const rustchat_tls_options,
) -> rustchat_status {
    guard::on(name, handle, |object: &T| {
        // SAFETY: as promised by the caller.
        object.replace_certificate(&unsafe { tls_options::certificate(tls) }?)
    })
}

/// The fingerprint of the public key that is shown.
///
/// # Safety
/// `out` is NULL or 32 bytes that can be written until the call returns.
pub(super) unsafe fn pin<T: Certified>(name: &'static str, handle: *mut T::Handle, out: *mut u8) -> rustchat_status {
    // SAFETY: as promised by the caller.
    let out = unsafe { output(out) };
    guard::on(name, handle, |object: &T| {
        let out = out?;
        *out = object.pin()?.0;
        Ok(())
    })
}

/// Shows another certificate to members who come from here on; those who are there keep their connections. For a
/// certificate that is renewed while the server runs: the options of the start with files, once more, read them anew.
///
/// @param server the server.
/// @param tls options whose certificate and key are taken, and nothing else of them; read during the call.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when tls is NULL or its struct_size is wrong, for no certificate, or one that cannot
///   be used; RUSTCHAT_ESTATE for a server without TLS; RUSTCHAT_EIO for a file that cannot be read; RUSTCHAT_EUTF8 for its
///   path; RUSTCHAT_EMSGSIZE; RUSTCHAT_ENOTSUP in a build without TLS; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: while files are read.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_replace_certificate(
    server: *mut rustchat_server,
    tls: *const rustchat_tls_options,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { replace_certificate::<Server>("rustchat_server_replace_certificate", server, tls) }
}

/// The fingerprint of the public key that a server shows its members: what they may be told to trust.
///
/// @param server the server.
/// @param out receives 32 bytes, all 0 on failure: the SHA-256 of the key's SubjectPublicKeyInfo.
/// @return RUSTCHAT_OK; RUSTCHAT_ESTATE for a server without TLS; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
///
/// cbindgen:ptrs-as-arrays=[[out;32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_pin(server: *mut rustchat_server, out: *mut u8) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { pin::<Server>("rustchat_server_pin", server, out) }
}

/// Shows another certificate to peers that come from here on; connections that are there keep theirs. For a certificate that
/// is renewed while the listener is open: the options of the opening with files, once more, read them anew.
///
/// @param listener the listener.
/// @param tls options whose certificate and key are taken, and nothing else of them; read during the call.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when tls is NULL or its struct_size is wrong, for no certificate, or one that cannot
///   be used; RUSTCHAT_ESTATE for a listener without TLS; RUSTCHAT_EIO for a file that cannot be read; RUSTCHAT_EUTF8 for its
///   path; RUSTCHAT_EMSGSIZE; RUSTCHAT_ENOTSUP in a build without TLS; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: while files are read.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_listener_replace_certificate(
    listener: *mut rustchat_listener,
    tls: *const rustchat_tls_options,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { replace_certificate::<MessageListener>("rustchat_listener_replace_certificate", listener, tls) }
}

/// The fingerprint of the public key that a listener shows its peers: what they may be told to trust.
///
/// @param listener the listener.
/// @param out receives 32 bytes, all 0 on failure: the SHA-256 of the key's SubjectPublicKeyInfo.
/// @return RUSTCHAT_OK; RUSTCHAT_ESTATE for a listener without TLS; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
///
/// cbindgen:ptrs-as-arrays=[[out;32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_listener_pin(listener: *mut rustchat_listener, out: *mut u8) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { pin::<MessageListener>("rustchat_listener_pin", listener, out) }
}

/// What protects what a client says and hears.
///
/// @param client the client.
/// @param out receives it; begin with RUSTCHAT_PROTECTION_INIT. All but struct_size is 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_protection(
    client: *mut rustchat_client,
    out: *mut rustchat_protection,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe {
        serving::report("rustchat_client_protection", client, out, |client: &Client| client.chat.protection().into())
    }
}

/// What protects what is sent and received on a connection, at either end.
///
/// @param connection the connection.
/// @param out receives it; begin with RUSTCHAT_PROTECTION_INIT. All but struct_size is 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_connection_protection(
    connection: *mut rustchat_connection,
    out: *mut rustchat_protection,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe {
        serving::report("rustchat_connection_protection", connection, out, |peer: &Peer| {
            peer.connection.protection().into()
        })
    }
}
