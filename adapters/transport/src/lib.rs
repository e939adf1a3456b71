//! The parts that all transports share: the [`Service`] trait, calls that survive its panics, rules for request
//! targets and header fields, listening addresses, and Unix sockets.

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
