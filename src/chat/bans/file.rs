//! The file in which bans are kept: a JSON object a line, written whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::list::{Ban, List};
use super::subject::BanSubject;
use crate::{Error, Result, Status};

/// How long another server may take to write the same file.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long to wait before asking for the lock again.
const PAUSE: Duration = Duration::from_millis(5);

/// No file of bans is larger; one that is was never written here.
const LARGEST: u64 = 64 << 20;

const HEADER: &str = "# Who may not join: a JSON object a line with one of address, net, key and name, and if need be until and reason.\n\
                      # Servers that are told to read it again do; when one bans or lets in somebody it writes all of it anew.\n";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    net: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason: String,
}

/// The place where the bans of one server or several are kept.
#[derive(Debug)]
pub(super) struct BanFile(PathBuf);

/// Held while the file is read, changed and written: by one server at a time.
pub(super) struct Held(#[expect(dead_code, reason = "its end lets go of the lock")] File);

impl BanFile {
    /// # Errors
    /// `Io` when there is no such folder.
    pub(super) fn new(path: &str) -> Result<BanFile> {
        let path = PathBuf::from(path);
        // What is a link is followed once: a file is put in the place of what it leads to.
        let path = fs::canonicalize(&path).unwrap_or(path);
        let file = BanFile(path);
        fs::metadata(file.folder()).map_err(|error| file.failed("its folder", &error))?;
        Ok(file)
    }

    fn folder(&self) -> &Path {
        self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Waits for other servers to be done with it.
    pub(super) fn hold(&self) -> Result<Held> {
        let failed = |error: &io::Error| self.failed("lock", error);
        let folder = File::open(self.folder()).map_err(|error| failed(&error))?;
        let end = Instant::now() + PATIENCE;
        loop {
            match folder.try_lock() {
                Ok(()) => return Ok(Held(folder)),
                Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(PAUSE),
                Err(error) => return Err(failed(&error.into())),
            }
        }
    }

    /// What it has; nothing if there is no file yet.
    ///
    /// # Errors
    /// `Io` when it cannot be read, `InvalidArgument` with the number of a line that is no ban.
    pub(super) fn read(&self) -> Result<List> {
        let failed = |error: &io::Error| self.failed("read", error);
        match fs::metadata(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(List::default()),
            Ok(found) if found.len() > LARGEST => return Err(failed(&io::ErrorKind::FileTooLarge.into())),
            Ok(found) if !found.is_file() => return Err(failed(&io::Error::other("it is no file"))),
            _ => {}
        }
        let text = fs::read_to_string(&self.0).map_err(|error| failed(&error))?;
        let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        let bans = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(|(number, line)| {
            parse(line).map_err(|error| error.context(format_args!("{} line {number}", self.0.display())))
        });
        bans.collect::<Result<Vec<_>>>().map(List::new)
    }

    /// Puts a new file in the place of the old one, whose permissions it has; without one it is this user's alone.
    pub(super) fn write(&self, list: &List) -> Result<()> {
        let mut name = self.0.clone().into_os_string();
        name.push(format!(".{}.new", std::process::id()));
        let new = PathBuf::from(name);
        let written = self.write_to(&new, list);
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        written.map_err(|error| self.failed("write", &error))
    }

    fn write_to(&self, new: &Path, list: &List) -> io::Result<()> {
        // One that a process of the same number has left behind.
        let _ = fs::remove_file(new);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(new)?;
        if let Ok(old) = fs::metadata(&self.0) {
            file.set_permissions(fs::Permissions::from_mode(old.permissions().mode() & 0o777))?;
        }
        let mut text = String::from(HEADER);
        list.all().iter().for_each(|ban| text += &(ban.to_json() + "\n"));
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(new, &self.0)
    }

    fn failed(&self, what: &str, error: &io::Error) -> Error {
        Error::from_io(error, format_args!("bans in {}: {what}", self.0.display()))
    }
}

impl Ban {
    /// As it stands in a file of bans: a JSON object in one line.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&line(self)).expect("strings always serialize")
    }
}

fn parse(text: &str) -> Result<Ban> {
    let wrong = |what: String| Error::new(Status::InvalidArgument, what);
    let line: Line = serde_json::from_str(text).map_err(|error| wrong(format!("it is no ban: {error}")))?;
    let subject = match (line.address.or(line.net), line.key, line.name) {
        (Some(address), None, None) => BanSubject::address(&address)?,
        (None, Some(key), None) => BanSubject::key(key)?,
        (None, None, Some(name)) => BanSubject::name(name)?,
        _ => return Err(wrong("it is no ban: expected one of address, net, key and name".into())),
    };
    let until = line.until.map(|until| match until.parse::<Timestamp>() {
        Ok(stamp) => Ok(SystemTime::from(stamp)),
        Err(_) => Err(wrong(format!("until is {until:?}, expected a time such as 2030-01-31T12:00:00Z"))),
    });
    Ok(Ban { subject, reason: line.reason, until: until.transpose()? })
}

fn line(ban: &Ban) -> Line {
    let (kind, value) = (ban.subject.kind(), ban.subject.value());
    let of = |name: &str| (kind == name).then(|| value.clone());
    // Whole seconds are for people to read; a ban may be some of a second longer.
    let until = ban.until.and_then(|until| Timestamp::try_from(until + Duration::from_nanos(999_999_999)).ok());
    let until = until.and_then(|until| Timestamp::from_second(until.as_second()).ok());
    Line {
        address: of("address"),
        net: of("net"),
        key: of("key"),
        name: of("name"),
        until: until.map(|until| until.to_string()),
        reason: ban.reason.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
        for ban in [
            Ban::new(BanSubject::address("192.0.2.7").unwrap(), "says \"no\"\n你好").until(end),
            Ban::new(BanSubject::address("2001:db8::/32").unwrap(), ""),
            Ban::new(BanSubject::key("ann").unwrap(), "left"),
            Ban::new(BanSubject::name("# Ann Smith").unwrap(), ""),
        ] {
            let text = ban.to_json();
            assert!(!text.contains('\n'), "{text}");
            assert_eq!(parse(&text).unwrap(), ban, "{text}");
        }
    }

    #[test]
    fn what_is_no_ban_is_said() {
        for (text, what) in [
            ("192.0.2.7", "no ban"),
            ("{}", "one of address"),
            (r#"{"address": "192.0.2.7", "name": "ann"}"#, "one of address"),
            (r#"{"adress": "192.0.2.7"}"#, "adress"),
            (r#"{"net": "192.0.2.0/40"}"#, "192.0.2.0/40"),
            (r#"{"key": "ann", "until": "tomorrow"}"#, "2030-01-31"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.message().contains(what), "{error}");
        }
    }
}
