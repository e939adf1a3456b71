//! Mails that strangers can request: they neither keep an owner from resetting the password nor fill a mailbox.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::time::Duration;

use kunci_domain::mail::{MailContent, Recipient};
use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    AddressRefusal, LinkRefusal, NewUser, Throttled, change_address, change_password, confirm_address,
    inspect_link, request_reset, resend_confirmation, reset_password, sign_up,
};
use kunci_domain::{LinkToken, NoKnownDevices, OpenSession, Permanence};
use support::{HOUR, MINUTE, NEW_PASSWORD, PASSWORD, World, assert_err, new_user, password, token};

const ADA: &str = "ada@example.org";
const STRANGER: &str = "john.doe@example.org";

fn world() -> World {
    let world = World::new();
    world.sign_up_with_mail("ada", ADA);
    world
}

/// Returns the number of mails to an address since the last call.
fn mails_to(world: &World, address: &str) -> usize {
    let sent = world.mailer.take_sent();
    sent.iter()
        .filter(|(to, _)| to.eq_ignore_ascii_case(address))
        .count()
}

/// Requests a reset for ada from another network, and returns the link if one was mailed to her.
fn ask(world: &World) -> Option<LinkToken> {
    request_reset(&world.visit_from(world.another_network()), "ada").ok()?;
    let mail = world.mailer.take_mails().pop()?;
    match (mail.to, mail.content) {
        (Recipient::Address(_), MailContent::ResetPassword(link)) => Some(link),
        _ => None,
    }
}

#[test]
fn stranger_cannot_keep_the_owner_from_resetting() {
    let world = world();
    for _ in 0..6 {
        let _ = request_reset(&world.visit_from([192, 0, 2, 7]), "ada");
    }
    assert_eq!(mails_to(&world, ADA), 5);
    let link = ask(&world).expect("the owner's own request is mailed");
    reset_password(&mut world.visit(), &link, NEW_PASSWORD.into()).unwrap();
}

/// Strangers in any number of networks use up the mails of an account, but whenever they do, the owner has a
/// link that works.
#[test]
fn owner_always_has_a_link_that_works() {
    check_latest_link(10 * MINUTE, 144..=170);
    check_latest_link(MINUTE, 1_000..=1_440);
    // Links expire earlier than the setting would allow the next mail.
    check_latest_link(24 * HOUR, 96..=120);
}

/// Requests a reset every minute of a day, each time from another network, with this setting.
#[track_caller]
fn check_latest_link(mail_every: Duration, mails: std::ops::RangeInclusive<u32>) {
    let world = World::with(|core| core.account_policy.budgets.mails.every = mail_every);
    world.sign_up_with_mail("ada", ADA);
    let (mut latest, mut mailed) = (None, 0);
    for minute in 0..24 * 60 {
        if let Some(link) = ask(&world) {
            latest = Some(link);
            mailed += 1;
        }
        let usable = inspect_link(&world.visit(), latest.as_ref().unwrap());
        assert!(usable.is_ok(), "minute {minute}: {usable:?}");
        world.clock.advance(MINUTE);
    }
    assert!(mails.contains(&mailed), "{mailed} mails in a day");
}

#[test]
fn older_reset_links_work_until_one_is_used() {
    let world = world();
    let links: Vec<LinkToken> = (0..5).map(|_| ask(&world).unwrap()).collect();
    for link in &links {
        inspect_link(&world.visit(), link).unwrap();
    }
    reset_password(&mut world.visit(), &links[1], NEW_PASSWORD.into()).unwrap();
    for link in &links {
        assert_err!(inspect_link(&world.visit(), link), Refused(LinkRefusal::Dead));
    }
}

#[test]
fn password_change_revokes_all_reset_links() {
    let world = world();
    let links: Vec<LinkToken> = (0..3).map(|_| ask(&world).unwrap()).collect();
    let here = world.sign_in("ada");
    let mut open = world.open(&here);
    change_password(
        &mut open,
        &password(PASSWORD),
        NEW_PASSWORD.into(),
        &NoKnownDevices,
    )
    .unwrap();
    for link in &links {
        assert_err!(inspect_link(&world.visit(), link), Refused(LinkRefusal::Dead));
    }
}

/// Signs up with an address from another network.
fn sign_up_at(world: &World, name: &str, email: &str) -> OpenSession {
    let mut open = world.visit_from(world.another_network());
    let new = NewUser {
        email,
        ..new_user(name, PASSWORD)
    };
    sign_up(&mut open, new, Permanence::Permanent, None).unwrap();
    open
}

