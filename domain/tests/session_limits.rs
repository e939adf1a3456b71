//! What does not fit into a session: bad keys, too many bytes, too deep nesting, and what is no JSON.
//!
//! What fits, and what can be done with it, is in `session_data.rs`; the rules for keys are in `values.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::collections::{BTreeMap, HashMap};

use kunci_domain::use_cases::SessionError;
use kunci_domain::{DataError, SessionData};
use serde_json::{Value, json};
use support::{World, token};

#[test]
fn what_is_no_json_cannot_be_kept() {
    let mut open = World::new().visit();
    let keyed_by_lists = HashMap::from([(vec![1], 1)]);
    assert!(matches!(
        open.insert("k", keyed_by_lists),
        Err(DataError::WrongType(_))
    ));
    assert!(!open.is_changed());
}

#[test]
fn bad_keys_are_refused_wherever_something_is_put() {
    let mut open = World::new().visit();
    for key in ["", "_flash", "a\nb", &"x".repeat(129)] {
        assert!(matches!(open.insert(key, 1), Err(DataError::BadKey)), "{key:?}");
        let outcome = open.update(key, |n: Option<u32>| n.unwrap_or(0));
        assert!(
            matches!(outcome, Err(SessionError::Data(DataError::BadKey))),
            "{key:?}"
        );
        assert!(
            open.get::<Value>(key).unwrap().is_none() && !open.contains(key),
            "{key:?}"
        );
    }
    assert!(!open.is_changed());
}

/// A text that takes so many bytes as JSON.
fn text_of(bytes: usize) -> String {
    "x".repeat(bytes - 2)
}

#[test]
fn a_session_holds_32_kib_of_json_and_not_a_byte_more() {
    // {"a":..} takes six bytes beside the value, {"a":..,"b":1} twelve.
    const MAX: usize = 32 * 1024;
    assert_eq!(SessionData::MAX_BYTES, MAX);
    let world = World::new();
    let mut open = world.visit();
    assert!(matches!(
        open.insert("a", text_of(MAX - 5)),
        Err(DataError::TooLarge)
    ));
    assert!(
        !open.contains("a") && !open.is_changed(),
        "what is refused is not kept"
    );
    open.insert("a", text_of(MAX - 6)).unwrap();
    open.commit().unwrap();
    assert!(matches!(open.insert("b", 1), Err(DataError::TooLarge)));
    assert!(matches!(open.flash("hello"), Err(DataError::TooLarge)));
    let outcome = open.update("b", |n: Option<u8>| n.unwrap_or(1));
    assert!(matches!(outcome, Err(SessionError::Data(DataError::TooLarge))));
    open.insert("a", text_of(MAX - 12)).unwrap();
    open.insert("b", 1).unwrap();
    open.commit().unwrap();
    let open = world.open(&token(&open));
    assert_eq!(serde_json::to_vec(open.data().as_map()).unwrap().len(), MAX);
}

#[test]
fn size_counts_bytes_as_they_are_written() {
    for (case, text, fits) in [
        ("letters", "x".repeat(32_000), true),
        ("letters of two bytes", "ö".repeat(16_000), true),
        ("too many letters of two bytes", "ö".repeat(17_000), false),
        (
            "characters that are escaped to six bytes",
            "\u{1}".repeat(5_000),
            true,
        ),
        ("too many of them", "\u{1}".repeat(6_000), false),
    ] {
        let outcome = World::new().visit().insert("k", text);
        assert_eq!(outcome.is_ok(), fits, "{case}: {outcome:?}");
    }
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

#[test]
fn whatever_is_kept_can_be_read_back_from_its_json() {
    for levels in [0, 1, 63, 64, 65, 100, 126, 127, 128, 200] {
        for value in [nested(levels), json!({"k": nested(levels.saturating_sub(1))})] {
            let mut open = World::new().visit();
            let accepted = open.insert("deep", value).is_ok();
            assert_eq!(accepted, levels <= 64, "{levels} levels");
            let text = serde_json::to_string(open.data().as_map()).unwrap();
            let back: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
            assert_eq!(&back, open.data().as_map(), "{levels} levels");
        }
    }
}

#[test]
fn a_function_of_the_old_value_can_nest_no_deeper_either() {
    let mut open = World::new().visit();
    open.update("deep", |_: Option<Value>| nested(64)).unwrap();
    let outcome = open.update("deep", |_: Option<Value>| nested(65));
    assert!(
        matches!(outcome, Err(SessionError::Data(DataError::TooDeep))),
        "{outcome:?}"
    );
    assert_eq!(open.get("deep").unwrap(), Some(nested(64)));
}
