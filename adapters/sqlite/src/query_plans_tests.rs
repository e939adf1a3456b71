//! What SQLite makes of statements. Left out: what the statements do, which is for the suites to tell.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

use rusqlite::Connection;

use crate::migrations::migrate;
use crate::{history, sessions, tokens, users};

/// Statements that would take longer the more there is in a table, were it not for an index.
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
fn no_statement_looks_at_rows_that_it_is_not_about_or_sorts_what_it_finds() {
    let connection = Connection::open_in_memory().unwrap();
    migrate(&connection).unwrap();
    for (sql, index) in BY_INDEX {
        let plan = plan(&connection, sql);
        let goes_by_index = plan.contains(index) && !plan.contains("SCAN") && !plan.contains("TEMP");
        assert!(goes_by_index, "{sql}\n{plan}");
    }
}

/// The steps of a statement, one a line.
fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    // A plan depends on no parameter, so that none needs a value.
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3));
    let steps: Vec<String> = steps.map(Result::unwrap).collect();
    steps.join("\n")
}
