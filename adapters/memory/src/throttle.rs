//! Budgets of attempts in memory: a sketch of fixed size, and the attempts in flight.
//!
//! The sketch is a count-min sketch with conservative update (Estan and Varghese, 2002) whose cells are points in
//! time instead of counts: when a budget is full again. Each key has one cell in each row, and its budget is full
//! at the earliest of them. A charge only moves cells to a later time, so a key that shares cells with others may
//! get fewer attempts, but never more. The rows of a key depend on a secret of the process, so nobody can choose
//! keys that share cells with another.
//!
//! Cells cannot be refunded without refunding other keys. Attempts therefore reach the sketch only when they have
//! failed. Until then they are counted by key, and there are no more of them than concurrent requests.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use kunci_domain::ports::{StoreError, Taken, Throttle};
use kunci_domain::{Budget, BudgetKey, Timestamp, whole_millis};

use crate::error::MemoryError;

/// A throttle in memory. Its size is fixed and does not depend on the number of keys.
#[derive(Debug, Default)]
pub struct MemoryThrottle {
    budgets: Mutex<Budgets>,
    /// The secret that decides which cells a key has.
    hasher: RandomState,
}

impl MemoryThrottle {
    /// The memory of a throttle, without the attempts in flight.
    pub const BYTES: usize = ROWS * CELLS * 2 * size_of::<i64>();

    /// Makes every budget full, for tests.
    ///
    /// # Errors
    /// [`StoreError`] if a thread panicked during a change.
    pub fn refill_all(&self) -> Result<(), StoreError> {
        *self.lock()? = Budgets::default();
        Ok(())
    }

    fn lock(&self) -> Result<MutexGuard<'_, Budgets>, MemoryError> {
        Ok(self.budgets.lock()?)
    }

    /// Returns the number of the key's cell in each row.
    fn places(&self, key: &BudgetKey) -> Places {
        let bytes = self.hasher.hash_one(key.as_bytes()).to_le_bytes();
        let (numbers, _) = bytes.as_chunks::<2>();
        std::array::from_fn(|row| row * CELLS + usize::from(u16::from_le_bytes(numbers[row])))
    }
}

impl Throttle for MemoryThrottle {
    fn reserve(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<Taken, StoreError> {
        let places = self.places(key);
        let mut budgets = self.lock()?;
        budgets.follow_clock(now);
        let full_at = budgets.full_at(&places);
        let in_flight = budgets.in_flight.get(key).copied().unwrap_or(0);
        match budget.after_attempts(in_flight.saturating_add(1), Some(full_at), now) {
            Ok(_) => {
                budgets.in_flight.insert(*key, in_flight + 1);
                Ok(Taken::Granted)
            }
            Err(wait) => Ok(Taken::Refused(wait)),
        }
    }

    fn release(&self, key: &BudgetKey) -> Result<(), StoreError> {
        self.lock()?.end_attempt(key);
        Ok(())
    }

    fn spend(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<(), StoreError> {
        let places = self.places(key);
        let mut budgets = self.lock()?;
        budgets.end_attempt(key);
        let full_at = budgets.full_at(&places);
        let used_up = now.after(budget.span());
        let later = budget.after_attempt(Some(full_at), now).unwrap_or(used_up);
        budgets.raise(&places, later, budget.span());
        Ok(())
    }
}

const ROWS: usize = 4;
/// The number of cells in a row, of which 16 bits of a hash choose one.
const CELLS: usize = 1 << 16;

/// The positions of a key's cells.
type Places = [usize; ROWS];

/// The cells, of which many keys may share one, and the attempts in flight.
///
/// Unused cells are zero, so that the operating system provides their memory when they are first used.
#[derive(Debug)]
struct Budgets {
    /// When the budgets of each cell are full, in milliseconds since the Unix epoch.
    full_at: Vec<i64>,
    /// The longest span of the budgets that were charged to each cell, in milliseconds.
    spans: Vec<i64>,
    /// The latest time of a call since the clock was set back.
    latest: Timestamp,
    /// The number of reserved attempts, by key. No entry is zero.
    in_flight: HashMap<BudgetKey, u32>,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            full_at: vec![0; ROWS * CELLS],
            spans: vec![0; ROWS * CELLS],
            latest: Timestamp::from_unix_millis(i64::MIN),
            in_flight: HashMap::new(),
        }
    }
}

impl Budgets {
    /// If the clock was set back, limits each cell to a budget that was just used up. All cells are limited at
    /// once; otherwise a client that needs several budgets would wait for one after the other.
    fn follow_clock(&mut self, now: Timestamp) {
        if self.latest <= now.after(Budget::CLOCK_TOLERANCE) {
            self.latest = self.latest.max(now);
            return;
        }
        for (full_at, span) in self.full_at.iter_mut().zip(&self.spans) {
            *full_at = (*full_at).min(now.unix_millis().saturating_add(*span));
        }
        self.latest = now;
    }

    /// Returns when a budget is full: the earliest time in its cells.
    fn full_at(&self, places: &Places) -> Timestamp {
        let times = places.iter().map(|place| self.full_at[*place]);
        Timestamp::from_unix_millis(times.min().unwrap_or(i64::MAX))
    }

    /// Moves the cells that are full earlier to `full_at`.
    fn raise(&mut self, places: &Places, full_at: Timestamp, span: Duration) {
        for place in places {
            let cell = &mut self.full_at[*place];
            *cell = (*cell).max(full_at.unix_millis());
            self.spans[*place] = self.spans[*place].max(whole_millis(span));
        }
    }

    fn end_attempt(&mut self, key: &BudgetKey) {
        if let Some(count) = self.in_flight.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                self.in_flight.remove(key);
            }
        }
    }
}
