//! A connection that is lost at any point: what is reported, and that nothing is done twice.

#![allow(clippy::unwrap_used, reason = "a failed step ends the test")]

mod support;

use std::time::{Duration, Instant};

use kunci_domain::ports::{AccountStore, Committed, Inserted, SessionCheck, SessionStore, StoreError};
use kunci_domain::{AccountChange, EventKind, Step};
use kunci_postgres::{PostgresOptions, PostgresStore, PostgresUrl};
use kunci_testkit::fakes::{Cut, TcpProxy};
use kunci_testkit::samples::{event, signed_in, start, user, user_id, visitor};
use support::{Direct, Schema, options, server_address};

/// Longer than any recovery takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A store behind a proxy, and a connection that bypasses both.
struct Setting {
    proxy: TcpProxy,
    store: PostgresStore,
    direct: Direct,
    schema: Schema,
}

impl Setting {
    fn create() -> Option<Self> {
        Self::with(options())
    }

    fn with(options: PostgresOptions) -> Option<Self> {
        let schema = Schema::create()?;
        let proxy = TcpProxy::start(server_address());
        let store = support::open(&schema.url_at(Some(proxy.address())), options);
        let direct = schema.direct();
        Some(Self {
            proxy,
            store,
            direct,
            schema,
        })
    }

    fn count(&self, table: &str) -> i64 {
        self.direct.number(&format!("SELECT count(*) FROM {table}"))
    }
}

/// A change of two tables.
fn sign_up() -> AccountChange {
    let ada = user(1, "ada");
    let event = event(ada.id, 0, EventKind::SignedUp);
    AccountChange::new()
        .and(Step::InsertUser(ada))
        .and(Step::AppendEvent(event))
}

#[track_caller]
fn assert_unknown<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(
        matches!(result, Err(StoreError::OutcomeUnknown { .. })),
        "{result:?}"
    );
}

#[track_caller]
fn assert_unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(
        matches!(result, Err(StoreError::Unavailable { .. })),
        "{result:?}"
    );
}

/// Repeats a call until it succeeds.
#[track_caller]
fn eventually<T>(call: impl Fn() -> Result<T, StoreError>) -> T {
    let begun = Instant::now();
    loop {
        match call() {
            Ok(result) => return result,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "{error:?}"),
        }
        std::thread::yield_now();
    }
}

#[test]
fn commit_without_an_answer_is_unknown_and_done_once() {
    let Some(setting) = Setting::create() else {
        return;
    };
    setting.proxy.cut_at(b"COMMIT", Cut::Response);
    assert_unknown(setting.store.accounts().commit(&sign_up(), start()));
    assert!(setting.proxy.has_cut());
    let counts = ["kunci_users", "kunci_events"].map(|table| setting.count(table));
    assert_eq!(counts, [1, 1]);
}

#[test]
fn commit_that_never_arrives_is_unknown_and_not_done() {
    let Some(setting) = Setting::create() else {
        return;
    };
    setting.proxy.cut_at(b"COMMIT", Cut::Request);
    assert_unknown(setting.store.accounts().commit(&sign_up(), start()));
    let counts = ["kunci_users", "kunci_events"].map(|table| setting.count(table));
    assert_eq!(counts, [0, 0]);
}

#[test]
fn connection_lost_before_the_commit_changes_nothing() {
    for part in [&b"BEGIN"[..], b"hash-of-1", b"signed_up"] {
        for cut in [Cut::Request, Cut::Response] {
            let Some(setting) = Setting::create() else {
                return;
            };
            setting.proxy.cut_at(part, cut);
            let accounts = setting.store.accounts();
            assert_unavailable(accounts.commit(&sign_up(), start()));
            assert!(setting.proxy.has_cut());
            let counts = ["kunci_users", "kunci_events"].map(|table| setting.count(table));
            assert_eq!(counts, [0, 0]);
            assert_eq!(accounts.commit(&sign_up(), start()).unwrap(), Committed::Done);
        }
    }
}

#[test]
fn session_write_without_an_answer_is_unknown_and_done_at_most_once() {
    for (cut, stored) in [(Cut::Request, 0), (Cut::Response, 1)] {
        let Some(setting) = Setting::create() else {
            return;
        };
        let (sessions, session) = (setting.store.sessions(), visitor(1));
        setting.proxy.cut_at(session.key.as_bytes(), cut);
        assert_unknown(sessions.insert(&session));
        assert!(setting.proxy.has_cut());
        assert_eq!(setting.count("kunci_sessions"), stored);
        let again = if stored == 0 {
            Inserted::Done
        } else {
            Inserted::Collision
        };
        assert_eq!(sessions.insert(&session).unwrap(), again);
    }
}

