//! What following a link does, purpose by purpose, in the three forms.
//!
//! How long links live and how often they serve is in `links`.

use kunci_domain::Purpose;

use crate::support::{FORMS, JSON, NEW_PASSWORD, PAGE, PASSWORD, Site, TEXT, form, get, open_link, post};

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
                    let place = if signed_in { "/account" } else { "/login?confirmed" };
                    assert_eq!((answer.status, answer.header("location")), (303, place));
                }
            }
            assert!(answer.told("kunci-link").unwrap().contains("Max-Age=0"));
            assert_eq!(answer.set_cookie(), None, "it signs nobody in");
            assert!(site.user("ada").unwrap().confirmed_address().is_some());
        }
    }
    let page = Site::new().send(get("/login?confirmed").accept(PAGE)).body;
    assert!(page.contains("Your e-mail address is confirmed."), "{page}");
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
fn the_page_of_a_link_that_opens_an_account_names_it() {
    let (site, ada) = site();
    let shown = |purpose, name: &str| {
        let cookie = open_link(&site, &site.link_of(purpose, &ada));
        site.send(get("/link").accept(PAGE).cookie(&cookie))
            .body
            .contains(name)
    };
    assert!(shown(Purpose::ResetPassword, "value=\"ada\""));
    assert!(shown(Purpose::SignIn, "signs you in as <b>ada</b>"));
    // Somebody else may have mistyped the address.
    assert!(!shown(Purpose::ConfirmAddress, ">ada<"));
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
    assert_eq!((missing.status, missing.code().as_str()), (400, "missing_field"));
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
                (401, "Enter the code from your authenticator\n")
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
fn whoever_else_is_signed_in_is_not_told_of_anothers_address() {
    let (site, _) = site();
    let cookie = open_link(&site, &site.take_link());
    let bob = site.sign_up("bob");
    let answer = site.send(post("/link").accept(PAGE).cookie(&format!("{bob}; {cookie}")));
    assert_eq!(answer.header("location"), "/login");
    let account = site.send(get("/account").accept(PAGE).cookie(&bob)).body;
    assert!(!account.contains("is confirmed"), "{account}");
    assert!(site.user("ada").unwrap().confirmed_address().is_some());
}
