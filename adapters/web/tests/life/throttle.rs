//! Attempt budgets: which requests they count, and when they refuse a client.

use std::net::SocketAddr;
use std::time::Duration;

use kunci_domain::{Purpose, Role};

use crate::support::{
    ACCEPT_HEADERS, JSON, PAGE, PASSWORD, Site, TEXT, TestRequest, TestResponse, form, get, json, link_form,
    sign_in_form, sign_up_form,
};

const MESSAGE: &str = "Too many attempts; try again later";
const TEN_MINUTES: Duration = Duration::from_secs(600);

fn sent_from(request: TestRequest, address: &str) -> TestRequest {
    request.extension(SocketAddr::new(address.parse().unwrap(), 4_711))
}

/// Uses up the budget of wrong passwords for a name and network.
fn exhaust(site: &Site, name: &str, address: &str) {
    for _ in 0..10 {
        let answer = site.send(sent_from(sign_in_form(name, "wrong password"), address));
        assert_eq!(answer.status, 401);
    }
}

#[track_caller]
fn check_throttled(case: &str, answer: &TestResponse, accept: &str) {
    assert_eq!(answer.status, 429, "{case}: {}", answer.body);
    assert!(!answer.header("retry-after").is_empty(), "{case}");
    assert_eq!(answer.set_cookie(), None, "{case}");
    match accept {
        TEXT => assert_eq!(answer.body, format!("{MESSAGE}\n"), "{case}"),
        JSON => assert_eq!(answer.code(), "throttled", "{case}"),
        _ => assert!(answer.body.contains(MESSAGE), "{case}: {}", answer.body),
    }
}

#[test]
fn too_many_wrong_passwords_return_429_with_retry_after() {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    exhaust(&site, "ada", "192.0.2.7");
    for accept in ACCEPT_HEADERS {
        for password in ["wrong password", PASSWORD] {
            let answer = site.send(sent_from(
                sign_in_form("ada", password).accept(accept),
                "192.0.2.8",
            ));
            check_throttled(password, &answer, accept);
            assert_eq!(answer.header("retry-after"), "600", "one attempt per ten minutes");
        }
    }
    site.clock.advance(TEN_MINUTES - Duration::from_millis(500));
    let early = site.send(sent_from(sign_in_form("ada", PASSWORD), "192.0.2.7"));
    assert_eq!(
        (early.status, early.header("retry-after")),
        (429, "1"),
        "rounded up"
    );
    site.clock.advance(Duration::from_millis(500));
    assert_eq!(
        site.send(sent_from(sign_in_form("ada", PASSWORD), "192.0.2.7"))
            .status,
        200
    );
}

