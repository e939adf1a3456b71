//! What holds for every route, every kind of visitor and every representation.
//!
//! The routes come from the application, so a new one is covered at once. `failures.rs` covers stores that
//! fail, `headers.rs` each header, and `life/restricted_sessions.rs` which routes are open to whom.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{ACCEPT_HEADERS, JSON, PAGE, Site, TEXT, TestResponse, Visitor, all_routes, valid_request};

/// A request of a visitor to a route, as a message for failed assertions.
struct Case {
    method: &'static str,
    path: &'static str,
    visitor: Visitor,
    accept: &'static str,
}

impl Case {
    /// Returns every combination of route and visitor.
    fn all(accept: &'static str) -> impl Iterator<Item = Self> {
        all_routes().into_iter().flat_map(move |(method, path)| {
            Visitor::ALL.into_iter().map(move |visitor| Self {
                method,
                path,
                visitor,
                accept,
            })
        })
    }

    fn is_api(&self) -> bool {
        self.path.starts_with("/api/")
    }

    /// Sends the request to a new site.
    fn send(&self) -> (Site, String, TestResponse) {
        let (site, cookie) = self.visitor.arrive();
        let request = valid_request(self.method, self.path).accept(self.accept);
        let answer = site.send(request.cookie(&cookie));
        (site, cookie, answer)
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            method,
            path,
            visitor,
            accept,
        } = self;
        write!(f, "{method} {path} of {visitor:?} as {accept}")
    }
}

/// Asserts that an error has the shape of the requested representation.
#[track_caller]
fn check_shape(case: &Case, answer: &TestResponse) {
    let media_type = answer.header("content-type");
    if case.is_api() || case.accept == JSON {
        assert_eq!(media_type, "application/json", "{case}");
        let body = answer.json();
        let texts = ["code", "message"].map(|key| body["error"][key].as_str().unwrap_or_default().len());
        assert!(!texts.contains(&0), "{case}: {body}");
        assert_eq!(body.as_object().unwrap().len(), 1, "{case}: {body}");
    } else if case.accept == PAGE {
        assert_eq!(media_type, "text/html; charset=utf-8", "{case}");
        assert!(
            answer.body.starts_with("<!DOCTYPE html>"),
            "{case}: {}",
            answer.body
        );
    } else {
        assert_eq!(media_type, "text/plain; charset=utf-8", "{case}");
        assert_eq!(answer.body.lines().count(), 1, "{case}: {}", answer.body);
    }
}

/// Asserts that a refused request has no effect on the client's session.
///
/// The first of two steps of a sign-in is also refused, and its session must not count as signed in.
#[track_caller]
fn check_session(case: &Case, site: &Site, cookie: &str, answer: &TestResponse) {
    let two_steps = matches!(case.visitor, Visitor::PendingSecondFactor | Visitor::Enrolling);
    match answer.cookie() {
        // Without a user, this ends the session of the client alone, and says that nothing else has ended.
        Some(removed) if case.path == "/logout_all" => assert_eq!(removed, "kunci=", "{case}"),
        Some(new) => {
            assert!(two_steps, "{case}: a refusal sets {new}");
            assert_eq!(site.profile(&new), "You are not logged in\n", "{case}");
        }
        None => {
            let is_signed_in = site.profile(cookie) == "Welcome, ada\n";
            assert_eq!(is_signed_in, case.visitor.is_signed_in(), "{case}");
        }
    }
}

#[test]
fn every_refusal_has_the_requested_shape_and_no_effect() {
    for accept in ACCEPT_HEADERS {
        for case in Case::all(accept) {
            let (site, cookie, answer) = case.send();
            assert!(answer.status < 500, "{case}: {answer:?}");
            if 400 <= answer.status {
                check_shape(&case, &answer);
                check_session(&case, &site, &cookie, &answer);
            }
        }
    }
}

#[test]
fn every_response_is_private_and_inert() {
    for accept in ACCEPT_HEADERS {
        for case in Case::all(accept) {
            let (_, _, answer) = case.send();
            for (name, want) in [
                ("cache-control", "no-store"),
                ("vary", "Accept, Cookie"),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "same-origin"),
            ] {
                assert_eq!(answer.header(name), want, "{case}: {name}");
            }
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; "), "{case}: {policy}");
        }
    }
}

#[test]
fn text_and_json_have_the_same_status() {
    for case in Case::all(TEXT) {
        let (_, _, answer) = case.send();
        let (_, _, json) = Case { accept: JSON, ..case }.send();
        let (status, path) = (answer.status, case.path);
        assert_eq!(
            status, json.status,
            "{} {path} of {:?}",
            case.method, case.visitor
        );
    }
}

/// Returns where a browser is redirected because of an error, and whether it can return from there.
fn step_before(code: &str) -> Option<(&'static str, bool)> {
    match code {
        "not_signed_in" => Some(("/login", true)),
        "proof_needed" => Some(("/account/confirm", true)),
        "second_factor_needed" => Some(("/account/second-factor", false)),
        "code_not_due" => Some(("/login", false)),
        "code_needed" => Some(("/login/code", false)),
        _ => None,
    }
}

/// Asserts that a redirect leads to `start`, with a way back to a page if it `returns`.
#[track_caller]
fn check_redirect(case: &Case, answer: &TestResponse, start: &str, returns: bool) {
    assert_eq!(answer.status, 303, "{case}: {answer:?}");
    let location = answer.header("location");
    let (page, back) = location.split_once("?next=").unwrap_or((location, ""));
    assert_eq!(page, start, "{case}");
    if returns {
        assert!(all_routes().contains(&("GET", back)), "{case}: {location}");
        assert!(case.method != "GET" || back == case.path, "{case}: {location}");
    } else {
        assert_eq!(back, "", "{case}");
    }
}

#[test]
fn pages_redirect_to_the_step_before_or_show_the_error() {
    for case in Case::all(JSON).filter(|case| !case.is_api()) {
        let (_, _, json) = case.send();
        let case = Case { accept: PAGE, ..case };
        let (_, _, page) = case.send();
        if json.status < 400 {
            assert!(page.status < 400, "{case}: {page:?}");
            continue;
        }
        match step_before(&json.code()) {
            // This page says that other sessions have not ended.
            Some(_) if case.path == "/logout_all" => assert_eq!(page.status, 401, "{case}: {page:?}"),
            Some((start, returns)) => check_redirect(&case, &page, start, returns),
            None => assert_eq!(page.status, json.status, "{case}: {page:?}"),
        }
    }
}
