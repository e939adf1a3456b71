//! The second step of sign-in: authenticator codes and recovery codes, valid and invalid.

use std::time::Duration;

use kunci_domain::Role;
use serde_json::json as value;

use crate::support::{
    ACCEPT_HEADERS, Authenticator, JSON, PAGE, PASSWORD, Site, TEXT, form, get, json, sign_in_form,
};

fn site() -> (Site, Authenticator) {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    let authenticator = site.add_second_factor("ada");
    (site, authenticator)
}

const CREDENTIALS: [(&str, &str); 3] = [("username", "ada"), ("password", PASSWORD), ("next", "/account")];

#[test]
fn password_alone_requires_the_second_step() {
    for accept in ACCEPT_HEADERS {
        let (site, _) = site();
        let answer = site.send(form("/login", &CREDENTIALS).accept(accept));
        match accept {
            TEXT => assert_eq!(
                (answer.status, answer.body.as_str()),
                (401, "Enter the code from your authenticator\n")
            ),
            JSON => assert_eq!((answer.status, answer.code().as_str()), (401, "code_needed")),
            _ => assert_eq!(
                (answer.status, answer.header("location")),
                (303, "/login/code?next=/account")
            ),
        }
        assert!(answer.cookie().is_some() && answer.set_cookie_of("kunci-device").is_none());
        assert_eq!(site.profile(&answer.cookie().unwrap()), "You are not logged in\n");
    }
    let (site, _) = site();
    let body = format!(r#"{{"username":"ada","password":"{PASSWORD}"}}"#);
    let answer = site.send(json("POST", "/api/v1/session", &body));
    assert_eq!((answer.status, answer.code().as_str()), (401, "code_needed"));
}

#[test]
fn valid_code_signs_in_with_a_new_cookie() {
    for accept in ACCEPT_HEADERS {
        let (site, authenticator) = site();
        let pending = site.first_step("ada").cookie().unwrap();
        let code = authenticator.code(&site);
        let fields = [("code", code.as_str()), ("next", "/account")];
        let answer = site.send(form("/login/code", &fields).accept(accept).cookie(&pending));
        match accept {
            TEXT => assert_eq!((answer.status, answer.body.as_str()), (200, "Logged in\n")),
            JSON => assert_eq!(answer.json()["user"]["name"], "ada"),
            _ => assert_eq!((answer.status, answer.header("location")), (303, "/account")),
        }
        let ada = answer.cookie().unwrap();
        assert_ne!(ada, pending);
        assert_eq!(site.profile(&ada), "Welcome, ada\n");
        assert_eq!(site.profile(&pending), "You are not logged in\n");
        assert!(answer.set_cookie_of("kunci-device").is_some());
    }
    let (site, authenticator) = site();
    let pending = site.first_step("ada").cookie().unwrap();
    let body = format!(r#"{{"code":"{}"}}"#, authenticator.code(&site));
    let answer = site.send(json("POST", "/api/v1/session/code", &body).cookie(&pending));
    assert_eq!(answer.json()["session"]["permanent"], true, "{}", answer.body);
}

#[test]
fn spaces_in_a_code_are_ignored() {
    let (site, authenticator) = site();
    let pending = site.first_step("ada").cookie().unwrap();
    let code = authenticator.code(&site);
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let answer = site.send(form("/login/code", &[("code", &spaced)]).cookie(&pending));
    assert_eq!(answer.status, 200);
}

#[test]
fn code_is_valid_for_its_period_and_the_next() {
    for (ahead, status) in [(0, 200), (30, 200), (60, 401)] {
        let (site, authenticator) = site();
        let code = authenticator.code(&site);
        site.clock.advance(Duration::from_secs(ahead));
        let pending = site.first_step("ada").cookie().unwrap();
        let answer = site.send(form("/login/code", &[("code", &code)]).cookie(&pending));
        assert_eq!(answer.status, status, "{ahead} seconds later");
    }
}

#[test]
fn wrong_or_used_code_is_refused_and_sign_in_stays_pending() {
    let (site, authenticator) = site();
    let used = authenticator.code(&site);
    let first = site.first_step("ada").cookie().unwrap();
    assert_eq!(
        site.send(form("/login/code", &[("code", &used)]).cookie(&first))
            .status,
        200
    );
    let pending = site.first_step("ada").cookie().unwrap();
    let wrong = authenticator.wrong_code(&site);
    let message = "This code is wrong or was used before";
    for code in [used.as_str(), &wrong, "", "12345", "1234567", "one two", "0"] {
        for accept in ACCEPT_HEADERS {
            let answer = site.send(
                form("/login/code", &[("code", code)])
                    .accept(accept)
                    .cookie(&pending),
            );
            assert_eq!(
                (answer.status, answer.set_cookie()),
                (401, None),
                "{code} as {accept}"
            );
            assert!(
                answer.body.contains(message),
                "{code} as {accept}: {}",
                answer.body
            );
            if accept == JSON {
                assert_eq!(answer.code(), "wrong_code");
            }
            assert!(accept != PAGE || answer.body.contains(r#"action="/login/code""#));
            // Resets the budgets without advancing the clock, because a pending sign-in expires.
            site.refill_budgets("ada");
        }
    }
    let code = authenticator.code(&site);
    assert_eq!(code, used, "the clock did not advance");
    site.clock.advance(Duration::from_secs(30));
    let code = authenticator.code(&site);
    assert_eq!(
        site.send(form("/login/code", &[("code", &code)]).cookie(&pending))
            .status,
        200
    );
}

#[test]
fn recovery_code_works_once() {
    let (site, authenticator) = site();
    let code = authenticator.recovery[0].expose_text().to_string();
    let enter = |code: &str| {
        let pending = site.first_step("ada").cookie().unwrap();
        site.send(form("/login/code", &[("code", code)]).cookie(&pending))
            .status
    };
    assert_eq!(enter(&code.to_uppercase().replace('-', " ")), 200);
    assert_eq!(enter(&code), 401, "the code is used up");
    assert_eq!(
        enter(&authenticator.recovery[1].expose_text()),
        200,
        "another code still works"
    );
    assert_eq!(site.user("ada").unwrap().second_factor.unwrap().recovery.len(), 1);
}

#[test]
fn clearing_session_data_keeps_the_sign_in_pending() {
    let (site, authenticator) = site();
    let pending = site.first_step("ada").cookie().unwrap();
    let cleared = site.send(json("DELETE", "/api/v1/session/data", "").cookie(&pending));
    assert_eq!(cleared.status, 200);
    let code = authenticator.code(&site);
    let answer = site.send(form("/login/code", &[("code", code.as_str())]).cookie(&pending));
    assert_eq!((answer.status, answer.body.as_str()), (200, "Logged in\n"));
}

#[test]
fn code_without_a_pending_sign_in_leads_to_the_first_step() {
    let (site, authenticator) = site();
    let code = authenticator.code(&site);
    let ada = site.first_step("ada").cookie().unwrap();
    site.clock.advance(Duration::from_secs(600));
    for cookie in ["", &ada] {
        for (accept, status) in [(TEXT, 401), (JSON, 401), (PAGE, 303)] {
            let fields = [("code", code.as_str()), ("next", "/account")];
            let answer = site.send(form("/login/code", &fields).accept(accept).cookie(cookie));
            assert_eq!(answer.status, status, "{}", answer.body);
            if accept == PAGE {
                assert_eq!(answer.header("location"), "/login?next=/account");
            } else {
                assert!(answer.body.contains("Sign in with your password first"));
            }
        }
    }
}

#[test]
fn code_page_exists_only_while_a_sign_in_is_pending() {
    let (site, authenticator) = site();
    let code_page = |cookie: &str| site.send(get("/login/code?next=/account").accept(PAGE).cookie(cookie));
    assert_eq!(code_page("").header("location"), "/login?next=/account");
    let pending = site.first_step("ada").cookie().unwrap();
    let page = code_page(&pending);
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains(r#"autocomplete="one-time-code""#) && page.body.contains(r#"value="/account""#)
    );
    let code = authenticator.code(&site);
    let ada = site
        .send(form("/login/code", &[("code", &code)]).cookie(&pending))
        .cookie()
        .unwrap();
    assert_eq!(code_page(&ada).header("location"), "/account");
}

#[test]
fn second_step_redirects_only_to_allowed_places() {
    for next in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: kunci=evil",
        "",
    ] {
        let (site, authenticator) = site();
        let pending = site.first_step("ada").cookie().unwrap();
        let code = authenticator.code(&site);
        let fields = [("code", code.as_str()), ("next", next)];
        let answer = site.send(form("/login/code", &fields).accept(PAGE).cookie(&pending));
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/profile"),
            "{next:?}"
        );
        let ada = answer.cookie().unwrap();
        let fields = [
            ("password", PASSWORD),
            ("code", &authenticator.recovery[0].expose_text()),
            ("next", next),
        ];
        let answer = site.send(form("/account/confirm", &fields).accept(PAGE).cookie(&ada));
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/account"),
            "{next:?}"
        );
    }
}

#[test]
fn remember_choice_survives_the_second_step() {
    for (remember, permanent) in [("on", true), ("off", false)] {
        let (site, authenticator) = site();
        let fields = [&CREDENTIALS[..2], &[("remember", remember)]].concat();
        let pending = site.send(form("/login", &fields)).cookie().unwrap();
        let code = authenticator.code(&site);
        let answer = site.send(form("/login/code", &[("code", &code)]).cookie(&pending));
        assert_eq!(
            answer.set_cookie().unwrap().contains("Max-Age"),
            permanent,
            "{remember}"
        );
    }
}

#[test]
fn first_step_ends_the_previous_session() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    site.add_second_factor("ada");
    let pending = site
        .send(sign_in_form("ada", PASSWORD).cookie(&ada))
        .cookie()
        .unwrap();
    assert_eq!(site.profile(&ada), "You are not logged in\n");
    assert_eq!(site.profile(&pending), "You are not logged in\n");
    let data = site.send(get("/api/v1/session/data").cookie(&pending));
    assert_eq!(
        data.json(),
        value!({"data": {}}),
        "a pending sign-in has no readable data"
    );
}
