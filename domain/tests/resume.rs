//! Taking up a session: unknown tokens, the idle and the absolute limit, and how seldom a use is written.
//!
//! When the client is told its token anew is in `renewal.rs`, who ends sessions in `ending.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use kunci_domain::use_cases::{self, Handover, SignIn, sign_out};
use kunci_domain::{Device, Lifetime, Permanence, Session, SessionPolicy, SessionToken};
use support::{DAY, HOUR, MINUTE, PASSWORD, SECOND, World, attempt, token};

const MILLISECOND: Duration = Duration::from_millis(1);

/// Signs in for good or for as long as the browser is open.
fn sign_in(world: &World, permanence: Permanence) -> SessionToken {
    let mut open = world.visit();
    let attempt = SignIn {
        permanence,
        ..attempt("ada", PASSWORD)
    };
    use_cases::sign_in(&mut open, attempt).unwrap();
    token(&open)
}

fn world_with_ada() -> World {
    let world = World::new();
    world.sign_up("ada");
    world
}

#[test]
fn a_request_without_a_token_asks_no_store_and_gets_nothing() {
    let world = World::new();
    let mut open = world.visit();
    assert!(open.user().is_none() && open.record().is_none() && open.data().is_empty());
    assert_eq!(open.now(), world.now());
    open.commit().unwrap();
    assert_eq!(open.handover(), Handover::Keep);
    assert_eq!(world.watch.calls(), [""; 0]);
}

#[test]
fn an_unknown_token_is_never_adopted() {
    let world = World::new();
    let planted = SessionToken::from_bytes([7; SessionToken::LEN]);
    let mut open = world.open(&planted);
    assert!(open.user().is_none() && open.record().is_none());
    assert_eq!(open.handover(), Handover::Keep);
    open.insert("cart", 1).unwrap();
    open.commit().unwrap();
    assert_ne!(token(&open), planted);
    assert!(world.open(&planted).record().is_none());
}

#[test]
fn a_planted_token_is_no_way_into_the_session_that_signs_in_over_it() {
    let world = world_with_ada();
    let planted = SessionToken::from_bytes([7; SessionToken::LEN]);
    let mut open = world.open(&planted);
    use_cases::sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    assert_ne!(token(&open), planted);
    assert_eq!(world.who(&planted), None);
}

#[track_caller]
fn check_idle(permanence: Permanence, idle: Duration) {
    for (case, waited, want) in [
        ("just before", idle - MILLISECOND, Some("ada")),
        ("at the limit", idle, None),
        ("just after", idle + MILLISECOND, None),
    ] {
        let world = world_with_ada();
        let token = sign_in(&world, permanence);
        world.clock.advance(waited);
        assert_eq!(world.who(&token).as_deref(), want, "{permanence:?}, {case}");
    }
}

#[test]
fn a_session_ends_when_it_was_idle_for_too_long() {
    check_idle(Permanence::Permanent, 7 * DAY);
    check_idle(Permanence::Browser, 12 * HOUR);
}

#[test]
fn each_use_grants_the_whole_idle_time_again() {
    let world = world_with_ada();
    let token = sign_in(&world, Permanence::Browser);
    world.clock.advance(12 * HOUR - MILLISECOND);
    assert!(world.who(&token).is_some());
    world.clock.advance(12 * HOUR - MILLISECOND);
    assert!(world.who(&token).is_some());
}

#[track_caller]
fn check_absolute(permanence: Permanence, absolute: Duration) {
    for (case, last, want) in [
        ("just before", absolute - MILLISECOND, Some("ada")),
        ("at the limit", absolute, None),
        ("just after", absolute + MILLISECOND, None),
    ] {
        let world = world_with_ada();
        let token = sign_in(&world, permanence);
        let begun = world.now();
        while begun.after(absolute - HOUR) > world.now() {
            world.clock.advance(HOUR / 2);
            assert!(world.who(&token).is_some(), "{permanence:?} is over too early");
        }
        world.clock.set(begun.after(last));
        assert_eq!(world.who(&token).as_deref(), want, "{permanence:?}, {case}");
    }
}

#[test]
fn no_activity_extends_the_absolute_limit() {
    check_absolute(Permanence::Permanent, 30 * DAY);
    check_absolute(Permanence::Browser, 24 * HOUR);
}

#[test]
fn nothing_done_within_a_session_extends_the_absolute_limit() {
    let world = world_with_ada();
    let mut token = sign_in(&world, Permanence::Browser);
    for hour in 1..24 {
        world.clock.advance(HOUR);
        let mut open = world.open(&token);
        open.insert("hour", hour).unwrap();
        open.set_permanent(Permanence::Browser);
        open.rotate().unwrap();
        token = support::token(&open);
    }
    world.clock.advance(HOUR - MILLISECOND);
    assert!(world.who(&token).is_some());
    world.clock.advance(MILLISECOND);
    assert_eq!(world.who(&token), None);
}

