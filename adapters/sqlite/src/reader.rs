//! One read-only connection per thread, so that readers never wait for each other.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use thread_local::ThreadLocal;

use crate::error::SqliteError;
use crate::file_watch::FileWatch;
use crate::open;
use crate::options::SqliteOptions;

/// The connections of all threads to one file. Each is opened when its thread first reads.
///
/// When a thread ends, its connection stays open and a later thread reuses it.
pub(crate) struct Readers {
    path: PathBuf,
    options: SqliteOptions,
    connections: ThreadLocal<Connection>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf, options: SqliteOptions) -> Self {
        Self {
            path,
            options,
            connections: ThreadLocal::new(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the connection of the current thread, if the files that it uses are still those of `watch`.
    pub(crate) fn connection(&self, watch: &FileWatch) -> Result<&Connection, SqliteError> {
        watch.check_index()?;
        self.connections.get_or_try(|| {
            let connection = open::readable(&self.path, &self.options)?;
            watch.check()?;
            Ok(connection)
        })
    }
}
