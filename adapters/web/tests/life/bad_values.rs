//! Invalid values for every field of the account routes are refused without effect.
//!
//! `bad_input.rs` covers malformed forms and JSON in detail.

use crate::support::{
    ACCEPT_HEADERS, JSON, NEW_PASSWORD, PASSWORD, Site, TestRequest, form, json, post, prepare_request,
    unconfirmed_site,
};

const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// Returns a site where `ada` is an administrator with an unconfirmed address, and her session cookie.
fn site() -> (Site, String) {
    let (site, ada) = unconfirmed_site();
    site.make_administrator("ada");
    (site, ada)
}

#[track_caller]
fn check(case: &str, request: impl Fn() -> TestRequest, want: (u16, &str)) {
    let (site, ada) = site();
    let before = (site.user("ada"), site.live_sessions(), site.postbox.take().len());
    let answer = site.send(request().accept(JSON).cookie(&ada));
    assert_eq!(
        (answer.status, answer.code().as_str()),
        want,
        "{case}: {}",
        answer.body
    );
    assert_eq!(answer.headers.get("set-cookie"), None, "{case}");
    let after = (site.user("ada"), site.live_sessions());
    assert_eq!(
        (&before.0, &before.1),
        (&after.0, &after.1),
        "{case}: the request had an effect"
    );
    assert!(site.postbox.take().is_empty(), "{case}: a mail was sent");
    assert!(site.user("eve").is_none(), "{case}");
}

/// The account routes that take a form, each with its required field.
const FORM_ROUTES: [(&str, &str); 7] = [
    ("/login/code", "code"),
    ("/reset", "who"),
    ("/account/email", "email"),
    ("/account/confirm", "password"),
    ("/account/second-factor/confirm", "code"),
    ("/account/sessions/end", "id"),
    ("/admin/invitations/withdraw", "id"),
];

#[test]
fn malformed_forms_are_refused_on_every_route() {
    for (path, field) in FORM_ROUTES {
        let repeated = format!("{field}=a&{field}=b");
        let percent = format!("{field}=%zz");
        let utf8 = format!("{field}=%ff");
        check(path, || form(path, &[("x", "1")]), (400, "missing_field"));
        check(path, || post(path).body(FORM_TYPE, ""), (400, "missing_field"));
        check(
            path,
            || post(path).body(FORM_TYPE, repeated.clone()),
            (400, "repeated_field"),
        );
        check(
            path,
            || post(path).body(FORM_TYPE, percent.clone()),
            (400, "bad_form"),
        );
        check(
            path,
            || post(path).body(FORM_TYPE, utf8.clone()),
            (400, "bad_form"),
        );
        check(path, || json("POST", path, "{}"), (415, "unsupported_media_type"));
        check(path, || post(path), (415, "unsupported_media_type"));
    }
    check(
        "/link",
        || post("/link").body(FORM_TYPE, "token=a&token=a"),
        (400, "repeated_field"),
    );
    check(
        "/link",
        || json("POST", "/link", "{}"),
        (415, "unsupported_media_type"),
    );
    check(
        "/admin",
        || post("/admin/invitations"),
        (415, "unsupported_media_type"),
    );
}

/// The API routes that take JSON, each with a string key.
const JSON_ROUTES: [(&str, &str, &str); 15] = [
    ("POST", "/api/v1/session/code", "code"),
    ("POST", "/api/v1/session/proof", "password"),
    ("POST", "/api/v1/users", "username"),
    ("PUT", "/api/v1/account/password", "current_password"),
    ("PUT", "/api/v1/account/email", "email"),
    ("PUT", "/api/v1/account/second-factor", "code"),
    ("POST", "/api/v1/reset", "who"),
    ("POST", "/api/v1/link", "token"),
    ("POST", "/api/v1/session", "username"),
    ("POST", "/api/v1/session/proof", "code"),
    ("POST", "/api/v1/users", "password"),
    ("POST", "/api/v1/users", "email"),
    ("POST", "/api/v1/users", "invitation"),
    ("PUT", "/api/v1/account/password", "new_password"),
    ("POST", "/api/v1/link", "new_password"),
];

