//! What the first bytes of a stream show about who sent them.
//!
//! Pure: no connection is ended here. Whoever expects something else says with this what came instead.

use std::fmt;

use crate::frame::{self, Framing};

/// Longer than any message of the handshakes.
const LONGEST_HANDSHAKE_MESSAGE: u32 = 512;

/// A length over this is none that anybody sends at first.
const LONGEST_FIRST_FRAME: u32 = 16 << 20;

/// So many bytes of text show that it is text.
const ENOUGH_TEXT: usize = 512;

/// The challenge of the profile `tutorial`, in bytes.
const CHALLENGE: usize = 32;

/// What somebody says, who speaks no TLS, to who does, or the other way round: a fatal alert, `unexpected_message` (RFC 8446, 6).
pub(crate) const TLS_REFUSED: &[u8] = b"\x15\x03\x03\x00\x02\x02\x0a";

/// How somebody who speaks TLS turns a newcomer away before a channel is secured: `close_notify`.
pub(crate) const TLS_CLOSED: &[u8] = b"\x15\x03\x03\x00\x02\x01\x00";

/// What somebody without a secret answers to a `ClientHello`: a frame of the profile `mutual`.
pub(crate) const NO_SECRET: &[u8] = b"\0\0\0\x27\x07rustchat: no secret is asked for here\n";

/// Whom the first bytes of a stream come from, as far as they show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    HttpRequest,
    HttpAnswer,
    Tls,
    Ssh,
    Rdp,
    Smb,
    Stun,
    Socks,
    Proxy,
    Smtp,
    Greeting,
    Redis,
    Mqtt,
    Postgres,
    Utf16,
    /// A client with a secret, in the profile `mutual`.
    ClientHello,
    /// A server in the profile `mutual` to which nobody has proved a secret.
    SecretWanted,
    /// Somebody without a secret has met a `ClientHello`.
    NoSecret,
    /// A server in the profile `multiprocessing`.
    Challenge,
    /// A server in the profile `tutorial`, perhaps: a challenge has no mark.
    PerhapsChallenge,
    /// A client in the profile `tutorial`: so many hex digits, 32 for MD5 and 64 for SHA-256.
    Digits(usize),
    Frames(Framing),
    LineChat,
    Text,
}

impl Opening {
    /// Whom `bytes`, the first ones of a stream and at least one, come from; `None` where they fit nothing in particular.
    pub(crate) fn of(bytes: &[u8]) -> Option<Opening> {
        handshake(bytes)
            .or_else(|| foreign(bytes))
            .or_else(|| frames(bytes).map(Opening::Frames))
            .or_else(|| text(bytes))
    }

    /// The same for bytes of a server, which may be asking for a secret without a mark, and never requests anything.
    pub(crate) fn of_server(bytes: &[u8]) -> Option<Opening> {
        let challenge = || are_drawn(bytes).then_some(Opening::PerhapsChallenge);
        handshake(bytes)
            .or_else(|| foreign(bytes).filter(|opening| opening.is_of_servers()))
            .or_else(|| frames(bytes).map(Opening::Frames))
            .or_else(|| text(bytes))
            .or_else(challenge)
    }

    fn is_of_servers(self) -> bool {
        matches!(self, Opening::HttpAnswer | Opening::Tls | Opening::Ssh | Opening::Greeting)
    }

    /// The same for bytes of a client, which may be answering a challenge.
    pub(crate) fn of_client(bytes: &[u8]) -> Option<Opening> {
        let digits = leading_digits(bytes);
        if matches!(digits, 32 | 64) { Some(Opening::Digits(digits)) } else { Opening::of(bytes) }
    }

    /// Whether lines of people cannot begin like this.
    pub(crate) fn is_no_line(self) -> bool {
        !matches!(
            self,
            Opening::Text
                | Opening::LineChat
                | Opening::Digits(_)
                | Opening::Smtp
                | Opening::Greeting
                | Opening::Redis
                | Opening::HttpAnswer
        )
    }

    /// Whether it is a handshake, which looks like a frame to whoever expects none.
    pub(crate) fn is_handshake(self) -> bool {
        matches!(self, Opening::ClientHello | Opening::SecretWanted | Opening::NoSecret | Opening::Challenge)
    }

