//! When the client's token is renewed, and for how long it is issued.
//!
//! The cookie is tested in `kunci-web`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::time::Duration;

use kunci_domain::ports::Entropy;
use kunci_domain::use_cases::{CookieAction, SignIn, sign_in};
use kunci_domain::{OpenSession, Permanence, Session, SessionToken, Timestamp};
use kunci_testkit::fakes::SeededEntropy;
use support::{DAY, HOUR, MINUTE, PASSWORD, SECOND, World, attempt, token};

/// The idle limit of a permanent session is seven days, so a tenth of it is 16.8 hours.
const IDLE: Duration = Duration::from_secs(7 * 24 * 3_600);

#[track_caller]
fn max_age(open: &OpenSession) -> Option<Duration> {
    match open.cookie_action() {
        CookieAction::Issue { max_age, .. } => max_age,
        other => panic!("no token is issued: {other:?}"),
    }
}

#[test]
fn permanent_token_is_issued_for_the_idle_limit() {
    let world = World::new();
    world.sign_up("ada");
    let mut open = world.visit();
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    assert_eq!(max_age(&open), Some(IDLE));
}

#[test]
fn token_is_renewed_once_per_tenth_of_the_idle_limit() {
    let world = World::new();
    let token = world.sign_up("ada");
    let mut renewed = Vec::new();
    for hour in 1..=100 {
        world.clock.advance(HOUR);
        let open = world.open(&token);
        if open.cookie_action() != CookieAction::Keep {
            assert_eq!(max_age(&open), Some(IDLE), "after {hour} hours");
            renewed.push(hour);
        }
        assert_eq!(
            world.open(&token).cookie_action(),
            CookieAction::Keep,
            "twice after {hour} hours"
        );
    }
    assert_eq!(renewed, [17, 34, 51, 68, 84]);
}

#[test]
fn token_is_never_issued_beyond_the_absolute_limit() {
    let world = World::new();
    let token = world.sign_up("ada");
    for _ in 0..29 {
        world.clock.advance(DAY);
        world.open(&token);
    }
    world.clock.advance(HOUR);
    let open = world.open(&token);
    assert_eq!(open.cookie_action(), CookieAction::Keep);
    world.clock.advance(20 * HOUR);
    let open = world.open(&token);
    assert_eq!(max_age(&open), Some(3 * HOUR));
}

#[test]
fn browser_session_token_is_never_renewed() {
    let world = World::new();
    world.sign_up("ada");
    let mut open = world.visit();
    let attempt = SignIn {
        permanence: Permanence::Browser,
        ..attempt("ada", PASSWORD)
    };
    sign_in(&mut open, attempt).unwrap();
    assert_eq!(max_age(&open), None);
    let token = token(&open);
    for minute in 1..24 * 60 {
        world.clock.advance(MINUTE);
        let open = world.open(&token);
        assert!(open.user().is_some(), "minute {minute}");
        assert_eq!(open.cookie_action(), CookieAction::Keep, "minute {minute}");
    }
}

#[test]
fn renewal_on_demand_issues_the_remaining_time() {
    let world = World::new();
    let token = world.sign_up("ada");
    world.clock.advance(30 * SECOND);
    let mut open = world.open(&token);
    open.renew();
    assert_eq!(support::token(&open), token);
    assert_eq!(max_age(&open), Some(IDLE - 30 * SECOND));
    let mut visitor = world.visit();
    visitor.renew();
    assert_eq!(visitor.cookie_action(), CookieAction::Keep);
}

/// The state of a browser: the token and its expiry.
struct Browser {
    token: SessionToken,
    until: Timestamp,
}

impl Browser {
    fn receive(&mut self, open: &OpenSession) {
        if open.cookie_action() != CookieAction::Keep {
            self.token = token(open);
            self.until = open.now().after(max_age(open).unwrap());
        }
    }
}

/// Returns a random wait of up to 20 hours on a logarithmic scale.
fn random_wait(chance: &SeededEntropy) -> Duration {
    let mut bytes = [0; 8];
    chance.fill(&mut bytes).unwrap();
    let word = u64::from_le_bytes(bytes);
    Duration::from_millis((word >> 8) % (72_000_000 >> (word % 24)).max(1))
}

/// Uses a session for its whole lifetime and checks that the browser never loses the token too early.
#[track_caller]
fn check_cookie(case: &str, wait: impl Fn() -> Duration, writes: impl Fn(u32) -> bool) {
    let world = World::new();
    let mut browser = Browser {
        token: world.sign_up("ada"),
        until: world.now().after(IDLE),
    };
    let end = world.now().after(30 * DAY);
    for request in 0.. {
        world.clock.advance(wait());
        if end <= world.now() {
            break;
        }
        assert!(
            world.now() < browser.until,
            "{case}: forgotten at request {request}"
        );
        let mut open = world.open(&browser.token);
        assert!(open.user().is_some(), "{case}: signed out at request {request}");
        if writes(request) {
            open.insert("request", request).unwrap();
            open.commit().unwrap();
        }
        browser.receive(&open);
        let lives_until = world
            .open(&browser.token)
            .record()
            .map(Session::expires_at)
            .unwrap();
        assert!(
            lives_until < browser.until.after(IDLE / 10),
            "{case}: request {request}"
        );
    }
}

#[test]
fn cookie_expires_at_most_a_tenth_before_the_session() {
    for seed in 0..20 {
        let chance = SeededEntropy::new(seed);
        check_cookie(
            &format!("seed {seed}"),
            || random_wait(&chance),
            |request| request % 3 == 0,
        );
    }
    check_cookie("reading every 10 minutes", || 10 * MINUTE, |_| false);
}

#[test]
fn token_is_renewed_if_every_request_writes() {
    check_cookie("writing every 50 seconds", || 50 * SECOND, |_| true);
}
