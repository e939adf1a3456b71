//! The email address of an account: confirmation, change, and notices.
//!
//! Lifetime and invalidation of links are in `links.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    AddressRefusal, CreateUserRefusal, LinkRefusal, NewUser, Outcome, SignUpRefusal, Throttled,
    change_address, confirm_address, inspect_link, request_reset, resend_confirmation, reset_password,
    sign_up,
};
use kunci_domain::{EmailAddress, EmailAddressError, EventKind, LinkToken, Permanence, SessionToken, User};
use support::{HOUR, MINUTE, NEW_PASSWORD, PASSWORD, World, assert_err, new_user, notice, token};

fn address(world: &World) -> (Option<String>, bool) {
    let user = world.user("ada");
    let email = user.email.as_ref().map(|email| email.as_str().to_owned());
    (email, user.email_confirmed_at.is_some())
}

fn confirm(world: &World, link: &LinkToken) -> Outcome<(), LinkRefusal> {
    confirm_address(&mut world.visit(), link)
}

fn sent(to: &str, about: &str) -> (String, String) {
    (to.to_owned(), about.to_owned())
}

/// A world with ada, who has a confirmed address, her session, and the link to a new address.
fn changing() -> (World, SessionToken, LinkToken) {
    let world = World::new();
    let here = world.sign_up_with_mail("ada", "ada@example.org");
    change_address(&world.open(&here), "new@example.org").unwrap();
    let link = world.mailer.take_link();
    (world, here, link)
}

#[test]
fn new_address_with_hidden_characters_is_refused() {
    let (world, here, _) = changing();
    let hidden = "ada\u{202e}@example.org";
    let outcome = change_address(&world.open(&here), hidden);
    assert_err!(outcome, Refused(AddressRefusal::Invalid(EmailAddressError)));
    let new = NewUser {
        email: hidden,
        ..new_user("eve", PASSWORD)
    };
    let outcome = sign_up(&mut world.visit(), new, Permanence::Browser, None);
    assert_err!(
        outcome,
        Refused(SignUpRefusal::Create(CreateUserRefusal::Invalid(_)))
    );
}

#[test]
fn sign_up_with_an_address_sends_a_confirmation() {
    let world = World::new();
    world.sign_up_at("ada", "ada@example.org");
    assert_eq!(address(&world), (Some("ada@example.org".into()), false));
    let mails = world.mailer.take_mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].name.as_str(), "ada");
    let kunci_domain::mail::MailContent::ConfirmAddress(link) = &mails[0].content else {
        panic!("{mails:?}");
    };
    world.clock.advance(MINUTE);
    confirm(&world, link).unwrap();
    assert_eq!(address(&world), (Some("ada@example.org".into()), true));
    assert_eq!(world.user("ada").email_confirmed_at, Some(world.now()));
    assert_eq!(
        world.events("ada"),
        [EventKind::SignedUp, EventKind::AddressConfirmed]
    );
    assert_eq!(world.mailer.take_sent(), [], "confirmation sends no notice");
}

#[test]
fn sign_up_without_an_address_sends_no_mail() {
    let world = World::new();
    world.sign_up("ada");
    assert_eq!(world.mailer.take_sent(), []);
}

#[test]
fn address_changes_only_after_confirmation() {
    let (world, here, link) = changing();
    assert_eq!(address(&world), (Some("ada@example.org".into()), true));
    confirm(&world, &link).unwrap();
    assert_eq!(address(&world), (Some("new@example.org".into()), true));
    assert_eq!(world.who(&here).as_deref(), Some("ada"), "sessions continue");
    assert_eq!(world.events("ada").last(), Some(&EventKind::AddressChanged));
    assert_eq!(
        world.mailer.take_sent(),
        [
            notice("new@example.org", EventKind::AddressChanged),
            notice("ada@example.org", EventKind::AddressChanged)
        ]
    );
}

#[test]
fn confirmation_goes_to_the_new_address_only() {
    let world = World::new();
    let here = world.sign_up_with_mail("ada", "ada@example.org");
    change_address(&world.open(&here), " new@example.org ").unwrap();
    assert_eq!(world.mailer.take_sent(), [sent("new@example.org", "confirm new")]);
}

#[test]
fn replaced_unconfirmed_address_is_notified() {
    let world = World::new();
    let here = token(&world.sign_up_at("ada", "ada@example.org"));
    change_address(&world.open(&here), "new@example.org").unwrap();
    confirm(&world, &world.mailer.take_link()).unwrap();
    let last = world.mailer.take_sent().pop();
    assert_eq!(last, Some(notice("ada@example.org", EventKind::AddressChanged)));
}

#[test]
fn first_address_notifies_no_old_address() {
    let world = World::new();
    let here = world.sign_up("ada");
    change_address(&world.open(&here), "new@example.org").unwrap();
    confirm(&world, &world.mailer.take_link()).unwrap();
    assert_eq!(
        world.mailer.take_sent(),
        [notice("new@example.org", EventKind::AddressChanged)]
    );
}

