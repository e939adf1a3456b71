//! Failures of stores, hasher and entropy return 503 or 500, never sign a client in, and leak nothing.
//!
//! The tests of `kunci-domain` show the effect of store failures on sessions step by step.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{
    ACCEPT_HEADERS, Act, JSON, MINUTE, PAGE, PASSWORD, Site, TEXT, TestResponse, all_routes, form, get,
    prepare_request, put, take_log, valid_request,
};

const UNAVAILABLE: &str = "The service is not available at the moment; try again later";

/// Asserts the status, code and message of an error, and that it has no internal details.
#[track_caller]
fn check(case: &str, answer: &TestResponse, accept: &str, want: (u16, &str, &str)) {
    let (status, code, message) = want;
    assert_eq!(answer.status, status, "{case}: {}", answer.body);
    match accept {
        TEXT => assert_eq!(answer.body, format!("{message}\n"), "{case}"),
        JSON => assert_eq!(
            (answer.code().as_str(), answer.body.contains(message)),
            (code, true),
            "{case}"
        ),
        _ => assert!(answer.body.contains(message), "{case}: {}", answer.body),
    }
    for leaked in ["watched", "disk", "/var/secret", "panicked", "entropy"] {
        assert!(!answer.body.contains(leaked), "{case}: {}", answer.body);
    }
}

/// Returns whether a store call completes an action.
fn is_write(call: &&str) -> bool {
    let writes = [
        "accounts.commit",
        "sessions.insert",
        "sessions.rotate",
        "sessions.delete",
    ];
    writes.contains(call)
}

/// Sends a valid request whose store calls fail after the first `passed`.
///
/// Returns `false` if the request makes no further call.
#[track_caller]
fn check_store(method: &str, path: &str, accept: &str, passed: usize) -> bool {
    let site = Site::new();
    let request = prepare_request(&site, method, path);
    let sessions_before = site.live_sessions();
    let user_before = site.user("ada");
    site.clock.advance(MINUTE / 4);
    site.watch.fail_after(passed);
    let answer = site.send(request.accept(accept));
    let calls = site.watch.calls();
    if calls.len() <= passed {
        assert!(answer.status < 500, "{method} {path}: {answer:?}");
        return false;
    }
    let case = format!("{method} {path} as {accept} without {}", calls[passed]);
    // A completed action stays completed if its history entry cannot be written.
    if calls[passed] == "accounts.commit" && answer.status < 400 {
        assert!(calls[..passed].iter().any(is_write), "{case}: {answer:?}");
        return true;
    }
    let accept = if path.starts_with("/api/") { JSON } else { accept };
    check(&case, &answer, accept, (503, "unavailable", UNAVAILABLE));
    assert_eq!(answer.header("retry-after"), "5", "{case}");
    // A rotated session keeps its new token if a later step fails.
    if !calls[..passed].contains(&"sessions.rotate") {
        assert_eq!(answer.set_cookie(), None, "{case}");
    }
    site.watch.pass();
    let sessions = site.live_sessions();
    assert!(
        sessions.len() <= sessions_before.len(),
        "{case}: a session was added"
    );
    if !calls[..passed].iter().any(is_write) {
        assert_eq!(site.user("ada"), user_before, "{case}: half of it was done");
        assert_eq!(sessions, sessions_before, "{case}: half of it was done");
    }
    true
}

#[test]
fn store_failure_at_any_step_returns_503() {
    for (method, path) in all_routes() {
        for accept in ACCEPT_HEADERS {
            let steps = (0..)
                .take_while(|passed| check_store(method, path, accept, *passed))
                .count();
            let uses_no_store = path.starts_with("/assets/") || path == "/healthz";
            assert_eq!(steps == 0, uses_no_store, "{method} {path} has {steps} steps");
        }
    }
}

#[test]
fn unavailable_store_never_shows_a_user() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    site.clock.advance(MINUTE);
    for call in ["sessions.find", "accounts.find", "sessions.touch"] {
        site.watch.each(call, Act::Fail);
        for path in ["/", "/profile", "/account", "/api/v1/session", "/nothing"] {
            for accept in ACCEPT_HEADERS {
                let answer = site.send(get(path).accept(accept).cookie(&ada));
                let want = if path == "/nothing" { 404 } else { 503 };
                assert_eq!(answer.status, want, "{path} without {call}");
                assert!(
                    !answer.body.contains("ada"),
                    "{path} without {call}: {}",
                    answer.body
                );
            }
        }
    }
    site.watch.pass();
    assert_eq!(site.profile(&ada), "Welcome, ada\n", "the session works again");
}

#[test]
fn unreadable_record_returns_503_and_clears_the_cookie() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for call in ["sessions.find", "accounts.find"] {
        for accept in ACCEPT_HEADERS {
            site.watch.each(call, Act::Corrupt);
            let answer = site.send(get("/account").accept(accept).cookie(&ada));
            check(call, &answer, accept, (503, "unavailable", UNAVAILABLE));
            let removal = "kunci=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0";
            assert_eq!(answer.set_cookie(), Some(removal), "{call}");
            site.watch.each(call, Act::Fail);
            let answer = site.send(get("/account").accept(accept).cookie(&ada));
            assert_eq!(
                answer.set_cookie(),
                None,
                "{call}: an unavailable store keeps the cookie"
            );
        }
    }
}

