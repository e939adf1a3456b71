//! Whether the head of an HTTP/1 request is one that everybody reads alike, and where its body ends.
//!
//! Whatever one server reads as one request and another as two is a way to smuggle (RFC 9112, section
//! 11.2), so nothing is forgiven here. What passes has no fault left that hyper would answer by itself.
//! Leaves out what the fields mean, apart from those that say where the message ends.

use http::uri::Authority;
use http::{Method, StatusCode};
use kunci_transport::target;

/// The field that tells the service's side of a connection that the gate refuses a request. Clients may
/// not send it.
pub(crate) const REFUSAL: &str = "kunci-refusal";

/// Lengths beyond it are no business of anybody's, and the last two that a `u64` has mean something else
/// to hyper.
const LONGEST_LENGTH: u64 = u64::MAX >> 1;

/// What comes after a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// So many bytes of body, maybe none.
    Sized(u64),
    /// A body in chunks.
    Chunked,
}

/// The length of the head at the beginning of `bytes`, with the empty line that ends it; `None` when
/// more has to come. `seen` bytes were looked at before.
pub(crate) fn end_of_head(bytes: &[u8], seen: usize) -> Option<usize> {
    let from = seen.saturating_sub(3);
    let at = memchr::memmem::find(bytes.get(from..)?, b"\r\n\r\n")?;
    Some(from + at + 4)
}

/// Checks a whole head.
///
/// # Errors
/// The status to refuse it with: 431 for too many fields, 413 for a body beyond all memory, 400 for
/// everything else.
pub(crate) fn check(head: &[u8], most_fields: usize) -> Result<Framing, StatusCode> {
    let lines = head.strip_suffix(b"\r\n\r\n").ok_or(StatusCode::BAD_REQUEST)?;
    let mut lines = Lines(Some(lines));
    let is_old = request_line(lines.next().unwrap_or_default()).ok_or(StatusCode::BAD_REQUEST)?;
    let mut fields = Fields::default();
    for (number, line) in lines.enumerate() {
        if number == most_fields {
            return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        fields.take(line).ok_or(StatusCode::BAD_REQUEST)?;
    }
    match fields.framing(is_old) {
        Some(Framing::Sized(length)) if length > LONGEST_LENGTH => Err(StatusCode::PAYLOAD_TOO_LARGE),
        framing => framing.ok_or(StatusCode::BAD_REQUEST),
    }
}

/// The value of `Accept` in a head that was refused, when it can be made out and repeated.
pub(crate) fn accept(head: &[u8]) -> Option<&[u8]> {
    let mut lines = head.split(|byte| *byte == b'\n');
    lines.find_map(|line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (name, value) = line.split_at_checked(7)?;
        (name.eq_ignore_ascii_case(b"accept:") && value.iter().all(|byte| is_text(*byte))).then_some(value)
    })
}

/// The parts between CR LF; what follows a CR or LF by itself stays in its line, where that is no text.
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

/// Whether the version is HTTP/1.0, if the line is `METHOD SP TARGET SP HTTP/1.x`.
fn request_line(line: &[u8]) -> Option<bool> {
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

/// What the fields say that decides how the message is read.
#[derive(Default)]
struct Fields {
    hosts: usize,
    length: Option<u64>,
    chunked: bool,
}

impl Fields {
    /// Takes one field in; `None` when it is malformed, or contradicts another.
    fn take(&mut self, line: &[u8]) -> Option<()> {
        let colon = memchr::memchr(b':', line)?;
        let (name, value) = (line.get(..colon)?, line.get(colon + 1..)?);
        // A name that begins with a blank would be a folded line, one that ends with it a hidden field.
        let is_field = !name.is_empty() && name.iter().all(|byte| is_token(*byte));
        if !is_field || !value.iter().all(|byte| is_text(*byte)) {
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
                let length = number(value)?;
                self.length.replace(length).is_none().then_some(())?;
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                let first = !std::mem::replace(&mut self.chunked, true);
                (first && value.eq_ignore_ascii_case(b"chunked")).then_some(())?;
            }
            _ => {}
        }
        Some(())
    }

    /// RFC 9112, sections 3.2 and 6.3: one `Host`, and one way to read the length.
    fn framing(&self, is_old: bool) -> Option<Framing> {
        let host = self.hosts == 1 || (is_old && self.hosts == 0);
        match (self.chunked, self.length) {
            _ if !host => None,
            (false, length) => Some(Framing::Sized(length.unwrap_or(0))),
            (true, None) if !is_old => Some(Framing::Chunked),
            (true, _) => None,
        }
    }
}

/// Nothing, or a host and maybe a port (RFC 9112, section 3.2).
fn is_host(value: &[u8]) -> bool {
    value.is_empty() || Authority::try_from(value).is_ok_and(|authority| !authority.as_str().contains('@'))
}

/// Digits and nothing else; a sign, a list or a number beyond all bounds is no length.
fn number(value: &[u8]) -> Option<u64> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    digits
        .then(|| std::str::from_utf8(value).ok()?.parse().ok())
        .flatten()
}

/// RFC 9110, section 5.6.2.
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

/// RFC 9110, section 5.5: no control character but the tab.
const fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
