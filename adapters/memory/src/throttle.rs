//! Budgets of attempts in memory: when each will be whole again, by key and in the order of these times.
//!
//! Left out: a broom. What is whole again stays until its place is needed, for a clock that jumps ahead and
//! back must free nobody.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};

use kunci_domain::ports::{StoreError, Taken, Throttle};
use kunci_domain::{Budget, BudgetKey, Timestamp};

use crate::error::MemoryError;

/// Counts attempts in memory, for at most as many keys as it was made for.
///
/// When all places are taken, a new key gets the place of the one whose budget will be whole first: to
/// lose a budget that is used up, somebody must use up as many others as there are places.
#[derive(Debug)]
pub struct MemoryThrottle {
    budgets: Mutex<Budgets>,
    capacity: usize,
}

impl MemoryThrottle {
    /// The places of a throttle that [`Default`] makes: about 4 MB when all are taken.
    pub const DEFAULT_CAPACITY: usize = 50_000;

    /// A throttle in which every budget is whole, with `capacity` places.
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
        match budget.after_attempt(budgets.whole_at(key), now) {
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
        if let Some(whole_at) = budgets.remove(key) {
            budgets.add(key, budget.after_giving_back(whole_at));
        }
        Ok(())
    }

    fn used(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<u32, StoreError> {
        Ok(budget.used(self.lock()?.whole_at(key), now))
    }

    fn forget(&self, key: &BudgetKey) -> Result<(), StoreError> {
        self.lock()?.remove(key);
        Ok(())
    }
}

/// The bytes of a [`BudgetKey`].
type Key = [u8; 16];

/// When each budget will be whole again, by key and in order; one that is not there is whole.
///
/// `add`, `remove` and `make_room` are the only ways in and out, so that the two agree.
#[derive(Debug, Default)]
struct Budgets {
    by_key: HashMap<Key, Timestamp>,
    in_order: BTreeSet<(Timestamp, Key)>,
}

impl Budgets {
    fn whole_at(&self, key: &BudgetKey) -> Option<Timestamp> {
        self.by_key.get(key.as_bytes()).copied()
    }

    fn add(&mut self, key: &BudgetKey, whole_at: Timestamp) {
        self.by_key.insert(*key.as_bytes(), whole_at);
        self.in_order.insert((whole_at, *key.as_bytes()));
    }

    fn remove(&mut self, key: &BudgetKey) -> Option<Timestamp> {
        let whole_at = self.by_key.remove(key.as_bytes())?;
        self.in_order.remove(&(whole_at, *key.as_bytes()));
        Some(whole_at)
    }

    /// Forgets the budgets that will be whole first, until there is a place for one more.
    fn make_room(&mut self, capacity: usize) {
        while capacity <= self.in_order.len()
            && let Some((_, key)) = self.in_order.pop_first()
        {
            self.by_key.remove(&key);
        }
    }
}
