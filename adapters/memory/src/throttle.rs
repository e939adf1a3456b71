//! Budgets of attempts in memory: the time at which each is full again, by key and by time.
//!
//! A full budget is kept until its space is needed. Otherwise a clock that jumps forward and back would free
//! used attempts.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};

use kunci_domain::ports::{StoreError, Taken, Throttle};
use kunci_domain::{Budget, BudgetKey, Timestamp};

use crate::error::MemoryError;

/// A throttle in memory with a fixed capacity.
///
/// If the throttle is full, a new key replaces the budget that will be full again first. To evict a
/// budget that is used up, an attacker must use up as many other budgets as the capacity.
#[derive(Debug)]
pub struct MemoryThrottle {
    budgets: Mutex<Budgets>,
    capacity: usize,
}

impl MemoryThrottle {
    /// The capacity of a throttle made by [`Default`], in keys. A full throttle takes about 4 MB.
    pub const DEFAULT_CAPACITY: usize = 50_000;

    /// Returns a throttle with room for `capacity` keys, in which every budget is full.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            budgets: Mutex::default(),
            capacity,
        }
    }

    fn lock(&self) -> Result<MutexGuard<'_, Budgets>, MemoryError> {
        Ok(self.budgets.lock()?)
    }
}

impl Default for MemoryThrottle {
    fn default() -> Self {
        Self::with_capacity(Self::DEFAULT_CAPACITY)
    }
}

impl Throttle for MemoryThrottle {
    fn take(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<Taken, StoreError> {
        let mut budgets = self.lock()?;
        match budget.after_attempt(budgets.full_at(key), now) {
            Ok(later) => {
                budgets.remove(key);
                budgets.make_room(self.capacity);
                budgets.add(key, later);
                Ok(Taken::Granted)
            }
            Err(wait) => Ok(Taken::Refused(wait)),
        }
    }

    fn give_back(&self, key: &BudgetKey, budget: Budget, _now: Timestamp) -> Result<(), StoreError> {
        let mut budgets = self.lock()?;
        if let Some(full_at) = budgets.remove(key) {
            budgets.add(key, budget.after_refund(full_at));
        }
        Ok(())
    }

    fn used(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<u32, StoreError> {
        Ok(budget.used(self.lock()?.full_at(key), now))
    }

    fn forget(&self, key: &BudgetKey) -> Result<(), StoreError> {
        self.lock()?.remove(key);
        Ok(())
    }
}

/// The bytes of a [`BudgetKey`].
type Key = [u8; 16];

/// The time at which each budget is full again, by key and by time. A missing budget is full.
///
/// Only `add`, `remove` and `make_room` write, so the two maps agree.
#[derive(Debug, Default)]
struct Budgets {
    by_key: HashMap<Key, Timestamp>,
    by_time: BTreeSet<(Timestamp, Key)>,
}

impl Budgets {
    fn full_at(&self, key: &BudgetKey) -> Option<Timestamp> {
        self.by_key.get(key.as_bytes()).copied()
    }

    fn add(&mut self, key: &BudgetKey, full_at: Timestamp) {
        self.by_key.insert(*key.as_bytes(), full_at);
        self.by_time.insert((full_at, *key.as_bytes()));
    }

    fn remove(&mut self, key: &BudgetKey) -> Option<Timestamp> {
        let full_at = self.by_key.remove(key.as_bytes())?;
        self.by_time.remove(&(full_at, *key.as_bytes()));
        Some(full_at)
    }

    /// Evicts the budgets that will be full again first, until one more fits.
    fn make_room(&mut self, capacity: usize) {
        while capacity <= self.by_time.len()
            && let Some((_, key)) = self.by_time.pop_first()
        {
            self.by_key.remove(&key);
        }
    }
}
