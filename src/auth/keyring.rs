//! The secrets a server accepts.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use subtle::{Choice, ConditionallySelectable};

use super::Secret;
use crate::sync::{Mutex, RwLock};
use crate::{Error, Result, Status};

/// The longest id of a key or of a server, in bytes.
pub const MAX_ID_BYTES: usize = 64;

/// Secrets by id. Clones share the same ring, and every method may be called from any thread, also while servers run that
/// have the ring.
///
/// A key that is removed, or gets another secret, lets nobody in from then on, handshakes under way included, and servers
/// send away whoever has proved it: chats, remote commands and files tell the reason, and end within a moment. Connections
/// that a listener has handed out belong to whoever has them, and go on.
#[derive(Clone, Default)]
pub struct KeyRing(Arc<Ring>);

#[derive(Default)]
struct Ring {
    keys: RwLock<HashMap<String, Key>>,
    /// Is told the ids of secrets that come and could be guessed.
    warn: RwLock<Option<Warn>>,
    /// Are told whenever a key counts no more.
    watchers: Mutex<Vec<Weak<Watcher>>>,
}

type Warn = Arc<dyn Fn(&str) + Send + Sync>;

/// Called when a key counts no more, on the thread of whoever has revoked it, with no lock of the ring's held.
pub(crate) type Watcher = dyn Fn() + Send + Sync;

/// A secret, and a number that no other one has: the same id with another secret is another key.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) secret: Secret,
    pub(super) serial: u64,
}

impl Key {
    fn new(secret: Secret) -> Key {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Key { secret, serial: LAST.fetch_add(1, Ordering::Relaxed) + 1 }
    }
}

impl KeyRing {
    /// A ring without keys, which refuses everybody.
    pub fn new() -> KeyRing {
        KeyRing::default()
    }

    /// A ring with one key for all, under the empty id that clients without a key id use.
    pub fn single(secret: Secret) -> KeyRing {
        let ring = KeyRing::new();
        ring.0.keys.write().insert(String::new(), Key::new(secret));
        ring
    }

    /// Adds a key, in the place of an older one with the same id, which is thereby revoked unless it has the same secret. Once
    /// the ring has guarded a server beyond this machine, the log warns of a secret of less than 16 bytes.
    ///
    /// # Errors
    /// `InvalidArgument` when the id is longer than [`MAX_ID_BYTES`] or holds control characters.
    pub fn insert(&self, id: impl Into<String>, secret: Secret) -> Result<()> {
        let id = checked_id(id)?;
        let weak = secret.is_weak().then(|| id.clone());
        let revokes = match self.0.keys.write().entry(id) {
            Entry::Occupied(known) if known.get().secret.is_same(&secret) => return Ok(()),
            Entry::Occupied(mut old) => {
                old.insert(Key::new(secret));
                true
            }
            Entry::Vacant(place) => {
                place.insert(Key::new(secret));
                false
            }
        };
        self.warn_of(weak);
        if revokes {
            self.tell_watchers();
        }
        Ok(())
    }

    /// Has the ring hold these keys and no others, in one step. Keys that it holds already, with the same secret, stay what they
    /// are, and whoever has proved one notices nothing. Returns the ids of those that are revoked: they are gone, or have
    /// another secret.
    ///
    /// # Errors
    /// As for [`KeyRing::insert`], and `InvalidArgument` for an id that comes twice; then the ring is as it was.
    pub fn replace(&self, keys: impl IntoIterator<Item = (String, Secret)>) -> Result<Vec<String>> {
        let mut given = HashMap::new();
        for (id, secret) in keys {
            let id = checked_id(id)?;
            if given.insert(id.clone(), secret).is_some() {
                return Err(Error::new(Status::InvalidArgument, format!("the id {id:?} comes twice")));
            }
        }
        let (mut revoked, mut weak) = (Vec::new(), Vec::new());
        let mut ring = self.0.keys.write();
        let mut old = std::mem::take(&mut *ring);
        for (id, secret) in given {
            let key = match old.remove(&id) {
                Some(known) if known.secret.is_same(&secret) => known,
                before => {
                    revoked.extend(before.map(|_| id.clone()));
                    weak.extend(secret.is_weak().then(|| id.clone()));
                    Key::new(secret)
                }
            };
            ring.insert(id, key);
        }
        drop(ring);
        revoked.extend(old.into_keys());
        revoked.sort_unstable();
        self.warn_of(weak);
        if !revoked.is_empty() {
            self.tell_watchers();
        }
        Ok(revoked)
    }

