//! Paths and methods: what is not there, what a path does not do, `HEAD`, and tables that cannot be made.
//!
//! Routes of an application's own are in `custom_routes.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use kunci_web::{Cost, Route, text};
use serde_json::json;
use support::{Answer, FORMS, JSON, PAGE, ROUTES, Setup, Site, TEXT, get, request};

/// An error in the form that was asked for.
#[track_caller]
fn check_error(case: &str, answer: &Answer, form: &str, status: u16, code: &str, message: &str) {
    assert_eq!(answer.status, status, "{case} as {form}");
    let media_type = answer.header("content-type");
    match form {
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
fn what_is_not_there_is_told_in_each_form() {
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
        for form in FORMS {
            for method in ["GET", "POST", "DELETE"] {
                let there = path.starts_with("/assets/")
                    && method != "GET"
                    && !matches!(path, "/assets/" | "/assets/../profile");
                if !there {
                    let answer = site.send(request(method, path).accept(form));
                    check_error(path, &answer, form, 404, "not_found", "There is nothing here");
                }
            }
        }
    }
}

#[test]
fn parts_of_a_path_that_are_not_properly_encoded_are_told_in_each_form() {
    let site = Site::new();
    for path in ["/assets/%", "/assets/%zz", "/assets/%ff"] {
        for form in FORMS {
            let answer = site.send(get(path).accept(form));
            check_error(
                path,
                &answer,
                form,
                400,
                "bad_request",
                "The path is not properly encoded",
            );
        }
    }
}

/// Each path with the methods that it has.
fn methods() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut methods: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (method, path) in ROUTES {
        let here = methods.entry(path).or_default();
        here.insert(method);
        if method == "GET" {
            here.insert("HEAD");
        }
    }
    methods
}

#[test]
fn methods_that_a_path_does_not_have_are_told_with_those_that_it_has() {
    let site = Site::new();
    let verbs = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO", "get", "PROPFIND",
    ];
    for (path, here) in methods() {
        for verb in verbs.into_iter().filter(|verb| !here.contains(verb)) {
            for form in FORMS {
                let answer = site.send(request(verb, path).accept(form));
                if verb == "HEAD" {
                    assert_eq!((answer.status, answer.body.as_str()), (405, ""), "{path}");
                    continue;
                }
                let allowed: BTreeSet<&str> = answer.header("allow").split(", ").collect();
                assert_eq!(allowed, here, "{verb} {path}");
                let form = if path.starts_with("/api/") { JSON } else { form };
                let message = "This address does not support the method";
                check_error(path, &answer, form, 405, "method_not_allowed", message);
            }
        }
    }
}

#[test]
fn a_header_cannot_turn_one_method_into_another() {
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
fn looking_changes_nothing() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let before = (site.live_sessions(), site.user("ada"));
    for (_, path) in ROUTES {
        for method in ["GET", "HEAD", "OPTIONS"] {
            for form in FORMS {
                site.send(request(method, path).accept(form).cookie(&ada));
            }
        }
    }
    assert_eq!((site.live_sessions(), site.user("ada")), before);
}

#[test]
fn head_is_get_without_the_body() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for (method, path) in ROUTES.into_iter().chain([("GET", "/nothing")]) {
        for form in FORMS {
            for cookie in ["a=b", &ada] {
                let ask = |method| site.send(request(method, path).accept(form).cookie(cookie));
                let (get, head) = (ask("GET"), ask("HEAD"));
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

fn nothing(method: Method, path: &'static str) -> Route {
    Route::new(method, path, |_| Ok(text("mine")))
}

#[test]
fn a_route_that_is_there_already_cannot_be_added() {
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
        let outcome = kunci_web::App::new(site.core, site.clock, settings, vec![nothing(method, path)]);
        let error = outcome.unwrap_err().to_string();
        assert!(error.starts_with(want), "{error}");
    }
}

#[test]
fn an_application_may_add_a_method_to_a_path_of_ours() {
    let site = Site::with_routes(vec![nothing(Method::PUT, "/profile")]);
    assert_eq!(site.send(request("PUT", "/profile")).body, "mine\n");
    assert_eq!(site.send(get("/profile")).body, "You are not logged in\n");
    assert_eq!(
        site.send(request("POST", "/profile")).header("allow"),
        "GET, PUT, HEAD"
    );
}

#[test]
fn what_may_block_is_known_before_it_is_done() {
    let slow_look = nothing(Method::GET, "/slow").with_cost(Cost::MayBlock);
    let quick_change = nothing(Method::POST, "/quick").with_cost(Cost::Quick);
    let site = Site::with_routes(vec![slow_look, quick_change]);
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
fn an_address_may_come_whole() {
    let site = Site::new();
    let answer = site.send(get("http://localhost:8080/account?x=1").accept(PAGE));
    assert_eq!(answer.header("location"), "/login?next=/account%3Fx%3D1");
    assert_eq!(site.send(request("OPTIONS", "*")).status, 404);
    assert_eq!(site.send(request("CONNECT", "localhost:8080")).status, 404);
}
