//! The two steps of a sign-in: what is allowed between them and after them.
//!
//! Valid codes are in `codes.rs`, recovery codes in `recovery_codes.rs`, enrolment in `enrolment.rs`, and
//! rate limits in `throttle_codes.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::sync::Arc;

use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    EnterCodeRefusal, ProveRefusal, enter_code, prove, remove_second_factor, set_password, set_standing,
    sign_in, sign_out_everywhere,
};
use kunci_domain::{EventKind, NoKnownDevices, Permanence, SessionToken, Standing};
use support::{
    Authenticator, MILLISECOND, MINUTE, NEW_PASSWORD, PASSWORD, World, assert_err, attempt, code_at,
    operator, password, token, username, with_second_factor,
};

fn world() -> (World, SessionToken, Authenticator) {
    with_second_factor(World::new())
}

#[test]
fn pending_sign_in_opens_nothing() {
    let (world, _, _) = world();
    let waiting = world.pass_first_step("ada");
    let mut open = world.open(&waiting);
    assert!(open.awaits_code());
    assert!(open.user().is_none() && open.account().is_none() && open.enrolling().is_none());
    assert!(open.record().unwrap().authentication().is_none());
    assert!(!open.is_fresh());
    let outcome = prove(&mut open, &password(PASSWORD), "", &NoKnownDevices);
    assert_err!(outcome, Refused(ProveRefusal::NotSignedIn));
    let other = world.visit();
    assert!(!other.awaits_code());
}

#[test]
fn pending_sign_in_expires_after_ten_minutes() {
    let wait = 10 * MINUTE;
    for (passed, want) in [(wait - MILLISECOND, true), (wait, false)] {
        let (world, _, authenticator) = world();
        let waiting = world.pass_first_step("ada");
        world.clock.advance(passed);
        assert_eq!(world.open(&waiting).awaits_code(), want);
        let outcome = world.enter(&waiting, &code_at(&authenticator.seed, world.now()));
        assert_eq!(outcome.is_ok(), want, "{outcome:?}");
        assert!(want || matches!(outcome, Err(Refused(EnterCodeRefusal::NotBegun))));
    }
}

