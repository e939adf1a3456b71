//! Hosts as browsers name them: our own public address, and those where `next` may lead.
//!
//! Both are brought into the form that browsers send (lower case, no default port), so that comparing
//! texts is enough later on.
//! Left out: names beyond ASCII, which browsers send in their `xn--` form and which must be given so.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::base::{Refusal, list};

/// The address at which browsers reach the server: `http` or `https`, a host and maybe a port.
///
/// ```text
/// https://Example.org:443/   becomes   https://example.org
/// https://example.org/app    is refused: Kunci lives at the root of its host
/// ```
///
/// `Display` gives exactly the origin that browsers send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    host: String,
    port: Option<u16>,
}

impl PublicUrl {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let (scheme, rest) = text.split_once("://").ok_or("is not a URL")?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err("is neither http nor https".into()),
        };
        let (host, port) = host_and_port(bare_authority(rest)?)?;
        let usual = if https { 443 } else { 80 };
        let port = port.filter(|port| *port != usual);
        Ok(PublicUrl { https, host, port })
    }

    pub(super) fn show(&self) -> String {
        self.to_string()
    }

    /// Whether browsers come over https, and cookies must therefore be `Secure`.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host in lower case; an IPv6 address is in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, unless it is the usual one of the scheme.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// A host where `next` may lead: an exact name or address, maybe with a port.
///
/// Without a port it means the usual port of the scheme, as it does in a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectHost {
    host: String,
    port: Option<u16>,
}

impl RedirectHost {
    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, Refusal> {
        list(text, |item| {
            let (host, port) = host_and_port(item)?;
            Ok(RedirectHost { host, port })
        })
    }

    pub(super) fn show_list(hosts: &[Self]) -> String {
        let hosts: Vec<String> = hosts.iter().map(Self::to_string).collect();
        hosts.join(",")
    }

    /// The host in lower case; an IPv6 address is in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if one was given.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl fmt::Display for RedirectHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// What follows `://`, once it is certain that it is a host and a port and nothing else.
fn bare_authority(rest: &str) -> Result<&str, Refusal> {
    if rest.contains('@') {
        return Err("has a user name or password".into());
    }
    if rest.contains(['?', '#']) {
        return Err("has a query or a fragment".into());
    }
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.contains(['/', '\\']) {
        return Err("has a path".into());
    }
    Ok(authority)
}

fn host_and_port(text: &str) -> Result<(String, Option<u16>), Refusal> {
    let (host, port) = match text.rsplit_once(':') {
        // The colons of an IPv6 address stand inside its brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port_from(port)?)),
        _ => (text, None),
    };
    Ok((host_from(host)?, port))
}

fn port_from(text: &str) -> Result<u16, Refusal> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && 0 < port => Ok(port),
        _ => Err("has no port from 1 to 65535".into()),
    }
}

/// The host in the form that browsers send, or why it is none.
fn host_from(text: &str) -> Result<String, Refusal> {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address: Ipv6Addr = inner
            .parse()
            .map_err(|_| Refusal::from("has no IPv6 address in its brackets"))?;
        return Ok(format!("[{address}]"));
    }
    if text.is_empty() || 253 < text.len() || !text.split('.').all(is_label) {
        return Err("is not a host name".into());
    }
    // Browsers take a name that ends in a number for an IPv4 address, so no other may end in one.
    let last = text.rsplit('.').next().unwrap_or(text);
    let ends_in_number =
        last.bytes().all(|byte| byte.is_ascii_digit()) || last.to_ascii_lowercase().starts_with("0x");
    if ends_in_number && text.parse::<Ipv4Addr>().is_err() {
        return Err("is not a host name or an IPv4 address".into());
    }
    Ok(text.to_ascii_lowercase())
}

/// A part of a host name; the underscore is no DNS, but container networks name hosts with it.
fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len())
        && label.bytes().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}
