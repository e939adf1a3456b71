//! The shortest session store that keeps the whole contract of [`SessionStore`], and an app that uses it.
//!
//! It is for authors of stores: copy it, replace the map by your engine, and keep the test module. Each method
//! holds the lock from its first read to its last write. With a database, that is one transaction or one
//! conditional write.
//!
//! Left out: indices by user, expiry and origin, so most methods search all sessions; a limit on the memory;
//! and a file, so sessions end with the process.
//!
//! Run it with `cargo run --example session_store`, and its tests with `cargo test --example session_store`.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard};

use kunci::App;
use kunci::domain::ports::{Inserted, Rotated, SessionStore, StoreError, Touched, Updated};
use kunci::domain::{Session, SessionKey, Timestamp, UserId};

type Sessions = BTreeMap<SessionKey, Session>;

/// Sessions in a map, ordered by key.
#[derive(Debug, Default)]
struct MapSessionStore(Mutex<Sessions>);

impl MapSessionStore {
    /// Locks the sessions. If a call panicked half-way, the map cannot be trusted, and every call fails.
    fn lock(&self) -> Result<MutexGuard<'_, Sessions>, StoreError> {
        self.0.lock().map_err(|_| StoreError::Unavailable {
            store: "map",
            source: "an earlier call panicked".into(),
        })
    }
}

/// Returns a session unless it has expired: no method may read or change one that has.
fn live<'s>(sessions: &'s mut Sessions, key: &SessionKey, now: Timestamp) -> Option<&'s mut Session> {
    sessions.get_mut(key).filter(|session| session.is_live(now))
}

/// Removes at most `limit` sessions that match, and returns how many.
fn remove(sessions: &mut Sessions, limit: usize, matches: impl Fn(&Session) -> bool) -> u64 {
    let matching = sessions.values().filter(|session| matches(session));
    let keys: Vec<SessionKey> = matching.take(limit).map(|session| session.key).collect();
    keys.iter().filter_map(|key| sessions.remove(key)).count() as u64
}

impl SessionStore for MapSessionStore {
    fn insert(&self, session: &Session) -> Result<Inserted, StoreError> {
        let mut sessions = self.lock()?;
        if sessions.contains_key(&session.key) {
            return Ok(Inserted::Collision);
        }
        sessions.insert(session.key, session.clone());
        Ok(Inserted::Done)
    }

    fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>, StoreError> {
        Ok(live(&mut *self.lock()?, key, now).cloned())
    }

    fn update(&self, session: &Session, now: Timestamp) -> Result<Updated, StoreError> {
        let mut sessions = self.lock()?;
        let Some(stored) = live(&mut sessions, &session.key, now) else {
            return Ok(Updated::Gone);
        };
        if stored.revision != session.revision {
            return Ok(Updated::Stale);
        }
        *stored = Session {
            origin: stored.origin,
            previous: stored.previous,
            sign_in: stored.sign_in,
            created_at: stored.created_at,
            last_seen_at: stored.last_seen_at.max(session.last_seen_at),
            revision: stored.revision.next(),
            ..session.clone()
        };
        Ok(Updated::Done)
    }

    fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<Touched, StoreError> {
        match live(&mut *self.lock()?, key, now) {
            Some(session) => session.see(now),
            None => return Ok(Touched::Gone),
        }
        Ok(Touched::Done)
    }

    fn rotate(&self, old: &Session, new: &Session, now: Timestamp) -> Result<Rotated, StoreError> {
        let mut sessions = self.lock()?;
        let Some(stored) = live(&mut sessions, &old.key, now) else {
            return Ok(Rotated::Gone);
        };
        if stored.revision != old.revision {
            return Ok(Rotated::Stale);
        }
        if sessions.contains_key(&new.key) {
            return Ok(Rotated::Collision);
        }
        sessions.remove(&old.key);
        sessions.insert(new.key, new.clone());
        Ok(Rotated::Done)
    }

    fn delete(&self, session: &Session) -> Result<bool, StoreError> {
        // Rotations keep the first key, so this finds the session under whichever key it has by now. A client
        // with a replaced token only knows the previous key.
        let is_successor =
            |kept: &Session| kept.first_key() == session.first_key() || kept.previous == Some(session.key);
        Ok(remove(&mut *self.lock()?, usize::MAX, is_successor) > 0)
    }

    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        let is_theirs = |session: &Session| session.user() == Some(user);
        Ok(remove(&mut *self.lock()?, usize::MAX, is_theirs))
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        Ok(remove(&mut *self.lock()?, limit as usize, |session| {
            !session.is_live(now)
        }))
    }

    fn list(
        &self,
        user: Option<UserId>,
        after: Option<&SessionKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let sessions = self.lock()?;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let page = sessions
            .range::<SessionKey, _>((from, Bound::Unbounded))
            .map(|(_, session)| session);
        let page = page.filter(|session| session.is_live(now) && (user.is_none() || session.user() == user));
        Ok(page.take(limit as usize).cloned().collect())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = Arc::<MapSessionStore>::default();
    let app = App::builder().sessions(store).build()?;
    app.serve("127.0.0.1:8081", |address| println!("listening on {address}"))?;
    Ok(())
}

#[cfg(test)]
mod suite {
    kunci_testkit::session_store_suite!(((), super::MapSessionStore::default()));
}