    /// Whether it may come from a client of ours that has no secret; strangers of other protocols are told nothing.
    pub(crate) fn may_be_ours(self) -> bool {
        matches!(self, Opening::Text | Opening::Frames(_))
    }

    /// Whether the sender wants a secret proved.
    pub(crate) fn wants_secret(self) -> bool {
        matches!(self, Opening::SecretWanted | Opening::Challenge | Opening::PerhapsChallenge)
    }
}

impl fmt::Display for Opening {
    /// As it goes on after "it sent ".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Opening::HttpRequest => "an HTTP request",
            Opening::HttpAnswer => "an HTTP answer",
            Opening::Tls => "a TLS record",
            Opening::Ssh => "an SSH banner",
            Opening::Rdp => "a request for a remote desktop (RDP)",
            Opening::Smb => "an SMB message",
            Opening::Stun => "a STUN message",
            Opening::Socks => "a SOCKS request",
            Opening::Proxy => "a header of the PROXY protocol",
            Opening::Smtp => "an SMTP greeting",
            Opening::Greeting => "the greeting of a mail or FTP server",
            Opening::Redis => "a Redis command",
            Opening::Mqtt => "an MQTT packet",
            Opening::Postgres => "a PostgreSQL request",
            Opening::Utf16 => "UTF-16 text",
            Opening::ClientHello => "a handshake of the profile mutual",
            Opening::SecretWanted => "a demand for a secret in the profile mutual",
            Opening::NoSecret => "the news that it asks for no secret",
            Opening::Challenge => "a challenge of the profile multiprocessing",
            Opening::PerhapsChallenge => "32 bytes that look like a challenge of the profile tutorial",
            Opening::Digits(32) => "a proof with the length of an HMAC-MD5 (profile tutorial:md5)",
            Opening::Digits(_) => "a proof with the length of an HMAC-SHA-256 (profile tutorial:sha256)",
            Opening::Frames(Framing::U32Le) => "frames (framing u32le)",
            Opening::Frames(_) => "frames (framing u32be or multiprocessing)",
            Opening::LineChat => "line chat (framing line)",
            Opening::Text => "text (framing line)",
        })
    }
}

/// What a browser shows that has come to somebody else than a web server; `here` says what listens.
pub(crate) fn http_answer(here: &str) -> Vec<u8> {
    let body = format!("This is no web server; {here}.\n");
    let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n";
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// What an end of a connection that is told apart from the other by its framing says before it goes, in the other's.
const NOTICE: &str = "rustchat: this end is set to framing ";

/// That notice to a peer that opens like this; `None` where it would not understand it.
pub(crate) fn notice(opening: Opening, own: Framing) -> Option<Vec<u8>> {
    let text = format!("{NOTICE}{own}");
    let framing = match opening {
        Opening::ClientHello => return Some(NO_SECRET.to_vec()),
        Opening::HttpRequest => return Some(http_answer(&text)),
        Opening::Tls => return Some(TLS_REFUSED.to_vec()),
        Opening::Text | Opening::LineChat => Framing::Line,
        Opening::Frames(framing) => framing,
        _ => return None,
    };
    frame::encode(framing, text.as_bytes()).ok()
}

/// The sentence of the notice that `bytes` begin with, if they do.
pub(crate) fn noticed(bytes: &[u8], own: Framing) -> Option<String> {
    let split = own.split(bytes, own.default_limit(), 0).ok()??;
    let text = std::str::from_utf8(&bytes[split.payload]).ok()?;
    let framing: Framing = text.strip_prefix(NOTICE)?.parse().ok()?;
    Some(format!("the other end is set to framing {framing}"))
}

/// What a server of the profile `tutorial` with the digest MD5 says before it goes to a client whose proof has another length.
pub(crate) const PROOF_TOO_LONG: &[u8] = b"rustchat: authentication failed: the server is set to the profile \
    tutorial:md5, and the proof had the length of an HMAC-SHA-256\n";

/// The same with the digest SHA-256.
pub(crate) const PROOF_TOO_SHORT: &[u8] = b"rustchat: authentication failed: the server is set to the profile \
    tutorial:sha256, and the proof had the length of an HMAC-MD5\n";

/// The sentence of that which `bytes` begin with, if they do.
pub(crate) fn refused_proof(bytes: &[u8]) -> Option<&'static str> {
    let notice = [PROOF_TOO_LONG, PROOF_TOO_SHORT].into_iter().find(|notice| bytes.starts_with(notice))?;
    std::str::from_utf8(notice).ok()?.trim_end().strip_prefix("rustchat: authentication failed: ")
}

