//! The limits of a server.

use std::thread::available_parallelism;
use std::time::Duration;

/// The limits of one server. A number of threads below one counts as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body; a longer one is refused with 413. 64 KiB by default.
    pub body: usize,
    /// Bytes of a request's head; a longer one is refused with 431. 16 KiB by default.
    pub head: usize,
    /// Header fields of a request; more are refused with 431. 100 by default.
    pub headers: usize,
    /// Connections in total; further ones are refused with 503 or closed. 4,096 by default.
    pub connections: usize,
    /// Connections from one client address (of IPv6, from one /64); further ones are refused with 503 or closed.
    /// Connections on Unix sockets have no address. 256 by default.
    pub connections_per_address: usize,
    /// Threads that serve connections and answer requests that never block. One per processor by default.
    pub workers: usize,
    /// Threads for requests that can block. 16 by default.
    pub slow_workers: usize,
    /// Requests that wait for a slow worker; further ones are refused with 503. 64 by default.
    pub slow_queue: usize,
    /// How long a TLS handshake may take. 10 seconds by default.
    pub handshake_time: Duration,
    /// How long a request's head may take from its first byte to its last; a slower one is refused with 408. 10
    /// seconds by default.
    pub head_time: Duration,
    /// How long a request's body may take; a slower one is refused with 408. 10 seconds by default.
    pub body_time: Duration,
    /// How long a request may take from its first byte until the client has received the response; then its
    /// connection is dropped. 30 seconds by default.
    pub request_time: Duration,
    /// How long a connection is kept open between requests. 60 seconds by default.
    pub idle_time: Duration,
    /// How long a stop waits for requests in flight. 10 seconds by default.
    pub stop_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 * 1024,
            head: 16 * 1024,
            headers: 100,
            connections: 4_096,
            connections_per_address: 256,
            workers: available_parallelism().map_or(1, usize::from),
            slow_workers: 16,
            slow_queue: 64,
            handshake_time: Duration::from_secs(10),
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(10),
            request_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(60),
            stop_time: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// The most memory of one connection beside its head and body, in bytes: buffers for reading and writing,
    /// TLS, a response of ordinary length, and the task.
    const PER_CONNECTION: usize = 96 * 1024;

    /// The most memory of one thread, in bytes.
    const PER_THREAD: usize = 256 * 1024;

    /// Returns the memory of all connections and threads, in bytes, if each client sends as much as it may and
    /// reads no response. The memory of the service is not included.
    pub const fn peak_memory_bytes(&self) -> u64 {
        // A head is in memory twice, here and in hyper; so is a body, in parts and in one piece.
        let connection = 2 * self.head + 2 * self.body + Self::PER_CONNECTION;
        let threads = (self.workers + self.slow_workers) * Self::PER_THREAD;
        (self.connections * connection + threads) as u64
    }

    /// Raises every limit to the least value that works.
    pub(crate) fn workable(mut self) -> Self {
        self.workers = self.workers.max(1);
        self.slow_workers = self.slow_workers.max(1);
        self
    }
}
