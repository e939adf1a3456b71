//! One connection: the driver's client and the runtime that moves its bytes, behind blocking calls with
//! deadlines.
//!
//! The crate `postgres` wraps the same client, but waits without a limit for a server that accepts connections
//! and does not answer.

use std::collections::HashMap;
use std::future::Future;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::config::Config;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::PgError;
use crate::options::PostgresOptions;

/// The values of the parameters of a statement.
pub(crate) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection that was used this recently is assumed to be open. Any other is asked first.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// An open connection.
pub(crate) struct Connection {
    /// Dropped before the runtime.
    client: Client,
    runtime: Runtime,
    statements: HashMap<&'static str, Statement>,
    deadline: Duration,
    used_at: Instant,
    is_lost: bool,
    in_transaction: bool,
}

impl Connection {
    /// Connects to the first server of the URL that answers.
    pub(crate) fn open(
        config: &Config,
        tls: Option<&MakeRustlsConnect>,
        options: &PostgresOptions,
    ) -> Result<Self, PgError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(PgError::Io)?;
        let connected = runtime.block_on(within(options.connect_timeout, async {
            match tls {
                Some(tls) => Ok(drive(config.connect(tls.clone()).await?)),
                None => Ok(drive(config.connect(NoTls).await?)),
            }
        }));
        let client = match connected {
            Ok(client) => client,
            Err(error) => {
                // A look-up of the host may still be running. Dropping the runtime would wait for it.
                runtime.shutdown_background();
                return Err(error);
            }
        };
        let mut connection = Self {
            client,
            runtime,
            statements: HashMap::new(),
            deadline: options.query_timeout + PostgresOptions::GRACE,
            used_at: Instant::now(),
            is_lost: false,
            in_transaction: false,
        };
        let millis = options.query_timeout.as_millis();
        // Statements check their conditions again after a wait, which needs this isolation. A node that stops in
        // the middle of a transaction must not keep its locks.
        connection.batch(&format!(
            "SET default_transaction_isolation = 'read committed'; SET statement_timeout = {millis}; \
             SET idle_in_transaction_session_timeout = {millis}"
        ))?;
        Ok(connection)
    }

    /// Returns whether the connection can be used. Asks the server if it was not used for a second.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.runtime.block_on(notice_end());
        if self.is_usable() && TRUSTED_FOR < self.used_at.elapsed() {
            // The outcome is in the state of the connection.
            let _ = self.batch("");
        }
        self.is_usable()
    }

    /// Returns whether the connection can be used, as far as is known here.
    pub(crate) fn is_usable(&self) -> bool {
        !self.is_lost && !self.in_transaction && !self.client.is_closed()
    }

    /// Runs a statement that writes, and returns the number of rows. Outside a transaction, it is committed.
    ///
    /// # Errors
    /// [`PgError::Unanswered`] if the statement was sent and its answer was lost.
    pub(crate) fn execute(&mut self, sql: &'static str, values: Values<'_>) -> Result<u64, PgError> {
        let statement = self.prepare(sql)?;
        let executed = self.run(|client| async move { Ok(client.execute(&statement, values).await?) });
        executed.map_err(PgError::of_write)
    }

    /// Runs a query, and returns its rows.
    pub(crate) fn query(&mut self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, PgError> {
        let statement = self.prepare(sql)?;
        self.run(|client| async move { Ok(client.query(&statement, values).await?) })
    }

    /// Runs a query, and returns its first row.
    pub(crate) fn query_first(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Option<Row>, PgError> {
        Ok(self.query(sql, values)?.into_iter().next())
    }

    /// Runs `work` in a transaction, which is committed if `accepts` its result and rolled back otherwise.
    ///
    /// # Errors
    /// [`PgError::Unanswered`] if the commit was sent and its answer was lost. After any other error, nothing
    /// was changed.
    pub(crate) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, PgError>,
        accepts: impl FnOnce(&T) -> bool,
    ) -> Result<T, PgError> {
        self.batch("BEGIN")?;
        self.in_transaction = true;
        match work(self).map_err(PgError::before_commit) {
            Ok(result) if accepts(&result) => {
                self.batch("COMMIT").map_err(PgError::of_write)?;
                self.in_transaction = false;
                Ok(result)
            }
            // If the connection is closed instead, the server rolls back as well.
            other => {
                self.in_transaction = self.is_lost || self.batch("ROLLBACK").is_err();
                other
            }
        }
    }

    /// Runs statements without values.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), PgError> {
        self.run(|client| async move { Ok(client.batch_execute(sql).await?) })
    }

    /// Prepares a statement, once per connection.
    fn prepare(&mut self, sql: &'static str) -> Result<Statement, PgError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.run(|client| async move { Ok(client.prepare(sql).await?) })?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    fn run<'c, T, F>(&'c mut self, work: impl FnOnce(&'c Client) -> F) -> Result<T, PgError>
    where
        F: Future<Output = Result<T, PgError>>,
    {
        let result = self.runtime.block_on(within(self.deadline, work(&self.client)));
        self.used_at = Instant::now();
        self.is_lost |= result.as_ref().is_err_and(PgError::ends_connection);
        result
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, PgError>>) -> Result<T, PgError> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or(Err(PgError::Deadline))
}

/// Lets the runtime notice that the server has closed the connection: it looks at the socket, and then at what
/// waits for the socket. This needs no answer of the server.
async fn notice_end() {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

/// Lets the runtime move the bytes of a connection whenever it waits for an answer.
fn drive<S, T>((client, connection): (Client, tokio_postgres::Connection<S, T>)) -> Client
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // The client reports the error with which a connection ends.
    tokio::spawn(async { drop(connection.await) });
    client
}
