//! The secrets a server accepts.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use subtle::{Choice, ConditionallySelectable};

use super::Secret;
use crate::sync::RwLock;
use crate::{Error, Result, Status};

/// The longest id of a key or of a server, in bytes.
pub const MAX_ID_BYTES: usize = 64;

/// Secrets by id. Clones share the same ring, and every method may be called from any thread: a key
/// inserted or removed while the server runs counts for every handshake that is not yet proven.
#[derive(Clone, Default)]
pub struct KeyRing(Arc<Ring>);

#[derive(Default)]
struct Ring {
    secrets: RwLock<HashMap<String, Secret>>,
    /// Is told the ids of secrets that come and could be guessed.
    warn: RwLock<Option<Warn>>,
}

type Warn = Arc<dyn Fn(&str) + Send + Sync>;

impl KeyRing {
    /// A ring without keys, which refuses everybody.
    pub fn new() -> KeyRing {
        KeyRing::default()
    }

    /// A ring with one key for all, under the empty id that clients without a key id use.
    pub fn single(secret: Secret) -> KeyRing {
        let ring = KeyRing::new();
        ring.0.secrets.write().insert(String::new(), secret);
        ring
    }

    /// Adds a key, in the place of an older one with the same id. Once the ring has guarded a server beyond this machine, the
    /// log warns of a secret of less than 16 bytes.
    ///
    /// # Errors
    /// `InvalidArgument` when the id is longer than [`MAX_ID_BYTES`] or holds control characters.
    pub fn insert(&self, id: impl Into<String>, secret: Secret) -> Result<()> {
        let id = checked_id(id)?;
        let weak = secret.is_weak().then(|| id.clone());
        self.0.secrets.write().insert(id, secret);
        // Outside the lock: whoever is told may look at the ring.
        let warn = self.0.warn.read().clone();
        if let (Some(id), Some(warn)) = (weak, warn) {
            warn(&id);
        }
        Ok(())
    }

    /// Has `warn` called with the id of each secret inserted from now on that could be guessed by trying, in the place of
    /// an earlier one.
    pub(crate) fn when_weak(&self, warn: Arc<dyn Fn(&str) + Send + Sync>) {
        *self.0.warn.write() = Some(warn);
    }

    /// Revokes a key; `false` when there was none with that id. Sessions that are already proven
    /// go on.
    pub fn remove(&self, id: &str) -> bool {
        self.0.secrets.write().remove(id).is_some()
    }

    /// Whether there is a key with that id.
    pub fn contains(&self, id: &str) -> bool {
        self.0.secrets.read().contains_key(id)
    }

    /// The ids, sorted.
    pub fn ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.0.secrets.read().keys().cloned().collect();
        ids.sort_unstable();
        ids
    }

    /// The ids of secrets that could be guessed by trying, sorted.
    pub(crate) fn weak_ids(&self) -> Vec<String> {
        let mut ids: Vec<_> =
            self.0.secrets.read().iter().filter(|(_, secret)| secret.is_weak()).map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.secrets.read().len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.secrets.read().is_empty()
    }

    pub(super) fn get(&self, id: &str) -> Option<Secret> {
        self.0.secrets.read().get(id).cloned()
    }

    /// The key that `fits`, with its id; of several the first in the order of their ids. Which one it is must not
    /// show in the work done: every key is tried, without a branch on what came of it.
    pub(super) fn find(&self, fits: impl Fn(&Secret) -> Choice) -> Option<(String, Secret)> {
        let mut entries: Vec<_> =
            self.0.secrets.read().iter().map(|(id, secret)| (id.clone(), secret.clone())).collect();
        entries.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        let mut found = u64::MAX;
        for (index, (_, secret)) in entries.iter().enumerate().rev() {
            found.conditional_assign(&(index as u64), fits(secret));
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
