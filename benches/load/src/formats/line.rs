//! Reading protocols that count bytes in text.

use memchr::memchr;

/// The first line with its end, if it is there.
pub(super) fn line(stream: &[u8]) -> Option<&[u8]> {
    memchr(b'\n', stream).map(|end| &stream[..=end])
}

/// A decimal number.
pub(super) fn digits(text: &[u8]) -> Option<usize> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    text.iter().try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + usize::from(digit - b'0')))
}
