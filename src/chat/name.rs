//! Names of members: what may be one, and which are one and the same to who reads them.

use std::net::Ipv6Addr;

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

use super::text::escape;
use crate::{Error, Result, Status};

/// Words that stand for somebody else where names stand: the server, and members without a name.
const RESERVED: [&str; 3] = ["server", "unix", "localhost"];

/// Whether `name` can stand for a member: 1 to 32 characters, nothing invisible, nothing that reads as the server, as an
/// address or as a notice.
pub(super) fn check(name: &str) -> Result<()> {
    let length = name.chars().count();
    let wrong = |what: &str| Err(Error::new(Status::InvalidText, format!("name '{}': {what}", escape(name))));
    if !(1..=32).contains(&length) {
        return wrong("expected 1 to 32 characters");
    }
    if name.chars().any(|character| character.is_control() || is_invisible(character)) {
        return wrong("it holds a control character or an invisible one");
    }
    if name.trim() != name {
        return wrong("it begins or ends with white space");
    }
    // A port is one only with a digit that is meant: "hi:lo" is none.
    let numeric = name.chars().any(char::is_numeric);
    keys(name).iter().find_map(|look| misleading(look, numeric)).map_or(Ok(()), wrong)
}

/// What two names must not share: names with a key in common differ only in case, width, composition, white space and
/// invisible characters, or look alike.
///
/// There is a key for each order of taking away what tells them apart, since no one order would do: "Ivan" is "ivan" in
/// small letters but looks like "lvan", and "АDМIN" with letters of Cyrillic is "admin" only if those are replaced first.
pub(super) fn keys(name: &str) -> [String; 3] {
    let plain: String = name.nfkc().collect();
    let mut buffer = [0; 4];
    let latin: String = plain.chars().fold(String::new(), |mut latin, character| {
        if character.is_ascii() {
            latin.push(character);
        } else {
            latin.extend(skeleton(character.encode_utf8(&mut buffer)));
        }
        latin
    });
    [look(&fold(&plain)), look(&plain), look(&fold(&latin))]
}

/// How it looks: its skeleton after UTS 39. Skeletons have capitals, whose small letters have skeletons of their own.
fn look(text: &str) -> String {
    let small = fold(&skeleton(text).collect::<String>());
    let look: String = skeleton(&small).collect();
    look.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Close to Unicode's case folding: "ß" is "ss", and all three sigmas are one.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// What a name of this look would be taken for.
fn misleading(look: &str, numeric: bool) -> Option<&'static str> {
    let letters: String = look.chars().filter(|character| character.is_alphanumeric()).collect();
    if look.is_empty() {
        return Some("nothing of it is visible");
    }
    if RESERVED.iter().any(|word| self::look(word) == letters) {
        return Some("it reads as the server, or as a member without a name");
    }
    if look.starts_with('*') {
        return Some("it begins as the server's notices do");
    }
    reads_as_address(look, numeric).then_some("it reads as an address")
}

fn reads_as_address(look: &str, numeric: bool) -> bool {
    let compact: String = look.chars().filter(|character| !character.is_whitespace()).map(to_digit).collect();
    let bare = compact.trim_matches(['[', ']', '(', ')', '<', '>', '{', '}', '"', '\'']);
    // The skeleton of "%" is a circle and more.
    let is_ipv6 = bare.split(['%', '°']).next().is_some_and(|number| number.parse::<Ipv6Addr>().is_ok());
    let is_path = ["/", "./", "../"].iter().any(|beginning| compact.starts_with(beginning));
    // As line chat shows an address behind a name, wherever it stands.
    let is_shown =
        ["(/", "(.", "([", &format!("({}", self::look("unix"))].iter().any(|address| compact.contains(address));
    is_ipv6 || is_path || is_shown || holds_ipv4(&compact) || (numeric && ends_in_port(&compact))
}

/// The digit that a character of a skeleton is, or looks like. Which digit of another script it is does not matter.
fn to_digit(character: char) -> char {
    match character {
        'o' => '0',
        'l' => '1',
        '。' => '.',
        other if other.is_numeric() && !other.is_ascii() => '1',
        other => other,
    }
}

/// Four numbers with one character between them, somewhere.
fn holds_ipv4(text: &str) -> bool {
    let groups: Vec<&str> = text.split(|character: char| !character.is_alphanumeric()).collect();
    let is_number = |group: &&str| (1..=3).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit());
    groups.windows(4).any(|four| four.iter().all(is_number))
}

/// A host and a port, whatever the host is.
fn ends_in_port(text: &str) -> bool {
    let text = text.trim_end_matches(|character: char| !character.is_alphanumeric());
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    !host.is_empty() && (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Format characters, which turn the text after them around, and blanks that are none by their class. Those that change how
/// a character is drawn, as in emoji, may be there, and make no other name.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests;
