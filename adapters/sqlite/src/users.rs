//! The user store. Each write is one statement, so it is atomic.

use std::sync::Arc;

use kunci_domain::ports::{StoreError, Updated, UserInserted, UserStore};
use kunci_domain::{EmailAddress, User, UserId, Username};
use rusqlite::{Connection, OptionalExtension, Params, params};

use crate::Database;
use crate::error::{SqliteError, Violation, violation};
use crate::row_cache::{Row, RowId};
use crate::rows::{UserRow, read_user, user_columns};

/// The users in a [`SqliteStore`](crate::SqliteStore).
#[derive(Debug, Clone)]
pub struct SqliteUserStore {
    database: Arc<Database>,
}

impl SqliteUserStore {
    pub(crate) const fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

/// Selects the users who confirmed an address. The collation ignores the case of ASCII letters only.
pub(crate) const BY_ADDRESS: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM users WHERE email = ?1 COLLATE NOCASE AND email_confirmed_at IS NOT NULL \
     ORDER BY folded_name LIMIT ?2"
);

impl UserStore for SqliteUserStore {
    fn insert(&self, user: &User) -> Result<UserInserted, StoreError> {
        const SQL: &str = concat!(
            "INSERT INTO users (",
            user_columns!(),
            ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
        );
        let row = UserRow::of(user);
        self.database.write(move |connection| {
            let error = match connection.prepare_cached(SQL)?.execute(&row.columns()[..]) {
                Ok(_) => return Ok(UserInserted::Done),
                Err(error) => error,
            };
            match violation(&error) {
                Some(Violation::Value) => Ok(UserInserted::NameTaken),
                Some(Violation::Id) => Ok(UserInserted::Collision),
                None => Err(error.into()),
            }
        })
    }

    fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        const SQL: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE id = ?1");
        let id = id.as_i64();
        let found = self.database.read_cached(RowId::User(id), |connection| {
            Ok(find(connection, SQL, [id])?.map(Row::from))
        })?;
        Ok(found.and_then(Row::into_user))
    }

    fn find_by_name(&self, name: &Username) -> Result<Option<User>, StoreError> {
        const SQL: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE folded_name = ?1");
        self.database
            .read(|connection| find(connection, SQL, [name.folded()]))
    }

    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Result<Vec<User>, StoreError> {
        self.database
            .read(|connection| find_all(connection, BY_ADDRESS, params![address.as_str(), limit]))
    }

    fn update(&self, user: &User) -> Result<Updated, StoreError> {
        const SQL: &str =
            "UPDATE users SET email = ?3, password_hash = ?4, role = ?5, disabled = ?6, epoch = ?7,
            password_changed_at = ?8, email_confirmed_at = ?9, totp_seed = ?10, totp_last_step = ?11,
            recovery_codes = ?12, second_factor_since = ?13, revision = revision + 1
            WHERE id = ?1 AND revision = ?2";
        let row = UserRow::of(user);
        self.database.write(move |connection| {
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
                0 if exists(connection, row.id)? => Ok(Updated::Stale),
                0 => Ok(Updated::Gone),
                _ => Ok(Updated::Done),
            }
        })
    }

    fn delete(&self, id: UserId) -> Result<bool, StoreError> {
        const SQL: &str = "DELETE FROM users WHERE id = ?1";
        self.database.write(move |connection| {
            let removed = connection.prepare_cached(SQL)?.execute([id.as_i64()])?;
            Ok(0 < removed)
        })
    }

    fn list(&self, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError> {
        // No folded name is empty, so the empty one comes before all of them.
        const SQL: &str = concat!(
            "SELECT ",
            user_columns!(),
            " FROM users WHERE ?1 < folded_name ORDER BY folded_name LIMIT ?2"
        );
        let after = after.map_or("", Username::folded);
        self.database
            .read(|connection| find_all(connection, SQL, params![after, limit]))
    }
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

fn exists(connection: &Connection, id: i64) -> Result<bool, SqliteError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM users WHERE id = ?1")?;
    let found: Option<i64> = statement.query_row([id], |row| row.get(0)).optional()?;
    Ok(found.is_some())
}
