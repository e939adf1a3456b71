//! Parsing of `Forwarded` (RFC 7239) and `X-Forwarded-For` into chains of hops.
//!
//! Which hop is trusted is decided in `client_address`.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue, header};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// One hop: an address, or `None` for anything else, such as `unknown`.
pub(crate) type Hop = Option<IpAddr>;

/// Returns a chain of hops for each of the two headers that is present, the farthest hop first.
///
/// A header that cannot be parsed becomes one hop without an address.
pub(crate) fn chains(headers: &HeaderMap) -> Vec<Vec<Hop>> {
    let mut chains = Vec::new();
    if headers.contains_key(header::FORWARDED) {
        chains.push(chain(headers, &header::FORWARDED, forwarded));
    }
    if headers.contains_key(X_FORWARDED_FOR) {
        chains.push(chain(headers, &X_FORWARDED_FOR, x_forwarded_for));
    }
    chains
}

/// Returns the hops of one header. Several headers of the same name form one list (RFC 9110, 5.3).
fn chain(headers: &HeaderMap, name: &HeaderName, read: fn(&str) -> Option<Vec<Hop>>) -> Vec<Hop> {
    let lines = headers.get_all(name).iter();
    let hops = lines.flat_map(|line: &HeaderValue| {
        let hops = line.to_str().ok().and_then(read);
        hops.unwrap_or_else(|| vec![None])
    });
    hops.collect()
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
