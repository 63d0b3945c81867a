//! A command that clients may run: a program, and what its arguments are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::slot::{Mismatch, Slot};
use super::wire::Refusal;
use crate::{Error, Result, Status};

/// What a refused client is told: the rule, and never the value.
pub(super) type Refused = (Refusal, String);

/// A program with fixed arguments and places for those that the client gives, in their order.
///
/// ```
/// use rustchat::command::{Slot, Template};
///
/// // `log 20` runs `/usr/bin/tail -n 20 /var/log/app.log`.
/// let log = Template::new("/usr/bin/tail").arg("-n").slot(Slot::int(1, 1000)).arg("/var/log/app.log");
/// ```
#[derive(Debug, Clone)]
pub struct Template {
    program: PathBuf,
    parts: Vec<Part>,
    rest: Option<(Slot, usize)>,
    directory: Option<PathBuf>,
    keys: Option<BTreeSet<String>>,
    input: bool,
}

#[derive(Debug, Clone)]
enum Part {
    Literal(Vec<u8>),
    /// A value behind a fixed text.
    Value(Vec<u8>, Slot),
}

/// A command line that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) program: PathBuf,
    pub(super) argv: Vec<Vec<u8>>,
    /// Which of them the log does not show.
    pub(super) secret: Vec<bool>,
    pub(super) directory: Option<PathBuf>,
}

impl Template {
    /// The program at that absolute path, which is never searched for elsewhere. Everybody who has proved a secret may run it.
    pub fn new(program: impl Into<PathBuf>) -> Template {
        let program = program.into();
        Template { program, parts: Vec::new(), rest: None, directory: None, keys: None, input: true }
    }

    /// A fixed argument.
    pub fn arg(mut self, literal: impl AsRef<[u8]>) -> Template {
        self.parts.push(Part::Literal(literal.as_ref().to_vec()));
        self
    }

    /// An argument of the client's.
    pub fn slot(self, slot: Slot) -> Template {
        self.option("", slot)
    }

    /// An argument of the client's behind a fixed text, as in `--lines=20`.
    pub fn option(mut self, prefix: impl AsRef<[u8]>, slot: Slot) -> Template {
        self.parts.push(Part::Value(prefix.as_ref().to_vec(), slot));
        self
    }

    /// Up to `most` more arguments of the client's at the end, each as `slot` has it.
    pub fn rest(mut self, slot: Slot, most: usize) -> Template {
        self.rest = Some((slot, most));
        self
    }

    /// Where it runs. Without it the server's own place.
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Template {
        self.directory = Some(directory.into());
        self
    }

    /// Only those who have proved one of these keys may run it.
    pub fn keys(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Template {
        self.keys = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// Clients may send it no input.
    pub fn without_input(mut self) -> Template {
        self.input = false;
        self
    }

    /// What can be said of it before it is ever run.
    pub(super) fn check(&self, name: &str) -> Result<()> {
        let wrong = |what: String| Err(Error::new(Status::InvalidArgument, format!("command {name:?}: {what}")));
        for path in [Some(self.program.as_path()), self.directory.as_deref()].into_iter().flatten() {
            if !path.is_absolute() {
                return wrong(format!("{} is no absolute path", path.display()));
            }
        }
        let has_nul = |bytes: &[u8]| bytes.contains(&0);
        let mut texts = self.parts.iter().map(|part| match part {
            Part::Literal(text) | Part::Value(text, _) => text.as_slice(),
        });
        if texts.any(has_nul) || has_nul(self.program.as_os_str().as_encoded_bytes()) {
            return wrong("an argument holds a zero byte".into());
        }
        Ok(())
    }

    pub(super) fn takes_input(&self) -> bool {
        self.input
    }

    pub(super) fn is_for(&self, key_id: &str) -> bool {
        self.keys.as_ref().is_none_or(|keys| keys.contains(key_id))
    }

    /// The command line with these values in their places.
    pub(super) fn fill(&self, name: &str, values: &[&[u8]]) -> Result<Line, Refused> {
        let places = self.parts.iter().filter(|part| matches!(part, Part::Value(..))).count();
        let most = places + self.rest.as_ref().map_or(0, |(_, most)| *most);
        if values.len() < places || values.len() > most {
            let expected = if most > places { format!("{places} to {most}") } else { places.to_string() };
            let text = format!("{name} takes {expected} arguments, not {}", values.len());
            return Err((Refusal::ArgumentCount, text));
        }
        let mut line = Line::new(&self.program, self.directory.as_deref());
        let mut values = (1..).zip(values);
        for part in &self.parts {
            match part {
                Part::Literal(text) => line.push(text.clone(), false),
                Part::Value(prefix, slot) => {
                    let Some((index, value)) = values.next() else { break };
                    check(slot, index, value)?;
                    line.push([prefix, *value].concat(), slot.is_secret());
                }
            }
        }
        if let Some((slot, _)) = &self.rest {
            for (index, value) in values {
                check(slot, index, value)?;
                line.push(value.to_vec(), slot.is_secret());
            }
        }
        Ok(line)
    }
}

impl Line {
    pub(super) fn new(program: &Path, directory: Option<&Path>) -> Line {
        let argv = vec![program.as_os_str().as_encoded_bytes().to_vec()];
        Line { program: program.to_owned(), argv, secret: vec![false], directory: directory.map(Path::to_owned) }
    }

    pub(super) fn push(&mut self, arg: Vec<u8>, secret: bool) {
        self.argv.push(arg);
        self.secret.push(secret);
    }
}

fn check(slot: &Slot, index: usize, value: &[u8]) -> Result<(), Refused> {
    slot.check(value).map_err(|mismatch| match mismatch {
        Mismatch::Pattern => (Refusal::ArgumentPattern, format!("argument {index} is not {slot}")),
        Mismatch::TooLong => (Refusal::ArgumentTooLong, format!("argument {index} is too long for {slot}")),
        Mismatch::Nul => (Refusal::Nul, format!("argument {index} holds a zero byte")),
    })
}
