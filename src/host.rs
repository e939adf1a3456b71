//! Hosts and origins as browsers write them, so that they can be compared as texts.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU16;

use kunci_web::Origin;

/// A host in lower case, with an optional port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host(String);

impl Host {
    /// Parses a host. Names outside ASCII must be given in their `xn--` form, as browsers send them.
    ///
    /// # Errors
    /// A clause that says what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, Cow<'static, str>> {
        // The colons of an IPv6 address are inside its brackets.
        let colon = text.rfind(':').filter(|colon| !text[*colon..].contains(']'));
        let (name, port) = text.split_at(colon.unwrap_or(text.len()));
        let digits = port.strip_prefix(':').filter(|digits| !digits.starts_with('+'));
        if !port.is_empty() && digits.is_none_or(|digits| digits.parse::<NonZeroU16>().is_err()) {
            return Err("its port is not from 1 to 65535".into());
        }
        if let Some(address) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let address: Ipv6Addr = address
                .parse()
                .map_err(|_| "it has no IPv6 address in its brackets")?;
            return Ok(Self(format!("[{address}]{port}")));
        }
        match is_name(name) {
            true => Ok(Self(format!("{}{port}", name.to_ascii_lowercase()))),
            false => Err("its host name is not valid".into()),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Parses an `http` or `https` URL without path, query, fragment and user.
///
/// # Errors
/// A clause that says what is wrong.
pub(crate) fn origin(url: &str) -> Result<Origin, Cow<'static, str>> {
    let (scheme, rest) = url.split_once("://").ok_or("it is not a URL")?;
    let host = Host::parse(rest.strip_suffix('/').unwrap_or(rest))?;
    let origin = Origin::parse(&format!("{}://{host}", scheme.to_ascii_lowercase()));
    let origin = origin.ok_or("its scheme is neither http nor https")?;
    match is_wildcard(&origin) {
        true => Err("no link can lead to its host".into()),
        false => Ok(origin),
    }
}

/// Returns the host of an origin, without its port. An IPv6 address is in brackets.
pub(crate) fn host_of(origin: &Origin) -> &str {
    let (_, host) = origin.as_str().split_once("://").unwrap_or_default();
    match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    }
}

/// Whether only this machine can reach the host of an origin.
#[cfg(feature = "server")]
pub(crate) fn is_local(origin: &Origin) -> bool {
    host_of(origin) == "localhost" || address_of(origin).is_some_and(|address| address.is_loopback())
}

/// Returns the port of an origin on http, which is 80 if it has none.
#[cfg(feature = "server")]
pub(crate) fn port_of(origin: &Origin) -> u16 {
    let host_and_port = origin.as_str().rsplit_once(host_of(origin));
    let port = host_and_port.and_then(|(_, port)| port.strip_prefix(':')?.parse().ok());
    port.unwrap_or(80)
}

/// Whether the host of an origin is `0.0.0.0` or `[::]`. A server can listen there, but no link can lead there.
pub(crate) fn is_wildcard(origin: &Origin) -> bool {
    address_of(origin).is_some_and(|address| address.is_unspecified())
}

/// Returns the host of an origin if it is an address.
fn address_of(origin: &Origin) -> Option<IpAddr> {
    let address = host_of(origin).trim_matches(['[', ']']).parse::<IpAddr>();
    address.ok().map(|address| address.to_canonical())
}

/// Whether the text is a host name or an IPv4 address. Browsers read a name that ends in a number as an
/// address. Container networks use the underscore, which DNS does not.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(allowed) && label.trim_matches('-') == label
    };
    let last = text.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let ends_in_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    text.len() <= 253
        && text.split('.').all(is_label)
        && (!ends_in_number || text.parse::<Ipv4Addr>().is_ok())
}
