//! Requests that another site makes with our users' browsers: refused on every route that changes something.
//!
//! The rule itself, with all its cases, is tested beside it in `src/cross_site.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{ACCEPT_HEADERS, PASSWORD, ROUTES, Site, TestRequest, prepare_request, valid_request};

/// Headers that tell where a request comes from.
type Source = &'static [(&'static str, &'static str)];

const OURS: [(&str, Source); 5] = [
    ("no browser", &[]),
    ("our own page", &[("sec-fetch-site", "same-origin")]),
    ("the address bar", &[("sec-fetch-site", "none")]),
    (
        "our own page, old browser",
        &[("origin", "http://localhost:8080")],
    ),
    (
        "our own page, both",
        &[
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://localhost:8080"),
        ],
    ),
];

const FOREIGN: [(&str, Source); 8] = [
    ("another site", &[("sec-fetch-site", "cross-site")]),
    ("a sibling host", &[("sec-fetch-site", "same-site")]),
    ("an unknown word", &[("sec-fetch-site", "")]),
    ("another site, old browser", &[("origin", "http://evil.example")]),
    (
        "another port, old browser",
        &[("origin", "http://localhost:9090")],
    ),
    (
        "another scheme, old browser",
        &[("origin", "https://localhost:8080")],
    ),
    ("a sandbox", &[("origin", "null")]),
    (
        "another site with our origin",
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "http://localhost:8080"),
        ],
    ),
];

fn from(ask: TestRequest, source: Source) -> TestRequest {
    source
        .iter()
        .fold(ask, |ask, (name, value)| ask.header(name, value))
}

fn changing() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROUTES.into_iter().filter(|(method, _)| *method != "GET")
}

#[test]
fn cross_site_requests_are_refused_on_every_route() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let before = (site.live_sessions(), site.user("ada"));
    let (verifications, hashes) = (site.hasher.verifications(), site.hasher.hashes());
    for (method, path) in changing() {
        for (case, source) in FOREIGN {
            for accept in ACCEPT_HEADERS {
                site.watch.pass();
                let ask = valid_request(method, path).accept(accept).cookie(&ada);
                let answer = site.send(from(ask, source));
                assert_eq!(answer.status, 403, "{method} {path} from {case}");
                assert!(
                    answer.body.contains("The request came from another site"),
                    "{}",
                    answer.body
                );
                assert_eq!(answer.set_cookie(), None, "{method} {path} from {case}");
                assert_eq!(
                    site.watch.calls(),
                    [""; 0],
                    "{method} {path} from {case}: a store was asked"
                );
            }
        }
    }
    assert_eq!((site.live_sessions(), site.user("ada")), before);
    assert_eq!(
        (site.hasher.verifications(), site.hasher.hashes()),
        (verifications, hashes)
    );
    assert!(site.user("eve").is_none());
}

#[test]
fn same_origin_and_non_browser_requests_are_accepted() {
    for (method, path) in changing() {
        for (case, source) in OURS {
            let site = Site::new();
            let ask = prepare_request(&site, method, path);
            let answer = site.send(from(ask, source));
            assert!(
                matches!(answer.status, 200..=202),
                "{method} {path} from {case}: {answer:?}"
            );
        }
    }
}

#[test]
fn cross_site_get_requests_are_accepted() {
    for (method, path) in ROUTES.into_iter().filter(|(method, _)| *method == "GET") {
        for (case, source) in FOREIGN {
            let site = Site::new();
            let ask = prepare_request(&site, method, path);
            let answer = site.send(from(ask, source));
            let want = if path == "/assets/none" { 404 } else { 200 };
            assert_eq!(answer.status, want, "{path} from {case}");
        }
    }
}

#[test]
fn only_the_public_origin_is_accepted() {
    let site = Site::https();
    let fields = [("username", "ada"), ("password", PASSWORD)];
    for (origin, status) in [
        ("https://id.example.org", 201),
        ("http://id.example.org", 403),
        ("https://id.example.org:8443", 403),
        ("https://id.example.org.evil.example", 403),
        ("https://evil.example", 403),
        ("http://localhost:8080", 403),
    ] {
        let answer = site.send(support::form("/register", &fields).header("origin", origin));
        assert_eq!(answer.status, status, "{origin}");
    }
}

#[test]
fn no_response_has_cors_headers() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for origin in [
        "http://evil.example",
        "null",
        "http://localhost:8080",
        "http://localhost:8080.evil.example",
    ] {
        for (method, path) in ROUTES {
            let answer = site.send(valid_request(method, path).header("origin", origin).cookie(&ada));
            let cors = answer
                .headers
                .keys()
                .any(|name| name.as_str().starts_with("access-control-"));
            assert!(!cors, "{method} {path} for {origin}");
        }
    }
}
