//! A cache of recently read sessions and users, valid for one state of the database.
//!
//! A cached row is returned only while the state that the cache belongs to is the newest one, see
//! [`WalIndex`]. Each committed write changes the state before it is acknowledged, whichever process made it,
//! so an acknowledged write is never overlooked. After a write of this process, the changed rows are removed
//! and all others stay. After a write of another process, the cache is emptied.
//!
//! The cache does not record that a row is absent.

mod lru;
mod size;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
mod updater;

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kunci_domain::{Admission, Session};
use rusqlite::Connection;

use self::lru::LruRows;
use crate::wal_index::{DatabaseState, WalIndex};

pub(crate) use updater::CacheUpdater;

/// The table and the id of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RowId {
    Session(i64),
    User(i64),
}

/// A decoded row. It is shared, so that it can be copied after the lock on the cache is released.
#[derive(Clone)]
pub(crate) enum Row {
    Session(Arc<Session>),
    User(Arc<Admission>),
}

impl From<Session> for Row {
    fn from(session: Session) -> Self {
        Self::Session(Arc::new(session))
    }
}

impl From<Admission> for Row {
    fn from(user: Admission) -> Self {
        Self::User(Arc::new(user))
    }
}

impl Row {
    pub(crate) fn into_session(self) -> Option<Session> {
        match self {
            Self::Session(session) => Some(Arc::unwrap_or_clone(session)),
            Self::User(_) => None,
        }
    }

    pub(crate) fn into_user(self) -> Option<Admission> {
        match self {
            Self::User(user) => Some(Arc::unwrap_or_clone(user)),
            Self::Session(_) => None,
        }
    }
}

/// The cache that all threads of a store share. The lock is held for a look-up, an insertion or an eviction only.
pub(crate) struct RowCache {
    /// `None` if the cache is disabled or the state of the database cannot be read.
    index: Option<WalIndex>,
    cached: Mutex<Cached>,
    /// The rows that the current transaction changes.
    changed: Mutex<Vec<RowId>>,
}

/// The cached rows. Each is what the database held in `state` or later.
///
/// A row is later than `state` if a write was committed between reading the state and reading the row. The
/// updater then removes that row, or all rows, before it moves to the next state.
struct Cached {
    /// `None` while nothing may be cached.
    state: Option<DatabaseState>,
    rows: LruRows,
}

impl RowCache {
    /// Creates an empty cache of at most about `bytes` for the database behind `connection`.
    ///
    /// It stays empty until a [`CacheUpdater`] has run.
    pub(crate) fn new(connection: &Connection, bytes: usize) -> Self {
        let is_enabled = 0 < bytes;
        let cached = Cached {
            state: None,
            rows: LruRows::new(bytes),
        };
        Self {
            index: is_enabled.then(|| WalIndex::of(connection)).flatten(),
            cached: Mutex::new(cached),
            changed: Mutex::default(),
        }
    }

    /// Returns the newest state of the database. Callers read it before they read a row.
    pub(crate) fn database_state(&self) -> Option<DatabaseState> {
        self.index.as_ref().and_then(WalIndex::state)
    }

    /// Returns the row if the cache holds it for `state`.
    pub(crate) fn get(&self, id: RowId, state: &DatabaseState) -> Option<Row> {
        let mut cached = self.cached();
        if cached.state.as_ref() == Some(state) {
            cached.rows.get(id)
        } else {
            None
        }
    }

    /// Inserts a row that was read after `state`, unless the cache has moved to another state.
    pub(crate) fn put(&self, id: RowId, row: Row, state: &DatabaseState) {
        let mut cached = self.cached();
        if cached.state.as_ref() == Some(state) {
            cached.rows.put(id, row);
        }
    }

    /// Records a row that the current transaction changes.
    pub(crate) fn note_change(&self, id: RowId) {
        self.changed().push(id);
    }

    /// Moves the cache to `state` without the `changed` rows. Empties it if `state` is `None`.
    fn advance(&self, state: Option<DatabaseState>, changed: &[RowId]) {
        let mut cached = self.cached();
        cached.state = state;
        if state.is_none() {
            cached.rows.clear();
        }
        for id in changed {
            cached.rows.remove(*id);
        }
    }

    fn take_changed(&self) -> Vec<RowId> {
        mem::take(&mut self.changed())
    }

    fn cached(&self) -> MutexGuard<'_, Cached> {
        self.cached.lock().unwrap_or_else(|poisoned| {
            // A panic may have interrupted a change of the map.
            let mut cached = poisoned.into_inner();
            cached.rows.clear();
            cached
        })
    }

    fn changed(&self) -> MutexGuard<'_, Vec<RowId>> {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
