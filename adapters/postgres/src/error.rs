//! Errors: the private error, its only mapping to the ports' error, and the public error of opening.
//!
//! SQLSTATE codes decide the kind of an error, never the text of a message.

use std::error::Error;
use std::sync::Arc;
use std::{fmt, io};

use kunci_domain::ports::{Cause, StoreError};
use thiserror::Error as ThisError;
use tokio_postgres::error::{Severity, SqlState};

/// Why a read or a write failed.
#[derive(Debug, ThisError)]
pub(crate) enum PgError {
    /// The server refused a statement, or there is no connection. Nothing was changed.
    #[error(transparent)]
    Driver(DriverError),
    /// The server ends a statement before this. Nothing is known of a server that does not.
    #[error("PostgreSQL did not answer in time")]
    Deadline,
    /// A write was sent, and its answer was lost.
    #[error("the connection was lost before PostgreSQL acknowledged a write")]
    Unanswered(#[source] Box<PgError>),
    #[error("all connections are in use")]
    Exhausted,
    /// The last attempt to connect failed, now or a moment ago.
    #[error("there is no connection to PostgreSQL")]
    NotConnected(#[source] Arc<PgError>),
    /// Kunci never writes such a value: another program did.
    #[error("the column {column} has an invalid value")]
    InvalidColumn { column: String },
    #[error("the values of a session cannot be written as JSON")]
    Values(#[source] serde_json::Error),
    #[error("the database accepts no writes at present")]
    ReadOnly,
    #[error("the database has layout {found}, but the latest known layout is {known}")]
    Newer { found: i64, known: i64 },
    #[error("the connection cannot be set up")]
    Io(#[source] io::Error),
}

impl PgError {
    /// Returns the SQLSTATE code that the server sent.
    pub(crate) fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Driver(DriverError(error)) => error.code(),
            _ => None,
        }
    }

    /// Returns whether the transaction lost against another one and may succeed when it is repeated.
    pub(crate) fn is_conflict(&self) -> bool {
        let codes = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ];
        self.code().is_some_and(|code| codes.contains(code))
    }

    /// Returns the name of the constraint that a write violates by a value that is taken.
    pub(crate) fn taken(&self) -> Option<&str> {
        match self {
            Self::Driver(DriverError(error)) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => Some(
                error
                    .as_db_error()
                    .and_then(|error| error.constraint())
                    .unwrap_or_default(),
            ),
            _ => None,
        }
    }

    /// Returns whether the connection can no longer be used: it is lost, the server ends it, or it leads to a
    /// server that no longer accepts writes.
    pub(crate) fn ends_connection(&self) -> bool {
        match self {
            Self::Driver(DriverError(error)) => match error.as_db_error() {
                Some(error) => {
                    let is_fatal = matches!(error.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
                    is_fatal || *error.code() == SqlState::READ_ONLY_SQL_TRANSACTION
                }
                None => true,
            },
            Self::Deadline | Self::Unanswered(_) | Self::Io(_) | Self::ReadOnly => true,
            Self::Exhausted
            | Self::NotConnected(_)
            | Self::InvalidColumn { .. }
            | Self::Values(_)
            | Self::Newer { .. } => false,
        }
    }

    /// Returns the error of a write that may have taken effect, unless the server has said that it did not.
    ///
    /// A fatal error ends the connection, possibly after the commit (SQLSTATE class 57P). CockroachDB reports an
    /// unknown outcome by 40003.
    pub(crate) fn of_write(self) -> Self {
        let is_unknown = self.code() == Some(&SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN);
        if is_unknown || (self.ends_connection() && self.code() != Some(&SqlState::READ_ONLY_SQL_TRANSACTION))
        {
            Self::Unanswered(Box::new(self))
        } else {
            self
        }
    }

    /// Returns why there is no connection, or the error itself.
    fn cause(&self) -> &Self {
        match self {
            Self::NotConnected(error) => error,
            error => error,
        }
    }

    /// Returns the error of a statement whose transaction was not committed.
    pub(crate) fn before_commit(self) -> Self {
        match self {
            Self::Unanswered(error) => *error,
            error => error,
        }
    }

    /// Returns whether the server cannot be reached now and may be later. Otherwise it refuses this client.
    pub(crate) fn is_unreachable(&self) -> bool {
        match self {
            Self::Driver(DriverError(error)) => match error.code() {
                Some(code) => {
                    let class = &code.code()[..2];
                    // Shutting down or starting, out of resources, or not a server that accepts connections.
                    ["57", "53", "08"].contains(&class)
                }
                None => {
                    let io = io_error(error).map(io::Error::kind);
                    error.is_closed() || io.is_some_and(|kind| kind != io::ErrorKind::InvalidData)
                }
            },
            Self::Deadline | Self::Unanswered(_) | Self::Exhausted | Self::ReadOnly => true,
            Self::NotConnected(error) => error.is_unreachable(),
            Self::InvalidColumn { .. } | Self::Values(_) | Self::Newer { .. } | Self::Io(_) => false,
        }
    }
}

/// Returns the error of the system that caused an error. rustls reports invalid certificates as invalid data.
fn io_error(error: &tokio_postgres::Error) -> Option<&io::Error> {
    error.source()?.downcast_ref()
}

impl From<tokio_postgres::Error> for PgError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(DriverError(error))
    }
}

/// An error of the driver without the details that the server adds: they can contain rows, and with them the
/// hash of a password.
pub(crate) struct DriverError(tokio_postgres::Error);

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_db_error() {
            Some(error) => write!(f, "{} (SQLSTATE {})", error.message(), error.code().code()),
            None => self.0.fmt(f),
        }
    }
}

impl fmt::Debug for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DriverError({self})")
    }
}

impl Error for DriverError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self.0.as_db_error() {
            Some(_) => None,
            None => self.0.source(),
        }
    }
}

impl From<PgError> for StoreError {
    fn from(error: PgError) -> Self {
        let store = "postgres";
        let (is_unknown, is_corrupt) = (
            matches!(error, PgError::Unanswered(_)),
            matches!(error, PgError::InvalidColumn { .. }),
        );
        let source: Cause = Box::new(error);
        if is_unknown {
            Self::OutcomeUnknown { store, source }
        } else if is_corrupt {
            Self::Corrupt { store, source }
        } else {
            Self::Unavailable { store, source }
        }
    }
}

/// Why a database cannot be opened. No message contains a password.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum OpenError {
    /// A later version of this program has migrated the database.
    #[error(
        "the database at {server} has layout {found}, but this version knows layouts up to {known} only: use a \
         newer version"
    )]
    Newer {
        /// The server and the database.
        server: String,
        /// The layout of the database.
        found: i64,
        /// The latest layout that this version knows.
        known: i64,
    },
    /// The certificates to check the server with cannot be read.
    #[error("the certificates for TLS cannot be read: {0}")]
    Certificates(String),
    /// The server refuses this client, its certificate is not valid, or the tables cannot be created.
    #[error("the database at {server} cannot be used")]
    Refused {
        /// The server and the database.
        server: String,
        /// The cause.
        source: Cause,
    },
}

impl OpenError {
    pub(crate) fn new(server: String, error: PgError) -> Self {
        match error.cause() {
            PgError::Newer { found, known } => Self::Newer {
                server,
                found: *found,
                known: *known,
            },
            _ => Self::Refused {
                server,
                source: Box::new(error),
            },
        }
    }
}