    /// Has `warn` called with the id of each secret inserted from now on that could be guessed by trying, in the place of
    /// an earlier one.
    pub(crate) fn when_weak(&self, warn: Arc<dyn Fn(&str) + Send + Sync>) {
        *self.0.warn.write() = Some(warn);
    }

    /// Outside the locks: whoever is told may look at the ring.
    fn warn_of(&self, weak: impl IntoIterator<Item = String>) {
        let warn = self.0.warn.read().clone();
        if let Some(warn) = warn {
            weak.into_iter().for_each(|id| warn(&id));
        }
    }

    /// Revokes a key; `false` when there was none with that id.
    pub fn remove(&self, id: &str) -> bool {
        let was_there = self.0.keys.write().remove(id).is_some();
        if was_there {
            self.tell_watchers();
        }
        was_there
    }

    /// Has `watcher` called whenever a key counts no more, as long as somebody holds it.
    pub(crate) fn watch(&self, watcher: &Arc<Watcher>) {
        let mut watchers = self.0.watchers.lock();
        watchers.retain(|known| known.strong_count() > 0);
        watchers.push(Arc::downgrade(watcher));
    }

    fn tell_watchers(&self) {
        let watchers: Vec<_> = self.0.watchers.lock().iter().filter_map(Weak::upgrade).collect();
        watchers.iter().for_each(|watcher| watcher());
    }

    /// Whether there is a key with that id.
    pub fn contains(&self, id: &str) -> bool {
        self.0.keys.read().contains_key(id)
    }

    /// The ids, sorted.
    pub fn ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.0.keys.read().keys().cloned().collect();
        ids.sort_unstable();
        ids
    }

    /// The ids of secrets that could be guessed by trying, sorted.
    pub(crate) fn weak_ids(&self) -> Vec<String> {
        let keys = self.0.keys.read();
        let mut ids: Vec<_> = keys.iter().filter(|(_, key)| key.secret.is_weak()).map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// The numbers of the keys that count: see [`Identity`](super::Identity).
    pub(crate) fn serials(&self) -> HashSet<u64> {
        self.0.keys.read().values().map(|key| key.serial).collect()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.keys.read().len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.keys.read().is_empty()
    }

    pub(super) fn get(&self, id: &str) -> Option<Key> {
        self.0.keys.read().get(id).cloned()
    }

    /// The key that `fits`, with its id; of several the first in the order of their ids. Which one it is must not
    /// show in the work done: every key is tried, without a branch on what came of it.
    pub(super) fn find(&self, fits: impl Fn(&Secret) -> Choice) -> Option<(String, Key)> {
        let mut entries: Vec<_> = self.0.keys.read().iter().map(|(id, key)| (id.clone(), key.clone())).collect();
        entries.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        let mut found = u64::MAX;
        for (index, (_, key)) in entries.iter().enumerate().rev() {
            found.conditional_assign(&(index as u64), fits(&key.secret));
        }
        let index = usize::try_from(found).ok().filter(|index| *index < entries.len())?;
        Some(entries.swap_remove(index))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyRing").field(&self.ids()).finish()
    }
}

