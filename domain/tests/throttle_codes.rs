//! Rate limits of second-factor codes.
//!
//! Rate limits of passwords are in `throttle/`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{EnterCodeRefusal, PasswordRefusal, ProveRefusal, enter_code, prove, sign_in};
use kunci_domain::{KnownDevices, NoKnownDevices};
use support::{PASSWORD, World, assert_err, attempt, password, token};

const ELSEWHERE: [u8; 4] = [198, 51, 100, 7];

fn world() -> World {
    let world = World::new();
    world.sign_up("ada");
    world
}

#[test]
fn wrong_codes_are_limited_per_account() {
    let world = world();
    let (_, authenticator) = world.enrol(&world.sign_in("ada"));
    let enter = |from: u8, code: &str, devices: &dyn KnownDevices| {
        let mut open = world.visit_from([10, 0, from, 1]);
        sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
        let mut open = world.open_from(&token(&open), [10, 0, from, 1]);
        enter_code(&mut open, code, devices)
    };
    for from in 0..10 {
        let outcome = enter(from, "000000", &NoKnownDevices);
        assert_err!(outcome, Refused(EnterCodeRefusal::WrongCode), "{from}");
    }
    // A restart empties what is kept in memory.
    world.throttle.refill_all().unwrap();
    let code = authenticator.recovery[0].expose_text();
    let outcome = enter(99, &code, &NoKnownDevices);
    assert_err!(outcome, Refused(EnterCodeRefusal::Throttled(_)));
    enter(99, &code, &world.known("ada")).unwrap();
}

#[test]
fn wrong_codes_are_limited_across_known_devices() {
    let world = world();
    let (here, authenticator) = world.enrol(&world.sign_in("ada"));
    let prove_on_known_device = |code: &str| {
        let known = world.known("ada");
        prove(&mut world.open(&here), &password(PASSWORD), code, &known)
    };
    // An attacker who stole a device cookie shares this budget with its owner.
    for number in 0..10 {
        let outcome = prove_on_known_device("000000");
        assert_err!(outcome, Refused(ProveRefusal::WrongCode), "{number}");
    }
    world.throttle.refill_all().unwrap();
    let code = authenticator.recovery[0].expose_text();
    let outcome = prove_on_known_device(&code);
    assert_err!(outcome, Refused(ProveRefusal::Throttled(_)));
}

#[test]
fn session_without_the_password_spends_no_code_budget() {
    let world = world();
    let (here, authenticator) = world.enrol(&world.sign_in("ada"));
    for _ in 0..10 {
        let guess = password("wrong password");
        let outcome = prove(&mut world.open(&here), &guess, "000000", &NoKnownDevices);
        assert_err!(outcome, Refused(ProveRefusal::Password(PasswordRefusal::Wrong)));
    }
    let mut open = world.visit_from(ELSEWHERE);
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    let mut open = world.open_from(&token(&open), ELSEWHERE);
    let code = authenticator.recovery[0].expose_text();
    enter_code(&mut open, &code, &NoKnownDevices).unwrap();
}
