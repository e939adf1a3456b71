//! Reads and writes the links, which the table `kunci_tokens` keeps.

use kunci_domain::{LinkKey, OneTimeToken, Purpose, Timestamp, UserId};

use crate::connection::Connection;
use crate::error::PgError;
use crate::rows::{TokenRow, read_token, token_columns};

/// Returns the link with a key, if it is live.
pub(crate) fn find(
    connection: &mut Connection,
    key: &LinkKey,
    now: Timestamp,
) -> Result<Option<OneTimeToken>, PgError> {
    const SQL: &str = concat!("SELECT ", token_columns!(), " FROM kunci_tokens WHERE key = $1");
    let row = connection.query_first(SQL, &[&&key.as_bytes()[..]])?;
    let link = row.as_ref().map(read_token).transpose()?;
    Ok(link.filter(|link| link.is_live(now)))
}

pub(crate) fn list(
    connection: &mut Connection,
    purpose: Purpose,
    after: Option<&LinkKey>,
    limit: u32,
    now: Timestamp,
) -> Result<Vec<OneTimeToken>, PgError> {
    const SQL: &str = concat!(
        "SELECT ",
        token_columns!(),
        " FROM kunci_tokens WHERE purpose = $1 AND $2 < key AND 0 < uses_left AND $3 < expires_at \
         ORDER BY key LIMIT $4"
    );
    // No key is empty, so the empty one comes before all of them.
    let after: &[u8] = after.map_or(&[], |key| key.as_bytes());
    let rows = connection.query(
        SQL,
        &[&purpose.as_str(), &after, &now.unix_millis(), &i64::from(limit)],
    )?;
    rows.iter().map(read_token).collect()
}

/// Inserts a link, which replaces the other of its account and purpose, if the purpose has one link. Returns
/// whether its key was new.
///
/// The condition of the index says which purposes have one. The conflict clause repeats it. If the key exists,
/// the primary key refuses it. If it is the key of the replaced link, the last line does.
pub(crate) fn issue(connection: &mut Connection, link: &OneTimeToken) -> Result<bool, PgError> {
    const SQL: &str = concat!(
        "INSERT INTO kunci_tokens (",
        token_columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ",
        "ON CONFLICT (user_id, purpose) WHERE user_id IS NOT NULL AND purpose <> 'reset_password' ",
        "DO UPDATE SET (",
        token_columns!(),
        ") = ($1, $2, $3, $4, $5, $6, $7, $8, $9) ",
        "WHERE kunci_tokens.key <> $1"
    );
    match connection.execute(SQL, &TokenRow::of(link).columns()) {
        Ok(inserted) => Ok(0 < inserted),
        Err(error) if error.taken().is_some() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Spends one use of a link if it is live and has this purpose, and returns whether it was spent.
pub(crate) fn spend(
    connection: &mut Connection,
    key: &LinkKey,
    purpose: Purpose,
    now: Timestamp,
) -> Result<bool, PgError> {
    const SQL: &str = "UPDATE kunci_tokens SET uses_left = uses_left - 1
        WHERE key = $1 AND purpose = $2 AND 0 < uses_left AND $3 < expires_at";
    let key = &key.as_bytes()[..];
    Ok(0 < connection.execute(SQL, &[&key, &purpose.as_str(), &now.unix_millis()])?)
}

/// Revokes a link if it is live, and returns whether it was.
pub(crate) fn revoke(connection: &mut Connection, key: &LinkKey, now: Timestamp) -> Result<bool, PgError> {
    const SQL: &str = "DELETE FROM kunci_tokens WHERE key = $1 AND 0 < uses_left AND $2 < expires_at";
    let key = &key.as_bytes()[..];
    Ok(0 < connection.execute(SQL, &[&key, &now.unix_millis()])?)
}

/// Revokes all links of an account.
pub(crate) fn revoke_all_of(connection: &mut Connection, user: UserId) -> Result<(), PgError> {
    const SQL: &str = "DELETE FROM kunci_tokens WHERE user_id = $1";
    connection.execute(SQL, &[&user.as_i64()]).map(|_| ())
}

/// Revokes all links of a purpose.
pub(crate) fn revoke_all_for(connection: &mut Connection, purpose: Purpose) -> Result<(), PgError> {
    const SQL: &str = "DELETE FROM kunci_tokens WHERE purpose = $1";
    connection.execute(SQL, &[&purpose.as_str()]).map(|_| ())
}

/// Removes at most `limit` expired links and returns how many.
pub(crate) fn purge_expired(connection: &mut Connection, now: Timestamp, limit: u32) -> Result<u64, PgError> {
    const SQL: &str = "DELETE FROM kunci_tokens WHERE key IN (
        SELECT key FROM kunci_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
    )";
    connection.execute(SQL, &[&now.unix_millis(), &i64::from(limit)])
}
