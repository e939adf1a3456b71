//! The memory that hashing fills: a block that a thread keeps for its next hash, and a reserve for
//! stored hashes that demand more than that.
//!
//! What a hash leaves in memory would spare somebody who guesses the password much of the work, after a
//! single pass nearly all of it. So a thread wipes its block as soon as nobody waits for it. While
//! somebody does, the next hash overwrites it anyway, and wiping would cost 3 % of the throughput (measured
//! at 19 MiB). Left out: who may hash when.

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
    /// At least `count` blocks, whatever they hold. Always asked for the same number, they never move, so
    /// that no copy is left behind.
    pub(crate) fn blocks(&mut self, count: usize) -> Result<&mut [Block], TryReserveError> {
        if self.blocks.len() < count {
            let missing = count - self.blocks.len();
            self.blocks.try_reserve_exact(missing)?;
            self.blocks.resize(count, Block::new());
        }
        Ok(&mut self.blocks)
    }

    /// How many blocks there are.
    #[cfg(test)]
    pub(crate) const fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Overwrites what hashes have left, and keeps the blocks.
    pub(crate) fn wipe(&mut self) {
        self.blocks.iter_mut().zeroize();
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// Decides which memory a hash uses, and so how much all of them can use together.
pub(crate) struct Allotment {
    kept: usize,
    reserve: Reserve,
}

impl Allotment {
    /// Threads keep `kept` blocks each, and share `reserve` more.
    pub(crate) const fn new(kept: usize, reserve: usize) -> Self {
        Self {
            kept,
            reserve: Reserve::new(reserve),
        }
    }

    /// How many blocks a thread keeps.
    pub(crate) const fn kept(&self) -> usize {
        self.kept
    }

    /// Does `work` in what the thread keeps, or, when that is too little, in fresh memory from the
    /// reserve, which is given back at once. `needed` is at most the whole reserve.
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

/// A number of blocks that hashes in progress share: who asks for more than is left waits.
struct Reserve {
    /// Held by whoever is next, so that small demands cannot overtake a large one for ever.
    turn: Mutex<()>,
    left: Mutex<usize>,
    returned: Condvar,
}

/// A part of the reserve, given back when dropped.
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
