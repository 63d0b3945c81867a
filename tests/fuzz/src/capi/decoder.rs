//! The framing alone.

use std::ptr;

use rustchat::Status;
use rustchat::frame::Framing;
use rustchat::fuzzing::c::rustchat_status::*;
use rustchat::fuzzing::c::*;

use super::world::{Decoder, Kind, World};
use super::{expect, first_fault, slice};
use crate::input::Input;
use crate::model;

/// What a number means where a framing is wanted.
pub(super) fn framing(number: i32, default: Framing) -> Option<Framing> {
    match usize::try_from(number) {
        Ok(0) => Some(default),
        Ok(number) => Framing::ALL.get(number - 1).copied(),
        Err(_) => None,
    }
}

/// The number of a status in C.
pub(super) fn number(status: Status) -> rustchat_status {
    status.into()
}

pub(super) fn call(world: &mut World, input: &mut Input<'_>) {
    match input.below(6) {
        0 => new(world, input),
        1 | 2 => push(world, input),
        3 => next(world, input),
        4 => encode(input),
        _ => free(world, input),
    }
}

fn new(world: &mut World, input: &mut Input<'_>) {
    let (kind, limit) = (input.below(6) as i32 - i32::from(input.flag()), input.pick(&[0, 1, 64, 70_000]));
    let mut out: *mut rustchat_decoder = ptr::dangling_mut();
    let place = if input.below(8) == 7 { ptr::null_mut() } else { &raw mut out };
    let framing = framing(kind, Framing::U32Be);
    let fault = first_fault(&[(!place.is_null() && framing.is_some(), RUSTCHAT_EINVAL)]);
    // SAFETY: NULL, or a place that can be written.
    if expect(unsafe { rustchat_decoder_new(kind, limit, place) }, &[fault])
        && let Some(framing) = framing
    {
        let limit = if limit == 0 { framing.default_limit() } else { limit };
        let model = Decoder { framing, limit, taken: Vec::new(), out: 0, failed: false };
        world.decoders.0.push((out, model));
    } else {
        assert!(place.is_null() || out.is_null());
    }
}

fn push(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.decoders.choose(input, &world.foreign(Kind::Decoder));
    let bytes = input.piece();
    let missing = input.below(8) == 7;
    let data = if missing { ptr::null() } else { bytes.as_ptr().cast() };
    // SAFETY: a pointer that may be passed, and as many bytes as there are.
    let status = unsafe { rustchat_decoder_push(chosen.handle, data, bytes.len()) };
    let Some(place) = chosen.live else {
        expect(status, &[RUSTCHAT_EHANDLE]);
        return;
    };
    if missing && !bytes.is_empty() {
        expect(status, &[RUSTCHAT_EINVAL]);
        return;
    }
    let decoder = &mut world.decoders.0[place].1;
    let before = decoder.taken.len();
    decoder.taken.extend_from_slice(bytes);
    let stream = model::decode(decoder.framing, decoder.limit, &decoder.taken);
    // A fault behind a message that these bytes complete is left to the next call.
    let fault = stream.fault.map_or(RUSTCHAT_OK, number);
    if !expect(status, &[RUSTCHAT_OK, fault]) {
        decoder.failed = true;
        let kept = model::decode(decoder.framing, decoder.limit, &decoder.taken[..before]);
        assert_eq!(kept.messages.len(), stream.messages.len(), "messages are lost with a push that fails");
    } else {
        assert!(!decoder.failed, "a decoder that has failed takes more");
    }
}

fn next(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.decoders.choose(input, &world.foreign(Kind::Decoder));
    let mut frame = rustchat_bytes { data: ptr::dangling(), len: 1 };
    let place = if input.below(8) == 7 { ptr::null_mut() } else { &raw mut frame };
    // SAFETY: a pointer that may be passed, and NULL or a place that can be written.
    let status = unsafe { rustchat_decoder_next(chosen.handle, place) };
    let mut expected = first_fault(&[(!place.is_null(), RUSTCHAT_EINVAL), (chosen.live.is_some(), RUSTCHAT_EHANDLE)]);
    let mut wanted = Vec::new();
    if let Some(at) = chosen.live.filter(|_| expected == RUSTCHAT_OK) {
        let decoder = &mut world.decoders.0[at].1;
        let mut stream = model::decode(decoder.framing, decoder.limit, &decoder.taken);
        if decoder.out < stream.messages.len() {
            wanted = stream.messages.swap_remove(decoder.out);
            decoder.out += 1;
        } else {
            expected = stream.fault.map_or(RUSTCHAT_EAGAIN, number);
            decoder.failed |= stream.fault.is_some();
        }
    }
    if expect(status, &[expected]) {
        assert_eq!(slice(frame), wanted);
    } else {
        assert!(place.is_null() || (frame.data.is_null() && frame.len == 0));
    }
}

fn encode(input: &mut Input<'_>) {
    let kind = input.below(6) as i32;
    let (message, capacity) = (input.piece(), input.byte());
    let (mut buffer, mut written) = (vec![0xaa; usize::from(capacity)], usize::MAX);
    let place = if input.below(8) == 7 { ptr::null_mut() } else { &raw mut written };
    let framing = framing(kind, Framing::U32Be);
    let wire = framing
        .map_or(Err(Status::InvalidArgument), |framing| model::encode(framing, framing.default_limit(), message));
    let expected = match &wire {
        _ if place.is_null() => RUSTCHAT_EINVAL,
        Err(status) => number(*status),
        Ok(wire) => first_fault(&[(wire.len() <= buffer.len(), RUSTCHAT_EBUFSIZE)]),
    };
    let (data, start) = (message.as_ptr().cast(), buffer.as_mut_ptr().cast());
    // SAFETY: bytes that can be read and written, and NULL or a place for the length.
    let status = unsafe { rustchat_frame_encode(kind, data, message.len(), start, buffer.len(), place) };
    if expect(status, &[expected]) {
        assert_eq!(Ok(&buffer[..written]), wire.as_deref());
    } else {
        assert!(buffer.iter().all(|byte| *byte == 0xaa), "a call that fails writes nothing");
        let needed = if expected == RUSTCHAT_EBUFSIZE { wire.map_or(0, |wire| wire.len()) } else { 0 };
        assert!(place.is_null() || written == needed);
    }
}

fn free(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.decoders.choose(input, &world.foreign(Kind::Decoder));
    // SAFETY: a pointer that may be passed.
    unsafe { rustchat_decoder_free(chosen.handle) };
    if let Some(place) = chosen.live {
        world.decoders.0.remove(place);
    }
}
