//! Sign-up, sign-in, profile and sign-out on two devices, in each representation.
//!
//! Scripts rely on these exact texts.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use serde_json::{Value, json};
use support::{Client, JSON, PAGE, PASSWORD, Site, TEXT, TestResponse, form, get, post};

/// Asserts the status and the text line, or `-> LOCATION` of a redirect.
#[track_caller]
fn check(answer: &TestResponse, status: u16, want: &str) {
    let got = match answer.header("content-type") {
        "text/plain; charset=utf-8" => answer.body.clone(),
        "" => format!("-> {}\n", answer.header("location")),
        other => panic!("{other}: {}", answer.body),
    };
    assert_eq!((answer.status, got), (status, format!("{want}\n")));
}

#[track_caller]
fn check_json(answer: &TestResponse, status: u16, want: Value) {
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!((answer.status, answer.json()), (status, want));
}

const CREDENTIALS: [(&str, &str); 2] = [("username", "ada"), ("password", PASSWORD)];
const WRONG_CREDENTIALS: [(&str, &str); 2] = [("username", "ada"), ("password", "wrong password")];

#[test]
fn tour_as_text() {
    let site = Site::new();
    let (laptop, phone) = (site.client(), site.client());
    let send = |client: &Client<'_>, request: support::TestRequest| client.send(request.accept(TEXT));
    check(&send(&laptop, get("/profile")), 200, "You are not logged in");
    check(
        &send(&laptop, form("/login", &CREDENTIALS)),
        401,
        "Wrong username or password",
    );
    check(
        &send(&laptop, form("/register", &CREDENTIALS)),
        201,
        "Account created",
    );
    check(&send(&laptop, get("/profile")), 200, "Welcome, ada");
    check(
        &send(&phone, form("/login", &WRONG_CREDENTIALS)),
        401,
        "Wrong username or password",
    );
    check(&send(&phone, form("/login", &CREDENTIALS)), 200, "Logged in");
    check(&send(&phone, get("/profile")), 200, "Welcome, ada");
    check(&send(&phone, post("/logout")), 200, "Logged out");
    check(&send(&phone, get("/profile")), 200, "You are not logged in");
    check(&send(&laptop, get("/profile")), 200, "Welcome, ada");
    check(&send(&phone, form("/login", &CREDENTIALS)), 200, "Logged in");
    check(
        &send(&laptop, post("/logout_all")),
        200,
        "Logged out from all sessions",
    );
    check(&send(&laptop, get("/profile")), 200, "You are not logged in");
    check(&send(&phone, get("/profile")), 200, "You are not logged in");
}

