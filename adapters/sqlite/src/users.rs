//! The user store. Each write is one statement, so it is atomic.

use std::sync::Arc;

use kunci_domain::ports::{Committed, StoreError, Updated, UserInserted, UserStore};
use kunci_domain::{EmailAddress, User, UserId, Username};

use crate::Database;
use crate::accounts::users;

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

impl UserStore for SqliteUserStore {
    fn insert(&self, user: &User) -> Result<UserInserted, StoreError> {
        let user = user.clone();
        let committed = self
            .database
            .write(move |connection| users::insert(connection, &user))?;
        Ok(match committed {
            Committed::NameTaken => UserInserted::NameTaken,
            Committed::Collision => UserInserted::Collision,
            _ => UserInserted::Done,
        })
    }

    fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        users::find_cached(&self.database, id)
    }

    fn find_by_name(&self, name: &Username) -> Result<Option<User>, StoreError> {
        self.database
            .read(|connection| users::find_by_name(connection, name))
    }

    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Result<Vec<User>, StoreError> {
        self.database
            .read(|connection| users::find_by_address(connection, address, limit))
    }

    fn update(&self, user: &User) -> Result<Updated, StoreError> {
        let user = user.clone();
        let committed = self
            .database
            .write(move |connection| users::replace(connection, &user))?;
        Ok(match committed {
            Committed::Stale => Updated::Stale,
            Committed::Gone => Updated::Gone,
            _ => Updated::Done,
        })
    }

    fn delete(&self, id: UserId) -> Result<bool, StoreError> {
        self.database
            .write(move |connection| users::delete(connection, id))
    }

    fn list(&self, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError> {
        self.database
            .read(|connection| users::list(connection, after, limit))
    }
}
