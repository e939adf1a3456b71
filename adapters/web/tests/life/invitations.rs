//! Sign-up by invitation, and the management of invitations by administrators.

use kunci_domain::ports::Clock;
use kunci_domain::{AccountPolicy, Actor, EventKind, Interface, LinkToken, Role, SignUpMode};

use crate::support::{
    ACCEPT_HEADERS, DAY, JSON, PAGE, PASSWORD, Setup, Site, TEXT, TestRequest, TestResponse, delete, form,
    get, json, open_link, operator,
};

fn site(sign_up: SignUpMode) -> Site {
    Site::with(Setup {
        account_policy: AccountPolicy {
            sign_up,
            ..AccountPolicy::default()
        },
        ..Setup::default()
    })
}

fn register(site: &Site, extra: &[(&str, &str)], accept: &str, cookie: &str) -> TestResponse {
    let fields = [&[("username", "eve"), ("password", PASSWORD)], extra].concat();
    site.send(form("/register", &fields).accept(accept).cookie(cookie))
}

/// Signs in an administrator and returns the session cookie.
fn administrator(site: &Site) -> String {
    site.add_user("root", Role::Administrator);
    site.sign_in("root")
}

#[test]
fn sign_up_without_a_required_invitation_is_refused() {
    for (mode, message) in [
        (
            SignUpMode::Invitation,
            "You need an invitation to create an account here",
        ),
        (SignUpMode::Closed, "This site does not accept new accounts"),
    ] {
        let site = site(mode);
        for accept in ACCEPT_HEADERS {
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
fn invitation_works_as_often_as_it_allows() {
    for by_link in [true, false] {
        let site = site(SignUpMode::Invitation);
        let token = site.issue_invitation(2);
        let text = token.expose().to_string();
        let other = site.issue_invitation(1);
        let cookie = open_link(&site, if by_link { &token } else { &other });
        for n in 0..3 {
            let name = format!("user{n}");
            let fields = [
                ("username", name.as_str()),
                ("password", PASSWORD),
                ("invitation", &text),
            ];
            let answer = site.send(form("/register", &fields).cookie(&cookie));
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
            let removed = answer
                .set_cookie_of("kunci-link")
                .is_some_and(|line| line.contains("Max-Age=0"));
            assert_eq!(
                removed,
                by_link && n < 2,
                "a successful sign-up removes the cookie of its invitation"
            );
        }
    }
    let site = site(SignUpMode::Invitation);
    let token = site.issue_invitation(1).expose().to_string();
    let body = format!(r#"{{"username":"eve","password":"{PASSWORD}","invitation":"{token}"}}"#);
    let answer = site.send(json("POST", "/api/v1/users", &body));
    assert_eq!(
        (answer.status, answer.json()["user"]["administrator"].as_bool()),
        (201, Some(false))
    );
}

#[test]
fn refused_sign_up_does_not_use_the_invitation() {
    let site = site(SignUpMode::Invitation);
    let token = site.issue_invitation(1);
    let cookie = open_link(&site, &token);
    let token = token.expose();
    let token = token.as_str();
    for (name, password) in [("a b", PASSWORD), ("eve", "short"), ("eve", "password1")] {
        let fields = [("username", name), ("password", password), ("invitation", token)];
        let answer = site.send(form("/register", &fields).accept(PAGE).cookie(&cookie));
        assert_eq!(
            (answer.status, answer.set_cookie_of("kunci-link")),
            (422, None),
            "{name}"
        );
    }
    assert_eq!(
        register(&site, &[("invitation", token)], TEXT, &cookie).status,
        201
    );
}

#[test]
fn expired_and_unknown_invitations_are_refused() {
    let site = site(SignUpMode::Invitation);
    let old = site.issue_invitation(1);
    site.clock.advance(DAY);
    let zeros = "0".repeat(64);
    for token in [&*old.expose(), "x", &zeros] {
        for accept in ACCEPT_HEADERS {
            let answer = register(&site, &[("invitation", token)], accept, "");
            assert_eq!(answer.status, 410, "{token} as {accept}");
            assert!(accept != JSON || answer.code() == "link_dead");
        }
    }
    assert_eq!(
        register(&site, &[("invitation", " ")], TEXT, "").status,
        403,
        "a blank invitation counts as missing"
    );
    assert!(site.user("eve").is_none());
}

#[test]
fn open_sign_up_ignores_a_dead_link() {
    let site = site(SignUpMode::Open);
    let token = LinkToken::parse(&"0".repeat(64)).unwrap();
    let cookie = open_link(&site, &token);
    let page = site.send(get("/register").accept(PAGE).cookie(&cookie)).body;
    assert!(page.contains("<form") && !page.contains("invitation"), "{page}");
    assert_eq!(register(&site, &[], TEXT, &cookie).status, 201);
}

#[test]
fn set_up_link_creates_one_administrator_in_every_mode() {
    for mode in [SignUpMode::Open, SignUpMode::Invitation, SignUpMode::Closed] {
        let site = site(mode);
        let token = site.issue_set_up_link();
        let cookie = open_link(&site, &token);
        assert_eq!(
            site.send(get("/register").accept(PAGE).cookie(&cookie)).status,
            200
        );
        let token = token.expose();
        let invitation = ("invitation", token.as_str());
        assert_eq!(register(&site, &[invitation], TEXT, "").status, 201, "{mode:?}");
        assert_eq!(site.user("eve").unwrap().role, Role::Administrator, "{mode:?}");
        let fields = [("username", "bob"), ("password", PASSWORD), invitation];
        assert_eq!(site.send(form("/register", &fields)).status, 410, "{mode:?}");
    }
}

#[test]
fn administrator_can_invite_and_sees_the_link_once() {
    for accept in ACCEPT_HEADERS {
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
        for list_accept in ACCEPT_HEADERS {
            let page = site
                .send(get("/admin/invitations").accept(list_accept).cookie(&root))
                .body;
            assert!(!page.contains(&link[33..]), "{list_accept} shows it again");
        }
        assert_eq!(
            register(&site, &[("invitation", &link[33..])], TEXT, "").status,
            201
        );
    }
}

#[test]
fn links_use_the_public_address() {
    let site = Site::https();
    let root = administrator(&site);
    let answer = site.send(json("POST", "/api/v1/invitations", "{}").cookie(&root));
    let link = answer.json()["link"].as_str().unwrap().to_owned();
    assert!(link.starts_with("https://id.example.org/link?token="), "{link}");
}

#[test]
fn default_invitation_is_for_one_account_and_one_week() {
    let site = site(SignUpMode::Invitation);
    let root = administrator(&site);
    for request in [
        form("/admin/invitations", &[]),
        form("/admin/invitations", &[("uses", ""), ("days", "")]),
        json("POST", "/api/v1/invitations", "{}"),
    ] {
        assert_eq!(site.send(request.cookie(&root)).status, 201);
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
fn withdrawn_invitation_is_dead() {
    let site = site(SignUpMode::Invitation);
    let root = administrator(&site);
    let tokens = [site.issue_invitation(1), site.issue_invitation(1)];
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
    for accept in ACCEPT_HEADERS {
        let request = form("/admin/invitations/withdraw", &[("id", &ids[0])]).accept(accept);
        let answer = site.send(request.cookie(&root));
        assert_eq!(answer.status, 404);
        assert!(accept != JSON || answer.code() == "no_such_invitation");
    }
}

#[test]
fn invitation_events_name_the_administrator_and_the_interface() {
    type Prepare = fn(&str) -> TestRequest;
    let requests: [(Interface, EventKind, Prepare); 4] = [
        (Interface::Page, EventKind::InvitationCreated, |_| {
            form("/admin/invitations", &[])
        }),
        (Interface::Page, EventKind::InvitationRevoked, |id| {
            form("/admin/invitations/withdraw", &[("id", id)])
        }),
        (Interface::Api, EventKind::InvitationCreated, |_| {
            json("POST", "/api/v1/invitations", "{}")
        }),
        (Interface::Api, EventKind::InvitationRevoked, |id| {
            delete(&format!("/api/v1/invitations/{id}"))
        }),
    ];
    for (interface, kind, prepare) in requests {
        let site = site(SignUpMode::Invitation);
        let root = administrator(&site);
        let request = prepare(&site.issue_invitation(1).key().public_id());
        let answer = site.send(request.cookie(&root).header("user-agent", "a browser"));
        assert!(answer.status < 300, "{}", answer.body);
        let event = site.accounts.all_events().unwrap().pop().unwrap();
        let root = site.user("root").unwrap().id;
        assert_eq!(event.actor, Actor::Administrator(root, interface), "{kind:?}");
        assert_eq!((event.kind, event.target), (kind, None));
        assert_eq!(event.device.user_agent(), "a browser");
    }
}

#[test]
fn only_administrators_manage_invitations() {
    let site = site(SignUpMode::Invitation);
    site.add_user("bob", Role::Member);
    let bob = site.sign_in("bob");
    let id = site.issue_invitation(1).key().public_id();
    let requests = || {
        [
            get("/admin/invitations"),
            form("/admin/invitations", &[]),
            form("/admin/invitations/withdraw", &[("id", &id)]),
            get("/api/v1/invitations"),
            json("POST", "/api/v1/invitations", "{}"),
            delete(&format!("/api/v1/invitations/{id}")),
        ]
    };
    for accept in ACCEPT_HEADERS {
        for request in requests() {
            let case = format!("{} {} as {accept}", request.0.method(), request.0.uri());
            let answer = site.send(request.accept(accept).cookie(&bob));
            assert_eq!(answer.status, 403, "{case}");
            assert!(answer.body.contains("This is for administrators only"), "{case}");
        }
        for request in requests() {
            assert!(matches!(site.send(request.accept(accept)).status, 401 | 303));
        }
    }
    let listed = kunci_domain::use_cases::invitations(&site.core, &operator(), site.clock.now()).unwrap();
    assert_eq!(listed.len(), 1, "no request had an effect");
}

#[test]
fn closed_sign_up_refuses_new_invitations() {
    let site = site(SignUpMode::Closed);
    let root = administrator(&site);
    for accept in ACCEPT_HEADERS {
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
