//! The second step of signing in: what is open before it, which codes count, and that each counts once.
//!
//! Recovery codes are in `recovery_codes.rs`. How a second factor is set up is in `enrolment.rs`; how often codes may be guessed, in `throttle.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::sync::Arc;

use kunci_domain::use_cases::{EnterCodeError, ProveError};
use kunci_domain::use_cases::{
    enter_code, prove, remove_second_factor, set_password, set_standing, sign_in, sign_out_everywhere,
};
use kunci_domain::{
    Budget, EventKind, OpenSession, Permanence, SessionToken, Standing, Stranger, Timestamp, TotpSeed,
    TotpStep, User,
};
use support::{
    Authenticator, HOUR, MILLISECOND, MINUTE, NEW_PASSWORD, PASSWORD, SECOND, World, at_once, attempt,
    code_at, password, token, username,
};

/// Ada with a second factor, in a later half minute than the one in which she set it up.
fn world() -> (World, SessionToken, Authenticator) {
    world_with(World::new())
}

fn world_with(world: World) -> (World, SessionToken, Authenticator) {
    let here = world.sign_up("ada");
    let (here, authenticator) = world.enrol(&here);
    world.clock.advance(MINUTE);
    (world, here, authenticator)
}

fn enter(world: &World, waiting: &SessionToken, code: &str) -> Result<OpenSession, EnterCodeError> {
    let mut open = world.open(waiting);
    enter_code(&mut open, code, &Stranger).map(|()| open)
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
        let outcome = enter(&world, &world.pass_first_step("ada"), &code);
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
        let outcome = enter(&world, &world.pass_first_step("ada"), code);
        assert!(
            matches!(outcome, Err(EnterCodeError::WrongCode)),
            "{code:?}: {outcome:?}"
        );
    }
    enter(&world, &world.pass_first_step("ada"), &spaced).unwrap();
}

#[test]
fn a_half_finished_sign_in_opens_nothing() {
    let (world, _, _) = world();
    let waiting = world.pass_first_step("ada");
    let mut open = world.open(&waiting);
    assert!(open.awaits_code());
    assert!(open.user().is_none() && open.account().is_none() && open.enrolling().is_none());
    assert!(open.record().unwrap().authentication.is_none());
    assert!(!open.is_fresh());
    let outcome = prove(&mut open, &password(PASSWORD), "", &Stranger);
    assert!(matches!(outcome, Err(ProveError::NotSignedIn)), "{outcome:?}");
    let other = world.visit();
    assert!(!other.awaits_code());
}

#[test]
fn a_half_finished_sign_in_waits_for_ten_minutes() {
    let wait = 10 * MINUTE;
    for (passed, want) in [(wait - MILLISECOND, true), (wait, false)] {
        let (world, _, authenticator) = world();
        let waiting = world.pass_first_step("ada");
        world.clock.advance(passed);
        assert_eq!(world.open(&waiting).awaits_code(), want);
        let outcome = enter(&world, &waiting, &code_at(&authenticator.seed, world.now()));
        assert_eq!(outcome.is_ok(), want, "{outcome:?}");
        assert!(want || matches!(outcome, Err(EnterCodeError::NotBegun)));
    }
}

#[test]
fn a_half_finished_sign_in_dies_with_what_it_was_begun_with() {
    type Meanwhile = fn(&World, &SessionToken);
    let cases: [(&str, Meanwhile); 5] = [
        ("another password", |world, _| {
            set_password(&world.core, &username("ada"), NEW_PASSWORD.into(), world.now()).unwrap();
        }),
        ("disabled", |world, _| {
            set_standing(&world.core, &username("ada"), Standing::Disabled, world.now()).unwrap();
        }),
        ("disabled and enabled", |world, _| {
            for standing in [Standing::Disabled, Standing::Enabled] {
                set_standing(&world.core, &username("ada"), standing, world.now()).unwrap();
            }
        }),
        ("no second factor", |world, _| {
            remove_second_factor(&world.core, &username("ada"), world.now()).unwrap();
        }),
        ("signed out everywhere", |world, here| {
            sign_out_everywhere(&mut world.open(here)).unwrap();
        }),
    ];
    for (case, meanwhile) in cases {
        let (world, here, authenticator) = world();
        let waiting = world.pass_first_step("ada");
        meanwhile(&world, &here);
        let code = code_at(&authenticator.seed, world.now());
        let outcome = enter(&world, &waiting, &code);
        assert!(
            matches!(outcome, Err(EnterCodeError::NotBegun)),
            "{case}: {outcome:?}"
        );
        assert_eq!(world.who(&waiting), None, "{case}");
    }
}

#[test]
fn a_code_that_was_right_while_the_password_was_changed_signs_nobody_in() {
    let (world, _, authenticator) = world();
    let waiting = world.pass_first_step("ada");
    let (core, now) = (Arc::clone(&world.core), world.now());
    world.watch.before("users.update", move || {
        set_password(&core, &username("ada"), NEW_PASSWORD.into(), now).unwrap();
    });
    let mut open = world.open(&waiting);
    enter_code(&mut open, &code_at(&authenticator.seed, now), &Stranger).unwrap_err();
    assert!(open.account().is_none());
    assert!(
        world
            .live_sessions()
            .iter()
            .all(|session| session.user().is_none())
    );
}

