//! The service that a transport hosts.

use bytes::Bytes;
use http::{Method, Request, Response};

/// A function from a complete request to a complete response.
pub trait Service: Send + Sync + 'static {
    /// Answers one request, whose body is read and within the limit.
    ///
    /// Two extensions of the request have a meaning:
    ///
    /// - [`std::net::SocketAddr`] is the peer's address. It is absent on Unix sockets.
    /// - [`http::StatusCode`] means that the transport refuses this request with that status (400,
    ///   408, 411, 413, 431, 500 or 503). The service only renders the refusal, with all its headers, in
    ///   the form that the client asked for. Such a request has no body and no malformed or excess header
    ///   fields. A target that does not parse is replaced by `/`, such a method by `GET`.
    ///
    /// The transport sets `Content-Length` from the body and ignores the field, except in a response to `HEAD`
    /// with an empty body. `Connection`, `Keep-Alive`, `Transfer-Encoding`, `Trailer` and `Upgrade` belong to
    /// the transport, which removes them from the response.
    ///
    /// The service should catch its panics. After one that escapes, the service is called again with status 500
    /// and a request whose only header field is `Accept`.
    fn call(&self, request: Request<Bytes>) -> Response<Bytes>;

    /// Returns whether answering can block, for example on a password hash or the network. Such requests go to
    /// the slow workers. It is called for each request, possibly even a refused one, and must be quick. The path
    /// is as the client sent it, not decoded and without the query.
    fn may_block(&self, method: &Method, path: &str) -> bool;
}
