//! `/register`: errors for invalid names, addresses and passwords, and for names that are taken.
//!
//! The tests of `kunci-domain` cover the rules; `tour.rs` tests a successful sign-up.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use serde_json::json;
use support::{
    ACCEPT_HEADERS, JSON, PAGE, PASSWORD, Site, TEXT, TestResponse, form, get, sign_in_form, sign_up_form,
};

fn sign_up(site: &Site, fields: &[(&str, &str)], accept: &str) -> TestResponse {
    site.send(form("/register", fields).accept(accept))
}

/// Signs up with invalid values and expects the same problems in all three representations.
#[track_caller]
fn check(case: &str, name: &str, email: &str, password: &str, want: &[&str]) {
    let site = Site::new();
    let fields = [("username", name), ("email", email), ("password", password)];
    let line = sign_up(&site, &fields, TEXT);
    let joined = format!("{}\n", want.join("; "));
    assert_eq!((line.status, &line.body), (422, &joined), "{case}");
    let program = sign_up(&site, &fields, JSON);
    let error = json!({"error": {"code": "invalid", "message": want.join("; ")}});
    assert_eq!((program.status, program.json()), (422, error), "{case}");
    let page = sign_up(&site, &fields, PAGE);
    assert_eq!(page.status, 422, "{case}");
    for problem in want {
        let capital = format!("{}{}", problem[..1].to_uppercase(), &problem[1..]);
        assert!(
            page.body.contains(&capital),
            "{case}: the page does not say {capital:?}"
        );
    }
    assert_eq!(page.body.matches("aria-invalid").count(), want.len(), "{case}");
    for answer in [line, program, page] {
        assert_eq!(answer.set_cookie(), None, "{case}");
        assert!(
            password.is_empty() || !answer.body.contains(password),
            "{case}: {}",
            answer.body
        );
    }
    assert!(site.live_sessions().is_empty(), "{case}");
    assert_eq!(site.hasher.hashes(), 0, "{case}");
}

#[test]
fn white_space_around_names_and_addresses_is_ignored() {
    let site = Site::new();
    let fields = [
        ("username", " Ada\u{a0}"),
        ("email", "ada@example.org "),
        ("password", PASSWORD),
    ];
    assert_eq!(sign_up(&site, &fields, TEXT).status, 201);
    assert_eq!(site.user("ada").unwrap().name.as_str(), "Ada");
    let cookie = site.send(sign_in_form("ada ", PASSWORD)).cookie().unwrap();
    assert_eq!(site.profile(&cookie), "Welcome, Ada\n");
    let body = json!({"username": "\tada", "password": PASSWORD}).to_string();
    assert_eq!(
        site.send(support::json("POST", "/api/v1/session", &body)).status,
        200
    );
    let body = json!({"username": "ada", "password": format!("{PASSWORD} ")}).to_string();
    assert_eq!(
        site.send(support::json("POST", "/api/v1/session", &body)).status,
        401
    );
}

#[test]
fn each_problem_is_shown_beside_its_field() {
    let bad_name = "A username may only contain letters, digits and . _ - + @";
    let bad_email = "An email address looks like name@example.org";
    let long = "x".repeat(65);
    let password_of = |n: usize| "y".repeat(n);
    check("no name", "", "", PASSWORD, &["A username is required"]);
    check(
        "a long name",
        &long,
        "",
        PASSWORD,
        &["A username has at most 64 characters"],
    );
    check("a space", "a b", "", PASSWORD, &[bad_name]);
    check("control characters", "a\0b", "", PASSWORD, &[bad_name]);
    check("an invalid address", "ada", "at home", PASSWORD, &[bad_email]);
    check(
        "7 characters",
        "ada",
        "",
        &password_of(7),
        &["A password has at least 8 characters"],
    );
    check(
        "257 characters",
        "ada",
        "",
        &password_of(257),
        &["A password has at most 256 characters"],
    );
    check(
        "common",
        "ada",
        "",
        "password1",
        &["This password is too common; choose another"],
    );
    check(
        "with the name",
        "ada",
        "",
        "xxADAxxxx",
        &["A password must not contain the username"],
    );
    let all = [
        bad_name,
        "an email address looks like name@example.org",
        "a password has at least 8 characters",
    ];
    check("all fields", "a b", "at home", "7 chars", &all);
}

