//! Hosts a [`Service`] on tiny_http 0.12: sockets, threads, bounded bodies, clean stop.
//!
//! What it leaves out: routes, cookies, pages and every other decision about an answer, which are
//! the service's; TLS and anything that strangers can reach, which need another transport.
//!
//! # Why only loopback and Unix sockets
//!
//! tiny_http gives a handler no deadline for a request's head, no limit on its size, and no way to
//! close a connection, and its accept loop ends for good at its first error. So [`bind`] refuses every
//! address but `127.0.0.0/8`, `::1` and Unix sockets. In front of it belongs a proxy on the same
//! machine, or nobody but the developer.
//!
//! # What it does about the rest
//!
//! - **Quick and slow apart.** Quick workers answer what never waits. What may wait (see
//!   [`Service::may_block`]) goes through a bounded queue to slow workers, and a body that is not yet
//!   in memory goes through another one to body workers, so a session check waits neither for a
//!   password hash nor for a slow upload.
//! - **One at a time.** Of each TCP connection one request is answered at a time, so that a client that
//!   pipelines, or reads no answers, holds one worker, and what is smuggled behind a malformed request
//!   is never begun.
//! - **One body length.** A request whose length can be read in two ways is refused with 400, and
//!   nothing more is answered on its connection.
//! - **Huge declared lengths.** tiny_http allocates what is left of a declared body when a request is
//!   dropped, which aborts the process when that is too much. Such a request is answered and then
//!   never dropped: its connection is *lost* (one thread, two descriptors and some 20 KiB), and when
//!   more than [`Limits::lost_connections`] are lost the server ends with an error instead.
//! - **Deadlines.** On Linux, TCP connections inherit [`Limits::idle_time`] from the listening socket,
//!   for every single read and write. Connections on Unix sockets inherit nothing, so there a client
//!   that stalls holds its connection.
//! - **The keeper.** A thread connects to the server's own listener now and then: this frees
//!   connections that tiny_http's thread pool forgot in a burst, and notices an accept loop that has
//!   ended, upon which the server ends with an error.
//!
//! # What no handler can mend
//!
//! - A head is in memory, whatever its size, before the limits on heads are looked at; so is the line of
//!   a chunk's length. There is no limit on connections but that of open files, and reaching it ends the
//!   server.
//! - Request lines and heads that tiny_http cannot parse are answered by tiny_http, with a bare 400
//!   that names it in `Server`; so is its `100 Continue`. A head that is not ASCII, and a body of up to
//!   1024 bytes that breaks off, end the connection without an answer.
//! - A request of a version above HTTP/1.1 hangs its connection for good, with its thread and two
//!   descriptors.
//! - A connection is closed by its client or by its deadline; the server can only ask for it.
//! - A client that reads no answers holds a worker until [`Limits::idle_time`] has passed. When it goes on
//!   sending requests, tiny_http reads them all, and nothing bounds the memory that they take.
//! - Requests without `Host`, or with several, pass; so do sizes of chunks with a sign, and a bare LF in
//!   what follows a size.
//! - A chunked body with trailer fields is refused with 400.
//! - On a Unix socket connections have no name. There a request smuggled behind a contradictory
//!   `Content-Length` cannot be told from others, requests pipelined behind a slow one make quick
//!   workers wait, and the end of a chunked body cannot be told from a broken connection, so chunked
//!   bodies are refused with 411. The last holds on systems without `/proc` too.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use bytes::Bytes;
//! use http::{Method, Request, Response, StatusCode};
//! use kunci_tiny_http::{Limits, Listen, Service, bind};
//!
//! struct Hello;
//!
//! impl Service for Hello {
//!     fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
//!         let mut response = Response::new(Bytes::from_static(b"hello\n"));
//!         if let Some(refusal) = request.extensions().get::<StatusCode>() {
//!             *response.status_mut() = *refusal;
//!         }
//!         response
//!     }
//!
//!     fn may_block(&self, _method: &Method, _path: &str) -> bool {
//!         false
//!     }
//! }
//!
//! let bound = bind(&Listen::Tcp(([127, 0, 0, 1], 0).into()), Limits::default())?;
//! println!("listening on {}", bound.address().url("http"));
//! let running = bound.serve(Arc::new(Hello));
//! running.stop_handle().stop();
//! running.wait()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod body;
mod control;
mod convert;
mod crew;
mod date;
mod error;
mod exchange;
mod framing;
mod host;
mod keeper;
mod leftover;
mod limits;
mod listen;
mod pace;
mod peer_state;
mod peers;
mod queue;
mod reception;
mod refuse;
mod reply;
mod running;

pub use error::{BindError, ServeError};
pub use kunci_transport::{Listen, Service, UnixSocketError};
pub use limits::Limits;
pub use listen::{Bound, bind};
pub use running::{Running, StopHandle};
