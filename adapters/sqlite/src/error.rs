//! What can go wrong: an error that stays inside, its one mapping to the ports' error, and the error of opening.
//!
//! All judging goes by SQLite's result codes, never by the text of a message.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kunci_domain::ports::{Cause, StoreError};
use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE};
use thiserror::Error;

/// Why a read or a write failed. It can be cloned, because one failed commit fails many writes.
#[derive(Debug, Clone, Error)]
pub(crate) enum SqliteError {
    #[error("SQLite refused")]
    Driver(#[source] Arc<rusqlite::Error>),
    /// The program writes no such thing, so that somebody else did, or the file is damaged.
    #[error("the column {column} holds something that makes no sense")]
    Senseless { column: String },
    #[error("the values of a session cannot be written as JSON")]
    Values(#[source] Arc<serde_json::Error>),
    #[error("SQLite rolled the transaction back")]
    RolledBack,
    #[error("the thread that writes has ended")]
    WriterEnded,
    /// Some file systems, such as those of networks, lack the shared memory that it needs.
    #[error("write-ahead logging cannot be had here, only the mode {mode}")]
    NoLog { mode: String },
    #[error("the database belongs to another program")]
    Foreign,
    #[error("the database has layout {found}, and {known} is the latest known")]
    Newer { found: i64, known: i64 },
}

impl SqliteError {
    /// Another process holds a lock.
    pub(crate) fn is_lock(&self) -> bool {
        matches!(
            self.code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        )
    }

    /// The statement that failed left no trace, and whatever else is in its transaction is unharmed.
    ///
    /// After all other errors SQLite may have rolled back everything, and recommends to do so.
    pub(crate) fn harms_no_other_write(&self) -> bool {
        matches!(self, Self::Senseless { .. } | Self::Values(_))
            || matches!(
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
        let damaged = matches!(
            error.code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        );
        let (store, senseless) = ("sqlite", matches!(error, SqliteError::Senseless { .. }));
        let source: Cause = Box::new(error);
        if damaged || senseless {
            Self::Corrupt { store, source }
        } else {
            Self::Unavailable { store, source }
        }
    }
}

/// Which rule of a table an insert would have broken.
pub(crate) enum Clash {
    /// Another row has this id.
    Id,
    /// Another row has the value of a unique column.
    Value,
}

/// The clash that `error` reports, if it is one.
pub(crate) fn clash(error: &rusqlite::Error) -> Option<Clash> {
    match error.sqlite_extended_error_code()? {
        SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_ROWID => Some(Clash::Id),
        SQLITE_CONSTRAINT_UNIQUE => Some(Clash::Value),
        _ => None,
    }
}

/// Why a database cannot be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file is no SQLite database, or a damaged one.
    #[error("{} is not a database, or is damaged", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: Cause,
    },
    /// The file is a database, but somebody else's.
    #[error("{} is the database of another program", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A later version of this program has changed the layout.
    #[error(
        "{} has layout {found}, but this program knows layouts up to {known} only: use a newer version",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The layout that it has.
        found: i64,
        /// The latest layout that this program knows.
        known: i64,
    },
    /// The file may not be written to.
    #[error("{} cannot be written to", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: Cause,
    },
    /// Another process kept it locked for longer than we wait.
    #[error("{} is locked by another process", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: Cause,
    },
    /// There is no such file, and none can be made.
    #[error("{} cannot be opened or created", path.display())]
    CannotCreate {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: Cause,
    },
    /// The disk is full.
    #[error("there is no room on the disk for {}", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: Cause,
    },
    /// Anything else.
    #[error("{} cannot be used as a database", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: Cause,
    },
}

impl OpenError {
    pub(crate) fn from_sqlite(path: &Path, error: SqliteError) -> Self {
        let path = path.to_owned();
        match error {
            SqliteError::Foreign => Self::Foreign { path },
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
