//! The common parts of all transports: the [`Service`] that they host, calling it safely, rules for targets
//! and header fields, listening addresses, and the files of Unix sockets.

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
