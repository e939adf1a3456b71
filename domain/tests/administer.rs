//! An operator's actions on accounts, and their effect on the next request.
//!
//! Their events are tested in `operators.rs`, and the command line with the binary.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::ports::AccountStore;
use kunci_domain::use_cases::UseCaseError::{Failed, Refused};
use kunci_domain::use_cases::{
    AdministerRefusal, Failure, Outcome, create_user, delete_user, set_password, set_standing, sign_in,
};
use kunci_domain::{Core, PasswordProblem, SessionToken, Standing, Timestamp, Username};
use support::{Act, HOUR, PASSWORD, World, assert_err, attempt, new_user, operator, username};

const NEW: &str = "staple of the battery";

type Work = fn(&Core, &Username, Timestamp) -> Outcome<(), AdministerRefusal>;

const ENDING: [(&str, Work); 4] = [
    ("set_password", |core, name, now| {
        set_password(core, &operator(), name, NEW.into(), now).map(|_| ())
    }),
    ("disable", |core, name, now| {
        set_standing(core, &operator(), name, Standing::Disabled, now).map(|_| ())
    }),
    ("enable", |core, name, now| {
        set_standing(core, &operator(), name, Standing::Enabled, now).map(|_| ())
    }),
    ("delete", |core, name, now| {
        delete_user(core, &operator(), name, now).map(|_| ())
    }),
];

fn devices(world: &World) -> [SessionToken; 2] {
    [world.sign_up("ada"), world.sign_in("ada")]
}

#[test]
fn operator_change_affects_the_next_request_of_that_user() {
    for (case, work) in ENDING {
        let world = World::new();
        let (ada, bob) = (devices(&world), world.sign_up("bob"));
        let mut in_flight = world.open(&ada[0]);
        work(&world.core, &username("ADA"), world.now()).unwrap();
        for token in &ada {
            assert!(world.open(token).record().is_none(), "{case}");
        }
        assert_eq!(
            world.live_sessions().len(),
            1,
            "{case}: the records are removed as well"
        );
        assert_eq!(world.who(&bob).as_deref(), Some("bob"), "{case}");
        in_flight.insert("late", 1).unwrap();
        in_flight.commit().unwrap_err();
        assert_eq!(world.live_sessions().len(), 1, "{case}");
    }
}

#[test]
fn operator_change_works_if_session_records_remain() {
    for (case, work) in ENDING {
        let world = World::new();
        let ada = devices(&world);
        world.watch.each("sessions.delete_all_of", Act::Skip);
        work(&world.core, &username("ada"), world.now()).unwrap();
        assert_eq!(world.live_sessions().len(), 2, "{case}: the store keeps them");
        for token in &ada {
            let open = world.open(token);
            assert!(open.user().is_none() && open.record().is_none(), "{case}");
        }
    }
}

#[test]
fn operator_change_works_if_session_removal_fails() {
    for (case, work) in ENDING {
        let world = World::new();
        let ada = devices(&world);
        world.watch.each("sessions.delete_all_of", Act::Fail);
        let outcome = work(&world.core, &username("ada"), world.now());
        assert_err!(outcome, Failed(Failure::Store(_)), "{case}");
        world.watch.pass();
        assert_eq!(world.who(&ada[0]), None, "{case}");
    }
}

#[test]
fn enabling_a_user_revives_no_session() {
    let world = World::new();
    let ada = devices(&world);
    world.watch.each("sessions.delete_all_of", Act::Skip);
    for standing in [Standing::Disabled, Standing::Enabled] {
        let user = set_standing(&world.core, &operator(), &username("ada"), standing, world.now()).unwrap();
        assert_eq!(user, world.user("ada"));
        assert_eq!(user.standing, standing);
    }
    assert_eq!((world.who(&ada[0]), world.who(&ada[1])), (None, None));
    let again = world.sign_in("ada");
    assert_eq!(world.who(&again).as_deref(), Some("ada"));
    assert_eq!((world.who(&ada[0]), world.who(&ada[1])), (None, None));
}

