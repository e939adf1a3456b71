//! Stores sessions, accounts and their history in a PostgreSQL database, which several servers may share.
//!
//! A session check, and each write of a session, is one round trip. A change of accounts is one transaction.
//! The tables are created by the first connection; their names begin with `kunci_`, so that an application
//! can keep its own beside them.
//!
//! ```no_run
//! use kunci_domain::ports::{AccountStore, SessionStore};
//! use kunci_postgres::{PostgresOptions, PostgresStore, PostgresUrl};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let url = PostgresUrl::parse("postgres://kunci@localhost/kunci")?;
//! let store = PostgresStore::open(url, PostgresOptions::default())?;
//! let sessions: Box<dyn SessionStore> = Box::new(store.sessions());
//! let accounts: Box<dyn AccountStore> = Box::new(store.accounts());
//! # Ok(())
//! # }
//! ```
//!
//! Calls block, and must not come from a thread of an async runtime.

mod accounts;
mod connection;
mod connector;
mod error;
mod migrations;
mod options;
mod pool;
mod rows;
mod session_check;
mod sessions;
mod tls;
mod url;

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use kunci_domain::ports::{Health, StoreError};

use crate::connection::Connection;
use crate::connector::Connector;
use crate::error::PgError;
use crate::pool::Pool;
use crate::rows::Fields;

pub use accounts::PostgresAccountStore;
pub use error::OpenError;
pub use options::PostgresOptions;
pub use session_check::PostgresSessionCheck;
pub use sessions::PostgresSessionStore;
pub use url::PostgresUrl;

/// The most memory that an open connection uses, in bytes: its buffers, its statements, and the largest
/// session.
pub const CONNECTION_BYTES: u64 = 2 * 1024 * 1024;

/// How often a transaction is tried that loses against others.
const ATTEMPTS: u32 = 10;

/// A database. It is cheap to clone; all clones share their connections.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    database: Arc<Database>,
}

impl PostgresStore {
    /// Connects to a database, and creates or migrates the tables of Kunci.
    ///
    /// If the server cannot be reached, the store is opened nevertheless: its calls fail, until one of them
    /// reaches the server.
    ///
    /// # Errors
    /// Any [`OpenError`]; each says in one line what is wrong, without a password.
    pub fn open(url: PostgresUrl, options: PostgresOptions) -> Result<Self, OpenError> {
        let server = url.server();
        let database = Database {
            pool: Pool::new(Connector::new(url, options)?),
            server,
        };
        match database.pool.with(|_| Ok(())) {
            Err(error) if error.is_unreachable() => {
                tracing::warn!(server = database.server, "the database cannot be reached");
            }
            result => result.map_err(|error| OpenError::new(database.server.clone(), error))?,
        }
        Ok(Self {
            database: Arc::new(database),
        })
    }

    /// Returns the store of the sessions in this database.
    #[must_use]
    pub fn sessions(&self) -> PostgresSessionStore {
        PostgresSessionStore::new(Arc::clone(&self.database))
    }

    /// Returns the look-up of sessions together with their users.
    #[must_use]
    pub fn session_check(&self) -> PostgresSessionCheck {
        PostgresSessionCheck::new(Arc::clone(&self.database))
    }

    /// Returns the store of the accounts in this database.
    #[must_use]
    pub fn accounts(&self) -> PostgresAccountStore {
        PostgresAccountStore::new(Arc::clone(&self.database))
    }
}

/// Reports a server that accepts no writes, such as a standby.
impl Health for PostgresStore {
    fn check(&self) -> Result<(), StoreError> {
        self.database.read(|connection| {
            let row = connection.query_first("SHOW transaction_read_only", &[])?;
            let mode: Option<String> = row.map(|row| Fields::of(&row).read()).transpose()?;
            match mode.as_deref() {
                Some("on") => Err(PgError::ReadOnly),
                _ => Ok(()),
            }
        })
    }
}

/// The connections that all stores of a database share.
struct Database {
    pool: Pool,
    /// The server and the database, for messages.
    server: String,
}

impl Database {
    /// Runs queries. If the connection is found to be lost, they are repeated once on a new one.
    fn read<T>(&self, work: impl Fn(&mut Connection) -> Result<T, PgError>) -> Result<T, StoreError> {
        match self.pool.with(&work) {
            Err(error) if error.ends_connection() && !matches!(error, PgError::Deadline) => {
                self.pool.close_idle();
                Ok(self.pool.with(work)?)
            }
            result => Ok(result?),
        }
    }

    /// Runs one statement that writes, or one transaction. It is repeated if the server has refused it because
    /// of a conflict with another transaction.
    fn write<T>(&self, work: impl Fn(&mut Connection) -> Result<T, PgError>) -> Result<T, StoreError> {
        for attempt in 1..ATTEMPTS {
            match self.pool.with(&work) {
                Err(error) if error.is_conflict() => thread::sleep(pause(attempt)),
                result => return Ok(result?),
            }
        }
        Ok(self.pool.with(work)?)
    }
}

/// Returns how long to wait before an attempt is repeated: longer each time, up to a tenth of a second.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis((1 << attempt.min(6)).min(100))
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}
