//! Serves a [`Service`] with hyper 1 and tokio. Untrusted clients may connect to it directly.
//!
//! - **HTTP/1.1, and HTTP/2 over TLS.** TLS uses rustls. The certificate can be reloaded without closing
//!   connections.
//! - **No request smuggling.** Request heads are checked before hyper parses them. An ambiguous request is
//!   refused with 400, and its connection is closed.
//! - **Deadlines** for the TLS handshake, the head, the body, the whole request with its response, and idle
//!   connections: see [`Limits`].
//! - **Limits** on heads, header fields, bodies, connections (in total and per client address) and queued
//!   requests, and on HTTP/2 frames without requests. The service renders each refusal in the format that the
//!   client asked for.
//! - **Separate threads for blocking requests.** The threads that serve connections answer requests that never
//!   block. Requests that can block run on other threads (see [`Service::may_block`]).
//! - **Recovery.** If the process runs out of file descriptors, accepting pauses until some are free.
//! - Several listening addresses, Unix sockets (always plain HTTP), sockets passed by systemd, and a graceful
//!   stop that finishes the requests in flight.
//!
//! HTTP/2 without TLS and protocol upgrades are not supported.
//!
//! # Responses that do not come from the service
//!
//! If the header fields of an HTTP/2 request are too large, h2 itself responds with 431 and no body.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use bytes::Bytes;
//! use http::{Method, Request, Response, StatusCode};
//! use kunci_hyper::{Limits, Listen, Service, bind};
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
//! let bound = bind(&[Listen::Tcp(([127, 0, 0, 1], 0).into())], Limits::default())?;
//! println!("listening on {}", bound.addresses().join(" and "));
//! let running = bound.serve(Arc::new(Hello))?;
//! running.stop_handle().stop();
//! running.wait()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accept;
mod admission;
mod body;
mod chunks;
mod connection;
mod descriptors;
mod error;
mod filter;
mod frames;
mod head;
mod limits;
mod listen;
mod phase_clock;
mod read_buffer;
mod responder;
mod running;
mod stream;
mod tls;
mod workers;

pub use error::{BindError, ServeError, TlsError};
pub use kunci_transport::{Listen, Service, UnixSocketError};
pub use limits::Limits;
pub use running::{Bound, Running, StopHandle, bind};
pub use tls::TlsFiles;