/// Whether these are the first bytes of TLS beyond doubt, so that no message of ours is taken for them: a whole `ClientHello`
/// in one record, or an alert and nothing else (RFC 8446, 5.1 and 4.1.2).
pub(crate) fn are_surely_tls(bytes: &[u8]) -> bool {
    match bytes {
        [0x16, 3, 0..=4, high, low, 1, a, b, c, 3, 3, rest @ ..] => {
            let hello = u32::from_be_bytes([0, *a, *b, *c]);
            hello + 4 == u32::from(u16::from_be_bytes([*high, *low])) && rest.len() as u32 + 2 == hello
        }
        [0x15, 3, 0..=4, 0, 2, 1 | 2, _] => true,
        _ => false,
    }
}

/// How many lower-case hex digits `bytes` begin with.
pub(crate) fn leading_digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).count()
}

/// The handshakes of this library, which say so themselves.
fn handshake(bytes: &[u8]) -> Option<Opening> {
    let (header, message) = bytes.split_first_chunk::<4>()?;
    if u32::from_be_bytes(*header) > LONGEST_HANDSHAKE_MESSAGE {
        return None;
    }
    match message {
        [1, rest @ ..] if rest.starts_with(b"rustchat") => Some(Opening::ClientHello),
        [6, rest @ ..] if rest.starts_with(b"rustchat") => Some(Opening::SecretWanted),
        [7, rest @ ..] if rest.starts_with(b"rustchat") => Some(Opening::NoSecret),
        _ if message.starts_with(b"#CHALLENGE#") || message.starts_with(b"#FAILURE#") => Some(Opening::Challenge),
        _ => None,
    }
}

/// What is common on the ports of this world and none of ours.
fn foreign(bytes: &[u8]) -> Option<Opening> {
    let starts = |prefixes: &[&[u8]]| prefixes.iter().any(|prefix| bytes.starts_with(prefix));
    match bytes {
        [0x16, 3, 0..=4, _, _, 1 | 2, ..] | [0x15, 3, 0..=4, 0, 2, 1 | 2, _] => Some(Opening::Tls),
        [3, 0, _, _, _, 0xe0, ..] => Some(Opening::Rdp),
        [_, _, _, _, 0xfe | 0xff, b'S', b'M', b'B', ..] => Some(Opening::Smb),
        [_, _, _, _, 0x21, 0x12, 0xa4, 0x42, ..] => Some(Opening::Stun),
        [0x10, _, 0, 4, b'M', b'Q', b'T', b'T', ..] => Some(Opening::Mqtt),
        [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f, ..] => Some(Opening::Postgres),
        [5, count @ 1..=8, methods @ ..] if methods.len() == usize::from(*count) => Some(Opening::Socks),
        [4, 1 | 2, _, _, _, _, _, _, .., 0] => Some(Opening::Socks),
        [0xff, 0xfe, first, 0, ..] | [0xfe, 0xff, 0, first, ..] if *first != 0 => Some(Opening::Utf16),
        [b'*', b'1'..=b'9', b'\r', b'\n', b'$', ..] => Some(Opening::Redis),
        _ if starts(&[b"SSH-"]) => Some(Opening::Ssh),
        _ if starts(&[b"HTTP/1.", b"HTTP/2"]) => Some(Opening::HttpAnswer),
        _ if starts(&[b"PROXY TCP4 ", b"PROXY TCP6 ", b"PROXY UNKNOWN", b"\r\n\r\n\0\r\nQUIT\n"]) => {
            Some(Opening::Proxy)
        }
        _ if starts(&[b"EHLO ", b"HELO "]) => Some(Opening::Smtp),
        _ if starts(&[b"220 ", b"220-"]) => Some(Opening::Greeting),
        _ if is_http_request(bytes) => Some(Opening::HttpRequest),
        _ => None,
    }
}

