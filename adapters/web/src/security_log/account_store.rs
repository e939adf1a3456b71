//! An account store that logs the events that it records.

use std::sync::Arc;

use kunci_domain::ports::{AccountStore, Committed, StoreError};
use kunci_domain::{
    AccountChange, BudgetKind, BudgetOwner, EmailAddress, Event, LinkKey, OneTimeToken, PasswordHash,
    Purpose, Step, Timestamp, UsedBudget, User, UserId, Username,
};

use super::lines::log_event;

/// Passes every call to another store, and logs the events of each change that was applied.
///
/// Every event of an account and every act of an operator goes through [`AccountStore::commit`], so none is
/// missing in the log.
pub struct LoggedAccountStore(Arc<dyn AccountStore>);

impl LoggedAccountStore {
    /// Wraps a store.
    #[must_use]
    pub fn new(store: Arc<dyn AccountStore>) -> Self {
        Self(store)
    }
}

impl std::fmt::Debug for LoggedAccountStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoggedAccountStore(..)")
    }
}

impl AccountStore for LoggedAccountStore {
    fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.0.find(id)
    }

    fn find_by_name(&self, name: &Username) -> Result<Option<User>, StoreError> {
        self.0.find_by_name(name)
    }

    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Result<Vec<User>, StoreError> {
        self.0.find_by_address(address, limit)
    }

    fn list(&self, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError> {
        self.0.list(after, limit)
    }

    fn sample_hashes(&self, from: UserId, limit: u32) -> Result<Vec<(UserId, PasswordHash)>, StoreError> {
        self.0.sample_hashes(from, limit)
    }

    fn find_link(&self, key: &LinkKey, now: Timestamp) -> Result<Option<OneTimeToken>, StoreError> {
        self.0.find_link(key, now)
    }

    fn list_links(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OneTimeToken>, StoreError> {
        self.0.list_links(purpose, after, limit, now)
    }

    fn events(&self, user: UserId, skip: u32, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.0.events(user, skip, limit)
    }

    fn find_budget(&self, owner: &BudgetOwner, kind: BudgetKind) -> Result<Option<UsedBudget>, StoreError> {
        self.0.find_budget(owner, kind)
    }

    fn commit(&self, change: &AccountChange, now: Timestamp) -> Result<Committed, StoreError> {
        let outcome = self.0.commit(change, now)?;
        if outcome == Committed::Done {
            for step in change.steps() {
                if let Step::AppendEvent(event) = step {
                    log_event(event);
                }
            }
        }
        Ok(outcome)
    }

    fn purge(&self, now: Timestamp, events_before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.0.purge(now, events_before, limit)
    }
}
