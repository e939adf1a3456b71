//! The URL of the SMTP server, which also selects the encryption.

use std::fmt;
use std::net::IpAddr;

use thiserror::Error;

/// An SMTP server.
///
/// - `smtps://HOST[:PORT]`: TLS from the first byte, default port 465 (RFC 8314)
/// - `smtp://HOST[:PORT]`: mandatory STARTTLS, default port 587
/// - `smtp+plain://HOST[:PORT]`: no encryption, only for loopback, default port 25
///
/// ```
/// use kunci_smtp::{Encryption, Server};
///
/// let server = Server::parse("smtps://mail.example.org")?;
/// assert_eq!((server.host(), server.port()), ("mail.example.org", 465));
/// assert_eq!(server.encryption(), Encryption::Implicit);
/// assert!(Server::parse("smtp+plain://mail.example.org").is_err());
/// assert!(Server::parse("smtps://ada:secret@mail.example.org").is_err());
/// # Ok::<(), kunci_smtp::UrlError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    host: String,
    port: u16,
    encryption: Encryption,
}

/// The encryption of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte.
    Implicit,
    /// TLS after `STARTTLS`. If the server does not offer it, nothing is sent.
    StartTls,
    /// No encryption. The connection does not leave the machine.
    None,
}

/// The text is not a valid server URL. The messages do not quote it, because it may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UrlError {
    /// The scheme is not supported.
    #[error("expected a mail server URL that begins with smtps://, smtp:// or smtp+plain://")]
    Scheme,
    /// The URL contains a username or a password.
    #[error("the mail server URL must not contain a username or password: use the settings for them")]
    Credentials,
    /// The host is missing or invalid, or the URL has a path or query.
    #[error("expected a host and an optional port in the mail server URL, and nothing else")]
    Host,
    /// The port is invalid.
    #[error("expected a mail server port from 1 to 65535")]
    Port,
    /// An unencrypted connection would leave the machine.
    #[error("smtp+plain:// only accepts localhost and loopback addresses: use smtps:// or smtp://")]
    NotLoopback,
}

impl Server {
    /// Parses a URL.
    ///
    /// # Errors
    /// Returns [`UrlError`], which says what is accepted.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = url.split_once("://").ok_or(UrlError::Scheme)?;
        let (encryption, default_port) = match scheme {
            "smtps" => (Encryption::Implicit, 465),
            "smtp" => (Encryption::StartTls, 587),
            "smtp+plain" => (Encryption::None, 25),
            _ => return Err(UrlError::Scheme),
        };
        if rest.contains('@') {
            return Err(UrlError::Credentials);
        }
        let (host, port) = host_and_port(rest)?;
        if encryption == Encryption::None && !is_loopback(&host) {
            return Err(UrlError::NotLoopback);
        }
        Ok(Self {
            host,
            port: port.unwrap_or(default_port),
            encryption,
        })
    }

    /// Returns the host: a name, or an address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the encryption.
    #[must_use]
    pub const fn encryption(&self) -> Encryption {
        self.encryption
    }
}

/// Writes the URL with its port.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.encryption {
            Encryption::Implicit => "smtps",
            Encryption::StartTls => "smtp",
            Encryption::None => "smtp+plain",
        };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

fn host_and_port(text: &str) -> Result<(String, Option<u16>), UrlError> {
    let (host, port) = match text.strip_prefix('[') {
        Some(text) => {
            let (host, rest) = text.split_once(']').ok_or(UrlError::Host)?;
            let address: IpAddr = host.parse().map_err(|_| UrlError::Host)?;
            (address.to_string(), rest)
        }
        None => {
            let end = text.find(':').unwrap_or(text.len());
            let (host, rest) = text.split_at(end);
            (host_name(host)?, rest)
        }
    };
    match port.strip_prefix(':') {
        None if port.is_empty() => Ok((host, None)),
        None => Err(UrlError::Host),
        Some(digits) => Ok((host, Some(parse_port(digits)?))),
    }
}

/// Parses a host name or an IPv4 address.
fn host_name(host: &str) -> Result<String, UrlError> {
    let labelled = host.split('.').all(|label| !label.is_empty());
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if labelled && host.chars().all(plain) && host.len() <= 253 {
        Ok(host.to_ascii_lowercase())
    } else {
        Err(UrlError::Host)
    }
}

fn parse_port(digits: &str) -> Result<u16, UrlError> {
    let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
    match digits.parse() {
        Ok(port) if plain && port != 0 => Ok(port),
        _ => Err(UrlError::Port),
    }
}

fn is_loopback(host: &str) -> bool {
    let address: Option<IpAddr> = host.parse().ok();
    host == "localhost" || address.is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, want: Result<(&str, u16, Encryption), UrlError>) {
        let server = Server::parse(url);
        let found = server
            .as_ref()
            .map(|it| (it.host(), it.port(), it.encryption()))
            .map_err(|error| *error);
        assert_eq!(found, want, "{url}");
    }

    #[test]
    fn url_parsing_is_strict() {
        use Encryption::{Implicit, None, StartTls};
        check(
            "smtps://mail.example.org",
            Ok(("mail.example.org", 465, Implicit)),
        );
        check("smtp://Mail.example.org", Ok(("mail.example.org", 587, StartTls)));
        check("smtp://192.0.2.7:25", Ok(("192.0.2.7", 25, StartTls)));
        check("smtps://[2001:db8::1]:2525", Ok(("2001:db8::1", 2525, Implicit)));
        check("smtp+plain://localhost", Ok(("localhost", 25, None)));
        check("smtp+plain://127.0.0.1:2525", Ok(("127.0.0.1", 2525, None)));
        check("smtp+plain://[::1]", Ok(("::1", 25, None)));
        for wrong in [
            "",
            "mail.example.org",
            "http://mail.example.org",
            "SMTPS://a",
            "smtps:a",
        ] {
            check(wrong, Err(UrlError::Scheme));
        }
        for wrong in ["smtps://ada@a", "smtps://ada:secret@a", "smtps://:secret@a:1"] {
            check(wrong, Err(UrlError::Credentials));
        }
        for wrong in [
            "",
            "a b",
            "a/",
            "a?x",
            "a..b",
            ".",
            "[::1",
            "[::1]x",
            "[a]",
            "b\u{fc}cher",
            "a\r\n",
        ] {
            check(&format!("smtps://{wrong}"), Err(UrlError::Host));
        }
        for wrong in ["a:", "a:0", "a:+1", "a:65536", "a:1:2", "::1", "a:25/"] {
            let error = Server::parse(&format!("smtps://{wrong}")).unwrap_err();
            assert!(matches!(error, UrlError::Port | UrlError::Host), "{wrong}");
        }
        for remote in [
            "mail.example.org",
            "192.0.2.7",
            "127.0.0.1.example.org",
            "localhost.example.org",
        ] {
            check(&format!("smtp+plain://{remote}"), Err(UrlError::NotLoopback));
        }
    }

    #[test]
    fn error_does_not_quote_a_password() {
        let error = Server::parse("smtps://ada:secret@a").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
