//! The limits of a server.

use std::thread::available_parallelism;
use std::time::Duration;

/// The shortest [`Limits::idle_time`]. It is also the timeout of the listening socket, and the server must
/// connect to itself several times before it passes.
const SHORTEST_IDLE_TIME: Duration = Duration::from_secs(2);

/// The limits of one server. A number of threads or of waiting requests below one counts as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body; a longer one is refused with 413. 64 KiB by default.
    pub body: usize,
    /// Bytes of a request's head: method, target, names and values of all fields, and four more for each
    /// field. A longer head is refused with 431. 16 KiB by default.
    pub head: usize,
    /// Header fields of a request; more are refused with 431. 100 by default.
    pub headers: usize,
    /// Threads that receive requests and answer those that never block. By default two more than the
    /// machine has processors.
    pub quick_workers: usize,
    /// Threads for requests that can block. 16 by default.
    pub slow_workers: usize,
    /// Requests that wait for a slow worker; further ones are refused with 503. 64 by default.
    pub slow_queue: usize,
    /// Threads that each read one body of more than 1024 bytes, or announced with `Expect: 100-continue`.
    /// Further ones are refused with 503. 64 by default.
    pub body_readers: usize,
    /// How long receiving a body may take; a slower one is refused with 408. The time can be exceeded by
    /// one read, which on Unix sockets has no timeout. 30 seconds by default.
    pub body_time: Duration,
    /// The timeout of one read on a TCP connection, which also bounds idle connections. 30 seconds by default,
    /// and at least two.
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
            quick_workers: available_parallelism().map_or(2, usize::from) + 2,
            slow_workers: 16,
            slow_queue: 64,
            body_readers: 64,
            body_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(30),
            stop_time: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// Raises every limit to the least value that works.
    pub(crate) fn workable(mut self) -> Self {
        for count in [
            &mut self.quick_workers,
            &mut self.slow_workers,
            &mut self.slow_queue,
            &mut self.body_readers,
        ] {
            *count = (*count).max(1);
        }
        self.idle_time = self.idle_time.max(SHORTEST_IDLE_TIME);
        self
    }
}
