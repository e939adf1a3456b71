//! The address of an account: confirming it, changing it, and who is told.
//!
//! How long links live and what ends them is in `links.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use kunci_domain::use_cases::{
    AddressError, LinkError, ThrottleError, ask_for_reset, change_address, confirm_address, look_at_link,
    resend_confirmation, reset_password,
};
use kunci_domain::{EmailAddress, EventKind, LinkToken, SessionToken, User};
use support::{MINUTE, NEW_PASSWORD, World, notice, token};

fn address(world: &World) -> (Option<String>, bool) {
    let user = world.user("ada");
    let email = user.email.as_ref().map(|email| email.as_str().to_owned());
    (email, user.email_confirmed_at.is_some())
}

fn confirm(world: &World, link: &LinkToken) -> Result<(), LinkError> {
    confirm_address(&mut world.visit(), link)
}

fn told(to: &str, about: &str) -> (String, String) {
    (to.to_owned(), about.to_owned())
}

/// Ada with a confirmed address, her session, and the link to a new address.
fn changing() -> (World, SessionToken, LinkToken) {
    let world = World::new();
    let here = world.sign_up_with_mail("ada", "ada@example.org");
    change_address(&world.open(&here), "new@example.org").unwrap();
    let link = world.post.take_link();
    (world, here, link)
}

#[test]
fn who_signs_up_with_an_address_is_asked_to_confirm_it() {
    let world = World::new();
    world.sign_up_at("ada", "ada@example.org");
    assert_eq!(address(&world), (Some("ada@example.org".into()), false));
    let mails = world.post.take();
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
    assert_eq!(world.post.take_told(), [], "that is no news to its owner");
}

#[test]
fn who_signs_up_without_an_address_gets_no_mail() {
    let world = World::new();
    world.sign_up("ada");
    assert_eq!(world.post.take_told(), []);
}

#[test]
fn an_address_is_changed_only_when_the_new_one_has_confirmed_it() {
    let (world, here, link) = changing();
    assert_eq!(address(&world), (Some("ada@example.org".into()), true));
    confirm(&world, &link).unwrap();
    assert_eq!(address(&world), (Some("new@example.org".into()), true));
    assert_eq!(world.who(&here).as_deref(), Some("ada"), "sessions go on");
    assert_eq!(world.events("ada").last(), Some(&EventKind::AddressChanged));
    assert_eq!(
        world.post.take_told(),
        [
            notice("new@example.org", EventKind::AddressChanged),
            notice("ada@example.org", EventKind::AddressChanged)
        ]
    );
}

#[test]
fn the_mail_for_a_new_address_goes_there_and_nowhere_else() {
    let world = World::new();
    let here = world.sign_up_with_mail("ada", "ada@example.org");
    change_address(&world.open(&here), " new@example.org ").unwrap();
    assert_eq!(world.post.take_told(), [told("new@example.org", "confirm new")]);
}

#[test]
fn an_address_that_was_never_confirmed_is_told_too_when_it_goes() {
    let world = World::new();
    let here = token(&world.sign_up_at("ada", "ada@example.org"));
    change_address(&world.open(&here), "new@example.org").unwrap();
    confirm(&world, &world.post.take_link()).unwrap();
    let last = world.post.take_told().pop();
    assert_eq!(last, Some(notice("ada@example.org", EventKind::AddressChanged)));
}

#[test]
fn a_first_address_has_no_former_to_tell() {
    let world = World::new();
    let here = world.sign_up("ada");
    change_address(&world.open(&here), "new@example.org").unwrap();
    confirm(&world, &world.post.take_link()).unwrap();
    assert_eq!(
        world.post.take_told(),
        [notice("new@example.org", EventKind::AddressChanged)]
    );
}

#[test]
fn an_address_that_stays_the_same_is_told_once() {
    let world = World::new();
    let here = world.sign_up_with_mail("ada", "ada@example.org");
    change_address(&world.open(&here), "ada@example.org").unwrap();
    confirm(&world, &world.post.take_link()).unwrap();
    assert_eq!(
        world.post.take_told(),
        [notice("ada@example.org", EventKind::AddressChanged)]
    );
}

#[test]
fn links_that_went_to_the_old_address_are_dead() {
    let (world, _, link) = changing();
    ask_for_reset(&world.visit(), "ada").unwrap();
    let reset = world.post.take_link();
    look_at_link(&world.visit(), &reset).unwrap();
    confirm(&world, &link).unwrap();
    assert!(matches!(
        look_at_link(&world.visit(), &reset),
        Err(LinkError::Dead)
    ));
    reset_password(&mut world.visit(), &reset, NEW_PASSWORD.into()).unwrap_err();
}

