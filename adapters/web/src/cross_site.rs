//! Protection against cross-site requests, with the rule of Go 1.25's `net/http.CrossOriginProtection`.
//!
//! Only the pages of this site and clients other than browsers may change something. Forms contain no token,
//! so no form expires.

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
        let default_port = if scheme == "https" { 443 } else { 80 };
        let host = authority.host().to_ascii_lowercase();
        let port = authority.port_u16().filter(|port| *port != default_port);
        bare.then(|| {
            Self(port.map_or_else(
                || format!("{scheme}://{host}"),
                |port| format!("{scheme}://{host}:{port}"),
            ))
        })
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

/// Returns whether a request passes the cross-site check.
///
/// - Methods that change nothing are allowed from any site.
/// - Browsers send `Sec-Fetch-Site`, which must be `same-origin`, or `none` for the address bar.
/// - Older browsers, and browsers on plain http, send `Origin` instead, which must be the origin of this
///   site.
/// - A request with neither header is not from a browser, so no user's cookies can be misused.
///
/// `public` is the origin of this site. Without it, `Origin` is compared with the scheme from `https` and the
/// request's `Host`.
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
    match (public, headers.get(header::HOST)) {
        (Some(public), _) => origin == public.as_str(),
        (None, Some(host)) => {
            let scheme: &[u8] = if https { b"https://" } else { b"http://" };
            origin.as_bytes().strip_prefix(scheme) == Some(host.as_bytes())
        }
        (None, None) => false,
    }
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
    fn origin_has_no_path_user_or_default_port() {
        for (url, want) in [
            ("https://ID.example.org", Some("https://id.example.org")),
            ("https://id.example.org/", Some("https://id.example.org")),
            ("https://id.example.org:443", Some("https://id.example.org")),
            ("http://localhost:8080", Some("http://localhost:8080")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
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
