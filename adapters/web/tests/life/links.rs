//! Links: out of the address bar, looked at for free, good for one purpose and one use, dead in one voice.

use std::time::Duration;

use kunci_domain::{LinkToken, Purpose};

use crate::support::{
    Answer, DAY, FORMS, JSON, MINUTE, NEW_PASSWORD, PAGE, PASSWORD, Setup, Site, TEXT, form, get, json,
    open_link, post,
};

const DEAD: &str = "This link no longer works";

/// A site with `ada`, whose address waits to be confirmed, and her cookie.
fn site() -> (Site, String) {
    let site = Site::new();
    let fields = [
        ("username", "ada"),
        ("password", PASSWORD),
        ("email", "ada@example.org"),
    ];
    let ada = site.send(form("/register", &fields)).cookie().unwrap();
    (site, ada)
}

const FOR_ACCOUNTS: [Purpose; 4] = [
    Purpose::ConfirmAddress,
    Purpose::ChangeAddress,
    Purpose::ResetPassword,
    Purpose::SignIn,
];

fn follow(site: &Site, token: &LinkToken) -> Answer {
    let body = format!(
        r#"{{"token":"{}","new_password":"{NEW_PASSWORD}"}}"#,
        *token.expose()
    );
    site.send(json("POST", "/api/v1/link", &body))
}

#[track_caller]
fn check_dead(case: &str, answer: &Answer, accept: &str) {
    assert_eq!(answer.status, 410, "{case} as {accept}: {}", answer.body);
    assert_eq!(answer.set_cookie(), None, "{case} as {accept}");
    match accept {
        JSON => assert_eq!(answer.code(), "link_dead", "{case}"),
        PAGE => assert!(answer.body.starts_with("<!DOCTYPE html>"), "{case}"),
        _ => assert!(answer.body.starts_with(DEAD), "{case}"),
    }
}

#[test]
fn the_token_leaves_the_address_bar_at_once_for_a_cookie_that_lives_a_quarter_of_an_hour() {
    for (site, name, secure) in [
        (Site::new(), "kunci-link", ""),
        (Site::https(), "__Host-kunci-link", "; Secure"),
    ] {
        let token = site.add_invitation(1);
        for accept in FORMS {
            site.watch.pass();
            let answer = site.send(get(&format!("/link?token={}", *token.expose())).accept(accept));
            assert_eq!((answer.status, answer.header("location")), (303, "/link"));
            let want = format!(
                "{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age=900",
                *token.expose()
            );
            assert_eq!(answer.told("kunci-link"), Some(want.as_str()));
            assert_eq!(site.watch.calls(), [""; 0], "and nothing else happens");
            assert!(answer.body.is_empty());
        }
    }
}

#[test]
fn what_is_no_token_is_dead_and_becomes_no_cookie() {
    let site = Site::new();
    let short = "0".repeat(63);
    let long = "0".repeat(65);
    let odd = "g".repeat(64);
    for text in ["", "0", &short, &long, &odd, "%00"] {
        for accept in FORMS {
            let answer = site.send(get(&format!("/link?token={text}")).accept(accept));
            check_dead(text, &answer, accept);
            assert_eq!(answer.told("kunci-link"), None, "{text}");
            let answer = site.send(get("/link").accept(accept).cookie(&format!("kunci-link={text}")));
            check_dead(text, &answer, accept);
            let answer = site.send(form("/link", &[("token", text)]).accept(accept));
            check_dead(text, &answer, accept);
        }
    }
}

#[test]
fn looking_at_a_link_says_what_it_is_for_and_uses_nothing_up() {
    for purpose in FOR_ACCOUNTS {
        let (site, ada) = site();
        let token = site.link_of(purpose, &ada);
        let cookie = open_link(&site, &token);
        let before = (site.user("ada"), site.live_sessions());
        for accept in [TEXT, JSON, PAGE, TEXT, JSON, PAGE] {
            let answer = site.send(get("/link").accept(accept).cookie(&cookie));
            assert_eq!(answer.status, 200, "{purpose:?} as {accept}");
            assert!(
                !answer.body.contains(&*token.expose()),
                "{purpose:?}: the token is on the page"
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
fn a_link_works_once() {
    for purpose in FOR_ACCOUNTS {
        let (site, ada) = site();
        let token = site.link_of(purpose, &ada);
        assert_eq!(follow(&site, &token).status, 200, "{purpose:?}");
        let before = site.user("ada");
        let cookie = open_link(&site, &token);
        for accept in FORMS {
            check_dead(
                "looked at",
                &site.send(get("/link").accept(accept).cookie(&cookie)),
                accept,
            );
            let answer = site.send(post("/link").accept(accept).cookie(&cookie));
            check_dead("followed", &answer, accept);
            assert!(
                answer.told("kunci-link").unwrap().contains("Max-Age=0"),
                "its cookie goes"
            );
        }
        assert_eq!(site.user("ada"), before, "{purpose:?}");
    }
}

#[test]
fn a_link_lives_as_long_as_its_purpose_allows() {
    for purpose in FOR_ACCOUNTS {
        for (early, status) in [(Duration::from_millis(1), 200), (Duration::ZERO, 410)] {
            let (site, ada) = site();
            let token = site.link_of(purpose, &ada);
            site.clock.advance(purpose.lifetime() - early);
            assert_eq!(
                follow(&site, &token).status,
                status,
                "{purpose:?} {early:?} before its end"
            );
        }
    }
}

#[test]
fn a_new_link_voids_the_former_one_of_its_purpose() {
    for purpose in FOR_ACCOUNTS {
        let (site, ada) = site();
        let (old, new) = (site.link_of(purpose, &ada), site.link_of(purpose, &ada));
        assert_eq!(follow(&site, &old).status, 410, "{purpose:?}");
        assert_eq!(follow(&site, &new).status, 200, "{purpose:?}");
    }
}

#[test]
fn what_opens_an_account_is_dead_once_its_password_is_another() {
    for (purpose, status) in [
        (Purpose::ResetPassword, 410),
        (Purpose::SignIn, 410),
        (Purpose::ConfirmAddress, 200),
    ] {
        let (site, ada) = site();
        let token = site.link_of(purpose, &ada);
        let fields = [("current_password", PASSWORD), ("new_password", NEW_PASSWORD)];
        assert_eq!(
            site.send(form("/account/password", &fields).cookie(&ada)).status,
            200
        );
        assert_eq!(follow(&site, &token).status, status, "{purpose:?}");
    }
}

#[test]
fn a_token_is_good_for_its_own_purpose_alone() {
    let (site, ada) = site();
    for purpose in FOR_ACCOUNTS {
        let token = site.link_of(purpose, &ada).expose().to_string();
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
fn a_link_whose_owner_is_gone_is_dead() {
    for purpose in FOR_ACCOUNTS {
        let (site, ada) = site();
        let token = site.link_of(purpose, &ada);
        assert_eq!(site.send(post("/account/delete").cookie(&ada)).status, 200);
        assert_eq!(follow(&site, &token).status, 410, "{purpose:?}");
    }
}

#[test]
fn links_of_one_site_survive_a_restart_of_it() {
    let (site, _) = site();
    let token = site.add_link("ada", Purpose::SignIn);
    site.clock.advance(MINUTE);
    let site = site.restarted(Setup::default());
    assert_eq!(follow(&site, &token).status, 200);
    assert!(Purpose::SignIn.lifetime() < DAY);
}
