//! The codes of an authenticator: which of them count, and that each counts once.
//!
//! What is open before a code was entered is in `second_factor.rs`; recovery codes are in `recovery_codes.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use kunci_domain::use_cases::{EnterCodeError, prove};
use kunci_domain::{Budget, SessionToken, Stranger, Timestamp, TotpSeed, TotpStep, User};
use support::{Authenticator, HOUR, PASSWORD, SECOND, World, at_once, code_at, password, with_second_factor};

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
fn the_code_of_this_half_minute_and_of_the_one_before_count() {
    for (case, offset, want) in [
        ("two before", -2, false),
        ("the one before", -1, true),
        ("this one", 0, true),
        ("the next", 1, false),
    ] {
        let (world, _, authenticator) = world();
        // In a later half minute, or the code of two before would be the one that was spent.
        world.clock.advance(HOUR);
        let step = TotpStep::from_stored(TotpStep::at(world.now()).as_i64() + offset);
        let code = authenticator.seed.code(step);
        let outcome = world.enter(&world.pass_first_step("ada"), &code);
        assert_eq!(outcome.is_ok(), want, "{case}: {outcome:?}");
    }
}

#[test]
fn a_half_minute_ends_to_the_millisecond() {
    let step = |millis| TotpStep::at(Timestamp::from_unix_millis(millis)).as_i64();
    assert_eq!([step(0), step(29_999), step(30_000)], [0, 0, 1]);
    assert_eq!(step(-1), -1);
}

#[test]
fn what_is_no_code_signs_nobody_in() {
    let (world, _, authenticator) = world();
    let right = code_at(&authenticator.seed, world.now());
    let spaced = format!(" {} {} ", &right[..3], &right[3..]);
    for code in [
        "",
        "0",
        "００００００",
        &right[..5],
        &format!("{right}0"),
        "a\0b",
        PASSWORD,
    ] {
        let outcome = world.enter(&world.pass_first_step("ada"), code);
        assert!(
            matches!(outcome, Err(EnterCodeError::WrongCode)),
            "{code:?}: {outcome:?}"
        );
    }
    world.enter(&world.pass_first_step("ada"), &spaced).unwrap();
}

/// Where a code can be spent.
type Spend = fn(&World, &SessionToken, &str) -> bool;

const PATHS: [(&str, Spend); 2] = [
    ("sign-in", |world, _, code| {
        world.enter(&world.pass_first_step("ada"), code).is_ok()
    }),
    ("proof", |world, here, code| {
        prove(&mut world.open(here), &password(PASSWORD), code, &Stranger).is_ok()
    }),
];

#[test]
fn a_code_that_was_spent_on_one_path_is_spent_on_each() {
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
fn a_code_before_one_that_was_spent_is_spent_too() {
    for (path, spend) in PATHS {
        let (world, here, authenticator) = world();
        let before = code_at(&authenticator.seed, world.now().before(30 * SECOND));
        let now = code_at(&authenticator.seed, world.now());
        world.sign_in_with_code("ada", &now);
        assert!(!spend(&world, &here, &before), "{path}");
    }
}

#[test]
fn the_first_code_of_all_is_spent_by_setting_it_up() {
    for (path, spend) in PATHS {
        let world = World::new();
        let (here, authenticator) = world.enrol(&world.sign_up("ada"));
        let code = code_at(&authenticator.seed, world.now());
        assert!(!spend(&world, &here, &code), "{path}");
    }
}

#[test]
fn a_clock_that_is_set_back_reopens_no_code() {
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

/// A world in which fifty may try at once.
fn generous() -> World {
    World::with(|core| {
        let plenty = Budget {
            at_once: 1_000,
            every: SECOND,
        };
        core.accounts.budgets.account = plenty;
        core.accounts.budgets.codes = plenty;
    })
}

#[test]
fn of_fifty_that_enter_one_code_at_once_one_gets_in() {
    for (case, recovery) in [("a code", false), ("a recovery code", true)] {
        let (world, _, authenticator) = with_second_factor(generous());
        let code = if recovery {
            authenticator.recovery[3].expose_text().to_string()
        } else {
            code_at(&authenticator.seed, world.now())
        };
        let waiting: Vec<_> = (0..50).map(|_| world.pass_first_step("ada")).collect();
        let came = at_once(50, |number| world.enter(&waiting[number], &code).is_ok());
        assert_eq!(came.iter().filter(|inside| **inside).count(), 1, "{case}");
    }
}

#[test]
fn a_seed_that_was_sealed_for_somebody_else_does_not_open() {
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
    assert!(matches!(outcome, Err(EnterCodeError::Unseal(_))), "{outcome:?}");
    world.sign_in_with_code("bob", &bobs.recovery[0].expose_text());
}
