//! The base of links: the URL at which browsers reach the server, as far as it is known.

use kunci_domain::LinkToken;
use kunci_transport::Listen;
use kunci_web::Origin;
use zeroize::Zeroizing;

use super::Failure;
use crate::config::{Config, Text};
use crate::host::is_wildcard;

/// Returns the URL of a server that listens at these addresses: the public URL, or the first address that a link
/// can name. There is none with only Unix sockets, `0.0.0.0` and `[::]`.
pub(super) fn url_of_server(config: &Config, addresses: &[String]) -> Option<String> {
    public_url(config).or_else(|| addresses.iter().find_map(|address| usable(address)))
}

/// Returns the base of links for a server at this URL that listens at these addresses.
///
/// # Errors
/// [`Failure`] without a URL, unless all addresses are Unix sockets: then a reverse proxy on this machine is
/// expected.
pub(super) fn base_of_server(url: Option<&str>, addresses: &[String]) -> Result<String, Failure> {
    match url {
        Some(url) => Ok(url.to_owned()),
        None if addresses.iter().all(|address| address.starts_with("unix:")) => Ok(local()),
        None => Err(Failure::wrong_use(format!(
            "no link can lead to {}; set public_url, or give --public-url URL",
            addresses.join(", ")
        ))),
    }
}

/// Returns the base of links for a command: the public URL, or the first listener of the settings that a link can
/// name. A Unix socket, and a port that the system picks, have no URL that a command knows.
pub(super) fn base(config: &Config) -> Option<String> {
    let scheme = config.server.tls.cert.as_ref().map_or("http", |_| "https");
    let url = |Text(listen): &Text<Listen>| match listen {
        Listen::Tcp(address) if address.port() != 0 => usable(&listen.url(scheme)),
        _ => None,
    };
    public_url(config).or_else(|| config.server.listen.iter().find_map(url))
}

/// Returns the URL of a listener for links, or `None` for a Unix socket, `0.0.0.0` and `[::]`.
fn usable(address: &str) -> Option<String> {
    let origin = Origin::parse(address)?;
    (!is_wildcard(&origin)).then(|| browsable(address))
}

/// Returns the public URL of the settings.
fn public_url(config: &Config) -> Option<String> {
    config.public_url.as_ref().map(|url| url.0.as_str().to_owned())
}

/// Returns the base of links if the URL of the server is not known.
pub(super) fn local() -> String {
    "http://localhost".to_owned()
}

/// Returns the base for a link that a command prints.
pub(super) fn base_for_link(config: &Config) -> Result<String, Failure> {
    let unknown = "the URL of the server is not known; give --public-url URL";
    base(config).ok_or_else(|| Failure::wrong_use(unknown))
}

/// Returns the link that contains a token.
pub(super) fn link(base: &str, token: &LinkToken) -> Zeroizing<String> {
    Zeroizing::new(format!("{base}/link?token={}", *token.expose()))
}

/// Returns the address with `localhost` for 127.0.0.1, because browsers treat it as a secure context.
fn browsable(address: &str) -> String {
    address.replace("//127.0.0.1:", "//localhost:")
}

/// Returns how to try out the server. Browsers cannot open a Unix socket.
pub(super) fn how_to_look(address: &str) -> String {
    match address.strip_prefix("unix:") {
        Some(path) => format!("try it: curl --unix-socket {path} http://localhost/profile"),
        None => format!("open {address} in a browser, or: curl {address}/profile"),
    }
}

#[cfg(test)]
mod tests;