#[test]
fn taken_name_returns_409_in_each_representation() {
    let site = Site::new();
    let ada = site.sign_up("Ada");
    let before = (site.live_sessions(), site.user("ada"));
    let fields = [("username", "ADA"), ("password", "my other secret")];
    let line = sign_up(&site, &fields, TEXT);
    assert_eq!(
        (line.status, line.body.as_str()),
        (409, "This username is taken\n")
    );
    let program = sign_up(&site, &fields, JSON);
    let error = json!({"error": {"code": "name_taken", "message": "This username is taken"}});
    assert_eq!((program.status, program.json()), (409, error));
    let page = sign_up(&site, &fields, PAGE);
    assert_eq!(page.status, 409);
    assert!(page.body.contains("This username is taken; choose another"));
    for answer in [line, program, page] {
        assert_eq!(answer.set_cookie(), None);
        assert!(!answer.body.contains("my other secret"));
    }
    assert_eq!((site.live_sessions(), site.user("ada")), before);
    assert_eq!(site.profile(&ada), "Welcome, Ada\n");
}

#[test]
fn refused_form_keeps_values_except_the_password() {
    let site = Site::new();
    site.sign_up("taken");
    for (name, email, password, status) in [
        ("taken", "me@example.org", "my new secret", 409),
        ("<i>x</i>", "<u>\"x\"</u>", "my new secret", 422),
        ("fine", "me@example.org", "secret7", 422),
    ] {
        let fields = [
            ("username", name),
            ("email", email),
            ("password", password),
            ("next", "/account?a=1&b=2"),
        ];
        let page = sign_up(&site, &fields, PAGE);
        assert_eq!(page.status, status, "{name}");
        let escape = |text: &str| {
            text.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;")
        };
        for value in [name, email, "/account?a=1&b=2"] {
            let attribute = format!("value=\"{}\"", escape(value));
            assert!(page.body.contains(&attribute), "{name}: no {attribute}");
        }
        assert!(
            page.body
                .contains(r#"href="/login?next=/account%3Fa%3D1%26b%3D2""#)
        );
        assert!(
            !page.body.contains(password),
            "{name}: the response repeats the password"
        );
        assert!(!page.body.contains("<i>") && !page.body.contains("<u>"));
    }
}

#[test]
fn address_is_stored_and_shown_to_its_owner() {
    let site = Site::new();
    let fields = [
        ("username", "ada"),
        ("email", " ada@example.org "),
        ("password", PASSWORD),
    ];
    let answer = sign_up(&site, &fields, JSON);
    assert_eq!(answer.json()["user"]["email"], "ada@example.org");
    let ada = answer.cookie().unwrap();
    for path in ["/profile", "/account"] {
        assert!(
            site.send(get(path).accept(PAGE).cookie(&ada))
                .body
                .contains("ada@example.org"),
            "{path}"
        );
    }
}

#[test]
fn user_input_is_escaped() {
    let site = Site::new();
    let fields = [
        ("username", "ada"),
        ("email", "a&b'lt;i@example.org"),
        ("password", PASSWORD),
    ];
    assert_eq!(
        sign_up(&site, &fields, PAGE).status,
        422,
        "an address has no semicolon"
    );
    let fields = [
        ("username", "ada"),
        ("email", "a&lt'i@example.org"),
        ("password", PASSWORD),
    ];
    let ada = sign_up(&site, &fields, PAGE).cookie().unwrap();
    for path in ["/profile", "/account"] {
        let page = site.send(get(path).accept(PAGE).cookie(&ada)).body;
        assert!(page.contains("a&amp;lt'i@example.org"), "{path}: {page}");
    }
    for name in [
        "<img src=x onerror=1>",
        "\"><script>1</script>",
        "'><b>",
        "&lt;b&gt;",
    ] {
        for path in ["/login", "/register"] {
            let page = site
                .send(form(path, &[("username", name), ("password", PASSWORD)]).accept(PAGE))
                .body;
            assert!(!page.contains(name), "{path}: {page}");
            assert!(
                page.contains("&lt;") || page.contains("&amp;lt;"),
                "{path}: {page}"
            );
        }
    }
}

#[test]
fn sign_up_replaces_another_users_session() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for accept in ACCEPT_HEADERS {
        let taken = site.send(sign_up_form("ada", PASSWORD).accept(accept).cookie(&ada));
        assert_eq!(taken.status, 409);
        assert_eq!(
            site.profile(&ada),
            "Welcome, ada\n",
            "a refused sign-up changes nothing"
        );
    }
    let bob = site
        .send(sign_up_form("bob", PASSWORD).cookie(&ada))
        .cookie()
        .unwrap();
    assert_eq!(site.profile(&bob), "Welcome, bob\n");
    assert_eq!(site.profile(&ada), "You are not logged in\n");
}
