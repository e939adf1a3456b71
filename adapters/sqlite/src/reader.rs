//! One read-only connection per thread, so that readers never wait for each other.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use thread_local::ThreadLocal;

use crate::error::SqliteError;
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

    /// Returns the connection of the current thread.
    pub(crate) fn connection(&self) -> Result<&Connection, SqliteError> {
        self.connections
            .get_or_try(|| open::readable(&self.path, &self.options))
    }
}
