//! Tests that a change is undone as a whole, and that the rest of its transaction stays.

use kunci_domain::ports::Committed;
use kunci_domain::{AccountChange, EventKind, Purpose, Step, UserId};
use kunci_testkit::samples::{event, invitation, link_key, start, token_for, user, user_id};
use rusqlite::Connection;

use super::{apply, events, links};
use crate::error::SqliteError;
use crate::migrations::migrate;

/// Opens a new database and begins a transaction.
fn in_transaction() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    migrate(&connection).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

/// Returns a change that inserts a user, a link and an event, and then applies `last`.
fn sign_up_and(number: u64, last: Step) -> AccountChange {
    let id = user_id(number);
    AccountChange::from(Step::InsertUser(user(number, &format!("user-{number}"))))
        .and(Step::IssueLink(token_for(number, id, Purpose::ConfirmAddress)))
        .and(Step::AppendEvent(event(id, 0, EventKind::SignedUp)))
        .and(last)
}

fn signed_in(number: u64) -> Step {
    Step::AppendEvent(event(user_id(number), 1, EventKind::SignedIn))
}

#[track_caller]
fn check_applied(connection: &Connection, change: &AccountChange, expected: Committed) {
    assert_eq!(apply(connection, change, start()).unwrap(), expected);
}

/// Checks that the change of [`sign_up_and`] is stored as a whole or not at all.
#[track_caller]
fn check_stored(connection: &Connection, number: u64, is_stored: bool) {
    let id: UserId = user_id(number);
    let sql = "SELECT count(*) FROM users WHERE id = ?1";
    let users: i64 = connection
        .query_row(sql, [id.as_i64()], |row| row.get(0))
        .unwrap();
    let link = links::find(connection, &link_key(number), start()).unwrap();
    let events = events::list(connection, id, 0, 10).unwrap();
    let found = (users, link.is_some(), events.len());
    assert_eq!(found, if is_stored { (1, true, 2) } else { (0, false, 0) });
}

#[test]
fn refused_changes_leave_the_rest_of_the_transaction() {
    let connection = in_transaction();
    let taken = user(9, "User-1");
    let spent = Step::SpendLink(link_key(77), Purpose::Invitation);
    check_applied(&connection, &sign_up_and(1, signed_in(1)), Committed::Done);
    check_applied(&connection, &sign_up_and(2, spent), Committed::LinkSpent);
    check_applied(
        &connection,
        &sign_up_and(3, Step::InsertUser(taken)),
        Committed::NameTaken,
    );
    check_applied(
        &connection,
        &sign_up_and(4, Step::RequireNoUsers),
        Committed::NotEmpty,
    );
    check_applied(&connection, &sign_up_and(5, signed_in(5)), Committed::Done);
    connection.execute_batch("COMMIT").unwrap();
    for (number, is_stored) in [(1, true), (2, false), (3, false), (4, false), (5, true)] {
        check_stored(&connection, number, is_stored);
    }
}

#[test]
fn invalid_row_leaves_the_rest_of_the_transaction() {
    let connection = in_transaction();
    check_applied(
        &connection,
        &Step::IssueLink(invitation(77)).into(),
        Committed::Done,
    );
    let tampered = connection.execute("UPDATE tokens SET email = 'no address'", []);
    assert_eq!(tampered.unwrap(), 1);
    let spend = Step::SpendLink(link_key(77), Purpose::Invitation);
    check_applied(&connection, &sign_up_and(1, signed_in(1)), Committed::Done);
    let failed = apply(&connection, &sign_up_and(2, spend), start());
    assert!(matches!(failed, Err(SqliteError::InvalidColumn { column }) if column == "email"));
    connection.execute_batch("COMMIT").unwrap();
    check_stored(&connection, 1, true);
    check_stored(&connection, 2, false);
}

#[test]
fn undone_change_frees_its_name_and_keys() {
    let connection = in_transaction();
    let gone = Step::DeleteUser(user_id(9));
    check_applied(&connection, &sign_up_and(1, gone), Committed::Gone);
    check_applied(&connection, &sign_up_and(1, signed_in(1)), Committed::Done);
    check_stored(&connection, 1, true);
}
