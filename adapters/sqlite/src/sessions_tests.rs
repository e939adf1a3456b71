//! What SQLite makes of a statement. Left out: what the statements do, which is for the suite to tell.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

use rusqlite::{Connection, params};

use super::DELETE;
use crate::migrations::migrate;

#[test]
fn ending_a_session_looks_at_no_other() {
    let connection = Connection::open_in_memory().unwrap();
    migrate(&connection).unwrap();
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {DELETE}"))
        .unwrap();
    let none = [0_u8; 32];
    let steps = statement.query_map(params![1, none, none], |row| row.get::<_, String>(3));
    let plan: Vec<String> = steps.unwrap().map(Result::unwrap).collect();
    let plan = plan.join("\n");
    assert!(
        plan.contains("sessions_by_origin") && !plan.contains("SCAN"),
        "{plan}"
    );
}
