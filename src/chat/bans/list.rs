//! The bans that are in force.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::SystemTime;

use super::super::name;
use super::subject::{BanSubject, Net};

/// A ban.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ban {
    /// Whom it is about.
    pub subject: BanSubject,
    /// Why, as who is kept out is told where that can be told; may be empty.
    pub reason: String,
    /// When it ends; `None` is not by itself.
    pub until: Option<SystemTime>,
}

impl Ban {
    /// A ban without an end.
    pub fn new(subject: BanSubject, reason: impl Into<String>) -> Ban {
        Ban { subject, reason: reason.into(), until: None }
    }

    /// The same until then.
    pub fn until(self, until: SystemTime) -> Ban {
        Ban { until: Some(until), ..self }
    }

    fn is_over(&self, now: SystemTime) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// What the list is to be changed by.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    Add(Ban),
    Remove(BanSubject),
}

impl Edit {
    pub(super) fn subject(&self) -> &BanSubject {
        match self {
            Edit::Add(ban) => &ban.subject,
            Edit::Remove(subject) => subject,
        }
    }
}

/// Bans by whom they are about, at most one about each.
#[derive(Debug, Clone, Default)]
pub(super) struct List {
    bans: HashMap<BanSubject, Ban>,
    /// The shapes of the nets that there are: an address is looked up once for each.
    shapes: BTreeSet<(bool, u8)>,
    /// What banned names look like, and whose look that is.
    looks: HashMap<String, BanSubject>,
}

impl List {
    /// Later bans of the same subject count.
    pub(super) fn new(bans: impl IntoIterator<Item = Ban>) -> List {
        let mut list = List::default();
        bans.into_iter().for_each(|ban| list.edit(&Edit::Add(ban)));
        list
    }

    pub(super) fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::Add(ban) => {
                // One about a name that looks the same is this one.
                self.remove(&ban.subject);
                self.add(ban.clone());
            }
            Edit::Remove(subject) => self.remove(subject),
        }
    }

    fn add(&mut self, ban: Ban) {
        match &ban.subject {
            BanSubject::Net(net) => drop(self.shapes.insert(net.shape())),
            BanSubject::Name(name) => {
                self.looks.extend(name::keys(name).into_iter().map(|look| (look, ban.subject.clone())));
            }
            BanSubject::Key(_) => {}
        }
        self.bans.insert(ban.subject.clone(), ban);
    }

    fn remove(&mut self, subject: &BanSubject) {
        let same: Vec<_> = match subject {
            BanSubject::Name(name) => {
                name::keys(name).iter().filter_map(|look| self.looks.get(look).cloned()).collect()
            }
            _ => vec![subject.clone()],
        };
        // Most are not there: many are read from a file, one after the other.
        if same.iter().filter(|subject| self.bans.remove(subject).is_some()).count() == 0 {
            return;
        }
        match subject {
            BanSubject::Net(_) => {
                let nets = self.bans.keys().filter_map(|subject| match subject {
                    BanSubject::Net(net) => Some(net.shape()),
                    _ => None,
                });
                self.shapes = nets.collect();
            }
            BanSubject::Name(_) => self.looks.retain(|_, subject| !same.contains(subject)),
            BanSubject::Key(_) => {}
        }
    }

    /// Forgets those that are over.
    pub(super) fn tidy(&mut self, now: SystemTime) {
        if self.bans.values().any(|ban| ban.is_over(now)) {
            let all = std::mem::take(&mut self.bans);
            *self = List::new(all.into_values().filter(|ban| !ban.is_over(now)));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.bans.len()
    }

    /// All of them, in the order of their subjects.
    pub(super) fn all(&self) -> Vec<Ban> {
        let mut all: Vec<_> = self.bans.values().cloned().collect();
        all.sort_by(|left, right| left.subject.cmp(&right.subject));
        all
    }

    /// Whether there is a ban of exactly that subject, or of a name that looks like it.
    pub(super) fn has(&self, subject: &BanSubject) -> bool {
        let now = SystemTime::now();
        let found = match subject {
            BanSubject::Name(name) => self.of_name(name, now),
            _ => self.bans.get(subject).filter(|ban| !ban.is_over(now)),
        };
        found.is_some()
    }

    pub(super) fn of_address(&self, address: IpAddr, now: SystemTime) -> Option<&Ban> {
        let fitting = self.shapes.iter().filter(|(is_ipv6, _)| *is_ipv6 == address.is_ipv6());
        let found = fitting.filter_map(|(_, length)| self.bans.get(&BanSubject::Net(Net::of(address, *length))));
        found.into_iter().find(|ban| !ban.is_over(now))
    }

    pub(super) fn of_key(&self, id: &str, now: SystemTime) -> Option<&Ban> {
        if id.is_empty() {
            return None;
        }
        self.bans.get(&BanSubject::Key(id.to_owned())).filter(|ban| !ban.is_over(now))
    }

    pub(super) fn of_name(&self, name: &str, now: SystemTime) -> Option<&Ban> {
        if self.looks.is_empty() {
            return None;
        }
        let subjects = name::keys(name);
        let found = subjects.iter().filter_map(|look| self.looks.get(look)).filter_map(|found| self.bans.get(found));
        found.into_iter().find(|ban| !ban.is_over(now))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn net(text: &str) -> BanSubject {
        BanSubject::address(text).unwrap()
    }

    fn list(subjects: &[BanSubject]) -> List {
        List::new(subjects.iter().map(|subject| Ban::new(subject.clone(), "x")))
    }

    #[test]
    fn an_address_is_found_in_every_net_that_has_it() {
        let mut list = list(&[net("192.0.2.0/24"), net("192.0.2.7"), net("2001:db8::/32")]);
        let banned = |list: &List, text: &str| list.of_address(text.parse().unwrap(), NOW).is_some();
        assert!(banned(&list, "192.0.2.1") && banned(&list, "2001:db8::1") && !banned(&list, "192.0.3.7"));
        list.edit(&Edit::Remove(net("192.0.2.0/24")));
        assert!(banned(&list, "192.0.2.7") && !banned(&list, "192.0.2.1"));
        assert!(!list.has(&net("192.0.2.0/24")) && list.has(&net("192.0.2.7")));
    }

    #[test]
    fn names_that_look_alike_are_one() {
        let name = |text: &str| BanSubject::name(text).unwrap();
        let mut list = list(&[name("Mallory")]);
        for same in ["mallory", "MALLORY", "Mаllory"] {
            assert!(list.of_name(same, NOW).is_some(), "{same}");
        }
        assert!(list.of_name("mallor", NOW).is_none());
        list.edit(&Edit::Add(Ban::new(name("MALLORY"), "again")));
        assert_eq!(list.all().iter().map(|ban| ban.reason.as_str()).collect::<Vec<_>>(), ["again"]);
        list.edit(&Edit::Remove(name("mallory")));
        assert_eq!((list.len(), list.of_name("Mallory", NOW)), (0, None));
    }

    #[test]
    fn a_ban_ends_by_itself() {
        let end = NOW + Duration::from_secs(60);
        let ban = Ban::new(BanSubject::key("ann").unwrap(), "").until(end);
        let mut list = List::new([ban]);
        assert!(list.of_key("ann", end - Duration::from_nanos(1)).is_some() && list.of_key("ann", end).is_none());
        assert_eq!((list.of_key("", NOW), list.of_key("anna", NOW)), (None, None));
        list.tidy(NOW);
        assert_eq!(list.len(), 1);
        list.tidy(end);
        assert_eq!(list.len(), 0);
    }
}
