//! Links in several tabs of one browser: each form acts on what its page showed, for as long as its link works.

use std::time::Duration;

use kunci_domain::{LinkToken, Purpose};

use crate::support::{
    Client, DAY, JSON, NEW_PASSWORD, PAGE, PASSWORD, Site, TestRequest, form, get, open_link,
};

/// The page of a link in one tab.
struct Tab {
    page: String,
}

impl Tab {
    /// Opens a link and follows its redirects.
    #[track_caller]
    fn open(client: &Client<'_>, token: &LinkToken) -> Self {
        let mut answer = client.send(get(&format!("/link?token={}", *token.expose())).accept(PAGE));
        while answer.status == 303 {
            answer = client.send(get(answer.header("location")).accept(PAGE));
        }
        assert_eq!(answer.status, 200, "{}", answer.body);
        Self { page: answer.body }
    }

    /// Fills in the form of the page as a user does. `name` is for a new account.
    #[track_caller]
    fn filled_form(&self, name: &str) -> TestRequest {
        let (_, main) = self.page.split_once("<main").unwrap();
        let (_, form_and_rest) = main.split_once(r#"method="post" action=""#).unwrap();
        let (action, rest) = form_and_rest.split_once('"').unwrap();
        let (inputs, _) = rest.split_once("</form>").unwrap();
        let hidden = inputs.split(r#"type="hidden" name=""#).skip(1).map(|input| {
            let (name, rest) = input.split_once(r#"" value=""#).unwrap();
            (name, rest.split('"').next().unwrap())
        });
        let entered = [
            ("username", name),
            ("password", PASSWORD),
            ("new_password", NEW_PASSWORD),
            ("repeat_password", NEW_PASSWORD),
        ];
        let entered = entered
            .into_iter()
            .filter(|(field, _)| inputs.contains(&format!(r#"name="{field}""#)));
        form(action, &hidden.chain(entered).collect::<Vec<_>>()).accept(PAGE)
    }
}

/// Issues a link, for an account of `name` if the purpose needs one.
fn issue(site: &Site, purpose: Purpose, name: &str) -> LinkToken {
    match purpose {
        Purpose::Invitation => site.issue_invitation(1),
        Purpose::SetUp => site.issue_set_up_link(),
        _ => {
            let session = site.sign_up_as(name, &format!("{name}@example.org"));
            site.issue_any_link_for(name, purpose, &session)
        }
    }
}

fn is_dead(site: &Site, token: &LinkToken) -> bool {
    let cookie = open_link(site, token);
    site.send(get("/link").accept(JSON).cookie(&cookie)).status == 410
}

/// Returns a client that is signed in as `viewer`, if there is one.
fn client<'s>(site: &'s Site, viewer: Option<&str>) -> Client<'s> {
    let client = site.client();
    if let Some(name) = viewer {
        client.send(form("/register", &[("username", name), ("password", PASSWORD)]));
    }
    client
}

/// Opens a link for ada, then one for grace, and sends the form of ada's and then that of grace's.
#[track_caller]
fn check_pair(first: Purpose, second: Purpose, viewer: Option<&str>) {
    let case = format!("{first:?}, then {second:?}, signed in: {viewer:?}");
    let site = Site::new();
    let (ada, grace) = (issue(&site, first, "ada"), issue(&site, second, "grace"));
    let client = client(&site, viewer);
    let tabs = [Tab::open(&client, &ada), Tab::open(&client, &grace)];
    let before = site.user("grace");
    let sent = client.send(tabs[0].filled_form("new1"));
    assert_eq!(sent.status, 303, "{case}: {}", sent.body);
    assert_eq!(
        (is_dead(&site, &ada), is_dead(&site, &grace)),
        (true, false),
        "{case}"
    );
    assert_eq!(site.user("grace"), before, "{case}");
    let before = site.user("ada");
    let sent = client.send(tabs[1].filled_form("new2"));
    assert_eq!(sent.status, 303, "{case}: {}", sent.body);
    assert!(is_dead(&site, &grace), "{case}");
    assert_eq!(site.user("ada"), before, "{case}");
}

#[test]
fn form_acts_on_the_link_that_its_page_showed() {
    let purposes = Purpose::ALL.into_iter().filter(|one| *one != Purpose::SetUp);
    let purposes: Vec<Purpose> = purposes.collect();
    for first in &purposes {
        for second in &purposes {
            for viewer in [None, Some("bob")] {
                check_pair(*first, *second, viewer);
            }
        }
    }
    // Other links cannot coexist with the link for the first administrator.
    check_pair(Purpose::SetUp, Purpose::Invitation, None);
}

#[test]
fn set_up_form_creates_no_member_when_its_link_is_dead() {
    let site = Site::new();
    let client = site.client();
    let set_up = Tab::open(&client, &site.issue_set_up_link());
    let invited = Tab::open(&client, &site.issue_invitation(1));
    assert_eq!(client.send(invited.filled_form("new1")).status, 303);
    assert_eq!(client.send(set_up.filled_form("new2")).status, 410);
    assert!(site.user("new2").is_none());
}

#[test]
fn form_works_without_cookies_until_the_link_expires() {
    for purpose in Purpose::ALL {
        for (margin, status) in [(Duration::from_millis(1), 303), (Duration::ZERO, 410)] {
            let site = Site::new();
            let tab = Tab::open(&site.client(), &issue(&site, purpose, "ada"));
            let lifetime = match purpose {
                Purpose::Invitation => DAY,
                _ => purpose.lifetime(),
            };
            site.clock.advance(lifetime - margin);
            let sent = site.send(tab.filled_form("new"));
            assert_eq!(sent.status, status, "{purpose:?}, {margin:?} before its end");
        }
    }
}

#[test]
fn form_that_was_refused_keeps_its_link() {
    let refused = [
        ("new_password", "short"),
        ("username", "a b"),
        ("password", PASSWORD),
    ];
    for purpose in [Purpose::ResetPassword, Purpose::Invitation] {
        let site = Site::new();
        let token = issue(&site, purpose, "ada");
        let text = token.expose();
        let (path, field) = match purpose {
            Purpose::ResetPassword => ("/link", "token"),
            _ => ("/register", "invitation"),
        };
        let fields = [&refused[..], &[(field, text.as_str())]].concat();
        let answer = site.send(form(path, &fields).accept(PAGE));
        assert_eq!(answer.status, 422, "{purpose:?}");
        let tab = Tab { page: answer.body };
        assert_eq!(site.send(tab.filled_form("new")).status, 303, "{purpose:?}");
        assert!(is_dead(&site, &token), "{purpose:?}");
    }
}

#[test]
fn link_of_another_user_says_who_is_signed_in() {
    for purpose in Purpose::ALL.into_iter().filter(|one| *one != Purpose::SetUp) {
        let site = Site::new();
        let token = issue(&site, purpose, "ada");
        let notice = |viewer| {
            let page = Tab::open(&client(&site, viewer), &token).page;
            let (_, main) = page.split_once("<main").unwrap();
            main.contains("You are signed in as <b>bob</b>.")
        };
        assert_eq!((notice(None), notice(Some("bob"))), (false, true), "{purpose:?}");
    }
}

#[test]
fn reset_says_whose_password_was_changed() {
    for (viewer, location, notice) in [
        (None, "/login?changed", "Your password has been changed."),
        (Some("ada"), "/login?changed", "Your password has been changed."),
        (
            Some("bob"),
            "/profile",
            "The password of ada has been changed. You are still signed in as bob.",
        ),
    ] {
        let site = Site::new();
        let token = issue(&site, Purpose::ResetPassword, "ada");
        let client = client(&site, viewer.filter(|name| *name != "ada"));
        if viewer == Some("ada") {
            client.send(form("/login", &[("username", "ada"), ("password", PASSWORD)]));
        }
        let tab = Tab::open(&client, &token);
        assert!(tab.page.contains("the password of <b>ada</b>"), "{}", tab.page);
        assert!(
            !tab.page.contains("another account") || viewer == Some("bob"),
            "{viewer:?}"
        );
        let sent = client.send(tab.filled_form(""));
        assert_eq!(sent.header("location"), location, "{viewer:?}");
        let next = client.send(get(location).accept(PAGE)).body;
        assert!(next.contains(notice), "{viewer:?}: {next}");
    }
}
