//! Databases of earlier versions are migrated and keep their content.
//!
//! The tests make the first two layouts from the latest by reverting migrations. They make the third from its
//! migrations and from rows in SQL.

#![allow(clippy::expect_used, reason = "a failing step fails the test")]

#[path = "../support/mod.rs"]
mod support;
mod third_layout;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use kunci_domain::ports::{AccountStore, Committed, Inserted, Rotated, SessionStore, StoreError};
use kunci_domain::{AccountChange, Actor, EventKind, OneTimeToken, Session, SessionData, Step, User, UserId};
use kunci_testkit::samples::{address, event, invitation, key, rotated, second_factor, start, user, visitor};
use rusqlite::Connection;
use serde_json::json;
use support::{commit, open, place};
use third_layout::{
    ADA, NOW, ada, enrolling_session, events, grace, invitation_link, pending_session, reset_link,
    signed_in_session, spent_link, visitor_session,
};

/// Reverts all migrations after the second.
const REVERT_TO_SECOND_LAYOUT: &str = "
    DROP TABLE budgets;
    DROP TABLE budget_secret;
    ALTER TABLE sessions DROP COLUMN pending_user_id;
    ALTER TABLE sessions DROP COLUMN pending_user_epoch;
    ALTER TABLE sessions DROP COLUMN pending_since;
    ALTER TABLE sessions DROP COLUMN pending_permanent;
    ALTER TABLE sessions DROP COLUMN enrolment;
    ALTER TABLE sessions DROP COLUMN notices;
    DROP INDEX sessions_by_previous;
    ALTER TABLE sessions DROP COLUMN previous;
    DROP TABLE tokens;
    DROP TABLE events;
    DROP INDEX users_by_confirmed_email;
    ALTER TABLE users DROP COLUMN email_confirmed_at;
    ALTER TABLE users DROP COLUMN totp_seed;
    ALTER TABLE users DROP COLUMN totp_last_step;
    ALTER TABLE users DROP COLUMN recovery_codes;
    ALTER TABLE users DROP COLUMN second_factor_since;
    PRAGMA user_version = 2;
";

/// Reverts the second migration.
const REVERT_TO_FIRST_LAYOUT: &str = "
    DROP INDEX sessions_by_origin;
    ALTER TABLE sessions DROP COLUMN origin;
    PRAGMA user_version = 1;
";

fn execute(path: &Path, sql: &str) {
    let connection = Connection::open(path).expect("a connection");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("the mode");
    connection.execute_batch(sql).expect("an earlier layout");
}

#[test]
fn first_layout_keeps_its_sessions() {
    let (_folder, path) = place();
    let (session, new) = (visitor(1), rotated(&visitor(1), 2));
    assert_eq!(
        open(&path).sessions().insert(&session).expect("insert"),
        Inserted::Done
    );
    execute(&path, REVERT_TO_SECOND_LAYOUT);
    execute(&path, REVERT_TO_FIRST_LAYOUT);
    let sessions = open(&path).sessions();
    assert_eq!(
        sessions.find(&key(1), start()).expect("find"),
        Some(session.clone())
    );
    assert_eq!(
        sessions.rotate(&session, &new, start()).expect("rotate"),
        Rotated::Done
    );
    assert!(sessions.delete(&session).expect("delete"));
}

#[test]
fn second_layout_keeps_its_users_and_gets_new_features() {
    let (_folder, path) = place();
    let mut ada = User {
        email: Some(address("ada@example.org")),
        ..user(1, "Ada")
    };
    commit(&open(&path).accounts(), Step::InsertUser(ada.clone()));
    execute(&path, REVERT_TO_SECOND_LAYOUT);
    let accounts = open(&path).accounts();
    assert_eq!(accounts.find(ada.id).expect("find"), Some(ada.clone()));
    ada.email_confirmed_at = Some(start());
    ada.second_factor = Some(second_factor(1));
    commit(&accounts, Step::ReplaceUser(ada.clone()));
    let found = accounts.find_by_address(&address("ADA@example.org"), 10);
    assert_eq!(found.expect("find_by_address").len(), 1);
    commit(&accounts, Step::IssueLink(invitation(1)));
    let signed_in = event(ada.id, 0, EventKind::SignedIn);
    commit(&accounts, Step::AppendEvent(signed_in.clone()));
    assert_eq!(accounts.events(ada.id, 0, 10).expect("events"), [signed_in]);
}

/// Makes a database of the third layout with SQLite alone.
fn make_third_layout(path: &Path) {
    execute(path, include_str!("../../migrations/0001_sessions_and_users.sql"));
    execute(path, include_str!("../../migrations/0002_origin_of_sessions.sql"));
    execute(path, include_str!("../../migrations/0003_tokens_and_history.sql"));
    execute(
        path,
        "PRAGMA application_id = 0x4b756e63; PRAGMA user_version = 3; PRAGMA journal_mode = WAL;",
    );
    execute(path, include_str!("rows_of_third_layout.sql"));
}

