//! Users, links, budgets and events in memory, changed together under one lock.
//!
//! The number of records is not limited. There is no index by email address: a search reads every user.

mod records;
mod steps;

use std::hash::{BuildHasher, RandomState};
use std::ops::Bound;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use kunci_domain::ports::{AccountStore, Committed, StoreError};
use kunci_domain::{
    AccountChange, BudgetKind, BudgetOwner, EmailAddress, Event, LinkKey, OneTimeToken, PasswordHash,
    Purpose, Timestamp, UsedBudget, User, UserId, Username,
};

use crate::error::MemoryError;
use records::{BudgetHolder, BudgetPlace, Records};

/// An account store in memory.
#[derive(Debug, Default)]
pub struct MemoryAccountStore {
    records: RwLock<Records>,
    /// The secret that decides which names without an account share budgets.
    hasher: RandomState,
}

impl MemoryAccountStore {
    fn read(&self) -> Result<RwLockReadGuard<'_, Records>, MemoryError> {
        Ok(self.records.read()?)
    }

    /// Returns all events, the earliest first, also those without a target.
    ///
    /// # Errors
    /// [`StoreError`] if a thread panicked during a change.
    pub fn all_events(&self) -> Result<Vec<Event>, StoreError> {
        Ok(self.read()?.events.values().cloned().collect())
    }

    fn place(&self, owner: &BudgetOwner, kind: BudgetKind) -> BudgetPlace {
        let holder = match owner {
            BudgetOwner::Account(id) => BudgetHolder::Account(*id),
            BudgetOwner::Unknown(name) => {
                let [low, high, ..] = self.hasher.hash_one(name).to_le_bytes();
                BudgetHolder::Share(u16::from_le_bytes([low, high]))
            }
        };
        (holder, kind)
    }

    fn write(&self) -> Result<RwLockWriteGuard<'_, Records>, MemoryError> {
        Ok(self.records.write()?)
    }
}

impl AccountStore for MemoryAccountStore {
    fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.read()?.users.get(&id).cloned())
    }

    fn find_by_name(&self, name: &Username) -> Result<Option<User>, StoreError> {
        let records = self.read()?;
        let id = records.ids_by_name.get(name.folded());
        Ok(id.and_then(|id| records.users.get(id)).cloned())
    }

    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Result<Vec<User>, StoreError> {
        let records = self.read()?;
        let found = records.users_after(None).filter(|user| {
            let confirmed = user.confirmed_address();
            confirmed.is_some_and(|confirmed| confirmed.as_str().eq_ignore_ascii_case(address.as_str()))
        });
        Ok(found.take(limit as usize).cloned().collect())
    }

    fn list(&self, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError> {
        let records = self.read()?;
        Ok(records.users_after(after).take(limit as usize).cloned().collect())
    }

    fn sample_hashes(&self, from: UserId, limit: u32) -> Result<Vec<(UserId, PasswordHash)>, StoreError> {
        let records = self.read()?;
        let in_order = records.users.range(from..).chain(records.users.range(..from));
        let hashes = in_order.map(|(id, user)| (*id, user.password_hash.clone()));
        Ok(hashes.take(limit as usize).collect())
    }

    fn find_link(&self, key: &LinkKey, now: Timestamp) -> Result<Option<OneTimeToken>, StoreError> {
        Ok(self.read()?.live_link(key, now).cloned())
    }

    fn list_links(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OneTimeToken>, StoreError> {
        let records = self.read()?;
        let from = after.map_or(Bound::Unbounded, |key| Bound::Excluded(*key));
        let links = records
            .links
            .range((from, Bound::Unbounded))
            .map(|(_, link)| link);
        let live = links.filter(|link| link.purpose == purpose && link.is_live(now));
        Ok(live.take(limit as usize).cloned().collect())
    }

    fn events(&self, user: UserId, skip: u32, limit: u32) -> Result<Vec<Event>, StoreError> {
        let records = self.read()?;
        let latest_first = records.events_of(user).rev().skip(skip as usize);
        let found = latest_first.filter_map(|number| records.events.get(&number));
        Ok(found.take(limit as usize).cloned().collect())
    }

    fn find_budget(&self, owner: &BudgetOwner, kind: BudgetKind) -> Result<Option<UsedBudget>, StoreError> {
        Ok(self.read()?.budgets.get(&self.place(owner, kind)).copied())
    }

    fn commit(&self, change: &AccountChange, now: Timestamp) -> Result<Committed, StoreError> {
        let place = |owner: &BudgetOwner, kind| self.place(owner, kind);
        Ok(steps::commit(&mut *self.write()?, change, now, place))
    }

    fn purge(&self, now: Timestamp, events_before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut records = self.write()?;
        let links = records.expired_links(now, limit);
        let events = records.events_before(events_before, limit);
        records.remove_links(&links);
        records.remove_events(&events);
        records.keep();
        Ok((links.len() + events.len()) as u64)
    }
}
