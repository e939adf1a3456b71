//! The options of a database. Its path is a separate argument of `SqliteStore::open`.

use std::time::Duration;

/// How a database is used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqliteOptions {
    /// Bytes of the file that are read through mapped memory instead of being copied.
    /// Each reading thread maps them for itself, and they count as memory of the process.
    pub mmap_bytes: u64,
    /// How long a write waits while another process writes, before it fails.
    pub busy_timeout: Duration,
    /// The length of the queue to the writer thread. Further writes wait for a free place.
    /// It is also the most writes that are committed together.
    pub queue: usize,
    /// Bytes of memory for the cache of recently read sessions and users; 0 disables it.
    /// A cached row is returned only while it is what the file contains.
    pub row_cache_bytes: usize,
    /// Bytes of the disk that are kept for signing in and out when the disk is full; 0 disables this.
    /// Copying the write-ahead log can need 16 MiB of them.
    pub reserve_bytes: u64,
    /// The largest size of the file in bytes. A write that needs more fails.
    pub max_bytes: Option<u64>,
}

impl Default for SqliteOptions {
    /// Returns no mapped memory, 5 seconds, 512 writes, a cache of 32 MiB, no reserve, and no limit to the file.
    fn default() -> Self {
        Self {
            mmap_bytes: 0,
            busy_timeout: Duration::from_secs(5),
            queue: 512,
            row_cache_bytes: 32 * 1024 * 1024,
            reserve_bytes: 0,
            max_bytes: None,
        }
    }
}
