//! Password reset through a mailed link: its effects and notices.
//!
//! Recipients of the mail are in `request_reset.rs`; lifetime, purpose and number of uses of the link are in
//! `links.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::ports::HashError;
use kunci_domain::use_cases::UseCaseError::{Failed, Refused};
use kunci_domain::use_cases::{
    CookieAction, Failure, LinkRefusal, ResetPasswordRefusal, SignedIn, request_reset, reset_password,
    sign_in,
};
use kunci_domain::{EmailAddress, EventKind, LinkToken, PasswordProblem, Purpose, User};
use support::{Act, MINUTE, NEW_PASSWORD, PASSWORD, World, assert_err, attempt, operator, username};

fn world() -> World {
    let world = World::new();
    world.sign_up_with_mail("ada", "ada@example.org");
    world
}

fn mailed(world: &World) -> LinkToken {
    request_reset(&world.visit_from(world.another_network()), "ada").unwrap();
    world.mailer.take_link()
}

#[test]
fn reset_ends_every_session_and_signs_no_one_in() {
    let world = world();
    let (here, there) = (world.sign_in("ada"), world.sign_in("ada"));
    let before = world.user("ada");
    let link = mailed(&world);
    world.watch.each("sessions.delete_all_of", Act::Skip);
    world.clock.advance(MINUTE);
    let mut open = world.visit();
    reset_password(&mut open, &link, NEW_PASSWORD.into()).unwrap();
    assert!(open.user().is_none());
    assert_eq!(open.cookie_action(), CookieAction::Keep);
    assert_eq!((world.who(&here), world.who(&there)), (None, None));
    assert_eq!(
        world.user("ada").password_changed_at,
        before.password_changed_at.after(MINUTE)
    );
    sign_in(&mut world.visit(), attempt("ada", PASSWORD)).unwrap_err();
    sign_in(&mut world.visit(), attempt("ada", NEW_PASSWORD)).unwrap();
}

#[test]
fn reset_signs_out_only_its_owner_on_this_client() {
    let world = world();
    let (ada, bob) = (world.sign_in("ada"), world.sign_up("bob"));
    let mut open = world.open(&ada);
    let link = mailed(&world);
    reset_password(&mut open, &link, NEW_PASSWORD.into()).unwrap();
    assert!(open.user().is_none());
    assert_eq!(open.cookie_action(), CookieAction::Remove);
    assert_eq!(world.who(&ada), None);

    let mut open = world.open(&bob);
    let link = mailed(&world);
    reset_password(&mut open, &link, "yet another passphrase".into()).unwrap();
    assert_eq!(open.user().unwrap().name.as_str(), "bob");
    assert_eq!(world.who(&bob).as_deref(), Some("bob"));
}

#[test]
fn reset_keeps_the_second_factor() {
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
fn refused_password_keeps_the_link_valid() {
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
            matches!(outcome, Err(Refused(ResetPasswordRefusal::Problem(problem))) if problem == want),
            "{text}: {outcome:?}"
        );
    }
    world.hasher.set_busy(true);
    let outcome = reset_password(&mut world.visit(), &link, NEW_PASSWORD.into());
    assert_err!(outcome, Failed(Failure::Hash(HashError::Busy)));
    world.hasher.set_busy(false);
    assert_eq!(world.user("ada"), before);
    reset_password(&mut world.visit(), &link, NEW_PASSWORD.into()).unwrap();
}

#[test]
fn first_use_of_a_reset_link_voids_the_others() {
    let world = world();
    let (first, second, third) = (mailed(&world), mailed(&world), mailed(&world));
    reset_password(&mut world.visit(), &second, NEW_PASSWORD.into()).unwrap();
    for link in [first, second, third] {
        let outcome = reset_password(&mut world.visit(), &link, PASSWORD.into());
        assert_err!(outcome, Refused(ResetPasswordRefusal::Link(LinkRefusal::Dead)));
    }
}

#[test]
fn link_to_a_former_address_is_invalid() {
    let world = world();
    let link = mailed(&world);
    world.change("ada", |user| User {
        email: Some(EmailAddress::parse("new@example.org").unwrap()),
        ..user
    });
    let outcome = reset_password(&mut world.visit(), &link, NEW_PASSWORD.into());
    assert_err!(outcome, Refused(ResetPasswordRefusal::Link(LinkRefusal::Dead)));
}

#[test]
fn operator_link_works_without_an_address() {
    let world = World::new();
    world.sign_up("ada");
    let link = world.issue_link("ada", Purpose::ResetPassword);
    reset_password(&mut world.visit(), &link, NEW_PASSWORD.into()).unwrap();
    sign_in(&mut world.visit(), attempt("ada", NEW_PASSWORD)).unwrap();
}

#[test]
fn password_change_during_a_reset_wins() {
    let world = world();
    let link = mailed(&world);
    let (core, now) = (std::sync::Arc::clone(&world.core), world.now());
    world.watch.before("accounts.commit", move || {
        kunci_domain::use_cases::set_password(
            &core,
            &operator(),
            &username("ada"),
            "of the operator".into(),
            now,
        )
        .unwrap();
    });
    let outcome = reset_password(&mut world.visit(), &link, NEW_PASSWORD.into());
    assert_err!(outcome, Refused(ResetPasswordRefusal::Link(LinkRefusal::Dead)));
    sign_in(&mut world.visit(), attempt("ada", "of the operator")).unwrap();
}

#[test]
fn reset_notifies_the_owner_once() {
    let world = world();
    let link = mailed(&world);
    reset_password(&mut world.visit(), &link, NEW_PASSWORD.into()).unwrap();
    assert_eq!(
        world.mailer.take_sent(),
        [support::notice("ada@example.org", EventKind::PasswordReset)]
    );
    assert_eq!(world.events("ada").last(), Some(&EventKind::PasswordReset));
}
