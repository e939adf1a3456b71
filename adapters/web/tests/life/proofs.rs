//! Re-authentication: which routes require a fresh proof, how long a proof lasts, and how it is renewed.

use std::time::Duration;

use crate::support::{
    ACCEPT_HEADERS, JSON, MINUTE, PAGE, PASSWORD, Site, TEXT, TestResponse, all_routes, form, get, json,
    post, prepare_request,
};

const MESSAGE: &str = "Confirm first that it is you";

/// Lifetime of a proof in the default policy.
const PROOF_LIFETIME: Duration = Duration::from_secs(600);

/// Routes that require a fresh proof, each with the page to which `/account/confirm` returns.
const SENSITIVE: [(&str, &str, &str); 21] = [
    ("POST", "/account/password", "/account/password"),
    ("POST", "/account/email", "/account/email"),
    ("POST", "/account/delete", "/account/delete"),
    (
        "GET",
        "/account/second-factor/qr.svg",
        "/account/second-factor/qr.svg",
    ),
    ("POST", "/account/second-factor/begin", "/account/second-factor"),
    ("POST", "/account/second-factor/confirm", "/account/second-factor"),
    ("POST", "/account/second-factor/disable", "/account/second-factor"),
    ("POST", "/account/recovery-codes", "/account/second-factor"),
    ("GET", "/admin/invitations", "/admin/invitations"),
    ("POST", "/admin/invitations", "/admin/invitations"),
    ("POST", "/admin/invitations/withdraw", "/admin/invitations"),
    ("DELETE", "/api/v1/account", ""),
    ("PUT", "/api/v1/account/password", ""),
    ("PUT", "/api/v1/account/email", ""),
    ("POST", "/api/v1/account/second-factor", ""),
    ("PUT", "/api/v1/account/second-factor", ""),
    ("DELETE", "/api/v1/account/second-factor", ""),
    ("POST", "/api/v1/account/recovery-codes", ""),
    ("GET", "/api/v1/invitations", ""),
    ("POST", "/api/v1/invitations", ""),
    ("DELETE", "/api/v1/invitations/none", ""),
];

#[track_caller]
fn check_refused(case: &str, path: &str, accept: &str, answer: &TestResponse, page: &str) {
    if path.starts_with("/api/") || accept == JSON {
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "proof_needed"),
            "{case}"
        );
    } else if accept == PAGE {
        let location = format!("/account/confirm?next={page}");
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, location.as_str()),
            "{case}"
        );
    } else {
        assert_eq!(
            (answer.status, &answer.body),
            (403, &format!("{MESSAGE}\n")),
            "{case}"
        );
    }
}

#[test]
fn sensitive_routes_require_a_fresh_proof() {
    for (method, path, page) in SENSITIVE {
        for accept in ACCEPT_HEADERS {
            let site = Site::new();
            let request = prepare_request(&site, method, path);
            site.clock.advance(PROOF_LIFETIME);
            let before = (site.user("ada"), site.live_sessions().len());
            let case = format!("{method} {path} as {accept}");
            let answer = site.send(request.accept(accept));
            check_refused(&case, path, accept, &answer, page);
            assert_eq!((site.user("ada"), site.live_sessions().len()), before, "{case}");
        }
    }
}

#[test]
fn proof_is_valid_for_its_full_lifetime() {
    for (method, path, _) in SENSITIVE {
        // An authenticator code expires sooner than a proof.
        if path.ends_with("/confirm") || (method, path) == ("PUT", "/api/v1/account/second-factor") {
            continue;
        }
        let site = Site::new();
        let request = prepare_request(&site, method, path);
        site.clock.advance(PROOF_LIFETIME - Duration::from_millis(1));
        let answer = site.send(request);
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
    }
}

#[test]
fn other_routes_require_no_proof() {
    for (method, path) in all_routes() {
        if SENSITIVE.iter().any(|(m, p, _)| (*m, *p) == (method, path)) {
            continue;
        }
        let site = Site::new();
        let request = prepare_request(&site, method, path);
        site.clock.advance(PROOF_LIFETIME);
        let answer = site.send(request);
        assert!(!answer.body.contains(MESSAGE), "{method} {path}: {answer:?}");
    }
    let site = Site::new();
    let ada = site.sign_up("ada");
    site.clock.advance(PROOF_LIFETIME * 6);
    assert_eq!(site.send(post("/logout").cookie(&ada)).body, "Logged out\n");
}

