//! Databases of earlier versions are migrated and keep their content.
//!
//! The tests make an earlier layout from the latest by reverting migrations.

#![allow(clippy::expect_used, reason = "a failing step fails the test")]

mod support;

use std::path::Path;

use kunci_domain::ports::{
    AuditLog, Inserted, Rotated, SessionStore, TokenStore, Updated, UserInserted, UserStore,
};
use kunci_domain::{EventKind, User};
use kunci_testkit::samples::{address, event, invitation, key, rotated, second_factor, start, user, visitor};
use rusqlite::Connection;
use support::{open, place};

/// Reverts the third migration.
const REVERT_TO_SECOND_LAYOUT: &str = "
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

fn revert(path: &Path, sql: &str) {
    let connection = Connection::open(path).expect("a connection");
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
    revert(&path, REVERT_TO_SECOND_LAYOUT);
    revert(&path, REVERT_TO_FIRST_LAYOUT);
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
    assert_eq!(
        open(&path).users().insert(&ada).expect("insert"),
        UserInserted::Done
    );
    revert(&path, REVERT_TO_SECOND_LAYOUT);
    let store = open(&path);
    assert_eq!(store.users().find(ada.id).expect("find"), Some(ada.clone()));
    ada.email_confirmed_at = Some(start());
    ada.second_factor = Some(second_factor(1));
    assert_eq!(store.users().update(&ada).expect("update"), Updated::Done);
    let found = store.users().find_by_address(&address("ADA@example.org"), 10);
    assert_eq!(found.expect("find_by_address").len(), 1);
    assert_eq!(
        store.tokens().issue(&invitation(1)).expect("issue"),
        Inserted::Done
    );
    let signed_in = event(ada.id, 0, EventKind::SignedIn);
    store.history().append(&signed_in).expect("append");
    assert_eq!(store.history().list(ada.id, 0, 10).expect("list"), [signed_in]);
}
