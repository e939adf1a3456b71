//! The account store: users, the links that act on them, their budgets and their history.
//!
//! A change is one job of the writer thread. It has a savepoint of its own within the transaction of its batch.

pub(crate) mod budgets;
pub(crate) mod change;
pub(crate) mod events;
pub(crate) mod links;
pub(crate) mod users;

use std::sync::Arc;

use kunci_domain::ports::{AccountStore, Committed, StoreError};
use kunci_domain::{
    AccountChange, BudgetKind, BudgetOwner, EmailAddress, Event, LinkKey, OneTimeToken, PasswordHash,
    Purpose, Step, Timestamp, UsedBudget, User, UserId, Username,
};

use crate::Database;

/// The users, links and events in a [`SqliteStore`](crate::SqliteStore).
#[derive(Debug, Clone)]
pub struct SqliteAccountStore {
    database: Arc<Database>,
}

impl SqliteAccountStore {
    pub(crate) const fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

impl AccountStore for SqliteAccountStore {
    fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.database.read(|connection| users::find_by_id(connection, id))
    }

    fn find_by_name(&self, name: &Username) -> Result<Option<User>, StoreError> {
        self.database
            .read(|connection| users::find_by_name(connection, name))
    }

    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Result<Vec<User>, StoreError> {
        self.database
            .read(|connection| users::find_by_address(connection, address, limit))
    }

    fn list(&self, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError> {
        self.database
            .read(|connection| users::list(connection, after, limit))
    }

    fn sample_hashes(&self, from: UserId, limit: u32) -> Result<Vec<(UserId, PasswordHash)>, StoreError> {
        self.database
            .read(|connection| users::sample_hashes(connection, from, limit))
    }

    fn find_link(&self, key: &LinkKey, now: Timestamp) -> Result<Option<OneTimeToken>, StoreError> {
        self.database.read(|connection| links::find(connection, key, now))
    }

    fn list_links(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OneTimeToken>, StoreError> {
        self.database
            .read(|connection| links::list(connection, purpose, after, limit, now))
    }

    fn events(&self, user: UserId, skip: u32, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.database
            .read(|connection| events::list(connection, user, skip, limit))
    }

    fn find_budget(&self, owner: &BudgetOwner, kind: BudgetKind) -> Result<Option<UsedBudget>, StoreError> {
        self.database
            .read(|connection| budgets::find(connection, owner, kind))
    }

    fn commit(&self, change: &AccountChange, now: Timestamp) -> Result<Committed, StoreError> {
        let change = change.clone();
        let reserve = Arc::clone(&self.database.guards.reserve);
        self.database.write(move |connection| {
            if change
                .steps()
                .iter()
                .any(|step| matches!(step, Step::InsertUser(_)))
            {
                reserve.allow_growth()?;
            }
            change::apply(connection, &change, now)
        })
    }

    fn purge(&self, now: Timestamp, events_before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.database.write(move |connection| {
            let links = links::purge_expired(connection, now, limit)?;
            let events = events::purge(connection, events_before, limit)?;
            Ok(links + events)
        })
    }
}