#[test]
fn pending_sign_in_is_void_after_an_account_change() {
    type Meanwhile = fn(&World, &SessionToken);
    let cases: [(&str, Meanwhile); 5] = [
        ("another password", |world, _| {
            set_password(
                &world.core,
                &operator(),
                &username("ada"),
                NEW_PASSWORD.into(),
                world.now(),
            )
            .unwrap();
        }),
        ("disabled", |world, _| {
            set_standing(
                &world.core,
                &operator(),
                &username("ada"),
                Standing::Disabled,
                world.now(),
            )
            .unwrap();
        }),
        ("disabled and enabled", |world, _| {
            for standing in [Standing::Disabled, Standing::Enabled] {
                set_standing(&world.core, &operator(), &username("ada"), standing, world.now()).unwrap();
            }
        }),
        ("no second factor", |world, _| {
            remove_second_factor(&world.core, &operator(), &username("ada"), world.now()).unwrap();
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
        let outcome = world.enter(&waiting, &code);
        assert_err!(outcome, Refused(EnterCodeRefusal::NotBegun), "{case}");
        assert_eq!(world.who(&waiting), None, "{case}");
    }
}

#[test]
fn code_fails_if_the_password_changes_concurrently() {
    let (world, _, authenticator) = world();
    let waiting = world.pass_first_step("ada");
    let (core, now) = (Arc::clone(&world.core), world.now());
    world.watch.before("accounts.commit", move || {
        set_password(&core, &operator(), &username("ada"), NEW_PASSWORD.into(), now).unwrap();
    });
    let mut open = world.open(&waiting);
    enter_code(&mut open, &code_at(&authenticator.seed, now), &NoKnownDevices).unwrap_err();
    assert!(open.account().is_none());
    assert!(
        world
            .live_sessions()
            .iter()
            .all(|session| session.user().is_none())
    );
}

#[test]
fn code_without_a_first_step_fails() {
    let (world, here, authenticator) = world();
    let code = code_at(&authenticator.seed, world.now());
    let outcome = enter_code(&mut world.visit(), &code, &NoKnownDevices);
    assert_err!(outcome, Refused(EnterCodeRefusal::NotBegun));
    let outcome = world.enter(&here, &code);
    assert_err!(outcome, Refused(EnterCodeRefusal::NotBegun));
}

#[test]
fn each_step_rotates_the_token() {
    let (world, _, authenticator) = world();
    let mut open = world.visit();
    open.insert("cart", 3).unwrap();
    open.commit().unwrap();
    let visitor = token(&open);

    let mut open = world.open(&visitor);
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    assert!(open.user().is_none());
    let waiting = token(&open);
    let open = world
        .enter(&waiting, &code_at(&authenticator.seed, world.now()))
        .unwrap();
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
    assert!(!open.awaits_code());
    let inside = token(&open);

    assert!(visitor != waiting && waiting != inside && visitor != inside);
    for old in [&visitor, &waiting] {
        assert!(world.open(old).record().is_none());
    }
    assert_eq!(world.who(&inside).as_deref(), Some("ada"));
    assert_eq!(world.open(&inside).get("cart").unwrap(), Some(3));
    assert!(!world.open(&inside).awaits_code());
}

#[test]
fn first_step_sets_the_session_lifetime() {
    for permanence in [Permanence::Permanent, Permanence::Browser] {
        let (world, _, authenticator) = world();
        let mut open = world.visit();
        let first = kunci_domain::use_cases::SignIn {
            permanence,
            ..attempt("ada", PASSWORD)
        };
        sign_in(&mut open, first).unwrap();
        assert_eq!(open.record().unwrap().permanence, Permanence::Browser);
        let open = world
            .enter(&token(&open), &code_at(&authenticator.seed, world.now()))
            .unwrap();
        assert_eq!(open.record().unwrap().permanence, permanence);
        assert_eq!(
            open.record().unwrap().lifetime,
            world.core.policy.lifetime(permanence)
        );
    }
}

#[test]
fn pending_values_are_hidden_from_another_user() {
    let (world, here, _) = world();
    world.sign_up("bob");
    let mut open = world.open(&here);
    open.insert("secret", "of ada").unwrap();
    open.commit().unwrap();
    let mut open = world.open(&here);
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    let waiting = token(&open);

    let mut open = world.open(&waiting);
    open.insert("late", "of ada as well").unwrap();
    sign_in(&mut open, attempt("bob", PASSWORD)).unwrap();
    let open = world.open(&token(&open));
    assert_eq!(open.user().unwrap().name.as_str(), "bob");
    assert!(open.data().is_empty(), "{:?}", open.data());
}

#[test]
fn values_survive_both_steps() {
    let (world, here, authenticator) = world();
    let mut open = world.open(&here);
    open.insert("theme", "dark").unwrap();
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    assert_eq!(world.who(&here), None);
    let open = world
        .enter(&token(&open), &code_at(&authenticator.seed, world.now()))
        .unwrap();
    assert_eq!(open.get::<String>("theme").unwrap().as_deref(), Some("dark"));
}

#[test]
fn wrong_code_keeps_the_sign_in_pending_and_is_recorded() {
    let (world, _, authenticator) = world();
    let waiting = world.pass_first_step("ada");
    let mut open = world.open(&waiting);
    enter_code(&mut open, "000000", &NoKnownDevices).unwrap_err();
    assert!(open.awaits_code() && open.user().is_none());
    assert_eq!(world.events("ada").last(), Some(&EventKind::SecondFactorFailed));
    world
        .enter(&waiting, &code_at(&authenticator.seed, world.now()))
        .unwrap();
}
