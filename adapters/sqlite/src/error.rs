//! Errors: the private error, its only mapping to the ports' error, and the public error of opening.
//!
//! SQLite's result codes decide the kind of an error, never the text of a message.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kunci_domain::ports::{Cause, StoreError};
use rusqlite::ErrorCode;
use rusqlite::ffi::{
    SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE, SQLITE_IOERR_SHMSIZE,
};
use thiserror::Error;

use crate::permissions::Exposed;

/// Why a read or a write failed. It is `Clone`, because one failed commit fails many writes.
#[derive(Debug, Clone, Error)]
pub(crate) enum SqliteError {
    #[error("SQLite returned an error")]
    Driver(#[source] Arc<rusqlite::Error>),
    /// Kunci never writes such a value: another program did, or the file is damaged.
    #[error("the column {column} has an invalid value")]
    InvalidColumn { column: String },
    #[error("the values of a session cannot be written as JSON")]
    Values(#[source] Arc<serde_json::Error>),
    #[error("SQLite rolled the transaction back")]
    RolledBack,
    #[error("the writer thread has ended")]
    WriterEnded,
    #[error("the writer thread ended before it answered")]
    NotAnswered,
    #[error("a file of the database was deleted, replaced or truncated by another program")]
    FilesLost,
    #[error("the disk is full, and its reserve is for signing in and out")]
    DiskShort,
    #[error("other users can access the database")]
    Exposed(#[from] Exposed),
    /// Some file systems lack the shared memory that write-ahead logging needs, such as network file systems.
    #[error("write-ahead logging is not supported here: SQLite chose the journal mode {mode}")]
    NoWal { mode: String },
    #[error("the database belongs to another program")]
    Foreign,
    #[error("the database has layout {found}, but the latest known layout is {known}")]
    Newer { found: i64, known: i64 },
}

impl SqliteError {
    /// Returns whether another process holds a lock.
    pub(crate) fn is_lock(&self) -> bool {
        matches!(
            self.code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        )
    }

    /// Returns whether the disk is full.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Driver(error) => {
                error.sqlite_error_code() == Some(ErrorCode::DiskFull)
                    || error.sqlite_extended_error_code() == Some(SQLITE_IOERR_SHMSIZE)
            }
            _ => false,
        }
    }

    /// Returns whether each write of a failed transaction would fail in the same way when it is retried alone.
    pub(crate) fn affects_every_write(&self) -> bool {
        self.is_lock() || matches!(self, Self::FilesLost)
    }

    /// Returns whether the failed statement changed nothing and the rest of its transaction can be committed.
    ///
    /// After all other errors SQLite may have rolled back the transaction, and recommends to do so.
    pub(crate) fn leaves_transaction_intact(&self) -> bool {
        matches!(
            self,
            Self::InvalidColumn { .. } | Self::Values(_) | Self::DiskShort
        ) || matches!(
            self.code(),
            Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig)
        )
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Driver(error) => error.sqlite_error_code(),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for SqliteError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Driver(Arc::new(error))
    }
}

impl From<SqliteError> for StoreError {
    fn from(error: SqliteError) -> Self {
        let is_damaged = matches!(
            error.code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        );
        let is_invalid = matches!(error, SqliteError::InvalidColumn { .. });
        let is_unknown = matches!(error, SqliteError::NotAnswered);
        let store = "sqlite";
        let source: Cause = Box::new(error);
        if is_damaged || is_invalid {
            Self::Corrupt { store, source }
        } else if is_unknown {
            Self::OutcomeUnknown { store, source }
        } else {
            Self::Unavailable { store, source }
        }
    }
}

/// The constraint that an insert violates.
pub(crate) enum Violation {
    /// Another row has this id or primary key.
    Id,
    /// Another row has the value of a unique column.
    Value,
}

/// Returns the constraint that `error` reports as violated, if any.
pub(crate) fn violation(error: &rusqlite::Error) -> Option<Violation> {
    match error.sqlite_extended_error_code()? {
        SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_ROWID => Some(Violation::Id),
        SQLITE_CONSTRAINT_UNIQUE => Some(Violation::Value),
        _ => None,
    }
}

/// Why a database cannot be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file is not an SQLite database, or is damaged.
    #[error("{} is not an SQLite database, or is damaged", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Cause,
    },
    /// The file is the database of another program.
    #[error("{} is the database of another program: choose another path", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A later version of this program has migrated the file.
    #[error(
        "{} has layout {found}, but this version knows layouts up to {known} only: use a newer version",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The layout of the file.
        found: i64,
        /// The latest layout that this version knows.
        known: i64,
    },
    /// This process has no permission to write to the file.
    #[error("{} is read-only: this process needs write permission for the file and its folder", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Cause,
    },
    /// Other users can read or change a file of the database (OWASP ASVS 5.0, 13.2.2).
    #[error("{} is open to other users: run chmod {remedy} on it", path.display())]
    Exposed {
        /// The file or its folder.
        path: PathBuf,
        /// The mode that `chmod` must set.
        remedy: &'static str,
    },
    /// Another process held a lock for longer than the busy timeout.
    #[error("{} is locked by another process: stop that process or try again", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Cause,
    },
    /// The file does not exist and cannot be created, or it cannot be opened.
    #[error("{} cannot be opened or created: check that its folder exists and is writable", path.display())]
    CannotCreate {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Cause,
    },
    /// The disk is full.
    #[error("the disk is full: {} needs more space", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Cause,
    },
    /// Any other error.
    #[error("{} cannot be used as a database", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Cause,
    },
}

impl OpenError {
    pub(crate) fn from_sqlite(path: &Path, error: SqliteError) -> Self {
        let path = path.to_owned();
        match error {
            SqliteError::Foreign => Self::Foreign { path },
            SqliteError::Exposed(Exposed { path, remedy }) => Self::Exposed { path, remedy },
            SqliteError::Newer { found, known } => Self::Newer { path, found, known },
            error => Self::from_code(path, error.code(), Box::new(error)),
        }
    }

    fn from_code(path: PathBuf, code: Option<ErrorCode>, source: Cause) -> Self {
        match code {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::NotADatabase { path, source },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path, source },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path, source },
            Some(ErrorCode::CannotOpen) => Self::CannotCreate { path, source },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path, source },
            _ => Self::Other { path, source },
        }
    }

    pub(crate) fn from_io(path: &Path, error: std::io::Error) -> Self {
        use std::io::ErrorKind;

        let path = path.to_owned();
        let kind = error.kind();
        let source: Cause = Box::new(error);
        match kind {
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path, source },
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull { path, source },
            _ => Self::CannotCreate { path, source },
        }
    }
}
