//! Paths and methods: unknown paths, unsupported methods, `HEAD`, and conflicting routes.
//!
//! `custom_routes.rs` tests the routes of an application.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use kunci_web::{Cost, Route, StoreLocality, text};
use serde_json::json;
use support::{ACCEPT_HEADERS, JSON, PAGE, Setup, Site, TEXT, TestResponse, all_routes, get, request};

/// Asserts an error in the requested representation.
#[track_caller]
fn check_error(case: &str, answer: &TestResponse, accept: &str, status: u16, code: &str, message: &str) {
    assert_eq!(answer.status, status, "{case} as {accept}");
    let media_type = answer.header("content-type");
    match accept {
        TEXT => {
            assert_eq!(media_type, "text/plain; charset=utf-8", "{case}");
            assert_eq!(answer.body, format!("{message}\n"), "{case}");
        }
        JSON => {
            assert_eq!(media_type, "application/json", "{case}");
            assert_eq!(
                answer.json(),
                json!({"error": {"code": code, "message": message}}),
                "{case}"
            );
        }
        _ => {
            assert_eq!(media_type, "text/html; charset=utf-8", "{case}");
            assert!(
                answer.body.contains(message) && answer.body.contains("<h1>"),
                "{case}: {}",
                answer.body
            );
        }
    }
}

#[test]
fn unknown_paths_return_404() {
    let site = Site::new();
    for path in [
        "/nothing",
        "/Profile",
        "/profile/",
        "/profile%00",
        "/profile/x.css",
        "/profile;x.png",
        "/profile%2Fx",
        "//profile",
        "/./profile",
        "/../profile",
        "/assets/../profile",
        "/assets/..%2Fprofile",
        "/assets/",
        "/assets",
        "/assets/kunci.db",
        "/.git/HEAD",
        "/kunci.db",
        "/account/%F0%9F%94%91",
    ] {
        for accept in ACCEPT_HEADERS {
            for method in ["GET", "POST", "DELETE"] {
                let is_asset = path.starts_with("/assets/")
                    && method != "GET"
                    && !matches!(path, "/assets/" | "/assets/../profile");
                if !is_asset {
                    let answer = site.send(request(method, path).accept(accept));
                    check_error(path, &answer, accept, 404, "not_found", "There is nothing here");
                }
            }
        }
    }
}

#[test]
fn badly_encoded_paths_return_400() {
    let site = Site::new();
    for path in ["/assets/%", "/assets/%zz", "/assets/%ff"] {
        for accept in ACCEPT_HEADERS {
            let answer = site.send(get(path).accept(accept));
            check_error(
                path,
                &answer,
                accept,
                400,
                "bad_request",
                "The path is not properly encoded",
            );
        }
    }
}

/// Returns each path with its methods.
fn methods() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut methods: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (method, path) in all_routes() {
        let allowed = methods.entry(path).or_default();
        allowed.insert(method);
        if method == "GET" {
            allowed.insert("HEAD");
        }
    }
    methods
}

#[test]
fn unsupported_methods_return_405_with_allow() {
    let site = Site::new();
    let verbs = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO", "get", "PROPFIND",
    ];
    for (path, supported) in methods() {
        for verb in verbs.into_iter().filter(|verb| !supported.contains(verb)) {
            for accept in ACCEPT_HEADERS {
                let answer = site.send(request(verb, path).accept(accept));
                if verb == "HEAD" {
                    assert_eq!((answer.status, answer.body.as_str()), (405, ""), "{path}");
                    continue;
                }
                let allowed: BTreeSet<&str> = answer.header("allow").split(", ").collect();
                assert_eq!(allowed, supported, "{verb} {path}");
                let accept = if path.starts_with("/api/") { JSON } else { accept };
                let message = "This address does not support the method";
                check_error(path, &answer, accept, 405, "method_not_allowed", message);
            }
        }
    }
}

#[test]
fn headers_cannot_override_the_method() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        assert_eq!(
            site.send(get("/logout").header(name, "POST").cookie(&ada)).status,
            200
        );
    }
    assert_eq!(site.profile(&ada), "Welcome, ada\n");
}

#[test]
fn head_equals_get_without_the_body() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for (method, path) in all_routes().into_iter().chain([("GET", "/nothing")]) {
        for accept in ACCEPT_HEADERS {
            for cookie in ["a=b", &ada] {
                let send = |method| site.send(request(method, path).accept(accept).cookie(cookie));
                let (get, head) = (send("GET"), send("HEAD"));
                assert_eq!(head.body, "", "{path}");
                assert_eq!(head.status, get.status, "{path}");
                assert_eq!(
                    head.header("content-length"),
                    get.body.len().to_string(),
                    "{path}"
                );
                let mut rest = head.headers.clone();
                rest.remove("content-length");
                assert_eq!(rest, get.headers, "{method} {path}");
            }
        }
    }
}

