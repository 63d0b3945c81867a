//! What the upload client of the socket tutorials says: pure. It asks for nothing back, and believes that all went well.
//!
//! Twice a length, as `struct.pack('i', n)` writes it, and a JSON object of so many bytes: `{"operate": "upload", "user": …}`,
//! then `{"filename": …, "filesize": …}`. Then so many bytes of the file, and nothing else.

use std::fmt;

use serde_json::{Map, Value};

use super::wire::BLOCK;

/// Bytes of a header, at most: its names have no more than 255.
const LONGEST_HEADER: usize = 4096;

/// A client of that kind.
#[derive(Debug, Default)]
pub(super) struct Scripted {
    pub(super) script: Script,
    /// Bytes of its file.
    pub(super) size: u64,
    /// Blocks that the disk has not dealt with.
    pub(super) under_way: u16,
}

/// How far it has come.
#[derive(Debug, Default)]
pub(super) struct Script {
    stage: Stage,
    /// What has come of a header, or of a block.
    held: Vec<u8>,
    user: String,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    #[default]
    Operation,
    File,
    Content {
        next: u32,
        left: u64,
    },
}

/// What there is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing, before more has come.
    Nothing,
    /// A file is to be stored: its names from the root down, and its size.
    File(Vec<String>, u64),
    /// A block of it, and whether it is the last one.
    Block { index: u32, bytes: Vec<u8>, is_last: bool },
}

/// What such a client does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Length(i32),
    Json,
    Operation,
    Member(&'static str),
    Behind,
}

impl Script {
    /// Whether all of the file has come.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.stage, Stage::Content { left: 0, .. })
    }

    /// Takes of what has come as much as makes one thing that can be done.
    pub(super) fn take(&mut self, bytes: &mut &[u8]) -> Result<Said, Fault> {
        loop {
            match self.stage {
                Stage::Operation => {
                    let Some(header) = self.header(bytes)? else { return Ok(Said::Nothing) };
                    if text(&header, "operate")? != "upload" {
                        return Err(Fault::Operation);
                    }
                    self.user = text(&header, "user")?;
                    self.stage = Stage::File;
                }
                Stage::File => {
                    let Some(header) = self.header(bytes)? else { return Ok(Said::Nothing) };
                    let name = text(&header, "filename")?;
                    let size = header.get("filesize").and_then(Value::as_u64).ok_or(Fault::Member("filesize"))?;
                    self.stage = Stage::Content { next: 0, left: size };
                    // Without a user it is the root, as where it is joined to that.
                    let user = std::mem::take(&mut self.user);
                    return Ok(Said::File([user, name].into_iter().filter(|part| !part.is_empty()).collect(), size));
                }
                Stage::Content { left: 0, .. } => {
                    return if bytes.is_empty() { Ok(Said::Nothing) } else { Err(Fault::Behind) };
                }
                Stage::Content { next, left } => return Ok(self.block(bytes, next, left)),
            }
        }
    }

    fn block(&mut self, bytes: &mut &[u8], next: u32, left: u64) -> Said {
        let whole = left.min(BLOCK as u64) as usize;
        self.fill(bytes, whole);
        if self.held.len() < whole {
            return Said::Nothing;
        }
        let left = left - whole as u64;
        self.stage = Stage::Content { next: next.saturating_add(1), left };
        Said::Block { index: next, bytes: std::mem::take(&mut self.held), is_last: left == 0 }
    }

    /// The next header, if all of it has come.
    fn header(&mut self, bytes: &mut &[u8]) -> Result<Option<Map<String, Value>>, Fault> {
        self.fill(bytes, 4);
        let Some((length, _)) = self.held.split_first_chunk() else { return Ok(None) };
        let length = i32::from_le_bytes(*length);
        let wanted = usize::try_from(length).ok().filter(|wanted| *wanted <= LONGEST_HEADER);
        let whole = 4 + wanted.ok_or(Fault::Length(length))?;
        self.fill(bytes, whole);
        if self.held.len() < whole {
            return Ok(None);
        }
        let header = serde_json::from_slice(&std::mem::take(&mut self.held)[4..]);
        header.map(Some).map_err(|_| Fault::Json)
    }

    /// Holds up to so many bytes.
    fn fill(&mut self, bytes: &mut &[u8], whole: usize) {
        let count = whole.saturating_sub(self.held.len()).min(bytes.len());
        let (now, rest) = bytes.split_at(count);
        self.held.extend_from_slice(now);
        *bytes = rest;
    }
}

