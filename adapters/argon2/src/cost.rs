//! What a hash costs, how much of that goes on at a time, and what a stored hash may demand.
//!
//! Left out: what an operator ought to choose. A cost below what OWASP asks for is refused where the
//! settings are read; here it only has to be one that Argon2 can work with.

use std::num::NonZeroUsize;
use std::thread;

use argon2::Params;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one hash costs, in the terms of RFC 9106, section 3.1.
///
/// The default is what OWASP's Password Storage Cheat Sheet recommends first: 19 MiB, 2 passes, 1 lane.
/// Less is too little, unless memory makes up for passes or the other way round (OWASP ASVS 5.0, 11.4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct Cost {
    /// Memory in KiB, at least 8 for each lane.
    #[schemars(range(min = 7168, max = 1_048_576))]
    pub memory_kib: u32,
    /// Passes over the memory, at least 1.
    #[schemars(range(min = 1, max = 100))]
    pub iterations: u32,
    /// Lanes, at least 1. They are computed one after the other, because two sign-ins at a time use two cores
    /// better than one sign-in with two lanes.
    #[schemars(range(min = 1, max = 16))]
    pub parallelism: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
        }
    }
}

impl Cost {
    /// The most memory that any hash may demand, in KiB: 1 GiB. A stored hash beyond that is unreadable,
    /// so that no row of a database can exhaust the machine.
    pub const MAX_MEMORY_KIB: u32 = 1 << 20;

    /// The most work that any hash may demand, as memory in KiB times passes: 4 GiB are filled, which
    /// takes some two seconds. libsodium's "sensitive" profile (1 GiB, 4 passes) is just within.
    pub const MAX_KIB_PASSES: u64 = 1 << 22;

    /// Returns the least memory in KiB for a number of passes: the equally strong costs of OWASP's Password
    /// Storage Cheat Sheet.
    pub const fn least_memory_kib(iterations: u32) -> u32 {
        match iterations {
            0 | 1 => 47_104,
            2 => 19_456,
            3 => 12_288,
            4 => 9_216,
            _ => 7_168,
        }
    }

    pub(crate) const fn is_bearable(self) -> bool {
        let kib_passes = self.memory_kib as u64 * self.iterations as u64;
        self.memory_kib <= Self::MAX_MEMORY_KIB && kib_passes <= Self::MAX_KIB_PASSES
    }

    pub(crate) const fn params(self) -> argon2::Result<Params> {
        Params::new(self.memory_kib, self.iterations, self.parallelism, None)
    }
}

/// How many hashes run at a time, and how many callers wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency {
    /// Hashes that run at a time; each has a thread and memory of its own.
    pub permits: NonZeroUsize,
    /// Callers that wait for a permit; who comes when so many wait is turned away.
    pub queue: usize,
}

impl Default for Concurrency {
    /// A permit for each core that this process may use, and 64 that wait: at the default cost and two
    /// cores the last of them waits for about half a second.
    fn default() -> Self {
        Self {
            permits: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            queue: 64,
        }
    }
}
