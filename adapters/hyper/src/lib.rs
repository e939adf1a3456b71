//! Hosts a [`Service`] on hyper 1 and tokio, for every address that untrusted clients can reach.
//!
//! - **HTTP/1.1**, and with a certificate **HTTP/2**, with rustls. The certificate can be reloaded while
//!   connections are open.
//! - **No request smuggling.** Heads are checked before hyper reads them. An ambiguous request is refused with
//!   400, and its connection is closed.
//! - **Deadlines** for the handshake, the head, the body, the whole request with its response, and idle
//!   connections: see [`Limits`].
//! - **Limits** for heads, fields, bodies, connections in total and from one address, and waiting requests. The
//!   service renders the refusal in the form that the client asked for.
//! - **Separate slow workers.** The runtime's own threads answer requests that never block. Other threads answer
//!   those that can block (see [`Service::may_block`]).
//! - **Recovery.** If the process runs out of descriptors, accepting pauses until some are free.
//! - Several addresses, Unix sockets (always plain HTTP), sockets from systemd, and a stop that finishes the
//!   requests in flight.
//!
//! HTTP/2 without TLS and protocol upgrades are not supported.
//!
//! # Responses that do not come from the service
//!
//! HTTP/2 requests whose header fields are too large get a bare 431 from h2.
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
mod exchange;
mod filter;
mod head;
mod limits;
mod listen;
mod phase_clock;
mod read_buffer;
mod running;
mod stream;
mod tls;
mod workers;

pub use error::{BindError, ServeError, TlsError};
pub use kunci_transport::{Listen, Service, UnixSocketError};
pub use limits::Limits;
pub use running::{Bound, Running, StopHandle, bind};
pub use tls::TlsFiles;
