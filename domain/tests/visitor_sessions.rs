//! Limits of what visitors store: sessions per network and in all, by number and size, and their lifetime.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::time::Duration;

use kunci_domain::use_cases::{CookieAction, SessionError, Throttled, sign_in};
use kunci_domain::{Budget, OpenSession};
use support::{HOUR, MILLISECOND, MINUTE, PASSWORD, SECOND, World, attempt, token};

const HOME: [u8; 4] = [192, 0, 2, 7];
const ELSEWHERE: [u8; 4] = [198, 51, 100, 7];

/// Returns a world in which a network has 10 units at once, and all networks together have 15.
fn world() -> World {
    let budget = |at_once| Budget {
        at_once,
        every: MINUTE,
    };
    World::with(|core| {
        core.account_policy.budgets.visitors = budget(10);
        core.account_policy.budgets.all_visitors = budget(15);
    })
}

fn store(open: &mut OpenSession, bytes: usize) -> Result<(), SessionError> {
    open.insert("k", "x".repeat(bytes)).unwrap();
    open.commit()
}

/// Returns how many new visitors from an address can store a value of this size.
fn stored(world: &World, from: [u8; 4], bytes: usize) -> usize {
    (0..100)
        .take_while(|_| store(&mut world.visit_from(from), bytes).is_ok())
        .count()
}

#[track_caller]
fn check_throttled(outcome: Result<(), SessionError>, want: Duration) {
    match outcome {
        Err(SessionError::Throttled(Throttled { retry_after })) => assert_eq!(retry_after, want),
        other => panic!("{other:?}"),
    }
}

#[test]
fn visitors_of_one_network_begin_a_limited_number_of_sessions() {
    let world = world();
    assert_eq!(stored(&world, HOME, 1), 10);
    check_throttled(store(&mut world.visit_from(HOME), 1), MINUTE);
    assert_eq!(world.live_sessions().len(), 10);
    world.clock.advance(MINUTE);
    assert_eq!(stored(&world, HOME, 1), 1);
}

#[test]
fn all_visitors_together_begin_a_limited_number_of_sessions() {
    let world = world();
    let stored: usize = (0..100).map(|_| stored(&world, world.another_network(), 1)).sum();
    assert_eq!(stored, 15);
}

#[test]
fn refused_session_uses_no_budget() {
    let world = world();
    assert_eq!([HOME, ELSEWHERE].map(|from| stored(&world, from, 1)), [10, 5]);
    world.clock.advance(5 * MINUTE);
    assert_eq!(
        stored(&world, ELSEWHERE, 1),
        5,
        "the refusals of all visitors were refunded"
    );
}

#[test]
fn large_sessions_count_several_times() {
    let cases = [(1, 10), (4_000, 10), (4_096, 5), (8_192, 3), (30_000, 1)];
    for (bytes, want) in cases {
        assert_eq!(stored(&world(), HOME, bytes), want, "{bytes} bytes");
    }
}

#[test]
fn growth_of_a_visitors_session_is_charged() {
    let world = world();
    let mut open = world.visit_from(HOME);
    store(&mut open, 1).unwrap();
    store(&mut open, 2).unwrap();
    store(&mut open, 30_000).unwrap();
    assert_eq!(stored(&world, HOME, 1), 2);
    let mut grown = world.visit_from(ELSEWHERE);
    let outcome = grown.update("k", |_: Option<String>| "x".repeat(30_000));
    check_throttled(outcome.map(|_| ()), MINUTE);
}

#[test]
fn sessions_of_accounts_are_not_charged() {
    let world = world();
    let ada = world.sign_up("ada");
    assert_eq!(stored(&world, HOME, 1), 10);
    for bytes in [30_000, 1, 30_000] {
        store(&mut world.open_from(&ada, HOME), bytes).unwrap();
    }
    let mut other = world.visit_from(HOME);
    sign_in(&mut other, attempt("ada", PASSWORD)).unwrap();
    store(&mut other, 30_000).unwrap();
}

#[test]
fn notices_of_throttled_visitors_are_dropped() {
    let world = world();
    assert_eq!(stored(&world, HOME, 1), 10);
    let mut open = world.visit_from(HOME);
    open.flash("Your password has been changed");
    open.commit().unwrap();
    assert_eq!(open.cookie_action(), CookieAction::Keep);
    assert_eq!(world.live_sessions().len(), 10);
}

#[test]
fn visitors_session_has_its_own_limits() {
    let world = World::new();
    let mut open = world.visit();
    store(&mut open, 1).unwrap();
    let visitor = token(&open);
    let lives = |world: &World| world.open(&visitor).record().is_some();
    world.clock.advance(2 * HOUR - MILLISECOND);
    assert!(lives(&world));
    world.clock.advance(2 * HOUR + SECOND);
    assert!(!lives(&world));
}
