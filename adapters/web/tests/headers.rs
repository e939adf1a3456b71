//! Headers of every response: routes, errors, errors of a transport, and handlers that panic.
//!
//! `cookies.rs` tests cookies, `routing.rs` `Allow`, and `failures.rs` `Retry-After`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use http::{Method, StatusCode};
use kunci_maud::assets;
use kunci_web::{Hsts, Route};
use support::{
    ACCEPT_HEADERS, Act, JSON, PAGE, Setup, Site, TEXT, TestRequest, TestResponse, all_routes, get, post,
    prepare_request, request, sign_in_form, sign_up_form, valid_request,
};

const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                           frame-ancestors 'none'; base-uri 'none'";
const INERT_POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";
const HSTS: &str = "max-age=31536000";

/// Asserts the headers that every response has.
#[track_caller]
fn check_common(case: &str, answer: &TestResponse) {
    for (name, want) in [
        ("server", "kunci"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), want, "{case}: {name}");
    }
    for unwanted in [
        "x-powered-by",
        "access-control-allow-origin",
        "x-frame-options",
        "date",
        "connection",
    ] {
        assert_eq!(answer.header(unwanted), "", "{case}: {unwanted}");
    }
    let page = answer.header("content-type") == "text/html; charset=utf-8";
    let policy = if page { PAGE_POLICY } else { INERT_POLICY };
    assert_eq!(answer.header("content-security-policy"), policy, "{case}");
    let typed = answer.header("content-type");
    let known = [
        "text/html; charset=utf-8",
        "application/json",
        "text/plain; charset=utf-8",
        "image/svg+xml",
    ];
    assert!(
        answer.body.is_empty() && typed.is_empty() || known.contains(&typed),
        "{case}: {typed}"
    );
}

/// Asserts the headers of every response that is not an asset.
#[track_caller]
fn check(case: &str, answer: &TestResponse) {
    check_common(case, answer);
    assert_eq!(answer.header("cache-control"), "no-store", "{case}");
    assert_eq!(answer.header("vary"), "Accept, Cookie", "{case}");
}

#[test]
fn every_response_has_the_security_headers() {
    for (method, path) in all_routes() {
        for accept in ACCEPT_HEADERS {
            let site = Site::new();
            let ada = site.sign_up("ada");
            let prepared = Site::new();
            let success = prepare_request(&prepared, method, path);
            for (site, request) in [
                (&site, valid_request(method, path)),
                (&site, valid_request(method, path).cookie(&ada)),
                (&site, request(method, path)),
                (&prepared, success),
            ] {
                let answer = site.send(request.accept(accept));
                check(&format!("{method} {path} as {accept}"), &answer);
                assert_eq!(answer.header("strict-transport-security"), "");
            }
        }
    }
}

/// Returns a request for each kind of error, with its status.
fn error_requests() -> Vec<(TestRequest, u16)> {
    let media_type = "application/x-www-form-urlencoded";
    let large = format!("\"{}\"", "x".repeat(40_000));
    vec![
        (get("/nothing"), 404),
        (request("DELETE", "/login"), 405),
        (request("TRACE", "/"), 405),
        (request("OPTIONS", "/login"), 405),
        (post("/login").body(media_type, "%"), 400),
        (post("/login").body(media_type, "username=a"), 400),
        (post("/login").body("text/plain", ""), 415),
        (sign_in_form("ada", "wrong password"), 401),
        (sign_up_form("ada", support::PASSWORD), 409),
        (sign_up_form("a b", "short"), 422),
        (post("/logout").header("origin", "http://evil.example"), 403),
        (get("/api/v1/session"), 401),
        (get("/api/v1/session/data/none"), 404),
        (support::put("/api/v1/session/data/_x", "1"), 400),
        (support::put("/api/v1/session/data/k", &large), 413),
        (support::put("/api/v1/session/data/k", "{"), 400),
        (get("/assets/none"), 404),
        (get("/assets/%"), 400),
        (get("/panic"), 500),
        (get("/profile").extension(StatusCode::PAYLOAD_TOO_LARGE), 413),
    ]
}

fn panicking_route() -> Route {
    Route::new(Method::GET, "/panic", |_| panic!("on purpose"))
}

#[test]
fn every_error_has_the_security_headers() {
    let site = Site::with_routes(vec![panicking_route()]);
    let ada = site.sign_up("ada");
    for accept in ACCEPT_HEADERS {
        for (number, (request, status)) in error_requests().into_iter().enumerate() {
            let case = format!("{number}: {} {} as {accept}", request.0.method(), request.0.uri());
            let answer = site.send(request.accept(accept));
            assert_eq!(answer.status, status, "{case}");
            check(&case, &answer);
        }
    }
    site.watch.each("sessions.find", Act::Fail);
    for accept in ACCEPT_HEADERS {
        let answer = site.send(get("/profile").accept(accept).cookie(&ada));
        assert_eq!(answer.status, 503);
        check("store failure", &answer);
    }
}

#[test]
fn hsts_is_set_for_a_year_on_https() {
    let site = Site::with(Setup {
        https: true,
        routes: vec![panicking_route()],
        ..Setup::default()
    });
    site.sign_up("ada");
    let routes = all_routes()
        .into_iter()
        .map(|(method, path)| valid_request(method, path));
    let errors = error_requests().into_iter().map(|(request, _)| request);
    let assets = [get(&assets::style().path())].into_iter();
    for request in routes.chain(errors).chain(assets) {
        let case = request.0.uri().to_string();
        assert_eq!(
            site.send(request).header("strict-transport-security"),
            HSTS,
            "{case}"
        );
    }
}