#[test]
fn reused_name_is_a_different_user() {
    let world = World::new();
    let ada = devices(&world);
    let before = world.user("ada");
    world.watch.each("sessions.delete_all_of", Act::Skip);
    assert_eq!(
        delete_user(&world.core, &operator(), &username("ada"), world.now()).unwrap(),
        before
    );
    create_user(&world.core, &operator(), new_user("ada", PASSWORD), world.now()).unwrap();
    assert_ne!(world.user("ada").id, before.id);
    assert_eq!((world.who(&ada[0]), world.who(&ada[1])), (None, None));
}

#[test]
fn password_set_by_an_operator_replaces_the_old_one() {
    let world = World::new();
    devices(&world);
    let before = world.user("ada");
    world.clock.advance(HOUR);
    let user = set_password(
        &world.core,
        &operator(),
        &username("ada"),
        NEW.into(),
        world.now(),
    )
    .unwrap();
    assert_eq!(user, world.user("ada"));
    assert_eq!(user.password_changed_at, world.now());
    assert_eq!(
        (user.created_at, user.standing),
        (before.created_at, before.standing)
    );
    sign_in(&mut world.visit(), attempt("ada", NEW)).unwrap();
    sign_in(&mut world.visit(), attempt("ada", PASSWORD)).unwrap_err();
}

#[test]
fn password_rules_apply_to_operators() {
    for (password, want) in [
        ("7 chars", PasswordProblem::TooShort),
        (&"x".repeat(257), PasswordProblem::TooLong),
        ("password1", PasswordProblem::Common),
        ("I am Ada 1815", PasswordProblem::ContainsUsername),
    ] {
        let world = World::new();
        let ada = world.sign_up("ada");
        let outcome = set_password(
            &world.core,
            &operator(),
            &username("ada"),
            password.into(),
            world.now(),
        );
        assert!(
            matches!(outcome, Err(Refused(AdministerRefusal::Problem(problem))) if problem == want),
            "{outcome:?}"
        );
        assert_eq!(world.who(&ada).as_deref(), Some("ada"));
    }
}

#[test]
fn administering_an_unknown_user_fails() {
    for (case, work) in ENDING {
        let world = World::new();
        world.sign_up("ada");
        let outcome = work(&world.core, &username("bob"), world.now());
        assert_err!(outcome, Refused(AdministerRefusal::Unknown), "{case}");
        assert_eq!(world.accounts.list(None, 10).unwrap().len(), 1, "{case}");
    }
}

#[test]
fn operator_change_keeps_a_concurrent_change() {
    let world = World::new();
    world.sign_up("ada");
    let (core, now) = (std::sync::Arc::clone(&world.core), world.now());
    world.watch.before("accounts.commit", move || {
        set_password(&core, &operator(), &username("ada"), NEW.into(), now).unwrap();
    });
    set_standing(
        &world.core,
        &operator(),
        &username("ada"),
        Standing::Disabled,
        world.now(),
    )
    .unwrap();
    set_standing(
        &world.core,
        &operator(),
        &username("ada"),
        Standing::Enabled,
        world.now(),
    )
    .unwrap();
    sign_in(&mut world.visit(), attempt("ada", NEW)).unwrap();
}

#[test]
fn user_deleted_during_a_change_is_not_recreated() {
    let world = World::new();
    world.sign_up("ada");
    let core = std::sync::Arc::clone(&world.core);
    let now = world.now();
    world.watch.before("accounts.commit", move || {
        delete_user(&core, &operator(), &username("ada"), now).unwrap();
    });
    let outcome = set_standing(
        &world.core,
        &operator(),
        &username("ada"),
        Standing::Enabled,
        world.now(),
    );
    assert_err!(outcome, Refused(AdministerRefusal::Unknown));
    assert_eq!(world.accounts.list(None, 10).unwrap(), []);
}
