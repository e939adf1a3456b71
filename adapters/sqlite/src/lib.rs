//! Sessions, accounts and their history in one SQLite file: the store that needs no other server.
//!
//! One thread writes, committing whatever is queued as one transaction and answering after the commit
//! is on disk; every thread that reads has a read-only connection of its own. Several processes may have
//! the file open, such as a server and its command line.
//!
//! ```
//! use kunci_domain::ports::SessionStore;
//! use kunci_sqlite::{SqliteOptions, SqliteStore};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("kunci.sqlite");
//! let store = SqliteStore::open(&path, SqliteOptions::default())?;
//! let sessions: Box<dyn SessionStore> = Box::new(store.sessions());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Left out: backups (`VACUUM INTO` and `sqlite3_rsync` work on an open database), network file systems
//! (write-ahead logging needs memory that all processes share), and every policy.

mod anchor;
mod error;
mod history;
mod hot;
mod migrations;
mod open;
mod options;
mod others;
#[cfg(test)]
mod query_plans_tests;
mod reader;
mod rows;
mod sessions;
mod tokens;
mod touches;
mod users;
mod wal_index;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use kunci_domain::ports::StoreError;
use rusqlite::Connection;

use crate::anchor::{Activity, Anchor};
use crate::error::SqliteError;
use crate::hot::{Changes, Hot, Keeper, Row, RowId};
use crate::reader::Readers;
use crate::writer::Writer;

pub use error::OpenError;
pub use history::SqliteAuditLog;
pub use open::{READER_BYTES, WRITER_BYTES};
pub use options::SqliteOptions;
pub use sessions::SqliteSessionStore;
pub use tokens::SqliteTokenStore;
pub use users::SqliteUserStore;

/// An open database. It is cheap to clone; the file is closed when the last clone and the last store
/// made from it are dropped, after everything that was queued has been written.
///
/// When the thread that writes dies, every write is refused from then on; reading goes on.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    database: Arc<Database>,
}

impl SqliteStore {
    /// Opens the database at `path`; creates it, readable for its owner only, when there is none.
    ///
    /// The folder must be there. A database of an older version is brought up to date.
    ///
    /// # Errors
    /// Any [`OpenError`]; each says in one line what is wrong with which file.
    pub fn open(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self, OpenError> {
        let path = open::absolute(path.as_ref())?;
        let mut connection = open::writable(&path, &options)?;
        let from_sqlite = |error| OpenError::from_sqlite(&path, error);
        let activity = Activity::default();
        let anchor = Anchor::new(
            open::readable(&path, &options).map_err(from_sqlite)?,
            activity.clone(),
        );
        let (hot, changes) = (Hot::new(&connection, options.hot_bytes), Changes::default());
        let hot = Arc::new(hot);
        let keeper = Keeper::new(Arc::clone(&hot), changes.clone(), &mut connection).map_err(from_sqlite)?;
        let writer = Writer::start(connection, anchor, keeper, &options)
            .map_err(|source| OpenError::from_io(&path, source))?;
        let database = Database {
            readers: Readers::new(path, options, activity),
            writer,
            hot,
            changes,
        };
        Ok(Self {
            database: Arc::new(database),
        })
    }

    /// The sessions in it.
    #[must_use]
    pub fn sessions(&self) -> SqliteSessionStore {
        SqliteSessionStore::new(Arc::clone(&self.database))
    }

    /// The users in it.
    #[must_use]
    pub fn users(&self) -> SqliteUserStore {
        SqliteUserStore::new(Arc::clone(&self.database))
    }

    /// The one-time tokens in it.
    #[must_use]
    pub fn tokens(&self) -> SqliteTokenStore {
        SqliteTokenStore::new(Arc::clone(&self.database))
    }

    /// What happened to the users in it.
    #[must_use]
    pub fn history(&self) -> SqliteAuditLog {
        SqliteAuditLog::new(Arc::clone(&self.database))
    }
}

/// What the stores share: where reading and where writing happens.
///
/// The readers are dropped first, so that the writer is the last connection to close, which makes
/// SQLite move everything from the log into the file.
struct Database {
    readers: Readers,
    writer: Writer,
    hot: Arc<Hot>,
    changes: Changes,
}

impl Database {
    /// Runs `work` on this thread's own connection.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, SqliteError>) -> Result<T, StoreError> {
        let connection = self.readers.connection()?;
        Ok(work(connection)?)
    }

    /// The row under an id: as it was read before, while that is what the database holds, or else as `work`
    /// reads it on this thread's own connection.
    fn find(
        &self,
        id: RowId,
        work: impl FnOnce(&Connection) -> Result<Option<Row>, SqliteError>,
    ) -> Result<Option<Row>, StoreError> {
        let state = self.hot.state();
        if let Some(row) = state.and_then(|state| self.hot.get(id, &state)) {
            return Ok(Some(row));
        }
        let found = self.read(work)?;
        if let (Some(state), Some(row)) = (state, &found) {
            self.hot.put(id, row.clone(), &state);
        }
        Ok(found)
    }

    /// Runs `work` on the thread that writes, and waits until what it did is on disk.
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
