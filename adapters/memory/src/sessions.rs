//! Sessions in memory: an ordered map with indices by user, expiry and earlier keys.
//!
//! The size of a session is limited by the domain
//! ([`SessionData::MAX_BYTES`](kunci_domain::SessionData::MAX_BYTES)), not here.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use kunci_domain::ports::{Inserted, Rotated, SessionStore, StoreError, Touched, Updated};
use kunci_domain::{Session, SessionKey, Timestamp, UserId};

use crate::error::MemoryError;

/// A session store in memory with a fixed capacity.
///
/// If the store is full, [`insert`](SessionStore::insert) returns [`StoreError::Unavailable`], so that
/// many new visitors cannot exhaust the memory. Expired sessions count until
/// [`purge_expired`](SessionStore::purge_expired) removes them.
#[derive(Debug)]
pub struct MemorySessionStore {
    sessions: RwLock<Sessions>,
    capacity: usize,
}

impl MemorySessionStore {
    /// The capacity of a store made by [`Default`], in sessions.
    ///
    /// With a common user agent, a visitor's session takes about 520 bytes, and a session with a user
    /// and a small value about 780 bytes. A full store therefore takes 500 to 800 MB, and more with
    /// large values.
    pub const DEFAULT_CAPACITY: usize = 1_000_000;

    /// Returns an empty store with room for `capacity` sessions.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            sessions: RwLock::default(),
            capacity,
        }
    }

    fn read(&self) -> Result<RwLockReadGuard<'_, Sessions>, MemoryError> {
        Ok(self.sessions.read()?)
    }

    fn write(&self) -> Result<RwLockWriteGuard<'_, Sessions>, MemoryError> {
        Ok(self.sessions.write()?)
    }
}

impl Default for MemorySessionStore {
    fn default() -> Self {
        Self::with_capacity(Self::DEFAULT_CAPACITY)
    }
}

impl SessionStore for MemorySessionStore {
    fn insert(&self, session: &Session) -> Result<Inserted, StoreError> {
        let mut sessions = self.write()?;
        if sessions.by_key.contains_key(&session.key) {
            return Ok(Inserted::Collision);
        }
        if self.capacity <= sessions.by_key.len() {
            let capacity = self.capacity;
            return Err(MemoryError::Full { capacity }.into());
        }
        sessions.add(session.clone());
        Ok(Inserted::Done)
    }

    fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>, StoreError> {
        Ok(self.read()?.live(key, now).cloned())
    }

    fn update(&self, session: &Session, now: Timestamp) -> Result<Updated, StoreError> {
        let mut sessions = self.write()?;
        let Some(stored) = sessions.live(&session.key, now) else {
            return Ok(Updated::Gone);
        };
        if stored.revision != session.revision {
            return Ok(Updated::Stale);
        }
        let updated = Session {
            origin: stored.origin,
            previous: stored.previous,
            sign_in: stored.sign_in,
            created_at: stored.created_at,
            last_seen_at: stored.last_seen_at.max(session.last_seen_at),
            revision: session.revision.next(),
            ..session.clone()
        };
        sessions.replace(&session.key, updated);
        Ok(Updated::Done)
    }

    fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<Touched, StoreError> {
        let mut sessions = self.write()?;
        let Some(mut session) = sessions.live(key, now).cloned() else {
            return Ok(Touched::Gone);
        };
        session.see(now);
        sessions.replace(key, session);
        Ok(Touched::Done)
    }

    fn rotate(&self, old: &Session, new: &Session, now: Timestamp) -> Result<Rotated, StoreError> {
        let mut sessions = self.write()?;
        let Some(stored) = sessions.live(&old.key, now) else {
            return Ok(Rotated::Gone);
        };
        if stored.revision != old.revision {
            return Ok(Rotated::Stale);
        }
        if sessions.by_key.contains_key(&new.key) {
            return Ok(Rotated::Collision);
        }
        sessions.replace(&old.key, new.clone());
        Ok(Rotated::Done)
    }

