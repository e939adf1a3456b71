//! Stores in a schema of their own.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of this")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failing step fails the test"
)]

mod schema;

use kunci_postgres::{
    PostgresAccountStore, PostgresOptions, PostgresSessionCheck, PostgresSessionStore, PostgresStore,
    PostgresUrl,
};

pub(crate) use schema::{Direct, Schema, server_address};

/// Returns options with fewer connections than a test has threads, so that the suites also test the pool.
pub(crate) fn options() -> PostgresOptions {
    let mut options = PostgresOptions::default();
    options.pool_size = 4;
    options
}

#[track_caller]
pub(crate) fn open(url: &str, options: PostgresOptions) -> PostgresStore {
    PostgresStore::open(PostgresUrl::parse(url).expect("a URL"), options).expect("the database opens")
}

/// Opens the store in a schema.
#[track_caller]
pub(crate) fn open_in(schema: &Schema) -> PostgresStore {
    open(&schema.url(), options())
}

pub(crate) fn sessions() -> Option<(Schema, PostgresSessionStore)> {
    let schema = Schema::create()?;
    let store = open_in(&schema).sessions();
    Some((schema, store))
}

pub(crate) fn sessions_twice() -> Option<(Schema, PostgresSessionStore, PostgresSessionStore)> {
    let schema = Schema::create()?;
    let (one, other) = (open_in(&schema).sessions(), open_in(&schema).sessions());
    Some((schema, one, other))
}

pub(crate) fn accounts() -> Option<(Schema, PostgresAccountStore)> {
    let schema = Schema::create()?;
    let store = open_in(&schema).accounts();
    Some((schema, store))
}

pub(crate) fn accounts_twice() -> Option<(Schema, PostgresAccountStore, PostgresAccountStore)> {
    let schema = Schema::create()?;
    let (one, other) = (open_in(&schema).accounts(), open_in(&schema).accounts());
    Some((schema, one, other))
}

/// Returns the session check of a fresh database, and its stores.
pub(crate) fn checked() -> Option<(
    Schema,
    PostgresSessionCheck,
    Box<PostgresSessionStore>,
    Box<PostgresAccountStore>,
)> {
    let schema = Schema::create()?;
    let store = open_in(&schema);
    let (sessions, accounts) = (Box::new(store.sessions()), Box::new(store.accounts()));
    Some((schema, store.session_check(), sessions, accounts))
}
