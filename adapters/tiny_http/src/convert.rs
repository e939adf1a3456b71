//! Converts tiny_http's request into the one of the `http` crate.

use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderValue, Method, Request, StatusCode};
use kunci_transport::{Malformed, target};

use crate::limits::Limits;

/// Returns the request without its body.
///
/// # Errors
/// [`Malformed`] if tiny_http accepted a method, target or header field that HTTP does not allow.
pub(crate) fn strict(request: &tiny_http::Request) -> Result<Request<Bytes>, Malformed> {
    let mut strict = with_peer(request);
    *strict.method_mut() = method(request)?;
    *strict.uri_mut() = target(strict.method(), request.url())?;
    strict.headers_mut().reserve(request.headers().len());
    for header in request.headers() {
        let (name, value) = field(header)?;
        strict.headers_mut().append(name, value);
    }
    Ok(strict)
}

/// Returns the valid parts of the request, marked as refused with this status. It has no body, no
/// malformed header field, and no more header fields than the limits allow.
pub(crate) fn refused(request: &tiny_http::Request, limits: &Limits, status: StatusCode) -> Request<Bytes> {
    let mut refused = with_peer(request);
    *refused.method_mut() = method(request).unwrap_or_default();
    *refused.uri_mut() = target(refused.method(), request.url()).unwrap_or_default();
    let fields = request.headers().iter().take(limits.headers);
    *refused.headers_mut() = fields.filter_map(|header| field(header).ok()).collect();
    mark_refused(refused, status)
}

/// Removes the body, and asks the service to render this refusal.
pub(crate) fn mark_refused(request: Request<Bytes>, status: StatusCode) -> Request<Bytes> {
    let mut refused = request.map(|_| Bytes::new());
    refused.extensions_mut().insert(status);
    refused
}

fn with_peer(request: &tiny_http::Request) -> Request<Bytes> {
    let mut converted = Request::new(Bytes::new());
    request
        .remote_addr()
        .map(|peer| converted.extensions_mut().insert(*peer));
    converted
}

fn method(request: &tiny_http::Request) -> Result<Method, Malformed> {
    Method::from_bytes(request.method().as_str().as_bytes()).map_err(|_| Malformed)
}

fn field(header: &tiny_http::Header) -> Result<(HeaderName, HeaderValue), Malformed> {
    let name = HeaderName::from_bytes(header.field.as_str().as_bytes()).map_err(|_| Malformed)?;
    let value = HeaderValue::from_bytes(header.value.as_bytes()).map_err(|_| Malformed)?;
    Ok((name, value))
}
