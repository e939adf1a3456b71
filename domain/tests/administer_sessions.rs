//! An operator's list of sessions, and ending one of them by its identifier.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::ports::SessionStore;
use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{Outcome, RevokeSessionRefusal, list_sessions, revoke_session};
use kunci_domain::{Session, SessionKey, UserId};
use kunci_testkit::samples::visitor;
use support::{Act, World, operator};

/// Stores a visitor's session whose key begins with `first`; all other bytes are `rest`.
fn insert(world: &World, first: [u8; 6], rest: u8) -> SessionKey {
    let mut bytes = [rest; SessionKey::LEN];
    bytes[..6].copy_from_slice(&first);
    let session = Session {
        key: SessionKey::from_stored(bytes),
        created_at: world.now(),
        last_seen_at: world.now(),
        ..visitor(1)
    };
    let _ = world.sessions.insert(&session).unwrap();
    session.key
}

fn revoke(world: &World, id: &str) -> Outcome<(), RevokeSessionRefusal> {
    revoke_session(&world.core, &operator(), id, world.now())
}

/// Returns the listed keys page by page.
fn pages(world: &World, user: Option<UserId>) -> Vec<Vec<SessionKey>> {
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = list_sessions(&world.core, &operator(), user, after.as_ref(), world.now()).unwrap();
        pages.push(page.sessions.iter().map(|session| session.key).collect());
        after = page.next;
        if after.is_none() {
            return pages;
        }
    }
}

#[test]
fn session_is_revoked_by_its_exact_identifier() {
    let world = World::new();
    let keys = [
        insert(&world, [0; 6], 0),
        insert(&world, [0, 0, 0, 0, 0, 0x0f], 0xff),
        insert(&world, [0, 0, 0, 0, 0, 0x10], 0),
        insert(&world, [0xff; 6], 0xff),
    ];
    for (number, key) in keys.iter().enumerate() {
        revoke(&world, &key.public_id()).unwrap();
        let left: Vec<SessionKey> = world.live_sessions().iter().map(|session| session.key).collect();
        assert_eq!(left, keys[number + 1..]);
    }
}

#[test]
fn wrong_identifiers_are_refused() {
    let world = World::new();
    insert(&world, [0, 0, 0, 0, 0, 0x10], 0);
    insert(&world, [0, 0, 0, 0, 0, 0x20], 0);
    insert(&world, [0, 0, 0, 0, 0, 0x20], 1);
    for malformed in [
        "",
        "00000000001",
        "0000000000100",
        "00000000001G",
        "00000000001F",
        "+00000000001",
    ] {
        let outcome = revoke(&world, malformed);
        assert!(
            matches!(outcome, Err(Refused(RevokeSessionRefusal::Malformed))),
            "{malformed}"
        );
    }
    for unknown in ["000000000000", "00000000000f", "000000000011", "ffffffffffff"] {
        let outcome = revoke(&world, unknown);
        assert!(
            matches!(outcome, Err(Refused(RevokeSessionRefusal::Unknown))),
            "{unknown}"
        );
    }
    let outcome = revoke(&world, "000000000020");
    assert!(
        matches!(outcome, Err(Refused(RevokeSessionRefusal::Ambiguous))),
        "{outcome:?}"
    );
    assert_eq!(world.live_sessions().len(), 3);
}

#[test]
fn pages_contain_each_session_once() {
    for count in [0_u16, 1, 499, 500, 501, 1_000, 1_001] {
        let world = World::new();
        let keys: Vec<SessionKey> = (0..count)
            .map(|number| {
                let [high, low] = number.to_be_bytes();
                insert(&world, [high, low, 0, 0, 0, 0], 0)
            })
            .collect();
        assert_eq!(pages(&world, None).concat(), keys, "{count}");
    }
}

#[test]
fn only_admitted_sessions_are_listed() {
    let world = World::new();
    let (ada, bob) = (world.sign_up("ada"), world.sign_up("bob"));
    insert(&world, [0; 6], 0);
    assert_eq!(pages(&world, None).concat().len(), 3);
    assert_eq!(pages(&world, Some(world.user("ada").id)), [[ada.key()]]);
    world.change("ada", kunci_domain::User::in_next_epoch);
    assert_eq!(pages(&world, Some(world.user("ada").id)), [[]]);
    assert_eq!(world.live_sessions().len(), 3, "the record is still there");
    let all = pages(&world, None).concat();
    assert!(all.len() == 2 && all.contains(&bob.key()));
}

#[test]
fn failing_store_fails_the_list() {
    for call in ["sessions.list", "accounts.find"] {
        let world = World::new();
        world.sign_up("ada");
        world.watch.each(call, Act::Fail);
        let outcome = list_sessions(&world.core, &operator(), None, None, world.now());
        outcome.unwrap_err();
    }
}
