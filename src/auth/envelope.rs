//! What the profiles with messages of their own have around each: its length as a 32-bit big-endian number.

use super::machine::Refusal;

/// The length of a frame's own length, in bytes.
const HEADER: usize = 4;

/// One message made of `parts`, with its length before it.
pub(super) fn frame(parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let mut frame = Vec::with_capacity(HEADER + length);
    frame.extend_from_slice(&(length as u32).to_be_bytes());
    parts.iter().for_each(|part| frame.extend_from_slice(part));
    frame
}

/// How long the frame is that begins with `partial`, header included; refuses at once when it would be
/// empty or longer than a message of `longest` bytes.
pub(super) fn wanted(partial: &[u8], longest: usize) -> Result<usize, Refusal> {
    let Some(&header) = partial.first_chunk::<HEADER>() else { return Ok(HEADER) };
    match u32::from_be_bytes(header) as usize {
        length if (1..=longest).contains(&length) => Ok(HEADER + length),
        _ => Err(Refusal::Ours),
    }
}

/// The message of a whole frame.
pub(super) fn message(frame: &[u8]) -> &[u8] {
    frame.get(HEADER..).unwrap_or_default()
}
