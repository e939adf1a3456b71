//! From tiny_http's request to the one of the `http` crate: whole and strictly for the service to
//! answer, or what there is of it for a refusal to be rendered.
//! Leaves out bodies, and whether a request is refused.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Version};
use kunci_transport::{Malformed, target};

use crate::framing::is_old;
use crate::limits::Limits;

/// The request, still without its body.
pub(crate) fn whole(
    request: &tiny_http::Request,
    peer: Option<SocketAddr>,
) -> Result<Request<Bytes>, Malformed> {
    let mut whole = Request::new(Bytes::new());
    *whole.method_mut() = method(request.method())?;
    *whole.uri_mut() = target(whole.method(), request.url())?;
    *whole.version_mut() = version(request);
    let headers = whole.headers_mut();
    headers
        .try_reserve(request.headers().len())
        .map_err(|_| Malformed)?;
    for header in request.headers() {
        let (name, value) = field(header)?;
        headers.try_append(name, value).map_err(|_| Malformed)?;
    }
    if let Some(peer) = peer {
        whole.extensions_mut().insert(peer);
    }
    Ok(whole)
}

/// What there is of the request, as an order to render this refusal: no body, no field that is
/// malformed, no more fields than the limits allow.
pub(crate) fn refused(
    request: &tiny_http::Request,
    peer: Option<SocketAddr>,
    limits: &Limits,
    status: StatusCode,
) -> Request<Bytes> {
    let mut refused = Request::new(Bytes::new());
    *refused.method_mut() = method(request.method()).unwrap_or_default();
    *refused.uri_mut() = target(refused.method(), request.url()).unwrap_or_default();
    *refused.version_mut() = version(request);
    *refused.headers_mut() = allowed_fields(request, limits);
    if let Some(peer) = peer {
        refused.extensions_mut().insert(peer);
    }
    refused.extensions_mut().insert(status);
    refused
}

/// A request that has been whole, as an order to render this refusal.
pub(crate) fn as_refused(whole: Request<Bytes>, status: StatusCode) -> Request<Bytes> {
    let mut refused = whole.map(|_| Bytes::new());
    refused.extensions_mut().insert(status);
    refused
}

/// The method and the path, before anything is converted: as `whole` will have them, if it has them.
pub(crate) fn preview(request: &tiny_http::Request) -> Option<(Method, &str)> {
    let url = request.url();
    let from_path = match url.split_once("://") {
        Some((_, rest)) if !url.starts_with('/') => rest.find('/').map_or("/", |at| &rest[at..]),
        _ => url,
    };
    let path = from_path.split('?').next().unwrap_or_default();
    Some((method(request.method()).ok()?, path))
}

fn allowed_fields(request: &tiny_http::Request, limits: &Limits) -> HeaderMap {
    let mut fields = HeaderMap::new();
    let mut bytes = 0;
    for header in request.headers().iter().take(limits.headers) {
        bytes += header.field.as_str().len() + header.value.len();
        if bytes > limits.head {
            break;
        }
        if let Ok((name, value)) = field(header) {
            // A map that is full has enough to choose a form by.
            let _ = fields.try_append(name, value);
        }
    }
    fields
}

fn method(method: &tiny_http::Method) -> Result<Method, Malformed> {
    Ok(match method {
        tiny_http::Method::Get => Method::GET,
        tiny_http::Method::Head => Method::HEAD,
        tiny_http::Method::Post => Method::POST,
        tiny_http::Method::Put => Method::PUT,
        tiny_http::Method::Delete => Method::DELETE,
        tiny_http::Method::Connect => Method::CONNECT,
        tiny_http::Method::Options => Method::OPTIONS,
        tiny_http::Method::Trace => Method::TRACE,
        tiny_http::Method::Patch => Method::PATCH,
        tiny_http::Method::NonStandard(token) => {
            Method::from_bytes(token.as_bytes()).map_err(|_| Malformed)?
        }
    })
}

fn version(request: &tiny_http::Request) -> Version {
    if is_old(request.http_version()) {
        Version::HTTP_10
    } else {
        Version::HTTP_11
    }
}

fn field(header: &tiny_http::Header) -> Result<(HeaderName, HeaderValue), Malformed> {
    let name = HeaderName::from_bytes(header.field.as_str().as_bytes()).map_err(|_| Malformed)?;
    let value = HeaderValue::from_bytes(header.value.as_bytes()).map_err(|_| Malformed)?;
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_tokens() {
        let parsed = |text: &str| method(&text.parse().unwrap());
        assert_eq!(parsed("GET"), Ok(Method::GET));
        assert_eq!(parsed("PROPFIND").unwrap().as_str(), "PROPFIND");
        assert_eq!(parsed("get").unwrap().as_str(), "get");
        assert_eq!(parsed("G@T"), Err(Malformed));
        assert_eq!(parsed(""), Err(Malformed));
    }
}
