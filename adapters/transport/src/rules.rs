//! HTTP rules for every transport: valid request targets, and header fields that a service may not set.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::uri::Scheme;
use http::{Method, Response, StatusCode, Uri};

/// A part of a request head that HTTP does not allow, although a library accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Parses a request target (RFC 9112, section 3.2).
///
/// The valid forms are origin form, absolute form with http or https, and `*` with `OPTIONS`. Authority form is
/// for proxies only. Quotes and braces are accepted, as in the `http` crate. Fragments are refused, because the
/// crate would drop them and change the target.
///
/// # Errors
/// Returns [`Malformed`] for every other target.
pub fn target(method: &Method, target: &str) -> Result<Uri, Malformed> {
    let printable = target.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    let uri = Uri::try_from(target).map_err(|_| Malformed)?;
    let known_form = match uri.scheme() {
        Some(scheme) => *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS,
        None => target.starts_with('/') || (target == "*" && method == Method::OPTIONS),
    };
    (printable && known_form).then_some(uri).ok_or(Malformed)
}

/// Returns whether only the transport may set this response field, because it concerns the connection or the
/// framing.
pub fn belongs_to_transport(name: &HeaderName) -> bool {
    [CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING, TRAILER, UPGRADE].contains(name) || name == "keep-alive"
}

/// Returns whether a response with this status has a body, even an empty one (RFC 9110, section 6.4.1).
pub fn has_body(status: StatusCode) -> bool {
    !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Returns the length of the body, in bytes. If the body of a response to `HEAD` is empty, the length is the
/// service's `Content-Length`.
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
    fn only_printable_targets_of_known_forms_are_valid() {
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
