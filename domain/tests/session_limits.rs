//! Limits of session values: invalid keys, size, nesting, and values that are not JSON.
//!
//! Valid values are in `session_data.rs`; the rules for keys are in `values.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::collections::{BTreeMap, HashMap};

use kunci_domain::ports::{SessionStore, Updated};
use kunci_domain::use_cases::{SessionError, begin_enrolment, enrolment, enter_code, sign_in};
use kunci_domain::{DataError, NoKnownDevices, Notices, OpenSession, Session, SessionData, SessionToken};
use serde_json::{Value, json};
use support::{PASSWORD, World, attempt, code_at, token, with_second_factor};

#[test]
fn values_that_are_not_json_are_refused() {
    let mut open = World::new().visit();
    let keyed_by_lists = HashMap::from([(vec![1], 1)]);
    assert!(matches!(
        open.insert("k", keyed_by_lists),
        Err(DataError::WrongType(_))
    ));
    assert!(!open.is_changed());
}

#[test]
fn bad_keys_are_refused_by_every_setter() {
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

/// Returns a text with this size as JSON.
fn text_of(bytes: usize) -> String {
    "x".repeat(bytes - 2)
}

#[test]
fn session_holds_exactly_32_kib_of_json() {
    // `{"a":..}` takes six bytes besides the value, `{"a":..,"b":1}` twelve.
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
        "a refused value is not stored"
    );
    open.insert("a", text_of(MAX - 6)).unwrap();
    open.commit().unwrap();
    assert!(matches!(open.insert("b", 1), Err(DataError::TooLarge)));
    let outcome = open.update("b", |n: Option<u8>| n.unwrap_or(1));
    assert!(matches!(outcome, Err(SessionError::Data(DataError::TooLarge))));
    open.insert("a", text_of(MAX - 12)).unwrap();
    open.insert("b", 1).unwrap();
    open.commit().unwrap();
    let open = world.open(&token(&open));
    assert_eq!(serde_json::to_vec(open.data().as_map()).unwrap().len(), MAX);
}

/// Fills the values of a session.
fn fill(open: &mut OpenSession) {
    open.insert("a", text_of(SessionData::MAX_BYTES - 6)).unwrap();
    open.commit().unwrap();
}

#[test]
fn full_session_can_enrol_and_sign_in_with_second_factor() {
    let world = World::new();
    let here = world.sign_up("ada");
    fill(&mut world.open(&here));
    let (_, authenticator) = world.enrol(&here);
    world.clock.advance(support::MINUTE);

    let mut open = world.visit();
    fill(&mut open);
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    let code = code_at(&authenticator.seed, world.now());
    enter_code(&mut open, &code, &NoKnownDevices).unwrap();
    open.flash("Welcome");
    open.commit().unwrap();
    let mut open = world.open(&token(&open));
    assert!(open.user().is_some() && !open.contains("a"));
    assert_eq!(open.take_flashes(), ["Welcome"]);
}

#[test]
fn clearing_the_values_keeps_everything_else() {
    let (world, here, authenticator) = with_second_factor(World::new());
    let clear = |token: &SessionToken| {
        let mut open = world.open(token);
        open.insert("theme", "dark").unwrap();
        open.flash("hello");
        open.clear();
        open.commit().unwrap();
        assert_eq!(world.open(token).take_flashes(), ["hello"]);
    };
    clear(&here);
    assert_eq!(world.who(&here).as_deref(), Some("ada"));
    let pending = world.pass_first_step("ada");
    clear(&pending);
    let code = code_at(&authenticator.seed, world.now());
    assert!(world.enter(&pending, &code).unwrap().user().is_some());
    let fresh = world.sign_up("grace");
    begin_enrolment(&mut world.open(&fresh)).unwrap();
    clear(&fresh);
    enrolment(&world.open(&fresh)).unwrap();
}

#[test]
fn notices_are_bounded_and_the_latest_stay() {
    let mut open = World::new().visit();
    for number in 0..=Notices::MAX {
        open.flash(&format!("{number} {}", "ö".repeat(Notices::MAX_CHARS)));
    }
    let notices = open.take_flashes();
    assert_eq!(notices.len(), Notices::MAX);
    assert!(notices[0].starts_with("1 ") && notices[Notices::MAX - 1].starts_with("16 "));
    assert!(
        notices
            .iter()
            .all(|notice| notice.chars().count() == Notices::MAX_CHARS)
    );
}

#[test]
fn next_notice_cuts_a_stored_list_that_is_too_long() {
    let world = World::new();
    let here = world.sign_up("ada");
    let stored = Session {
        notices: Notices::from_stored(vec!["old".to_owned(); Notices::MAX + 4]),
        ..world.live_sessions().remove(0)
    };
    assert_eq!(
        world.sessions.update(&stored, world.now()).unwrap(),
        Updated::Done
    );
    let mut open = world.open(&here);
    open.flash("new");
    assert_eq!(open.take_flashes().len(), Notices::MAX);
}

#[test]
fn size_counts_encoded_bytes() {
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
fn stored_values_can_be_read_back_from_json() {
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
fn update_respects_the_nesting_limit() {
    let mut open = World::new().visit();
    open.update("deep", |_: Option<Value>| nested(64)).unwrap();
    let outcome = open.update("deep", |_: Option<Value>| nested(65));
    assert!(
        matches!(outcome, Err(SessionError::Data(DataError::TooDeep))),
        "{outcome:?}"
    );
    assert_eq!(open.get("deep").unwrap(), Some(nested(64)));
}
