//! What a client may put into a place of a command.

use std::fmt;

/// A place for one argument, and what it takes. A value matches as a whole or not at all, byte for byte: no case is
/// folded, nothing is trimmed, and no letter stands for another that looks like it.
///
/// A value that begins with `-` is refused wherever it could be taken for an option: only an integer may, and a choice that
/// was spelled out. None may be empty, or hold a zero byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    kind: Kind,
    secret: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Int { min: i64, max: i64 },
    Choice(Vec<String>),
    Word { max: usize },
    Characters { allowed: Vec<(char, char)>, spelled: String, max: usize },
    Text { max: usize },
}

/// Why a value is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mismatch {
    Pattern,
    TooLong,
    Nul,
}

impl Slot {
    /// A decimal integer from `min` to `max`, in its only form: no sign but a minus, no leading zero.
    pub fn int(min: i64, max: i64) -> Slot {
        Slot::of(Kind::Int { min, max })
    }

    /// One of these.
    pub fn choice(choices: impl IntoIterator<Item = impl Into<String>>) -> Slot {
        Slot::of(Kind::Choice(choices.into_iter().map(Into::into).collect()))
    }

    /// A word of ASCII letters, digits and `_ . : @ + , = % -`, at most `max` bytes: neither a path nor `.` or `..`.
    pub fn word(max: usize) -> Slot {
        Slot::of(Kind::Word { max })
    }

    /// One to `max` characters of a set, which is spelled as in `a-z0-9_`: a `-` between two stands for all from one to the
    /// other, and for itself at the beginning or end.
    pub fn characters(set: &str, max: usize) -> Slot {
        let mut allowed = Vec::new();
        let mut rest: Vec<char> = set.chars().collect();
        while let Some(first) = rest.first().copied() {
            let is_range = rest.len() >= 3 && rest[1] == '-';
            allowed.push((first, if is_range { rest[2] } else { first }));
            rest.drain(..if is_range { 3 } else { 1 });
        }
        Slot::of(Kind::Characters { allowed, spelled: set.to_owned(), max })
    }

    /// Any text of one line, at most `max` bytes of UTF-8 without control characters. For programs that take it as what it is,
    /// not for those that run it.
    pub fn text(max: usize) -> Slot {
        Slot::of(Kind::Text { max })
    }

    fn of(kind: Kind) -> Slot {
        Slot { kind, secret: false }
    }

    /// The same, and the log shows `***` for it.
    pub fn secret(mut self) -> Slot {
        self.secret = true;
        self
    }

    pub(super) fn is_secret(&self) -> bool {
        self.secret
    }

    pub(super) fn check(&self, value: &[u8]) -> Result<(), Mismatch> {
        if value.contains(&0) {
            return Err(Mismatch::Nul);
        }
        if value.len() > self.longest() {
            return Err(Mismatch::TooLong);
        }
        let matches = match str::from_utf8(value) {
            Ok(text) => self.takes(text),
            Err(_) => false,
        };
        if matches { Ok(()) } else { Err(Mismatch::Pattern) }
    }

    /// In bytes. What is longer is not looked at.
    fn longest(&self) -> usize {
        match &self.kind {
            Kind::Int { .. } => 20,
            Kind::Choice(choices) => choices.iter().map(String::len).max().unwrap_or(0),
            Kind::Word { max } | Kind::Text { max } => *max,
            // A character has four bytes at most.
            Kind::Characters { max, .. } => max.saturating_mul(4),
        }
    }

    fn takes(&self, value: &str) -> bool {
        let is_plain = !value.is_empty() && !value.starts_with('-');
        match &self.kind {
            Kind::Int { min, max } => {
                value.parse::<i64>().is_ok_and(|number| (min..=max).contains(&&number) && number.to_string() == value)
            }
            Kind::Choice(choices) => choices.iter().any(|choice| choice == value),
            Kind::Word { .. } => {
                let is_one = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:@+,=%-".contains(&byte);
                is_plain && value.bytes().all(is_one) && value != "." && value != ".."
            }
            Kind::Characters { allowed, max, .. } => {
                let is_one = |c: char| allowed.iter().any(|(first, last)| (*first..=*last).contains(&c));
                is_plain && value.chars().count() <= *max && value.chars().all(is_one)
            }
            Kind::Text { .. } => is_plain && !value.chars().any(|c| c.is_control() || "\u{2028}\u{2029}".contains(c)),
        }
    }
}

/// What it takes, in a few words.
impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Int { min, max } => write!(f, "an integer from {min} to {max}"),
            Kind::Choice(choices) => write!(f, "one of {}", choices.join(", ")),
            Kind::Word { max } => write!(f, "a word of at most {max} bytes"),
            Kind::Characters { spelled, max, .. } => write!(f, "at most {max} characters of [{spelled}]"),
            Kind::Text { max } => write!(f, "one line of at most {max} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_matches_as_a_whole() {
        let takes = |slot: Slot, value: &str| slot.check(value.as_bytes()).is_ok();
        assert!(takes(Slot::int(-5, 1000), "-5") && takes(Slot::int(1, 1000), "1000"));
        for wrong in ["0", "1001", "-1", "+5", "05", " 5", "5 ", "5\n", "5;ls", "٥", "５", "0x5", "5.0", "", "-", "1e3"]
        {
            assert!(!takes(Slot::int(1, 1000), wrong), "{wrong:?}");
        }
        let choice = || Slot::choice(["pods", "--all"]);
        assert!(takes(choice(), "pods") && takes(choice(), "--all"));
        for wrong in ["pod", "podss", "PODS", "pods ", "pоds", "--al", "--all=x", "-", ""] {
            assert!(!takes(choice(), wrong), "{wrong:?}");
        }
        assert!(takes(Slot::word(9), "web-1.a:b") && takes(Slot::word(9), "..."));
        for wrong in ["-n", "--opt=v", "a/b", "..", ".", "a b", "a;b", "$(id)", "`id`", "a\nb", "ü", "a*", "~", ""] {
            assert!(!takes(Slot::word(9), wrong), "{wrong:?}");
        }
        assert!(takes(Slot::characters("a-z_-", 3), "a_-") && takes(Slot::characters("äö", 2), "öä"));
        for wrong in ["-a", "A", "abcd", "", "0"] {
            assert!(!takes(Slot::characters("a-z_-", 3), wrong), "{wrong:?}");
        }
        assert!(takes(Slot::text(20), "any; $(text) of ü"));
        for wrong in ["-x", "a\nb", "a\tb", "\u{1b}[2J", "a\u{2028}b", ""] {
            assert!(!takes(Slot::text(20), wrong), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        assert_eq!(Slot::text(9).check(b"a\0b"), Err(Mismatch::Nul));
        assert_eq!(Slot::text(9).check(b"0123456789"), Err(Mismatch::TooLong));
        assert_eq!(Slot::text(9).check(b"\xff"), Err(Mismatch::Pattern));
        assert_eq!(Slot::word(9).check(&[b'a'; 1 << 20]), Err(Mismatch::TooLong));
        assert_eq!(Slot::int(1, 5).to_string(), "an integer from 1 to 5");
    }
}
