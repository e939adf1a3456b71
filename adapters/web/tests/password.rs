//! `/account/password`: what it takes, what is said when it is refused, and what it ends.
//!
//! The rules and the races are the domain's.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{Answer, FORMS, JSON, NEW_PASSWORD, PAGE, PASSWORD, Site, TEXT, form, get, put};

fn change(site: &Site, cookie: &str, fields: &[(&str, &str)], accept: &str) -> Answer {
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
fn check_refused(case: &str, given: &[(&str, &str)], status: u16, code: &str, message: &str) {
    let site = Site::new();
    let (here, there) = (site.sign_up("ada"), site.sign_in("ada"));
    let before = site.user("ada");
    for accept in FORMS {
        let answer = change(&site, &here, given, accept);
        assert_eq!(answer.status, status, "{case} as {accept}");
        assert!(
            answer.body.contains(message),
            "{case} as {accept}: {}",
            answer.body
        );
        assert_eq!(answer.set_cookie(), None, "{case} as {accept}");
        for (_, password) in given {
            assert!(
                !answer.body.contains(password),
                "{case} as {accept}: a password comes back"
            );
        }
        match accept {
            TEXT => assert_eq!(answer.body, format!("{message}\n"), "{case}"),
            JSON => assert_eq!(answer.code(), code, "{case}"),
            _ => assert!(
                answer.body.contains("<h1>Change password</h1>"),
                "{case}: the form is gone"
            ),
        }
    }
    assert_eq!(site.user("ada"), before, "{case}");
    assert_eq!(site.profile(&here), "Welcome, ada\n", "{case}");
    assert_eq!(site.profile(&there), "Welcome, ada\n", "{case}");
}

#[test]
fn what_is_refused_changes_nothing_and_shows_the_form_again() {
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
            "This password is among those that guessers try first; choose another",
        ),
        (
            "with the name",
            fields(PASSWORD, "xxADAxxxx", "xxADAxxxx"),
            422,
            "bad_password",
            "A password must not contain the user name",
        ),
    ] {
        check_refused(case, &given, status, code, message);
    }
}

#[test]
fn nobody_is_sent_to_sign_in_and_no_hash_is_checked() {
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
                "what was sent is lost, the form is not"
            );
        }
    }
    let unreadable = support::post("/account/password").body("application/x-www-form-urlencoded", "%");
    assert_eq!(site.send(unreadable).status, 401, "who one is comes first");
    assert_eq!(site.hasher.verifications(), 0);
}

#[test]
fn other_devices_are_out_and_this_one_goes_on_under_a_new_cookie() {
    for accept in FORMS {
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
        let attempt = |password| {
            site.send(form("/login", &[("username", "ada"), ("password", password)]))
                .status
        };
        assert_eq!((attempt(PASSWORD), attempt(NEW_PASSWORD)), (401, 200));
    }
}

#[test]
fn a_page_says_once_that_it_is_done() {
    let site = Site::new();
    let client = site.client();
    client.send(form("/register", &[("username", "ada"), ("password", PASSWORD)]));
    client.send(form("/account/password", &fields(PASSWORD, NEW_PASSWORD, NEW_PASSWORD)).accept(PAGE));
    let notice = "Your password has been changed. Your other devices are signed out.";
    assert!(client.send(get("/account").accept(PAGE)).body.contains(notice));
    assert!(!client.send(get("/account").accept(PAGE)).body.contains(notice));
    assert!(!client.send(get("/profile").accept(PAGE)).body.contains(notice));
}

#[test]
fn a_full_session_does_not_turn_a_changed_password_into_an_error() {
    let site = Site::new();
    let here = site.sign_up("ada");
    // {"k":".."} takes eight bytes beside the text, which leaves no room for a message.
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
fn a_hash_that_cannot_be_read_is_one_more_wrong_password() {
    let site = Site::new();
    let here = site.sign_up("ada");
    let broken = kunci_domain::User {
        password_hash: kunci_domain::PasswordHash::from_stored("garbage".to_owned()),
        ..site.user("ada").unwrap()
    };
    assert_eq!(
        kunci_domain::ports::UserStore::update(&*site.users, &broken).unwrap(),
        kunci_domain::ports::Updated::Done
    );
    for accept in FORMS {
        let answer = site.send(form("/login", &[("username", "ada"), ("password", PASSWORD)]).accept(accept));
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