#[test]
fn tour_as_pages() {
    let site = Site::new();
    let (laptop, phone) = (site.client(), site.client());
    let send = |client: &Client<'_>, request: support::TestRequest| client.send(request.accept(PAGE));
    check(&send(&laptop, get("/profile")), 303, "-> /login?next=/profile");
    check(
        &send(&laptop, form("/register", &CREDENTIALS)),
        303,
        "-> /profile",
    );
    let profile = send(&laptop, get("/profile"));
    assert_eq!(
        (profile.status, profile.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert!(profile.body.contains("<h1>Welcome, ada</h1>"), "{}", profile.body);
    let wrong = send(&phone, form("/login", &WRONG_CREDENTIALS));
    assert_eq!(wrong.status, 401);
    assert!(wrong.body.contains("Wrong username or password"));
    check(&send(&phone, form("/login", &CREDENTIALS)), 303, "-> /profile");
    assert_eq!(send(&phone, get("/profile")).status, 200);
    check(&send(&phone, post("/logout")), 303, "-> /login");
    check(&send(&phone, get("/profile")), 303, "-> /login?next=/profile");
    check(&send(&phone, form("/login", &CREDENTIALS)), 303, "-> /profile");
    check(&send(&laptop, post("/logout_all")), 303, "-> /login");
    check(&send(&laptop, get("/profile")), 303, "-> /login?next=/profile");
    check(&send(&phone, get("/profile")), 303, "-> /login?next=/profile");
}

fn user(site: &Site) -> Value {
    json!({
        "id": site.user("ada").unwrap().id.to_string(),
        "name": "ada",
        "email": null,
        "administrator": false,
        "created_at": "2026-11-22T18:15:00Z",
    })
}

fn wrong() -> Value {
    json!({"error": {"code": "wrong_credentials", "message": "Wrong username or password"}})
}

#[test]
fn tour_as_json() {
    let site = Site::new();
    let (laptop, phone) = (site.client(), site.client());
    let send = |client: &Client<'_>, request: support::TestRequest| client.send(request.accept(JSON));
    let signed_out = json!({"message": "You are not logged in", "user": null});
    check_json(&send(&laptop, get("/profile")), 200, signed_out.clone());
    let created = send(&laptop, form("/register", &CREDENTIALS));
    check_json(
        &created,
        201,
        json!({"message": "Account created", "user": user(&site)}),
    );
    let session = json!({
        "signed_in_at": "2026-11-22T18:15:00Z",
        "expires_at": "2026-11-29T18:15:00Z",
        "permanent": true,
    });
    let welcome = json!({"message": "Welcome, ada", "user": user(&site), "session": session});
    check_json(&send(&laptop, get("/profile")), 200, welcome.clone());
    check_json(&send(&phone, form("/login", &WRONG_CREDENTIALS)), 401, wrong());
    let logged_in = json!({"message": "Logged in", "user": user(&site)});
    check_json(
        &send(&phone, form("/login", &CREDENTIALS)),
        200,
        logged_in.clone(),
    );
    check_json(&send(&phone, get("/profile")), 200, welcome);
    check_json(
        &send(&phone, post("/logout")),
        200,
        json!({"message": "Logged out"}),
    );
    check_json(&send(&phone, get("/profile")), 200, signed_out.clone());
    check_json(&send(&phone, form("/login", &CREDENTIALS)), 200, logged_in);
    let everywhere = json!({"message": "Logged out from all sessions"});
    check_json(&send(&laptop, post("/logout_all")), 200, everywhere);
    check_json(&send(&laptop, get("/profile")), 200, signed_out.clone());
    check_json(&send(&phone, get("/profile")), 200, signed_out);
}

#[test]
fn tour_through_the_api() {
    let site = Site::new();
    let client = site.client();
    let attempt = |password: &str| {
        let body = json!({"username": "ada", "password": password}).to_string();
        support::json("POST", "/api/v1/session", &body)
    };
    let signed_out = json!({"error": {"code": "not_signed_in", "message": "You are not logged in"}});
    check_json(&client.send(get("/api/v1/session")), 401, signed_out.clone());
    check_json(&client.send(attempt(PASSWORD)), 401, wrong());
    site.sign_up("ada");
    check_json(&client.send(attempt("wrong password")), 401, wrong());
    let session = json!({
        "signed_in_at": "2026-11-22T18:15:00Z",
        "expires_at": "2026-11-29T18:15:00Z",
        "permanent": true,
    });
    let me = json!({"user": user(&site), "session": session});
    check_json(&client.send(attempt(PASSWORD)), 200, me.clone());
    check_json(&client.send(get("/api/v1/session")), 200, me);
    check_json(
        &client.send(support::delete("/api/v1/session")),
        200,
        json!({"message": "Logged out"}),
    );
    check_json(&client.send(get("/api/v1/session")), 401, signed_out);
}

#[test]
fn cookie_is_useless_after_sign_out() {
    let site = Site::new();
    for end in [
        post("/logout"),
        post("/logout_all"),
        support::delete("/api/v1/session"),
    ] {
        let cookie = match site.user("ada") {
            Some(_) => site.sign_in("ada"),
            None => site.sign_up("ada"),
        };
        assert_eq!(site.profile(&cookie), "Welcome, ada\n");
        let answer = site.send(end.cookie(&cookie));
        assert_eq!(answer.status, 200);
        assert_eq!(site.profile(&cookie), "You are not logged in\n");
        assert_eq!(site.send(get("/api/v1/session").cookie(&cookie)).status, 401);
        assert_eq!(site.send(get("/account").cookie(&cookie)).status, 401);
    }
}

#[test]
fn sign_out_succeeds_without_a_session_and_repeatedly() {
    let site = Site::new();
    for _ in 0..2 {
        check(&site.send(post("/logout")), 200, "Logged out");
    }
}

#[test]
fn sign_out_everywhere_tells_clients_that_they_are_not_signed_in() {
    let site = Site::new();
    let old = site.sign_up("ada");
    let rotated = site.send(form("/account/confirm", &[("password", PASSWORD)]).cookie(&old));
    let (current, other) = (rotated.cookie().unwrap(), site.sign_in("ada"));
    let expired = site.sign_in("ada");
    site.send(post("/logout").cookie(&expired));
    for cookie in ["a=b", &expired, &old] {
        let everywhere = || post("/logout_all").cookie(cookie);
        check(&site.send(everywhere()), 401, "You are not logged in");
        check_json(
            &site.send(everywhere().accept(JSON)),
            401,
            json!({"error": {"code": "not_signed_in", "message": "You are not logged in"}}),
        );
        let page = site.send(everywhere().accept(PAGE));
        assert_eq!(page.status, 401);
        assert!(
            page.body.contains("sessions on other devices have not ended"),
            "{}",
            page.body
        );
        assert!(
            page.body.contains(r#"href="/login?next=/logout_all""#),
            "{}",
            page.body
        );
    }
    assert_eq!(
        site.profile(&current),
        "You are not logged in\n",
        "its old token ended it"
    );
    assert_eq!(site.profile(&other), "Welcome, ada\n");
}

#[test]
fn sign_out_is_not_cached_and_sends_no_clear_site_data() {
    let site = Site::new();
    let cookie = site.sign_up("ada");
    // With `Clear-Site-Data`, Chromium was seen to keep the page for the back button.
    for path in ["/logout", "/logout_all"] {
        let answer = site.send(post(path).accept(PAGE).cookie(&cookie));
        assert_eq!(
            (answer.header("cache-control"), answer.header("clear-site-data")),
            ("no-store", "")
        );
    }
}
