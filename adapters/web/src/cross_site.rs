//! Protection against cross-site requests, with the rule of Go 1.25's `net/http.CrossOriginProtection`.
//!
//! Only the pages of this site and clients other than browsers may change something. Forms contain no token,
//! so no form expires.

use http::uri::Authority;
use http::{HeaderMap, Method, Uri, header};

/// Scheme, host and port of a site, as in the `Origin` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Parses an http or https URL. Returns `None` if it has a path, a query or a user.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let scheme = uri
            .scheme_str()
            .filter(|scheme| matches!(*scheme, "http" | "https"))?;
        let authority = uri
            .authority()
            .filter(|authority| !authority.as_str().contains('@'))?;
        let bare = uri.path_and_query().is_none_or(|rest| rest.as_str() == "/");
        let port = port_unless_default(scheme, authority)?;
        let host = authority.host().to_ascii_lowercase();
        bare.then(|| Self(format!("{scheme}://{host}{port}")))
    }

    /// Returns whether the scheme is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// Returns the origin as in the `Origin` header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns the port with its colon, or an empty text for the default port of the scheme. Returns `None` if it is
/// not a port.
fn port_unless_default(scheme: &str, authority: &Authority) -> Option<String> {
    let default = if scheme == "https" { 443 } else { 80 };
    let digits = authority.as_str()[authority.host().len()..].trim_start_matches(':');
    if digits.is_empty() {
        return Some(String::new());
    }
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let port: u16 = digits.parse().ok().filter(|_| is_number)?;
    Some(if port == default {
        String::new()
    } else {
        format!(":{port}")
    })
}

/// Returns whether a request passes the cross-site check.
///
/// - Methods that change nothing are allowed from any site.
/// - Browsers send `Sec-Fetch-Site`, which must be `same-origin`, or `none` for the address bar.
/// - Older browsers, and browsers on plain http, send `Origin` instead, which must be the origin of this
///   site.
/// - A request with neither header is not from a browser, so no user's cookies can be misused.
///
/// `public` is the origin of this site. Without it, `Origin` is compared with the scheme from `https` and the
/// request's `Host`. A default port is equal to no port: browsers omit it, but proxies may add it to `Host`.
pub(crate) fn is_allowed(method: &Method, headers: &HeaderMap, public: Option<&Origin>, https: bool) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let origin = origin.to_str().ok().and_then(Origin::parse);
    let own = public.cloned().or_else(|| requested_origin(headers, https));
    origin.is_some() && origin == own
}

/// Returns the origin that the client requested, from the scheme of the listener and the `Host` header.
fn requested_origin(headers: &HeaderMap, https: bool) -> Option<Origin> {
    let scheme = if https { "https" } else { "http" };
    let host = headers.get(header::HOST)?.to_str().ok()?;
    Origin::parse(&format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, headers: &[(&'static str, &'static str)], public: Option<&str>, want: bool) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let public = public.map(|url| Origin::parse(url).unwrap());
        assert_eq!(
            is_allowed(&Method::POST, &headers, public.as_ref(), false),
            want,
            "{name}"
        );
        assert!(
            is_allowed(&Method::GET, &headers, public.as_ref(), false),
            "{name}, with GET"
        );
    }

    #[test]
    fn listener_sets_the_scheme_without_public_origin() {
        let headers = |origin: &'static str| {
            HeaderMap::from_iter([
                (header::HOST, http::HeaderValue::from_static("id.example.org")),
                (header::ORIGIN, http::HeaderValue::from_static(origin)),
            ])
        };
        for (origin, https, want) in [
            ("https://id.example.org", true, true),
            ("http://id.example.org", true, false),
            ("https://id.example.org", false, false),
            ("http://id.example.org", false, true),
        ] {
            let found = is_allowed(&Method::POST, &headers(origin), None, https);
            assert_eq!(found, want, "{origin}, https: {https}");
        }
    }

    #[test]
    fn only_own_pages_and_programs_may_change_state() {
        let host = ("host", "localhost:8080");
        let ours = Some("https://id.example.org");
        check("our page", &[host, ("sec-fetch-site", "same-origin")], None, true);
        check(
            "typed by the user",
            &[host, ("sec-fetch-site", "none")],
            None,
            true,
        );
        check(
            "a sibling host",
            &[host, ("sec-fetch-site", "same-site")],
            None,
            false,
        );
        check(
            "another site",
            &[host, ("sec-fetch-site", "cross-site")],
            None,
            false,
        );
        check(
            "an unknown value",
            &[host, ("sec-fetch-site", "SAME-ORIGIN")],
            None,
            false,
        );
        check("not a browser", &[host], None, true);
        check(
            "old browser, our page",
            &[host, ("origin", "http://localhost:8080")],
            None,
            true,
        );
        check(
            "old browser, another port",
            &[host, ("origin", "http://localhost:8081")],
            None,
            false,
        );
        check(
            "old browser, another scheme",
            &[host, ("origin", "https://localhost:8080")],
            None,
            false,
        );
        check(
            "old browser, opaque origin",
            &[host, ("origin", "null")],
            None,
            false,
        );
        check(
            "old browser, lookalike",
            &[host, ("origin", "http://localhost:8080.evil.example")],
            None,
            false,
        );
        check(
            "no Host header",
            &[("origin", "http://localhost:8080")],
            None,
            false,
        );
        check(
            "public origin",
            &[host, ("origin", "https://id.example.org")],
            ours,
            true,
        );
        check(
            "Host is ignored with a public origin",
            &[host, ("origin", "http://localhost:8080")],
            ours,
            false,
        );
        let both = [
            host,
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://id.example.org"),
        ];
        check("Sec-Fetch-Site takes precedence", &both, ours, false);
    }

    #[test]
    fn default_ports_are_equal_to_no_port() {
        for (host, origin, https, want) in [
            ("name:80", "http://name", false, true),
            ("name", "http://name:80", false, true),
            ("NAME:80", "http://name", false, true),
            ("[::1]:80", "http://[::1]", false, true),
            ("name:443", "https://name", true, true),
            ("name:", "http://name", false, true),
            ("name:443", "http://name", false, false),
            ("name:80", "https://name", true, false),
            ("name:8080", "http://name", false, false),
            ("name:99999", "http://name", false, false),
            ("name:+80", "http://name", false, false),
            ("evil@name", "http://name", false, false),
            ("name/path", "http://name", false, false),
            ("", "http://", false, false),
        ] {
            let headers = HeaderMap::from_iter([
                (header::HOST, host.parse().unwrap()),
                (header::ORIGIN, origin.parse().unwrap()),
            ]);
            let found = is_allowed(&Method::POST, &headers, None, https);
            assert_eq!(found, want, "Host: {host}, Origin: {origin}");
        }
        let ours = Some("https://id.example.org:443");
        check(
            "public origin",
            &[("origin", "https://id.example.org:443")],
            ours,
            true,
        );
    }

    #[test]
    fn origin_has_no_path_user_or_default_port() {
        for (url, want) in [
            ("https://ID.example.org", Some("https://id.example.org")),
            ("https://id.example.org/", Some("https://id.example.org")),
            ("https://id.example.org:443", Some("https://id.example.org")),
            ("http://localhost:8080", Some("http://localhost:8080")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("https://id.example.org:99999", None),
            ("https://id.example.org/path", None),
            ("https://id.example.org/?q", None),
            ("https://user@id.example.org", None),
            ("ftp://id.example.org", None),
            ("id.example.org", None),
            ("", None),
        ] {
            assert_eq!(Origin::parse(url).as_ref().map(Origin::as_str), want, "{url}");
        }
    }
}
