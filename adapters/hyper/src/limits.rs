//! The numbers that bound what the transport reads, keeps and waits for.
//! Leaves out where they come from: settings are the program's business.

use std::thread::available_parallelism;
use std::time::Duration;

/// The bounds of one server. A count of threads below one counts as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body; a longer one is refused with 413. 64 KiB by default.
    pub body: usize,
    /// Bytes of a request's head, all of it. Beyond it 431. 16 KiB by default.
    pub head: usize,
    /// Header fields of a request; more are refused with 431. 100 by default.
    pub headers: usize,
    /// Connections in all; the next one is told 503, or closed. 4,096 by default.
    pub connections: usize,
    /// Connections from one client address (of IPv6, from one /64); the next one is told 503, or closed.
    /// Connections on Unix sockets have no address. 256 by default.
    pub connections_per_address: usize,
    /// Threads that move bytes and answer requests that never wait. By default one per processor.
    pub workers: usize,
    /// Threads for requests that may wait. 16 by default.
    pub slow_workers: usize,
    /// Requests that wait for a slow worker; beyond it 503. 64 by default.
    pub slow_queue: usize,
    /// How long a TLS handshake may take. 10 seconds by default.
    pub handshake_time: Duration,
    /// How long a request's head may take from its first byte to its last; then 408. 10 seconds by default.
    pub head_time: Duration,
    /// How long a request's body may take; then 408. 10 seconds by default.
    pub body_time: Duration,
    /// How long a request may take from its first byte to the last of its answer, when the client must
    /// have taken it; then its connection is dropped. 30 seconds by default.
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
    /// At most so many bytes does one connection take beside its head and body: buffers for reading and
    /// writing, TLS, an answer of ordinary length, and the task.
    const PER_CONNECTION: usize = 96 * 1024;

    /// At most so many bytes does a thread take.
    const PER_THREAD: usize = 256 * 1024;

    /// Memory that connections and threads can take together, in bytes, when all of them are in use
    /// and every client sends as much as it may and takes no answer.
    ///
    /// What the service itself needs is not in it.
    pub const fn peak_memory_bytes(&self) -> u64 {
        // A head is held twice, here and in hyper; so is a body, in parts and whole.
        let connection = 2 * self.head + 2 * self.body + Self::PER_CONNECTION;
        let threads = (self.workers + self.slow_workers) * Self::PER_THREAD;
        (self.connections * connection + threads) as u64
    }

    /// The same limits with every value raised to what can work at all.
    pub(crate) fn workable(mut self) -> Self {
        self.workers = self.workers.max(1);
        self.slow_workers = self.slow_workers.max(1);
        self
    }
}
