//! The secrets that a server knows, by id.

use std::ffi::{c_char, c_void};
use std::ptr;

use super::bytes::{self, Buffer, rustchat_bytes, string};
use super::guard;
use super::handle::{self, Kind, Object};
use super::out::Out;
use super::status::rustchat_status;
use crate::auth::{KeyRing, Secret};
use crate::{Error, Result, Status};

/// The secrets that servers know, by id: for several keys, and for keys that come and go while a server runs. Not memory: a
/// number that the library looks up, so that a ring freed already is RUSTCHAT_EHANDLE and not undefined. Every function on it
/// may be called from any thread at any time.
///
/// A server that is given a ring goes on with it when it is freed, and several servers may be given one.
#[derive(Debug)]
pub struct rustchat_key_ring {
    _opaque: [u8; 0],
}

/// A key for rustchat_key_ring_replace. This structure never grows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_key {
    /// Which key it is, at most 64 bytes of UTF-8; NULL is the key of clients that name none.
    pub id: *const c_char,
    /// The secret, at least 1 byte. The caller's copy is the caller's to overwrite.
    pub secret: rustchat_bytes,
}

impl rustchat_key {
    /// # Safety
    /// The pointers are what the header asks for.
    unsafe fn convert(&self) -> Result<(String, Secret)> {
        // SAFETY: as promised by the caller.
        let (id, secret) = unsafe { (id(self.id)?, self.secret.get()?) };
        Ok((id.to_owned(), Secret::new(secret)?))
    }
}

impl Object for KeyRing {
    type Handle = rustchat_key_ring;
    const KIND: Kind = Kind::KeyRing;

    fn close(&self) {}
}

/// The id of a key; NULL is that of clients that name none.
///
/// # Safety
/// As for [`string`].
unsafe fn id<'a>(key_id: *const c_char) -> Result<&'a str> {
    // SAFETY: as promised by the caller.
    Ok(unsafe { string("key_id", key_id) }?.unwrap_or_default())
}

/// Makes a ring without keys, which lets nobody in.
///
/// @param out receives the ring, which the caller ends with rustchat_key_ring_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_ENOMEM.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_key_ring_new(out: *mut *mut rustchat_key_ring) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_key_ring_new", || {
        out?.set(handle::insert(KeyRing::new())?);
        Ok(())
    })
}

/// Adds a key, in the place of an older one with the same id, which is thereby revoked unless it has the same secret: see
/// rustchat_key_ring_remove. It counts for every handshake that is not proven yet.
///
/// @param ring the ring.
/// @param key_id which key it is, at most 64 bytes of UTF-8; NULL is the key of clients that name none.
/// @param secret the secret; copied, and overwritten when the last that has it ends.
/// @param len its length in bytes, at least 1.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when secret is NULL or empty, or key_id is too long or holds control characters;
///   RUSTCHAT_EUTF8 for key_id; RUSTCHAT_EMSGSIZE; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_key_ring_add(
    ring: *mut rustchat_key_ring,
    key_id: *const c_char,
    secret: *const c_void,
    len: usize,
) -> rustchat_status {
    guard::on("rustchat_key_ring_add", ring, |ring: &KeyRing| {
        // SAFETY: the header asks for NULL or a string, and `len` readable bytes.
        let (id, secret) = unsafe { (id(key_id)?, bytes::input(secret, len)?) };
        ring.insert(id, Secret::new(secret)?)
    })
}

/// Revokes a key: nobody proves it any more, and whoever has is disconnected within a moment by servers of chats, commands and
/// files; its RUSTCHAT_EVENT_PEER_LEFT has the status RUSTCHAT_EAUTH. Connections of a listener belong to the program, and go on.
///
/// @param ring the ring.
/// @param key_id which key it is; NULL is the key of clients that name none.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when there is no such key; RUSTCHAT_EUTF8; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_key_ring_remove(
    ring: *mut rustchat_key_ring,
    key_id: *const c_char,
) -> rustchat_status {
    guard::on("rustchat_key_ring_remove", ring, |ring: &KeyRing| {
        // SAFETY: the header asks for NULL or a string.
        let id = unsafe { id(key_id) }?;
        if ring.remove(id) {
            return Ok(());
        }
        Err(Error::new(Status::InvalidArgument, format!("the ring has no key {id:?}")))
    })
}

/// Has a ring hold these keys and no others, in one step: for a list of keys that was read anew. Keys that it holds already, with the
/// same secret, stay what they are, and whoever has proved one notices nothing; the others are revoked, see
/// rustchat_key_ring_remove.
///
/// @param ring the ring.
/// @param keys the keys; copied. NULL when count is 0, which leaves a ring that lets nobody in.
/// @param count how many.
/// @param revoked receives how many keys were revoked: they are gone, or have another secret; may be NULL.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when keys is NULL and count is not 0, for a secret that is empty, or an id that is too long,
///   holds control characters or comes twice; RUSTCHAT_EUTF8 for an id; RUSTCHAT_EMSGSIZE for a secret or a count that is absurd; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK. On failure the ring is as it was.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_key_ring_replace(
    ring: *mut rustchat_key_ring,
    keys: *const rustchat_key,
    count: usize,
    revoked: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let revoked = unsafe { Out::optional(revoked, 0) };
    guard::on("rustchat_key_ring_replace", ring, |ring: &KeyRing| {
        // SAFETY: the header asks for NULL or `count` keys.
        let keys = unsafe { bytes::array("keys", keys, count) }?;
        let key = |(number, key): (usize, &rustchat_key)| {
            // SAFETY: the header asks for an id and a secret that can be read.
            unsafe { key.convert() }.map_err(|error| error.context(format_args!("keys[{number}]")))
        };
        let found = ring.replace(keys.iter().enumerate().map(key).collect::<Result<Vec<_>>>()?)?;
        if let Some(revoked) = revoked {
            revoked.set(found.len());
        }
        Ok(())
    })
}

/// The ids of a ring's keys, sorted, each with a NUL behind it. No secret ever comes out.
///
/// @param ring the ring.
/// @param buf receives the ids; may be NULL when cap is 0.
/// @param cap the size of buf in bytes.
/// @param len receives the bytes of all ids and their NULs, whether or not they fit; must not be NULL.
/// @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is less than len; RUSTCHAT_EINVAL when len is NULL, or buf is and cap is not
///   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_key_ring_ids(
    ring: *mut rustchat_key_ring,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for `cap` writable bytes, and NULL or a place for the length.
    let buffer = unsafe { Buffer::new(buf.cast(), cap, len) };
    guard::on("rustchat_key_ring_ids", ring, |ring: &KeyRing| {
        let ids: String = ring.ids().into_iter().map(|id| id + "\0").collect();
        buffer.checked_with_length()?.put(ids.as_bytes())
    })
}

/// Releases a ring. Servers that were given it keep its keys as they are.
///
/// @param ring the ring, not to be used any more; NULL and handles that are not valid are ignored.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_key_ring_free(ring: *mut rustchat_key_ring) {
    guard::free::<KeyRing>("rustchat_key_ring_free", ring);
}