#[test]
fn mails_to_one_address_are_limited_across_all_ways() {
    let world = world();
    for number in 0..25 {
        let open = sign_up_at(&world, &format!("user{number}"), STRANGER);
        let elsewhere = |open: &OpenSession| world.open_from(&token(open), world.another_network());
        resend_confirmation(&elsewhere(&open)).unwrap();
        change_address(&elsewhere(&open), STRANGER).unwrap();
    }
    assert_eq!(mails_to(&world, STRANGER), 5);
    world.clock.advance(HOUR);
    for number in 25..30 {
        sign_up_at(&world, &format!("user{number}"), STRANGER);
    }
    assert_eq!(mails_to(&world, STRANGER), 1, "one more an hour");
}

#[test]
fn spellings_of_an_address_share_its_mails() {
    let world = World::new();
    let spellings = [
        "john.doe@example.org",
        "John.Doe@Example.ORG",
        "johndoe@example.org",
        "j.o.h.n.doe@example.org",
        "john.doe+1@example.org",
        "JohnDoe+2+3@example.org",
        "john.doe+4@example.org",
    ];
    for (number, address) in spellings.iter().enumerate() {
        sign_up_at(&world, &format!("user{number}"), address);
    }
    assert_eq!(world.mailer.take_sent().len(), 5);
    for (number, address) in ["john.do@example.org", "john.doe@example.com"].iter().enumerate() {
        sign_up_at(&world, &format!("other{number}"), address);
        assert_eq!(world.mailer.take_sent().len(), 1, "{address}");
    }
}

/// A change of an address that was never confirmed notifies it, which would be a way to send mails to strangers.
#[test]
fn notices_to_unconfirmed_addresses_are_limited() {
    let world = World::new();
    let mut mailed = 0;
    for number in 0..10 {
        let name = format!("user{number}");
        let open = sign_up_at(&world, &name, STRANGER);
        mailed += mails_to(&world, STRANGER);
        let own = world.open_from(&token(&open), world.another_network());
        change_address(&own, &format!("{name}@example.com")).unwrap();
        confirm_address(&mut world.visit(), &world.mailer.take_link()).unwrap();
        mailed += mails_to(&world, STRANGER);
    }
    assert_eq!(mailed, 5);
}

#[test]
fn lone_user_is_told_that_no_mail_is_sent() {
    let world = World::new();
    let here = token(&world.sign_up_at("ada", ADA));
    let open = world.open(&here);
    let accepted = (0..10).take_while(|_| resend_confirmation(&open).is_ok()).count();
    assert_eq!((accepted, mails_to(&world, ADA)), (4, 5));
    let outcome = resend_confirmation(&world.open_from(&here, world.another_network()));
    let Err(Refused(AddressRefusal::Throttled(Throttled { retry_after }))) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(retry_after, HOUR);
}

#[test]
fn mail_limits_survive_a_restart() {
    let world = world();
    let bob = sign_up_at(&world, "bob", "bob@example.org");
    let resend = |_| resend_confirmation(&world.open_from(&token(&bob), world.another_network())).is_ok();
    let sign_up = |number| {
        sign_up_at(&world, &format!("user{number}"), STRANGER);
        mails_to(&world, STRANGER) == 1
    };
    check_restart(&world, "resets of an account", 20, |_| ask(&world).is_some());
    check_restart(&world, "confirmations of an account", 4, resend);
    check_restart(&world, "confirmations to an address", 5, sign_up);
}

/// Sends as many mails as possible, empties what is kept in memory, and checks that no more is sent.
#[track_caller]
fn check_restart(world: &World, kind: &str, most: usize, send: impl Fn(u8) -> bool) {
    assert_eq!((0..30).take_while(|n| send(*n)).count(), most, "{kind}");
    world.throttle.refill_all().unwrap();
    assert!(!send(30), "{kind}");
}

#[test]
fn mails_to_strangers_do_not_use_up_reset_mails() {
    let world = world();
    for number in 0..25 {
        sign_up_at(&world, &format!("user{number}"), ADA);
    }
    world.mailer.take_mails();
    assert!(ask(&world).is_some());
}

#[test]
fn refused_confirmation_mail_keeps_the_earlier_link() {
    let world = World::new();
    let open = sign_up_at(&world, "bob", "bob@example.org");
    change_address(&world.open(&token(&open)), STRANGER).unwrap();
    let link = world.mailer.take_link();
    for number in 0..5 {
        sign_up_at(&world, &format!("user{number}"), STRANGER);
    }
    change_address(&world.open(&token(&open)), STRANGER).unwrap();
    inspect_link(&world.visit(), &link).unwrap();
}
