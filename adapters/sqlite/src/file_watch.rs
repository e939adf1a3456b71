//! Notices that another program has deleted, replaced or truncated the files of the open database.
//!
//! An open file stays usable when its name is gone, so SQLite would acknowledge writes that no later start
//! finds. SQLite also maps the WAL index into memory. If the file becomes shorter, an access to the missing
//! part ends the process.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rusqlite::Connection;

use crate::error::SqliteError;

/// The files of one database as they were when it was opened.
#[derive(Debug)]
pub(crate) struct FileWatch {
    database: WatchedFile,
    log: WatchedFile,
    index: WatchedFile,
    is_lost: AtomicBool,
}

impl FileWatch {
    /// Starts to watch the files of the database at `path`, which `connection` has opened.
    pub(crate) fn new(path: &Path, connection: &Connection) -> Self {
        // The other files are beside the target if `path` is a symbolic link.
        let target = connection.path().unwrap_or_default();
        Self {
            database: WatchedFile::new(path.to_owned(), None),
            log: WatchedFile::new(format!("{target}-wal").into(), None),
            index: WatchedFile::new(format!("{target}-shm").into(), Some(AtomicU64::default())),
            is_lost: AtomicBool::new(false),
        }
    }

    /// Checks all files.
    ///
    /// # Errors
    /// [`SqliteError::FilesLost`], from the first failed check on.
    pub(crate) fn check(&self) -> Result<(), SqliteError> {
        self.check_only(&[&self.database, &self.log, &self.index])
    }

    /// Checks the file that every read uses through mapped memory.
    ///
    /// # Errors
    /// As [`FileWatch::check`].
    pub(crate) fn check_index(&self) -> Result<(), SqliteError> {
        self.check_only(&[&self.index])
    }

    /// Returns the result of the checks so far, without a system call.
    ///
    /// # Errors
    /// As [`FileWatch::check`].
    pub(crate) fn so_far(&self) -> Result<(), SqliteError> {
        self.check_only(&[])
    }

    /// Returns whether SQLite may copy the log into the database and remove the log, as it does on closing.
    /// Otherwise it would remove a file of the database that has taken the place of this one.
    pub(crate) fn may_remove_log(&self) -> bool {
        self.database.is_intact()
            && self.index.is_intact()
            && (self.log.is_intact() || !self.log.path.exists())
    }

    fn check_only(&self, files: &[&WatchedFile]) -> Result<(), SqliteError> {
        if self.is_lost.load(Ordering::Acquire) {
            return Err(SqliteError::FilesLost);
        }
        let Some(lost) = files.iter().find(|file| !file.is_intact()) else {
            return Ok(());
        };
        if !self.is_lost.swap(true, Ordering::AcqRel) {
            let path = lost.path.display();
            tracing::error!(%path, "a file of the database was deleted, replaced or truncated; restart to recover");
        }
        Err(SqliteError::FilesLost)
    }
}

/// One file as it was when the database was opened.
#[derive(Debug)]
struct WatchedFile {
    path: PathBuf,
    /// Device and inode; `None` if there was no such file.
    identity: Option<(u64, u64)>,
    /// The greatest length so far in bytes, for a file that never becomes shorter.
    length: Option<AtomicU64>,
}

impl WatchedFile {
    fn new(path: PathBuf, length: Option<AtomicU64>) -> Self {
        let identity = fs::metadata(&path).ok().map(|file| (file.dev(), file.ino()));
        let watched = Self {
            path,
            identity,
            length,
        };
        watched.is_intact();
        watched
    }

    /// Returns whether the path leads to the same file, and the file has not become shorter.
    ///
    /// The greatest length is read before the file, because another thread may see the file grow meanwhile.
    fn is_intact(&self) -> bool {
        let Some(identity) = self.identity else {
            return true;
        };
        let longest = self
            .length
            .as_ref()
            .map_or(0, |length| length.load(Ordering::Acquire));
        let Ok(file) = fs::metadata(&self.path) else {
            return false;
        };
        if let Some(length) = &self.length {
            length.fetch_max(file.len(), Ordering::AcqRel);
        }
        (file.dev(), file.ino()) == identity && longest <= file.len()
    }
}