#[test]
fn confirming_an_address_that_was_replaced_meanwhile_does_nothing() {
    let world = World::new();
    let here = token(&world.sign_up_at("ada", "ada@example.org"));
    let old = world.post.take_link();
    change_address(&world.open(&here), "new@example.org").unwrap();
    confirm(&world, &world.post.take_link()).unwrap();
    let before = world.user("ada");
    assert!(matches!(confirm(&world, &old), Err(LinkError::Dead)));
    assert_eq!(world.user("ada"), before);
}

#[test]
fn confirming_races_with_a_change_and_loses() {
    let world = World::new();
    world.sign_up_at("ada", "ada@example.org");
    let link = world.post.take_link();
    let (users, user) = (std::sync::Arc::clone(&world.users), world.user("ada"));
    world.watch.before("users.update", move || {
        use kunci_domain::ports::UserStore;
        let email = Some(EmailAddress::parse("new@example.org").unwrap());
        let _ = users.update(&User { email, ..user }).unwrap();
    });
    assert!(matches!(confirm(&world, &link), Err(LinkError::Dead)));
    assert_eq!(address(&world), (Some("new@example.org".into()), false));
}

#[test]
fn a_change_that_is_asked_for_again_voids_the_one_before() {
    let (world, here, first) = changing();
    change_address(&world.open(&here), "newer@example.org").unwrap();
    let second = world.post.take_link();
    assert!(matches!(confirm(&world, &first), Err(LinkError::Dead)));
    confirm(&world, &second).unwrap();
    assert_eq!(address(&world).0.as_deref(), Some("newer@example.org"));
}

#[test]
fn what_is_no_address_and_who_is_nobody_get_no_mail() {
    let world = World::new();
    let here = world.sign_up("ada");
    for text in ["", "ada", "a@b\r\nBcc: c@d"] {
        let outcome = change_address(&world.open(&here), text);
        assert!(
            matches!(outcome, Err(AddressError::Invalid(_))),
            "{text:?}: {outcome:?}"
        );
    }
    for outcome in [
        change_address(&world.visit(), "ada@example.org"),
        resend_confirmation(&world.visit()),
    ] {
        assert!(matches!(outcome, Err(AddressError::Authority(_))), "{outcome:?}");
    }
    assert_eq!(world.post.take_told(), []);
}

#[test]
fn a_confirmation_is_sent_again_only_where_one_is_due() {
    let world = World::new();
    let here = token(&world.sign_up_at("ada", "ada@example.org"));
    let first = world.post.take_link();
    resend_confirmation(&world.open(&here)).unwrap();
    let second = world.post.take_link();
    assert!(matches!(confirm(&world, &first), Err(LinkError::Dead)));
    confirm(&world, &second).unwrap();
    let outcome = resend_confirmation(&world.open(&here));
    assert!(
        matches!(outcome, Err(AddressError::NothingToConfirm)),
        "{outcome:?}"
    );
    let bob = world.sign_up("bob");
    let outcome = resend_confirmation(&world.open(&bob));
    assert!(
        matches!(outcome, Err(AddressError::NothingToConfirm)),
        "{outcome:?}"
    );
    assert_eq!(world.post.take_told(), []);
}

#[test]
fn mails_for_one_account_are_bounded_whatever_address_they_go_to() {
    let world = World::new();
    let here = token(&world.sign_up_at("ada", "ada@example.org"));
    let open = world.open(&here);
    for number in 0..3 {
        change_address(&open, &format!("new{number}@example.org")).unwrap();
    }
    resend_confirmation(&open).unwrap();
    resend_confirmation(&open).unwrap();
    world.post.take();
    for outcome in [
        resend_confirmation(&open),
        change_address(&open, "new@example.org"),
    ] {
        assert!(
            matches!(
                outcome,
                Err(AddressError::Throttle(ThrottleError::Throttled { retry_after })) if retry_after == 10 * MINUTE
            ),
            "{outcome:?}"
        );
    }
    assert_eq!(world.post.take_told(), []);
}

#[test]
fn mails_to_new_addresses_from_one_network_are_bounded_whatever_accounts_ask_for_them() {
    let world = World::new();
    let ask = |number: u8, network: [u8; 4]| {
        let here = world.sign_up(&format!("user{number}"));
        change_address(&world.open_from(&here, network), "stranger@example.org")
    };
    for number in 0..5 {
        ask(number, [192, 0, 2, number]).unwrap();
    }
    let outcome = ask(5, [192, 0, 2, 5]);
    assert!(matches!(outcome, Err(AddressError::Throttle(_))), "{outcome:?}");
    ask(6, [192, 0, 3, 6]).unwrap();
}