#[test]
fn third_layout_keeps_every_record() {
    let (_folder, path) = place();
    make_third_layout(&path);
    let store = open(&path);
    let accounts = store.accounts();
    assert_eq!(accounts.list(None, 10).expect("list"), [ada(), grace()]);
    for user in [ada(), grace()] {
        assert_eq!(accounts.find(user.id).expect("find").as_ref(), Some(&user));
        assert_eq!(
            accounts.find_by_name(&user.name).expect("find_by_name"),
            Some(user)
        );
    }
    let found = accounts.find_by_address(&address("Ada@Example.org"), 10);
    assert_eq!(found.expect("find_by_address"), [ada()]);
    for link in [reset_link(), invitation_link()] {
        let found = accounts.find_link(&link.key, NOW).expect("find_link");
        assert_eq!(found.as_ref(), Some(&link));
        let listed = accounts.list_links(link.purpose, None, 10, NOW);
        assert_eq!(listed.expect("list_links"), [link]);
    }
    assert_eq!(
        accounts.find_link(&spent_link().key, NOW).expect("find_link"),
        None
    );
    assert_eq!(accounts.events(ADA, 0, 10).expect("events"), events());
    for session in [
        signed_in_session(),
        visitor_session(),
        pending_session(),
        enrolling_session(),
    ] {
        let found = store.sessions().find(&session.key, NOW).expect("find");
        assert_eq!(found, Some(session));
    }
}

#[test]
fn events_of_third_layout_get_their_actors() {
    let (_folder, path) = place();
    make_third_layout(&path);
    // The kinds of the third layout.
    let kinds = &EventKind::ALL[..20];
    for kind in kinds {
        let kind = kind.as_str();
        let values = format!("(8001, 1799000000000, '{kind}', '', NULL)");
        let columns = "user_id, at, kind, user_agent, address";
        execute(&path, &format!("INSERT INTO events ({columns}) VALUES {values}"));
    }
    let accounts = open(&path).accounts();
    let events = accounts
        .events(UserId::from_stored(8001), 0, 100)
        .expect("events");
    assert_eq!(events.len(), kinds.len());
    for event in events {
        let by_operator = event.kind.as_str().ends_with("_by_operator");
        let want = if by_operator {
            Actor::CommandLine
        } else {
            Actor::Owner
        };
        assert_eq!(event.actor, want, "{:?}", event.kind);
    }
}

#[test]
fn third_layout_keeps_its_links_usable() {
    let (_folder, path) = place();
    make_third_layout(&path);
    let accounts = open(&path).accounts();
    let apply = |change: AccountChange| accounts.commit(&change, NOW).expect("commit");
    let spend = |link: &OneTimeToken| AccountChange::from(Step::SpendLink(link.key, link.purpose));
    let reset = spend(&reset_link())
        .and(Step::ReplaceUser(ada().in_next_epoch()))
        .and(Step::AppendEvent(event(ADA, 0, EventKind::PasswordReset)));
    assert_eq!(apply(reset.clone()), Committed::Done);
    assert_eq!(apply(reset), Committed::LinkSpent);
    for _ in 0..3 {
        assert_eq!(apply(spend(&invitation_link())), Committed::Done);
    }
    for link in [invitation_link(), spent_link()] {
        assert_eq!(apply(spend(&link)), Committed::LinkSpent);
    }
    assert_eq!(
        apply(Step::IssueLink(invitation_link()).into()),
        Committed::Collision
    );
    assert_eq!(accounts.events(ADA, 0, 10).expect("events").len(), 4);
}

#[test]
fn addresses_beyond_ascii_are_found_after_the_migration() {
    for stored in [
        "Ada@BÜCHER.Example",
        "ada@xn--Bcher-KVA.example",
        "ada@bu\u{308}cher.example",
        "ADA@bücher.example",
    ] {
        let (_folder, path) = place();
        make_third_layout(&path);
        execute(
            &path,
            &format!("UPDATE users SET email = '{stored}' WHERE name = 'Ada'"),
        );
        let accounts = open(&path).accounts();
        let found = accounts.find_by_address(&address("ada@bücher.example"), 10);
        let found = found.expect("find_by_address");
        let want = User {
            email: Some(address(stored)),
            ..ada()
        };
        assert_eq!(found, [want], "{stored}");
    }
}

/// Returns what becomes of values that the third layout stored for a visitor.
fn migrated(data: &str) -> Result<Option<Session>, StoreError> {
    let (_folder, path) = place();
    make_third_layout(&path);
    let key = visitor_session().key;
    let connection = Connection::open(&path).expect("a connection");
    let sql = "UPDATE sessions SET data = ?1 WHERE key = ?2";
    assert_eq!(
        connection.execute(sql, (data, key.as_bytes())).expect("update"),
        1
    );
    open(&path).sessions().find(&key, NOW)
}

#[test]
fn migration_leaves_similar_values_and_damaged_rows_as_they_are() {
    let nested = json!({"cart": {"_pending": {"user": 1}, "_flash": ["no"]}, "note": "\"_enrolment"});
    let similar = Session {
        data: SessionData::from_stored(serde_json::from_value(nested.clone()).expect("a map")),
        ..visitor_session()
    };
    assert_eq!(migrated(&nested.to_string()).expect("find"), Some(similar));
    for damaged in [r#"{"_flash":["cut"#, r#"["_pending"]"#] {
        let outcome = migrated(damaged);
        assert!(matches!(outcome, Err(StoreError::Corrupt { .. })), "{damaged}");
    }
}