fn text(header: &Map<String, Value>, name: &'static str) -> Result<String, Fault> {
    header.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(Fault::Member(name))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Length(length) => write!(f, "a header has 0 to {LONGEST_HEADER} bytes, not {length}"),
            Fault::Json => f.write_str("a header is no JSON object"),
            Fault::Operation => f.write_str("nothing but upload is served"),
            Fault::Member(name) => write!(f, "a header has no fitting {name:?}"),
            Fault::Behind => f.write_str("more came than the file's bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Vec<u8> {
        [&(text.len() as i32).to_le_bytes()[..], text.as_bytes()].concat()
    }

    fn run(wire: &[u8], step: usize) -> Result<Vec<Said>, Fault> {
        let (mut script, mut all) = (Script::default(), Vec::new());
        for mut bytes in wire.chunks(step) {
            loop {
                match script.take(&mut bytes)? {
                    Said::Nothing => break,
                    said => all.push(said),
                }
            }
        }
        Ok(all)
    }

    #[test]
    fn whatever_the_pieces_it_says_the_same() {
        let content: Vec<u8> = (0..BLOCK + 5).map(|at| at as u8).collect();
        let first = header(r#"{"operate": "upload", "user": "xiaoming"}"#);
        let second = header(&format!(r#"{{"filename": "荒野.mp4", "filesize": {}}}"#, content.len()));
        let wire = [first.clone(), second, content.clone()].concat();
        let expected = vec![
            Said::File(vec!["xiaoming".into(), "荒野.mp4".into()], content.len() as u64),
            Said::Block { index: 0, bytes: content[..BLOCK].to_vec(), is_last: false },
            Said::Block { index: 1, bytes: content[BLOCK..].to_vec(), is_last: true },
        ];
        for step in [7, 4096, wire.len()] {
            assert!(run(&wire, step).as_ref() == Ok(&expected), "{step}");
        }
        assert_eq!(run(&[wire, vec![0]].concat(), 4096), Err(Fault::Behind));
        let empty = header(r#"{"filename": "e", "filesize": 0}"#);
        let file = Said::File(vec!["xiaoming".into(), "e".into()], 0);
        assert_eq!(run(&[first, empty].concat(), 3), Ok(vec![file]));
    }

    #[test]
    fn what_is_none_of_it_is_refused() {
        let operation = header(r#"{"operate": "upload", "user": "x"}"#);
        let then = |text: &str| run(&[operation.clone(), header(text)].concat(), 1000);
        assert_eq!(run(&(-5_i32).to_le_bytes(), 4), Err(Fault::Length(-5)));
        assert_eq!(run(&i32::MAX.to_le_bytes(), 4), Err(Fault::Length(i32::MAX)));
        assert_eq!(run(&header("[]"), 100), Err(Fault::Json));
        assert_eq!(run(&header(r#"{"operate": "__class__", "user": "x"}"#), 100), Err(Fault::Operation));
        assert_eq!(run(&header(r#"{"operate": "upload", "user": 5}"#), 100), Err(Fault::Member("user")));
        assert_eq!(then(r#"{"filename": "a", "filesize": -1}"#), Err(Fault::Member("filesize")));
        assert_eq!(then(r#"{"filename": ["a"], "filesize": 1}"#), Err(Fault::Member("filename")));
    }
}
