//! `/account/password`: accepted fields, errors, and the sessions that a change ends.
//!
//! The tests of `kunci-domain` cover the password rules and races.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{
    ACCEPT_HEADERS, JSON, NEW_PASSWORD, PAGE, PASSWORD, Site, TEXT, TestResponse, form, get, put,
    sign_in_form, sign_up_form,
};

fn change(site: &Site, cookie: &str, fields: &[(&str, &str)], accept: &str) -> TestResponse {
    site.send(form("/account/password", fields).accept(accept).cookie(cookie))
}

fn fields<'a>(current: &'a str, new: &'a str, repeat: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("current_password", current),
        ("new_password", new),
        ("repeat_password", repeat),
    ]
}

#[track_caller]
fn check_refused(case: &str, fields: &[(&str, &str)], status: u16, code: &str, message: &str) {
    let site = Site::new();
    let (here, there) = (site.sign_up("ada"), site.sign_in("ada"));
    let before = site.user("ada");
    for accept in ACCEPT_HEADERS {
        let answer = change(&site, &here, fields, accept);
        assert_eq!(answer.status, status, "{case} as {accept}");
        assert!(
            answer.body.contains(message),
            "{case} as {accept}: {}",
            answer.body
        );
        assert_eq!(answer.set_cookie(), None, "{case} as {accept}");
        for (_, password) in fields {
            assert!(
                !answer.body.contains(password),
                "{case} as {accept}: the response repeats a password"
            );
        }
        match accept {
            TEXT => assert_eq!(answer.body, format!("{message}\n"), "{case}"),
            JSON => assert_eq!(answer.code(), code, "{case}"),
            _ => assert!(
                answer.body.contains("<h1>Change password</h1>"),
                "{case}: the form is missing"
            ),
        }
    }
    assert_eq!(site.user("ada"), before, "{case}");
    assert_eq!(site.profile(&here), "Welcome, ada\n", "{case}");
    assert_eq!(site.profile(&there), "Welcome, ada\n", "{case}");
}

#[test]
fn refused_change_redisplays_the_form_and_changes_nothing() {
    let long = "z".repeat(257);
    for (case, given, status, code, message) in [
        (
            "wrong current password",
            fields("my wrong secret", NEW_PASSWORD, NEW_PASSWORD),
            403,
            "wrong_password",
            "The current password is wrong",
        ),
        (
            "not repeated",
            fields(PASSWORD, NEW_PASSWORD, "something else"),
            422,
            "passwords_differ",
            "The two new passwords differ",
        ),
        (
            "short",
            fields(PASSWORD, "7 chars", "7 chars"),
            422,
            "bad_password",
            "A password has at least 8 characters",
        ),
        (
            "long",
            fields(PASSWORD, &long, &long),
            422,
            "bad_password",
            "A password has at most 256 characters",
        ),
        (
            "common",
            fields(PASSWORD, "password1", "password1"),
            422,
            "bad_password",
            "This password is too common; choose another",
        ),
        (
            "with the name",
            fields(PASSWORD, "xxADAxxxx", "xxADAxxxx"),
            422,
            "bad_password",
            "A password must not contain the username",
        ),
    ] {
        check_refused(case, &given, status, code, message);
    }
}

#[test]
fn password_change_without_sign_in_checks_no_hash() {
    let site = Site::new();
    site.add_user("ada", kunci_domain::Role::Member);
    for (accept, status) in [(TEXT, 401), (JSON, 401), (PAGE, 303)] {
        let answer = site
            .send(form("/account/password", &fields(PASSWORD, NEW_PASSWORD, NEW_PASSWORD)).accept(accept));
        assert_eq!(answer.status, status);
        if accept == PAGE {
            assert_eq!(
                answer.header("location"),
                "/login?next=/account/password",
                "sign-in leads back to the empty form"
            );
        }
    }
    let unreadable = support::post("/account/password").body("application/x-www-form-urlencoded", "%");
    assert_eq!(site.send(unreadable).status, 401, "authentication comes first");
    assert_eq!(site.hasher.verifications(), 0);
}

#[test]
fn password_change_rotates_this_session_and_ends_the_others() {
    for accept in ACCEPT_HEADERS {
        let site = Site::new();
        let (here, there) = (site.sign_up("ada"), site.sign_in("ada"));
        let answer = change(
            &site,
            &here,
            &fields(PASSWORD, NEW_PASSWORD, NEW_PASSWORD),
            accept,
        );
        let new = answer.cookie().expect("a new cookie");
        assert_eq!(site.profile(&new), "Welcome, ada\n");
        assert_eq!(site.profile(&here), "You are not logged in\n");
        assert_eq!(site.profile(&there), "You are not logged in\n");
        let attempt = |password| site.send(sign_in_form("ada", password)).status;
        assert_eq!((attempt(PASSWORD), attempt(NEW_PASSWORD)), (401, 200));
    }
}

#[test]
fn password_change_message_is_shown_once() {
    let site = Site::new();
    let client = site.client();
    client.send(sign_up_form("ada", PASSWORD));
    client.send(form("/account/password", &fields(PASSWORD, NEW_PASSWORD, NEW_PASSWORD)).accept(PAGE));
    let notice = "Your password has been changed. Your other devices are signed out.";
    assert!(client.send(get("/account").accept(PAGE)).body.contains(notice));
    assert!(!client.send(get("/account").accept(PAGE)).body.contains(notice));
    assert!(!client.send(get("/profile").accept(PAGE)).body.contains(notice));
}

#[test]
fn password_change_succeeds_with_a_full_session() {
    let site = Site::new();
    let here = site.sign_up("ada");
    // {"k":".."} takes eight bytes in addition to the text, which leaves no room for a flash message.
    let full = format!("\"{}\"", "x".repeat(32 * 1024 - 8));
    assert_eq!(
        site.send(put("/api/v1/session/data/k", &full).cookie(&here))
            .status,
        200
    );
    let answer = change(&site, &here, &fields(PASSWORD, NEW_PASSWORD, NEW_PASSWORD), PAGE);
    assert_eq!((answer.status, answer.header("location")), (303, "/account"));
    assert_eq!(site.profile(&answer.cookie().unwrap()), "Welcome, ada\n");
}

#[test]
fn unreadable_hash_counts_as_a_wrong_password() {
    let site = Site::new();
    let here = site.sign_up("ada");
    site.change_user("ada", |user| kunci_domain::User {
        password_hash: kunci_domain::PasswordHash::from_stored("garbage".to_owned()),
        ..user
    });
    for accept in ACCEPT_HEADERS {
        let answer = site.send(sign_in_form("ada", PASSWORD).accept(accept));
        assert_eq!(answer.status, 401);
        assert!(
            answer.body.contains("Wrong username or password"),
            "{}",
            answer.body
        );
        let answer = change(
            &site,
            &here,
            &fields(PASSWORD, NEW_PASSWORD, NEW_PASSWORD),
            accept,
        );
        assert_eq!(answer.status, 403);
        assert!(
            answer.body.contains("The current password is wrong"),
            "{}",
            answer.body
        );
    }
}
