//! Link tokens: their cookie, lifetime, purpose, single use, and the common error for dead links.

use std::time::Duration;

use kunci_domain::{LinkToken, Purpose};

use crate::support::{
    ACCEPT_HEADERS, JSON, MINUTE, NEW_PASSWORD, PAGE, PASSWORD, Setup, Site, TEXT, TestResponse, form, get,
    json, link_form, open_link, post, unconfirmed_site,
};

const DEAD: &str = "This link no longer works";

/// The purposes of links that belong to an account.
const FOR_ACCOUNTS: [Purpose; 4] = [
    Purpose::ConfirmAddress,
    Purpose::ChangeAddress,
    Purpose::ResetPassword,
    Purpose::SignIn,
];

fn follow(site: &Site, token: &LinkToken) -> TestResponse {
    let body = format!(
        r#"{{"token":"{}","new_password":"{NEW_PASSWORD}"}}"#,
        *token.expose()
    );
    site.send(json("POST", "/api/v1/link", &body))
}

#[track_caller]
fn check_dead(case: &str, answer: &TestResponse, accept: &str) {
    assert_eq!(answer.status, 410, "{case} as {accept}: {}", answer.body);
    assert_eq!(answer.set_cookie(), None, "{case} as {accept}");
    match accept {
        JSON => assert_eq!(answer.code(), "link_dead", "{case}"),
        PAGE => assert!(answer.body.starts_with("<!DOCTYPE html>"), "{case}"),
        _ => assert!(answer.body.starts_with(DEAD), "{case}"),
    }
}

#[test]
fn link_token_moves_into_a_15_minute_cookie() {
    for (site, name, secure) in [
        (Site::new(), "kunci-link", ""),
        (Site::https(), "__Host-kunci-link", "; Secure"),
    ] {
        let token = site.issue_invitation(1);
        for accept in ACCEPT_HEADERS {
            site.watch.pass();
            let answer = site.send(get(&format!("/link?token={}", *token.expose())).accept(accept));
            assert_eq!((answer.status, answer.header("location")), (303, "/link"));
            let cookie = answer.set_cookie_of("kunci-link").unwrap();
            let value = cookie
                .strip_prefix(&format!("{name}={}.", *token.expose()))
                .unwrap();
            let attributes = format!("; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age=900");
            assert_eq!(value.strip_suffix(&attributes).map(str::len), Some(43));
            assert_eq!(site.watch.calls(), [""; 0], "no store is called");
            assert!(answer.body.is_empty());
        }
    }
}

#[test]
fn only_signed_link_cookies_count() {
    let site = Site::new();
    site.sign_up("ada");
    let token = site.issue_link("ada", Purpose::ResetPassword);
    let signed = open_link(&site, &token);
    let unsigned = format!("kunci-link={}", *token.expose());
    let forged = format!("{unsigned}.{}", "A".repeat(43));
    let others = format!("kunci-link=; kunci-link=x.y; {unsigned}; {forged}; {unsigned}.; kunci-link=.");
    for accept in ACCEPT_HEADERS {
        let unsigned = site.send(get("/link").accept(accept).cookie(&others));
        assert_eq!(unsigned.status, 400, "{accept}");
        let both = format!("{others}; {signed}");
        assert_eq!(site.send(get("/link").accept(accept).cookie(&both)).status, 200);
    }
}

#[test]
fn malformed_tokens_are_dead_and_set_no_cookie() {
    let site = Site::new();
    let short = "0".repeat(63);
    let long = "0".repeat(65);
    let odd = "g".repeat(64);
    for text in ["", "0", &short, &long, &odd, "%00"] {
        for accept in ACCEPT_HEADERS {
            let answer = site.send(get(&format!("/link?token={text}")).accept(accept));
            check_dead(text, &answer, accept);
            assert_eq!(answer.set_cookie_of("kunci-link"), None, "{text}");
            let answer = site.send(form("/link", &[("token", text)]).accept(accept));
            check_dead(text, &answer, accept);
        }
    }
}

