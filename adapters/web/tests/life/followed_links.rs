//! The effect of following a link, for each purpose and representation.
//!
//! `links.rs` tests the lifetime and single use of links.

use kunci_domain::Purpose;

use crate::support::{
    ACCEPT_HEADERS, JSON, NEW_PASSWORD, PAGE, PASSWORD, Site, TEXT, get, link_form, open_link, sign_in_form,
    unconfirmed_site,
};

#[test]
fn address_is_confirmed_only_by_post() {
    for accept in ACCEPT_HEADERS {
        for signed_in in [true, false] {
            let (site, ada) = unconfirmed_site();
            let link = site.take_mailed_link();
            assert!(site.user("ada").unwrap().confirmed_address().is_none());
            let request = link_form(&link, &[]).accept(accept);
            let answer = site.send(if signed_in { request.cookie(&ada) } else { request });
            match accept {
                TEXT => assert_eq!(answer.body, "Address confirmed\n"),
                JSON => assert_eq!(answer.json()["message"], "Address confirmed"),
                _ => {
                    let place = if signed_in { "/account" } else { "/login?confirmed" };
                    assert_eq!((answer.status, answer.header("location")), (303, place));
                }
            }
            assert_eq!(answer.set_cookie(), None, "it does not sign the user in");
            assert!(site.user("ada").unwrap().confirmed_address().is_some());
        }
    }
    let page = Site::new().send(get("/login?confirmed").accept(PAGE)).body;
    assert!(page.contains("Your email address is confirmed."), "{page}");
}

#[test]
fn reset_link_changes_the_password_without_sign_in() {
    for accept in ACCEPT_HEADERS {
        let (site, ada) = unconfirmed_site();
        let link = site.issue_link("ada", Purpose::ResetPassword);
        let fields = [("new_password", NEW_PASSWORD), ("repeat_password", NEW_PASSWORD)];
        let answer = site.send(link_form(&link, &fields).accept(accept));
        match accept {
            TEXT => assert_eq!(answer.body, "Password changed\n"),
            JSON => assert_eq!(answer.json()["message"], "Password changed"),
            _ => assert_eq!(
                (answer.status, answer.header("location")),
                (303, "/login?changed")
            ),
        }
        assert_eq!(answer.set_cookie(), None);
        assert_eq!(site.live_sessions(), [], "all sessions end");
        assert_eq!(site.profile(&ada), "You are not logged in\n");
        let attempt = |password| site.send(sign_in_form("ada", password)).status;
        assert_eq!((attempt(PASSWORD), attempt(NEW_PASSWORD)), (401, 200));
    }
    let site = Site::new();
    let page = |path: &str| site.send(get(path).accept(PAGE)).body;
    assert_ne!(page("/login?changed"), page("/login"), "the page shows a notice");
}

#[test]
fn account_link_page_shows_the_user_name() {
    let (site, ada) = unconfirmed_site();
    let shown = |purpose, name: &str| {
        let cookie = open_link(&site, &site.issue_any_link(purpose, &ada));
        site.send(get("/link").accept(PAGE).cookie(&cookie))
            .body
            .contains(name)
    };
    assert!(shown(Purpose::ResetPassword, "value=\"ada\""));
    assert!(shown(Purpose::SignIn, "signs you in as <b>ada</b>"));
    // The recipient may be a stranger if the user mistyped the address.
    assert!(!shown(Purpose::ConfirmAddress, ">ada<"));
}

