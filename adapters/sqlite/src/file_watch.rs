//! Notices that another program has deleted, replaced or truncated the files of the open database.
//!
//! An open file stays usable when its name is gone, so SQLite would acknowledge writes that no later start
//! finds. It also writes beyond the end of a truncated file, and leaves a hole there. SQLite maps the WAL index
//! into memory. If that file becomes shorter, an access to the missing part ends the process.
//!
//! SQLite itself shortens the log after a checkpoint, and the database after a `VACUUM`. The WAL index says how
//! long both must be. Where it cannot be read, as on systems other than Linux, a shorter log or database is not
//! noticed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rusqlite::Connection;

use crate::error::SqliteError;
use crate::wal_index::{DatabaseState, WalIndex};

/// The files of one database as they were when it was opened.
#[derive(Debug)]
pub(crate) struct FileWatch {
    database: WatchedFile,
    log: WatchedFile,
    index: WatchedFile,
    state: Option<WalIndex>,
    is_lost: AtomicBool,
}

impl FileWatch {
    /// Starts to watch the files of the database at `path`, which `connection` has opened.
    pub(crate) fn new(path: &Path, connection: &Connection) -> Self {
        // The other files are beside the target if `path` is a symbolic link.
        let target = connection.path().unwrap_or_default();
        Self {
            database: WatchedFile::new(path.to_owned()),
            log: WatchedFile::new(format!("{target}-wal").into()),
            index: WatchedFile::new(format!("{target}-shm").into()),
            state: WalIndex::of(connection),
            is_lost: AtomicBool::new(false),
        }
    }

    /// Checks all files.
    ///
    /// # Errors
    /// [`SqliteError::FilesLost`], from the first failed check on.
    pub(crate) fn check(&self) -> Result<(), SqliteError> {
        self.check_only(|| self.first_lost())
    }

    /// Checks the file that every read uses through mapped memory.
    ///
    /// # Errors
    /// As [`FileWatch::check`].
    pub(crate) fn check_index(&self) -> Result<(), SqliteError> {
        self.check_only(|| self.index.is_lost(|last| last).then_some(&self.index))
    }

    /// Returns the result of the checks so far, without a system call.
    ///
    /// # Errors
    /// As [`FileWatch::check`].
    pub(crate) fn so_far(&self) -> Result<(), SqliteError> {
        self.check_only(|| None)
    }

    /// Returns whether SQLite may copy the log into the database and remove the log, as it does on closing.
    /// Otherwise it would remove a file of the database that has taken the place of this one, or what is left
    /// of a truncated one.
    pub(crate) fn may_remove_log(&self) -> bool {
        self.first_lost()
            .is_none_or(|lost| lost.path == self.log.path && !lost.path.exists())
    }

    fn check_only<'f>(&self, lost: impl FnOnce() -> Option<&'f WatchedFile>) -> Result<(), SqliteError> {
        if self.is_lost.load(Ordering::Acquire) {
            return Err(SqliteError::FilesLost);
        }
        let Some(lost) = lost() else {
            return Ok(());
        };
        if !self.is_lost.swap(true, Ordering::AcqRel) {
            let path = lost.path.display();
            tracing::error!(%path, "a file of the database was deleted, replaced or truncated; restart to recover, from a backup if content is missing");
        }
        Err(SqliteError::FilesLost)
    }

    /// Returns a file that is lost. The log comes last.
    ///
    /// SQLite changes the state before it shortens a file, so the result counts only if the state stayed the
    /// same.
    fn first_lost(&self) -> Option<&WatchedFile> {
        loop {
            let state = self.state();
            let lost = self.first_lost_in(state);
            if lost.is_none() || state == self.state() {
                return lost;
            }
        }
    }

    fn first_lost_in(&self, state: Option<DatabaseState>) -> Option<&WatchedFile> {
        let (database, log) = state.map_or((0, 0), |state| (state.database_bytes(), state.log_bytes()));
        if self.index.is_lost(|last| last) {
            Some(&self.index)
        } else if self.database.is_lost(|last| last.min(database)) {
            // A database may be shorter than it needs to be while its last pages are only in the log.
            Some(&self.database)
        } else {
            self.log.is_lost(|_| log).then_some(&self.log)
        }
    }

    fn state(&self) -> Option<DatabaseState> {
        self.state.as_ref()?.state()
    }
}

/// One file as it was when the database was opened.
#[derive(Debug)]
struct WatchedFile {
    path: PathBuf,
    /// Device and inode; `None` if there was no such file.
    identity: Option<(u64, u64)>,
    /// The length in bytes at the last check that found the file intact.
    last_length: AtomicU64,
}

impl WatchedFile {
    fn new(path: PathBuf) -> Self {
        let file = fs::metadata(&path).ok();
        Self {
            path,
            identity: file.as_ref().map(|file| (file.dev(), file.ino())),
            last_length: file.map_or(0, |file| file.len()).into(),
        }
    }

    /// Returns whether the path leads to no file, to another file, or to one that is shorter than `needed`
    /// returns for the last length.
    ///
    /// The last length is read before the file, because another thread may see the file grow meanwhile.
    fn is_lost(&self, needed: impl FnOnce(u64) -> u64) -> bool {
        let Some(identity) = self.identity else {
            return false;
        };
        let needed = needed(self.last_length.load(Ordering::Acquire));
        let intact = fs::metadata(&self.path)
            .ok()
            .filter(|file| (file.dev(), file.ino()) == identity && needed <= file.len());
        if let Some(file) = &intact {
            self.last_length.store(file.len(), Ordering::Release);
        }
        intact.is_none()
    }
}
