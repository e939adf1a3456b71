//! Forms and JSON that cannot be read: a clear answer in the form that was asked for, and nothing done.
//!
//! Values that can be read but break a rule are in `sign_up.rs`, `password.rs` and `session_api.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{Answer, Ask, FORMS, JSON, PASSWORD, Site, post, request};

const FORM: &str = "application/x-www-form-urlencoded";

/// An error with this status, code and beginning of its sentence, in the form that was asked for.
#[track_caller]
fn check(case: &str, answer: &Answer, form: &str, want: (u16, &str, &str)) {
    let (status, code, message) = want;
    assert_eq!(answer.status, status, "{case} as {form}: {}", answer.body);
    assert!(answer.body.contains(message), "{case} as {form}: {}", answer.body);
    assert_eq!(answer.set_cookie(), None, "{case} as {form}");
    if form == JSON {
        assert_eq!(answer.code(), code, "{case}");
    }
}

/// Sends a body to each route that takes a form, in each form.
#[track_caller]
fn check_forms(case: &str, media_type: &str, body: &[u8], want: (u16, &str, &str)) {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let before = (
        site.live_sessions(),
        site.user("ada"),
        site.hasher.verifications(),
    );
    for path in ["/login", "/register", "/account/password"] {
        for form in FORMS {
            let ask = post(path).accept(form).cookie(&ada);
            let answer = site.send(ask.body(media_type, body.to_vec()));
            check(&format!("{case} to {path}"), &answer, form, want);
        }
    }
    let after = (
        site.live_sessions(),
        site.user("ada"),
        site.hasher.verifications(),
    );
    assert_eq!(after, before, "{case}: something was done");
}

#[test]
fn forms_that_cannot_be_read_are_refused() {
    let syntax = "the form has a % that is not followed by two hexadecimal digits";
    let utf8 = "the form is not in UTF-8";
    let missing = "is missing";
    let repeated = "appears more than once";
    for (case, body, want) in [
        ("nothing", &b""[..], (400, "missing_field", missing)),
        ("only signs", b"&&=&", (400, "missing_field", missing)),
        ("other fields", b"a=1&b=2", (400, "missing_field", missing)),
        (
            "names in capitals",
            b"USERNAME=a&PASSWORD=b",
            (400, "missing_field", missing),
        ),
        (
            "a percent sign at the end",
            b"username=a%",
            (400, "bad_form", syntax),
        ),
        ("half an escape", b"username=a%4", (400, "bad_form", syntax)),
        ("no digits", b"username=%zz", (400, "bad_form", syntax)),
        ("an escape in a name", b"user%name=a", (400, "bad_form", syntax)),
        (
            "bytes that are not UTF-8",
            b"username=\xff",
            (400, "bad_form", utf8),
        ),
        (
            "escapes that are not UTF-8",
            b"username=%C3",
            (400, "bad_form", utf8),
        ),
        ("a surrogate", b"username=%ED%A0%80", (400, "bad_form", utf8)),
        ("an overlong NUL", b"username=%C0%80", (400, "bad_form", utf8)),
        (
            "a field twice",
            b"username=a&username=a",
            (400, "repeated_field", repeated),
        ),
        (
            "a field twice, once escaped",
            b"username=a&user%6Eame=b",
            (400, "repeated_field", repeated),
        ),
        (
            "an unknown field twice",
            b"x=1&x=2",
            (400, "repeated_field", repeated),
        ),
    ] {
        check_forms(case, FORM, body, want);
    }
}

#[test]
fn only_forms_are_taken_where_a_form_belongs() {
    let body = format!("username=bob&password={PASSWORD}&current_password={PASSWORD}&new_password=staple");
    let message = "send the form as application/x-www-form-urlencoded";
    for media_type in [
        "",
        "text/plain",
        "application/json",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencodedx",
        "application/xml",
        ";",
    ] {
        check_forms(
            media_type,
            media_type,
            body.as_bytes(),
            (415, "unsupported_media_type", message),
        );
    }
    let site = Site::new();
    let without = Ask(post("/login").0.map(|_| body.into()));
    assert_eq!(site.send(without).status, 415, "no media type at all");
}

