//! The layout of the file: its application id, its version, and the migrations to the latest version.
//!
//! There are no downgrades. A released migration is never edited; the next one corrects its mistakes.

use kunci_domain::EmailAddress;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::error::SqliteError;

/// What migrates each version to the next. The first creates all tables.
const MIGRATIONS: &[Migration] = &[
    Migration::Sql(include_str!("../migrations/0001_sessions_and_users.sql")),
    Migration::Sql(include_str!("../migrations/0002_origin_of_sessions.sql")),
    Migration::Sql(include_str!("../migrations/0003_tokens_and_history.sql")),
    Migration::Sql(include_str!("../migrations/0004_actor_of_events.sql")),
    Migration::Sql(include_str!("../migrations/0005_sign_in_state_of_sessions.sql")),
    Migration::Sql(include_str!("../migrations/0006_previous_key_of_sessions.sql")),
    Migration::Sql(include_str!("../migrations/0007_links_to_reset_passwords.sql")),
    Migration::Sql(include_str!("../migrations/0008_budgets.sql")),
    Migration::Code(unify_addresses),
];

/// A step from one version to the next.
enum Migration {
    /// Statements.
    Sql(&'static str),
    /// A function, for what SQL cannot do.
    Code(fn(&Connection) -> Result<(), SqliteError>),
}

impl Migration {
    fn run(&self, connection: &Connection) -> Result<(), SqliteError> {
        match self {
            Self::Sql(sql) => Ok(connection.execute_batch(sql)?),
            Self::Code(run) => run(connection),
        }
    }
}

/// The application id of Kunci's files: the letters `Kunc`. The `file` command knows where to find them.
const APPLICATION_ID: i64 = 0x4b75_6e63;

/// Checks that the file is Kunci's or empty, before anything in it is changed. Returns its version.
///
/// It reads in one transaction, so that it never sees half of another process's first migration.
pub(crate) fn check(connection: &Connection) -> Result<i64, SqliteError> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
    version(&transaction)
}

/// Migrates the file to the latest version, one transaction for each step.
pub(crate) fn migrate(connection: &Connection) -> Result<(), SqliteError> {
    for (number, migration) in (1..).zip(MIGRATIONS) {
        // The first check takes no write lock, so that an up-to-date file opens while another process writes.
        if check(connection)? < number {
            step(connection, number, migration)?;
        }
    }
    Ok(())
}

fn step(connection: &Connection, number: i64, migration: &Migration) -> Result<(), SqliteError> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Another process may have migrated the file before this one got the lock.
    if version(&transaction)? < number {
        migration.run(&transaction)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", number)?;
        tracing::info!(layout = number, "migrated the database");
    }
    Ok(transaction.commit()?)
}

/// Writes each address beyond ASCII in the form that the domain gives all its spellings, so that it is found
/// by each of them.
fn unify_addresses(connection: &Connection) -> Result<(), SqliteError> {
    const READ: &str = "SELECT id, email FROM users WHERE email GLOB '*[^ -~]*' OR email LIKE '%xn--%'";
    let mut statement = connection.prepare(READ)?;
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let found: Vec<(i64, String)> = found.collect::<Result<_, _>>()?;
    for (id, text) in found {
        // An address that cannot be parsed is reported when the account is read.
        if let Ok(address) = EmailAddress::parse(&text) {
            let values = params![id, address.as_str()];
            connection.execute("UPDATE users SET email = ?2 WHERE id = ?1", values)?;
        }
    }
    Ok(())
}

/// Returns the number of migrations that the file has had. It runs several queries and needs a transaction.
fn version(connection: &Connection) -> Result<i64, SqliteError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found = integer(connection, "user_version")?;
    match integer(connection, "application_id")? {
        APPLICATION_ID if known < found => Err(SqliteError::Newer { found, known }),
        APPLICATION_ID => Ok(found),
        0 if found == 0 && is_empty(connection)? => Ok(0),
        _ => Err(SqliteError::Foreign),
    }
}

fn is_empty(connection: &Connection) -> Result<bool, SqliteError> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

fn integer(connection: &Connection, pragma: &str) -> Result<i64, SqliteError> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}