#[test]
fn readiness_reports_store_failures_but_health_does_not() {
    let site = Site::new();
    for call in ["sessions.find", "accounts.find"] {
        site.watch.each(call, Act::Fail);
        let ready = site.send(get("/readyz"));
        assert_eq!(
            (ready.status, ready.header("retry-after")),
            (503, "5"),
            "without {call}"
        );
        assert_eq!(site.send(get("/healthz")).body, "ok\n", "without {call}");
    }
    site.watch.pass();
    assert_eq!(site.send(get("/readyz")).body, "ok\n");
}

#[test]
fn busy_hasher_returns_503() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let before = site.live_sessions();
    site.hasher.set_busy(true);
    let message = "The server is busy; try again in a moment";
    for (method, path) in [
        ("POST", "/login"),
        ("POST", "/register"),
        ("POST", "/account/password"),
        ("POST", "/account/confirm"),
        ("POST", "/api/v1/session"),
        ("POST", "/api/v1/session/proof"),
        ("POST", "/api/v1/users"),
        ("PUT", "/api/v1/account/password"),
    ] {
        for accept in ACCEPT_HEADERS {
            let answer = site.send(valid_request(method, path).accept(accept).cookie(&ada));
            let accept = if path.starts_with("/api/") { JSON } else { accept };
            check(path, &answer, accept, (503, "busy", message));
            assert_eq!(answer.header("retry-after"), "1", "{path} as {accept}");
            assert_eq!(answer.set_cookie(), None, "{path} as {accept}");
        }
    }
    assert_eq!(site.live_sessions(), before);
    assert!(site.user("eve").is_none());
    assert_eq!(
        site.profile(&ada),
        "Welcome, ada\n",
        "existing sessions keep working"
    );
}

#[test]
fn sign_in_while_busy_keeps_the_form_values() {
    let site = Site::new();
    site.hasher.set_busy(true);
    let fields = [
        ("form", "page"),
        ("username", "ada"),
        ("password", PASSWORD),
        ("next", "/account"),
    ];
    let page = site.send(form("/login", &fields).accept(PAGE)).body;
    assert!(page.contains(r#"value="ada""#) && page.contains(r#"value="/account""#));
    assert!(!page.contains(PASSWORD));
}

#[test]
fn entropy_failure_returns_500_and_starts_no_session() {
    let site_without_entropy = || {
        let site = Site::new();
        site.add_user("ada", kunci_domain::Role::Member);
        site.without_entropy()
    };
    for (method, path) in [
        ("POST", "/login"),
        ("POST", "/register"),
        ("POST", "/api/v1/session"),
        ("POST", "/api/v1/users"),
        ("POST", "/reset"),
        ("PUT", "/api/v1/session/data/k"),
    ] {
        for accept in ACCEPT_HEADERS {
            let site = site_without_entropy();
            let answer = site.send(valid_request(method, path).accept(accept));
            let accept = if path.starts_with("/api/") { JSON } else { accept };
            check(path, &answer, accept, (500, "internal", "Something went wrong"));
            assert_eq!(answer.set_cookie(), None, "{path}");
            assert_eq!(site.live_sessions(), [], "{path}");
            assert!(site.user("eve").is_none(), "{path}");
        }
    }
    assert_eq!(
        site_without_entropy().send(get("/profile")).body,
        "You are not logged in\n"
    );
}

#[test]
fn full_store_keeps_existing_sessions_working() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    site.watch.each("sessions.insert", Act::Fail);
    assert_eq!(
        site.send(put("/api/v1/session/data/k", "1")).status,
        503,
        "a new visitor"
    );
    assert_eq!(
        site.send(put("/api/v1/session/data/k", "1").cookie(&ada)).status,
        200
    );
    assert_eq!(site.send(support::post("/logout").cookie(&ada)).status, 200);
}

#[test]
fn sign_up_while_busy_keeps_the_form_values() {
    let site = Site::new();
    site.hasher.set_busy(true);
    let fields = [
        ("username", "ada"),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
    ];
    let answer = site.send(form("/register", &fields).accept(PAGE));
    assert_eq!((answer.status, answer.header("retry-after")), (503, "1"));
    for part in [r#"value="ada""#, r#"value="ada@example.org""#, "busy"] {
        assert!(answer.body.contains(part), "{part} is not in {}", answer.body);
    }
    assert!(!answer.body.contains(PASSWORD));
}

#[test]
fn failure_is_logged_once_a_minute() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    site.watch.each("sessions.find", Act::Fail);
    let log_of = || {
        take_log();
        assert_eq!(site.send(get("/profile").cookie(&ada)).status, 503);
        take_log()
    };
    let first = log_of();
    assert!(
        first.starts_with("\nERROR message=request failed cause=watched"),
        "{first}"
    );
    assert!(first.contains(" path=\"/profile\""), "{first}");
    assert_eq!([log_of(), log_of()], ["", ""]);
    site.clock.advance(MINUTE);
    let again = log_of();
    assert!(again.contains(" unlogged=2"), "{again}");
}
