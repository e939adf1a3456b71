//! Resuming a session: unknown tokens, the idle and the absolute limit, and how often a use is written.
//!
//! Renewal of the token is in `renewal.rs`, ending of sessions in `ending.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use kunci_domain::use_cases::{self, CookieAction, SignIn, sign_out};
use kunci_domain::{Device, Lifetime, Permanence, RequestContext, Session, SessionPolicy, SessionToken};
use support::{DAY, HOUR, MINUTE, PASSWORD, SECOND, World, attempt, token};

const MILLISECOND: Duration = Duration::from_millis(1);

/// Signs in with a permanent or a browser session.
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
fn request_without_a_token_reads_no_store() {
    let world = World::new();
    let mut open = world.visit();
    assert!(open.user().is_none() && open.record().is_none() && open.data().is_empty());
    assert_eq!(open.now(), world.now());
    open.commit().unwrap();
    assert_eq!(open.cookie_action(), CookieAction::Keep);
    assert_eq!(world.watch.calls(), [""; 0]);
}

#[test]
fn unknown_token_is_never_adopted() {
    let world = World::new();
    let planted = SessionToken::from_bytes([7; SessionToken::LEN]);
    let mut open = world.open(&planted);
    assert!(open.user().is_none() && open.record().is_none());
    assert_eq!(open.cookie_action(), CookieAction::Keep);
    open.insert("cart", 1).unwrap();
    open.commit().unwrap();
    assert_ne!(token(&open), planted);
    assert!(world.open(&planted).record().is_none());
}

#[test]
fn planted_token_does_not_open_the_later_session() {
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
fn session_ends_at_the_idle_limit() {
    check_idle(Permanence::Permanent, 7 * DAY);
    check_idle(Permanence::Browser, 12 * HOUR);
}

#[test]
fn each_use_restarts_the_idle_time() {
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
fn activity_never_extends_the_absolute_limit() {
    check_absolute(Permanence::Permanent, 30 * DAY);
    check_absolute(Permanence::Browser, 24 * HOUR);
}

#[test]
fn no_action_extends_the_absolute_limit() {
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
fn year_of_hourly_use_needs_thirteen_sign_ins() {
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
fn use_is_written_at_most_once_a_minute() {
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
    assert_eq!(world.watch.calls(), ["sessions.find", "accounts.find"]);
    assert_eq!(world.live_sessions(), before);
}

#[test]
fn commit_records_the_use_to_the_millisecond() {
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
fn short_idle_limit_is_exact_despite_rare_writes() {
    for permanence in [Permanence::Permanent, Permanence::Browser] {
        let short = Lifetime {
            idle: 10 * SECOND,
            absolute: DAY,
        };
        let policy = SessionPolicy {
            permanent: short,
            browser: short,
            visitor: short,
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
fn clock_set_back_neither_ends_nor_shortens_a_session() {
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
fn session_keeps_its_initial_limits() {
    let world = world_with_ada();
    let token = sign_in(&world, Permanence::Permanent);
    let hour = Lifetime {
        idle: HOUR,
        absolute: HOUR,
    };
    let core = world.core_with(|core| core.policy.permanent = hour);
    world.clock.advance(2 * HOUR);
    let open = use_cases::resume(
        RequestContext::new(&core, Device::default(), world.now()),
        Some(token),
    )
    .unwrap();
    assert!(open.user().is_some());
}

#[test]
fn session_that_ends_during_resume_is_not_resumed() {
    let world = world_with_ada();
    let token = sign_in(&world, Permanence::Permanent);
    world.clock.advance(MINUTE);
    let (core, now, other) = (Arc::clone(&world.core), world.now(), token.clone());
    world.watch.before("sessions.touch", move || {
        let mut open =
            use_cases::resume(RequestContext::new(&core, Device::default(), now), Some(other)).unwrap();
        sign_out(&mut open).unwrap();
    });
    let open = world.open(&token);
    assert!(open.user().is_none() && open.record().is_none());
}
