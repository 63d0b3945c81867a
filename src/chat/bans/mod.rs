//! Who may not join: asked of every newcomer at the door, of who has proved a key, and of who takes a name.

mod file;
mod lenience;
mod list;
mod subject;

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use file::BanFile;
use jiff::Timestamp;
pub(super) use lenience::Lenience;
pub use list::Ban;
use list::{Edit, List};
pub use subject::{BanSubject, Net};

use super::member::Member;
use super::options::ServerOptions;
use crate::net::Address;
use crate::sync::{Mutex, RwLock};
use crate::{Error, Result, Status};

/// The bans of a server, and where they are kept.
pub(super) struct Bans {
    list: RwLock<List>,
    /// How many there are: where there are none, nobody takes a lock.
    count: AtomicUsize,
    file: Option<BanFile>,
    /// Changes that the file does not have yet. Locked by whoever changes anything, who may wait for the disk; no worker does.
    unsaved: Mutex<Vec<Edit>>,
}

impl Bans {
    /// # Errors
    /// As for a file that cannot be read, or has a line that is no ban.
    pub(super) fn new(options: &ServerOptions) -> Result<Bans> {
        let file = options.ban_file.as_deref().map(BanFile::new).transpose()?;
        let list = file.as_ref().map_or_else(|| Ok(List::default()), BanFile::read)?;
        let count = AtomicUsize::new(list.len());
        Ok(Bans { list: RwLock::new(list), count, file, unsaved: Mutex::default() })
    }

    /// Puts a ban in force.
    ///
    /// # Errors
    /// `Io`, or what the file is wrong in, when the ban cannot be kept: then it is in force all the same, and kept with the next change
    /// that can be.
    pub(super) fn add(&self, ban: Ban) -> Result<()> {
        // Past the last year that can be written there is no end.
        let until = ban.until.filter(|until| Timestamp::try_from(*until).is_ok());
        self.change(Edit::Add(Ban { until, ..ban })).map(drop)
    }

    /// Lifts a ban; whether there was one, here or in the file. Errors as above.
    pub(super) fn remove(&self, subject: &BanSubject) -> Result<bool> {
        self.change(Edit::Remove(subject.clone()))
    }

    /// Reads the file again, which somebody may have changed.
    ///
    /// # Errors
    /// As for a file that cannot be read, or has a line that is no ban: then all is as it was.
    pub(super) fn reload(&self) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        // What could not be written before, and still cannot, was told then.
        let (_, _written) = self.synchronise(file, &mut self.unsaved.lock())?;
        Ok(())
    }

    /// Whether there was a ban of that subject before.
    fn change(&self, edit: Edit) -> Result<bool> {
        let mut unsaved = self.unsaved.lock();
        let (mut list, subject) = (self.list.read().clone(), edit.subject().clone());
        let was_here = list.has(&subject);
        // In force first: a full disk must keep nobody in.
        list.edit(&edit);
        self.put(list);
        let Some(file) = &self.file else { return Ok(was_here) };
        unsaved.push(edit);
        let (before, written) = self.synchronise(file, &mut unsaved)?;
        written.map(|()| was_here || before.has(&subject))
    }

    /// Takes over what is in the file, and writes what it does not have yet. Returns what was in it, and what has come of writing.
    fn synchronise(&self, file: &BanFile, unsaved: &mut Vec<Edit>) -> Result<(List, Result<()>)> {
        let _held = file.hold()?;
        let before = file.read()?;
        let mut list = before.clone();
        unsaved.iter().for_each(|edit| list.edit(edit));
        let written = if unsaved.is_empty() { Ok(()) } else { file.write(&list) };
        self.put(list);
        if written.is_ok() {
            unsaved.clear();
        }
        Ok((before, written))
    }

    fn put(&self, mut list: List) {
        list.tidy(SystemTime::now());
        let mut place = self.list.write();
        self.count.store(list.len(), Ordering::SeqCst);
        *place = list;
    }

    /// Those in force, in the order of their subjects.
    pub(super) fn all(&self) -> Vec<Ban> {
        let mut list = self.list.read().clone();
        list.tidy(SystemTime::now());
        list.all()
    }

    fn find<R>(&self, find: impl FnOnce(&List, SystemTime) -> Option<R>) -> Option<R> {
        if self.count.load(Ordering::SeqCst) == 0 {
            return None;
        }
        find(&self.list.read(), SystemTime::now())
    }

    /// What keeps everybody out who comes from there.
    pub(super) fn of_address(&self, address: &Address) -> Option<Ban> {
        let ip: IpAddr = address.ip()?;
        self.find(|list, now| list.of_address(ip, now).cloned())
    }

    /// What keeps out whoever has that name.
    pub(super) fn of_name(&self, name: &str) -> Option<Ban> {
        self.find(|list, now| list.of_name(name, now).cloned())
    }

    /// What keeps that one out, as far as it is known.
    pub(super) fn of_member(&self, member: &Member) -> Option<Ban> {
        self.find(|list, now| {
            let by_address = member.address().ip().and_then(|ip| list.of_address(ip, now));
            let by_name = || member.name().and_then(|name| list.of_name(name, now));
            by_address.or_else(|| list.of_key(member.key_id(), now)).or_else(by_name).cloned()
        })
    }
}

impl Ban {
    /// What who is kept out is told.
    pub(super) fn refusal(&self) -> Error {
        let because = if self.reason.is_empty() { String::new() } else { format!(": {}", self.reason) };
        Error::new(Status::Refused, format!("you are banned here{because}"))
    }
}