#[test]
fn read_is_repeated_on_a_new_connection() {
    for cut in [Cut::Request, Cut::Response] {
        let Some(setting) = Setting::create() else {
            return;
        };
        let (sessions, session) = (setting.store.sessions(), visitor(1));
        assert_eq!(sessions.insert(&session).unwrap(), Inserted::Done);
        setting.proxy.cut_at(session.key.as_bytes(), cut);
        assert_eq!(sessions.find(&session.key, start()).unwrap(), Some(session));
        assert!(setting.proxy.has_cut());
    }
}

#[test]
fn connections_that_closed_while_idle_are_replaced() {
    let Some(setting) = Setting::create() else {
        return;
    };
    let sessions = setting.store.sessions();
    for number in 0..5 {
        setting.proxy.close_connections();
        assert_eq!(sessions.insert(&visitor(number)).unwrap(), Inserted::Done);
    }
}

#[test]
fn server_that_is_away_is_an_error_until_it_comes_back() {
    let Some(setting) = Setting::create() else {
        return;
    };
    let (sessions, accounts) = (setting.store.sessions(), setting.store.accounts());
    let session = signed_in(1, user_id(1));
    assert_eq!(sessions.insert(&session).unwrap(), Inserted::Done);
    setting.proxy.go_away();
    for _ in 0..3 {
        assert_unavailable(sessions.find(&session.key, start()));
        assert_unavailable(setting.store.session_check().check(&session.key, start()));
        assert_unavailable(accounts.commit(&sign_up(), start()));
        assert_unavailable(sessions.insert(&visitor(2)));
    }
    setting.proxy.come_back();
    let found = eventually(|| sessions.find(&session.key, start()));
    assert_eq!(found, Some(session));
    assert_eq!(accounts.commit(&sign_up(), start()).unwrap(), Committed::Done);
    assert_eq!(sessions.insert(&visitor(2)).unwrap(), Inserted::Done);
}

#[test]
fn store_opens_without_its_server_and_works_when_it_comes() {
    let Some(schema) = Schema::create() else {
        return;
    };
    let proxy = TcpProxy::start(server_address());
    proxy.go_away();
    let url = schema.url_at(Some(proxy.address()));
    let store = PostgresStore::open(PostgresUrl::parse(&url).unwrap(), options()).unwrap();
    assert_unavailable(store.sessions().find(&visitor(1).key, start()));
    proxy.come_back();
    assert_eq!(
        eventually(|| store.sessions().find(&visitor(1).key, start())),
        None
    );
    assert_eq!(store.sessions().insert(&visitor(1)).unwrap(), Inserted::Done);
}

#[test]
fn server_that_does_not_answer_is_given_up() {
    let mut options = options();
    options.query_timeout = Duration::from_secs(1);
    options.connect_timeout = Duration::from_secs(2);
    let Some(setting) = Setting::with(options) else {
        return;
    };
    let (sessions, session) = (setting.store.sessions(), visitor(1));
    assert_eq!(sessions.insert(&session).unwrap(), Inserted::Done);
    setting.proxy.stall();
    let begun = Instant::now();
    assert_unknown(sessions.insert(&visitor(2)));
    assert_unavailable(sessions.find(&session.key, start()));
    assert!(begun.elapsed() < PATIENCE);
    setting.proxy.come_back();
    eventually(|| sessions.find(&session.key, start()));
    drop(setting.schema);
}

#[test]
fn check_is_one_round_trip() {
    let Some(setting) = Setting::create() else {
        return;
    };
    let session = signed_in(1, user_id(1));
    assert_eq!(setting.store.sessions().insert(&session).unwrap(), Inserted::Done);
    assert_eq!(
        setting.store.accounts().commit(&sign_up(), start()).unwrap(),
        Committed::Done
    );
    setting
        .store
        .session_check()
        .check(&session.key, start())
        .unwrap();
    let before = setting.proxy.requests();
    for _ in 0..10 {
        let found = setting
            .store
            .session_check()
            .check(&session.key, start())
            .unwrap()
            .unwrap();
        assert!(found.admission.is_some());
    }
    assert_eq!(setting.proxy.requests() - before, 10);
}
