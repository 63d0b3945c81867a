//! The handshake alone, for programs with a transport of their own, and with a TLS of their own below it.

use std::ffi::{c_char, c_void};
use std::ptr;

use super::bytes::{self, fill, rustchat_bytes, string};
use super::choices;
use super::credentials::Credentials;
use super::guard;
use super::options::{self, Report};
use super::out::Out;
use super::sole::{self, Sole};
use super::status::rustchat_status;
use crate::auth::{Channel, ChannelBinding, Handshake, Requirement};
use crate::{Error, Result, Status};

/// The least by which a handshake must be bound to the channel below it.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_requirement {
    /// Binding where there is something to be bound to, nothing where there is not.
    RUSTCHAT_REQUIRE_DEFAULT = 0,
    /// Nothing: what both ends can, and else none.
    RUSTCHAT_REQUIRE_NOTHING = 1,
    /// Whichever binding both ends can.
    RUSTCHAT_REQUIRE_BINDING = 2,
    /// The exporter: it holds even where the server's certificate is somebody else's, too. For a client that takes any
    /// certificate and trusts the secret alone.
    RUSTCHAT_REQUIRE_EXPORTER = 3,
}

/// A handshake of one connection: bytes in, bytes out, no socket. Begin with RUSTCHAT_HANDSHAKE_OPTIONS_INIT. All of it is
/// copied during the call that takes it.
///
/// Over a TLS of the program's own, give what that knows of the channel: then nobody in between can pass the proofs on. Both
/// ends say what they can, and the strongest that both can is used, with the profile mutual alone.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_handshake_options {
    /// sizeof(rustchat_handshake_options).
    pub struct_size: usize,
    /// What both ends hold; must not be empty. Overwritten in memory when the handshake is freed.
    pub secret: rustchat_bytes,
    /// The id of the secret, at most 64 bytes; NULL for none.
    pub key_id: *const c_char,
    /// The server's: its name, which its clients get to know for certain with the profile mutual, at most 64 bytes; NULL for
    /// none.
    pub server_id: *const c_char,
    /// How it is proved, a rustchat_profile; 0 is mutual.
    pub profile: i32,
    /// A rustchat_requirement.
    pub requirement: i32,
    /// What TLS 1.3 exports under the label "EXPORTER-Channel-Binding" with an empty context, 32 bytes (RFC 9266); at most
    /// 1024 bytes, empty for none.
    pub tls_exporter: rustchat_bytes,
    /// The hash of the server's certificate (RFC 5929, tls-server-end-point), at most 1024 bytes; empty for none.
    pub tls_server_end_point: rustchat_bytes,
    /// 0.
    pub reserved: [u64; 6],
}

/// What a handshake has shown. Begin with RUSTCHAT_HANDSHAKE_OUTCOME_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_handshake_outcome {
    /// sizeof(rustchat_handshake_outcome).
    pub struct_size: usize,
    /// By what both proofs are bound to the channel below, a rustchat_binding.
    pub binding: i32,
    /// 1: session_key is set.
    pub has_session_key: i32,
    /// 32 bytes that only the two ends know, fresh for each handshake; the caller's copy is the caller's to overwrite.
    pub session_key: [u8; 32],
    /// The id of the key that was proved, empty when it has none; ends with NUL.
    pub key_id: [c_char; 72],
    /// The server's name, empty when it has none, or in profiles without; ends with NUL.
    pub server_id: [c_char; 72],
    /// 0.
    pub reserved: [u64; 4],
}

/// One side of the handshake of one connection. Memory, unlike the handles: one thread at a time may use it, and nobody
/// after rustchat_handshake_free.
pub struct rustchat_handshake {
    _opaque: [u8; 0],
}

/// A handshake, and what was taken out of it last, which the caller reads.
struct Side {
    handshake: Handshake,
    output: Vec<u8>,
}

impl Sole for Side {
    type Pointer = rustchat_handshake;
    const MAGIC: u32 = 0x7263_6873;
    const NAME: &'static str = "handshake";
}

