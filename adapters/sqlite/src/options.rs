//! What an operator may choose about a database. Left out: where it is, which stands beside it.

use std::time::Duration;

/// How a database is used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqliteOptions {
    /// How much of the file is read through mapped memory, in bytes, instead of being copied.
    /// Each thread that reads maps it for itself, and it counts as memory of the process while it lasts.
    pub mmap_bytes: u64,
    /// How long a write waits while another process writes, before it is refused.
    pub busy_timeout: Duration,
    /// How many writes may wait for the thread that writes; further ones wait for a place.
    /// As many are committed together at most.
    pub queue: usize,
    /// How much memory sessions and users that were read of late may take, in bytes, so that SQLite need not
    /// be asked for them again. They are given out only while they are what the file holds.
    pub hot_bytes: usize,
    /// The largest that the file may grow, in bytes; a write that needs more is refused.
    pub max_bytes: Option<u64>,
}

impl Default for SqliteOptions {
    /// Nothing mapped, five seconds, 512 writes, 32 MiB of rows, no limit to the file.
    fn default() -> Self {
        Self {
            mmap_bytes: 0,
            busy_timeout: Duration::from_secs(5),
            queue: 512,
            hot_bytes: 32 * 1024 * 1024,
            max_bytes: None,
        }
    }
}
