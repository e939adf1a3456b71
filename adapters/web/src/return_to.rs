//! Where a client may be sent after it has signed in (OWASP ASVS 5.0, 3.7.2).

use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What must not stand bare in the value of a query.
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

/// A place that a client may be sent to: a path of our own, or a page on a host that the operator named.
///
/// It is printable ASCII, hence safe in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnTo(String);

impl ReturnTo {
    /// Longer targets are refused, so that no header outgrows what proxies take.
    const MAX_LEN: usize = 2_000;

    /// Checks a place that a client named; `None` when it must not be sent there.
    pub(crate) fn parse(target: &str, hosts: &[String]) -> Option<Self> {
        let printable = target
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let fits = printable && target.len() <= Self::MAX_LEN;
        (fits && (is_own_path(target) || is_on(target, hosts))).then(|| Self(target.to_owned()))
    }

    /// A path that stands in the code.
    pub(crate) fn path(path: &'static str) -> Self {
        Self(path.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A link to one of our pages that carries this place along.
    pub(crate) fn carried_by(next: Option<&Self>, page: &str) -> String {
        next.map_or_else(
            || page.to_owned(),
            |next| format!("{page}?next={}", utf8_percent_encode(&next.0, IN_QUERY)),
        )
    }
}

/// `//host` and `/\host` name another host to a browser.
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
    fn only_own_paths_and_named_hosts_are_places_to_go() {
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
    fn a_place_survives_being_carried_in_a_query() {
        let next = ReturnTo::path("/a?b=c&d=%25#e");
        let link = ReturnTo::carried_by(Some(&next), "/login");
        assert_eq!(link, "/login?next=/a%3Fb%3Dc%26d%3D%2525%23e");
    }
}
