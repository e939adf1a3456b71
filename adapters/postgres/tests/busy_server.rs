//! Locks, conflicts and limits: what waits, what is repeated, and what is given up.

#![allow(clippy::unwrap_used, reason = "a failed step ends the test")]

mod support;

use std::thread;
use std::time::{Duration, Instant};

use kunci_domain::Step;
use kunci_domain::ports::{AccountStore, Committed, Health, Inserted, SessionStore, StoreError, Updated};
use kunci_postgres::PostgresStore;
use kunci_testkit::samples::{start, user, visitor};
use kunci_testkit::suites::{account_store, session_store};
use support::{Direct, Schema, open, open_in, options};

/// Longer than any wait for a lock takes.
const PATIENCE: Duration = Duration::from_secs(20);

#[track_caller]
fn assert_unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>, cause: &str) {
    match result {
        Err(StoreError::Unavailable { source, .. }) => {
            let text = source.to_string();
            assert!(text.contains(cause), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

/// Waits until a statement in the schema waits for a lock.
#[track_caller]
fn await_waiting(schema: &Schema, direct: &Direct) {
    let begun = Instant::now();
    let waiting = format!(
        "SELECT count(*) FROM pg_locks JOIN pg_class ON relation = pg_class.oid \
         JOIN pg_namespace ON relnamespace = pg_namespace.oid AND nspname = '{}' \
         WHERE pid IN (SELECT pid FROM pg_locks WHERE NOT granted)",
        schema.name()
    );
    while direct.number(&waiting) == 0 {
        assert!(begun.elapsed() < PATIENCE, "nothing waits for a lock");
    }
}

#[test]
fn statement_that_takes_too_long_is_ended_and_changes_nothing() {
    let Some(schema) = Schema::create() else {
        return;
    };
    let mut options = options();
    options.query_timeout = Duration::from_secs(1);
    let (sessions, session) = (open(&schema.url(), options).sessions(), visitor(1));
    assert_eq!(sessions.insert(&session).unwrap(), Inserted::Done);
    let direct = schema.direct();
    direct.run("BEGIN; SELECT * FROM kunci_sessions FOR UPDATE");
    assert_unavailable(sessions.delete(&session), "SQLSTATE 57014");
    direct.run("ROLLBACK");
    assert_eq!(
        sessions.find(&session.key, start()).unwrap(),
        Some(session.clone())
    );
    assert!(sessions.delete(&session).unwrap());
}

#[test]
fn exhausted_pool_is_an_error_within_its_timeout() {
    let Some(schema) = Schema::create() else {
        return;
    };
    let mut options = options();
    options.pool_size = 1;
    options.connect_timeout = Duration::from_secs(2);
    options.query_timeout = PATIENCE;
    let (sessions, session) = (open(&schema.url(), options).sessions(), visitor(1));
    assert_eq!(sessions.insert(&session).unwrap(), Inserted::Done);
    let direct = schema.direct();
    direct.run("BEGIN; SELECT * FROM kunci_sessions FOR UPDATE");
    thread::scope(|scope| {
        let delete = scope.spawn(|| sessions.delete(&session));
        await_waiting(&schema, &schema.direct());
        let begun = Instant::now();
        assert_unavailable(sessions.find(&session.key, start()), "all connections are in use");
        assert!(begun.elapsed() < PATIENCE / 2);
        direct.run("COMMIT");
        assert!(delete.join().unwrap().unwrap());
    });
    assert_eq!(sessions.find(&session.key, start()).unwrap(), None);
}

/// Makes the first `times` updates fail with a code, at once or in the commit.
fn fail_updates(direct: &Direct, code: &str, times: u32, trigger: &str) {
    direct.run(&format!(
        "CREATE SEQUENCE tries;
         CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('tries') <= {times} THEN
                 RAISE EXCEPTION 'the test fails this' USING ERRCODE = '{code}';
             END IF;
             RETURN NEW;
         END $$;
         {trigger} FOR EACH ROW EXECUTE FUNCTION fail()"
    ));
}

const AT_ONCE: &str = "CREATE TRIGGER fails BEFORE UPDATE ON kunci_users";
const IN_COMMIT: &str =
    "CREATE CONSTRAINT TRIGGER fails AFTER UPDATE ON kunci_users DEFERRABLE INITIALLY DEFERRED";

#[test]
fn change_that_loses_against_another_is_repeated() {
    for (code, trigger) in [
        ("40001", AT_ONCE),
        ("40001", IN_COMMIT),
        ("40P01", AT_ONCE),
        ("40P01", IN_COMMIT),
    ] {
        let Some(schema) = Schema::create() else {
            return;
        };
        let (accounts, ada) = (open_in(&schema).accounts(), user(1, "ada"));
        let insert = Step::InsertUser(ada.clone()).into();
        assert_eq!(accounts.commit(&insert, start()).unwrap(), Committed::Done);
        fail_updates(&schema.direct(), code, 3, trigger);
        let replace = Step::ReplaceUser(ada.clone()).into();
        assert_eq!(accounts.commit(&replace, start()).unwrap(), Committed::Done);
        let found = accounts.find(ada.id).unwrap().unwrap();
        assert_eq!(found.revision.as_i64(), 1, "the change is made once");
    }
}

#[test]
fn session_write_that_loses_against_another_is_repeated() {
    for code in ["40001", "40P01"] {
        let Some(schema) = Schema::create() else {
            return;
        };
        let (sessions, session) = (open_in(&schema).sessions(), visitor(1));
        assert_eq!(sessions.insert(&session).unwrap(), Inserted::Done);
        let trigger = "CREATE TRIGGER fails BEFORE UPDATE ON kunci_sessions";
        fail_updates(&schema.direct(), code, 3, trigger);
        assert_eq!(sessions.update(&session, start()).unwrap(), Updated::Done);
        let found = sessions.find(&session.key, start()).unwrap().unwrap();
        assert_eq!(found.revision.as_i64(), 1, "the update is made once");
    }
}

#[test]
fn change_that_always_loses_is_given_up_and_not_made() {
    let Some(schema) = Schema::create() else {
        return;
    };
    let (accounts, ada) = (open_in(&schema).accounts(), user(1, "ada"));
    let insert = Step::InsertUser(ada.clone()).into();
    assert_eq!(accounts.commit(&insert, start()).unwrap(), Committed::Done);
    fail_updates(&schema.direct(), "40001", u32::MAX, AT_ONCE);
    let replace = Step::ReplaceUser(ada.clone()).into();
    assert_unavailable(accounts.commit(&replace, start()), "SQLSTATE 40001");
    assert_eq!(accounts.find(ada.id).unwrap(), Some(ada));
}

#[test]
fn other_failures_in_a_commit_are_not_repeated() {
    let Some(schema) = Schema::create() else {
        return;
    };
    let (accounts, ada) = (open_in(&schema).accounts(), user(1, "ada"));
    let insert = Step::InsertUser(ada.clone()).into();
    assert_eq!(accounts.commit(&insert, start()).unwrap(), Committed::Done);
    fail_updates(&schema.direct(), "40003", 1, IN_COMMIT);
    let replace = Step::ReplaceUser(ada).into();
    let result = accounts.commit(&replace, start());
    assert!(
        matches!(result, Err(StoreError::OutcomeUnknown { .. })),
        "{result:?}"
    );
    assert_eq!(schema.direct().number("SELECT last_value FROM tries"), 1);
}

#[test]
fn server_may_have_another_default_isolation() {
    let races: [fn(&PostgresStore); 3] = [
        |store| session_store::races::concurrent_touches_do_not_make_updates_stale(&store.sessions()),
        |store| session_store::races::one_of_many_concurrent_rotations_wins(&store.sessions()),
        |store| account_store::user_races::concurrent_epoch_changes_are_not_lost(&store.accounts()),
    ];
    for race in races {
        let Some(schema) = Schema::create() else {
            return;
        };
        let url = schema.url() + "%20-c%20default_transaction_isolation%3Dserializable";
        race(&open(&url, options()));
    }
}

#[test]
fn server_that_accepts_no_writes_is_unhealthy() {
    let Some(schema) = Schema::create() else {
        return;
    };
    assert!(open_in(&schema).check().is_ok());
    let url = schema.url() + "%20-c%20default_transaction_read_only%3Don";
    let store = open(&url, options());
    assert_unavailable(store.check(), "accepts no writes");
    assert_unavailable(store.sessions().insert(&visitor(1)), "SQLSTATE 25006");
    assert_eq!(store.sessions().find(&visitor(1).key, start()).unwrap(), None);
}
