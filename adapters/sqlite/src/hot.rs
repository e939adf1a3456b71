//! Sessions and users that were read of late, for as long as they are what the database holds.
//!
//! What is kept belongs to one state of the database, as [`WalIndex`] tells states apart, and is given out
//! only while that state is the newest. So no write is missed, whichever process made it: nobody has been
//! told that it is done before what it changed is no longer given out. When this process writes, SQLite names
//! the rows that change, and all others stay; when another one does, everything is dropped.
//!
//! Left out: that something is *not* there, rows found in other ways than by id, and one-time tokens.

mod keeper;
mod recent;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
mod weight;

use std::iter;
use std::sync::{Arc, Mutex, MutexGuard};

use kunci_domain::{Session, User};
use rusqlite::Connection;

use self::recent::Recent;
use crate::wal_index::{State, WalIndex};

pub(crate) use keeper::{Changes, Keeper};

/// Which row: the table, and the id in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RowId {
    Session(i64),
    User(i64),
}

/// A row as it was read.
#[derive(Clone)]
pub(crate) enum Row {
    Session(Arc<Session>),
    User(Arc<User>),
}

impl From<Session> for Row {
    fn from(session: Session) -> Self {
        Self::Session(Arc::new(session))
    }
}

impl From<User> for Row {
    fn from(user: User) -> Self {
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

    pub(crate) fn into_user(self) -> Option<User> {
        match self {
            Self::User(user) => Some(Arc::unwrap_or_clone(user)),
            Self::Session(_) => None,
        }
    }
}

/// The rows that are kept; none, where the database does not tell its state.
pub(crate) struct Hot {
    index: Option<WalIndex>,
    /// By the low bits of the id, so that threads seldom meet.
    shards: Box<[Mutex<Shard>]>,
}

/// Some of the rows. Each is what the database held in `state`, or at some time since.
///
/// The latter when a write came between asking for the state and reading the row. Whoever made that write
/// moves the state on, and then drops the row or everything, so that no older one stays.
struct Shard {
    /// `None` while nothing may be kept.
    state: Option<State>,
    rows: Recent,
}

/// How many shards there are: more than cores that are likely to be there.
const SHARDS: usize = 32;

impl Hot {
    /// Nothing yet, of the database behind `connection`; later at most about `bytes` of it.
    ///
    /// Nothing is kept before a [`Keeper`] is there.
    pub(crate) fn new(connection: &Connection, bytes: usize) -> Self {
        let index = if bytes == 0 {
            None
        } else {
            WalIndex::of(connection)
        };
        let shard = || {
            Mutex::new(Shard {
                state: None,
                rows: Recent::new(bytes / SHARDS),
            })
        };
        let shards = iter::repeat_with(shard).take(SHARDS).collect();
        Self { index, shards }
    }

    /// The newest state of the database; to be asked for before a row is.
    pub(crate) fn state(&self) -> Option<State> {
        self.index.as_ref().and_then(WalIndex::state)
    }

    /// The row, if it is known what it is in `state`.
    pub(crate) fn get(&self, id: RowId, state: &State) -> Option<Row> {
        let mut shard = self.shard(id);
        if shard.state.as_ref() == Some(state) {
            shard.rows.get(id)
        } else {
            None
        }
    }

    /// Keeps a row that was read after `state` was.
    pub(crate) fn put(&self, id: RowId, row: Row, state: &State) {
        let mut shard = self.shard(id);
        if shard.state.as_ref() == Some(state) {
            shard.rows.put(id, row);
        }
    }

    /// Goes on to another state, without what differs in it; without anything, when no state is given.
    fn go_on(&self, state: Option<State>, changed: &[RowId]) {
        for (number, shard) in self.shards.iter().enumerate() {
            let mut shard = lock(shard);
            shard.state = state;
            if state.is_none() {
                shard.rows.clear();
            }
            for id in changed.iter().filter(|id| shard_of(**id) == number) {
                shard.rows.remove(*id);
            }
        }
    }

    fn shard(&self, id: RowId) -> MutexGuard<'_, Shard> {
        lock(&self.shards[shard_of(id)])
    }
}

fn shard_of(id: RowId) -> usize {
    let (RowId::Session(id) | RowId::User(id)) = id;
    id as usize % SHARDS
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(|poisoned| {
        // Whoever panicked may have left half of a change.
        let mut shard = poisoned.into_inner();
        shard.rows.clear();
        shard
    })
}