#[test]
fn refused_form_keeps_values_except_the_password() {
    let site = Site::new();
    exhaust(&site, "ada", "192.0.2.7");
    let fields = [
        ("username", "ada"),
        ("password", "my wrong secret"),
        ("next", "/account"),
        ("form", "page"),
    ];
    let answer = site.send(sent_from(form("/login", &fields).accept(PAGE), "192.0.2.7"));
    check_throttled("form", &answer, PAGE);
    assert!(answer.body.contains(r#"value="ada""#) && answer.body.contains(r#"value="/account""#));
    assert!(!answer.body.contains("my wrong secret"));
}

#[test]
fn attacker_cannot_lock_out_known_devices_or_other_networks() {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    let known = site.send(sent_from(sign_in_form("ada", PASSWORD), "192.0.2.7"));
    let device = known.cookie_of("kunci-device").unwrap();
    exhaust(&site, "ada", "192.0.2.7");
    let send = |request: TestRequest| site.send(sent_from(request, "192.0.2.7"));
    assert_eq!(
        send(sign_in_form("ada", PASSWORD)).status,
        429,
        "an unknown device"
    );
    assert_eq!(
        send(sign_in_form("ada", PASSWORD).cookie(&device)).status,
        200,
        "a known device"
    );
    assert_eq!(
        site.send(sent_from(sign_in_form("ada", PASSWORD), "198.51.100.7"))
            .status,
        200,
        "another network"
    );
    let other = send(sign_in_form("bob", PASSWORD).cookie(&device));
    assert_eq!(
        other.status, 401,
        "bob has his own budget, and the device is known only for ada"
    );
}

#[test]
fn known_device_has_its_own_budget() {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    let device = site
        .send(sign_in_form("ada", PASSWORD))
        .cookie_of("kunci-device")
        .unwrap();
    for _ in 0..10 {
        assert_eq!(
            site.send(sign_in_form("ada", "wrong password").cookie(&device))
                .status,
            401
        );
    }
    assert_eq!(
        site.send(sign_in_form("ada", PASSWORD).cookie(&device)).status,
        429
    );
}

#[test]
fn unknown_names_are_throttled_identically() {
    for accept in ACCEPT_HEADERS {
        let answers = |known: bool| -> Vec<TestResponse> {
            let site = Site::new();
            if known {
                site.add_user("ada", Role::Member);
            }
            (0..12)
                .map(|_| site.send(sign_in_form("ada", "wrong password").accept(accept)))
                .collect()
        };
        let known = answers(true);
        assert_eq!(known, answers(false), "as {accept}");
        assert_eq!(known.iter().filter(|answer| answer.status == 429).count(), 2);
    }
}

#[test]
fn all_password_checks_share_the_budget() {
    let body = |password: &str| format!(r#"{{"username":"ada","password":"{password}"}}"#);
    let site = Site::new();
    let ada = site.sign_up("ada");
    for round in 0..10 {
        let answer = match round % 4 {
            0 => site.send(sign_in_form("ada", "wrong password")),
            1 => site.send(json("POST", "/api/v1/session", &body("wrong password"))),
            2 => {
                let fields = [
                    ("current_password", "wrong password"),
                    ("new_password", "a new secret"),
                ];
                site.send(form("/account/password", &fields).cookie(&ada))
            }
            _ => site.send(form("/account/confirm", &[("password", "wrong password")]).cookie(&ada)),
        };
        assert!(matches!(answer.status, 401 | 403), "{round}: {answer:?}");
    }
    let fields = [("current_password", PASSWORD), ("new_password", "a new secret")];
    for (case, request) in [
        ("form", sign_in_form("ada", PASSWORD)),
        ("API", json("POST", "/api/v1/session", &body(PASSWORD))),
        ("password", form("/account/password", &fields).cookie(&ada)),
        (
            "proof",
            form("/account/confirm", &[("password", PASSWORD)]).cookie(&ada),
        ),
    ] {
        assert_eq!(site.send(request).status, 429, "{case}");
    }
}

#[test]
fn wrong_codes_are_counted_per_account() {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    let authenticator = site.add_second_factor("ada");
    let pending = site.first_step("ada").cookie().unwrap();
    let enter = |code: &str, address: &str| {
        site.send(sent_from(
            form("/login/code", &[("code", code)]).cookie(&pending),
            address,
        ))
    };
    for n in 0..10 {
        let wrong = authenticator.wrong_code(&site);
        assert_eq!(enter(&wrong, &format!("192.0.{n}.1")).status, 401, "{n}");
    }
    let answer = enter(&authenticator.code(&site), "203.0.113.1");
    assert_eq!(answer.status, 429);
    let page = site.send(
        form("/login/code", &[("code", "1")])
            .accept(PAGE)
            .cookie(&pending),
    );
    check_throttled("page", &page, PAGE);
}

#[test]
fn dead_links_are_counted_per_network() {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    let dead = format!("/link?token={}", "0".repeat(64));
    let cookie = site.send(get(&dead)).cookie_of("kunci-link").unwrap();
    for _ in 0..50 {
        assert_eq!(site.send(get("/link").cookie(&cookie)).status, 410);
        let body = format!(r#"{{"token":"{}"}}"#, "1".repeat(64));
        assert_eq!(site.send(json("POST", "/api/v1/link", &body)).status, 410);
    }
    let link = site.issue_link("ada", Purpose::SignIn);
    assert_eq!(site.send(link_form(&link, &[])).status, 429);
    site.clock.advance(Duration::from_secs(20));
    assert_eq!(site.send(link_form(&link, &[])).body, "Logged in\n");
}

#[test]
fn sign_ups_and_mails_have_budgets() {
    let site = Site::new();
    for n in 0..20 {
        let fields = [
            ("username", format!("user{n}")),
            ("password", PASSWORD.to_owned()),
        ];
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        assert_eq!(site.send(form("/register", &fields)).status, 201);
    }
    for accept in ACCEPT_HEADERS {
        check_throttled(
            "register",
            &site.send(sign_up_form("one-more", PASSWORD).accept(accept)),
            accept,
        );
    }
    for n in 0..5 {
        let who = format!("user{n}");
        assert_eq!(site.send(form("/reset", &[("who", &who)])).status, 200);
    }
    for accept in ACCEPT_HEADERS {
        check_throttled(
            "reset",
            &site.send(form("/reset", &[("who", "user9")]).accept(accept)),
            accept,
        );
    }
}

#[test]
fn busy_hasher_uses_no_attempt() {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    site.hasher.set_busy(true);
    for _ in 0..20 {
        assert_eq!(site.send(sign_in_form("ada", PASSWORD)).status, 503);
    }
    site.hasher.set_busy(false);
    assert_eq!(site.send(sign_in_form("ada", PASSWORD)).status, 200);
}