#[test]
fn parameters_and_case_of_a_media_type_do_not_matter() {
    for media_type in [
        "Application/X-WWW-Form-URLencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "application/x-www-form-urlencoded ;charset=utf-8",
    ] {
        let site = Site::new();
        let body = "username=ada&password=correct+horse+b%61ttery";
        let answer = site.send(post("/register").body(media_type, body));
        assert_eq!(answer.status, 201, "{media_type}");
        site.sign_in("ada");
    }
}

#[test]
fn the_first_missing_field_is_named() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for (path, body, field) in [
        ("/login", "password=x", "username"),
        ("/login", "username=ada", "password"),
        ("/register", "password=x", "username"),
        ("/register", "username=bob", "password"),
        ("/account/password", "new_password=x", "current_password"),
        ("/account/password", "current_password=x", "new_password"),
    ] {
        let answer = site.send(post(path).accept(JSON).cookie(&ada).body(FORM, body));
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert_eq!(message, format!("the field {field} is missing"), "{path}");
    }
}

#[test]
fn plus_and_percent_in_a_password_survive_the_form() {
    let site = Site::new();
    let password = "a+b %2B &=;é 🔑 \u{1}";
    let fields = [("username", "ada"), ("password", password)];
    assert_eq!(site.send(support::form("/register", &fields)).status, 201);
    assert_eq!(site.send(support::form("/login", &fields)).status, 200);
    let body = "username=ada&password=a+b+%2B+%26=;%C3%A9 %F0%9F%94%91 %01";
    assert_eq!(
        site.send(post("/login").body(FORM, body)).status,
        401,
        "a bare + is a space"
    );
}

#[test]
fn fields_that_nobody_asked_for_change_nothing() {
    let site = Site::new();
    let more = [
        ("role", "administrator"),
        ("administrator", "true"),
        ("id", "1"),
        ("epoch", "9"),
        ("standing", "x"),
    ];
    let fields = [&[("username", "ada"), ("password", PASSWORD)][..], &more].concat();
    assert_eq!(site.send(support::form("/register", &fields)).status, 201);
    let ada = site.user("ada").unwrap();
    assert_eq!(
        (ada.role, ada.epoch),
        (kunci_domain::Role::Member, kunci_domain::Epoch::default())
    );
}

#[test]
fn a_form_of_very_many_fields_is_read_all_the_same() {
    let site = Site::new();
    let fields: Vec<String> = (0..11_000).map(|n| format!("f{n:04x}")).collect();
    let answer = site.send(post("/login").accept(JSON).body(FORM, fields.join("&")));
    assert_eq!((answer.status, answer.code().as_str()), (400, "missing_field"));
    let answer = site.send(
        post("/login")
            .accept(JSON)
            .body(FORM, format!("{}&f0000", fields.join("&"))),
    );
    assert_eq!((answer.status, answer.code().as_str()), (400, "repeated_field"));
}

