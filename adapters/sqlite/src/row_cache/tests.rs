//! Tests what is cached, what removes it, and the bound. `tests/row_cache.rs` races readers against writers.

use kunci_domain::ports::{AccountStore, Committed, Inserted, Rotated, SessionStore, Updated};
use kunci_domain::{Admission, EmailAddress, Notices, SealedSeed, Session, SessionData, Step};
use kunci_testkit::samples::{
    key, neighbour, rotated, signed_in, start, start_plus, user, user_id, values, visitor,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::lru::LruRows;
use super::size::estimated_bytes;
use super::{Row, RowId};
use crate::accounts::users::find_admission;
use crate::rows::row_id;
use crate::{SqliteOptions, SqliteStore};

/// Returns a store with three sessions and two users, all of them cached.
fn warm_store() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("kunci.sqlite"), SqliteOptions::default()).unwrap();
    for session in [visitor(1), signed_in(2, user_id(2)), visitor(3)] {
        assert_eq!(store.sessions().insert(&session).unwrap(), Inserted::Done);
    }
    for user in [user(2, "ada"), user(3, "grace")] {
        commit(&store, Step::InsertUser(user));
    }
    read_all(&store);
    assert_eq!(
        cached(&store),
        ["session 1", "session 2", "session 3", "user 2", "user 3"]
    );
    (folder, store)
}

#[track_caller]
fn commit(store: &SqliteStore, step: Step) {
    let committed = store.accounts().commit(&step.into(), start());
    assert_eq!(committed.unwrap(), Committed::Done);
}

fn read_all(store: &SqliteStore) {
    for number in 1..=3 {
        store.sessions().find(&key(number), start()).unwrap();
        let state = store.database.cache.database_state();
        find_admission(&store.database, state, user_id(number)).unwrap();
    }
}

/// Returns the rows that are found without asking SQLite.
fn cached(store: &SqliteStore) -> Vec<String> {
    let cache = &store.database.cache;
    let Some(state) = cache.database_state() else {
        return Vec::new();
    };
    let is_cached = |id| cache.get(id, &state).is_some();
    let sessions = (1..=3).filter(|number| is_cached(RowId::Session(row_id(&key(*number)))));
    let users = (1..=3).filter(|number| is_cached(RowId::User(user_id(*number).as_i64())));
    sessions
        .map(|number| format!("session {number}"))
        .chain(users.map(|number| format!("user {number}")))
        .collect()
}

#[test]
fn each_write_removes_only_the_rows_it_changes() {
    type Write = fn(&SqliteStore);
    let found = |store: &SqliteStore, number| -> Session {
        store.sessions().find(&key(number), start()).unwrap().unwrap()
    };
    let table: [(&str, Write, &[&str]); 9] = [
        (
            "insert a session",
            |store| {
                assert_eq!(store.sessions().insert(&visitor(9)).unwrap(), Inserted::Done);
            },
            &[],
        ),
        (
            "change values",
            |store| {
                let changed = Session {
                    data: values([("a", 1.into())]),
                    ..visitor(1)
                };
                assert_eq!(store.sessions().update(&changed, start()).unwrap(), Updated::Done);
            },
            &["session 1"],
        ),
        (
            "rotate",
            |store| {
                let new = rotated(&visitor(1), 9);
                assert_eq!(
                    store.sessions().rotate(&visitor(1), &new, start()).unwrap(),
                    Rotated::Done
                );
            },
            &["session 1"],
        ),
        (
            "sign out",
            |store| {
                assert!(store.sessions().delete(&visitor(3)).unwrap());
            },
            &["session 3"],
        ),
        (
            "sign out everywhere",
            |store| {
                assert_eq!(store.sessions().delete_all_of(user_id(2)).unwrap(), 1);
            },
            &["session 2"],
        ),
        (
            "purge expired sessions",
            |store| {
                let late = visitor(1).expires_at().max(signed_in(2, user_id(2)).expires_at());
                assert_eq!(store.sessions().purge_expired(late, 10).unwrap(), 3);
            },
            &["session 1", "session 2", "session 3"],
        ),
        (
            "raise the epoch",
            |store| {
                let moved = user(2, "ada").in_next_epoch();
                commit(store, Step::ReplaceUser(moved));
            },
            &["user 2"],
        ),
        (
            "delete a user",
            |store| {
                commit(store, Step::DeleteUser(user_id(3)));
            },
            &["user 3"],
        ),
        (
            "delete an unknown session",
            |store| {
                assert!(!store.sessions().delete(&visitor(8)).unwrap());
            },
            &[],
        ),
    ];
    for (name, write, removed) in table {
        let (_folder, store) = warm_store();
        let before = cached(&store);
        assert_eq!(found(&store, 1).key, key(1));
        write(&store);
        let after = cached(&store);
        let missing: Vec<_> = before.iter().filter(|row| !after.contains(row)).collect();
        assert_eq!(missing, removed, "{name}");
    }
}

#[test]
fn cached_session_with_another_key_is_not_returned() {
    let (_folder, store) = warm_store();
    let other = neighbour(&key(1));
    assert_eq!(row_id(&other), row_id(&key(1)));
    assert_eq!(store.sessions().find(&other, start()).unwrap(), None);
}

