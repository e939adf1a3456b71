//! The service that a transport hosts.

use std::net::IpAddr;

use bytes::Bytes;
use http::{Method, Request, Response};

/// A function from a complete request to a complete response.
pub trait Service: Send + Sync + 'static {
    /// Answers one request. Its body is complete and within the limit.
    ///
    /// A request can have two extensions:
    ///
    /// - [`std::net::SocketAddr`] is the address of the client. It is absent on Unix sockets.
    /// - [`http::StatusCode`] means that the transport refuses the request with that status (400, 408, 411,
    ///   413, 431, 500 or 503). The service only renders the refusal, with all its headers, in the format that
    ///   the client asked for. Such a request has no body and no malformed or excess header fields. An invalid
    ///   target is replaced by `/`, and an invalid method by `GET`.
    ///
    /// The transport sets `Content-Length` from the body. It only uses the service's value in a response to
    /// `HEAD` with an empty body. The transport also removes `Connection`, `Keep-Alive`, `Transfer-Encoding`,
    /// `Trailer` and `Upgrade` from the response.
    ///
    /// The service should catch its own panics. If a panic reaches the transport, it calls the service again
    /// with status 500 and a request whose only header field is `Accept`.
    fn call(&self, request: Request<Bytes>) -> Response<Bytes>;

    /// Returns whether answering the request can block, for example on a password hash or the network. Such
    /// requests run on separate threads.
    ///
    /// The transport can call this for every request, even for a refused one, so it must return quickly. The
    /// path is as the client sent it: not decoded, and without the query.
    fn may_block(&self, method: &Method, path: &str) -> bool;

    /// Returns whether a reverse proxy connects from this address. Its clients share the address, so the
    /// transport limits its connections only in total.
    fn is_proxy(&self, _peer: IpAddr) -> bool {
        false
    }
}
