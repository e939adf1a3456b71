//! Rows with invalid values are reported as corrupt and can be deleted.

#![allow(clippy::expect_used, reason = "a failing step fails the test")]

mod support;

use std::path::Path;

use kunci_domain::ports::{AccountStore, Committed, Inserted, SessionStore, StoreError};
use kunci_domain::{EventKind, OneTimeToken, Purpose, Session, Step, User};
use kunci_testkit::samples::{
    event, key, second_factor, signed_in, start, token_for, user, user_id, visitor,
};
use rusqlite::Connection;
use support::{commit, open, place};

fn is_corrupt<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Corrupt { store: "sqlite", .. }))
}

/// Changes one row of the file without the store.
fn tamper(path: &Path, sql: &str) {
    let connection = Connection::open(path).expect("a connection");
    assert_eq!(connection.execute(sql, []).expect(sql), 1, "{sql}");
}

#[test]
fn invalid_session_is_corrupt_and_can_be_deleted() {
    let tamperings = [
        "key = x'00'",
        "data = 'no JSON'",
        "data = '[1]'",
        "data = CAST(x'ff' AS TEXT)",
        "permanent = 2",
        "idle_millis = -1",
        "absolute_millis = absolute_millis + 1, created_at = created_at - 9000000000",
        "expires_at = expires_at + 1",
        "user_id = NULL",
        "user_epoch = NULL",
        "authenticated_at = NULL",
        "address = x'7f'",
        "user_agent = CAST(x'c328' AS TEXT)",
    ];
    for tampering in tamperings {
        let (_folder, path) = place();
        let sessions = open(&path).sessions();
        for number in [1, 2] {
            let session = signed_in(number, user_id(1));
            assert_eq!(sessions.insert(&session).expect("insert"), Inserted::Done);
        }
        tamper(
            &path,
            &format!("UPDATE sessions SET {tampering} WHERE id = (SELECT min(id) FROM sessions)"),
        );
        let (damaged, intact) = if key(1) < key(2) {
            (key(1), key(2))
        } else {
            (key(2), key(1))
        };
        assert!(is_corrupt(&sessions.find(&damaged, start())), "{tampering}");
        assert!(
            sessions.find(&intact, start()).expect("find").is_some(),
            "{tampering}"
        );
        assert!(is_corrupt(&sessions.list(None, None, 10, start())), "{tampering}");
        if tampering != "key = x'00'" {
            let read = Session {
                key: damaged,
                ..visitor(1)
            };
            assert!(sessions.delete(&read).expect("delete"), "{tampering}");
            assert_eq!(
                sessions.find(&damaged, start()).expect("find"),
                None,
                "{tampering}"
            );
        }
    }
}

#[test]
fn invalid_user_is_corrupt_and_can_be_deleted() {
    let tamperings = [
        "name = 'two words'",
        "name = 'other'",
        "name = ''",
        "email = 'nowhere'",
        "role = 'king'",
        "disabled = 2",
        "password_hash = CAST(x'ff' AS TEXT)",
        "totp_seed = NULL",
        "totp_last_step = NULL",
        "recovery_codes = NULL",
        "recovery_codes = x'00'",
        "second_factor_since = NULL",
        "totp_seed = NULL, totp_last_step = NULL, recovery_codes = NULL",
    ];
    for tampering in tamperings {
        let (_folder, path) = place();
        let accounts = open(&path).accounts();
        for (number, name) in [(1, "ada"), (2, "grace")] {
            let user = User {
                second_factor: Some(second_factor(number)),
                ..user(number, name)
            };
            commit(&accounts, Step::InsertUser(user));
        }
        tamper(
            &path,
            &format!("UPDATE users SET {tampering} WHERE folded_name = 'ada'"),
        );
        assert!(is_corrupt(&accounts.find(user_id(1))), "{tampering}");
        assert!(
            is_corrupt(&accounts.find_by_name(&user(1, "ada").name)),
            "{tampering}"
        );
        assert!(is_corrupt(&accounts.list(None, 10)), "{tampering}");
        assert!(accounts.find(user_id(2)).expect("find").is_some(), "{tampering}");
        commit(&accounts, Step::DeleteUser(user_id(1)));
        assert_eq!(accounts.find(user_id(1)).expect("find"), None, "{tampering}");
    }
}