#[test]
fn json_that_cannot_be_read_is_refused() {
    let site = Site::new();
    site.add_user("ada", kunci_domain::Role::Member);
    let deep = "[".repeat(10_000);
    let (syntax, shape) = (
        "the body is not valid JSON",
        "the body does not have the expected keys and types",
    );
    for (case, body, want) in [
        ("nothing", "", (400, "bad_json", syntax)),
        (
            "half an object",
            r#"{"username":"ada""#,
            (400, "bad_json", syntax),
        ),
        ("two values", "{} {}", (400, "bad_json", syntax)),
        (
            "a comma too much",
            r#"{"username":"ada",}"#,
            (400, "bad_json", syntax),
        ),
        ("not quoted", "{username:1}", (400, "bad_json", syntax)),
        ("very deep", &deep, (400, "bad_json", syntax)),
        (
            "a key twice",
            r#"{"username":"a","username":"a","password":"b"}"#,
            (400, "bad_json", syntax),
        ),
        (
            "a key twice, once escaped",
            r#"{"username":"a","user\u006eame":"b","password":"c"}"#,
            (400, "bad_json", syntax),
        ),
        (
            "half a surrogate",
            r#"{"username":"\ud800","password":"b"}"#,
            (400, "bad_json", syntax),
        ),
        ("a list", "[]", (422, "wrong_shape", shape)),
        ("null", "null", (422, "wrong_shape", shape)),
        (
            "a field missing",
            r#"{"username":"ada"}"#,
            (422, "wrong_shape", shape),
        ),
        (
            "a number for a name",
            r#"{"username":1,"password":"b"}"#,
            (422, "wrong_shape", shape),
        ),
        (
            "null for a password",
            r#"{"username":"ada","password":null}"#,
            (422, "wrong_shape", shape),
        ),
        (
            "a word for a choice",
            r#"{"username":"ada","password":"b","remember":"true"}"#,
            (422, "wrong_shape", shape),
        ),
        (
            "null for a choice",
            r#"{"username":"ada","password":"b","remember":null}"#,
            (422, "wrong_shape", shape),
        ),
        (
            "an unknown key",
            r#"{"username":"ada","password":"b","role":"admin"}"#,
            (422, "wrong_shape", shape),
        ),
        (
            "a key in capitals",
            r#"{"Username":"ada","password":"b"}"#,
            (422, "wrong_shape", shape),
        ),
    ] {
        let answer = site.send(support::json("POST", "/api/v1/session", body));
        check(case, &answer, JSON, want);
    }
    let ask = post("/api/v1/session").body("application/json", &b"{\"username\":\"\xff\"}"[..]);
    check(
        "bytes that are not UTF-8",
        &site.send(ask),
        JSON,
        (400, "bad_json", syntax),
    );
    assert_eq!(site.hasher.verifications(), 0, "no password was checked");
}

#[test]
fn the_api_takes_json_only() {
    let site = Site::new();
    let body = format!(r#"{{"username":"ada","password":"{PASSWORD}"}}"#);
    site.add_user("ada", kunci_domain::Role::Member);
    for media_type in [
        "",
        "text/plain",
        FORM,
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "text/json",
        "application/json-patch+json",
    ] {
        for (method, path) in [("POST", "/api/v1/session"), ("PUT", "/api/v1/session/data/k")] {
            let answer = site.send(request(method, path).body(media_type, body.clone()));
            let want = (415, "unsupported_media_type", "send the body as application/json");
            check(&format!("{media_type} to {path}"), &answer, JSON, want);
        }
    }
    for (method, path) in [("POST", "/api/v1/session"), ("PUT", "/api/v1/session/data/k")] {
        let without = Ask(request(method, path).0.map(|_| body.clone().into()));
        assert_eq!(site.send(without).status, 415, "no media type at all");
        let typed = request(method, path).body("Application/JSON; charset=utf-8", body.clone());
        assert_eq!(site.send(typed).status, 200);
    }
}

#[test]
fn a_refusal_never_repeats_a_password() {
    let site = Site::new();
    for body in [
        r#"{"username":"ada","password":48151623}"#,
        r#"{"username":"ada","password":["48151623"]}"#,
        r#"{"username":"ada","password":true,"remember":"48151623"}"#,
        r#"{"username":48151623,"password":"x"}"#,
        r#"{"username":"ada","password":48151623.5}"#,
        r#"{"username":"ada","password":"48151623"#,
        r#""48151623""#,
        "48151623",
    ] {
        let answer = site.send(support::json("POST", "/api/v1/session", body));
        assert!(matches!(answer.status, 400 | 422), "{body}");
        assert!(!answer.body.contains("48151623"), "{body}: {}", answer.body);
    }
}
