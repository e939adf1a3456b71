//! The cost of a hash, the number of concurrent hashes, and the limits for stored hashes.
//!
//! This crate accepts every cost that Argon2 supports. The settings refuse a cost below OWASP's
//! recommendation.

use std::num::NonZeroUsize;
use std::thread;

use argon2::Params;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The cost of one hash, in the terms of RFC 9106, section 3.1.
///
/// The default is the first recommendation of OWASP's Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane.
/// A lower value needs a higher one in return: more passes for less memory, or the reverse (OWASP ASVS 5.0,
/// 11.4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct Cost {
    /// Memory in KiB, at least 8 for each lane.
    #[schemars(range(min = 7168, max = 1_048_576))]
    pub memory_kib: u32,
    /// Passes over the memory, at least 1.
    #[schemars(range(min = 1, max = 100))]
    pub iterations: u32,
    /// Lanes, at least 1. They are computed sequentially, because two concurrent sign-ins use two cores
    /// better than one sign-in on two lanes.
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
    /// The memory limit for any hash, in KiB: 1 GiB. A stored hash above it is unreadable, so that no
    /// database row can exhaust the machine.
    pub const MAX_MEMORY_KIB: u32 = 1 << 20;

    /// The work limit for any hash, as memory in KiB times passes: 4 GiB in total, which takes about two
    /// seconds. libsodium's "sensitive" profile (1 GiB, 4 passes) is exactly at the limit.
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

    pub(crate) const fn is_within_limits(self) -> bool {
        let kib_passes = self.memory_kib as u64 * self.iterations as u64;
        self.memory_kib <= Self::MAX_MEMORY_KIB && kib_passes <= Self::MAX_KIB_PASSES
    }

    pub(crate) const fn params(self) -> argon2::Result<Params> {
        Params::new(self.memory_kib, self.iterations, self.parallelism, None)
    }
}

/// The number of concurrent hashes and of waiting callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency {
    /// Concurrent hashes. Each has its own thread and memory.
    pub permits: NonZeroUsize,
    /// Callers that may wait for a permit. Further callers are refused.
    pub queue: usize,
}

impl Default for Concurrency {
    /// One permit per core of this process, and 64 waiting callers. At the default cost on two cores, the
    /// last caller waits for about half a second.
    fn default() -> Self {
        Self {
            permits: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            queue: 64,
        }
    }
}
