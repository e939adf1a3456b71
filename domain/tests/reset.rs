//! Choosing a new password by a mailed link: what the link does, and who is told.
//!
//! Who gets such a mail is in `ask_for_reset.rs`; that a link works once, for fifteen minutes and for nothing else, in `links.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use kunci_domain::ports::HashError;
use kunci_domain::use_cases::{
    Handover, LinkError, ResetPasswordError, SignedIn, ask_for_reset, link_for, reset_password, sign_in,
};
use kunci_domain::{EmailAddress, EventKind, LinkToken, PasswordProblem, Purpose, User};
use support::{Act, MINUTE, NEW_PASSWORD, PASSWORD, World, attempt, username};

fn world() -> World {
    let world = World::new();
    world.sign_up_with_mail("ada", "ada@example.org");
    world
}

fn mailed(world: &World) -> LinkToken {
    ask_for_reset(&world.visit_from(world.another_network()), "ada").unwrap();
    world.post.take_link()
}

#[test]
fn a_reset_ends_every_session_and_signs_nobody_in() {
    let world = world();
    let (here, there) = (world.sign_in("ada"), world.sign_in("ada"));
    let before = world.user("ada");
    let link = mailed(&world);
    world.watch.each("sessions.delete_all_of", Act::Skip);
    world.clock.advance(MINUTE);
    let mut open = world.visit();
    reset_password(&mut open, &link, NEW_PASSWORD.into()).unwrap();
    assert!(open.user().is_none());
    assert_eq!(open.handover(), Handover::Keep);
    assert_eq!((world.who(&here), world.who(&there)), (None, None));
    assert_eq!(
        world.user("ada").password_changed_at,
        before.password_changed_at.after(MINUTE)
    );
    sign_in(&mut world.visit(), attempt("ada", PASSWORD)).unwrap_err();
    sign_in(&mut world.visit(), attempt("ada", NEW_PASSWORD)).unwrap();
}

#[test]
fn who_is_signed_in_where_they_reset_is_signed_out_and_others_are_not() {
    let world = world();
    let (ada, bob) = (world.sign_in("ada"), world.sign_up("bob"));
    let mut open = world.open(&ada);
    let link = mailed(&world);
    reset_password(&mut open, &link, NEW_PASSWORD.into()).unwrap();
    assert!(open.user().is_none());
    assert_eq!(open.handover(), Handover::Remove);
    assert_eq!(world.who(&ada), None);

    let mut open = world.open(&bob);
    let link = mailed(&world);
    reset_password(&mut open, &link, "yet another passphrase".into()).unwrap();
    assert_eq!(open.user().unwrap().name.as_str(), "bob");
    assert_eq!(world.who(&bob).as_deref(), Some("bob"));
}

#[test]
fn the_second_factor_is_asked_for_as_before() {
    let world = world();
    world.enrol(&world.sign_in("ada"));
    let factor = world.user("ada").second_factor;
    let link = mailed(&world);
    reset_password(&mut world.visit(), &link, NEW_PASSWORD.into()).unwrap();
    assert_eq!(world.user("ada").second_factor, factor);
    let outcome = sign_in(&mut world.visit(), attempt("ada", NEW_PASSWORD));
    assert_eq!(outcome.unwrap(), SignedIn::CodeNeeded);
}

#[test]
fn a_password_that_is_refused_leaves_the_link_good() {
    let world = world();
    let link = mailed(&world);
    let before = world.user("ada");
    for (text, want) in [
        ("password1", PasswordProblem::Common),
        ("short", PasswordProblem::TooShort),
        ("I am Ada 1815", PasswordProblem::ContainsUsername),
    ] {
        let outcome = reset_password(&mut world.visit(), &link, text.into());
        assert!(
            matches!(outcome, Err(ResetPasswordError::Problem(problem)) if problem == want),
            "{text}: {outcome:?}"
        );
    }
    world.hasher.set_busy(true);
    let outcome = reset_password(&mut world.visit(), &link, NEW_PASSWORD.into());
    assert!(
        matches!(outcome, Err(ResetPasswordError::Hash(HashError::Busy))),
        "{outcome:?}"
    );
    world.hasher.set_busy(false);
    assert_eq!(world.user("ada"), before);
    reset_password(&mut world.visit(), &link, NEW_PASSWORD.into()).unwrap();
}

#[test]
fn a_new_mail_voids_the_link_of_the_one_before() {
    let world = world();
    let (first, second) = (mailed(&world), mailed(&world));
    let outcome = reset_password(&mut world.visit(), &first, NEW_PASSWORD.into());
    assert!(
        matches!(outcome, Err(ResetPasswordError::Link(LinkError::Dead))),
        "{outcome:?}"
    );
    reset_password(&mut world.visit(), &second, NEW_PASSWORD.into()).unwrap();
}

#[test]
fn a_link_to_an_address_that_the_account_has_no_more_is_dead() {
    let world = world();
    let link = mailed(&world);
    world.change("ada", |user| User {
        email: Some(EmailAddress::parse("new@example.org").unwrap()),
        ..user
    });
    let outcome = reset_password(&mut world.visit(), &link, NEW_PASSWORD.into());
    assert!(
        matches!(outcome, Err(ResetPasswordError::Link(LinkError::Dead))),
        "{outcome:?}"
    );
}

#[test]
fn an_operator_can_hand_over_a_link_also_where_no_mail_arrives() {
    let world = World::new();
    world.sign_up("ada");
    let link = link_for(&world.core, &username("ada"), Purpose::ResetPassword, world.now()).unwrap();
    reset_password(&mut world.visit(), &link, NEW_PASSWORD.into()).unwrap();
    sign_in(&mut world.visit(), attempt("ada", NEW_PASSWORD)).unwrap();
}

#[test]
fn a_password_changed_while_the_new_one_is_hashed_stays() {
    let world = world();
    let link = mailed(&world);
    let (core, now) = (std::sync::Arc::clone(&world.core), world.now());
    world.watch.before("users.update", move || {
        kunci_domain::use_cases::set_password(&core, &username("ada"), "of the operator".into(), now)
            .unwrap();
    });
    let outcome = reset_password(&mut world.visit(), &link, NEW_PASSWORD.into());
    assert!(
        matches!(outcome, Err(ResetPasswordError::Link(LinkError::Dead))),
        "{outcome:?}"
    );
    sign_in(&mut world.visit(), attempt("ada", "of the operator")).unwrap();
}

#[test]
fn a_reset_is_told_once_to_the_owner() {
    let world = world();
    let link = mailed(&world);
    reset_password(&mut world.visit(), &link, NEW_PASSWORD.into()).unwrap();
    assert_eq!(
        world.post.take_told(),
        [support::notice("ada@example.org", EventKind::PasswordReset)]
    );
    assert_eq!(world.events("ada").last(), Some(&EventKind::PasswordReset));
}
