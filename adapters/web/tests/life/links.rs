//! Links: out of the address bar, looked at for free, good for one purpose and one use, dead in one voice.

use std::time::Duration;

use kunci_domain::{LinkToken, Purpose};

use crate::support::{
    Answer, DAY, FORMS, JSON, MINUTE, NEW_PASSWORD, PAGE, PASSWORD, Setup, Site, TEXT, form, get, json,
    open_link, post,
};

const DEAD: &str = "This link does not work any more";

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
fn an_address_is_confirmed_by_the_button() {
    for accept in FORMS {
        for signed_in in [true, false] {
            let (site, ada) = site();
            let cookie = open_link(&site, &site.take_link());
            assert!(site.user("ada").unwrap().confirmed_address().is_none());
            let jar = if signed_in {
                format!("{ada}; {cookie}")
            } else {
                cookie
            };
            let answer = site.send(post("/link").accept(accept).cookie(&jar));
            match accept {
                TEXT => assert_eq!(answer.body, "Address confirmed\n"),
                JSON => assert_eq!(answer.json()["message"], "Address confirmed"),
                _ => {
                    let place = if signed_in { "/account" } else { "/login" };
                    assert_eq!((answer.status, answer.header("location")), (303, place));
                }
            }
            assert!(answer.told("kunci-link").unwrap().contains("Max-Age=0"));
            assert_eq!(answer.set_cookie(), None, "it signs nobody in");
            assert!(site.user("ada").unwrap().confirmed_address().is_some());
        }
    }
}

#[test]
fn a_password_is_chosen_by_a_link_and_nobody_is_signed_in_by_it() {
    for accept in FORMS {
        let (site, ada) = site();
        let cookie = open_link(&site, &site.add_link("ada", Purpose::ResetPassword));
        let fields = [("new_password", NEW_PASSWORD), ("repeat_password", NEW_PASSWORD)];
        let answer = site.send(form("/link", &fields).accept(accept).cookie(&cookie));
        match accept {
            TEXT => assert_eq!(answer.body, "Password changed\n"),
            JSON => assert_eq!(answer.json()["message"], "Password changed"),
            _ => assert_eq!(
                (answer.status, answer.header("location")),
                (303, "/login?changed")
            ),
        }
        assert_eq!(answer.set_cookie(), None);
        assert_eq!(site.live_sessions(), [], "all sessions are over");
        assert_eq!(site.profile(&ada), "You are not logged in\n");
        let attempt = |password| {
            let fields = [("username", "ada"), ("password", password)];
            site.send(form("/login", &fields)).status
        };
        assert_eq!((attempt(PASSWORD), attempt(NEW_PASSWORD)), (401, 200));
    }
    let site = Site::new();
    let told = |path: &str| site.send(get(path).accept(PAGE)).body;
    assert_ne!(told("/login?changed"), told("/login"), "the form says so");
}

#[test]
fn a_bad_new_password_leaves_the_link_as_it_was() {
    let (site, _) = site();
    let cookie = open_link(&site, &site.add_link("ada", Purpose::ResetPassword));
    for (new, repeat, message) in [
        ("7 chars", "7 chars", "A password has at least 8 characters"),
        ("password1", "password1", "guessers try first"),
        (
            "xxADAxxxx",
            "xxADAxxxx",
            "A password must not contain the user name",
        ),
        (NEW_PASSWORD, "another one", "The two new passwords differ"),
    ] {
        for accept in FORMS {
            let fields = [("new_password", new), ("repeat_password", repeat)];
            let answer = site.send(form("/link", &fields).accept(accept).cookie(&cookie));
            assert_eq!(answer.status, 422, "{new} as {accept}");
            assert!(
                answer.body.contains(message),
                "{new} as {accept}: {}",
                answer.body
            );
            assert!(!answer.body.contains(new), "{new} as {accept}: it comes back");
            assert_eq!(answer.headers.get("set-cookie"), None, "{new} as {accept}");
        }
    }
    let missing = site.send(post("/link").accept(JSON).cookie(&cookie));
    assert_eq!(missing.status, 422, "{}", missing.body);
    let fields = [("new_password", NEW_PASSWORD)];
    assert_eq!(site.send(form("/link", &fields).cookie(&cookie)).status, 200);
}

#[test]
fn an_operators_link_signs_in_until_the_browser_closes_and_asks_for_the_second_factor() {
    for accept in FORMS {
        let (site, _) = site();
        let cookie = open_link(&site, &site.add_link("ada", Purpose::SignIn));
        let answer = site.send(post("/link").accept(accept).cookie(&cookie));
        match accept {
            TEXT => assert_eq!(answer.body, "Logged in\n"),
            JSON => assert_eq!(answer.json()["user"]["name"], "ada"),
            _ => assert_eq!(answer.header("location"), "/profile"),
        }
        assert!(!answer.set_cookie().unwrap().contains("Max-Age"));
        assert_eq!(site.profile(&answer.cookie().unwrap()), "Welcome, ada\n");

        site.equip("ada");
        let cookie = open_link(&site, &site.add_link("ada", Purpose::SignIn));
        let answer = site.send(post("/link").accept(accept).cookie(&cookie));
        match accept {
            TEXT => assert_eq!(
                (answer.status, answer.body.as_str()),
                (401, "Enter the code of your authenticator\n")
            ),
            JSON => assert_eq!((answer.status, answer.code().as_str()), (401, "code_needed")),
            _ => assert_eq!(answer.header("location"), "/login/code"),
        }
        assert_eq!(site.profile(&answer.cookie().unwrap()), "You are not logged in\n");
        assert!(
            answer.told("kunci-link").unwrap().contains("Max-Age=0"),
            "it is used up"
        );
    }
}

#[test]
fn a_link_that_invites_leads_to_the_form_and_is_not_used_up_by_it() {
    let site = Site::new();
    for token in [site.add_set_up_link(), site.add_invitation(1)] {
        let cookie = open_link(&site, &token);
        for accept in FORMS {
            let answer = site.send(get("/link").accept(accept).cookie(&cookie));
            assert_eq!(
                (answer.status, answer.header("location")),
                (303, "/register"),
                "{accept}"
            );
            let answer = site.send(post("/link").accept(accept).cookie(&cookie));
            if accept == PAGE {
                assert_eq!(answer.header("location"), "/register");
            } else {
                assert_eq!(answer.status, 409);
            }
            assert_eq!(answer.told("kunci-link"), None);
        }
        assert_eq!(
            site.send(get("/register").accept(PAGE).cookie(&cookie)).status,
            200
        );
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
