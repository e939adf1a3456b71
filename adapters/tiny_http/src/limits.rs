//! The numbers that bound what the transport reads, keeps and waits for.
//! Leaves out where they come from: settings are the program's business.

use std::thread::available_parallelism;
use std::time::Duration;

/// The shortest [`Limits::idle_time`] that is honoured: the listening socket has the same deadline, and
/// the keeper must have connected several times before it passes.
const SHORTEST_IDLE_TIME: Duration = Duration::from_secs(2);

/// The bounds of one server. A count of workers below one counts as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body; a longer one is refused with 413. 64 KiB by default.
    pub body: usize,
    /// Bytes of a request's head: method, target, names and values of all fields, with four more for
    /// each field. Beyond it 431. 16 KiB by default.
    pub head: usize,
    /// Header fields of a request; more are refused with 431. 100 by default.
    pub headers: usize,
    /// Threads that take requests from tiny_http and answer those that never wait. By default two more
    /// than the machine has processors, as a client that reads no answers can hold one for a while.
    pub quick_workers: usize,
    /// Threads for requests that may wait. 16 by default.
    pub slow_workers: usize,
    /// Requests that wait for a slow worker; beyond it 503. 64 by default, and none when zero: then a
    /// slow request is accepted only by an idle slow worker.
    pub slow_queue: usize,
    /// Threads that read bodies which tiny_http has not read itself: longer than 1024 bytes, chunked,
    /// or announced with `Expect: 100-continue`. 8 by default.
    pub body_workers: usize,
    /// Requests that wait for a body worker; beyond it 503. 64 by default, and none when zero.
    pub body_queue: usize,
    /// How long a body worker reads one body; a slower one is refused with 408. The time can be exceeded
    /// by one wait, which on Unix sockets has no end. 30 seconds by default.
    pub body_time: Duration,
    /// How long one read or write on a TCP connection may wait for the client before the connection is
    /// closed, which bounds idle keep-alive connections too. 30 seconds by default, and not below two.
    /// Unix sockets have no such deadline.
    pub idle_time: Duration,
    /// How long a stop waits for requests in flight. 10 seconds by default.
    pub stop_time: Duration,
    /// Connections that may be lost for good, each with one thread and two descriptors, before the
    /// server ends with [`crate::ServeError::LostConnections`]. 128 by default.
    pub lost_connections: usize,
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
            body_workers: 8,
            body_queue: 64,
            body_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(30),
            stop_time: Duration::from_secs(10),
            lost_connections: 128,
        }
    }
}

impl Limits {
    /// The same limits with every value raised to what can work at all.
    pub(crate) fn workable(mut self) -> Self {
        let counts = [
            &mut self.quick_workers,
            &mut self.slow_workers,
            &mut self.body_workers,
        ];
        for count in counts {
            *count = (*count).max(1);
        }
        self.idle_time = self.idle_time.max(SHORTEST_IDLE_TIME);
        self
    }
}
