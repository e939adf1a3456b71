//! The URL of a database, and what it says about TLS.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use tokio_postgres::config::{Config, Host, SslMode};

/// The parameters that are passed on to the driver.
const PARAMETERS: &[&str] = &["application_name", "host", "options", "target_session_attrs"];

/// The URL of a database: `postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE[?PARAMETER=VALUE&...]`.
///
/// ```
/// use kunci_postgres::PostgresUrl;
///
/// let url = PostgresUrl::parse("postgres://kunci:hunter2@db.example.org/kunci").unwrap();
/// assert!(url.has_password());
/// assert_eq!(url.without_password(), "postgres://kunci@db.example.org/kunci");
/// assert!(!format!("{url:?}").contains("hunter2"));
/// assert!(PostgresUrl::parse("postgres://db.example.org/kunci?sslmode=allow").is_err());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    text: String,
    pub(crate) config: Config,
    /// The PEM file with the certificates of authorities, instead of those of the system.
    pub(crate) root_certificates: Option<PathBuf>,
}

impl PostgresUrl {
    /// Parses a URL.
    ///
    /// Without `sslmode`, connections to other machines need TLS. Wherever TLS is used, the certificate is
    /// checked against the name of the host.
    ///
    /// # Errors
    /// A clause that says what is wrong and repeats no part of the text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut mode, mut root_certificates, mut passed_on) = (None, None, Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", value)) => mode = Some(ssl_mode(value)?),
                Some(("sslrootcert", file)) => root_certificates = Some(PathBuf::from(file)),
                Some((name, _)) if PARAMETERS.contains(&name) => passed_on.push(parameter),
                _ => return Err("it has a parameter that is not supported"),
            }
        }
        let passed_on = format!("{address}?{}", passed_on.join("&"));
        let mut config = Config::from_str(&passed_on).map_err(|_| "its form is wrong")?;
        if config.get_hosts().is_empty() {
            return Err("it has no host");
        }
        if config.get_dbname().is_none() {
            return Err("it has no database");
        }
        let is_local = config.get_hosts().iter().all(is_this_machine);
        let default = if is_local {
            SslMode::Disable
        } else {
            SslMode::Require
        };
        config.ssl_mode(mode.unwrap_or(default));
        if config.get_application_name().is_none() {
            config.application_name("kunci");
        }
        Ok(Self {
            text: text.to_owned(),
            config,
            root_certificates,
        })
    }

    /// Returns whether the URL contains a password.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// Returns the URL without its password.
    #[must_use]
    pub fn without_password(&self) -> String {
        let without = || {
            let (credentials, rest) = self.text.split_once('@')?;
            let (scheme, credentials) = credentials.split_once("//")?;
            let (user, _) = credentials.split_once(':')?;
            Some(format!("{scheme}//{user}@{rest}"))
        };
        without().unwrap_or_else(|| self.text.clone())
    }

    /// Returns the hosts and the database, for messages.
    pub(crate) fn server(&self) -> String {
        let hosts: Vec<String> = self.config.get_hosts().iter().map(name_of).collect();
        let database = self.config.get_dbname().unwrap_or_default();
        format!("{}/{database}", hosts.join(","))
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({})", self.server())
    }
}

/// Parses a mode as libpq names it. `verify-ca` and `allow` are refused: the first does not check the name of
/// the host, the second asks for no encryption unless the server insists.
fn ssl_mode(text: &str) -> Result<SslMode, &'static str> {
    match text {
        "disable" => Ok(SslMode::Disable),
        "prefer" => Ok(SslMode::Prefer),
        "require" | "verify-full" => Ok(SslMode::Require),
        _ => Err("its sslmode is not disable, prefer, require or verify-full"),
    }
}

/// Whether connections to a host stay on this machine.
fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
        }
    }
}

fn name_of(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn mode_of(text: &str) -> SslMode {
        PostgresUrl::parse(text).unwrap().config.get_ssl_mode()
    }

    #[test]
    fn other_machines_need_tls_unless_the_url_says_otherwise() {
        for (text, want) in [
            ("postgres://kunci@db.example.org/kunci", SslMode::Require),
            ("postgres://kunci@192.0.2.1/kunci", SslMode::Require),
            (
                "postgres://kunci@localhost,db.example.org/kunci",
                SslMode::Require,
            ),
            ("postgres://kunci@localhost/kunci", SslMode::Disable),
            ("postgres://kunci@127.0.0.2:5433/kunci", SslMode::Disable),
            ("postgres://kunci@[::1]/kunci", SslMode::Disable),
            ("postgres:///kunci?host=/run/postgresql", SslMode::Disable),
            (
                "postgres://kunci@db.example.org/kunci?sslmode=disable",
                SslMode::Disable,
            ),
            (
                "postgres://kunci@db.example.org/kunci?sslmode=prefer",
                SslMode::Prefer,
            ),
            (
                "postgres://kunci@localhost/kunci?sslmode=require",
                SslMode::Require,
            ),
            (
                "postgres://kunci@localhost/kunci?sslmode=verify-full",
                SslMode::Require,
            ),
        ] {
            assert_eq!(mode_of(text), want, "{text}");
        }
    }

    #[test]
    fn unsafe_or_incomplete_urls_are_refused() {
        for (text, want) in [
            (
                "postgres://h/d?sslmode=verify-ca",
                "its sslmode is not disable, prefer, require or verify-full",
            ),
            (
                "postgres://h/d?sslmode=allow",
                "its sslmode is not disable, prefer, require or verify-full",
            ),
            (
                "postgres://h/d?password=hunter2",
                "it has a parameter that is not supported",
            ),
            (
                "postgres://h/d?sslmode",
                "it has a parameter that is not supported",
            ),
            ("postgres://h", "it has no database"),
            ("postgres:///d", "it has no host"),
            ("postgres://h:port/d", "its form is wrong"),
        ] {
            assert_eq!(PostgresUrl::parse(text), Err(want), "{text}");
        }
    }

    #[test]
    fn password_is_never_shown() {
        for (text, want) in [
            ("postgres://ada:hunter2@h/d", "postgres://ada@h/d"),
            (
                "postgres://ada:hunter2/@h/d?sslmode=disable",
                "postgres://ada@h/d?sslmode=disable",
            ),
            ("postgres://ada:hunter2:3@h/d", "postgres://ada@h/d"),
            ("postgres://:hunter2@h/d", "postgres://@h/d"),
            ("postgres://ada@h:5433/d", "postgres://ada@h:5433/d"),
            ("postgres://h:5433/d", "postgres://h:5433/d"),
        ] {
            let url = PostgresUrl::parse(text).unwrap();
            assert_eq!(url.without_password(), want);
            assert_eq!(url.has_password(), text.contains("hunter2"));
            assert!(!format!("{url:?}").contains("hunter2"));
        }
    }
}
