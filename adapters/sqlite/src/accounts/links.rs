//! Reads and writes the links, which the table `tokens` keeps.

use kunci_domain::{LinkKey, OneTimeToken, Purpose, Timestamp, UserId};
use rusqlite::{Connection, params};

use crate::error::{SqliteError, Violation, violation};
use crate::rows::{TokenRow, read_token, token_columns};

/// Inserts a link, or replaces the earlier link of the same account and purpose, if the purpose has one link.
///
/// The condition of the index says which purposes have one. The conflict clause repeats it.
///
/// If the key exists, the primary key refuses it. If it is the key of the replaced link, the last line does.
const ISSUE: &str = concat!(
    "INSERT INTO tokens (",
    token_columns!(),
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ",
    "ON CONFLICT (user_id, purpose) WHERE user_id IS NOT NULL AND purpose <> 'reset_password' ",
    "DO UPDATE SET (",
    token_columns!(),
    ") = (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ",
    "WHERE key <> ?1"
);

pub(crate) const LIST: &str = concat!(
    "SELECT ",
    token_columns!(),
    " FROM tokens WHERE purpose = ?1 AND ?2 < key AND 0 < uses_left AND ?3 < expires_at ORDER BY key LIMIT ?4"
);

pub(crate) const REVOKE_ALL_OF: &str = "DELETE FROM tokens WHERE user_id = ?1";

pub(crate) const REVOKE_ALL_FOR: &str = "DELETE FROM tokens WHERE purpose = ?1";

pub(crate) const PURGE: &str = "DELETE FROM tokens WHERE key IN (
    SELECT key FROM tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2
)";

/// Returns the link with a key, if it is live.
pub(crate) fn find(
    connection: &Connection,
    key: &LinkKey,
    now: Timestamp,
) -> Result<Option<OneTimeToken>, SqliteError> {
    const SQL: &str = concat!("SELECT ", token_columns!(), " FROM tokens WHERE key = ?1");
    let mut statement = connection.prepare_cached(SQL)?;
    let mut found = statement.query([key.as_bytes()])?;
    let link = found.next()?.map(read_token).transpose()?;
    Ok(link.filter(|link| link.is_live(now)))
}

pub(crate) fn list(
    connection: &Connection,
    purpose: Purpose,
    after: Option<&LinkKey>,
    limit: u32,
    now: Timestamp,
) -> Result<Vec<OneTimeToken>, SqliteError> {
    // No key is empty, so the empty one comes before all of them.
    let after: &[u8] = after.map_or(&[], |key| key.as_bytes());
    let mut statement = connection.prepare_cached(LIST)?;
    let mut found = statement.query(params![purpose.as_str(), after, now.unix_millis(), limit])?;
    let mut links = Vec::new();
    while let Some(row) = found.next()? {
        links.push(read_token(row)?);
    }
    Ok(links)
}

/// Inserts a link, which replaces the other of its account and purpose, if the purpose has one link. Returns
/// whether its key was new.
pub(crate) fn issue(connection: &Connection, link: &OneTimeToken) -> Result<bool, SqliteError> {
    let row = TokenRow::of(link);
    match connection.prepare_cached(ISSUE)?.execute(&row.columns()[..]) {
        Ok(inserted) => Ok(0 < inserted),
        Err(error) if matches!(violation(&error), Some(Violation::Id)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Spends one use of a link if it is live and has this purpose, and returns whether it was spent.
///
/// It needs a transaction that holds the write lock, so that no other write comes between its statements.
pub(crate) fn spend(
    connection: &Connection,
    key: &LinkKey,
    purpose: Purpose,
    now: Timestamp,
) -> Result<bool, SqliteError> {
    const SQL: &str = "UPDATE tokens SET uses_left = uses_left - 1 WHERE key = ?1";
    // The row is read first, so that an invalid row loses no use.
    let is_usable = find(connection, key, now)?.is_some_and(|link| link.purpose == purpose);
    if is_usable {
        connection.prepare_cached(SQL)?.execute([key.as_bytes()])?;
    }
    Ok(is_usable)
}

/// Revokes a link if it is live, and returns whether it was.
///
/// A row with a negative number of uses is invalid. It counts as live here, so that it can be removed.
pub(crate) fn revoke(connection: &Connection, key: &LinkKey, now: Timestamp) -> Result<bool, SqliteError> {
    const SQL: &str = "DELETE FROM tokens WHERE key = ?1 AND uses_left <> 0 AND ?2 < expires_at";
    let mut statement = connection.prepare_cached(SQL)?;
    let removed = statement.execute(params![key.as_bytes(), now.unix_millis()])?;
    Ok(0 < removed)
}

/// Revokes all links of an account.
pub(crate) fn revoke_all_of(connection: &Connection, user: UserId) -> Result<(), SqliteError> {
    connection
        .prepare_cached(REVOKE_ALL_OF)?
        .execute([user.as_i64()])?;
    Ok(())
}

/// Revokes all links of a purpose.
pub(crate) fn revoke_all_for(connection: &Connection, purpose: Purpose) -> Result<(), SqliteError> {
    connection
        .prepare_cached(REVOKE_ALL_FOR)?
        .execute([purpose.as_str()])?;
    Ok(())
}

/// Removes at most `limit` expired links and returns how many.
pub(crate) fn purge_expired(connection: &Connection, now: Timestamp, limit: u32) -> Result<u64, SqliteError> {
    let mut statement = connection.prepare_cached(PURGE)?;
    Ok(statement.execute([now.unix_millis(), i64::from(limit)])? as u64)
}
