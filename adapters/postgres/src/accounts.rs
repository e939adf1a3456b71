//! The account store: users, the links that act on them, their budgets and their history.

mod budgets;
mod change;
mod events;
mod links;
mod users;

use std::sync::Arc;

use kunci_domain::ports::{AccountStore, Committed, StoreError};
use kunci_domain::{
    AccountChange, BudgetKind, BudgetOwner, EmailAddress, Event, LinkKey, OneTimeToken, PasswordHash,
    Purpose, Timestamp, UsedBudget, User, UserId, Username,
};

use crate::Database;
use budgets::Shares;

/// The users, links, budgets and events in a [`PostgresStore`](crate::PostgresStore).
#[derive(Debug, Clone)]
pub struct PostgresAccountStore {
    database: Arc<Database>,
    shares: Arc<Shares>,
}

impl PostgresAccountStore {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self {
            database,
            shares: Arc::default(),
        }
    }
}

impl AccountStore for PostgresAccountStore {
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
            .read(|connection| budgets::find(connection, &self.shares, owner, kind))
    }

    fn commit(&self, change: &AccountChange, now: Timestamp) -> Result<Committed, StoreError> {
        self.database.write(|connection| {
            connection.transaction(
                |connection| change::apply(connection, &self.shares, change.steps(), now),
                |committed| *committed == Committed::Done,
            )
        })
    }

    fn purge(&self, now: Timestamp, events_before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.database.write(|connection| {
            connection.transaction(
                |connection| {
                    let links = links::purge_expired(connection, now, limit)?;
                    Ok(links + events::purge(connection, events_before, limit)?)
                },
                |_| true,
            )
        })
    }
}
