//! Checks the head of an HTTP/1 request strictly, and determines the framing of its body.
//!
//! Request smuggling needs a message that two servers parse differently (RFC 9112, section 11.2), so ambiguous
//! heads are refused. hyper responds to some errors by itself. An accepted head has none of them.

use http::uri::Authority;
use http::{Method, StatusCode};
use kunci_transport::target;

/// The header field with which the filter marks a refused request. If a client sends it, the request is
/// refused.
pub(crate) const REFUSAL: &str = "kunci-refusal";

/// The largest accepted `Content-Length`, in bytes. The two largest values of a `u64` have a special meaning
/// in hyper.
const MAX_LENGTH: u64 = u64::MAX >> 1;

/// How the length of a body is determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// A body with this length in bytes, which may be zero.
    Sized(u64),
    /// A chunked body.
    Chunked,
}

/// Returns the length of the head at the start of `bytes`, including the empty line that ends it, or `None` if
/// the head is incomplete. The first `seen` bytes were searched before.
pub(crate) fn end_of_head(bytes: &[u8], seen: usize) -> Option<usize> {
    let from = seen.saturating_sub(3);
    let at = memchr::memmem::find(bytes.get(from..)?, b"\r\n\r\n")?;
    Some(from + at + 4)
}

/// Checks a complete head.
///
/// # Errors
/// Returns the status of the refusal: 431 for too many fields, 413 for a length above the largest accepted
/// one, 400 for every other error.
pub(crate) fn check(head: &[u8], max_fields: usize) -> Result<Framing, StatusCode> {
    let lines = head.strip_suffix(b"\r\n\r\n").ok_or(StatusCode::BAD_REQUEST)?;
    let mut lines = Lines(Some(lines));
    let is_http_1_0 = parse_request_line(lines.next().unwrap_or_default()).ok_or(StatusCode::BAD_REQUEST)?;
    let mut fields = FramingFields::default();
    for (number, line) in lines.enumerate() {
        if number == max_fields {
            return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        fields.add(line).ok_or(StatusCode::BAD_REQUEST)?;
    }
    match fields.framing(is_http_1_0) {
        Some(Framing::Sized(length)) if length > MAX_LENGTH => Err(StatusCode::PAYLOAD_TOO_LARGE),
        framing => framing.ok_or(StatusCode::BAD_REQUEST),
    }
}

/// Returns the value of `Accept` in a refused head, if the field exists and is valid text.
pub(crate) fn accept_value(head: &[u8]) -> Option<&[u8]> {
    let mut lines = head.split(|byte| *byte == b'\n');
    lines.find_map(|line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (name, value) = line.split_at_checked(7)?;
        (name.eq_ignore_ascii_case(b"accept:") && value.iter().all(|byte| is_text(*byte))).then_some(value)
    })
}

/// The lines of a head, separated by CR LF. A lone CR or LF stays in its line, where it is invalid.
struct Lines<'h>(Option<&'h [u8]>);

impl<'h> Iterator for Lines<'h> {
    type Item = &'h [u8];

    fn next(&mut self) -> Option<&'h [u8]> {
        let rest = self.0.take()?;
        match memchr::memchr(b'\r', rest) {
            Some(at) if rest.get(at + 1) == Some(&b'\n') => {
                self.0 = rest.get(at + 2..);
                rest.get(..at)
            }
            _ => Some(rest),
        }
    }
}

/// Parses `METHOD SP TARGET SP HTTP/1.x`, and returns whether the version is 1.0. Returns `None` if the line is
/// malformed.
fn parse_request_line(line: &[u8]) -> Option<bool> {
    let line = std::str::from_utf8(line).ok()?;
    let (method, rest) = line.split_once(' ')?;
    let (path, version) = rest.rsplit_once(' ')?;
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    target(&method, path).ok()?;
    match version {
        "HTTP/1.1" => Some(false),
        "HTTP/1.0" => Some(true),
        _ => None,
    }
}

/// What `Host`, `Content-Length` and `Transfer-Encoding` say.
#[derive(Default)]
struct FramingFields {
    hosts: usize,
    length: Option<u64>,
    chunked: bool,
}

impl FramingFields {
    /// Checks and adds a field. Returns `None` if it is malformed or repeats one that must be unique.
    fn add(&mut self, line: &[u8]) -> Option<()> {
        let colon = memchr::memchr(b':', line)?;
        let (name, value) = (line.get(..colon)?, line.get(colon + 1..)?);
        // Whitespace before the name marks a folded line. Whitespace after it can hide the field from another
        // server.
        let is_valid_name = !name.is_empty() && name.iter().all(|byte| is_token(*byte));
        if !is_valid_name || !value.iter().all(|byte| is_text(*byte)) {
            return None;
        }
        let value = value.trim_ascii();
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => {
                is_host(value).then_some(())?;
                self.hosts += 1;
            }
            13 if name.eq_ignore_ascii_case(REFUSAL.as_bytes()) => return None,
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                let length = parse_length(value)?;
                self.length.replace(length).is_none().then_some(())?;
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                let is_first = !std::mem::replace(&mut self.chunked, true);
                (is_first && value.eq_ignore_ascii_case(b"chunked")).then_some(())?;
            }
            _ => {}
        }
        Some(())
    }

    /// Returns the framing, or `None` if `Host` is missing or repeated or the length is ambiguous (RFC 9112,
    /// sections 3.2 and 6.3). Only HTTP/1.0 may omit `Host`.
    fn framing(&self, is_http_1_0: bool) -> Option<Framing> {
        let has_valid_host = self.hosts == 1 || (is_http_1_0 && self.hosts == 0);
        match (self.chunked, self.length) {
            _ if !has_valid_host => None,
            (false, length) => Some(Framing::Sized(length.unwrap_or(0))),
            (true, None) if !is_http_1_0 => Some(Framing::Chunked),
            (true, _) => None,
        }
    }
}

/// Returns whether the value is empty, or a host with an optional port (RFC 9112, section 3.2).
fn is_host(value: &[u8]) -> bool {
    value.is_empty() || Authority::try_from(value).is_ok_and(|authority| !authority.as_str().contains('@'))
}

/// Parses the value of `Content-Length`, which must be digits only. Signs, lists and overflows are invalid.
fn parse_length(value: &[u8]) -> Option<u64> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    is_number
        .then(|| std::str::from_utf8(value).ok()?.parse().ok())
        .flatten()
}

/// Returns whether the byte can be in a token (RFC 9110, section 5.6.2).
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// Returns whether the byte can be in a field value: a tab, or any byte that is not a control character (RFC
/// 9110, section 5.5).
const fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
