//! Every route in its three forms, for nobody and for somebody: status, media type and what it says.
//!
//! Signing in, up and out is in `tour.rs`, what is refused in `bad_input.rs`, `routing.rs` and others.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{FORMS, JSON, NEW_PASSWORD, PAGE, PASSWORD, Site, TEXT, Want, check, form, get};

const ROUTES_TEXT: &str =
    "Kunci: sign-in for anything. Routes: /login /register /profile /logout /logout_all /account";
const LOGIN_TEXT: &str = "Send username and password as a form by POST";
const REGISTER_TEXT: &str = "Send username, password and optionally email as a form by POST";
const PASSWORD_TEXT: &str = "Send current_password and new_password as a form by POST";
const POST_TEXT: &str = "Send POST to log out";
const POST_JSON: &str = r#"{"message": "Send POST to log out"}"#;
const NOT_IN: &str = r#"{"error": {"code": "not_signed_in", "message": "You are not logged in"}}"#;
const NOBODY: &str = r#"{"user": null}"#;

#[test]
fn nobody_sees_each_route_in_each_form() {
    use Want::{Json, Line, Page, To};
    let site = Site::new();
    let home = r#"{"name": "kunci", "user": null}"#;
    let profile = r#"{"message": "You are not logged in", "user": null}"#;
    let not_in = Line(401, "You are not logged in");
    let hero = "One account for this site";
    for (path, text, json, page) in [
        ("/", Line(200, ROUTES_TEXT), Json(200, home), Page(200, hero)),
        (
            "/login",
            Line(200, LOGIN_TEXT),
            Json(200, NOBODY),
            Page(200, "Sign in"),
        ),
        (
            "/register",
            Line(200, REGISTER_TEXT),
            Json(200, NOBODY),
            Page(200, "Create account"),
        ),
        (
            "/profile",
            Line(200, "You are not logged in"),
            Json(200, profile),
            To("/login?next=/profile"),
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
        ("/account", not_in, Json(401, NOT_IN), To("/login?next=/account")),
        (
            "/account/password",
            not_in,
            Json(401, NOT_IN),
            To("/login?next=/account/password"),
        ),
        (
            "/api/v1/session",
            Json(401, NOT_IN),
            Json(401, NOT_IN),
            Json(401, NOT_IN),
        ),
        ("/healthz", Line(200, "ok"), Line(200, "ok"), Line(200, "ok")),
        ("/readyz", Line(200, "ok"), Line(200, "ok"), Line(200, "ok")),
    ] {
        for (form, want) in FORMS.into_iter().zip([text, json, page]) {
            check(
                &format!("{path} as {form}"),
                &site.send(get(path).accept(form)),
                want,
            );
        }
    }
    assert_eq!(site.live_sessions(), [], "looking makes no session");
}

#[test]
fn somebody_sees_each_route_in_each_form() {
    use Want::{Json, Line, Page, To};
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
            To("/profile"),
        ),
        (
            "/login?next=/account",
            Line(200, "You are logged in as ada"),
            Json(200, only_user),
            To("/account"),
        ),
        (
            "/register",
            Line(200, REGISTER_TEXT),
            Json(200, only_user),
            To("/profile"),
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
        for (form, want) in FORMS.into_iter().zip([text, json, page]) {
            let answer = site.send(get(path).accept(form).cookie(&ada));
            check(&format!("{path} as {form}"), &answer, want);
        }
    }
}

#[test]
fn a_changed_password_is_confirmed_in_each_form() {
    let done = r#"{"message": "Password changed"}"#;
    for (form_of_answer, want) in [
        (TEXT, Want::Line(200, "Password changed")),
        (JSON, Want::Json(200, done)),
        (PAGE, Want::To("/account")),
    ] {
        let site = Site::new();
        let ada = site.sign_up("ada");
        let fields = [("current_password", PASSWORD), ("new_password", NEW_PASSWORD)];
        let answer = site.send(
            form("/account/password", &fields)
                .accept(form_of_answer)
                .cookie(&ada),
        );
        check(form_of_answer, &answer, want);
    }
}

#[test]
fn the_api_speaks_json_whatever_it_is_asked_for() {
    let site = Site::new();
    for path in [
        "/api/v1/session",
        "/api/v1/session/data",
        "/api/v1/session/data/k",
        "/api/nothing",
    ] {
        for form in FORMS {
            let answer = site.send(get(path).accept(form));
            assert_eq!(
                answer.header("content-type"),
                "application/json",
                "{path} as {form}"
            );
        }
    }
}

#[test]
fn callbacks_and_suffixes_change_nothing() {
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
fn an_administrator_is_told_so() {
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
fn the_json_of_a_user_and_a_session_has_these_keys_and_no_others() {
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
