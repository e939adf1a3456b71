//! What goes in comes out: inserting and finding.

use std::collections::BTreeMap;
use std::time::Duration;

use kunci_domain::ports::{Inserted, SessionStore, Updated};
use kunci_domain::{Device, Lifetime, Permanence, Revision, Session, SessionData, Timestamp};
use serde_json::{Value, json};

use super::steps::{TICK, add, as_kept, assert_absent, assert_holds, delete, find, insert, settle, update};
use crate::samples::{IDLE, neighbour, signed_in, start, start_plus, user_id, values, visitor};

/// Every field survives, for a visitor and for a user.
pub fn a_session_comes_back_as_it_went_in(store: &dyn SessionStore) {
    let anonymous = Session {
        device: Device::new(
            "Ein Gerät für 日本 🗝",
            Some([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into()),
        ),
        ..visitor(1)
    };
    let user = Session {
        created_at: start_plus(-90_001),
        last_seen_at: start_plus(-1_002),
        lifetime: Lifetime {
            idle: Duration::from_millis(3_600_001),
            absolute: Duration::from_millis(86_400_003),
        },
        permanence: Permanence::Permanent,
        revision: Revision::from_stored(41),
        ..signed_in(2, user_id(1))
    };
    for session in [anonymous, user] {
        add(store, &session);
        assert_holds(store, &session, start());
    }
}

/// A session in which nothing is set needs nothing to be set.
pub fn a_bare_session_comes_back(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    let found = find(store, &session.key, start()).expect("the session is not there");
    assert!(found.data.is_empty() && found.authentication.is_none());
    assert_eq!(found.device, Device::default());
}

/// A key that was never inserted finds nothing, in an empty store and in one that is not.
pub fn an_unknown_key_finds_nothing(store: &dyn SessionStore) {
    assert_absent(store, &visitor(1).key, start());
    add(store, &visitor(2));
    assert_absent(store, &visitor(1).key, start());
}

/// A key is the whole key: one that differs in its last bit finds, changes and removes nothing.
pub fn a_key_that_differs_in_one_bit_is_another_key(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    let other = Session {
        key: neighbour(&session.key),
        ..session.clone()
    };
    assert_absent(store, &other.key, start());
    assert_eq!(update(store, &other, start()), Updated::Gone);
    let _ = store.touch(&other.key, start_plus(5)).expect("touch");
    settle(store);
    assert!(!delete(store, &other));
    assert_holds(store, &session, start());
}

/// Inserting is no way to overwrite.
pub fn a_second_insert_of_one_key_collides_and_changes_nothing(store: &dyn SessionStore) {
    let first = signed_in(1, user_id(1));
    add(store, &first);
    let second = Session {
        data: values([("intruder", true.into())]),
        ..signed_in(1, user_id(2))
    };
    assert_eq!(insert(store, &second), Inserted::Collision);
    assert_holds(store, &first, start());
}

/// An expired session still has its key: only purging and deleting free it.
pub fn an_insert_over_an_expired_session_collides(store: &dyn SessionStore) {
    let expired = Session {
        created_at: start_plus(-10_000),
        last_seen_at: start_plus(-10_000),
        lifetime: Lifetime {
            idle: Duration::from_secs(5),
            absolute: Duration::from_secs(5),
        },
        ..visitor(1)
    };
    add(store, &expired);
    assert_eq!(insert(store, &visitor(1)), Inserted::Collision);
    assert_absent(store, &expired.key, start());
    assert_holds(store, &expired, start_plus(-9_000));
}

/// After a delete the key is free.
pub fn a_key_may_be_used_again_after_delete(store: &dyn SessionStore) {
    add(store, &signed_in(1, user_id(1)));
    assert!(delete(store, &visitor(1)));
    add(store, &visitor(1));
    assert_holds(store, &visitor(1), start());
}

/// Every kind of JSON, with the numbers and texts that are most often bent on the way.
pub fn values_of_every_kind_come_back(store: &dyn SessionStore) {
    let nested = (0..60).fold(json!("deep"), |inner, _| json!([inner]));
    let long_key = "ключ".repeat(32);
    let data = values([
        ("null", Value::Null),
        ("booleans", json!([true, false])),
        ("integers", json!([0, -1, i64::MIN, i64::MAX, u64::MAX])),
        (
            "floats",
            json!([
                0.1 + 0.2,
                -0.0,
                5e-324,
                f64::MAX,
                f64::MIN_POSITIVE,
                1e21,
                123_456_789.123_456_78
            ]),
        ),
        (
            "texts",
            json!([
                "",
                "\0",
                "a\0b",
                "'; DROP TABLE sessions; --",
                "\"\\/\u{1}\u{7f}\u{2028}"
            ]),
        ),
        (
            "letters",
            json!(["ü", "u\u{308}", "日本語", "שלום", "🗝️", "\u{feff}", "\u{10ffff}"]),
        ),
        ("empty", json!([[], {}, {"": {"": null}}])),
        ("nested", nested),
        (&long_key, json!("a key of 128 characters")),
    ]);
    let session = Session { data, ..visitor(1) };
    add(store, &session);
    assert_holds(store, &session, start());
}

/// Any double, bit by bit, since values are often numbers that somebody computed.
pub fn numbers_keep_every_bit(store: &dyn SessionStore) {
    let numbers: Vec<f64> = (1..200)
        .map(|n| f64::from(n).sqrt() * 10_f64.powi(n % 40 - 20))
        .collect();
    let session = Session {
        data: values([("numbers", json!(numbers))]),
        ..visitor(1)
    };
    add(store, &session);
    let found = find(store, &session.key, start()).expect("the session is not there");
    let kept: Vec<f64> = serde_json::from_value(found.data.as_map()["numbers"].clone()).expect("numbers");
    let bent = numbers
        .iter()
        .zip(&kept)
        .find(|(number, kept)| number.to_bits() != kept.to_bits());
    assert_eq!(bent, None);
    assert_eq!(kept.len(), numbers.len());
}

/// The largest session that the domain lets through.
pub fn a_session_of_32_kib_comes_back(store: &dyn SessionStore) {
    let largest = largest_data();
    let session = Session {
        data: largest.clone(),
        ..signed_in(1, user_id(1))
    };
    add(store, &session);
    assert_holds(store, &session, start());
    let small = visitor(2);
    add(store, &small);
    let grown = Session {
        data: largest,
        ..small
    };
    assert_eq!(update(store, &grown, start()), Updated::Done);
    assert_eq!(
        find(store, &grown.key, start()).map(|found| found.data),
        Some(grown.data)
    );
}

fn largest_data() -> SessionData {
    let frame = r#"{"text":""}"#.len();
    let text: String = "0123456789abcdef"
        .chars()
        .cycle()
        .take(SessionData::MAX_BYTES - frame)
        .collect();
    SessionData::from_stored(BTreeMap::from([("text".to_owned(), Value::String(text))]))
}

/// Times and durations at the ends of their types neither wrap nor fail.
pub fn extreme_times_and_durations_come_back(store: &dyn SessionStore) {
    let at = Timestamp::from_unix_millis;
    let rows = [
        (at(0), at(0), Duration::MAX, Duration::MAX),
        (at(i64::MIN), at(i64::MIN), Duration::MAX, Duration::MAX),
        (at(i64::MIN), at(i64::MAX - 1), Duration::MAX, Duration::MAX),
        (at(i64::MAX - 1), at(i64::MAX - 1), Duration::MAX, Duration::MAX),
        (at(-1), at(i64::MAX - 1), Duration::from_millis(1), Duration::MAX),
        (at(-86_400_001), at(-1), TICK, IDLE * 48),
    ];
    for (number, (created_at, last_seen_at, idle, absolute)) in (1..).zip(rows) {
        let session = Session {
            created_at,
            last_seen_at,
            lifetime: Lifetime { idle, absolute },
            ..visitor(number)
        };
        add(store, &session);
        let end = session.expires_at();
        let now = super::steps::just_before(end);
        assert_holds(store, &session, now);
        assert_eq!(as_kept(&session).expires_at(), end, "row {number}");
        assert_absent(store, &session.key, end);
    }
}

/// Finding is reading: it may be repeated and changes nothing.
pub fn finding_changes_nothing(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    for second in 0..5 {
        assert_holds(store, &session, start_plus(second * 1_000));
    }
}
