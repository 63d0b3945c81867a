//! What a line means that begins with a slash.

use crate::{Error, Result, Status};

/// What somebody wants of line chat.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command<'l> {
    /// To say this, slash and all.
    Say(&'l str),
    /// To be shown doing this.
    Act(&'l str),
    Name(&'l str),
    Who,
    /// To tell somebody of that name something that nobody else hears.
    Whisper(&'l str, &'l str),
    Help,
    Quit,
}

/// What the command `/help` answers; a line cannot be longer than a message, but has no end within.
pub(super) const HELP: &str = "* /name NAME takes a name, /who tells who is here, /msg NAME TEXT tells one of them something \
     (\"NAME\" if it has spaces), /me TEXT says what you do, /quit leaves; //TEXT says /TEXT";

impl Command<'_> {
    /// `line` is what stands behind the first slash.
    pub(super) fn parse(line: &str) -> Result<Command<'_>> {
        if line.starts_with('/') {
            return Ok(Command::Say(line));
        }
        let (word, rest) = split(line);
        let given = |rest: &str, usage: &str| if rest.is_empty() { Err(expected(usage)) } else { Ok(()) };
        match &*word.to_ascii_lowercase() {
            "me" => given(rest, "/me TEXT").map(|()| Command::Act(rest)),
            "name" => given(rest, "/name NAME").map(|()| Command::Name(unquoted(rest))),
            "msg" => {
                let (name, text) = addressee(rest);
                given(name, "/msg NAME TEXT").and_then(|()| given(text, "/msg NAME TEXT"))?;
                Ok(Command::Whisper(name, text))
            }
            "who" => Ok(Command::Who),
            "help" => Ok(Command::Help),
            "quit" => Ok(Command::Quit),
            _ => Err(unknown(word)),
        }
    }
}

/// The first word, and what stands behind it.
fn split(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim())
}

/// A name and what stands behind it. One with spaces in it stands in quotes.
fn addressee(text: &str) -> (&str, &str) {
    let Some(quoted) = text.strip_prefix('"') else { return split(text) };
    let ends = |(at, _): &(usize, &str)| quoted[at + 1..].chars().next().is_none_or(char::is_whitespace);
    match quoted.match_indices('"').find(ends) {
        Some((at, _)) => (&quoted[..at], quoted[at + 1..].trim()),
        None => split(text),
    }
}

fn unquoted(name: &str) -> &str {
    name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name)
}

fn expected(usage: &str) -> Error {
    Error::new(Status::ProtocolViolation, format!("expected {usage}; /help tells more"))
}

fn unknown(word: &str) -> Error {
    /// What is repeated of a word that may be as long as a line.
    const SHOWN: usize = 32;
    let shown: String = word.chars().take(SHOWN).collect();
    let more = if shown.len() < word.len() { "…" } else { "" };
    let what = format!(
        "unknown command '/{shown}{more}'; /help tells of those that there are, //{shown}{more} is said as it is"
    );
    Error::new(Status::ProtocolViolation, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_as_people_write_them() {
        let read = |line| Command::parse(line).unwrap();
        assert_eq!(read("/usr/bin"), Command::Say("/usr/bin"));
        assert_eq!(read("me  waves "), Command::Act("waves"));
        assert_eq!((read("NAME ann"), read("name \"Ann Lee\"")), (Command::Name("ann"), Command::Name("Ann Lee")));
        assert_eq!(read("name Ann Lee"), Command::Name("Ann Lee"));
        assert_eq!(read("name 老王\t"), Command::Name("老王"));
        assert_eq!((read("who"), read("Help me"), read("quit now")), (Command::Who, Command::Help, Command::Quit));
        assert_eq!(read("msg bob hi  there"), Command::Whisper("bob", "hi  there"));
        assert_eq!(read("msg \"Ann Lee\"\thi"), Command::Whisper("Ann Lee", "hi"));
        assert_eq!(read("msg \"a\"b\" hi"), Command::Whisper("a\"b", "hi"));
        assert_eq!(read("msg \"open hi"), Command::Whisper("\"open", "hi"));
        assert_eq!(read("msg 老王 你好"), Command::Whisper("老王", "你好"));
    }

    #[test]
    fn what_is_no_command_is_answered_in_a_sentence() {
        let wrong = |line| Command::parse(line).unwrap_err().message().to_owned();
        for line in ["me", "me  ", "name", "name \t", "msg", "msg bob", "msg \"bob\" ", "msg \"\" hi"] {
            assert!(wrong(line).starts_with("expected /"), "{line:?}: {}", wrong(line));
        }
        for line in ["", " ", " who", "dance", "usr/bin is full", "\"", "msgbob hi"] {
            assert!(wrong(line).starts_with("unknown command '/"), "{line:?}: {}", wrong(line));
        }
        assert!(wrong(&"é".repeat(4000)).len() < 300);
    }
}
