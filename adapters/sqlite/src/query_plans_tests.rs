//! Checks the query plans of statements on large tables.

#![allow(clippy::unwrap_used, reason = "a failing step fails the test")]

use rusqlite::Connection;

use crate::accounts::{events, links, users};
use crate::migrations::migrate;
use crate::sessions;

/// Statements that would scan a whole table without an index, and that index.
const BY_INDEX: [(&str, &str); 10] = [
    (sessions::DELETE, "sessions_by_origin"),
    (sessions::DELETE, "sessions_by_previous"),
    (users::BY_ADDRESS, "users_by_confirmed_email"),
    (links::LIST, "tokens_by_purpose"),
    (links::REVOKE_ALL_OF, "tokens_by_user"),
    (links::REVOKE_ALL_FOR, "tokens_by_purpose"),
    (links::PURGE, "tokens_by_end"),
    (events::LIST, "events_by_target"),
    (events::DELETE_ALL_OF, "events_by_target"),
    (events::PURGE, "events_by_time"),
];

#[test]
fn statements_use_their_index_without_scan_or_sort() {
    let connection = Connection::open_in_memory().unwrap();
    migrate(&connection).unwrap();
    for (sql, index) in BY_INDEX {
        let plan = plan(&connection, sql);
        let uses_index = plan.contains(index) && !plan.contains("SCAN") && !plan.contains("TEMP");
        assert!(uses_index, "{sql}\n{plan}");
    }
}

#[test]
fn sample_of_hashes_seeks_by_id() {
    let connection = Connection::open_in_memory().unwrap();
    migrate(&connection).unwrap();
    let plan = plan(&connection, users::SAMPLE_HASHES);
    assert_eq!(
        plan.matches("SEARCH users USING INTEGER PRIMARY KEY").count(),
        2,
        "{plan}"
    );
}

/// A violated unique index is reported without its name, so the table must have no other.
#[test]
fn name_is_the_only_unique_column_of_users() {
    const SQL: &str = "SELECT group_concat(columns.name) FROM pragma_index_list('users') AS indexes
        JOIN pragma_index_info(indexes.name) AS columns WHERE indexes.\"unique\"";
    let connection = Connection::open_in_memory().unwrap();
    migrate(&connection).unwrap();
    let columns: String = connection.query_row(SQL, [], |row| row.get(0)).unwrap();
    assert_eq!(columns, "folded_name");
}

/// Returns the steps of a query plan, one per line.
fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    // The plan does not depend on the parameters, so they are not bound.
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3));
    let steps: Vec<String> = steps.map(Result::unwrap).collect();
    steps.join("\n")
}
