//! The three representations of each page, signed out and signed in: status, media type and content.
//!
//! `tour.rs` tests sign-in, sign-up and sign-out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{ACCEPT_HEADERS, Expected, JSON, NEW_PASSWORD, PAGE, PASSWORD, Site, TEXT, check, form, get};

const ROUTES_TEXT: &str =
    "Kunci: sign-in for anything. Routes: /login /register /profile /logout /logout_all /account";
const LOGIN_TEXT: &str = "Send username and password as a form by POST";
const REGISTER_TEXT: &str = "Send username, password and optionally email as a form by POST";
const PASSWORD_TEXT: &str = "Send current_password and new_password as a form by POST";
const POST_TEXT: &str = "Send POST to log out";
const POST_JSON: &str = r#"{"message": "Send POST to log out"}"#;
const NOT_SIGNED_IN_JSON: &str =
    r#"{"error": {"code": "not_signed_in", "message": "You are not logged in"}}"#;
const NO_USER_JSON: &str = r#"{"user": null}"#;

#[test]
fn signed_out_responses_follow_the_accept_header() {
    use Expected::{Json, Line, Page, Redirect};
    let site = Site::new();
    let home = r#"{"name": "kunci", "user": null}"#;
    let profile = r#"{"message": "You are not logged in", "user": null}"#;
    let not_signed_in = Line(401, "You are not logged in");
    let hero = "One account for this site";
    for (path, text, json, page) in [
        ("/", Line(200, ROUTES_TEXT), Json(200, home), Page(200, hero)),
        (
            "/login",
            Line(200, LOGIN_TEXT),
            Json(200, NO_USER_JSON),
            Page(200, "Sign in"),
        ),
        (
            "/register",
            Line(200, REGISTER_TEXT),
            Json(200, NO_USER_JSON),
            Page(200, "Create account"),
        ),
        (
            "/profile",
            Line(200, "You are not logged in"),
            Json(200, profile),
            Redirect("/login?next=/profile"),
        ),
        (
            "/logout",
            Line(200, POST_TEXT),
            Json(200, POST_JSON),
            Page(200, "You are not signed in"),
        ),
        (
            "/logout_all",
            Line(200, POST_TEXT),
            Json(200, POST_JSON),
            Page(200, "You are not signed in"),
        ),
        (
            "/account",
            not_signed_in,
            Json(401, NOT_SIGNED_IN_JSON),
            Redirect("/login?next=/account"),
        ),
        (
            "/account/password",
            not_signed_in,
            Json(401, NOT_SIGNED_IN_JSON),
            Redirect("/login?next=/account/password"),
        ),
        (
            "/api/v1/session",
            Json(401, NOT_SIGNED_IN_JSON),
            Json(401, NOT_SIGNED_IN_JSON),
            Json(401, NOT_SIGNED_IN_JSON),
        ),
        ("/healthz", Line(200, "ok"), Line(200, "ok"), Line(200, "ok")),
        ("/readyz", Line(200, "ok"), Line(200, "ok"), Line(200, "ok")),
    ] {
        for (accept, want) in ACCEPT_HEADERS.into_iter().zip([text, json, page]) {
            check(
                &format!("{path} as {accept}"),
                &site.send(get(path).accept(accept)),
                want,
            );
        }
    }
    assert_eq!(site.live_sessions(), [], "reading starts no session");
}

