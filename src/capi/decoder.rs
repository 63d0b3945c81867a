//! The framing alone, for programs with sockets of their own.

use std::ffi::c_void;
use std::ptr;

use super::bytes::{self, Buffer, rustchat_bytes};
use super::choices;
use super::guard;
use super::out::Out;
use super::sole::{self, Sole};
use super::status::rustchat_status;
use crate::frame::{Decoder, Framing};
use crate::{Error, Status};

/// Takes bytes as they come and gives whole messages. Memory, unlike the handles: one thread at a time may use it, and
/// nobody after rustchat_decoder_free.
pub struct rustchat_decoder {
    _opaque: [u8; 0],
}

impl Sole for Decoder {
    type Pointer = rustchat_decoder;
    const MAGIC: u32 = 0x7263_6463;
    const NAME: &'static str = "decoder";
}

/// Makes a decoder.
///
/// @param framing a rustchat_framing; 0 is u32be.
/// @param max_frame the longest message in bytes; 0 is 8192 for lines, 16777216 otherwise.
/// @param out receives the decoder, which the caller ends with rustchat_decoder_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL for an unknown framing or when out is NULL.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_decoder_new(
    framing: i32,
    max_frame: usize,
    out: *mut *mut rustchat_decoder,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_decoder_new", || {
        let out = out?;
        let framing = choices::framing(framing, Framing::U32Be)?;
        let limit = if max_frame == 0 { framing.default_limit() } else { max_frame };
        out.set(sole::make(Decoder::new(framing, limit)));
        Ok(())
    })
}

/// Frees a decoder.
///
/// @param decoder the decoder, not to be used any more; may be NULL.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_decoder_free(decoder: *mut rustchat_decoder) {
    guard::value("rustchat_decoder_free", (), || {
        // SAFETY: the header asks for NULL or a live decoder that nobody else uses.
        unsafe { sole::free::<Decoder>(decoder) };
    });
}

/// Brings bytes to a decoder. Call rustchat_decoder_next until RUSTCHAT_EAGAIN before bringing more.
///
/// @param decoder the decoder.
/// @param data the bytes, copied; may be NULL when len is 0.
/// @param len how many.
/// @return RUSTCHAT_OK; RUSTCHAT_EMSGSIZE when a message over the limit begins or goes on here, or RUSTCHAT_EPROTO for what
///   the framing does not allow, after which nothing is taken any more; RUSTCHAT_EINVAL when data is NULL and len is not
///   0; RUSTCHAT_EHANDLE.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_decoder_push(
    decoder: *mut rustchat_decoder,
    data: *const c_void,
    len: usize,
) -> rustchat_status {
    guard::call("rustchat_decoder_push", || {
        let push = |decoder: &mut Decoder| {
            // SAFETY: the header asks for `len` readable bytes.
            decoder.push(unsafe { bytes::input(data, len) }?)
        };
        // SAFETY: the header asks for a live decoder that nobody else uses.
        unsafe { sole::on(decoder, push) }
    })
}

/// The next whole message.
///
/// @param decoder the decoder.
/// @param frame receives the message, which belongs to the decoder and lives until the next call on it; empty on
///   failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EAGAIN when more bytes are needed; RUSTCHAT_EMSGSIZE or RUSTCHAT_EPROTO after the last message
///   before such a fault, from then on always; RUSTCHAT_EINVAL when frame is NULL; RUSTCHAT_EHANDLE.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_decoder_next(
    decoder: *mut rustchat_decoder,
    frame: *mut rustchat_bytes,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let frame = unsafe { Out::new(frame, rustchat_bytes::EMPTY) };
    guard::call("rustchat_decoder_next", || {
        let frame = frame?;
        let next = |decoder: &mut Decoder| match decoder.next()? {
            Some(bytes) => Ok(rustchat_bytes::of(bytes)),
            None => Err(Error::new(Status::WouldBlock, "no whole message yet")),
        };
        // SAFETY: the header asks for a live decoder that nobody else uses.
        frame.set(unsafe { sole::on(decoder, next) }?);
        Ok(())
    })
}

/// Writes a message as it goes over the wire.
///
/// @param framing a rustchat_framing; 0 is u32be.
/// @param data the message; may be NULL when len is 0.
/// @param len its length in bytes, at most 8192 for lines, 16777216 otherwise.
/// @param buf receives the frame; may be NULL when cap is 0. It must not overlap data.
/// @param cap the size of buf in bytes; len and 12 are always enough.
/// @param written receives the length of the frame, whether or not it fits; 0 on any other failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is less than written; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL for an unknown
///   framing, a line that holds a line feed or ends in a carriage return, when written is NULL, buf is NULL and cap is
///   not 0, or data is NULL and len is not 0.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_frame_encode(
    framing: i32,
    data: *const c_void,
    len: usize,
    buf: *mut c_void,
    cap: usize,
    written: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for `cap` writable bytes, and NULL or a place for the length.
    let buffer = unsafe { Buffer::new(buf, cap, written) };
    guard::call("rustchat_frame_encode", || {
        let buffer = buffer.checked_with_length()?;
        let framing = choices::framing(framing, Framing::U32Be)?;
        // SAFETY: the header asks for `len` readable bytes.
        let payload = unsafe { bytes::input(data, len) }?;
        let envelope = framing.envelope(payload, framing.default_limit())?;
        buffer.put_parts([envelope.header(), payload, envelope.trailer()])
    })
}
