//! Reads and writes the table `kunci_users`.

use kunci_domain::ports::Committed;
use kunci_domain::{EmailAddress, PasswordHash, User, UserId, Username};

use crate::connection::{Connection, Values};
use crate::error::PgError;
use crate::rows::{UserRow, folded_email, read_password_hash, read_user, user_columns};

pub(crate) fn find_by_id(connection: &mut Connection, id: UserId) -> Result<Option<User>, PgError> {
    const SQL: &str = concat!("SELECT ", user_columns!(), " FROM kunci_users WHERE id = $1");
    let row = connection.query_first(SQL, &[&id.as_i64()])?;
    row.as_ref().map(read_user).transpose()
}

pub(crate) fn find_by_name(connection: &mut Connection, name: &Username) -> Result<Option<User>, PgError> {
    const SQL: &str = concat!(
        "SELECT ",
        user_columns!(),
        " FROM kunci_users WHERE folded_name = $1"
    );
    let row = connection.query_first(SQL, &[&name.folded().as_bytes()])?;
    row.as_ref().map(read_user).transpose()
}

/// Returns the users who confirmed an address.
pub(crate) fn find_by_address(
    connection: &mut Connection,
    address: &EmailAddress,
    limit: u32,
) -> Result<Vec<User>, PgError> {
    const SQL: &str = concat!(
        "SELECT ",
        user_columns!(),
        " FROM kunci_users WHERE folded_email = $1 AND email_confirmed_at IS NOT NULL \
         ORDER BY folded_name LIMIT $2"
    );
    find_all(connection, SQL, &[&folded_email(address), &i64::from(limit)])
}

pub(crate) fn list(
    connection: &mut Connection,
    after: Option<&Username>,
    limit: u32,
) -> Result<Vec<User>, PgError> {
    // No folded name is empty, so the empty one comes before all of them.
    const SQL: &str = concat!(
        "SELECT ",
        user_columns!(),
        " FROM kunci_users WHERE $1 < folded_name ORDER BY folded_name LIMIT $2"
    );
    let after = after.map_or("", Username::folded).as_bytes();
    find_all(connection, SQL, &[&after, &i64::from(limit)])
}

/// Returns the hashes of the users with the lowest ids from `from` on, and then of those with the lowest ids.
pub(crate) fn sample_hashes(
    connection: &mut Connection,
    from: UserId,
    limit: u32,
) -> Result<Vec<(UserId, PasswordHash)>, PgError> {
    const SQL: &str = "
        (SELECT id, password_hash FROM kunci_users WHERE $1 <= id ORDER BY id LIMIT $2)
        UNION ALL
        (SELECT id, password_hash FROM kunci_users WHERE id < $1 ORDER BY id LIMIT $2)
        LIMIT $2";
    let rows = connection.query(SQL, &[&from.as_i64(), &i64::from(limit)])?;
    rows.iter().map(read_password_hash).collect()
}

/// Inserts a user. The constraints of the table refuse an id or a name that is taken.
pub(crate) fn insert(connection: &mut Connection, user: &User) -> Result<Committed, PgError> {
    const SQL: &str = concat!(
        "INSERT INTO kunci_users (",
        user_columns!(),
        ", folded_email) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
    );
    match connection.execute(SQL, &UserRow::of(user).columns()) {
        Ok(_) => Ok(Committed::Done),
        Err(error) => match error.taken() {
            Some("kunci_users_name") => Ok(Committed::NameTaken),
            Some(_) => Ok(Committed::Collision),
            None => Err(error),
        },
    }
}

/// Replaces everything but the id, the name and the time of creation, by compare-and-swap on the revision.
pub(crate) fn replace(connection: &mut Connection, user: &User) -> Result<Committed, PgError> {
    const SQL: &str = "UPDATE kunci_users SET email = $3, folded_email = $4, password_hash = $5, role = $6,
        disabled = $7, epoch = $8, password_changed_at = $9, email_confirmed_at = $10, totp_seed = $11,
        totp_last_step = $12, recovery_codes = $13, second_factor_since = $14, revision = revision + 1
        WHERE id = $1 AND revision = $2";
    let row = UserRow::of(user);
    let values: Values<'_> = &[
        &row.id,
        &row.revision,
        &row.email,
        &row.folded_email,
        &row.password_hash,
        &row.role,
        &row.disabled,
        &row.epoch,
        &row.password_changed_at,
        &row.email_confirmed_at,
        &row.totp_seed,
        &row.totp_last_step,
        &row.recovery_codes,
        &row.second_factor_since,
    ];
    match connection.execute(SQL, values)? {
        0 if exists(connection, row.id)? => Ok(Committed::Stale),
        0 => Ok(Committed::Gone),
        _ => Ok(Committed::Done),
    }
}

/// Deletes a user, and returns whether there was such a user. The caller deletes what belongs to the user.
pub(crate) fn delete(connection: &mut Connection, id: UserId) -> Result<bool, PgError> {
    const SQL: &str = "DELETE FROM kunci_users WHERE id = $1";
    Ok(0 < connection.execute(SQL, &[&id.as_i64()])?)
}

/// Locks users, in the order of their ids, until the end of the transaction.
pub(crate) fn lock(connection: &mut Connection, ids: &[i64]) -> Result<(), PgError> {
    const SQL: &str = "SELECT id FROM kunci_users WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    connection.query(SQL, &[&ids]).map(|_| ())
}

/// Returns whether there is no user at all. Until the end of the transaction, other transactions that ask wait.
pub(crate) fn is_empty(connection: &mut Connection) -> Result<bool, PgError> {
    const LOCK: &str = "UPDATE kunci_locks SET taken = taken + 1 WHERE name = 'first_user'";
    connection.execute(LOCK, &[])?;
    Ok(connection
        .query_first("SELECT id FROM kunci_users LIMIT 1", &[])?
        .is_none())
}

/// Returns whether a user exists, who then cannot be deleted until the end of the transaction.
pub(crate) fn keep(connection: &mut Connection, id: Option<UserId>) -> Result<bool, PgError> {
    const SQL: &str = "SELECT id FROM kunci_users WHERE id = $1 FOR KEY SHARE";
    let id = id.map(UserId::as_i64);
    Ok(connection.query_first(SQL, &[&id])?.is_some())
}

fn exists(connection: &mut Connection, id: i64) -> Result<bool, PgError> {
    const SQL: &str = "SELECT id FROM kunci_users WHERE id = $1";
    Ok(connection.query_first(SQL, &[&id])?.is_some())
}

fn find_all(connection: &mut Connection, sql: &'static str, by: Values<'_>) -> Result<Vec<User>, PgError> {
    let rows = connection.query(sql, by)?;
    rows.iter().map(read_user).collect()
}
