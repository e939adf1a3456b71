//! Hosts a [`Service`] on tiny_http 0.12.
//!
//! Quick workers answer requests that never block. Requests that can block (see [`Service::may_block`])
//! wait in a bounded queue for slow workers. Bodies of more than 1024 bytes are read by a bounded number of
//! threads until a deadline. So a session check waits neither for a password hash nor for an upload.
//!
//! A request that is refused before its body is complete is answered, and on TCP its connection is closed.
//! A thread connects to the server's own listener now and then. This frees connections that tiny_http's
//! thread pool forgets in a burst, and detects an accept loop that has ended, which ends the server with an
//! error.
//!
//! # What it cannot do
//!
//! tiny_http neither limits a head nor closes a connection, so [`bind`] accepts only `127.0.0.0/8`, `::1`
//! and Unix sockets. Use it for development, or behind a reverse proxy on the same machine.
//!
//! - A head is read into memory in full before its size is checked. Only single reads have a timeout.
//! - The number of connections is limited only by the open files; reaching that limit ends the server.
//! - tiny_http closes a connection without a response if a head has a byte above 0x7F (such as a cookie of
//!   another application), or if a body of at most 1024 bytes breaks off.
//! - tiny_http answers what it cannot parse with a bare 400, and its `Server` field names it.
//! - A request with HTTP/2.0 or HTTP/3.0 in its first line keeps its connection, with one thread and two
//!   descriptors, until the process ends. So does a declared body of more than 64 MiB.
//! - Chunked bodies are refused with 411. Requests without `Host`, or with several, are accepted.
//! - A request without an unread body that is refused (an ambiguous length, for example) gets `Connection:
//!   close`, but only the client or a timeout closes the connection. What follows may be read as a request.
//! - A client that does not read its responses holds a worker for five seconds, and then loses its connection.
//! - Pipelined requests are handled at the same time, although their responses go out in order. Behind a slow
//!   one they hold several workers. They take memory without a limit.
//! - Connections on Unix sockets have neither timeouts nor names. There, only the client closes a connection,
//!   and a body that never arrives holds its thread.

mod close;
mod convert;
mod error;
mod framing;
mod host;
mod limits;
mod listen;
mod reconnect;
mod response;
mod running;
mod sockets;
mod threads;

pub use error::{BindError, ServeError};
pub use kunci_transport::{Listen, Service, UnixSocketError};
pub use limits::Limits;
pub use listen::{Bound, bind};
pub use running::{Running, StopHandle};
