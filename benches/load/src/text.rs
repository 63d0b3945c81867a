//! The text of a message: who sent it, its count, and padding that gives away any damage.

/// Room for the mark: kind, sender, counter.
const HEADER: usize = 18;
/// The shortest text that still carries some padding.
pub(crate) const MIN_SIZE: usize = 24;
const ALPHABET: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Sent until every member has seen one: that member is in the room.
    Sync,
    /// The last text before the load; what follows is checked.
    Begin,
    /// A message of the load.
    Data,
}

impl Kind {
    fn letter(self) -> u8 {
        match self {
            Kind::Sync => b's',
            Kind::Begin => b'b',
            Kind::Data => b'd',
        }
    }
}

/// The identity of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) kind: Kind,
    pub(crate) sender: u32,
    pub(crate) counter: u64,
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "message {} of sender {}", self.counter, self.sender)
    }
}

/// Writes the text of exactly `size` bytes that belongs to `mark`.
pub(crate) fn write(mark: Mark, size: usize, out: &mut Vec<u8>) {
    let mut header = *b"?00000 0000000000 ";
    header[0] = mark.kind.letter();
    write_digits(mark.sender.into(), &mut header[1..6]);
    write_digits(mark.counter, &mut header[7..17]);
    out.extend_from_slice(&header);
    // The padding starts at a letter that depends on the mark, so a mixture of two texts does not pass for one.
    let mut rest = size - HEADER;
    let mut start = padding_start(mark);
    while rest > 0 {
        let run = rest.min(ALPHABET.len() - start);
        out.extend_from_slice(&ALPHABET[start..start + run]);
        rest -= run;
        start = 0;
    }
}

/// Reads a text back; an error says in what it is not the text that was sent.
pub(crate) fn read(text: &[u8], size: usize) -> Result<Mark, String> {
    if text.len() != size {
        return Err(format!("a text of {} bytes, {size} were sent: {:?}", text.len(), excerpt(text)));
    }
    let mark = read_mark(text).ok_or_else(|| format!("not a text of this load: {:?}", excerpt(text)))?;
    let (mut rest, mut start) = (&text[HEADER..], padding_start(mark));
    while !rest.is_empty() {
        let run = rest.len().min(ALPHABET.len() - start);
        if rest[..run] != ALPHABET[start..start + run] {
            return Err(format!("the padding of {mark} is damaged: {:?}", excerpt(text)));
        }
        rest = &rest[run..];
        start = 0;
    }
    Ok(mark)
}

/// The beginning of some bytes, fit for an error message.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(100)]).into_owned()
}

fn padding_start(mark: Mark) -> usize {
    ((u64::from(mark.sender) + mark.counter) % ALPHABET.len() as u64) as usize
}

fn read_mark(text: &[u8]) -> Option<Mark> {
    let kind = match text[0] {
        b's' => Kind::Sync,
        b'b' => Kind::Begin,
        b'd' => Kind::Data,
        _ => return None,
    };
    if text[6] != b' ' || text[17] != b' ' {
        return None;
    }
    Some(Mark { kind, sender: read_digits(&text[1..6])? as u32, counter: read_digits(&text[7..17])? })
}

fn write_digits(mut value: u64, out: &mut [u8]) {
    for digit in out.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

fn read_digits(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_written() {
        for (sender, counter, size) in [(0, 0, MIN_SIZE), (7, 123_456, 64), (99_999, 25, 1024)] {
            let mark = Mark { kind: Kind::Data, sender, counter };
            let mut text = Vec::new();
            write(mark, size, &mut text);
            assert_eq!(text.len(), size);
            assert_eq!(read(&text, size), Ok(mark));
        }
    }

    #[test]
    fn damage_is_seen() {
        let mut text = Vec::new();
        write(Mark { kind: Kind::Data, sender: 1, counter: 2 }, 64, &mut text);
        assert!(read(&text[..63], 64).is_err());
        for at in 0..64 {
            let mut damaged = text.clone();
            damaged[at] ^= 0x80;
            assert!(read(&damaged, 64).is_err(), "byte {at}");
        }
    }
}
