//! Where reading happens: one read-only connection per thread, so that readers wait for nobody.
//!
//! Left out: taking connections back from threads that have ended; the next thread inherits them.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use thread_local::ThreadLocal;

use crate::anchor::Activity;
use crate::error::SqliteError;
use crate::open;
use crate::options::SqliteOptions;

/// The connections of all threads to one file, made when a thread first reads.
pub(crate) struct Readers {
    path: PathBuf,
    options: SqliteOptions,
    activity: Activity,
    connections: ThreadLocal<Connection>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf, options: SqliteOptions, activity: Activity) -> Self {
        Self {
            path,
            options,
            activity,
            connections: ThreadLocal::new(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// This thread's connection.
    pub(crate) fn connection(&self) -> Result<&Connection, SqliteError> {
        self.activity.note();
        self.connections
            .get_or_try(|| open::readable(&self.path, &self.options))
    }
}