/// The id, if it may be one.
pub(super) fn checked_id(id: impl Into<String>) -> Result<String> {
    let id = id.into();
    if id.len() > MAX_ID_BYTES {
        return Err(Error::new(
            Status::InvalidArgument,
            format!("id of {} bytes is over the limit of {MAX_ID_BYTES} bytes", id.len()),
        ));
    }
    if id.chars().any(char::is_control) {
        return Err(Error::new(Status::InvalidArgument, format!("id {id:?} holds control characters")));
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_keys_and_removal_is_seen_by_all() {
        let ring = KeyRing::new();
        let shared = ring.clone();
        ring.insert("bob", Secret::new("b").unwrap()).unwrap();
        ring.insert("ann", Secret::new("a").unwrap()).unwrap();
        assert_eq!(shared.ids(), ["ann", "bob"]);
        assert!(shared.remove("bob") && !ring.remove("bob"));
        assert_eq!((ring.len(), ring.contains("ann"), ring.contains("bob")), (1, true, false));
        assert_eq!(format!("{ring:?}"), "KeyRing([\"ann\"])");
    }

    #[test]
    fn whoever_watches_is_told_of_what_counts_no_more_and_of_nothing_else() {
        let (ring, told) = (KeyRing::new(), Arc::new(AtomicU64::new(0)));
        let secret = |text: &str| Secret::new(text).unwrap();
        let heard = Arc::clone(&told);
        let watcher: Arc<Watcher> = Arc::new(move || {
            heard.fetch_add(1, Ordering::Relaxed);
        });
        ring.watch(&watcher);
        let mut count = 0;
        let mut is = |expected: u64| {
            count += expected;
            assert_eq!(told.load(Ordering::Relaxed), count);
        };
        ring.insert("ann", secret("a")).unwrap();
        ring.insert("ann", secret("a")).unwrap();
        is(0);
        let before = ring.serials();
        ring.insert("ann", secret("another")).unwrap();
        is(1);
        assert!(ring.serials().is_disjoint(&before), "the same id with another secret is another key");
        assert!(!ring.remove("bob"));
        is(0);
        assert!(ring.remove("ann"));
        is(1);
        drop(watcher);
        ring.insert("ann", secret("a")).unwrap();
        assert!(ring.remove("ann"));
        is(0);
    }

    #[test]
    fn all_keys_are_replaced_in_one_step_and_those_that_stay_are_the_same() {
        let ring = KeyRing::new();
        let keys = |all: &[(&str, &str)]| {
            let key = |(id, text): &(&str, &str)| ((*id).to_owned(), Secret::new(text).unwrap());
            all.iter().map(key).collect::<Vec<_>>()
        };
        assert_eq!(ring.replace(keys(&[("ann", "a"), ("ben", "b"), ("cleo", "c")])).unwrap(), Vec::<String>::new());
        let before = ["ann", "ben"].map(|id| ring.get(id).unwrap().serial);
        assert_eq!(ring.replace(keys(&[("dan", "d"), ("ben", "x"), ("ann", "a")])).unwrap(), ["ben", "cleo"]);
        assert_eq!(ring.ids(), ["ann", "ben", "dan"]);
        assert_eq!(["ann", "ben"].map(|id| before.contains(&ring.get(id).unwrap().serial)), [true, false]);
        for wrong in [&[("ann", "a"), ("ann", "b")][..], &[("ann", "a"), ("b\nc", "x")]] {
            assert_eq!(ring.replace(keys(wrong)).unwrap_err().status(), Status::InvalidArgument);
        }
        assert_eq!(ring.ids(), ["ann", "ben", "dan"]);
    }

    #[test]
    fn secrets_that_come_later_and_could_be_guessed_are_told() {
        let told = Arc::new(crate::sync::Mutex::new(Vec::new()));
        let (ring, heard) = (KeyRing::single(Secret::new("short").unwrap()), Arc::clone(&told));
        let shared = ring.clone();
        ring.when_weak(Arc::new(move |id| heard.lock().push((id.to_owned(), shared.contains(id)))));
        for (id, secret) in [("ann", "x"), ("ben", "sixteen bytes or more"), ("", "fifteen bytes..")] {
            ring.clone().insert(id, Secret::new(secret).unwrap()).unwrap();
        }
        assert_eq!(*told.lock(), [("ann".to_owned(), true), (String::new(), true)]);
        // What it holds goes with the ring, but for this cycle of the test's.
        *ring.0.warn.write() = None;
    }

    #[test]
    fn ids_are_short_and_printable() {
        let secret = Secret::new("s").unwrap();
        let ring = KeyRing::new();
        for id in ["a\nb", "\u{1b}[2J", "\0", &"x".repeat(65)] {
            assert_eq!(ring.insert(id, secret.clone()).unwrap_err().status(), Status::InvalidArgument);
        }
        ring.insert("ü".repeat(32), secret).unwrap();
        assert_eq!(ring.len(), 1);
    }
}
