//! Memory for hashing: each thread keeps some for its next hash, and stored hashes with larger parameters
//! share a reserve.
//!
//! The memory of a finished hash would save an attacker who guesses the password much of the work, and after
//! a single pass nearly all of it. A thread therefore wipes its memory as soon as no job waits. While jobs
//! wait, the next hash overwrites the memory, and wiping would cost 3 % of the throughput (measured at 19
//! MiB).

use std::collections::TryReserveError;
use std::sync::{Condvar, Mutex, PoisonError};

use argon2::Block;
use zeroize::Zeroize;

use crate::lock;

/// Blocks of 1 KiB, wiped when dropped.
#[derive(Default)]
pub(crate) struct Memory {
    blocks: Vec<Block>,
}

impl Memory {
    /// Returns at least `count` blocks with any content. With the same `count` every time, the blocks never
    /// move and leave no copies.
    pub(crate) fn blocks(&mut self, count: usize) -> Result<&mut [Block], TryReserveError> {
        if self.blocks.len() < count {
            let missing = count - self.blocks.len();
            self.blocks.try_reserve_exact(missing)?;
            self.blocks.resize(count, Block::new());
        }
        Ok(&mut self.blocks)
    }

    /// Returns the number of blocks.
    #[cfg(test)]
    pub(crate) const fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Overwrites the blocks with zeros and keeps them.
    pub(crate) fn wipe(&mut self) {
        self.blocks.iter_mut().zeroize();
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// Decides which memory a hash uses, and limits the total.
pub(crate) struct MemoryBudget {
    kept: usize,
    reserve: Reserve,
}

impl MemoryBudget {
    /// Creates a budget in which each thread keeps `kept` blocks, and all threads share `reserve` more.
    pub(crate) const fn new(kept: usize, reserve: usize) -> Self {
        Self {
            kept,
            reserve: Reserve::new(reserve),
        }
    }

    /// Returns the number of blocks that a thread keeps.
    pub(crate) const fn kept(&self) -> usize {
        self.kept
    }

    /// Runs `work` in the thread's own memory. If that is too small, runs it in new memory from the reserve,
    /// which is returned afterwards. `needed` must not exceed the whole reserve.
    pub(crate) fn with<A>(
        &self,
        needed: usize,
        own: &mut Memory,
        work: impl FnOnce(&mut [Block]) -> A,
    ) -> Result<A, TryReserveError> {
        if needed <= self.kept {
            return own.blocks(self.kept).map(work);
        }
        let _loan = self.reserve.borrow(needed);
        let mut fresh = Memory::default();
        fresh.blocks(needed).map(work)
    }
}

/// Blocks that concurrent hashes share. A hash that needs more than is left waits.
struct Reserve {
    /// Held by the next hash in line, so that small requests cannot starve a large one.
    turn: Mutex<()>,
    left: Mutex<usize>,
    returned: Condvar,
}

/// A part of the reserve, returned when dropped.
struct Loan<'r> {
    reserve: &'r Reserve,
    count: usize,
}

impl Reserve {
    const fn new(count: usize) -> Self {
        Self {
            turn: Mutex::new(()),
            left: Mutex::new(count),
            returned: Condvar::new(),
        }
    }

    fn borrow(&self, count: usize) -> Loan<'_> {
        let _turn = lock(&self.turn);
        let enough = self.returned.wait_while(lock(&self.left), |left| *left < count);
        *enough.unwrap_or_else(PoisonError::into_inner) -= count;
        Loan { reserve: self, count }
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        *lock(&self.reserve.left) += self.count;
        self.reserve.returned.notify_one();
    }
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