#[test]
fn a_year_of_hourly_use_takes_thirteen_sign_ins() {
    let world = world_with_ada();
    let mut token = sign_in(&world, Permanence::Permanent);
    let (mut begun, mut sign_ins) = (world.now(), 1);
    for _ in 0..365 * 24 {
        world.clock.advance(HOUR);
        if world.who(&token).is_none() {
            assert_eq!(world.now().since(begun), 30 * DAY);
            token = sign_in(&world, Permanence::Permanent);
            (begun, sign_ins) = (world.now(), sign_ins + 1);
        }
    }
    assert_eq!(sign_ins, 13);
}

fn touches(world: &World) -> usize {
    world
        .watch
        .calls()
        .iter()
        .filter(|call| **call == "sessions.touch")
        .count()
}

#[test]
fn a_use_is_written_at_most_once_a_minute() {
    let world = world_with_ada();
    let token = sign_in(&world, Permanence::Permanent);
    world.watch.pass();
    for second in 1..=600 {
        world.clock.advance(SECOND);
        assert!(world.who(&token).is_some());
        assert_eq!(touches(&world), second / 60, "after {second} seconds");
    }
}

#[test]
fn reading_within_the_minute_writes_nothing() {
    let world = world_with_ada();
    let token = sign_in(&world, Permanence::Permanent);
    let before = world.live_sessions();
    world.clock.advance(MINUTE - MILLISECOND);
    world.watch.pass();
    world.open(&token).commit().unwrap();
    assert_eq!(world.watch.calls(), ["sessions.find", "users.find"]);
    assert_eq!(world.live_sessions(), before);
}

#[test]
fn what_is_written_anyway_notes_the_use_to_the_millisecond() {
    let world = world_with_ada();
    let token = sign_in(&world, Permanence::Permanent);
    world.clock.advance(SECOND);
    world.watch.pass();
    let mut open = world.open(&token);
    open.insert("a", 1).unwrap();
    open.commit().unwrap();
    assert_eq!(touches(&world), 0);
    let record = world.open(&token).record().unwrap().clone();
    assert_eq!(record.last_seen_at, world.now());
}

#[test]
fn a_short_idle_limit_is_kept_although_uses_are_written_seldom() {
    for permanence in [Permanence::Permanent, Permanence::Browser] {
        let short = Lifetime {
            idle: 10 * SECOND,
            absolute: DAY,
        };
        let policy = SessionPolicy {
            permanent: short,
            browser: short,
        };
        let world = World::with(|core| core.policy = policy);
        world.sign_up("ada");
        let token = sign_in(&world, permanence);
        for _ in 0..20 {
            world.clock.advance(9 * SECOND);
            assert!(world.who(&token).is_some(), "{permanence:?}");
        }
        world.clock.advance(10 * SECOND);
        assert_eq!(world.who(&token), None, "{permanence:?}");
    }
}

#[test]
fn a_clock_that_is_set_back_neither_ends_a_session_nor_shortens_it() {
    let world = world_with_ada();
    let token = sign_in(&world, Permanence::Permanent);
    let begun = world.now();
    world.clock.advance(DAY);
    let before = world.open(&token).record().map(Session::expires_at);
    world.clock.set(begun);
    world.clock.advance(HOUR);
    let mut open = world.open(&token);
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
    open.insert("a", 1).unwrap();
    open.commit().unwrap();
    assert_eq!(world.open(&token).record().map(Session::expires_at), before);
}

#[test]
fn a_session_keeps_the_limits_with_which_it_began() {
    let world = world_with_ada();
    let token = sign_in(&world, Permanence::Permanent);
    let hour = Lifetime {
        idle: HOUR,
        absolute: HOUR,
    };
    let core = world.core_with(|core| core.policy.permanent = hour);
    world.clock.advance(2 * HOUR);
    let open = use_cases::resume(&core, Some(token), Device::default(), world.now()).unwrap();
    assert!(open.user().is_some());
}

#[test]
fn a_session_that_ends_while_it_is_taken_up_is_not_taken_up() {
    let world = world_with_ada();
    let token = sign_in(&world, Permanence::Permanent);
    world.clock.advance(MINUTE);
    let (core, now, other) = (Arc::clone(&world.core), world.now(), token.clone());
    world.watch.before("sessions.touch", move || {
        let mut open = use_cases::resume(&core, Some(other), Device::default(), now).unwrap();
        sign_out(&mut open).unwrap();
    });
    let open = world.open(&token);
    assert!(open.user().is_none() && open.record().is_none());
}
