//! Malformed forms and JSON are refused with a clear error in the requested representation.
//!
//! `sign_up.rs`, `password.rs` and `session_api.rs` test well-formed values that break a rule.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{
    ACCEPT_HEADERS, JSON, PASSWORD, Site, TestRequest, TestResponse, post, request, sign_in_form,
    sign_up_form,
};

const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// Asserts the status, code and message of an error in the requested representation.
#[track_caller]
fn check(case: &str, answer: &TestResponse, accept: &str, want: (u16, &str, &str)) {
    let (status, code, message) = want;
    assert_eq!(answer.status, status, "{case} as {accept}: {}", answer.body);
    assert!(
        answer.body.contains(message),
        "{case} as {accept}: {}",
        answer.body
    );
    assert_eq!(answer.set_cookie(), None, "{case} as {accept}");
    if accept == JSON {
        assert_eq!(answer.code(), code, "{case}");
    }
}

/// Sends a body to several form routes for each representation and expects the same error.
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
        for accept in ACCEPT_HEADERS {
            let request = post(path).accept(accept).cookie(&ada);
            let answer = site.send(request.body(media_type, body.to_vec()));
            check(&format!("{case} to {path}"), &answer, accept, want);
        }
    }
    let after = (
        site.live_sessions(),
        site.user("ada"),
        site.hasher.verifications(),
    );
    assert_eq!(after, before, "{case}: the request had an effect");
}

#[test]
fn malformed_forms_are_refused() {
    let syntax = "the form has a % that is not followed by two hexadecimal digits";
    let utf8 = "the form is not in UTF-8";
    let missing = "is missing";
    let repeated = "appears more than once";
    let (syntax, utf8) = ((400, "bad_form", syntax), (400, "bad_form", utf8));
    let missing = (400, "missing_field", missing);
    let repeated = (400, "repeated_field", repeated);
    for (case, body, want) in [
        ("empty", &b""[..], missing),
        ("only separators", b"&&=&", missing),
        ("other fields", b"a=1&b=2", missing),
        ("names in upper case", b"USERNAME=a&PASSWORD=b", missing),
        ("a percent sign at the end", b"username=a%", syntax),
        ("an incomplete escape", b"username=a%4", syntax),
        ("an escape without digits", b"username=%zz", syntax),
        ("an escape in a name", b"user%name=a", syntax),
        ("bytes that are not UTF-8", b"username=\xff", utf8),
        ("escapes that are not UTF-8", b"username=%C3", utf8),
        ("a surrogate", b"username=%ED%A0%80", utf8),
        ("an overlong NUL", b"username=%C0%80", utf8),
        ("a repeated field", b"username=a&username=a", repeated),
        (
            "a repeated field, once escaped",
            b"username=a&user%6Eame=b",
            repeated,
        ),
        ("a repeated unknown field", b"x=1&x=2", repeated),
    ] {
        check_forms(case, FORM_TYPE, body, want);
    }
}

#[test]
fn form_routes_refuse_other_media_types() {
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
    let without = TestRequest(post("/login").0.map(|_| body.into()));
    assert_eq!(site.send(without).status, 415, "no media type at all");
}

#[test]
fn media_type_parameters_and_case_are_ignored() {
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
fn first_missing_field_is_named() {
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
        let answer = site.send(post(path).accept(JSON).cookie(&ada).body(FORM_TYPE, body));
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert_eq!(message, format!("the field {field} is missing"), "{path}");
    }
}

#[test]
fn special_characters_in_a_password_survive_the_form() {
    let site = Site::new();
    let password = "a+b %2B &=;é 🔑 \u{1}";
    assert_eq!(site.send(sign_up_form("ada", password)).status, 201);
    assert_eq!(site.send(sign_in_form("ada", password)).status, 200);
    let body = "username=ada&password=a+b+%2B+%26=;%C3%A9 %F0%9F%94%91 %01";
    assert_eq!(
        site.send(post("/login").body(FORM_TYPE, body)).status,
        401,
        "a bare + is a space"
    );
}

