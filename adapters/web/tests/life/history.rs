//! `/account/history`: account events in sentences for users and in stable codes for programs.

use std::net::IpAddr;

use kunci_domain::ports::{AccountStore, Clock, Committed};
use kunci_domain::{Actor, Device, Event, EventKind, Interface, Step, UserId};

use crate::support::{ACCEPT_HEADERS, JSON, PAGE, Site, TEXT, get, sign_up_form};

fn append(site: &Site, kind: EventKind, device: Device) {
    append_by(site, Actor::Owner, kind, device);
}

fn append_by(site: &Site, actor: Actor, kind: EventKind, device: Device) {
    let event = Event {
        actor,
        target: site.user("ada").map(|user| user.id),
        at: site.clock.now(),
        kind,
        device,
    };
    let change = Step::AppendEvent(event).into();
    let outcome = site.accounts.commit(&change, site.clock.now()).unwrap();
    assert_eq!(outcome, Committed::Done);
}

#[test]
fn events_are_listed_latest_first() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let address: IpAddr = "192.0.2.7".parse().unwrap();
    append(
        &site,
        EventKind::PasswordChanged,
        Device::new("curl/8.5", Some(address)),
    );
    append(&site, EventKind::PasswordSetByOperator, Device::default());
    let text = site.send(get("/account/history").cookie(&ada)).body;
    assert_eq!(
        text.lines().take(2).collect::<Vec<_>>(),
        [
            "2026-11-22 18:15 UTC, An operator set a new password",
            "2026-11-22 18:15 UTC, The password was changed, curl, 192.0.2.7",
        ]
    );
    for path in ["/account/history", "/api/v1/account/history"] {
        let history = site.send(get(path).accept(JSON).cookie(&ada)).json();
        assert_eq!(
            history["events"][1],
            serde_json::json!({
                "at": "2026-11-22T18:15:00Z",
                "event": "password_changed",
                "device": "curl",
                "address": "192.0.2.7",
            })
        );
        assert_eq!(
            (history["page"].as_u64(), history["more"].as_bool()),
            (Some(1), Some(false))
        );
        assert_eq!(history["events"][0]["device"], serde_json::Value::Null);
    }
    let page = site.send(get("/account/history").accept(PAGE).cookie(&ada)).body;
    assert!(page.contains("The password was changed") && page.contains("192.0.2.7"));
}

#[test]
fn device_of_an_administrator_is_not_shown() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let actor = Actor::Administrator(UserId::from_stored(7), Interface::Page);
    let device = Device::new("curl/8.5", Some([192, 0, 2, 7].into()));
    append_by(&site, actor, EventKind::AllSessionsEndedByOperator, device);
    let text = site.send(get("/account/history").cookie(&ada)).body;
    assert_eq!(
        text.lines().next(),
        Some("2026-11-22 18:15 UTC, An operator ended all sessions")
    );
}

#[test]
fn history_pages_hold_fifty_events() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for _ in 0..100 {
        append(&site, EventKind::SignedIn, Device::default());
    }
    let page = |query: &str| {
        let history = site
            .send(get(&format!("/api/v1/account/history{query}")).cookie(&ada))
            .json();
        (
            history["events"].as_array().unwrap().len(),
            history["more"].as_bool().unwrap(),
        )
    };
    assert_eq!(page(""), (50, true));
    assert_eq!(page("?page=1"), (50, true));
    assert_eq!(page("?page=2"), (50, true));
    assert_eq!(page("?page=3"), (1, false));
    assert_eq!(page("?page=4"), (0, false));
    assert_eq!(page("?page=85899346"), (0, false));
    let html = site
        .send(get("/account/history?page=2").accept(PAGE).cookie(&ada))
        .body;
    assert!(html.contains("/account/history?page=1"), "{html}");
    assert!(html.contains("/account/history?page=3"), "{html}");
}

#[test]
fn invalid_page_numbers_are_refused() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for number in [
        "",
        "0",
        "-1",
        "x",
        "1.5",
        "4294967295",
        "99999999999999999999",
        "1%00",
    ] {
        for accept in ACCEPT_HEADERS {
            let answer = site.send(
                get(&format!("/account/history?page={number}"))
                    .accept(accept)
                    .cookie(&ada),
            );
            assert_eq!(answer.status, 400, "{number} as {accept}");
            assert!(answer.body.contains("the field page has an invalid value"));
        }
    }
}

#[test]
fn users_see_only_their_own_history() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    append(&site, EventKind::PasswordReset, Device::default());
    let bob = site.sign_up("bob");
    for (cookie, shown) in [(ada, true), (bob, false)] {
        let text = site
            .send(get("/account/history").accept(TEXT).cookie(&cookie))
            .body;
        assert_eq!(text.contains("password was reset"), shown, "{text}");
    }
}

#[test]
fn hostile_user_agent_is_shown_as_unknown_device() {
    let site = Site::new();
    let agent = "<script>alert(1)</script>";
    let ada = site
        .send(sign_up_form("ada", crate::support::PASSWORD).header("user-agent", agent))
        .cookie()
        .unwrap();
    for path in ["/account/history", "/account/sessions"] {
        for accept in ACCEPT_HEADERS {
            let answer = site.send(get(path).accept(accept).cookie(&ada));
            assert!(
                !answer.body.contains("<script") && !answer.body.contains("alert"),
                "{path} as {accept}"
            );
            assert!(
                answer.body.contains("Unknown device"),
                "{path} as {accept}: {}",
                answer.body
            );
        }
    }
}