    fn delete(&self, session: &Session) -> Result<bool, StoreError> {
        let mut sessions = self.write()?;
        let earlier = [session.first_key(), &session.key];
        let successor = earlier
            .into_iter()
            .find_map(|key| sessions.by_earlier_key.get(key));
        let successor = successor.copied();
        Ok(sessions.remove(&session.key) || successor.is_some_and(|key| sessions.remove(&key)))
    }

    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        let mut sessions = self.write()?;
        let keys: Vec<SessionKey> = sessions.keys_of(user, None).copied().collect();
        Ok(sessions.remove_all(&keys))
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut sessions = self.write()?;
        let expired = sessions
            .by_expiry
            .iter()
            .map_while(|(end, key)| (*end <= now).then_some(*key));
        let keys: Vec<SessionKey> = expired.take(limit as usize).collect();
        Ok(sessions.remove_all(&keys))
    }

    fn list(
        &self,
        user: Option<UserId>,
        after: Option<&SessionKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let sessions = self.read()?;
        let keys: Box<dyn Iterator<Item = &SessionKey>> = match user {
            Some(user) => Box::new(sessions.keys_of(user, after)),
            None => Box::new(sessions.keys(after)),
        };
        let live = keys.filter_map(|key| sessions.live(key, now));
        Ok(live.take(limit as usize).cloned().collect())
    }
}

/// The sessions by key, with indices by user, expiry and earlier keys.
///
/// Each session is in `by_expiry` once. It is in `by_user` if a user is signed in, and in `by_earlier_key`
/// by its first and its previous key if it was rotated. Only `add` and `remove` write, so the maps agree.
#[derive(Debug, Default)]
struct Sessions {
    by_key: BTreeMap<SessionKey, Session>,
    by_user: BTreeSet<(UserId, SessionKey)>,
    by_expiry: BTreeSet<(Timestamp, SessionKey)>,
    by_earlier_key: BTreeMap<SessionKey, SessionKey>,
}

impl Sessions {
    fn live(&self, key: &SessionKey, now: Timestamp) -> Option<&Session> {
        self.by_key.get(key).filter(|session| session.is_live(now))
    }

    fn add(&mut self, session: Session) {
        self.by_expiry.insert((session.expires_at(), session.key));
        self.by_user
            .extend(session.user().map(|user| (user, session.key)));
        for earlier in earlier_keys(&session) {
            self.by_earlier_key.insert(earlier, session.key);
        }
        self.by_key.insert(session.key, session);
    }

    fn remove(&mut self, key: &SessionKey) -> bool {
        let Some(session) = self.by_key.remove(key) else {
            return false;
        };
        self.by_expiry.remove(&(session.expires_at(), *key));
        if let Some(user) = session.user() {
            self.by_user.remove(&(user, *key));
        }
        for earlier in earlier_keys(&session) {
            self.by_earlier_key.remove(&earlier);
        }
        true
    }

    fn replace(&mut self, old: &SessionKey, new: Session) {
        self.remove(old);
        self.add(new);
    }

    fn remove_all(&mut self, keys: &[SessionKey]) -> u64 {
        keys.iter().map(|key| u64::from(self.remove(key))).sum()
    }

    fn keys(&self, after: Option<&SessionKey>) -> impl Iterator<Item = &SessionKey> {
        let from = after.map_or(Bound::Unbounded, |key| Bound::Excluded(*key));
        self.by_key.range((from, Bound::Unbounded)).map(|(key, _)| key)
    }

    fn keys_of(&self, user: UserId, after: Option<&SessionKey>) -> impl Iterator<Item = &SessionKey> {
        const LOWEST: SessionKey = SessionKey::from_stored([0; SessionKey::LEN]);
        let from = after.map_or(Bound::Included((user, LOWEST)), |key| {
            Bound::Excluded((user, *key))
        });
        let entries = self.by_user.range((from, Bound::Unbounded));
        entries
            .take_while(move |(owner, _)| *owner == user)
            .map(|(_, key)| key)
    }
}

fn earlier_keys(session: &Session) -> impl Iterator<Item = SessionKey> {
    [session.origin, session.previous].into_iter().flatten()
}