#[test]
fn a_code_without_a_first_step_is_nothing() {
    let (world, here, authenticator) = world();
    let code = code_at(&authenticator.seed, world.now());
    let outcome = enter_code(&mut world.visit(), &code, &Stranger);
    assert!(matches!(outcome, Err(EnterCodeError::NotBegun)), "{outcome:?}");
    let outcome = enter(&world, &here, &code);
    assert!(matches!(outcome, Err(EnterCodeError::NotBegun)), "{outcome:?}");
}

#[test]
fn each_step_gives_a_new_token_and_kills_the_one_before() {
    let (world, _, authenticator) = world();
    let mut open = world.visit();
    open.insert("cart", 3).unwrap();
    open.commit().unwrap();
    let visitor = token(&open);

    let mut open = world.open(&visitor);
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    assert!(open.user().is_none());
    let waiting = token(&open);
    let open = enter(&world, &waiting, &code_at(&authenticator.seed, world.now())).unwrap();
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
    assert!(!open.awaits_code());
    let inside = token(&open);

    assert!(visitor != waiting && waiting != inside && visitor != inside);
    for dead in [&visitor, &waiting] {
        assert!(world.open(dead).record().is_none());
    }
    assert_eq!(world.who(&inside).as_deref(), Some("ada"));
    assert_eq!(world.open(&inside).get("cart").unwrap(), Some(3));
    assert!(!world.open(&inside).awaits_code());
}

#[test]
fn the_first_step_says_how_long_the_session_lives() {
    for permanence in [Permanence::Permanent, Permanence::Browser] {
        let (world, _, authenticator) = world();
        let mut open = world.visit();
        let first = kunci_domain::use_cases::SignIn {
            permanence,
            ..attempt("ada", PASSWORD)
        };
        sign_in(&mut open, first).unwrap();
        assert_eq!(open.record().unwrap().permanence, Permanence::Browser);
        let open = enter(&world, &token(&open), &code_at(&authenticator.seed, world.now())).unwrap();
        assert_eq!(open.record().unwrap().permanence, permanence);
        assert_eq!(
            open.record().unwrap().lifetime,
            world.core.policy.lifetime(permanence)
        );
    }
}

#[test]
fn what_the_owner_kept_is_not_shown_to_who_signs_in_over_a_half_finished_sign_in() {
    let (world, here, _) = world();
    world.sign_up("bob");
    let mut open = world.open(&here);
    open.insert("secret", "of ada").unwrap();
    open.commit().unwrap();
    let mut open = world.open(&here);
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    let waiting = token(&open);

    let mut open = world.open(&waiting);
    open.insert("late", "of ada, too").unwrap();
    sign_in(&mut open, attempt("bob", PASSWORD)).unwrap();
    let open = world.open(&token(&open));
    assert_eq!(open.user().unwrap().name.as_str(), "bob");
    assert!(open.data().is_empty(), "{:?}", open.data());
}

#[test]
fn what_the_owner_kept_is_there_after_both_steps() {
    let (world, here, authenticator) = world();
    let mut open = world.open(&here);
    open.insert("theme", "dark").unwrap();
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    assert_eq!(world.who(&here), None);
    let open = enter(&world, &token(&open), &code_at(&authenticator.seed, world.now())).unwrap();
    assert_eq!(open.get::<String>("theme").unwrap().as_deref(), Some("dark"));
}

#[test]
fn a_wrong_code_leaves_the_sign_in_waiting_and_is_told() {
    let (world, _, authenticator) = world();
    let waiting = world.pass_first_step("ada");
    let mut open = world.open(&waiting);
    enter_code(&mut open, "000000", &Stranger).unwrap_err();
    assert!(open.awaits_code() && open.user().is_none());
    assert_eq!(world.events("ada").last(), Some(&EventKind::SecondFactorFailed));
    enter(&world, &waiting, &code_at(&authenticator.seed, world.now())).unwrap();
}

/// Where a code can be spent.
type Spend = fn(&World, &SessionToken, &str) -> bool;

const PATHS: [(&str, Spend); 2] = [
    ("sign-in", |world, _, code| {
        enter(world, &world.pass_first_step("ada"), code).is_ok()
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
        let (world, _, authenticator) = world_with(generous());
        let code = if recovery {
            authenticator.recovery[3].expose_text().to_string()
        } else {
            code_at(&authenticator.seed, world.now())
        };
        let waiting: Vec<_> = (0..50).map(|_| world.pass_first_step("ada")).collect();
        let came = at_once(50, |number| enter(&world, &waiting[number], &code).is_ok());
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
    let outcome = enter(&world, &world.pass_first_step("bob"), &code);
    assert!(matches!(outcome, Err(EnterCodeError::Unseal(_))), "{outcome:?}");
    world.sign_in_with_code("bob", &bobs.recovery[0].expose_text());
}