fn custom_route(method: Method, path: &'static str) -> Route {
    Route::new(method, path, |_| Ok(text("mine")))
}

#[test]
fn conflicting_routes_are_refused() {
    for (method, path, want) in [
        (
            Method::GET,
            "/profile",
            "the route GET /profile (Quick) exists already",
        ),
        (
            Method::POST,
            "/login",
            "the route POST /login (MayBlock) exists already",
        ),
        (
            Method::GET,
            "/api/v1/session/data/{other}",
            "the route /api/v1/session/data/{other} cannot be added",
        ),
        (Method::GET, "/a/{b", "the route /a/{b cannot be added"),
    ] {
        let site = Site::new();
        let settings = support::settings(&Setup::default());
        let outcome = kunci_web::App::new(site.core, site.clock, settings, vec![custom_route(method, path)]);
        let error = outcome.unwrap_err().to_string();
        assert!(error.starts_with(want), "{error}");
    }
}

#[test]
fn application_can_add_a_method_to_a_built_in_path() {
    let site = Site::with_routes(vec![custom_route(Method::PUT, "/profile")]);
    assert_eq!(site.send(request("PUT", "/profile")).body, "mine\n");
    assert_eq!(site.send(get("/profile")).body, "You are not logged in\n");
    assert_eq!(
        site.send(request("POST", "/profile")).header("allow"),
        "GET, PUT, HEAD"
    );
}

#[test]
fn may_block_is_known_before_the_call() {
    let slow_read = custom_route(Method::GET, "/slow").with_cost(Cost::MayBlock);
    let quick_change = custom_route(Method::POST, "/quick").with_cost(Cost::Quick);
    let site = Site::with_routes(vec![slow_read, quick_change]);
    for (method, path, want) in [
        ("GET", "/profile", false),
        ("HEAD", "/profile", false),
        ("GET", "/api/v1/session/data/k", false),
        ("POST", "/login", true),
        ("POST", "/register", true),
        ("POST", "/logout", true),
        ("PUT", "/api/v1/session/data/k", true),
        ("DELETE", "/api/v1/session", true),
        ("GET", "/slow", true),
        ("HEAD", "/slow", true),
        ("POST", "/quick", false),
        ("GET", "/nothing", false),
        ("DELETE", "/profile", false),
    ] {
        let method: Method = method.parse().unwrap();
        assert_eq!(site.app.may_block(&method, path), want, "{method} {path}");
    }
}

#[test]
fn with_remote_stores_requests_that_need_them_may_block() {
    let quick_change = custom_route(Method::POST, "/quick").with_cost(Cost::Quick);
    let site = Site::with(Setup {
        stores: StoreLocality::Remote,
        routes: vec![quick_change],
        ..Setup::default()
    });
    for (method, path, want) in [
        ("GET", "/profile", true),
        ("HEAD", "/profile", true),
        ("GET", "/", true),
        ("POST", "/quick", true),
        ("GET", "/readyz", true),
        ("GET", "/healthz", false),
        ("HEAD", "/healthz", false),
        ("GET", "/assets/none", false),
        ("POST", "/healthz", false),
        ("GET", "/nothing", false),
    ] {
        let method: Method = method.parse().unwrap();
        assert_eq!(site.app.may_block(&method, path), want, "{method} {path}");
    }
}

#[test]
fn with_remote_stores_quick_requests_call_no_store() {
    let site = Site::with(Setup {
        stores: StoreLocality::Remote,
        ..Setup::default()
    });
    let cookie = site.sign_up("ada");
    let quick = |(method, path): &(&str, &str)| !site.app.may_block(&method.parse().unwrap(), path);
    let quick: Vec<_> = all_routes().into_iter().filter(quick).collect();
    assert!(quick.contains(&("GET", "/healthz")), "{quick:?}");
    for (method, path) in quick {
        site.watch.pass();
        site.send(request(method, path).cookie(&cookie));
        assert_eq!(site.watch.calls(), Vec::<&str>::new(), "{method} {path}");
    }
}

#[test]
fn absolute_request_targets_are_accepted() {
    let site = Site::new();
    let answer = site.send(get("http://localhost:8080/account?x=1").accept(PAGE));
    assert_eq!(answer.header("location"), "/login?next=/account%3Fx%3D1");
    assert_eq!(site.send(request("OPTIONS", "*")).status, 404);
    assert_eq!(site.send(request("CONNECT", "localhost:8080")).status, 404);
}
