//! What is kept, when it is dropped, and how much of it there is. That nothing outdated is ever given out is
//! raced in `tests/hot.rs`.

use kunci_domain::ports::{Inserted, Rotated, SessionStore, Updated, UserInserted, UserStore};
use kunci_domain::{
    EmailAddress, PasswordHash, RecoveryDigest, SealedSeed, SecondFactor, Session, SessionData, TotpStep,
    User,
};
use kunci_testkit::samples::{
    key, neighbour, rotated, signed_in, start, start_plus, user, user_id, values, visitor,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::recent::Recent;
use super::weight::weight;
use super::{Row, RowId};
use crate::rows::row_id;
use crate::{SqliteOptions, SqliteStore};

/// Three sessions and two users, all of them read.
fn warm() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("kunci.sqlite"), SqliteOptions::default()).unwrap();
    for session in [visitor(1), signed_in(2, user_id(2)), visitor(3)] {
        assert_eq!(store.sessions().insert(&session).unwrap(), Inserted::Done);
    }
    for user in [user(2, "ada"), user(3, "grace")] {
        assert_eq!(store.users().insert(&user).unwrap(), UserInserted::Done);
    }
    warm_up(&store);
    assert_eq!(
        hot(&store),
        ["session 1", "session 2", "session 3", "user 2", "user 3"]
    );
    (folder, store)
}

fn warm_up(store: &SqliteStore) {
    for number in 1..=3 {
        store.sessions().find(&key(number), start()).unwrap();
        store.users().find(user_id(number)).unwrap();
    }
}

/// What would be given out without asking SQLite.
fn hot(store: &SqliteStore) -> Vec<String> {
    let hot = &store.database.hot;
    let Some(state) = hot.state() else {
        return Vec::new();
    };
    let kept = |id| hot.get(id, &state).is_some();
    let sessions = (1..=3).filter(|number| kept(RowId::Session(row_id(&key(*number)))));
    let users = (1..=3).filter(|number| kept(RowId::User(user_id(*number).as_i64())));
    sessions
        .map(|number| format!("session {number}"))
        .chain(users.map(|number| format!("user {number}")))
        .collect()
}

#[test]
fn each_write_drops_what_it_changes_and_nothing_else() {
    type Write = fn(&SqliteStore);
    let found = |store: &SqliteStore, number| -> Session {
        store.sessions().find(&key(number), start()).unwrap().unwrap()
    };
    let table: [(&str, Write, &[&str]); 9] = [
        (
            "a new session",
            |store| {
                assert_eq!(store.sessions().insert(&visitor(9)).unwrap(), Inserted::Done);
            },
            &[],
        ),
        (
            "other values",
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
            "a rotation",
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
            "a sign-out",
            |store| {
                assert!(store.sessions().delete(&visitor(3)).unwrap());
            },
            &["session 3"],
        ),
        (
            "signing out everywhere",
            |store| {
                assert_eq!(store.sessions().delete_all_of(user_id(2)).unwrap(), 1);
            },
            &["session 2"],
        ),
        (
            "removing what has ended",
            |store| {
                let late = visitor(1).expires_at().max(signed_in(2, user_id(2)).expires_at());
                assert_eq!(store.sessions().purge_expired(late, 10).unwrap(), 3);
            },
            &["session 1", "session 2", "session 3"],
        ),
        (
            "another epoch",
            |store| {
                let moved = user(2, "ada").in_next_epoch();
                assert_eq!(store.users().update(&moved).unwrap(), Updated::Done);
            },
            &["user 2"],
        ),
        (
            "no user any more",
            |store| {
                assert!(store.users().delete(user_id(3)).unwrap());
            },
            &["user 3"],
        ),
        (
            "nothing that is there",
            |store| {
                assert!(!store.sessions().delete(&visitor(8)).unwrap());
            },
            &[],
        ),
    ];
    for (what, write, dropped) in table {
        let (_folder, store) = warm();
        let before = hot(&store);
        assert_eq!(found(&store, 1).key, key(1));
        write(&store);
        let after = hot(&store);
        let gone: Vec<_> = before.iter().filter(|row| !after.contains(row)).collect();
        assert_eq!(gone, dropped, "{what}");
    }
}

#[test]
fn a_session_with_nearly_the_same_key_is_not_mistaken_for_the_one_that_is_kept() {
    let (_folder, store) = warm();
    let other = neighbour(&key(1));
    assert_eq!(row_id(&other), row_id(&key(1)));
    assert_eq!(store.sessions().find(&other, start()).unwrap(), None);
}