impl rustchat_handshake_options {
    /// # Safety
    /// The pointers are what the header asks for.
    unsafe fn credentials(&self) -> Result<Credentials> {
        // SAFETY: as promised by the caller.
        let credentials = unsafe { Credentials::read(self.profile, self.secret, self.key_id) }?;
        credentials.ok_or_else(|| wrong("secret is empty: there is nothing to prove"))
    }

    /// # Safety
    /// As for `credentials`.
    unsafe fn channel(&self) -> Result<Channel> {
        let given = [
            (ChannelBinding::TLS_EXPORTER, "tls_exporter", self.tls_exporter),
            (ChannelBinding::TLS_SERVER_END_POINT, "tls_server_end_point", self.tls_server_end_point),
        ];
        let has = |count: usize| given[..count].iter().any(|(_, _, value)| value.len > 0);
        let requires = match choices::index("requirement", self.requirement, 3)? {
            None if has(2) => Requirement::Binding,
            None | Some(0) => Requirement::Nothing,
            Some(1) if has(2) => Requirement::Binding,
            Some(1) => {
                return Err(wrong(
                    "requirement is a binding, but neither tls_exporter nor tls_server_end_point is set",
                ));
            }
            _ if has(1) => Requirement::Exporter,
            _ => return Err(wrong("requirement is the exporter, but tls_exporter is empty")),
        };
        let mut channel = Channel::new(requires);
        for (kind, name, value) in given.into_iter().filter(|(_, _, value)| value.len > 0) {
            // SAFETY: as promised by the caller.
            let binding = unsafe { value.get() }.and_then(|value| ChannelBinding::new(kind, value));
            channel = channel.with(binding.map_err(|error| error.context(name))?);
        }
        Ok(channel)
    }

    /// # Safety
    /// As for `credentials`.
    unsafe fn server(&self) -> Result<Handshake> {
        // SAFETY: as promised by the caller.
        let (credentials, channel, name) =
            unsafe { (self.credentials()?, self.channel()?, string("server_id", self.server_id)?) };
        let auth = credentials.into_server()?.with_server_id(name.unwrap_or(""));
        auth.map_err(|error| error.context("server_id"))?.begin_bound(&channel)
    }

    /// # Safety
    /// As for `credentials`.
    unsafe fn client(&self) -> Result<Handshake> {
        // SAFETY: as promised by the caller.
        unsafe { self.credentials()?.into_client()?.begin_bound(&self.channel()?) }
    }
}

fn wrong(message: &'static str) -> Error {
    Error::new(Status::InvalidArgument, message)
}

impl rustchat_handshake_outcome {
    fn of(handshake: &Handshake) -> Option<rustchat_handshake_outcome> {
        let identity = handshake.identity()?;
        let mut outcome = rustchat_handshake_outcome {
            struct_size: size_of::<rustchat_handshake_outcome>(),
            binding: identity.binding.into(),
            has_session_key: handshake.session_key().is_some().into(),
            session_key: handshake.session_key().copied().unwrap_or_default(),
            key_id: [0; 72],
            server_id: [0; 72],
            reserved: [0; 4],
        };
        fill(&mut outcome.key_id, &identity.key_id);
        fill(&mut outcome.server_id, &identity.server_id);
        Some(outcome)
    }
}

/// Begins the server's side of a handshake.
///
/// @param options what is to be proved, and to what it is bound; read during the call.
/// @param out receives the handshake, which the caller ends with rustchat_handshake_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, an option is out of range, the secret is empty, or something
///   is required that there is not; RUSTCHAT_ENOTSUP when a binding is required in another profile than mutual;
///   RUSTCHAT_EUTF8 for an id; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_EIO when the system has no
///   randomness to give.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_handshake_begin_server(
    options: *const rustchat_handshake_options,
    out: *mut *mut rustchat_handshake,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_handshake_begin_server", || {
        let out = out?;
        // SAFETY: the header asks for NULL or options whose pointers can be read.
        let handshake = unsafe { options::read(options)?.server() }?;
        out.set(sole::make(Side { handshake, output: Vec::new() }));
        Ok(())
    })
}

