//! Checks the query plans of statements on large tables.

#![allow(clippy::unwrap_used, reason = "a failing step fails the test")]

use rusqlite::Connection;

use crate::migrations::migrate;
use crate::{history, sessions, tokens, users};

/// Statements that would scan a whole table without an index, and that index.
const BY_INDEX: [(&str, &str); 8] = [
    (sessions::DELETE, "sessions_by_origin"),
    (users::BY_ADDRESS, "users_by_confirmed_email"),
    (tokens::LIST, "tokens_by_purpose"),
    (tokens::VOID_ALL_OF, "tokens_by_account"),
    (tokens::PURGE, "tokens_by_end"),
    (history::LIST, "events_by_user"),
    (history::DELETE_ALL_OF, "events_by_user"),
    (history::PURGE, "events_by_time"),
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

/// Returns the steps of a query plan, one per line.
fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    // The plan does not depend on the parameters, so they are not bound.
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3));
    let steps: Vec<String> = steps.map(Result::unwrap).collect();
    steps.join("\n")
}
