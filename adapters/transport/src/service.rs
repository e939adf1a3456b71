//! What a transport hosts.
//! Leaves out how requests come in and how answers are written.

use bytes::Bytes;
use http::{Method, Request, Response};

/// What a transport hosts: a function from a whole request to a whole response.
pub trait Service: Send + Sync + 'static {
    /// Answers one request whose body is already read and bounded.
    ///
    /// Two extensions of the request matter:
    ///
    /// - [`std::net::SocketAddr`] is the peer. It is absent on Unix sockets.
    /// - [`http::StatusCode`] means that the transport refuses this request with that status (400,
    ///   408, 411, 413, 431, 500 or 503) and asks only to render the refusal, with all its headers, in
    ///   the form that the client asked for. Such a request has no body, lacks header fields that are
    ///   malformed or too many, and has `/` and `GET` in place of a target and a method that do not
    ///   parse.
    ///
    /// A response's `Content-Length` is what its body has, so the field is ignored, except in the
    /// answer to a `HEAD` request with an empty body. `Connection`, `Keep-Alive`, `Transfer-Encoding`,
    /// `Trailer` and `Upgrade` belong to the transport and are left out.
    ///
    /// Panics should be caught here. One that escapes costs a second call, with status 500, in which the
    /// request has no header field but `Accept`.
    fn call(&self, request: Request<Bytes>) -> Response<Bytes>;

    /// Whether answering may wait, for a password hash or the network, say. Such requests go to the
    /// slow workers. It is asked for every request, even one that is going to be refused, and must be
    /// quick. The path is as the client sent it, without the query, nothing decoded.
    fn may_block(&self, method: &Method, path: &str) -> bool;
}