#[test]
fn touch_is_seen_after_it_is_written() {
    let (_folder, store) = warm_store();
    let later = start_plus(1_000);
    let _ = store.sessions().touch(&key(1), later).unwrap();
    // Writes are done in the order of the queue, so the touch is written before this insert returns.
    assert_eq!(store.sessions().insert(&visitor(9)).unwrap(), Inserted::Done);
    let found = store.sessions().find(&key(1), later).unwrap().unwrap();
    assert_eq!(found.last_seen_at, later);
}

#[test]
fn external_write_empties_the_cache_which_then_refills() {
    let (folder, store) = warm_store();
    let other = SqliteStore::open(folder.path().join("kunci.sqlite"), SqliteOptions::default()).unwrap();
    assert!(other.sessions().delete(&visitor(1)).unwrap());
    assert_eq!(cached(&store), [""; 0]);
    // The first write detects the external one. After the second, rows are cached again.
    for number in [8, 9] {
        assert_eq!(store.sessions().insert(&visitor(number)).unwrap(), Inserted::Done);
        assert_eq!(cached(&store), [""; 0]);
    }
    read_all(&store);
    assert_eq!(cached(&store), ["session 2", "session 3", "user 2", "user 3"]);
}

#[test]
fn cache_of_zero_bytes_is_disabled() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        row_cache_bytes: 0,
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open(folder.path().join("kunci.sqlite"), options).unwrap();
    assert_eq!(store.sessions().insert(&visitor(1)).unwrap(), Inserted::Done);
    read_all(&store);
    assert_eq!(cached(&store), [""; 0]);
}

fn row(number: u64, data: SessionData) -> Row {
    Session {
        data,
        ..visitor(number)
    }
    .into()
}

fn id(number: u64) -> RowId {
    RowId::Session(number.cast_signed())
}

#[test]
fn least_recently_used_rows_are_evicted() {
    let each = estimated_bytes(&row(0, SessionData::default()));
    let mut rows = LruRows::new(20 * each);
    for number in 0..1_000 {
        rows.put(id(number), row(number, SessionData::default()));
        assert!(
            rows.get(id(0)).is_some(),
            "the row in use is evicted by row {number}"
        );
    }
    let left = (0..1_000)
        .filter(|number| rows.get(id(*number)).is_some())
        .count();
    assert_eq!(left, 20);
}

#[test]
fn removed_and_replaced_rows_free_their_bytes() {
    let each = estimated_bytes(&row(0, SessionData::default()));
    let mut rows = LruRows::new(3 * each);
    rows.put(id(0), row(0, SessionData::default()));
    for _ in 0..100 {
        rows.put(id(1), row(1, SessionData::default()));
        rows.put(id(2), row(2, SessionData::default()));
        rows.remove(id(2));
    }
    assert!(rows.get(id(0)).is_some());
    assert!(rows.get(id(2)).is_none());
}

#[test]
fn too_large_row_is_not_cached_and_evicts_nothing() {
    let mut rows = LruRows::new(8 * estimated_bytes(&row(0, SessionData::default())));
    rows.put(id(0), row(0, SessionData::default()));
    rows.put(id(1), row(1, values([("text", "x".repeat(30_000).into())])));
    assert!(rows.get(id(0)).is_some());
    assert!(rows.get(id(1)).is_none());
}

#[test]
fn estimate_covers_the_memory_of_session_values() {
    let bytes_of = |value: Value| estimated_bytes(&row(0, values([("k", value)])));
    let empty = bytes_of(Value::Null);
    // A value takes 32 bytes in a list. A map with one entry has a node for eleven.
    for (value, least) in [
        (json!("x".repeat(1_000)), 1_000),
        (json!(vec![0; 1_000]), 32_000),
        (json!(vec![json!({"a": 1}); 100]), 100 * (32 + 11 * 56)),
        (json!([[[[[1]]]]]), 5 * 32),
    ] {
        let estimate = bytes_of(value.clone()) - empty;
        assert!(least <= estimate, "{estimate} < {least}: {value}");
    }
}

#[test]
fn estimate_covers_the_memory_of_users() {
    let bytes_of = |user: Admission| estimated_bytes(&Row::from(user));
    let plain = Admission::from(&user(1, "ada"));
    let empty = bytes_of(plain.clone());
    assert!(empty < 1_024, "{empty}");
    let address = format!("{}@example.org", "a".repeat(50));
    let with_address = Admission {
        email: Some(EmailAddress::parse(&address).unwrap()),
        ..plain
    };
    let estimate = bytes_of(with_address) - empty;
    assert!((62..262).contains(&estimate), "{estimate}");
}

#[test]
fn estimate_covers_the_memory_of_notices_and_seeds() {
    let empty = estimated_bytes(&Row::from(visitor(1)));
    let with_both = Session {
        notices: Notices::from_stored(vec!["n".repeat(500); 16]),
        enrolment: Some(SealedSeed::from_stored(vec![0; 200])),
        ..visitor(1)
    };
    let estimate = estimated_bytes(&Row::from(with_both)) - empty;
    assert!((8_200..10_000).contains(&estimate), "{estimate}");
}
