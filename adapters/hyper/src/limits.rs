//! The limits of a server.

use std::borrow::Cow;
use std::thread::available_parallelism;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The limits of one server. A thread count of zero is raised to one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct Limits {
    /// Maximum size of a request body, in bytes. A larger one is refused with 413. 64 KiB by default.
    #[serde(skip)]
    pub body: usize,
    /// Maximum size of a request head, in bytes. A larger one is refused with 431. 16 KiB by default.
    #[serde(skip)]
    pub head: usize,
    /// Maximum number of header fields of a request. More are refused with 431. 100 by default.
    #[serde(skip)]
    pub headers: usize,
    /// Connections that may be open at the same time. Further ones are refused with 503 or closed.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub connections: usize,
    /// Connections from one address, or from one /64 network of IPv6. Those from `server.trusted_proxies` and
    /// on Unix sockets are not limited by it, because all clients of a reverse proxy share its address.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub connections_per_address: usize,
    /// Threads that serve connections and answer requests that never block. One per processor by default.
    #[serde(skip)]
    pub workers: usize,
    /// Threads for requests that can block ("slow workers"). 16 by default.
    #[serde(skip)]
    pub slow_workers: usize,
    /// Maximum number of requests that wait for a slow worker. Further ones are refused with 503. 64 by
    /// default.
    #[serde(skip)]
    pub slow_queue: usize,
    /// Time for a TLS handshake.
    #[serde(rename = "handshake_timeout", with = "humantime_serde")]
    #[schemars(with = "Timeout")]
    pub handshake_time: Duration,
    /// Time for the head of a request, from its first byte to its last. A slower one is refused
    /// with 408.
    #[serde(rename = "head_timeout", with = "humantime_serde")]
    #[schemars(with = "Timeout")]
    pub head_time: Duration,
    /// Time for the body of a request. A slower one is refused with 408.
    #[serde(rename = "body_timeout", with = "humantime_serde")]
    #[schemars(with = "Timeout")]
    pub body_time: Duration,
    /// Time for a request, from its first byte until the client has received the response. Then the connection
    /// is closed.
    #[serde(rename = "request_timeout", with = "humantime_serde")]
    #[schemars(with = "Timeout")]
    pub request_time: Duration,
    /// Time that a connection stays open between requests.
    #[serde(rename = "idle_timeout", with = "humantime_serde")]
    #[schemars(with = "Timeout")]
    pub idle_time: Duration,
    /// How long a stop waits for the requests in flight. 10 seconds by default.
    #[serde(skip)]
    pub stop_time: Duration,
}

/// The JSON schema of a timeout in the settings.
struct Timeout;

impl JsonSchema for Timeout {
    fn schema_name() -> Cow<'static, str> {
        "Timeout".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "duration", "x-range": ["100ms", "1h"] })
    }
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
    /// The maximum memory of one connection in bytes, without its head and body. It covers the read and write
    /// buffers, TLS, a response of ordinary length, and the task.
    const BYTES_PER_CONNECTION: usize = 96 * 1024;

    /// The maximum memory of one thread, in bytes.
    const BYTES_PER_THREAD: usize = 256 * 1024;

    /// Returns the peak memory of all connections and threads, in bytes. It is reached if every client sends
    /// as much as the limits allow and reads no response. The memory of the service is not included.
    pub const fn peak_memory_bytes(&self) -> u64 {
        // A head is stored twice: in the filter and in hyper. A body is stored twice while its parts are
        // joined.
        let connection = 2 * self.head + 2 * self.body + Self::BYTES_PER_CONNECTION;
        let threads = (self.workers + self.slow_workers) * Self::BYTES_PER_THREAD;
        (self.connections * connection + threads) as u64
    }

    /// Raises thread counts of zero to one.
    pub(crate) fn with_threads(mut self) -> Self {
        self.workers = self.workers.max(1);
        self.slow_workers = self.slow_workers.max(1);
        self
    }
}
