//! What may be a name, and a path of names: pure.

use std::fmt;

use super::wire::{Refusal, Refused};
use crate::{Error, Result};

/// What file systems take.
const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 4096;
const DEEPEST: usize = 64;

/// The folder in the root that is the server's own.
pub(super) const RESERVED: &str = ".rustchat";

/// Where a file is below a server's root: names from there down, none of which is `.` or `..` or holds a `/`. Without any it
/// is the root.
///
/// ```
/// use rustchat::transfer::RemotePath;
///
/// let path = RemotePath::parse("in/a.iso")?;
/// assert_eq!(path.names(), ["in", "a.iso"]);
/// assert_eq!(RemotePath::parse("in/../../etc").unwrap_err().message(), "'..': a name is . or ..");
/// # Ok::<(), rustchat::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RemotePath(Vec<String>);

impl RemotePath {
    /// The path of a text whose names are parted by `/`; "" and "/" are the root, and a `/` at either end means nothing.
    ///
    /// # Errors
    /// `Refused` with the rule that is broken, which is the one that a server would refuse it by.
    pub fn parse(text: &str) -> Result<RemotePath> {
        let inner = text.strip_prefix('/').unwrap_or(text);
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        if inner.is_empty() {
            return Ok(RemotePath::default());
        }
        RemotePath::of_names(inner.split('/'))
    }

    /// The path of these names.
    pub fn of_names<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Result<RemotePath> {
        let path = RemotePath(names.into_iter().map(Into::into).collect());
        check(&path.0).map_err(client_error)?;
        Ok(path)
    }

    /// The path of one name in this folder.
    pub fn join(&self, name: &str) -> Result<RemotePath> {
        RemotePath::of_names(self.0.iter().map(String::as_str).chain([name]))
    }

    /// Its names.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The last one; `None` of the root.
    pub fn name(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }
}

impl fmt::Display for RemotePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

pub(super) fn client_error((refusal, text): Refused) -> Error {
    refusal.error(text)
}

/// A name as it may stand in an error or a log.
pub(super) fn shown(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    let short: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    format!("'{short}'")
}

/// Whether that could be one name of a folder, whoever says so: then it leads nowhere else.
pub(super) fn check_name(name: &[u8]) -> Result<&str, Refused> {
    let refused = |refusal: Refusal| Err((refusal, format!("{}: {refusal}", shown(name))));
    match name {
        b"" => refused(Refusal::NameEmpty),
        b"." | b".." => refused(Refusal::NameDot),
        _ if name.contains(&b'/') => refused(Refusal::NameSlash),
        _ if name.contains(&0) => refused(Refusal::NameNul),
        _ if name.len() > LONGEST_NAME => refused(Refusal::NameTooLong),
        _ => str::from_utf8(name).or_else(|_| refused(Refusal::NameUtf8)),
    }
}

/// Whether each is a name, and all together are no more than a path may be.
pub(super) fn check<N: AsRef<[u8]>>(names: &[N]) -> Result<(), Refused> {
    let bytes: usize = names.iter().map(|name| name.as_ref().len() + 1).sum();
    if names.len() > DEEPEST || bytes > LONGEST_PATH {
        return Err(Refusal::PathTooLong.into());
    }
    names.iter().try_for_each(|name| check_name(name.as_ref()).map(drop))
}

/// The path that a client names. What is the server's own cannot be named.
pub(crate) fn path(names: &[&[u8]]) -> Result<Vec<String>, Refused> {
    check(names)?;
    let path: Vec<String> = names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    match path.first() {
        Some(first) if is_reserved(first) => {
            Err((Refusal::NameReserved, format!("'{first}': {}", Refusal::NameReserved)))
        }
        _ => Ok(path),
    }
}

/// Whether that is the server's own name, or would be on a file system that does not tell letters of two cases apart or that
/// drops dots and blanks at the end.
fn is_reserved(name: &str) -> bool {
    let folded = name.trim_end_matches(['.', ' ']).chars().flat_map(char::to_lowercase);
    folded.map(|c| if c == 'ſ' { 's' } else { c }).eq(RESERVED.chars())
}

/// Whether a name may be made: one that is there already may be anything, and is shown with what it has escaped.
pub(super) fn check_new(name: &str) -> Result<(), Refused> {
    // Line and paragraph separators end a line for some who show it.
    let is_wrong = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if name.chars().any(is_wrong) {
        return Err((Refusal::NameControl, format!("{}: {}", shown(name.as_bytes()), Refusal::NameControl)));
    }
    Ok(())
}

/// Whether a key of that name can have a folder of that name.
pub(super) fn may_be_home(key: &str) -> bool {
    check_name(key.as_bytes()).and_then(check_new).is_ok() && !is_reserved(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_list_of_names() {
        for (text, names) in [("", &[][..]), ("/", &[]), ("a", &["a"]), ("/a/b/", &["a", "b"]), ("...", &["..."])] {
            assert_eq!(RemotePath::parse(text).unwrap().names(), names, "{text}");
        }
        let a = RemotePath::parse("a").unwrap();
        assert_eq!(a.join("b").unwrap().to_string(), "a/b");
        assert!(a.join("b/c").is_err() && a.join("").is_err());
    }

    #[test]
    fn each_rule_has_its_refusal() {
        let rule = |names: &[&[u8]]| path(names).unwrap_err().0;
        assert_eq!(rule(&[b"a", b""]), Refusal::NameEmpty);
        assert_eq!(rule(&[b".."]), Refusal::NameDot);
        assert_eq!(rule(&[b"a", b"."]), Refusal::NameDot);
        assert_eq!(rule(&[b"a/b"]), Refusal::NameSlash);
        assert_eq!(rule(&[b"a\0b"]), Refusal::NameNul);
        assert_eq!(rule(&[b"\xff"]), Refusal::NameUtf8);
        assert_eq!(rule(&[&[b'x'; 256]]), Refusal::NameTooLong);
        assert_eq!(rule(&[&b"x"[..]; 65]), Refusal::PathTooLong);
        assert_eq!(rule(&[&[b'x'; 250][..]; 20]), Refusal::PathTooLong);
        assert_eq!(rule(&[b".rustchat", b"partial"]), Refusal::NameReserved);
        for like in [".RustChat", ".ru\u{17f}tchat", ".rustchat. ."] {
            assert_eq!(rule(&[like.as_bytes()]), Refusal::NameReserved);
            assert!(!may_be_home(like));
        }
        assert!(path(&[b".rustchats"]).is_ok());
        assert!(path(&[b"a", b".rustchat"]).is_ok(), "elsewhere it is a name like others");
        assert_eq!(check_new("a\nb").unwrap_err().0, Refusal::NameControl);
        assert_eq!(check_new("a\u{1b}[2J").unwrap_err().0, Refusal::NameControl);
        assert!(check_new("ü ñ").is_ok());
    }
}
