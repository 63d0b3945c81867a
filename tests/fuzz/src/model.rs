//! The framings, written again as simply as can be.

use rustchat::Status;
use rustchat::frame::Framing;

/// What comes out of a stream of bytes, whatever the pieces in which they come.
#[derive(Debug, PartialEq)]
pub(crate) struct Stream {
    pub(crate) messages: Vec<Vec<u8>>,
    /// The status of what is wrong behind the last message.
    pub(crate) fault: Option<Status>,
    /// How many bytes at the end are no whole message.
    pub(crate) rest: usize,
}

/// All of `bytes`, where no message may be longer than `limit`.
pub(crate) fn decode(framing: Framing, limit: usize, mut bytes: &[u8]) -> Stream {
    let mut stream = Stream { messages: Vec::new(), fault: None, rest: 0 };
    loop {
        match first(framing, limit, bytes) {
            Ok(Some((message, length))) => {
                stream.messages.push(message.to_vec());
                bytes = &bytes[length..];
            }
            Ok(None) => break,
            Err(status) => {
                stream.fault = Some(status);
                break;
            }
        }
    }
    stream.rest = bytes.len();
    stream
}

/// The first message, and how long it is with all that is around it.
fn first(framing: Framing, limit: usize, bytes: &[u8]) -> Result<Option<(&[u8], usize)>, Status> {
    if framing == Framing::Line {
        return line(limit, bytes);
    }
    let Some((header, length)) = header(framing, bytes)? else { return Ok(None) };
    if length > limit as u64 {
        return Err(Status::MessageTooLong);
    }
    let end = header + length as usize;
    Ok(bytes.get(header..end).map(|message| (message, end)))
}

fn line(limit: usize, bytes: &[u8]) -> Result<Option<(&[u8], usize)>, Status> {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let line = &bytes[..end.unwrap_or(bytes.len())];
    let text = line.strip_suffix(b"\r").unwrap_or(line);
    if text.len() > limit { Err(Status::MessageTooLong) } else { Ok(end.map(|end| (text, end + 1))) }
}

/// The lengths of the header and of the message behind it.
fn header(framing: Framing, bytes: &[u8]) -> Result<Option<(usize, u64)>, Status> {
    let Some(word) = bytes.get(..4) else { return Ok(None) };
    let word: [u8; 4] = word.try_into().expect("four bytes");
    let signed = match framing {
        Framing::U32Be => return Ok(Some((4, u64::from(u32::from_be_bytes(word))))),
        Framing::U32Le => i32::from_le_bytes(word),
        _ => i32::from_be_bytes(word),
    };
    if let Ok(length) = u64::try_from(signed) {
        return Ok(Some((4, length)));
    }
    if framing == Framing::U32Le || signed != -1 {
        return Err(Status::ProtocolViolation);
    }
    let Some(word) = bytes.get(4..12) else { return Ok(None) };
    let length = u64::from_be_bytes(word.try_into().expect("eight bytes"));
    if length <= i32::MAX as u64 { Err(Status::ProtocolViolation) } else { Ok(Some((12, length))) }
}

/// The frame of `message`; the status of what is wrong with it.
pub(crate) fn encode(framing: Framing, limit: usize, message: &[u8]) -> Result<Vec<u8>, Status> {
    if message.len() > limit {
        return Err(Status::MessageTooLong);
    }
    let length = message.len() as u32;
    match framing {
        Framing::Line if message.contains(&b'\n') || message.ends_with(b"\r") => Err(Status::InvalidArgument),
        Framing::Line => Ok([message, b"\n"].concat()),
        Framing::U32Le => Ok([&length.to_le_bytes(), message].concat()),
        _ => Ok([&length.to_be_bytes(), message].concat()),
    }
}
