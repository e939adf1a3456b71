//! Validation of the address to which a client returns after signing in (OWASP ASVS 5.0, 3.7.2).

use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::cross_site::Origin;

/// Characters that are percent-encoded in a target, besides those outside ASCII. Everything else is taken as it
/// is, so a target that is already encoded does not change.
const IN_TARGET: &AsciiSet = &CONTROLS.add(b' ');

/// Characters that are percent-encoded in a query value.
const IN_QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'=')
    .add(b'?')
    .add(b'\'');

/// Valid redirect target: a path of this site, or a URL on a host that the operator has configured.
///
/// It is printable ASCII and therefore safe in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnTo(String);

impl ReturnTo {
    /// Maximum length in bytes, so no header exceeds the limits of proxies.
    const MAX_LEN: usize = 2_000;

    /// Validates a target from a client. Returns `None` if a redirect to it is not allowed.
    ///
    /// Browsers show paths decoded, so spaces and characters outside ASCII are accepted and percent-encoded.
    /// Control characters are refused: browsers remove tabs and line ends from a URL, which can change its host.
    pub(crate) fn parse(target: &str, hosts: &[String]) -> Option<Self> {
        if target
            .bytes()
            .any(|byte| byte.is_ascii_control() || byte == b'\\')
        {
            return None;
        }
        let target = utf8_percent_encode(target, IN_TARGET).to_string();
        let is_allowed = is_own_path(&target) || is_on(&target, hosts);
        (is_allowed && target.len() <= Self::MAX_LEN).then_some(Self(target))
    }

    /// Returns the target for a path of this site.
    pub(crate) fn path(path: &'static str) -> Self {
        Self(path.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `page` with this target in its query as `next`.
    pub(crate) fn link_with(next: Option<&Self>, page: &str) -> String {
        next.map_or_else(
            || page.to_owned(),
            |next| format!("{page}?next={}", utf8_percent_encode(&next.0, IN_QUERY)),
        )
    }
}

/// Returns whether the target is a path. Browsers read `//host` and `/\host` as another host.
fn is_own_path(target: &str) -> bool {
    target.starts_with('/') && !target.starts_with("//")
}

/// Returns whether the target is on one of the hosts. A default port is equal to no port.
fn is_on(target: &str, hosts: &[String]) -> bool {
    let Ok(uri) = target.parse::<Uri>() else {
        return false;
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return false;
    };
    let origin_of = |host: &str| Origin::parse(&format!("{scheme}://{host}"));
    let Some(origin) = origin_of(authority.as_str()) else {
        return false;
    };
    hosts.iter().any(|host| origin_of(host).as_ref() == Some(&origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(target: &str, want: bool) {
        let hosts = ["wiki.example".to_owned(), "app.example:8443".to_owned()];
        assert_eq!(ReturnTo::parse(target, &hosts).is_some(), want, "{target:?}");
    }

    #[test]
    fn only_own_paths_and_configured_hosts_are_allowed() {
        for good in [
            "/",
            "/profile",
            "/a?b=c#d",
            "/a//b",
            "https://wiki.example/page",
            "https://app.example:8443/",
            "https://wiki.example:443/",
            "http://wiki.example:80/",
        ] {
            check(good, true);
        }
        for bad in [
            "",
            "profile",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "https://wiki.example@evil.example/",
            "https://wiki.example.evil.example/",
            "https://app.example/",
            "https://user@wiki.example/",
            "https://wiki.example:444/",
            "javascript:alert(1)",
            "ftp://wiki.example/",
            "/a\r\nSet-Cookie: x=y",
            "/\t/evil.example",
            " /profile",
            "https:wiki.example",
            "https:/wiki.example/",
            "https://wiki.example:80/",
            "https://app.example:443/",
        ] {
            check(bad, false);
        }
        check(&format!("/{}", "x".repeat(1_999)), true);
        check(&format!("/{}", "x".repeat(2_000)), false);
    }

    #[test]
    fn characters_that_a_url_must_encode_are_encoded() {
        for (target, want) in [
            ("/wiki/Müller", Some("/wiki/M%C3%BCller")),
            ("/wiki/M%C3%BCller", Some("/wiki/M%C3%BCller")),
            ("/a b?c d#e f", Some("/a%20b?c%20d#e%20f")),
            ("/\u{2028}\u{202e}", Some("/%E2%80%A8%E2%80%AE")),
            ("https://wiki.example/é", Some("https://wiki.example/%C3%A9")),
            ("https://wiki.éxample/", None),
            ("é/", None),
        ] {
            let hosts = ["wiki.example".to_owned()];
            let found = ReturnTo::parse(target, &hosts);
            assert_eq!(found.as_ref().map(ReturnTo::as_str), want, "{target:?}");
        }
        check(&format!("/{}", "é".repeat(333)), true);
        check(&format!("/{}", "é".repeat(334)), false);
    }

    #[test]
    fn target_is_percent_encoded_in_a_query() {
        let next = ReturnTo::path("/a?b=c&d=%25#e");
        let link = ReturnTo::link_with(Some(&next), "/login");
        assert_eq!(link, "/login?next=/a%3Fb%3Dc%26d%3D%2525%23e");
    }
}
