//! Hosts a [`Service`] on hyper 1 and tokio: for everything that strangers can reach.
//!
//! - **HTTP/1.1**, and with a certificate **HTTP/2**, by rustls. The certificate is read again when
//!   asked, and connections go on.
//! - **One way to read a request.** A head is looked at before hyper sees it; what could be read in two
//!   ways is refused with 400, and nothing more is answered on its connection.
//! - **Deadlines** for the handshake, the head, the body, the whole request with its answer, and for
//!   connections that are idle: see [`Limits`].
//! - **Bounds** for heads, fields, bodies, connections in all and from one address, and requests that
//!   wait. What is beyond them is told so, by the service, in the form that the client asked for.
//! - **Quick and slow apart.** What never waits is answered by the runtime's own threads, what may wait
//!   (see [`Service::may_block`]) by others.
//! - **No end by exhaustion.** Without descriptors accepting pauses, and goes on when there are some.
//! - Several addresses, Unix sockets (plain HTTP, even beside a certificate), sockets from systemd, and a stop that finishes what has begun.
//!
//! What it leaves out: routes, cookies, pages and every other decision about an answer, which are the
//! service's; HTTP/2 without TLS; protocols that take a connection over.
//!
//! # What is answered without the service
//!
//! HTTP/2 requests whose fields are too large for h2 get its bare 431.
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
mod gate;
mod head;
mod inbox;
mod limits;
mod listen;
mod running;
mod stream;
mod tls;
mod watch;
mod workers;

pub use error::{BindError, ServeError, TlsError};
pub use kunci_transport::{Listen, Service, UnixSocketError};
pub use limits::Limits;
pub use running::{Bound, Running, StopHandle, bind};
pub use tls::TlsFiles;