#[test]
fn unknown_sign_up_fields_are_ignored() {
    let site = Site::new();
    let extra = [
        ("role", "administrator"),
        ("administrator", "true"),
        ("id", "1"),
        ("epoch", "9"),
        ("standing", "x"),
    ];
    let fields = [&[("username", "ada"), ("password", PASSWORD)][..], &extra].concat();
    assert_eq!(site.send(support::form("/register", &fields)).status, 201);
    let ada = site.user("ada").unwrap();
    assert_eq!(
        (ada.role, ada.epoch),
        (kunci_domain::Role::Member, kunci_domain::Epoch::default())
    );
}

#[test]
fn form_with_11000_fields_is_parsed() {
    let site = Site::new();
    let fields: Vec<String> = (0..11_000).map(|n| format!("f{n:04x}")).collect();
    let answer = site.send(post("/login").accept(JSON).body(FORM_TYPE, fields.join("&")));
    assert_eq!((answer.status, answer.code().as_str()), (400, "missing_field"));
    let answer = site.send(
        post("/login")
            .accept(JSON)
            .body(FORM_TYPE, format!("{}&f0000", fields.join("&"))),
    );
    assert_eq!((answer.status, answer.code().as_str()), (400, "repeated_field"));
}

#[test]
fn malformed_json_is_refused() {
    let site = Site::new();
    site.add_user("ada", kunci_domain::Role::Member);
    let deep = "[".repeat(10_000);
    let (syntax, shape) = (
        "the body is not valid JSON",
        "the body does not have the expected keys and types",
    );
    let (syntax, shape) = ((400, "bad_json", syntax), (422, "wrong_shape", shape));
    for (case, body, want) in [
        ("empty", "", syntax),
        ("a truncated object", r#"{"username":"ada""#, syntax),
        ("two values", "{} {}", syntax),
        ("a trailing comma", r#"{"username":"ada",}"#, syntax),
        ("an unquoted key", "{username:1}", syntax),
        ("deep nesting", &deep, syntax),
        (
            "a repeated key",
            r#"{"username":"a","username":"a","password":"b"}"#,
            syntax,
        ),
        (
            "a repeated key, once escaped",
            r#"{"username":"a","user\u006eame":"b","password":"c"}"#,
            syntax,
        ),
        (
            "an unpaired surrogate",
            r#"{"username":"\ud800","password":"b"}"#,
            syntax,
        ),
        ("a list", "[]", shape),
        ("null", "null", shape),
        ("a field missing", r#"{"username":"ada"}"#, shape),
        ("a number for a name", r#"{"username":1,"password":"b"}"#, shape),
        (
            "null for a password",
            r#"{"username":"ada","password":null}"#,
            shape,
        ),
        (
            "a string for a boolean",
            r#"{"username":"ada","password":"b","remember":"true"}"#,
            shape,
        ),
        (
            "null for a boolean",
            r#"{"username":"ada","password":"b","remember":null}"#,
            shape,
        ),
        (
            "an unknown key",
            r#"{"username":"ada","password":"b","role":"admin"}"#,
            shape,
        ),
        (
            "a key in upper case",
            r#"{"Username":"ada","password":"b"}"#,
            shape,
        ),
    ] {
        let answer = site.send(support::json("POST", "/api/v1/session", body));
        check(case, &answer, JSON, want);
    }
    let request = post("/api/v1/session").body("application/json", &b"{\"username\":\"\xff\"}"[..]);
    check("bytes that are not UTF-8", &site.send(request), JSON, syntax);
    assert_eq!(site.hasher.verifications(), 0, "no password was checked");
}

#[test]
fn api_accepts_only_json() {
    let site = Site::new();
    let body = format!(r#"{{"username":"ada","password":"{PASSWORD}"}}"#);
    site.add_user("ada", kunci_domain::Role::Member);
    for media_type in [
        "",
        "text/plain",
        FORM_TYPE,
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
        let without = TestRequest(request(method, path).0.map(|_| body.clone().into()));
        assert_eq!(site.send(without).status, 415, "no media type at all");
        let typed = request(method, path).body("Application/JSON; charset=utf-8", body.clone());
        assert_eq!(site.send(typed).status, 200);
    }
}

#[test]
fn error_messages_never_repeat_a_password() {
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
