//! Parsing of `Forwarded` (RFC 7239) and `X-Forwarded-For` into chains of hops.
//!
//! Which hop is trusted is decided in `client_address`.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// One hop: an address, or `None` for anything else, such as `unknown`.
pub(crate) type Hop = Option<IpAddr>;

/// The header field in which trusted proxies report the address of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, which most proxies set.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl ForwardedHeader {
    /// Returns the hops of the field, the farthest one first. Without the field there are none.
    ///
    /// A line that cannot be parsed becomes one hop without an address. Several lines form one list (RFC 9110, 5.3).
    pub(crate) fn hops(self, headers: &HeaderMap) -> Vec<Hop> {
        let (name, read): (_, fn(&str) -> _) = match self {
            Self::XForwardedFor => (X_FORWARDED_FOR, x_forwarded_for),
            Self::Forwarded => (header::FORWARDED, forwarded),
        };
        let hops = headers.get_all(name).iter().flat_map(|line| {
            let hops = line.to_str().ok().and_then(read);
            hops.unwrap_or_else(|| vec![None])
        });
        hops.collect()
    }
}

/// Returns whether a proxy or the client has set one of the two fields.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED)
}

fn x_forwarded_for(line: &str) -> Option<Vec<Hop>> {
    let items = line.split(',').map(str::trim).filter(|item| !item.is_empty());
    Some(items.map(node).collect())
}

/// Returns the value of `for` in each element, or `None` if a quoted string is not closed.
fn forwarded(line: &str) -> Option<Vec<Hop>> {
    let elements = split_outside_quotes(line, ',')?;
    let elements = elements.into_iter().filter(|element| !element.is_empty());
    elements.map(element).collect()
}

/// Returns the hop of an element. An element without `for`, or with two of them, has no address.
fn element(element: &str) -> Option<Hop> {
    let mut found = None;
    for pair in split_outside_quotes(element, ';')? {
        let Some((name, value)) = pair.split_once('=') else {
            return Some(None);
        };
        if name.eq_ignore_ascii_case("for") && found.replace(unquoted(value)).is_some() {
            return Some(None);
        }
    }
    Some(found.and_then(node))
}

/// Splits at separators outside quotes and trims the parts. Returns `None` if a quote is not closed.
fn split_outside_quotes(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == separator && !quoted => {
                parts.push(text[start..at].trim());
                start = at + separator.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    (!quoted).then_some(parts)
}

/// Removes surrounding quotes. Escapes stay as they are: an address needs none, so such a value is not
/// parsed as an address.
fn unquoted(value: &str) -> &str {
    value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value)
}

/// Parses an address with or without a port. An IPv6 address with a port must be in brackets, which are also
/// accepted without a port.
fn node(text: &str) -> Hop {
    let bracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = match bracketed {
        Some(inner) => inner.parse().ok().map(IpAddr::V6),
        None => text.parse().ok(),
    };
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    address
        .or_else(with_port)
        .map(|address: IpAddr| address.to_canonical())
}