#[test]
fn viewing_a_link_does_not_use_it() {
    for purpose in FOR_ACCOUNTS {
        let (site, ada) = unconfirmed_site();
        let token = site.issue_any_link(purpose, &ada);
        let cookie = open_link(&site, &token);
        let before = (site.user("ada"), site.live_sessions());
        for accept in [TEXT, JSON, PAGE, TEXT, JSON, PAGE] {
            let answer = site.send(get("/link").accept(accept).cookie(&cookie));
            assert_eq!(answer.status, 200, "{purpose:?} as {accept}");
            assert_eq!(
                answer.body.contains(&*token.expose()),
                accept == PAGE,
                "{purpose:?}: only a form contains the token"
            );
            assert_eq!(answer.headers.get("set-cookie"), None);
            if accept == JSON {
                assert_eq!(answer.json()["purpose"], purpose.as_str());
            }
        }
        assert_eq!((site.user("ada"), site.live_sessions()), before, "{purpose:?}");
        assert_eq!(follow(&site, &token).status, 200, "{purpose:?} still works");
    }
}

#[test]
fn link_works_once() {
    for purpose in FOR_ACCOUNTS {
        let (site, ada) = unconfirmed_site();
        let token = site.issue_any_link(purpose, &ada);
        assert_eq!(follow(&site, &token).status, 200, "{purpose:?}");
        let before = site.user("ada");
        let cookie = open_link(&site, &token);
        for accept in ACCEPT_HEADERS {
            check_dead(
                "viewed",
                &site.send(get("/link").accept(accept).cookie(&cookie)),
                accept,
            );
            let answer = site.send(link_form(&token, &[]).accept(accept));
            check_dead("followed", &answer, accept);
        }
        assert_eq!(site.user("ada"), before, "{purpose:?}");
    }
}

#[test]
fn link_expires_after_the_lifetime_of_its_purpose() {
    for purpose in FOR_ACCOUNTS {
        for (margin, status) in [(Duration::from_millis(1), 200), (Duration::ZERO, 410)] {
            let (site, ada) = unconfirmed_site();
            let token = site.issue_any_link(purpose, &ada);
            site.clock.advance(purpose.lifetime() - margin);
            assert_eq!(
                follow(&site, &token).status,
                status,
                "{purpose:?} {margin:?} before its end"
            );
        }
    }
}

#[test]
fn new_link_invalidates_the_previous_one() {
    for purpose in FOR_ACCOUNTS {
        // A link to reset a password stays valid, but the first use invalidates the others.
        let (of_old, of_new) = match purpose {
            Purpose::ResetPassword => (200, 410),
            _ => (410, 200),
        };
        let (site, ada) = unconfirmed_site();
        let (old, new) = (
            site.issue_any_link(purpose, &ada),
            site.issue_any_link(purpose, &ada),
        );
        assert_eq!(follow(&site, &old).status, of_old, "{purpose:?}");
        assert_eq!(follow(&site, &new).status, of_new, "{purpose:?}");
    }
}

#[test]
fn password_change_invalidates_links_into_the_account() {
    for (purpose, status) in [
        (Purpose::ResetPassword, 410),
        (Purpose::SignIn, 410),
        (Purpose::ConfirmAddress, 200),
    ] {
        let (site, ada) = unconfirmed_site();
        let token = site.issue_any_link(purpose, &ada);
        let fields = [("current_password", PASSWORD), ("new_password", NEW_PASSWORD)];
        assert_eq!(
            site.send(form("/account/password", &fields).cookie(&ada)).status,
            200
        );
        assert_eq!(follow(&site, &token).status, status, "{purpose:?}");
    }
}

#[test]
fn token_is_valid_only_for_its_purpose() {
    let (site, ada) = unconfirmed_site();
    for purpose in FOR_ACCOUNTS {
        let token = site.issue_any_link(purpose, &ada).expose().to_string();
        let fields = [
            ("username", "eve"),
            ("password", PASSWORD),
            ("invitation", &token),
        ];
        let answer = site.send(form("/register", &fields).accept(JSON));
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (410, "link_dead"),
            "{purpose:?}"
        );
        assert!(site.user("eve").is_none());
    }
}

#[test]
fn link_is_dead_after_its_account_is_deleted() {
    for purpose in FOR_ACCOUNTS {
        let (site, ada) = unconfirmed_site();
        let token = site.issue_any_link(purpose, &ada);
        assert_eq!(site.send(post("/account/delete").cookie(&ada)).status, 200);
        assert_eq!(follow(&site, &token).status, 410, "{purpose:?}");
    }
}

#[test]
fn link_survives_a_restart() {
    let (site, _) = unconfirmed_site();
    let token = site.issue_link("ada", Purpose::SignIn);
    site.clock.advance(MINUTE);
    let site = site.restarted(Setup::default());
    assert_eq!(follow(&site, &token).status, 200);
}