#[test]
fn invalid_new_password_keeps_the_link_usable() {
    let (site, _) = unconfirmed_site();
    let link = site.issue_link("ada", Purpose::ResetPassword);
    for (new, repeat, message) in [
        ("7 chars", "7 chars", "A password has at least 8 characters"),
        ("password1", "password1", "too common"),
        (
            "xxADAxxxx",
            "xxADAxxxx",
            "A password must not contain the username",
        ),
        (NEW_PASSWORD, "another one", "The two new passwords differ"),
    ] {
        for accept in ACCEPT_HEADERS {
            let fields = [("new_password", new), ("repeat_password", repeat)];
            let answer = site.send(link_form(&link, &fields).accept(accept));
            assert_eq!(answer.status, 422, "{new} as {accept}");
            assert!(
                answer.body.contains(message),
                "{new} as {accept}: {}",
                answer.body
            );
            assert!(
                !answer.body.contains(new),
                "{new} as {accept}: the response repeats it"
            );
            assert_eq!(answer.headers.get("set-cookie"), None, "{new} as {accept}");
        }
    }
    let missing = site.send(link_form(&link, &[]).accept(JSON));
    assert_eq!((missing.status, missing.code().as_str()), (400, "missing_field"));
    let fields = [("new_password", NEW_PASSWORD)];
    assert_eq!(site.send(link_form(&link, &fields)).status, 200);
}

#[test]
fn sign_in_link_is_not_permanent_and_requires_the_code() {
    for accept in ACCEPT_HEADERS {
        let (site, _) = unconfirmed_site();
        let link = site.issue_link("ada", Purpose::SignIn);
        let answer = site.send(link_form(&link, &[]).accept(accept));
        match accept {
            TEXT => assert_eq!(answer.body, "Logged in\n"),
            JSON => assert_eq!(answer.json()["user"]["name"], "ada"),
            _ => assert_eq!(answer.header("location"), "/profile"),
        }
        assert!(!answer.set_cookie().unwrap().contains("Max-Age"));
        assert_eq!(site.profile(&answer.cookie().unwrap()), "Welcome, ada\n");

        site.add_second_factor("ada");
        let link = site.issue_link("ada", Purpose::SignIn);
        let answer = site.send(link_form(&link, &[]).accept(accept));
        match accept {
            TEXT => assert_eq!(
                (answer.status, answer.body.as_str()),
                (401, "Enter the code from your authenticator\n")
            ),
            JSON => assert_eq!((answer.status, answer.code().as_str()), (401, "code_needed")),
            _ => assert_eq!(answer.header("location"), "/login/code"),
        }
        assert_eq!(site.profile(&answer.cookie().unwrap()), "You are not logged in\n");
        assert_eq!(
            site.send(link_form(&link, &[])).status,
            410,
            "the link is used up"
        );
    }
}

#[test]
fn invitation_link_leads_to_sign_up_and_stays_valid() {
    let site = Site::new();
    for token in [site.issue_set_up_link(), site.issue_invitation(1)] {
        let cookie = open_link(&site, &token);
        for accept in ACCEPT_HEADERS {
            let answer = site.send(get("/link").accept(accept).cookie(&cookie));
            assert_eq!(
                (answer.status, answer.header("location")),
                (303, "/register"),
                "{accept}"
            );
            let answer = site.send(link_form(&token, &[]).accept(accept));
            if accept == PAGE {
                assert_eq!(answer.header("location"), "/register");
            } else {
                assert_eq!(answer.status, 409);
            }
            assert_eq!(answer.set_cookie_of("kunci-link"), None);
        }
        assert_eq!(
            site.send(get("/register").accept(PAGE).cookie(&cookie)).status,
            200
        );
    }
}

#[test]
fn only_the_owner_sees_that_the_address_is_confirmed() {
    for by_owner in [true, false] {
        let (site, ada) = unconfirmed_site();
        let link = site.take_mailed_link();
        let bob = site.sign_up("bob");
        let (session, location) = if by_owner {
            (ada, "/account")
        } else {
            (bob, "/login")
        };
        let answer = site.send(link_form(&link, &[]).accept(PAGE).cookie(&session));
        assert_eq!(answer.header("location"), location);
        let account = site.send(get("/account").accept(PAGE).cookie(&session)).body;
        assert_eq!(account.contains("is confirmed"), by_owner, "{account}");
        assert!(site.user("ada").unwrap().confirmed_address().is_some());
    }
}