#[test]
fn unchanged_address_is_notified_once() {
    let world = World::new();
    let here = world.sign_up_with_mail("ada", "ada@example.org");
    change_address(&world.open(&here), "ada@example.org").unwrap();
    confirm(&world, &world.mailer.take_link()).unwrap();
    assert_eq!(
        world.mailer.take_sent(),
        [notice("ada@example.org", EventKind::AddressChanged)]
    );
}

#[test]
fn links_sent_to_the_old_address_are_invalid() {
    let (world, _, link) = changing();
    request_reset(&world.visit(), "ada").unwrap();
    let reset = world.mailer.take_link();
    inspect_link(&world.visit(), &reset).unwrap();
    confirm(&world, &link).unwrap();
    assert_err!(inspect_link(&world.visit(), &reset), Refused(LinkRefusal::Dead));
    reset_password(&mut world.visit(), &reset, NEW_PASSWORD.into()).unwrap_err();
}

#[test]
fn confirming_a_replaced_address_fails() {
    let world = World::new();
    let here = token(&world.sign_up_at("ada", "ada@example.org"));
    let old = world.mailer.take_link();
    change_address(&world.open(&here), "new@example.org").unwrap();
    confirm(&world, &world.mailer.take_link()).unwrap();
    let before = world.user("ada");
    assert_err!(confirm(&world, &old), Refused(LinkRefusal::Dead));
    assert_eq!(world.user("ada"), before);
}

#[test]
fn confirmation_loses_a_race_with_a_change() {
    let world = World::new();
    world.sign_up_at("ada", "ada@example.org");
    let link = world.mailer.take_link();
    let (accounts, user) = (std::sync::Arc::clone(&world.accounts), world.user("ada"));
    world.watch.before("accounts.commit", move || {
        let email = Some(EmailAddress::parse("new@example.org").unwrap());
        support::replace(&*accounts, User { email, ..user });
    });
    assert_err!(confirm(&world, &link), Refused(LinkRefusal::Dead));
    assert_eq!(address(&world), (Some("new@example.org".into()), false));
}

#[test]
fn repeated_change_request_voids_the_previous_one() {
    let (world, here, first) = changing();
    change_address(&world.open(&here), "newer@example.org").unwrap();
    let second = world.mailer.take_link();
    assert_err!(confirm(&world, &first), Refused(LinkRefusal::Dead));
    confirm(&world, &second).unwrap();
    assert_eq!(address(&world).0.as_deref(), Some("newer@example.org"));
}

#[test]
fn invalid_address_or_visitor_gets_no_mail() {
    let world = World::new();
    let here = world.sign_up("ada");
    for text in ["", "ada", "a@b\r\nBcc: c@d"] {
        let outcome = change_address(&world.open(&here), text);
        assert_err!(outcome, Refused(AddressRefusal::Invalid(_)), "{text:?}");
    }
    for outcome in [
        change_address(&world.visit(), "ada@example.org"),
        resend_confirmation(&world.visit()),
    ] {
        assert_err!(outcome, Refused(AddressRefusal::Authority(_)));
    }
    assert_eq!(world.mailer.take_sent(), []);
}

#[test]
fn confirmation_is_resent_only_if_pending() {
    let world = World::new();
    let here = token(&world.sign_up_at("ada", "ada@example.org"));
    let first = world.mailer.take_link();
    resend_confirmation(&world.open(&here)).unwrap();
    let second = world.mailer.take_link();
    assert_err!(confirm(&world, &first), Refused(LinkRefusal::Dead));
    confirm(&world, &second).unwrap();
    let outcome = resend_confirmation(&world.open(&here));
    assert_err!(outcome, Refused(AddressRefusal::NothingToConfirm));
    let bob = world.sign_up("bob");
    let outcome = resend_confirmation(&world.open(&bob));
    assert_err!(outcome, Refused(AddressRefusal::NothingToConfirm));
    assert_eq!(world.mailer.take_sent(), []);
}

#[test]
fn confirmation_mails_per_account_are_limited() {
    let world = World::new();
    let here = token(&world.sign_up_at("ada", "ada@example.org"));
    let open = world.open(&here);
    // The mail of the sign-up counts as well.
    for number in 0..3 {
        change_address(&open, &format!("new{number}@example.org")).unwrap();
    }
    resend_confirmation(&open).unwrap();
    world.mailer.take_mails();
    for outcome in [
        resend_confirmation(&open),
        change_address(&open, "new@example.org"),
    ] {
        assert!(
            matches!(
                outcome,
                Err(Refused(AddressRefusal::Throttled(Throttled { retry_after }))) if retry_after == HOUR
            ),
            "{outcome:?}"
        );
    }
    assert_eq!(world.mailer.take_sent(), []);
}

#[test]
fn confirmation_mails_per_network_are_limited() {
    let world = World::new();
    let ask = |number: u8, network: [u8; 4]| {
        let here = world.sign_up(&format!("user{number}"));
        change_address(&world.open_from(&here, network), "stranger@example.org")
    };
    for number in 0..5 {
        ask(number, [192, 0, 2, number]).unwrap();
    }
    let outcome = ask(5, [192, 0, 2, 5]);
    assert_err!(outcome, Refused(AddressRefusal::Throttled(_)));
    ask(6, [192, 0, 3, 6]).unwrap();
}
