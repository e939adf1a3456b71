//! Clocks that are set forward or back: nothing that is stored becomes fresher, and nobody waits longer.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::time::Duration;

use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    EnterCodeRefusal, LinkRefusal, SignInRefusal, Throttled, enter_code, inspect_link, sign_in,
};
use kunci_domain::{NoKnownDevices, Purpose, Timestamp};
use support::{DAY, HOUR, MINUTE, World, assert_err, attempt, code_at, token};

const STEPS: [Duration; 3] = [HOUR, DAY, Duration::from_secs(365 * 24 * 3_600)];
const HOME: [u8; 4] = [192, 0, 2, 7];

/// Runs a check for each step of the clock. It gets the names of the direction and the step, and a function that
/// makes the step.
fn for_each_step(check: impl Fn(&World, &str, bool, &dyn Fn())) {
    for step in STEPS {
        for forward in [true, false] {
            let world = World::new();
            let start = world.now();
            let later = if forward {
                start.after(step)
            } else {
                start.before(step)
            };
            let name = format!("{step:?} {}", if forward { "forward" } else { "back" });
            check(&world, &name, forward, &|| world.clock.set(later));
        }
    }
}

/// Guesses until an attempt is refused, and returns the wait.
fn exhaust(world: &World) -> Duration {
    loop {
        match sign_in(&mut world.visit_from(HOME), attempt("ada", "wrong password")) {
            Err(Refused(SignInRefusal::Throttled(Throttled { retry_after }))) => return retry_after,
            outcome => assert_err!(outcome, Refused(SignInRefusal::WrongCredentials)),
        }
    }
}

/// Tries the right password whenever the last answer said so, and returns how long that took.
fn wait_until_in(world: &World) -> Duration {
    let start = world.now();
    loop {
        match sign_in(&mut world.visit_from(HOME), attempt("ada", support::PASSWORD)) {
            Ok(_) => return world.now().since(start),
            Err(Refused(SignInRefusal::Throttled(Throttled { retry_after }))) => {
                assert!(Duration::ZERO < retry_after);
                world.clock.advance(retry_after);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn wait_is_never_longer_than_a_full_budget_takes() {
    for_each_step(|world, name, _, step| {
        let span = world.core.account_policy.budgets.account.span();
        world.sign_up("ada");
        exhaust(world);
        step();
        assert!(wait_until_in(world) <= span, "{name}");
    });
}

#[test]
fn sign_in_with_a_wrong_clock_locks_nobody_out() {
    for_each_step(|world, name, _, step| {
        let (right, span) = (world.now(), world.core.account_policy.budgets.account.span());
        world.sign_up("ada");
        step();
        sign_in(&mut world.visit_from(HOME), attempt("ada", support::PASSWORD)).unwrap();
        world.clock.set(right);
        assert_eq!(
            wait_until_in(world),
            Duration::ZERO,
            "{name}, after a good sign-in"
        );
        step();
        exhaust(world);
        world.clock.set(right);
        assert!(wait_until_in(world) <= span, "{name}, after many guesses");
    });
}

#[test]
fn stored_budgets_recover_from_clock_steps() {
    for_each_step(|world, name, _, step| {
        world.sign_up("ada");
        let known = world.known("ada");
        let try_password = |text: &str| {
            let attempt = kunci_domain::use_cases::SignIn {
                devices: &known,
                ..attempt("ada", text)
            };
            sign_in(&mut world.visit_from(HOME), attempt)
        };
        while matches!(
            try_password("wrong password"),
            Err(Refused(SignInRefusal::WrongCredentials))
        ) {}
        step();
        let _ = try_password(support::PASSWORD);
        world.clock.advance(10 * MINUTE);
        let outcome = try_password(support::PASSWORD);
        outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
    });
}

#[test]
fn proof_does_not_become_fresher() {
    for_each_step(|world, name, _, step| {
        let here = world.sign_up("ada");
        world.clock.advance(9 * MINUTE);
        assert!(world.open(&here).is_fresh(), "{name}");
        step();
        assert!(!world.open(&here).is_fresh(), "{name}");
    });
}

#[test]
fn pending_sign_in_ends() {
    for_each_step(|world, name, _, step| {
        let (_, authenticator) = world.enrol(&world.sign_up("ada"));
        let mut open = world.visit();
        sign_in(&mut open, attempt("ada", support::PASSWORD)).unwrap();
        step();
        let code = authenticator.recovery[0].expose_text();
        let outcome = enter_code(&mut world.open(&token(&open)), &code, &NoKnownDevices);
        assert_err!(outcome, Refused(EnterCodeRefusal::NotBegun), "{name}");
    });
}

#[test]
fn session_lives_at_most_its_lifetime_by_the_present_clock() {
    for_each_step(|world, name, forward, step| {
        let here = world.sign_up("ada");
        let record = world.open(&here).record().unwrap().clone();
        step();
        let lives = world.who(&here).is_some();
        assert!(lives || forward, "{name}: a session does not end early");
        if lives {
            let kept = world.open(&here).record().unwrap().clone();
            assert_eq!(kept.created_at, record.created_at, "{name}");
            assert!(
                kept.expires_at() <= record.created_at.after(record.lifetime.absolute),
                "{name}"
            );
        }
    });
}

#[test]
fn link_is_valid_until_its_stored_end() {
    for_each_step(|world, name, forward, step| {
        world.sign_up("ada");
        let link = world.issue_link("ada", Purpose::SignIn);
        step();
        let outcome = inspect_link(&world.visit(), &link);
        if forward {
            assert_err!(outcome, Refused(LinkRefusal::Dead), "{name}");
        } else {
            outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    });
}

#[test]
fn used_code_stays_used() {
    for_each_step(|world, name, _, step| {
        let start = world.now();
        let (_, authenticator) = world.enrol(&world.sign_up("ada"));
        step();
        world.clock.set(start);
        let used = code_at(&authenticator.seed, start);
        let outcome = world.enter(&world.pass_first_step("ada"), &used);
        assert_err!(outcome, Refused(EnterCodeRefusal::WrongCode), "{name}");
        assert!(Timestamp::from_unix_millis(0) < start);
    });
}
