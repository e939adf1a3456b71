//! Stores sessions, accounts and their history in one SQLite file. No other server is needed.
//!
//! One thread writes: it commits all queued writes as one transaction and answers them when the commit is on
//! disk. Each thread that reads has a read-only connection of its own. Several processes may open the file at
//! the same time, for example a server and its command line.
//!
//! ```
//! use kunci_domain::ports::{AccountStore, SessionStore};
//! use kunci_sqlite::{SqliteOptions, SqliteStore};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("kunci.sqlite");
//! let store = SqliteStore::open(&path, SqliteOptions::default())?;
//! let sessions: Box<dyn SessionStore> = Box::new(store.sessions());
//! let accounts: Box<dyn AccountStore> = Box::new(store.accounts());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Backups need no support here: `VACUUM INTO` and `sqlite3_rsync` work on an open database. Network file
//! systems are not supported, because write-ahead logging needs memory that all processes share.

mod accounts;
mod error;
mod file_watch;
mod migrations;
mod open;
mod options;
mod pending_touches;
mod permissions;
#[cfg(test)]
mod query_plans_tests;
mod reader;
mod reserve;
mod row_cache;
mod rows;
mod session_check;
mod sessions;
mod wal_index;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use kunci_domain::ports::{Health, StoreError};
use rusqlite::Connection;

use crate::error::SqliteError;
use crate::file_watch::FileWatch;
use crate::reader::Readers;
use crate::reserve::Reserve;
use crate::row_cache::{CacheUpdater, Row, RowCache, RowId};
use crate::wal_index::DatabaseState;
use crate::writer::Writer;

pub use accounts::SqliteAccountStore;
pub use error::OpenError;
pub use open::{READER_BYTES, WRITER_BYTES};
pub use options::SqliteOptions;
pub use session_check::SqliteSessionCheck;
pub use sessions::SqliteSessionStore;

/// An open database.
///
/// It is cheap to clone. When the last clone and the last store made from it are dropped, all queued writes
/// are done and the file is closed. If the writer thread dies, all later writes fail, but reads go on.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    database: Arc<Database>,
}

impl SqliteStore {
    /// Opens the database at `path`. If there is none, creates it, readable by its owner only.
    ///
    /// The folder must exist. A database of an older version is migrated.
    ///
    /// # Errors
    /// Any [`OpenError`]; each names the file and the problem in one line.
    pub fn open(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self, OpenError> {
        let path = open::absolute(path.as_ref())?;
        let reserve = Arc::new(Reserve::beside(&path, options.reserve_bytes));
        let mut connection = open::writable(&path, &options, &reserve)?;
        let watch = Arc::new(FileWatch::new(&path, &connection));
        let cache = Arc::new(RowCache::new(&connection, options.row_cache_bytes));
        let updater = CacheUpdater::new(Arc::clone(&cache), &mut connection)
            .map_err(|error| OpenError::from_sqlite(&path, error))?;
        let guards = Guards { watch, reserve };
        let writer = Writer::start(connection, updater, guards.clone(), &options)
            .map_err(|source| OpenError::from_io(&path, source))?;
        let database = Database {
            readers: Readers::new(path, options),
            writer,
            cache,
            guards,
        };
        Ok(Self {
            database: Arc::new(database),
        })
    }

    /// Returns the store of the sessions in this database.
    #[must_use]
    pub fn sessions(&self) -> SqliteSessionStore {
        SqliteSessionStore::new(Arc::clone(&self.database))
    }

    /// Returns the look-up of sessions together with their users.
    #[must_use]
    pub fn session_check(&self) -> SqliteSessionCheck {
        SqliteSessionCheck::new(Arc::clone(&self.database))
    }

    /// Returns the store of the accounts in this database.
    #[must_use]
    pub fn accounts(&self) -> SqliteAccountStore {
        SqliteAccountStore::new(Arc::clone(&self.database))
    }
}

/// Reports a full disk, and files that another program has deleted, replaced or truncated.
impl Health for SqliteStore {
    fn check(&self) -> Result<(), StoreError> {
        let guards = &self.database.guards;
        guards.watch.check()?;
        Ok(guards.reserve.check()?)
    }
}

/// What watches over the files of a database.
#[derive(Debug, Clone)]
pub(crate) struct Guards {
    pub(crate) watch: Arc<FileWatch>,
    pub(crate) reserve: Arc<Reserve>,
}

/// The connections and the cache that all stores of a database share.
///
/// The readers are dropped first, so that the writer's connection is the last to close. SQLite then copies
/// the whole log into the file.
struct Database {
    readers: Readers,
    writer: Writer,
    cache: Arc<RowCache>,
    guards: Guards,
}

impl Database {
    /// Runs `work` on the connection of the current thread.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, SqliteError>) -> Result<T, StoreError> {
        let connection = self.readers.connection(&self.guards.watch)?;
        Ok(work(connection)?)
    }

    /// Returns a row from the cache, or reads it with `work` on the connection of the current thread. `state` is
    /// the state of the database at the start of the call or later.
    fn read_cached(
        &self,
        state: Option<DatabaseState>,
        id: RowId,
        work: impl FnOnce(&Connection) -> Result<Option<Row>, SqliteError>,
    ) -> Result<Option<Row>, StoreError> {
        self.guards.watch.so_far()?;
        if let Some(row) = state.and_then(|state| self.cache.get(id, &state)) {
            return Ok(Some(row));
        }
        let found = self.read(work)?;
        if let (Some(state), Some(row)) = (state, &found) {
            self.cache.put(id, row.clone(), &state);
        }
        Ok(found)
    }

    /// Runs `work` on the writer thread and waits until its changes are on disk.
    fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnMut(&Connection) -> Result<T, SqliteError> + Send + 'static,
    {
        Ok(self.writer.write(work)?)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("path", &self.readers.path())
            .finish_non_exhaustive()
    }
}