#[test]
fn a_touch_is_seen_once_it_is_written() {
    let (_folder, store) = warm();
    let later = start_plus(1_000);
    let _ = store.sessions().touch(&key(1), later).unwrap();
    // Whatever is written after it through the same handle is written after it.
    assert_eq!(store.sessions().insert(&visitor(9)).unwrap(), Inserted::Done);
    let found = store.sessions().find(&key(1), later).unwrap().unwrap();
    assert_eq!(found.last_seen_at, later);
}

#[test]
fn a_write_of_another_connection_drops_everything_and_then_it_goes_on() {
    let (folder, store) = warm();
    let other = SqliteStore::open(folder.path().join("kunci.sqlite"), SqliteOptions::default()).unwrap();
    assert!(other.sessions().delete(&visitor(1)).unwrap());
    assert_eq!(hot(&store), [""; 0]);
    // The first write after that of another finds out, and from the second on rows are kept again.
    for number in [8, 9] {
        assert_eq!(store.sessions().insert(&visitor(number)).unwrap(), Inserted::Done);
        assert_eq!(hot(&store), [""; 0]);
    }
    warm_up(&store);
    assert_eq!(hot(&store), ["session 2", "session 3", "user 2", "user 3"]);
}

#[test]
fn without_room_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        hot_bytes: 0,
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open(folder.path().join("kunci.sqlite"), options).unwrap();
    assert_eq!(store.sessions().insert(&visitor(1)).unwrap(), Inserted::Done);
    warm_up(&store);
    assert_eq!(hot(&store), [""; 0]);
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
fn what_is_asked_for_stays_and_what_is_not_goes_within_the_bound() {
    let each = weight(&row(0, SessionData::default()));
    let mut rows = Recent::new(20 * each);
    for number in 0..1_000 {
        rows.put(id(number), row(number, SessionData::default()));
        assert!(
            rows.get(id(0)).is_some(),
            "the first is asked for all the time; {number}"
        );
    }
    let left = (0..1_000)
        .filter(|number| rows.get(id(*number)).is_some())
        .count();
    assert_eq!(left, 20);
}

#[test]
fn rows_that_are_removed_or_replaced_make_room() {
    let each = weight(&row(0, SessionData::default()));
    let mut rows = Recent::new(3 * each);
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
fn what_is_too_large_is_not_kept_and_drives_nothing_out() {
    let mut rows = Recent::new(8 * weight(&row(0, SessionData::default())));
    rows.put(id(0), row(0, SessionData::default()));
    rows.put(id(1), row(1, values([("text", "x".repeat(30_000).into())])));
    assert!(rows.get(id(0)).is_some());
    assert!(rows.get(id(1)).is_none());
}

#[test]
fn values_weigh_at_least_what_they_take() {
    let weight_of = |value: Value| weight(&row(0, values([("k", value)])));
    let empty = weight_of(Value::Null);
    // A value has 32 bytes in a list, and a map of one has a node with room for eleven.
    for (value, least) in [
        (json!("x".repeat(1_000)), 1_000),
        (json!(vec![0; 1_000]), 32_000),
        (json!(vec![json!({"a": 1}); 100]), 100 * (32 + 11 * 56)),
        (json!([[[[[1]]]]]), 5 * 32),
    ] {
        let weighs = weight_of(value.clone()) - empty;
        assert!(least <= weighs, "{weighs} < {least}: {value}");
    }
}

#[test]
fn users_weigh_at_least_what_they_take_and_not_much_more() {
    let weight_of = |user: User| weight(&Row::from(user));
    let plain = user(1, "ada");
    let empty = weight_of(plain.clone());
    assert!(empty < 1_024, "{empty}");
    let address = format!("{}@example.org", "a".repeat(50));
    let with_address = User {
        email: Some(EmailAddress::parse(&address).unwrap()),
        ..plain.clone()
    };
    let with_hash = User {
        password_hash: PasswordHash::from_stored("h".repeat(1_000)),
        ..plain.clone()
    };
    let with_factor = User {
        second_factor: Some(SecondFactor {
            seed: SealedSeed::from_stored(vec![0; 200]),
            last_step: TotpStep::from_stored(0),
            recovery: vec![RecoveryDigest::from_stored([0; 32]); 10],
            since: start(),
        }),
        ..plain
    };
    for (user, least) in [(with_address, 62), (with_hash, 900), (with_factor, 200 + 10 * 32)] {
        let more = weight_of(user) - empty;
        assert!(
            (least..least + 200).contains(&more),
            "{more} where {least} are taken"
        );
    }
}
