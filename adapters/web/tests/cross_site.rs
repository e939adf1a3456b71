//! Cross-site requests from browsers are refused on every route that changes something.
//!
//! `src/cross_site.rs` tests every case of the rule itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{
    ACCEPT_HEADERS, PASSWORD, Site, TestRequest, all_routes, prepare_request, sign_up_form, valid_request,
};

/// Headers that name the origin of a request.
type Source = &'static [(&'static str, &'static str)];

const ALLOWED_SOURCES: [(&str, Source); 5] = [
    ("no browser", &[]),
    ("a page of this site", &[("sec-fetch-site", "same-origin")]),
    ("the address bar", &[("sec-fetch-site", "none")]),
    (
        "a page of this site, old browser",
        &[("origin", "http://localhost:8080")],
    ),
    (
        "a page of this site, both",
        &[
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://localhost:8080"),
        ],
    ),
];

const FOREIGN_SOURCES: [(&str, Source); 8] = [
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
        "another site with the origin of this site",
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "http://localhost:8080"),
        ],
    ),
];

fn sent_from(request: TestRequest, source: Source) -> TestRequest {
    source
        .iter()
        .fold(request, |request, (name, value)| request.header(name, value))
}

/// Returns the routes that change something.
fn changing_routes() -> impl Iterator<Item = (&'static str, &'static str)> {
    all_routes().into_iter().filter(|(method, _)| *method != "GET")
}

#[test]
fn cross_site_requests_are_refused_on_every_route() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let before = (site.live_sessions(), site.user("ada"));
    let (verifications, hashes) = (site.hasher.verifications(), site.hasher.hashes());
    for (method, path) in changing_routes() {
        for (case, source) in FOREIGN_SOURCES {
            for accept in ACCEPT_HEADERS {
                site.watch.pass();
                let request = valid_request(method, path).accept(accept).cookie(&ada);
                let answer = site.send(sent_from(request, source));
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
                    "{method} {path} from {case}: a store was called"
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
    for (method, path) in changing_routes() {
        for (case, source) in ALLOWED_SOURCES {
            let site = Site::new();
            let request = prepare_request(&site, method, path);
            let answer = site.send(sent_from(request, source));
            assert!(
                matches!(answer.status, 200..=202),
                "{method} {path} from {case}: {answer:?}"
            );
        }
    }
}

#[test]
fn cross_site_get_requests_are_accepted() {
    for (method, path) in all_routes().into_iter().filter(|(method, _)| *method == "GET") {
        for (case, source) in FOREIGN_SOURCES {
            let site = Site::new();
            let request = prepare_request(&site, method, path);
            let answer = site.send(sent_from(request, source));
            let want = if path == "/assets/none" { 404 } else { 200 };
            assert_eq!(answer.status, want, "{path} from {case}");
        }
    }
}

#[test]
fn only_the_public_origin_is_accepted() {
    let site = Site::https();
    for (origin, status) in [
        ("https://id.example.org", 201),
        ("http://id.example.org", 403),
        ("https://id.example.org:8443", 403),
        ("https://id.example.org.evil.example", 403),
        ("https://evil.example", 403),
        ("http://localhost:8080", 403),
    ] {
        let answer = site.send(sign_up_form("ada", PASSWORD).header("origin", origin));
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
        for (method, path) in all_routes() {
            let answer = site.send(valid_request(method, path).header("origin", origin).cookie(&ada));
            let cors = answer
                .headers
                .keys()
                .any(|name| name.as_str().starts_with("access-control-"));
            assert!(!cors, "{method} {path} for {origin}");
        }
    }
}