/// Begins the client's side of a handshake.
///
/// @param options what is to be proved, and to what it is bound; read during the call.
/// @param out receives the handshake, which the caller ends with rustchat_handshake_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, an option is out of range, the secret is empty, or something
///   is required that there is not; RUSTCHAT_ENOTSUP when a binding is required in another profile than mutual;
///   RUSTCHAT_EUTF8 for an id; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_EIO when the system has no
///   randomness to give.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_handshake_begin_client(
    options: *const rustchat_handshake_options,
    out: *mut *mut rustchat_handshake,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_handshake_begin_client", || {
        let out = out?;
        // SAFETY: the header asks for NULL or options whose pointers can be read.
        let handshake = unsafe { options::read(options)?.client() }?;
        out.set(sole::make(Side { handshake, output: Vec::new() }));
        Ok(())
    })
}

/// The bytes that are to be sent to the peer now. Ask after the beginning, and after every rustchat_handshake_receive, also
/// after one that failed: then it may be a refusal to send before closing.
///
/// @param handshake the handshake.
/// @param bytes receives them; empty when it is the peer's turn, and on failure. They belong to the handshake and live until
///   the next call on it.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when bytes is NULL; RUSTCHAT_EHANDLE.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_handshake_output(
    handshake: *mut rustchat_handshake,
    bytes: *mut rustchat_bytes,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(bytes, rustchat_bytes::EMPTY) };
    guard::call("rustchat_handshake_output", || {
        let out = out?;
        let take = |side: &mut Side| {
            side.output = side.handshake.output();
            Ok(rustchat_bytes::of(&side.output))
        };
        // SAFETY: the header asks for a live handshake that nobody else uses.
        out.set(unsafe { sole::on(handshake, take) }?);
        Ok(())
    })
}

/// Brings bytes of the peer to a handshake, in any split.
///
/// @param handshake the handshake.
/// @param data the bytes, copied; may be NULL when len is 0.
/// @param len how many.
/// @param used receives how many of them belonged to the handshake: all, unless it is complete now; the rest is the
///   beginning of the session. 0 on failure.
/// @return RUSTCHAT_OK, whether or not it is complete; RUSTCHAT_EAUTH when it has failed, from then on always; RUSTCHAT_EINVAL
///   when used is NULL, or data is NULL and len is not 0; RUSTCHAT_EHANDLE.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_handshake_receive(
    handshake: *mut rustchat_handshake,
    data: *const c_void,
    len: usize,
    used: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let used = unsafe { Out::new(used, 0) };
    guard::call("rustchat_handshake_receive", || {
        let used = used?;
        let receive = |side: &mut Side| {
            // SAFETY: the header asks for `len` readable bytes.
            side.handshake.receive(unsafe { bytes::input(data, len) }?)
        };
        // SAFETY: the header asks for a live handshake that nobody else uses.
        used.set(unsafe { sole::on(handshake, receive) }?);
        Ok(())
    })
}

/// What a complete handshake has shown.
///
/// @param handshake the handshake.
/// @param out receives it; begin with RUSTCHAT_HANDSHAKE_OUTCOME_INIT. All but struct_size is 0 on failure.
/// @return RUSTCHAT_OK when this side is satisfied; RUSTCHAT_EAGAIN when it is not, or not yet; RUSTCHAT_EINVAL when out is
///   NULL or its struct_size is wrong; RUSTCHAT_EHANDLE.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_handshake_result(
    handshake: *mut rustchat_handshake,
    out: *mut rustchat_handshake_outcome,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a structure that begins with its size.
    let out = unsafe { Report::new(out) };
    guard::call("rustchat_handshake_result", || {
        let out = out?;
        let look = |side: &mut Side| {
            let outcome = rustchat_handshake_outcome::of(&side.handshake);
            outcome.ok_or_else(|| Error::new(Status::WouldBlock, "the handshake is not complete"))
        };
        // SAFETY: the header asks for a live handshake that nobody else uses.
        out.set(unsafe { sole::on(handshake, look) }?);
        Ok(())
    })
}

/// Frees a handshake.
///
/// @param handshake the handshake, not to be used any more; may be NULL.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_handshake_free(handshake: *mut rustchat_handshake) {
    guard::value("rustchat_handshake_free", (), || {
        // SAFETY: the header asks for NULL or a live handshake that nobody else uses.
        unsafe { sole::free::<Side>(handshake) };
    });
}