#[test]
fn malformed_json_is_refused_on_every_route() {
    for (method, path, key) in JSON_ROUTES {
        for value in ["1", "null", "true", "[]", "{}", "[\"x\"]", "1.5"] {
            let body = format!(r#"{{"{key}":{value}}}"#);
            check(
                &format!("{path} {body}"),
                || json(method, path, &body),
                (422, "wrong_shape"),
            );
        }
        for (body, want) in [
            (format!(r#"{{"{key}":"a","{key}":"a"}}"#), (400, "bad_json")),
            (format!(r#"{{"{key}":"a","admin":true}}"#), (422, "wrong_shape")),
            (
                format!(r#"{{"{key}":"a","role":"administrator"}}"#),
                (422, "wrong_shape"),
            ),
            (
                format!(r#"{{"{}":"a"}}"#, key.to_uppercase()),
                (422, "wrong_shape"),
            ),
            ("[]".to_owned(), (422, "wrong_shape")),
            ("\"x\"".to_owned(), (422, "wrong_shape")),
            ("{".to_owned(), (400, "bad_json")),
            (String::new(), (400, "bad_json")),
        ] {
            check(&format!("{path} {body}"), || json(method, path, &body), want);
        }
        if path != "/api/v1/link" {
            check(path, || json(method, path, "{}"), (422, "wrong_shape"));
        }
        check(
            path,
            || form(path, &[(key, "a")]).method(method),
            (415, "unsupported_media_type"),
        );
    }
}

#[test]
fn invalid_addresses_are_reported_beside_their_field() {
    let long = format!("{}@example.org", "x".repeat(65));
    for address in [
        "",
        " ",
        "ada",
        "@",
        "a@",
        "@b",
        "a@b..c",
        "a b@c.d",
        "a@b\r\nBcc: c@d",
        "<a@b>",
        &long,
    ] {
        let body = serde_json::json!({"email": address}).to_string();
        check(
            address,
            || form("/account/email", &[("email", address)]),
            (422, "bad_address"),
        );
        check(
            address,
            || json("PUT", "/api/v1/account/email", &body),
            (422, "bad_address"),
        );
        let (site, ada) = site();
        let page = site.send(
            form("/account/email", &[("email", address)])
                .accept(crate::support::PAGE)
                .cookie(&ada),
        );
        assert_eq!(
            (page.status, page.body.matches("aria-invalid").count()),
            (422, 1),
            "{address}"
        );
        assert!(
            page.body.contains("An email address looks like name@example.org"),
            "{address}"
        );
    }
}

#[test]
fn invitation_numbers_are_bounded_integers() {
    for (field, maximum) in [("uses", 1_000), ("days", 365)] {
        let over = (maximum + 1).to_string();
        for value in [
            "0",
            "-1",
            "1.5",
            "x",
            " 1",
            "1 ",
            "+",
            "1e3",
            "4294967296",
            "٣",
            &over,
        ] {
            check(
                &format!("{field}={value}"),
                || form("/admin/invitations", &[(field, value)]),
                (400, "bad_form"),
            );
        }
        for value in ["0", &over, "4294967297"] {
            let body = format!(r#"{{"{field}":{value}}}"#);
            check(
                &body,
                || json("POST", "/api/v1/invitations", &body),
                (400, "bad_form"),
            );
        }
        for value in ["-1", "1.5", "\"1\"", "null", "true", "[]"] {
            let body = format!(r#"{{"{field}":{value}}}"#);
            check(
                &body,
                || json("POST", "/api/v1/invitations", &body),
                (422, "wrong_shape"),
            );
        }
        let (site, ada) = site();
        let maximum = maximum.to_string();
        assert_eq!(
            site.send(form("/admin/invitations", &[(field, &maximum)]).cookie(&ada))
                .status,
            201
        );
        let page = site.send(
            form("/admin/invitations", &[(field, "x")])
                .accept(crate::support::PAGE)
                .cookie(&ada),
        );
        assert_eq!(
            (page.status, page.body.matches("aria-invalid").count()),
            (400, 1),
            "{field}"
        );
    }
}

#[test]
fn unknown_form_fields_do_not_change_the_role() {
    let extra = [
        ("role", "administrator"),
        ("user", "1"),
        ("epoch", "9"),
        ("purpose", "set_up"),
    ];
    for (path, fields) in [
        ("/account/confirm", &[("password", PASSWORD)][..]),
        (
            "/account/password",
            &[("current_password", PASSWORD), ("new_password", NEW_PASSWORD)],
        ),
        ("/account/email", &[("email", "new@example.org")]),
        ("/reset", &[("who", "bob")]),
    ] {
        let site = Site::new();
        let bob = site.sign_up("bob");
        let answer = site.send(form(path, &[fields, &extra].concat()).cookie(&bob));
        assert!(answer.status < 300, "{path}: {answer:?}");
        assert_eq!(
            site.user("bob").unwrap().role,
            kunci_domain::Role::Member,
            "{path}"
        );
    }
}

#[test]
fn routes_without_input_ignore_the_body() {
    for (method, path) in [
        ("POST", "/account/email/resend"),
        ("POST", "/account/sessions/end_others"),
        ("POST", "/account/second-factor/begin"),
        ("POST", "/account/delete"),
        ("DELETE", "/api/v1/account"),
        ("POST", "/api/v1/account/email/resend"),
        ("POST", "/api/v1/account/second-factor"),
        ("DELETE", "/api/v1/sessions"),
    ] {
        for accept in ACCEPT_HEADERS {
            let site = Site::new();
            let request = prepare_request(&site, method, path).body("text/plain", "\u{0}%zz");
            let status = site.send(request.accept(accept)).status;
            assert!(status < 400, "{method} {path} as {accept}: {status}");
        }
    }
}
