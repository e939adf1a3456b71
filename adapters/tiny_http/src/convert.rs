//! From tiny_http's request to the one of the `http` crate: whole and strictly for the service to
//! answer, or what there is of it for a refusal to be rendered.
//! Leaves out bodies, and whether a request is refused.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{ACCEPT, HeaderName};
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, Version};

use crate::framing::is_old;
use crate::limits::Limits;

/// Something in the head that HTTP does not allow and tiny_http let through.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

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

/// What it takes to render a refusal when the request itself is gone: its method and target, its peer,
/// and the form that the client asked for. It is made for every request, so it holds no more.
pub(crate) struct Reminder {
    method: Method,
    uri: Uri,
    version: Version,
    accept: Option<HeaderValue>,
    peer: Option<SocketAddr>,
}

impl Reminder {
    pub(crate) fn of(whole: &Request<Bytes>) -> Self {
        Self {
            method: whole.method().clone(),
            uri: whole.uri().clone(),
            version: whole.version(),
            accept: whole.headers().get(ACCEPT).cloned(),
            peer: whole.extensions().get().copied(),
        }
    }

    pub(crate) fn refused(self, status: StatusCode) -> Request<Bytes> {
        let mut refused = Request::new(Bytes::new());
        *refused.method_mut() = self.method;
        *refused.uri_mut() = self.uri;
        *refused.version_mut() = self.version;
        if let Some(accept) = self.accept {
            refused.headers_mut().insert(ACCEPT, accept);
        }
        if let Some(peer) = self.peer {
            refused.extensions_mut().insert(peer);
        }
        refused.extensions_mut().insert(status);
        refused
    }
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

/// The target in origin form, in absolute form of http or https, or `*` with `OPTIONS` (RFC 9112,
/// section 3.2). The authority form belongs to proxies, which this is not. The `http` crate forgives
/// fragments, quotes and braces; a fragment is refused here, as dropping it would change the target.
fn target(method: &Method, target: &str) -> Result<Uri, Malformed> {
    let printable = target.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    let uri = Uri::try_from(target).map_err(|_| Malformed)?;
    let known_form = match uri.scheme() {
        Some(scheme) => *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS,
        None => target.starts_with('/') || (target == "*" && method == Method::OPTIONS),
    };
    (printable && known_form).then_some(uri).ok_or(Malformed)
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

    #[track_caller]
    fn check(method: Method, text: &str, path: Option<&str>) {
        let parsed = target(&method, text);
        assert_eq!(parsed.as_ref().ok().map(Uri::path), path, "{text:?}");
    }

    #[test]
    fn targets_are_of_a_known_form_and_printable() {
        check(Method::GET, "/", Some("/"));
        check(Method::GET, "/a/b?c=d", Some("/a/b"));
        check(Method::GET, "//a", Some("//a"));
        check(Method::GET, "http://example.org/x?y", Some("/x"));
        check(Method::GET, "HTTPS://example.org", Some("/"));
        check(Method::OPTIONS, "*", Some("*"));
        check(Method::GET, "*", None);
        check(Method::CONNECT, "example.org:443", None);
        check(Method::GET, "example.org", None);
        check(Method::GET, "ftp://example.org/", None);
        check(Method::GET, "", None);
        check(Method::GET, "/a#b", None);
        check(Method::GET, "/a\tb", None);
        check(Method::GET, "/a\u{7f}", None);
        check(Method::GET, "/<a>", None);
    }

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
