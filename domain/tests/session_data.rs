//! Session values of applications: reading, changing, flash messages, permanence.
//!
//! Concurrent changes are in `concurrent_changes.rs`, limits in `session_limits.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::collections::BTreeMap;

use kunci_domain::use_cases::{CookieAction, SessionError};
use kunci_domain::{DataError, OpenSession, Permanence, SessionToken};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{HOUR, World, token};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Item {
    name: String,
    count: u32,
}

fn tea() -> Item {
    Item {
        name: "tea".into(),
        count: 2,
    }
}

/// Runs `work` in one request and commits it.
fn request(world: &World, token: &SessionToken, work: impl FnOnce(&mut OpenSession)) {
    let mut open = world.open(token);
    work(&mut open);
    open.commit().unwrap();
}

/// Returns the token of a visitor's session in which `theme` is `dark`.
fn visitor(world: &World) -> SessionToken {
    let mut open = world.visit();
    open.insert("theme", "dark").unwrap();
    open.commit().unwrap();
    token(&open)
}

#[test]
fn changes_are_visible_to_others_after_commit() {
    let world = World::new();
    let token = visitor(&world);
    let mut open = world.open(&token);
    open.insert("item", tea()).unwrap();
    assert_eq!(open.get::<Item>("item").unwrap(), Some(tea()));
    assert_eq!(open.get::<String>("theme").unwrap().as_deref(), Some("dark"));
    assert!(open.contains("item") && open.is_changed());
    assert!(!world.open(&token).contains("item"), "not committed yet");
    open.commit().unwrap();
    assert!(!open.is_changed());
    assert_eq!(open.get::<Item>("item").unwrap(), Some(tea()));
    assert_eq!(world.open(&token).get::<Item>("item").unwrap(), Some(tea()));
}

#[test]
fn uncommitted_changes_are_lost() {
    let world = World::new();
    let token = visitor(&world);
    let mut open = world.open(&token);
    open.insert("item", 1).unwrap();
    open.clear();
    open.flash("hello");
    drop(open);
    let open = world.open(&token);
    assert_eq!(
        open.data().as_map(),
        &BTreeMap::from([("theme".to_owned(), json!("dark"))])
    );
}

#[test]
fn remove_returns_and_removes_the_value() {
    let world = World::new();
    let token = visitor(&world);
    request(&world, &token, |open| {
        assert_eq!(open.remove::<String>("theme").unwrap().as_deref(), Some("dark"));
        assert!(!open.contains("theme"));
        assert_eq!(open.remove::<String>("theme").unwrap(), None);
    });
    assert!(!world.open(&token).contains("theme"));
}

#[test]
fn removing_an_absent_value_writes_nothing() {
    let world = World::new();
    let token = visitor(&world);
    let before = world.live_sessions();
    request(&world, &token, |open| {
        assert_eq!(open.remove::<Value>("absent").unwrap(), None);
        assert!(!open.is_changed());
    });
    assert_eq!(world.live_sessions(), before);
}

#[test]
fn clear_keeps_the_user_signed_in() {
    let world = World::new();
    let token = world.sign_up("ada");
    request(&world, &token, |open| {
        open.insert("a", 1).unwrap();
        open.flash("hello");
    });
    request(&world, &token, |open| {
        open.clear();
        assert!(open.data().is_empty());
        open.insert("b", 2).unwrap();
    });
    let open = world.open(&token);
    assert_eq!(open.data().iter().collect::<Vec<_>>(), [("b", &json!(2))]);
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
}

#[test]
fn null_is_a_value() {
    let world = World::new();
    let token = visitor(&world);
    request(&world, &token, |open| open.insert("nothing", ()).unwrap());
    let open = world.open(&token);
    assert!(open.contains("nothing"));
    assert_eq!(open.get::<Value>("nothing").unwrap(), Some(Value::Null));
}

#[test]
fn wrong_type_is_an_error_and_keeps_the_value() {
    let world = World::new();
    let token = visitor(&world);
    let mut open = world.open(&token);
    assert!(matches!(open.get::<u32>("theme"), Err(DataError::WrongType(_))));
    assert!(matches!(
        open.remove::<u32>("theme"),
        Err(DataError::WrongType(_))
    ));
    let outcome = open.update("theme", |n: Option<u32>| n.unwrap_or(0));
    assert!(matches!(
        outcome,
        Err(SessionError::Data(DataError::WrongType(_)))
    ));
    assert!(!open.is_changed());
    assert_eq!(open.get::<String>("theme").unwrap().as_deref(), Some("dark"));
}

