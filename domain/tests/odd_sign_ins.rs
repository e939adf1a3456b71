//! Sign-ins on a new device or after several failures, which notify the owner.
//!
//! Other events and notices are in `history.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::use_cases::{SignIn, enter_code, prove, sign_in, sign_in_by_link};
use kunci_domain::{EventKind, NoKnownDevices, Purpose};
use support::{HOUR, PASSWORD, World, attempt, notice, password};

const ADDRESS: &str = "ada@example.org";

#[test]
fn device_is_new_until_it_is_known() {
    let world = World::new();
    world.sign_up("ada");
    world.sign_in("ada");
    let known = world.known("ada");
    let attempt = SignIn {
        devices: &known,
        ..attempt("ada", PASSWORD)
    };
    sign_in(&mut world.visit(), attempt).unwrap();
    let link = world.issue_link("ada", Purpose::SignIn);
    sign_in_by_link(&mut world.visit(), &link, &known).unwrap();
    let link = world.issue_link("ada", Purpose::SignIn);
    sign_in_by_link(&mut world.visit(), &link, &NoKnownDevices).unwrap();
    assert_eq!(
        world.events("ada"),
        [
            EventKind::SignedUp,
            EventKind::SignedInOnNewDevice,
            EventKind::SignedIn,
            EventKind::LinkIssuedByOperator,
            EventKind::SignedIn,
            EventKind::LinkIssuedByOperator,
            EventKind::SignedInOnNewDevice,
        ]
    );
}

#[test]
fn sign_in_after_five_failures_notifies_once() {
    for (failures, want) in [
        (4, EventKind::SignedInOnNewDevice),
        (5, EventKind::SignedInAfterFailures),
    ] {
        let world = World::new();
        world.sign_up_with_mail("ada", ADDRESS);
        for _ in 0..failures {
            let mut open = world.visit_from(world.another_network());
            sign_in(&mut open, attempt("ada", "wrong password")).unwrap_err();
        }
        world.sign_in("ada");
        assert_eq!(world.mailer.take_sent(), [notice(ADDRESS, want)], "{failures}");
        world.sign_in("ada");
        assert_eq!(
            world.mailer.take_sent(),
            [notice(ADDRESS, EventKind::SignedInOnNewDevice)]
        );
    }
}

#[test]
fn failures_decay_and_known_devices_do_not_hide_them() {
    for (hours, want) in [(0, EventKind::SignedInAfterFailures), (1, EventKind::SignedIn)] {
        let world = World::new();
        world.sign_up("ada");
        for _ in 0..5 {
            sign_in(&mut world.visit(), attempt("ada", "wrong password")).unwrap_err();
        }
        world.clock.advance(hours * HOUR);
        let known = world.known("ada");
        let attempt = SignIn {
            devices: &known,
            ..attempt("ada", PASSWORD)
        };
        sign_in(&mut world.visit(), attempt).unwrap();
        assert_eq!(world.events("ada").last(), Some(&want), "after {hours} hours");
    }
}

#[test]
fn failures_on_unknown_names_are_not_recorded() {
    let world = World::new();
    world.sign_up("ada");
    for _ in 0..5 {
        sign_in(&mut world.visit(), attempt("bob", "wrong password")).unwrap_err();
    }
    world.sign_in("ada");
    assert_eq!(world.events("ada").last(), Some(&EventKind::SignedInOnNewDevice));
}

#[test]
fn wrong_codes_count_as_failures() {
    let world = World::new();
    let (here, authenticator) = world.enrol(&world.sign_up("ada"));
    let waiting = world.pass_first_step("ada");
    for _ in 0..3 {
        enter_code(&mut world.open(&waiting), "000000", &NoKnownDevices).unwrap_err();
    }
    for _ in 0..2 {
        let mut open = world.open(&here);
        prove(&mut open, &password(PASSWORD), "000000", &NoKnownDevices).unwrap_err();
    }
    enter_code(
        &mut world.open(&waiting),
        &authenticator.recovery[0].expose_text(),
        &NoKnownDevices,
    )
    .unwrap();
    assert_eq!(
        world.events("ada").last(),
        Some(&EventKind::SignedInAfterFailures)
    );
}
