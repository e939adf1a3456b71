//! Where links lead: the address at which people reach the server, as far as a command knows it.

use kunci_domain::LinkToken;
use zeroize::Zeroizing;

use super::Failure;
use crate::config::{Config, Listen};

/// What mails say when nobody knows where the server is reached: on this machine, it is here.
const HERE: &str = "http://localhost";

/// The base of links for a server that listens at these addresses.
pub(super) fn base_of_server(config: &Config, addresses: &[String]) -> String {
    let first = || addresses.first().map(|address| browsable(address));
    let url = config.public_url().map(ToString::to_string).or_else(first);
    url.filter(|url| url.contains("://"))
        .unwrap_or_else(|| HERE.to_owned())
}

/// The base of links for a command beside the server: the public URL, or where the settings say that the
/// server listens. A socket file and a port that the system picks lead nowhere.
pub(super) fn base(config: &Config) -> Option<String> {
    if let Some(url) = config.public_url() {
        return Some(url.to_string());
    }
    let scheme = if config.tls().is_some() { "https" } else { "http" };
    config.listen().iter().find_map(|listen| match listen {
        Listen::Tcp(address) if address.port() != 0 => Some(browsable(&listen.url(scheme))),
        _ => None,
    })
}

/// The same for mails, which must not fail because nobody knows.
pub(super) fn base_for_mail(config: &Config) -> String {
    base(config).unwrap_or_else(|| HERE.to_owned())
}

/// The base for a link that somebody asked for.
pub(super) fn base_for_link(config: &Config) -> Result<String, Failure> {
    base(config).ok_or_else(|| {
        Failure::wrong_use("the settings do not say where the server is reached; give --public-url URL")
    })
}

/// The link that hands a token over.
pub(super) fn link(base: &str, token: &LinkToken) -> Zeroizing<String> {
    Zeroizing::new(format!("{base}/link?token={}", *token.expose()))
}

/// Browsers treat `localhost` as a secure place.
pub(super) fn browsable(address: &str) -> String {
    address.replace("//127.0.0.1:", "//localhost:")
}

/// How a person sees that the server is there. No browser opens a socket file.
pub(super) fn how_to_look(address: &str) -> String {
    match address.strip_prefix("unix:") {
        Some(path) => format!("try it: curl --unix-socket {path} http://localhost/profile"),
        None => format!("open {address} in a browser, or: curl {address}/profile"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    #[track_caller]
    fn check(flags: &[(&'static str, &str)], want: Option<&str>) {
        let flags = flags
            .iter()
            .fold(Flags::default(), |flags, (key, text)| flags.with(key, text));
        let config = Config::load(&flags, [], std::path::Path::new("/nowhere")).unwrap();
        assert_eq!(base(&config).as_deref(), want);
    }

    #[test]
    fn a_command_knows_where_the_server_is_when_the_settings_say_it() {
        check(&[], Some("http://localhost:8080"));
        check(&[("listen", "127.0.0.1:9000")], Some("http://localhost:9000"));
        check(&[("listen", "[::1]:80")], Some("http://[::1]:80"));
        check(
            &[("public_url", "https://example.org"), ("listen", "unix:k")],
            Some("https://example.org"),
        );
        check(&[("listen", "127.0.0.1:0")], None);
        check(&[("listen", "unix:k.sock")], None);
    }

    #[test]
    fn a_server_knows_its_port_and_a_socket_is_on_this_machine() {
        let config = Config::load(&Flags::default(), [], std::path::Path::new("/nowhere")).unwrap();
        let base = |address: &str| base_of_server(&config, &[address.to_owned()]);
        assert_eq!(base("http://127.0.0.1:4711"), "http://localhost:4711");
        assert_eq!(base("https://192.0.2.1:443"), "https://192.0.2.1:443");
        assert_eq!(base("unix:/run/kunci.sock"), "http://localhost");
    }

    #[test]
    fn what_to_try_first_can_be_tried() {
        assert_eq!(
            how_to_look("http://localhost:8080"),
            "open http://localhost:8080 in a browser, or: curl http://localhost:8080/profile"
        );
        assert_eq!(
            how_to_look("unix:/run/kunci.sock"),
            "try it: curl --unix-socket /run/kunci.sock http://localhost/profile"
        );
    }
}
