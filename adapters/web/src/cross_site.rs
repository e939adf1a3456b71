//! Which requests may change something: those that our own pages make, and those that no browser makes.
//!
//! The rule is that of Go 1.25's `net/http.CrossOriginProtection`. No form carries a token, so no form expires.

use http::{HeaderMap, Method, Uri, header};

/// Scheme, host and port of a site, as browsers send it in `Origin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin of an http or https URL without path, query and user.
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

    /// Whether it is reached by https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// As in the `Origin` header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a request may be carried out as far as its source is concerned.
///
/// - methods that change nothing may come from anywhere
/// - a browser says in `Sec-Fetch-Site` where a request comes from: `same-origin`, or `none` for its own bar
/// - an older browser, or one that does not trust plain http, says at least its `Origin`, which must be ours
/// - who says neither is no browser, so that no user's cookies are being borrowed
///
/// `public` is our own origin; without one, the `Host` that the request names counts, on https or not.
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
            "{name}, but only looking"
        );
    }

    #[test]
    fn without_a_public_address_the_scheme_is_that_of_the_listener() {
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
    fn only_our_own_pages_and_programs_may_change_something() {
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
            "an unknown word",
            &[host, ("sec-fetch-site", "SAME-ORIGIN")],
            None,
            false,
        );
        check("no browser", &[host], None, true);
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
            "old browser, no origin to tell",
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
            "no host to compare with",
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
            "host counts no more",
            &[host, ("origin", "http://localhost:8080")],
            ours,
            false,
        );
        let both = [
            host,
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://id.example.org"),
        ];
        check("the first header decides", &both, ours, false);
    }

    #[test]
    fn an_origin_has_no_path_no_user_and_no_default_port() {
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
