//! Authenticator codes: which are valid, and that each is valid once.
//!
//! The state before a code is entered is in `second_factor.rs`; recovery codes are in `recovery_codes.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::use_cases::UseCaseError::{Failed, Refused};
use kunci_domain::use_cases::{EnterCodeRefusal, Failure, prove};
use kunci_domain::{Budget, NoKnownDevices, SessionToken, Timestamp, TotpSeed, TotpStep, User};
use support::{
    Authenticator, HOUR, PASSWORD, SECOND, World, assert_err, code_at, in_parallel, password,
    with_second_factor,
};

fn world() -> (World, SessionToken, Authenticator) {
    with_second_factor(World::new())
}

#[test]
fn codes_are_those_of_rfc_6238() {
    let seed = TotpSeed::from_bytes(b"12345678901234567890").unwrap();
    assert_eq!(*seed.expose_text(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    for (seconds, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        let now = Timestamp::from_unix_millis(seconds * 1_000);
        assert_eq!(code_at(&seed, now), code, "at {seconds}");
    }
}

#[test]
fn codes_of_one_step_around_the_clock_are_accepted() {
    for (case, offset, want) in [
        ("two before", -2, false),
        ("the one before", -1, true),
        ("this one", 0, true),
        ("the next", 1, true),
        ("two after", 2, false),
    ] {
        let (world, _, authenticator) = world();
        // A later step is needed, because the code of two steps before would otherwise be the one spent by
        // enrolment.
        world.clock.advance(HOUR);
        let step = TotpStep::from_stored(TotpStep::at(world.now()).as_i64() + offset);
        let code = authenticator.seed.code(step);
        let outcome = world.enter(&world.pass_first_step("ada"), &code);
        assert_eq!(outcome.is_ok(), want, "{case}: {outcome:?}");
    }
}

#[test]
fn step_boundary_is_exact_to_the_millisecond() {
    let step = |millis| TotpStep::at(Timestamp::from_unix_millis(millis)).as_i64();
    assert_eq!([step(0), step(29_999), step(30_000)], [0, 0, 1]);
    assert_eq!(step(-1), -1);
}

#[test]
fn invalid_codes_are_refused() {
    let (world, _, authenticator) = world();
    let right = code_at(&authenticator.seed, world.now());
    let spaced = format!(" {} {} ", &right[..3], &right[3..]);
    for code in [
        "",
        "0",
        "०००००००",
        &right[..5],
        &format!("{right}0"),
        "a\0b",
        PASSWORD,
    ] {
        let outcome = world.enter(&world.pass_first_step("ada"), code);
        assert_err!(outcome, Refused(EnterCodeRefusal::WrongCode), "{code:?}");
    }
    world.enter(&world.pass_first_step("ada"), &spaced).unwrap();
}

/// An action that spends a code.
type Spend = fn(&World, &SessionToken, &str) -> bool;

const PATHS: [(&str, Spend); 2] = [
    ("sign-in", |world, _, code| {
        world.enter(&world.pass_first_step("ada"), code).is_ok()
    }),
    ("proof", |world, here, code| {
        prove(&mut world.open(here), &password(PASSWORD), code, &NoKnownDevices).is_ok()
    }),
];

#[test]
fn code_spent_on_one_path_is_spent_on_all() {
    for (first, spend) in PATHS {
        for (second, again) in PATHS {
            let (world, here, authenticator) = world();
            let there = world.sign_in_with_code("ada", &authenticator.recovery[0].expose_text());
            let code = code_at(&authenticator.seed, world.now());
            assert!(spend(&world, &here, &code), "{first}");
            assert!(!again(&world, &there, &code), "{first}, then {second}");
            world.clock.advance(29 * SECOND);
            assert!(
                !again(&world, &there, &code),
                "{first}, then {second} a little later"
            );
            let next = code_at(&authenticator.seed, world.now().after(30 * SECOND));
            world.clock.advance(30 * SECOND);
            assert!(again(&world, &there, &next), "{second} with the next code");
        }
    }
}

#[test]
fn codes_before_a_spent_one_are_spent() {
    for (path, spend) in PATHS {
        let (world, here, authenticator) = world();
        let before = code_at(&authenticator.seed, world.now().before(30 * SECOND));
        let now = code_at(&authenticator.seed, world.now());
        world.sign_in_with_code("ada", &now);
        assert!(!spend(&world, &here, &before), "{path}");
    }
}

#[test]
fn first_code_is_spent_by_enrolment() {
    for (path, spend) in PATHS {
        let world = World::new();
        let (here, authenticator) = world.enrol(&world.sign_up("ada"));
        let code = code_at(&authenticator.seed, world.now());
        assert!(!spend(&world, &here, &code), "{path}");
    }
}

#[test]
fn clock_set_back_revalidates_no_code() {
    for (path, spend) in PATHS {
        let (world, here, authenticator) = world();
        let now = world.now();
        let code = code_at(&authenticator.seed, now);
        let there = world.sign_in_with_code("ada", &code);
        world.clock.set(now.before(20 * SECOND));
        assert!(
            !spend(&world, &here, &code_at(&authenticator.seed, world.now())),
            "{path}"
        );
        assert!(!spend(&world, &there, &code), "{path}");
    }
}

/// A world whose limits allow fifty concurrent attempts.
fn generous() -> World {
    World::with(|core| {
        let plenty = Budget {
            at_once: 1_000,
            every: SECOND,
        };
        core.account_policy.budgets.account = plenty;
        core.account_policy.budgets.codes = plenty;
    })
}

#[test]
fn one_of_fifty_concurrent_uses_of_a_code_succeeds() {
    for (case, recovery) in [("a code", false), ("a recovery code", true)] {
        let (world, _, authenticator) = with_second_factor(generous());
        let code = if recovery {
            authenticator.recovery[3].expose_text().to_string()
        } else {
            code_at(&authenticator.seed, world.now())
        };
        let waiting: Vec<_> = (0..50).map(|_| world.pass_first_step("ada")).collect();
        let outcomes = in_parallel(50, |number| world.enter(&waiting[number], &code).is_ok());
        assert_eq!(outcomes.iter().filter(|inside| **inside).count(), 1, "{case}");
    }
}

#[test]
fn seed_sealed_for_another_user_does_not_open() {
    let (world, _, authenticator) = world();
    let (_, bobs) = world.enrol(&world.sign_up("bob"));
    let stolen = world.user("ada").second_factor.unwrap().seed;
    world.change("bob", |user| User {
        second_factor: user
            .second_factor
            .clone()
            .map(|factor| kunci_domain::SecondFactor {
                seed: stolen.clone(),
                ..factor
            }),
        ..user
    });
    let code = code_at(&authenticator.seed, world.now());
    let outcome = world.enter(&world.pass_first_step("bob"), &code);
    assert_err!(outcome, Failed(Failure::Unseal(_)));
    world.sign_in_with_code("bob", &bobs.recovery[0].expose_text());
}