#[test]
fn pages_ask_for_the_proof_before_the_form() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    site.clock.advance(PROOF_LIFETIME);
    for path in ["/account/password", "/account/email", "/account/delete"] {
        let answer = site.send(get(path).accept(PAGE).cookie(&ada));
        let location = format!("/account/confirm?next={path}");
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, location.as_str()),
            "{path}"
        );
        assert_eq!(
            site.send(get(path).accept(TEXT).cookie(&ada)).status,
            200,
            "{path}"
        );
    }
}

#[test]
fn new_proof_rotates_the_cookie_and_expires_again() {
    for accept in ACCEPT_HEADERS {
        let site = Site::new();
        let ada = site.sign_up("ada");
        site.clock.advance(PROOF_LIFETIME);
        let fields = [("password", PASSWORD), ("next", "/account/email")];
        let answer = site.send(form("/account/confirm", &fields).accept(accept).cookie(&ada));
        match accept {
            PAGE => assert_eq!(answer.header("location"), "/account/email"),
            JSON => assert_eq!(answer.json(), serde_json::json!({"message": "Confirmed"})),
            _ => assert_eq!(answer.body, "Confirmed\n"),
        }
        let new = answer.cookie().expect("a new cookie");
        assert_eq!(
            site.profile(&ada),
            "You are not logged in\n",
            "the old cookie is invalid"
        );
        let change = || form("/account/email", &[("email", "new@example.org")]).cookie(&new);
        assert_eq!(site.send(change()).status, 202);
        site.clock.advance(PROOF_LIFETIME);
        assert_eq!(site.send(change()).status, 403);
    }
}

#[test]
fn proof_requires_every_factor_of_the_account() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let authenticator = site.add_second_factor("ada");
    site.clock.advance(PROOF_LIFETIME);
    let (right, wrong) = (authenticator.code(&site), authenticator.wrong_code(&site));
    for (case, password, code, want) in [
        ("no code", PASSWORD, "", "wrong_code"),
        ("a wrong code", PASSWORD, wrong.as_str(), "wrong_code"),
        (
            "a wrong password",
            "wrong password",
            right.as_str(),
            "wrong_password",
        ),
    ] {
        for accept in ACCEPT_HEADERS {
            let fields = [("password", password), ("code", code)];
            let answer = site.send(form("/account/confirm", &fields).accept(accept).cookie(&ada));
            assert_eq!(
                (answer.status, answer.set_cookie()),
                (403, None),
                "{case} as {accept}"
            );
            assert!(!answer.body.contains(password), "{case} as {accept}");
            if accept == JSON {
                assert_eq!(answer.code(), want, "{case}");
            }
            // Refills the budget of wrong guesses.
            site.clock.advance(MINUTE * 10);
        }
    }
    let right = authenticator.code(&site);
    let body = format!(r#"{{"password":"{PASSWORD}","code":"{right}"}}"#);
    let prove = || json("POST", "/api/v1/session/proof", &body);
    let answer = site.send(prove().cookie(&ada));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let repeated = site.send(prove().cookie(&answer.cookie().unwrap()));
    assert_eq!(
        (repeated.status, repeated.code().as_str()),
        (403, "wrong_code"),
        "the code is used up"
    );
}

#[test]
fn proof_page_asks_for_each_factor_and_hides_the_password() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let page = |site: &Site| {
        site.send(
            get("/account/confirm?next=/account/email")
                .accept(PAGE)
                .cookie(&ada),
        )
        .body
    };
    assert!(page(&site).contains(r#"value="/account/email""#) && !page(&site).contains(r#"name="code""#));
    site.add_second_factor("ada");
    assert!(page(&site).contains(r#"name="code""#));
    let fields = [("password", "my wrong secret"), ("next", "/account/email")];
    let answer = site.send(form("/account/confirm", &fields).accept(PAGE).cookie(&ada));
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("The current password is wrong"));
    assert!(answer.body.contains(r#"value="/account/email""#) && !answer.body.contains("my wrong secret"));
    for next in ["//evil.example", "https://evil.example/"] {
        let fields = [("password", "my wrong secret"), ("next", next)];
        let answer = site.send(form("/account/confirm", &fields).accept(PAGE).cookie(&ada));
        assert!(!answer.body.contains("evil"), "{next}");
    }
}