#[test]
fn signed_in_responses_follow_the_accept_header() {
    use Expected::{Json, Line, Page, Redirect};
    let site = Site::new();
    let ada = site.sign_up("ada");
    let id = site.user("ada").unwrap().id;
    let user = format!(
        r#"{{"id":"{id}","name":"ada","email":null,"administrator":false,"created_at":"2026-11-22T18:15:00Z"}}"#
    );
    let settings: &'static str =
        format!(r#"{{"user":{user},"email_confirmed":false,"second_factor":false}}"#).leak();
    let only_user: &'static str = format!(r#"{{"user":{user}}}"#).leak();
    let home: &'static str = format!(r#"{{"name":"kunci","user":{user}}}"#).leak();
    let password = r#"{"message": "Send current_password and new_password as a form by POST"}"#;
    let account = "Account of ada. Settings: /account/password";
    for (path, text, json, page) in [
        (
            "/",
            Line(200, ROUTES_TEXT),
            Json(200, home),
            Page(200, "Welcome, ada"),
        ),
        (
            "/login",
            Line(200, "You are logged in as ada"),
            Json(200, only_user),
            Redirect("/profile"),
        ),
        (
            "/login?next=/account",
            Line(200, "You are logged in as ada"),
            Json(200, only_user),
            Redirect("/account"),
        ),
        (
            "/register",
            Line(200, REGISTER_TEXT),
            Json(200, only_user),
            Redirect("/profile"),
        ),
        (
            "/logout",
            Line(200, POST_TEXT),
            Json(200, POST_JSON),
            Page(200, "Sign out?"),
        ),
        (
            "/logout_all",
            Line(200, POST_TEXT),
            Json(200, POST_JSON),
            Page(200, "Sign out everywhere?"),
        ),
        (
            "/account",
            Line(200, account),
            Json(200, settings),
            Page(200, "Account"),
        ),
        (
            "/account/password",
            Line(200, PASSWORD_TEXT),
            Json(200, password),
            Page(200, "Change password"),
        ),
    ] {
        for (accept, want) in ACCEPT_HEADERS.into_iter().zip([text, json, page]) {
            let answer = site.send(get(path).accept(accept).cookie(&ada));
            check(&format!("{path} as {accept}"), &answer, want);
        }
    }
}

#[test]
fn password_change_response_follows_the_accept_header() {
    let done = r#"{"message": "Password changed"}"#;
    for (accept, want) in [
        (TEXT, Expected::Line(200, "Password changed")),
        (JSON, Expected::Json(200, done)),
        (PAGE, Expected::Redirect("/account")),
    ] {
        let site = Site::new();
        let ada = site.sign_up("ada");
        let fields = [("current_password", PASSWORD), ("new_password", NEW_PASSWORD)];
        let answer = site.send(form("/account/password", &fields).accept(accept).cookie(&ada));
        check(accept, &answer, want);
    }
}

#[test]
fn api_always_returns_json() {
    let site = Site::new();
    for path in [
        "/api/v1/session",
        "/api/v1/session/data",
        "/api/v1/session/data/k",
        "/api/nothing",
    ] {
        for accept in ACCEPT_HEADERS {
            let answer = site.send(get(path).accept(accept));
            assert_eq!(
                answer.header("content-type"),
                "application/json",
                "{path} as {accept}"
            );
        }
    }
}

#[test]
fn query_parameters_do_not_change_the_representation() {
    let site = Site::new();
    let plain = site.send(get("/api/v1/session/data"));
    for query in ["callback=x", "jsonp=x", "format=html", "_method=DELETE"] {
        assert_eq!(
            site.send(get(&format!("/api/v1/session/data?{query}"))),
            plain,
            "{query}"
        );
    }
}

#[test]
fn administrators_are_marked_in_json_and_on_the_profile() {
    let site = Site::new();
    site.add_user("root", kunci_domain::Role::Administrator);
    let root = site.sign_in("root");
    let me = site.send(get("/api/v1/session").cookie(&root)).json();
    assert_eq!(me["user"]["administrator"], true);
    assert!(
        site.send(get("/profile").accept(PAGE).cookie(&root))
            .body
            .contains("Administrator")
    );
}

#[test]
fn user_and_session_json_has_a_fixed_set_of_keys() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let me = site.send(get("/api/v1/session").cookie(&ada)).json();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&me), ["session", "user"]);
    assert_eq!(
        keys(&me["user"]),
        ["administrator", "created_at", "email", "id", "name"]
    );
    assert_eq!(keys(&me["session"]), ["expires_at", "permanent", "signed_in_at"]);
}
