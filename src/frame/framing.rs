//! The kinds of framing and their names.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Status};

/// How messages are told apart on a stream.
///
/// A message of no bytes is legal in all of them; in [`Framing::Line`] it is an empty line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Framing {
    /// A message ends with `\n`, which is not part of it. A `\r` right before that `\n` is not part
    /// of it either.
    Line,
    /// The length in bytes as an unsigned 32-bit big-endian number, then the message.
    U32Be,
    /// The length in bytes as a 32-bit little-endian number, then the message: what
    /// `struct.pack('i', n)` writes on most machines. A length with the top bit set is a negative
    /// number there and is refused.
    U32Le,
    /// The framing of Python's `multiprocessing.connection`: the length in bytes as a signed 32-bit
    /// big-endian number, then the message. A message of more than 0x7fffffff bytes has -1 there,
    /// then the length as an unsigned 64-bit big-endian number.
    Multiprocessing,
}

impl Framing {
    /// Every framing, in the order in which help texts name them.
    pub const ALL: [Framing; 4] = [Framing::Line, Framing::U32Be, Framing::U32Le, Framing::Multiprocessing];

    /// The name in options and on command lines.
    pub const fn name(self) -> &'static str {
        match self {
            Framing::Line => "line",
            Framing::U32Be => "u32be",
            Framing::U32Le => "u32le",
            Framing::Multiprocessing => "multiprocessing",
        }
    }

    /// The longest message, in bytes, when nobody has set a limit: 8 KiB for lines, which people
    /// type, and 16 MiB for the others, which programs write.
    pub const fn default_limit(self) -> usize {
        match self {
            Framing::Line => 8 << 10,
            Framing::U32Be | Framing::U32Le | Framing::Multiprocessing => 16 << 20,
        }
    }

    /// The longest message, in bytes, whose length this framing can write down.
    pub(super) const fn capacity(self) -> usize {
        match self {
            Framing::Line | Framing::Multiprocessing => usize::MAX,
            Framing::U32Be => u32::MAX as usize,
            Framing::U32Le => i32::MAX as usize,
        }
    }
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Framing {
    type Err = Error;

    /// Takes exactly the names that [`Framing::name`] gives.
    ///
    /// # Errors
    /// `InvalidArgument` for any other text; the sentence lists the names.
    fn from_str(text: &str) -> Result<Framing, Error> {
        Framing::ALL.into_iter().find(|framing| framing.name() == text).ok_or_else(|| {
            let names = Framing::ALL.map(Framing::name).join(", ");
            Error::new(Status::InvalidArgument, format!("unknown framing {text:?}: expected one of {names}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_way_there_and_back() {
        for framing in Framing::ALL {
            assert_eq!(framing.to_string().parse::<Framing>(), Ok(framing));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = "U32BE".parse::<Framing>().unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument);
        assert_eq!(error.message(), "unknown framing \"U32BE\": expected one of line, u32be, u32le, multiprocessing");
    }
}
