//! Sign-up by invitation, and the administrators who invite.

use kunci_domain::ports::Clock;
use kunci_domain::{AccountPolicy, LinkToken, Role, SignUpMode};

use crate::support::{
    Answer, DAY, FORMS, JSON, PAGE, PASSWORD, Setup, Site, TEXT, delete, form, get, json, open_link,
};

fn site(sign_up: SignUpMode) -> Site {
    Site::with(Setup {
        accounts: AccountPolicy {
            sign_up,
            ..AccountPolicy::default()
        },
        ..Setup::default()
    })
}

fn register(site: &Site, more: &[(&str, &str)], accept: &str, cookie: &str) -> Answer {
    let fields = [&[("username", "eve"), ("password", PASSWORD)], more].concat();
    site.send(form("/register", &fields).accept(accept).cookie(cookie))
}

/// A cookie of an administrator whose proof is fresh.
fn administrator(site: &Site) -> String {
    site.add_user("root", Role::Administrator);
    site.sign_in("root")
}

#[test]
fn without_an_invitation_nobody_is_taken_where_one_is_needed() {
    for (mode, message) in [
        (
            SignUpMode::Invitation,
            "You need an invitation to create an account here",
        ),
        (SignUpMode::Closed, "This site does not accept new accounts"),
    ] {
        let site = site(mode);
        for accept in FORMS {
            let answer = register(&site, &[], accept, "");
            assert_eq!(
                (answer.status, answer.set_cookie()),
                (403, None),
                "{mode:?} as {accept}"
            );
            match accept {
                TEXT => assert_eq!(answer.body, format!("{message}\n")),
                JSON => assert_eq!(answer.code(), "not_invited"),
                _ => assert!(answer.body.starts_with("<!DOCTYPE html>")),
            }
        }
        let body = format!(r#"{{"username":"eve","password":"{PASSWORD}"}}"#);
        let answer = site.send(json("POST", "/api/v1/users", &body));
        assert_eq!((answer.status, answer.code().as_str()), (403, "not_invited"));
        assert_eq!((site.user("eve"), site.hasher.hashes()), (None, 0), "{mode:?}");
        assert_eq!(site.send(get("/register").accept(PAGE)).status, 200);
    }
}

#[test]
fn an_invitation_lets_in_by_field_and_by_its_link_as_often_as_it_says() {
    for by_link in [true, false] {
        let site = site(SignUpMode::Invitation);
        let token = site.add_invitation(2);
        let text = token.expose().to_string();
        let cookie = open_link(&site, &token);
        for n in 0..3 {
            let name = format!("user{n}");
            let fields = [
                ("username", name.as_str()),
                ("password", PASSWORD),
                ("invitation", &text),
            ];
            let answer = if by_link {
                site.send(form("/register", &fields[..2]).cookie(&cookie))
            } else {
                site.send(form("/register", &fields))
            };
            let want = if n < 2 {
                (201, "Account created\n")
            } else {
                (410, answer.body.as_str())
            };
            assert_eq!(
                (answer.status, answer.body.as_str()),
                want,
                "{n} by link: {by_link}"
            );
            let gone = answer
                .told("kunci-link")
                .is_some_and(|line| line.contains("Max-Age=0"));
            assert_eq!(
                gone,
                by_link && n < 2,
                "the link's cookie goes when it has served"
            );
        }
    }
    let site = site(SignUpMode::Invitation);
    let token = site.add_invitation(1).expose().to_string();
    let body = format!(r#"{{"username":"eve","password":"{PASSWORD}","invitation":"{token}"}}"#);
    let answer = site.send(json("POST", "/api/v1/users", &body));
    assert_eq!(
        (answer.status, answer.json()["user"]["administrator"].as_bool()),
        (201, Some(false))
    );
}

#[test]
fn an_invitation_survives_a_form_that_was_refused() {
    let site = site(SignUpMode::Invitation);
    let cookie = open_link(&site, &site.add_invitation(1));
    for (name, password) in [("a b", PASSWORD), ("eve", "short"), ("eve", "password1")] {
        let fields = [("username", name), ("password", password)];
        let answer = site.send(form("/register", &fields).accept(PAGE).cookie(&cookie));
        assert_eq!((answer.status, answer.told("kunci-link")), (422, None), "{name}");
    }
    assert_eq!(register(&site, &[], TEXT, &cookie).status, 201);
}

#[test]
fn invitations_that_are_dead_or_none_are_told_so() {
    let site = site(SignUpMode::Invitation);
    let old = site.add_invitation(1);
    site.clock.advance(DAY);
    let zeros = "0".repeat(64);
    for token in [&*old.expose(), "x", &zeros] {
        for accept in FORMS {
            let answer = register(&site, &[("invitation", token)], accept, "");
            assert_eq!(answer.status, 410, "{token} as {accept}");
            assert!(accept != JSON || answer.code() == "link_dead");
        }
    }
    assert_eq!(
        register(&site, &[("invitation", " ")], TEXT, "").status,
        403,
        "blank is none"
    );
    assert!(site.user("eve").is_none());
}

#[test]
fn where_everybody_may_sign_up_a_dead_link_of_before_does_not_matter() {
    let site = site(SignUpMode::Open);
    let token = LinkToken::parse(&"0".repeat(64)).unwrap();
    let cookie = open_link(&site, &token);
    assert_eq!(register(&site, &[], TEXT, &cookie).status, 201);
}

#[test]
fn the_set_up_link_makes_the_first_administrator_whatever_the_mode_and_dies_with_it() {
    for mode in [SignUpMode::Open, SignUpMode::Invitation, SignUpMode::Closed] {
        let site = site(mode);
        let token = site.add_set_up_link();
        let cookie = open_link(&site, &token);
        assert_eq!(
            site.send(get("/register").accept(PAGE).cookie(&cookie)).status,
            200
        );
        assert_eq!(register(&site, &[], TEXT, &cookie).status, 201, "{mode:?}");
        assert_eq!(site.user("eve").unwrap().role, Role::Administrator, "{mode:?}");
        let fields = [
            ("username", "bob"),
            ("password", PASSWORD),
            ("invitation", &*token.expose()),
        ];
        assert_eq!(site.send(form("/register", &fields)).status, 410, "{mode:?}");
    }
}

#[test]
fn an_administrator_invites_and_the_link_is_shown_once() {
    for accept in FORMS {
        let site = site(SignUpMode::Invitation);
        let root = administrator(&site);
        let fields = [("uses", "3"), ("days", "2")];
        let answer = site.send(form("/admin/invitations", &fields).accept(accept).cookie(&root));
        assert_eq!(answer.status, 201, "{}", answer.body);
        let start = answer
            .body
            .find("http://localhost:8080/link?token=")
            .expect("the link");
        let link: String = answer.body[start..].chars().take(33 + 64).collect();
        let listed = site.send(get("/api/v1/invitations").cookie(&root));
        assert_eq!(listed.json()["invitations"][0]["uses_left"], 3);
        assert_eq!(
            listed.json()["invitations"][0]["expires_at"],
            "2026-11-24T18:15:00Z"
        );
        for form in FORMS {
            let page = site
                .send(get("/admin/invitations").accept(form).cookie(&root))
                .body;
            assert!(!page.contains(&link[33..]), "{form} shows it again");
        }
        let cookie = site
            .send(get(&link["http://localhost:8080".len()..]))
            .pair("kunci-link")
            .unwrap();
        assert_eq!(register(&site, &[], TEXT, &cookie).status, 201);
    }
}

#[test]
fn links_lead_to_the_address_that_people_know() {
    let site = Site::https();
    let root = administrator(&site);
    let answer = site.send(json("POST", "/api/v1/invitations", "{}").cookie(&root));
    let link = answer.json()["link"].as_str().unwrap().to_owned();
    assert!(link.starts_with("https://id.example.org/link?token="), "{link}");
}

#[test]
fn what_is_not_said_is_one_account_within_a_week() {
    let site = site(SignUpMode::Invitation);
    let root = administrator(&site);
    for ask in [
        form("/admin/invitations", &[]),
        form("/admin/invitations", &[("uses", ""), ("days", "")]),
        json("POST", "/api/v1/invitations", "{}"),
    ] {
        assert_eq!(site.send(ask.cookie(&root)).status, 201);
    }
    let listed = site.send(get("/api/v1/invitations").cookie(&root)).json();
    for invitation in listed["invitations"].as_array().unwrap() {
        assert_eq!(
            (
                invitation["uses_left"].as_u64(),
                invitation["expires_at"].as_str()
            ),
            (Some(1), Some("2026-11-29T18:15:00Z"))
        );
        let keys: Vec<_> = invitation.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["created_at", "expires_at", "id", "uses_left"]);
    }
}

#[test]
fn an_invitation_that_is_withdrawn_is_dead() {
    let site = site(SignUpMode::Invitation);
    let root = administrator(&site);
    let tokens = [site.add_invitation(1), site.add_invitation(1)];
    let ids = tokens.each_ref().map(|token| token.key().public_id());
    let answer = site.send(form("/admin/invitations/withdraw", &[("id", &ids[0])]).cookie(&root));
    assert_eq!(answer.body, "Invitation withdrawn\n");
    let answer = site.send(delete(&format!("/api/v1/invitations/{}", ids[1])).cookie(&root));
    assert_eq!(answer.status, 200);
    for token in &tokens {
        assert_eq!(
            register(&site, &[("invitation", &*token.expose())], TEXT, "").status,
            410
        );
    }
    for accept in FORMS {
        let ask = form("/admin/invitations/withdraw", &[("id", &ids[0])]).accept(accept);
        let answer = site.send(ask.cookie(&root));
        assert_eq!(answer.status, 404);
        assert!(accept != JSON || answer.code() == "no_such_invitation");
    }
}

#[test]
fn members_and_nobody_invite_nobody() {
    let site = site(SignUpMode::Invitation);
    site.add_user("bob", Role::Member);
    let bob = site.sign_in("bob");
    let id = site.add_invitation(1).key().public_id();
    let asks = || {
        [
            get("/admin/invitations"),
            form("/admin/invitations", &[]),
            form("/admin/invitations/withdraw", &[("id", &id)]),
            get("/api/v1/invitations"),
            json("POST", "/api/v1/invitations", "{}"),
            delete(&format!("/api/v1/invitations/{id}")),
        ]
    };
    for accept in FORMS {
        for ask in asks() {
            let case = format!("{} {} as {accept}", ask.0.method(), ask.0.uri());
            let answer = site.send(ask.accept(accept).cookie(&bob));
            assert_eq!(answer.status, 403, "{case}");
            assert!(answer.body.contains("This is for administrators only"), "{case}");
        }
        for ask in asks() {
            assert!(matches!(site.send(ask.accept(accept)).status, 401 | 303));
        }
    }
    let listed = kunci_domain::use_cases::invitations(&site.core, site.clock.now()).unwrap();
    assert_eq!(listed.len(), 1, "nothing came of it");
}

#[test]
fn no_link_is_made_that_would_let_nobody_in() {
    let site = site(SignUpMode::Closed);
    let root = administrator(&site);
    for accept in FORMS {
        let answer = site.send(form("/admin/invitations", &[]).accept(accept).cookie(&root));
        assert_eq!(answer.status, 403, "as {accept}");
        assert!(
            answer.body.contains("This site does not accept new accounts"),
            "{}",
            answer.body
        );
    }
    let list = site.send(get("/api/v1/invitations").cookie(&root)).json();
    assert_eq!(list, serde_json::json!({"invitations": []}));
}