#[test]
fn hsts_covers_subdomains_only_if_chosen() {
    for (https, hsts, want) in [
        (true, Hsts::default(), HSTS),
        (true, Hsts::Host, HSTS),
        (true, Hsts::Subdomains, "max-age=31536000; includeSubDomains"),
        (false, Hsts::Subdomains, ""),
    ] {
        let site = Site::with(Setup {
            https,
            hsts,
            ..Setup::default()
        });
        for accept in ACCEPT_HEADERS {
            let answer = site.send(get("/login").accept(accept));
            assert_eq!(
                answer.header("strict-transport-security"),
                want,
                "https: {https}, {hsts:?}"
            );
        }
    }
}

#[test]
fn transport_errors_follow_the_accept_header() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for (error, status, code, message) in [
        (
            StatusCode::PAYLOAD_TOO_LARGE,
            413,
            "too_large",
            "The request is larger than 64 KiB",
        ),
        (
            StatusCode::LENGTH_REQUIRED,
            411,
            "length_required",
            "The request has a body without a length; send Content-Length",
        ),
        (
            StatusCode::REQUEST_TIMEOUT,
            408,
            "too_slow",
            "The request took too long",
        ),
        (
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            431,
            "head_too_large",
            "The head of the request is too large",
        ),
        (
            StatusCode::SERVICE_UNAVAILABLE,
            503,
            "busy",
            "The server is busy; try again in a moment",
        ),
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            500,
            "internal",
            "Something went wrong",
        ),
        (
            StatusCode::BAD_REQUEST,
            400,
            "bad_request",
            "The request cannot be understood",
        ),
        (
            StatusCode::URI_TOO_LONG,
            400,
            "bad_request",
            "The request cannot be understood",
        ),
    ] {
        for accept in ACCEPT_HEADERS {
            for path in ["/login", "/nothing"] {
                site.watch.pass();
                let request = valid_request("POST", path)
                    .accept(accept)
                    .cookie(&ada)
                    .extension(error);
                let answer = site.send(request);
                assert_eq!(answer.status, status, "{error} as {accept}");
                assert!(
                    answer.body.contains(message),
                    "{error} as {accept}: {}",
                    answer.body
                );
                match accept {
                    TEXT => assert_eq!(answer.body, format!("{message}\n")),
                    JSON => assert_eq!(answer.code(), code),
                    _ => assert!(answer.body.starts_with("<!DOCTYPE html>")),
                }
                check(message, &answer);
                assert_eq!(answer.set_cookie(), None);
                assert_eq!(site.watch.calls(), [""; 0], "no store is called");
            }
        }
    }
}

#[test]
fn assets_are_cacheable_and_the_same_for_all_clients() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for asset in [assets::style(), assets::mark()] {
        let plain = site.send(get(&asset.path()));
        assert_eq!(plain.status, 200);
        assert_eq!(plain.header("content-type"), asset.content_type);
        assert_eq!(plain.body.as_bytes(), asset.bytes);
        assert_eq!(
            plain.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(plain.header("vary"), "Accept-Encoding");
        assert_eq!(plain.header("x-content-type-options"), "nosniff");
        assert_eq!(plain.header("content-security-policy"), INERT_POLICY);
        site.watch.pass();
        site.clock.advance(support::DAY);
        for accept in ACCEPT_HEADERS {
            assert_eq!(site.send(get(&asset.path()).accept(accept).cookie(&ada)), plain);
        }
        assert_eq!(site.watch.calls(), [""; 0], "no session is read");
    }
}

#[test]
fn pages_load_only_what_the_csp_allows() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for (_, path) in all_routes() {
        for cookie in ["", &ada] {
            let page = site.send(get(path).accept(PAGE).cookie(cookie)).body;
            for attribute in ["src=\"", "href=\"", "action=\""] {
                for target in page
                    .split(attribute)
                    .skip(1)
                    .map(|rest| rest.split('"').next().unwrap())
                {
                    let is_local =
                        target.starts_with('/') && !target.starts_with("//") || target.starts_with('#');
                    assert!(is_local, "{path}: {attribute}{target}");
                }
            }
            for banned in ["<script", "<style", " style=", " onclick=", "javascript:"] {
                assert!(!page.contains(banned), "{path}: {banned}");
            }
        }
    }
}

#[test]
fn csp_allows_forms_to_reach_redirect_hosts() {
    let hosts = vec!["wiki.example".to_owned(), "app.example:8443".to_owned()];
    let site = Site::with(Setup {
        redirect_hosts: hosts,
        ..Setup::default()
    });
    let policy = site
        .send(get("/login").accept(PAGE))
        .header("content-security-policy")
        .to_owned();
    // In a policy, a host without a scheme matches the scheme of the page and https.
    assert!(
        policy.contains("; form-action 'self' wiki.example app.example:8443;"),
        "{policy}"
    );
    let inert = site
        .send(get("/login"))
        .header("content-security-policy")
        .to_owned();
    assert_eq!(inert, INERT_POLICY);
}