/// Whether the first line asks for something by HTTP (RFC 9112, 3): a method, a target in one of its four forms, a version.
fn is_http_request(bytes: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'\n', bytes) else { return false };
    let line = bytes[..end].trim_ascii_end();
    let Some(space) = memchr::memchr(b' ', line) else { return false };
    let (method, rest) = (&line[..space], &line[space + 1..]);
    let Some(space) = memchr::memrchr(b' ', rest) else { return false };
    let (target, version) = (rest[..space].trim_ascii(), &rest[space + 1..]);
    is_method(method)
        && is_target(method, target)
        && matches!(version.get(..5), Some(name) if name.eq_ignore_ascii_case(b"HTTP/"))
        && matches!(version.get(5..), Some([b'0'..=b'9'] | [b'0'..=b'9', b'.', b'0'..=b'9']))
}

fn is_method(word: &[u8]) -> bool {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !word.is_empty() && word.iter().all(is_token)
}

/// People write "I love HTTP/1.1", too: a target is a path, a URL, a star, or what `CONNECT` wants.
fn is_target(method: &[u8], target: &[u8]) -> bool {
    target.starts_with(b"/")
        || target == b"*"
        || memchr::memmem::find(target, b"://").is_some()
        || (method.eq_ignore_ascii_case(b"CONNECT") && target.contains(&b':'))
}

/// Whether `bytes` begin an HTTP request whose first line has no end yet, as far as a browser can be the sender.
pub(crate) fn begins_http_request(bytes: &[u8]) -> bool {
    let methods: [&[u8]; 9] = [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE", b"CONNECT"];
    methods.iter().any(|method| {
        bytes
            .strip_prefix(*method)
            .is_some_and(|rest| [&b" /"[..], b" *", b" http"].iter().any(|target| rest.starts_with(target)))
    })
}

/// Frames in either order of bytes: what has come are whole frames, or the beginning of an object of message chat.
fn frames(bytes: &[u8]) -> Option<Framing> {
    match (are_frames(bytes, u32::from_be_bytes), are_frames(bytes, u32::from_le_bytes)) {
        (true, false) => Some(Framing::U32Be),
        (false, true) => Some(Framing::U32Le),
        _ => None,
    }
}

fn are_frames(bytes: &[u8], length: fn([u8; 4]) -> u32) -> bool {
    let first = bytes.first_chunk().map_or(0, |header| length(*header));
    if first == 0 {
        return false;
    }
    if first <= LONGEST_FIRST_FRAME && bytes[4..].starts_with(b"{\"") {
        return true;
    }
    end_with_a_frame(bytes, length)
}

fn end_with_a_frame(mut bytes: &[u8], length: fn([u8; 4]) -> u32) -> bool {
    while let Some((header, rest)) = bytes.split_first_chunk() {
        match rest.get(length(*header) as usize..) {
            Some(rest) => bytes = rest,
            None => return false,
        }
    }
    bytes.is_empty()
}

/// Whether `bytes` are whole frames of that framing, the first of which is not empty.
pub(crate) fn are_whole_frames(bytes: &[u8], framing: Framing) -> bool {
    let length = if framing == Framing::U32Le { u32::from_le_bytes } else { u32::from_be_bytes };
    bytes.first_chunk().is_some_and(|header| length(*header) > 0) && end_with_a_frame(bytes, length)
}

/// Whether these are random bytes, as many as a challenge has.
fn are_drawn(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    bytes.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    // Of 32 drawn ones 30 are different, about; fewer than 20 never.
    bytes.len() == CHALLENGE && std::str::from_utf8(bytes).is_err() && seen.iter().filter(|seen| **seen).count() >= 20
}

fn text(bytes: &[u8]) -> Option<Opening> {
    let stamp = b"dddd/dd/dd dd:dd:dd ";
    let fits = |(byte, pattern): (&u8, &u8)| if *pattern == b'd' { byte.is_ascii_digit() } else { byte == pattern };
    if bytes.len() >= stamp.len() && bytes.iter().zip(stamp).all(fits) {
        return Some(Opening::LineChat);
    }
    let bytes = &bytes[..bytes.len().min(ENOUGH_TEXT)];
    let whole = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // The last character may have been cut.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let plain = |character: char| !character.is_control() || matches!(character, '\t' | '\r' | '\n');
    (!whole.is_empty() && whole.chars().all(plain)).then_some(Opening::Text)
}

#[cfg(test)]
mod tests;