#[test]
fn visitor_without_values_creates_no_record() {
    type Work = fn(&mut OpenSession);
    let cases: [(&str, Work); 6] = [
        ("nothing", |_| ()),
        ("reading", |open| assert_eq!(open.get::<u32>("k").unwrap(), None)),
        ("clearing", OpenSession::clear),
        ("putting and removing", |open| {
            open.insert("k", 1).unwrap();
            assert_eq!(open.remove("k").unwrap(), Some(1));
        }),
        ("choosing permanence", |open| {
            open.set_permanent(Permanence::Permanent)
        }),
        ("taking messages", |open| assert_eq!(open.take_flashes(), [""; 0])),
    ];
    for (case, work) in cases {
        let world = World::new();
        let mut open = world.visit();
        work(&mut open);
        open.commit().unwrap();
        open.rotate().unwrap();
        assert_eq!(open.cookie_action(), CookieAction::Keep, "{case}");
        assert_eq!(world.watch.calls(), [""; 0], "{case}");
    }
}

#[test]
fn visitor_session_starts_with_the_first_value() {
    let world = World::new();
    let token = visitor(&world);
    let open = world.open(&token);
    let record = open.record().unwrap();
    assert_eq!(record.user(), None);
    assert_eq!(
        (record.permanence, record.lifetime),
        (Permanence::Browser, world.core.policy.visitor)
    );
    assert_eq!(
        (record.created_at, record.last_seen_at),
        (world.now(), world.now())
    );
    assert_eq!(
        open.cookie_action(),
        CookieAction::Keep,
        "the second request presents the token"
    );
}

#[test]
fn messages_are_delivered_once_and_in_order() {
    let world = World::new();
    let mut open = world.visit();
    open.flash("first");
    open.flash("second");
    open.commit().unwrap();
    let token = token(&open);
    assert_eq!(
        world.open(&token).data().iter().count(),
        0,
        "messages are not application values"
    );
    request(&world, &token, |open| {
        assert_eq!(open.take_flashes(), ["first", "second"]);
        assert_eq!(open.take_flashes(), [""; 0]);
    });
    request(&world, &token, |open| assert_eq!(open.take_flashes(), [""; 0]));
}

#[test]
fn update_commits_all_changes_and_returns_the_value() {
    let world = World::new();
    let token = visitor(&world);
    let mut open = world.open(&token);
    open.insert("before", 1).unwrap();
    let add = |n: Option<u64>| n.unwrap_or(0) + 1;
    assert_eq!(open.update("hits", add).unwrap(), 1);
    assert_eq!(open.update("hits", add).unwrap(), 2);
    let other = world.open(&token);
    assert_eq!(other.get("hits").unwrap(), Some(2));
    assert_eq!(other.get("before").unwrap(), Some(1));
    open.insert("hits", 40).unwrap();
    assert_eq!(
        open.update("hits", add).unwrap(),
        41,
        "it sees the request's own changes"
    );
}

#[test]
fn update_creates_a_visitor_session() {
    let world = World::new();
    let mut open = world.visit();
    open.update("hits", |n: Option<u64>| n.unwrap_or(0) + 1).unwrap();
    assert_eq!(world.open(&token(&open)).get("hits").unwrap(), Some(1));
}

#[test]
fn permanence_change_reissues_the_cookie() {
    let world = World::new();
    let token = world.sign_up("ada");
    for (chosen, reissued, max_age) in [
        (Permanence::Permanent, false, None),
        (Permanence::Browser, true, None),
        (Permanence::Browser, false, None),
        (Permanence::Permanent, true, Some(7 * 24 * HOUR)),
    ] {
        let mut open = world.open(&token);
        open.set_permanent(chosen);
        assert!(open.is_changed());
        open.commit().unwrap();
        let token = &token;
        let want = if reissued {
            CookieAction::Issue { token, max_age }
        } else {
            CookieAction::Keep
        };
        assert_eq!(open.cookie_action(), want, "{chosen:?}");
        let record = world.open(token).record().unwrap().clone();
        assert_eq!(record.permanence, chosen);
        assert_eq!(record.lifetime, world.core.policy.lifetime(chosen));
    }
}

#[test]
fn permanence_chosen_before_the_first_value_is_kept() {
    let world = World::new();
    let mut open = world.visit();
    open.set_permanent(Permanence::Permanent);
    open.commit().unwrap();
    open.insert("theme", "dark").unwrap();
    open.commit().unwrap();
    assert!(matches!(
        open.cookie_action(),
        CookieAction::Issue { max_age: Some(_), .. }
    ));
}
