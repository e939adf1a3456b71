//! What transports share: the [`Service`] that they host, how it is called so that nothing it does can
//! end a worker, which targets and header fields may pass, where servers listen, and the files of Unix
//! sockets.
//!
//! What it leaves out: connections, threads and deadlines, which are each transport's own.

mod answer;
mod listen;
mod rules;
mod service;
mod unix_socket;

pub use answer::{answer, may_block, minimal};
pub use listen::{BACKLOG, Listen};
pub use rules::{Malformed, belongs_to_transport, declared_length, has_body, target};
pub use service::Service;
pub use unix_socket::{SocketFile, UnixSocketError, bind_unix};
