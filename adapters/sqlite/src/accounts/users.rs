//! Reads and writes the table `users`.

use kunci_domain::ports::{Committed, StoreError};
use kunci_domain::{Admission, EmailAddress, PasswordHash, User, UserId, Username};
use rusqlite::{Connection, Params, params};

use crate::Database;
use crate::error::{SqliteError, Violation, violation};
use crate::row_cache::{Row, RowId};
use crate::rows::{UserRow, admission_columns, read_admission, read_password_hash, read_user, user_columns};
use crate::wal_index::DatabaseState;

/// Selects the users who confirmed an address. The collation ignores the case of ASCII letters only.
pub(crate) const BY_ADDRESS: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM users WHERE email = ?1 COLLATE NOCASE AND email_confirmed_at IS NOT NULL \
     ORDER BY folded_name LIMIT ?2"
);

pub(crate) const SAMPLE_HASHES: &str = "
    SELECT * FROM (SELECT id, password_hash FROM users WHERE ?1 <= id ORDER BY id LIMIT ?2)
    UNION ALL
    SELECT * FROM (SELECT id, password_hash FROM users WHERE id < ?1 ORDER BY id LIMIT ?2)
    LIMIT ?2";

/// Returns the part of a user that a session check needs, from the cache or the file.
pub(crate) fn find_admission(
    database: &Database,
    state: Option<DatabaseState>,
    id: UserId,
) -> Result<Option<Admission>, StoreError> {
    const SQL: &str = concat!("SELECT ", admission_columns!(), " FROM users WHERE id = ?1");
    let id = id.as_i64();
    let found = database.read_cached(state, RowId::User(id), |connection| {
        let mut statement = connection.prepare_cached(SQL)?;
        let mut found = statement.query([id])?;
        let admission = found.next()?.map(read_admission).transpose()?;
        Ok(admission.map(Row::from))
    })?;
    Ok(found.and_then(Row::into_user))
}

pub(crate) fn find_by_id(connection: &Connection, id: UserId) -> Result<Option<User>, SqliteError> {
    const SQL: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE id = ?1");
    find(connection, SQL, [id.as_i64()])
}

pub(crate) fn find_by_name(connection: &Connection, name: &Username) -> Result<Option<User>, SqliteError> {
    const SQL: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE folded_name = ?1");
    find(connection, SQL, [name.folded()])
}

pub(crate) fn find_by_address(
    connection: &Connection,
    address: &EmailAddress,
    limit: u32,
) -> Result<Vec<User>, SqliteError> {
    find_all(connection, BY_ADDRESS, params![address.as_str(), limit])
}

pub(crate) fn list(
    connection: &Connection,
    after: Option<&Username>,
    limit: u32,
) -> Result<Vec<User>, SqliteError> {
    // No folded name is empty, so the empty one comes before all of them.
    const SQL: &str = concat!(
        "SELECT ",
        user_columns!(),
        " FROM users WHERE ?1 < folded_name ORDER BY folded_name LIMIT ?2"
    );
    let after = after.map_or("", Username::folded);
    find_all(connection, SQL, params![after, limit])
}

/// Returns the hashes of the users with the lowest ids from `from` on, and then of those with the lowest ids.
pub(crate) fn sample_hashes(
    connection: &Connection,
    from: UserId,
    limit: u32,
) -> Result<Vec<(UserId, PasswordHash)>, SqliteError> {
    let mut statement = connection.prepare_cached(SAMPLE_HASHES)?;
    let mut found = statement.query(params![from.as_i64(), limit])?;
    let mut hashes = Vec::new();
    while let Some(row) = found.next()? {
        hashes.push(read_password_hash(row)?);
    }
    Ok(hashes)
}

/// Inserts a user. The constraints of the table refuse an id or a name that is taken.
pub(crate) fn insert(connection: &Connection, user: &User) -> Result<Committed, SqliteError> {
    const SQL: &str = concat!(
        "INSERT INTO users (",
        user_columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
    );
    let row = UserRow::of(user);
    let error = match connection.prepare_cached(SQL)?.execute(&row.columns()[..]) {
        Ok(_) => return Ok(Committed::Done),
        Err(error) => error,
    };
    match violation(&error) {
        // The folded name is the only unique column of the table.
        Some(Violation::Value) => Ok(Committed::NameTaken),
        Some(Violation::Id) => Ok(Committed::Collision),
        None => Err(error.into()),
    }
}

/// Replaces everything but the id, the name and the time of creation, by compare-and-swap on the revision.
pub(crate) fn replace(connection: &Connection, user: &User) -> Result<Committed, SqliteError> {
    const SQL: &str = "UPDATE users SET email = ?3, password_hash = ?4, role = ?5, disabled = ?6, epoch = ?7,
        password_changed_at = ?8, email_confirmed_at = ?9, totp_seed = ?10, totp_last_step = ?11,
        recovery_codes = ?12, second_factor_since = ?13, revision = revision + 1
        WHERE id = ?1 AND revision = ?2";
    let row = UserRow::of(user);
    let values = params![
        row.id,
        row.revision,
        row.email,
        row.password_hash,
        row.role,
        row.disabled,
        row.epoch,
        row.password_changed_at,
        row.email_confirmed_at,
        row.totp_seed,
        row.totp_last_step,
        row.recovery_codes,
        row.second_factor_since
    ];
    match connection.prepare_cached(SQL)?.execute(values)? {
        0 if exists(connection, row.id)? => Ok(Committed::Stale),
        0 => Ok(Committed::Gone),
        _ => Ok(Committed::Done),
    }
}

/// Deletes a user, and returns whether there was such a user. The caller deletes what belongs to the user.
pub(crate) fn delete(connection: &Connection, id: UserId) -> Result<bool, SqliteError> {
    const SQL: &str = "DELETE FROM users WHERE id = ?1";
    Ok(0 < connection.prepare_cached(SQL)?.execute([id.as_i64()])?)
}

/// Returns whether there is no user at all.
pub(crate) fn is_empty(connection: &Connection) -> Result<bool, SqliteError> {
    const SQL: &str = "SELECT NOT EXISTS (SELECT 1 FROM users)";
    Ok(connection.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
}

pub(crate) fn exists(connection: &Connection, id: i64) -> Result<bool, SqliteError> {
    const SQL: &str = "SELECT EXISTS (SELECT 1 FROM users WHERE id = ?1)";
    Ok(connection
        .prepare_cached(SQL)?
        .query_row([id], |row| row.get(0))?)
}

fn find(connection: &Connection, sql: &str, by: impl Params) -> Result<Option<User>, SqliteError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query(by)?;
    found.next()?.map(read_user).transpose()
}

fn find_all(connection: &Connection, sql: &str, by: impl Params) -> Result<Vec<User>, SqliteError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query(by)?;
    let mut users = Vec::new();
    while let Some(row) = found.next()? {
        users.push(read_user(row)?);
    }
    Ok(users)
}
