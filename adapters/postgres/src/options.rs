//! The options of a database. Its URL is a separate argument of `PostgresStore::open`.

use std::time::Duration;

/// How a database is used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PostgresOptions {
    /// The most connections that are open at a time.
    pub pool_size: usize,
    /// How long a call waits for a connection: for one that another call uses, or for a new one.
    pub connect_timeout: Duration,
    /// How long a call waits for a statement. The server ends the statement then. If the server does not answer
    /// either, the connection is given up [`PostgresOptions::GRACE`] later.
    pub query_timeout: Duration,
}

impl PostgresOptions {
    /// How much longer than the server a call waits for the end of a statement.
    pub const GRACE: Duration = Duration::from_secs(1);
}

impl Default for PostgresOptions {
    /// Returns 16 connections, and 5 seconds for both timeouts.
    fn default() -> Self {
        Self {
            pool_size: 16,
            connect_timeout: Duration::from_secs(5),
            query_timeout: Duration::from_secs(5),
        }
    }
}