#[test]
fn invalid_link_is_corrupt_and_can_be_revoked() {
    let tamperings = [
        "purpose = 'any'",
        "user_id = NULL",
        "user_epoch = NULL",
        "email = 'nowhere'",
        "uses_left = -1",
        "uses_left = 4294967296, uses = 4294967296",
        "uses_left = 8",
        "uses = 0",
        "email = CAST(x'ff' AS TEXT)",
    ];
    for tampering in tamperings {
        let (_folder, path) = place();
        let accounts = open(&path).accounts();
        let link = OneTimeToken {
            uses_left: 7,
            ..token_for(1, user_id(1), Purpose::SignIn)
        };
        let intact = token_for(2, user_id(2), Purpose::ResetPassword);
        for link in [&link, &intact] {
            commit(&accounts, Step::IssueLink(link.clone()));
        }
        tamper(
            &path,
            &format!("UPDATE tokens SET {tampering} WHERE purpose = 'sign_in'"),
        );
        let before = uses_left(&path);
        let spend = || accounts.commit(&Step::SpendLink(link.key, link.purpose).into(), start());
        assert!(is_corrupt(&accounts.find_link(&link.key, start())), "{tampering}");
        assert!(is_corrupt(&spend()), "{tampering}");
        let found = accounts.find_link(&intact.key, start()).expect("find_link");
        assert_eq!(found.as_ref(), Some(&intact), "{tampering}");
        assert_eq!(uses_left(&path), before, "{tampering}");
        commit(&accounts, Step::RevokeLink(link.key));
        assert_eq!(spend().expect("commit"), Committed::LinkSpent, "{tampering}");
    }
}

/// Returns the uses left of all links.
fn uses_left(path: &Path) -> Vec<i64> {
    let connection = Connection::open(path).expect("a connection");
    let mut statement = connection
        .prepare("SELECT uses_left FROM tokens ORDER BY key")
        .expect("a statement");
    let found = statement.query_map([], |row| row.get(0)).expect("rows");
    found.map(|count| count.expect("a number")).collect()
}

#[test]
fn invalid_event_is_corrupt_and_can_be_deleted() {
    let tamperings = [
        "actor = 'king'",
        "actor_id = 7",
        "kind = 'slept'",
        "address = x'7f'",
        "user_agent = CAST(x'c328' AS TEXT)",
    ];
    for tampering in tamperings {
        let (_folder, path) = place();
        let accounts = open(&path).accounts();
        commit(&accounts, Step::InsertUser(user(1, "ada")));
        for number in [1, 2] {
            let event = event(user_id(number), 0, EventKind::SignedIn);
            commit(&accounts, Step::AppendEvent(event));
        }
        tamper(&path, &format!("UPDATE events SET {tampering} WHERE id = 1"));
        let events = |number| accounts.events(user_id(number), 0, 10);
        assert!(is_corrupt(&events(1)), "{tampering}");
        assert_eq!(events(2).expect("events").len(), 1, "{tampering}");
        commit(&accounts, Step::DeleteUser(user_id(1)));
        assert_eq!(events(1).expect("events"), [], "{tampering}");
    }
}

#[test]
fn error_names_its_cause_and_no_secret() {
    let (_folder, path) = place();
    let accounts = open(&path).accounts();
    commit(&accounts, Step::InsertUser(user(1, "ada")));
    tamper(&path, "UPDATE users SET role = 'king'");
    let error = accounts.find(user_id(1)).expect_err("a corrupt row");
    assert_eq!(error.to_string(), "sqlite holds a record that cannot be read");
    let cause = std::error::Error::source(&error).expect("a cause").to_string();
    assert_eq!(cause, "the column role has an invalid value");
}
