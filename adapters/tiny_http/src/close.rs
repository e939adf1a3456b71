//! Answers a request whose body is still on the connection, and closes the connection.
//!
//! tiny_http reads the rest of a body when the request is dropped, which blocks until the client has sent
//! it, and first allocates as many bytes as are missing. So the response goes out before the request is
//! dropped, and on TCP the socket is shut down, which ends every read.

use std::io::{self, ErrorKind, Read, Write};
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Response;
use http::header::SERVER;
use kunci_transport::{belongs_to_transport, declared_length};
use nix::sys::socket::Shutdown;
use tiny_http::{Method, ReadWrite, Request};

use crate::response::is_one_line;
use crate::sockets::{Connection, is_timeout};
use crate::threads::{self, Threads};

type Stream = Box<dyn ReadWrite + Send>;

/// The largest rest of a body, in bytes, that may be allocated to drop its request. The allocation is
/// zeroed and unused, so it takes addresses rather than memory.
const LARGEST_DROPPED: usize = 64 * 1024 * 1024;

/// How long a refused body is still read on TCP. Otherwise a client that is still sending is reset, and may
/// miss the response.
const LINGER_TIME: Duration = Duration::from_secs(10);

/// Threads that close connections at the same time. Beyond that, connections on TCP do not linger.
const MOST_CLOSERS: usize = 64;

/// Answers and closes. `rest` is the number of bytes of the body, none if it is chunked.
pub(crate) fn answer(
    response: &Response<Bytes>,
    request: Request,
    rest: Option<usize>,
    connection: Option<Connection>,
    closers: &Arc<Threads>,
) {
    let stream = ManuallyDrop::new(respond(request, response));
    if rest > Some(LARGEST_DROPPED) {
        // Reading to the end has tiny_http drop the body as well, so it is not read.
        tracing::warn!("a huge declared body keeps its connection until the process ends");
        connection.map(|connection| connection.shutdown(Shutdown::Both));
        return;
    }
    let slot = closers.enter(MOST_CLOSERS);
    if connection.is_some() && slot.is_none() {
        return close(stream, connection, false);
    }
    // On a Unix socket, reading the rest can block until the client closes the connection.
    let close = move || close(stream, connection, true);
    if let Err(error) = threads::spawn("kunci-close", slot, close) {
        tracing::error!(%error, "a refused connection stays open");
    }
}

/// Writes the response without dropping the request.
///
/// The only function of tiny_http that allows this is `upgrade`. It starts the head with `Connection:
/// upgrade` and the protocol, and drops a `Connection` field. So the two missing fields are appended to
/// the protocol name. RFC 9110, section 7.8, allows `Upgrade` in every response.
fn respond(request: Request, response: &Response<Bytes>) -> Stream {
    let is_head = *request.method() == Method::Head;
    let length = declared_length(response, is_head);
    let protocol = format!("HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}");
    let status = tiny_http::StatusCode(response.status().as_u16());
    let head = tiny_http::Response::new(status, fields(response), io::empty(), None, None);
    let mut stream = request.upgrade(&protocol, head);
    if !is_head {
        // The client may have closed the connection.
        let _ = stream.write_all(response.body()).and_then(|()| stream.flush());
    }
    stream
}

/// Returns the valid fields, and a `Server` field because tiny_http would add its own.
fn fields(response: &Response<Bytes>) -> Vec<tiny_http::Header> {
    let headers = response.headers();
    let server = (!headers.contains_key(SERVER)).then_some((&SERVER, "kunci".as_bytes()));
    headers
        .iter()
        .filter(|(name, _)| !belongs_to_transport(name))
        .map(|(name, value)| (name, value.as_bytes()))
        .chain(server)
        .filter(|(_, value)| is_one_line(value))
        .filter_map(|(name, value)| tiny_http::Header::from_bytes(name.as_str(), value).ok())
        .collect()
}

/// Closes an answered connection. If a stream cannot be dropped without blocking, it is leaked.
fn close(mut stream: ManuallyDrop<Stream>, connection: Option<Connection>, lingers: bool) {
    if let Some(connection) = connection {
        if lingers && connection.shutdown(Shutdown::Write) {
            let deadline = Instant::now() + LINGER_TIME;
            discard(&mut stream, || Instant::now() < deadline);
        }
        connection.shutdown(Shutdown::Both);
    }
    // This reads what is in the socket's buffer. If parts of the body stayed there, tiny_http would take
    // them for a request.
    if discard(&mut stream, || true) {
        drop(ManuallyDrop::into_inner(stream));
    }
}

/// Reads the body while `goes_on` holds. Returns whether the body or the connection has ended.
fn discard(stream: &mut Stream, goes_on: impl Fn() -> bool) -> bool {
    let mut piece = [0; 8 * 1024];
    while goes_on() {
        match stream.read(&mut piece) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return !is_timeout(error.kind()),
        }
    }
    false
}
