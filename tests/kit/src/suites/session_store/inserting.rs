//! Promises about inserting and finding sessions.

use std::collections::BTreeMap;
use std::time::Duration;

use kunci_domain::ports::{Inserted, SessionStore, Updated};
use kunci_domain::{
    Device, Lifetime, Notices, Permanence, Revision, SealedSeed, Session, SessionData, SignInState, Timestamp,
};
use serde_json::{Value, json};

use super::support::{TICK, add, as_kept, assert_absent, assert_holds, delete, find, insert, settle, update};
use crate::samples::{IDLE, neighbour, pending, signed_in, start, start_plus, user_id, values, visitor};

/// Checks that every field is stored and returned unchanged, at each stage of a sign-in.
pub fn all_session_fields_are_preserved(store: &dyn SessionStore) {
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
    let notices = vec!["Selamat datang".to_owned(), String::new()];
    let pending = Session {
        notices: Notices::from_stored(notices),
        ..pending(3, user_id(1))
    };
    let enrolling = Session {
        enrolment: Some(SealedSeed::from_stored((0..=255).collect())),
        ..signed_in(4, user_id(1))
    };
    for session in [anonymous, user, pending, enrolling] {
        add(store, &session);
        assert_holds(store, &session, start());
    }
}

/// Checks that a session without values, authentication or device is returned without them.
pub fn minimal_session_is_preserved(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    let found = find(store, &session.key, start()).expect("the session is missing");
    assert!(found.data.is_empty() && found.notices.is_empty());
    assert_eq!((found.sign_in, found.enrolment), (SignInState::Visitor, None));
    assert_eq!(found.device, Device::default());
}

/// Checks that an unknown key finds nothing, in an empty store and in one that holds another session.
pub fn unknown_key_is_absent(store: &dyn SessionStore) {
    assert_absent(store, &visitor(1).key, start());
    add(store, &visitor(2));
    assert_absent(store, &visitor(1).key, start());
}

/// Checks that a key which differs in its last bit does not find, change or remove the session.
pub fn keys_differing_in_one_bit_are_distinct(store: &dyn SessionStore) {
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

/// Checks that a second insert of a key is a `Collision` and leaves the existing session unchanged.
pub fn insert_of_existing_key_collides(store: &dyn SessionStore) {
    let first = signed_in(1, user_id(1));
    add(store, &first);
    let second = Session {
        data: values([("intruder", true.into())]),
        ..signed_in(1, user_id(2))
    };
    assert_eq!(insert(store, &second), Inserted::Collision);
    assert_holds(store, &first, start());
}

/// Checks that an expired session keeps its key until it is purged or deleted.
pub fn insert_over_expired_session_collides(store: &dyn SessionStore) {
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

/// Checks that a key can be inserted again after `delete`.
pub fn deleted_key_can_be_reused(store: &dyn SessionStore) {
    add(store, &signed_in(1, user_id(1)));
    assert!(delete(store, &visitor(1)));
    add(store, &visitor(1));
    assert_holds(store, &visitor(1), start());
}

/// Checks that values of every JSON type are preserved, with numbers and texts that often get altered.
pub fn all_json_types_are_preserved(store: &dyn SessionStore) {
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

/// Checks that computed floating-point numbers are preserved bit for bit.
pub fn floats_are_preserved_bit_for_bit(store: &dyn SessionStore) {
    let numbers: Vec<f64> = (1..200)
        .map(|n| f64::from(n).sqrt() * 10_f64.powi(n % 40 - 20))
        .collect();
    let session = Session {
        data: values([("numbers", json!(numbers))]),
        ..visitor(1)
    };
    add(store, &session);
    let found = find(store, &session.key, start()).expect("the session is missing");
    let kept: Vec<f64> = serde_json::from_value(found.data.as_map()["numbers"].clone()).expect("numbers");
    let altered = numbers
        .iter()
        .zip(&kept)
        .find(|(number, kept)| number.to_bits() != kept.to_bits());
    assert_eq!(altered, None);
    assert_eq!(kept.len(), numbers.len());
}

/// Checks that the largest session which the domain allows can be inserted and written by an update.
pub fn session_of_32_kib_is_preserved(store: &dyn SessionStore) {
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

/// Checks that times and durations at the limits of their types neither wrap nor fail.
pub fn extreme_times_and_durations_are_preserved(store: &dyn SessionStore) {
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
        let now = super::support::just_before(end);
        assert_holds(store, &session, now);
        assert_eq!(as_kept(&session).expires_at(), end, "row {number}");
        assert_absent(store, &session.key, end);
    }
}

/// Checks that repeated calls of `find` do not change a session.
pub fn find_has_no_side_effects(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    for second in 0..5 {
        assert_holds(store, &session, start_plus(second * 1_000));
    }
}
