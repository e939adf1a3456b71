//! Rules of HTTP that hold for each transport: the forms of a request's target, and the header fields that a
//! service may not set.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::uri::Scheme;
use http::{Method, Response, StatusCode, Uri};

/// A part of the head that HTTP does not allow, although a library accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Parses a target in origin form, in absolute form with http or https, or `*` with `OPTIONS` (RFC 9112,
/// section 3.2). The authority form is for proxies. The `http` crate accepts fragments, quotes and braces; a
/// fragment is refused here, because dropping it would change the target.
///
/// # Errors
/// [`Malformed`] for every other target.
pub fn target(method: &Method, target: &str) -> Result<Uri, Malformed> {
    let printable = target.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    let uri = Uri::try_from(target).map_err(|_| Malformed)?;
    let known_form = match uri.scheme() {
        Some(scheme) => *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS,
        None => target.starts_with('/') || (target == "*" && method == Method::OPTIONS),
    };
    (printable && known_form).then_some(uri).ok_or(Malformed)
}

/// Returns whether a response field is about the connection, so that only the transport may send it.
pub fn belongs_to_transport(name: &HeaderName) -> bool {
    [CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING, TRAILER, UPGRADE].contains(name) || name == "keep-alive"
}

/// Returns whether a response with this status has a body, which can be empty (RFC 9110, section 6.4.1).
pub fn has_body(status: StatusCode) -> bool {
    !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Returns the length of the body, in bytes. A service that answers `HEAD` without a body can declare the length
/// with `Content-Length`.
pub fn declared_length(response: &Response<Bytes>, is_head: bool) -> usize {
    let declared = || {
        response
            .headers()
            .get(CONTENT_LENGTH)?
            .to_str()
            .ok()?
            .parse()
            .ok()
    };
    match response.body().len() {
        0 if is_head => declared().unwrap_or(0),
        length => length,
    }
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
    fn only_printable_targets_of_known_forms_are_parsed() {
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
}
