//! Validation of the address to which a client returns after signing in (OWASP ASVS 5.0, 3.7.2).

use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

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
    pub(crate) fn parse(target: &str, hosts: &[String]) -> Option<Self> {
        let printable = target
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let fits = printable && target.len() <= Self::MAX_LEN;
        (fits && (is_own_path(target) || is_on(target, hosts))).then(|| Self(target.to_owned()))
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

fn is_on(target: &str, hosts: &[String]) -> bool {
    let Ok(uri) = target.parse::<Uri>() else {
        return false;
    };
    let authority = uri.authority().map(http::uri::Authority::as_str);
    let web = matches!(uri.scheme_str(), Some("https" | "http"));
    web && authority.is_some_and(|authority| hosts.iter().any(|host| host.eq_ignore_ascii_case(authority)))
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
            "/a b",
            "/\t/evil.example",
            "/é",
            " /profile",
            "https:wiki.example",
            "https:/wiki.example/",
        ] {
            check(bad, false);
        }
        check(&format!("/{}", "x".repeat(1_999)), true);
        check(&format!("/{}", "x".repeat(2_000)), false);
    }

    #[test]
    fn target_is_percent_encoded_in_a_query() {
        let next = ReturnTo::path("/a?b=c&d=%25#e");
        let link = ReturnTo::link_with(Some(&next), "/login");
        assert_eq!(link, "/login?next=/a%3Fb%3Dc%26d%3D%2525%23e");
    }
}
