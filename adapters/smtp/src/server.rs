//! Which server, and how the connection to it is kept from others, as an operator writes it.

use std::fmt;
use std::net::IpAddr;

use thiserror::Error;

/// An SMTP server.
///
/// - `smtps://HOST[:PORT]`: TLS from the first byte, port 465 (RFC 8314)
/// - `smtp://HOST[:PORT]`: STARTTLS, without which nothing is said, port 587
/// - `smtp+plain://HOST[:PORT]`: no encryption, for this machine alone, port 25
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

/// How a connection is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// With TLS from the first byte.
    Implicit,
    /// With TLS from `STARTTLS` on, and before that nothing is said.
    StartTls,
    /// Not at all; it does not leave the machine.
    None,
}

/// Why a text names no server. The text is not repeated, as it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UrlError {
    /// Another scheme than the three.
    #[error("the URL of a mail server begins with smtps://, smtp:// or smtp+plain://")]
    Scheme,
    /// There is a user name or a password in it.
    #[error("the URL of a mail server holds no user name and no password: these have settings of their own")]
    Credentials,
    /// There is no host, or something that cannot be one, or something after it.
    #[error("the URL of a mail server has a host, perhaps a port, and nothing else")]
    Host,
    /// The port is none.
    #[error("the port of a mail server is a number from 1 to 65535")]
    Port,
    /// It would be talked to in clear over a network.
    #[error("smtp+plain:// is for localhost and loopback addresses only: use smtps:// or smtp://")]
    NotLoopback,
}

impl Server {
    /// Reads a URL that an operator gave.
    ///
    /// # Errors
    /// [`UrlError`], which says what is accepted.
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

    /// The host: a name or an address, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// How the connection is kept from others.
    #[must_use]
    pub const fn encryption(&self) -> Encryption {
        self.encryption
    }
}

/// As an operator writes it, with the port.
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
            (name(host)?, rest)
        }
    };
    match port.strip_prefix(':') {
        None if port.is_empty() => Ok((host, None)),
        None => Err(UrlError::Host),
        Some(digits) => Ok((host, Some(parse_port(digits)?))),
    }
}

/// A host's name, or an address in its place.
fn name(host: &str) -> Result<String, UrlError> {
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
    fn urls_are_read_strictly() {
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
        for far in [
            "mail.example.org",
            "192.0.2.7",
            "127.0.0.1.example.org",
            "localhost.example.org",
        ] {
            check(&format!("smtp+plain://{far}"), Err(UrlError::NotLoopback));
        }
    }

    #[test]
    fn an_error_does_not_repeat_a_password() {
        let error = Server::parse("smtps://ada:secret@a").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
