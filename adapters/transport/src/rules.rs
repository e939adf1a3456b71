//! What may pass on any wire: the forms of a request's target, and which fields of an answer are not
//! the service's to set.
//! Leaves out reading and writing.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::uri::Scheme;
use http::{Method, Response, StatusCode, Uri};

/// Something in the head that HTTP does not allow and a library let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// The target in origin form, in absolute form of http or https, or `*` with `OPTIONS` (RFC 9112,
/// section 3.2). The authority form belongs to proxies, which this is not. The `http` crate forgives
/// fragments, quotes and braces; a fragment is refused here, as dropping it would change the target.
///
/// # Errors
/// [`Malformed`], for everything else.
pub fn target(method: &Method, target: &str) -> Result<Uri, Malformed> {
    let printable = target.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    let uri = Uri::try_from(target).map_err(|_| Malformed)?;
    let known_form = match uri.scheme() {
        Some(scheme) => *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS,
        None => target.starts_with('/') || (target == "*" && method == Method::OPTIONS),
    };
    (printable && known_form).then_some(uri).ok_or(Malformed)
}

/// Whether a field of an answer is about the connection, so that only the transport may send it.
pub fn belongs_to_transport(name: &HeaderName) -> bool {
    [CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING, TRAILER, UPGRADE].contains(name) || name == "keep-alive"
}

/// Whether an answer with this status has a body, be it empty (RFC 9110, section 6.4.1).
pub fn has_body(status: StatusCode) -> bool {
    !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// The length of the body, in bytes. A service that answers `HEAD` without making the body may say how
/// long it would have been.
pub fn declared_length(response: &Response<Bytes>, is_head: bool) -> usize {
    let said = || {
        response
            .headers()
            .get(CONTENT_LENGTH)?
            .to_str()
            .ok()?
            .parse()
            .ok()
    };
    match response.body().len() {
        0 if is_head => said().unwrap_or(0),
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
}
