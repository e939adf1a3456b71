//! Rows with invalid values are reported as corrupt and can be deleted.

#![allow(clippy::expect_used, reason = "a failing step fails the test")]

mod support;

use std::path::Path;

use kunci_domain::ports::{
    AuditLog, Inserted, SessionDirectory, SessionStore, StoreError, TokenStore, UserStore,
};
use kunci_domain::{EventKind, OneTimeToken, Purpose, Session, User};
use kunci_testkit::samples::{
    event, key, second_factor, signed_in, start, token_for, user, user_id, visitor,
};
use rusqlite::Connection;
use support::{open, place};

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
        let users = open(&path).users();
        for (number, name) in [(1, "ada"), (2, "grace")] {
            let user = User {
                second_factor: Some(second_factor(number)),
                ..user(number, name)
            };
            let _ = users.insert(&user).expect("insert");
        }
        tamper(
            &path,
            &format!("UPDATE users SET {tampering} WHERE folded_name = 'ada'"),
        );
        assert!(is_corrupt(&users.find(user_id(1))), "{tampering}");
        assert!(
            is_corrupt(&users.find_by_name(&user(1, "ada").name)),
            "{tampering}"
        );
        assert!(is_corrupt(&users.list(None, 10)), "{tampering}");
        assert!(users.find(user_id(2)).expect("find").is_some(), "{tampering}");
        assert!(users.delete(user_id(1)).expect("delete"), "{tampering}");
    }
}

#[test]
fn invalid_token_is_corrupt_and_loses_no_use() {
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
        let tokens = open(&path).tokens();
        let token = OneTimeToken {
            uses_left: 7,
            ..token_for(1, user_id(1), Purpose::SignIn)
        };
        let intact = token_for(2, user_id(2), Purpose::ResetPassword);
        for token in [&token, &intact] {
            assert_eq!(tokens.issue(token).expect("issue"), Inserted::Done);
        }
        tamper(
            &path,
            &format!("UPDATE tokens SET {tampering} WHERE purpose = 'sign_in'"),
        );
        let before = uses_left(&path);
        let spend = || tokens.spend(&token.key, token.purpose, start());
        assert!(is_corrupt(&tokens.find(&token.key, start())), "{tampering}");
        assert!(is_corrupt(&spend()), "{tampering}");
        let found = tokens.find(&intact.key, start()).expect("find");
        assert_eq!(found.as_ref(), Some(&intact), "{tampering}");
        assert_eq!(uses_left(&path), before, "{tampering}");
        tokens.void(&token.key, start()).expect("void");
        assert_eq!(spend().expect("spend"), None, "{tampering}");
    }
}

/// Returns the uses left of all tokens.
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
        "kind = 'slept'",
        "address = x'7f'",
        "user_agent = CAST(x'c328' AS TEXT)",
    ];
    for tampering in tamperings {
        let (_folder, path) = place();
        let history = open(&path).history();
        for number in [1, 2] {
            let event = event(user_id(number), 0, EventKind::SignedIn);
            history.append(&event).expect("append");
        }
        tamper(&path, &format!("UPDATE events SET {tampering} WHERE id = 1"));
        assert!(is_corrupt(&history.list(user_id(1), 0, 10)), "{tampering}");
        assert_eq!(
            history.list(user_id(2), 0, 10).expect("list").len(),
            1,
            "{tampering}"
        );
        assert_eq!(history.delete_all_of(user_id(1)).expect("delete_all_of"), 1);
        assert_eq!(history.list(user_id(1), 0, 10).expect("list"), []);
    }
}

#[test]
fn error_names_its_cause_and_no_secret() {
    let (_folder, path) = place();
    let users = open(&path).users();
    let _ = users.insert(&user(1, "ada")).expect("insert");
    tamper(&path, "UPDATE users SET role = 'king'");
    let error = users.find(user_id(1)).expect_err("a corrupt row");
    assert_eq!(error.to_string(), "sqlite holds a record that cannot be read");
    let cause = std::error::Error::source(&error).expect("a cause").to_string();
    assert_eq!(cause, "the column role has an invalid value");
}
