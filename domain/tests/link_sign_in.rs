//! Sign-in by a link from an operator, and the tokens of links.
//!
//! What invalidates such a link is in `links.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    EnterCodeRefusal, SignedIn, enter_code, inspect_link, invite, sign_in, sign_in_by_link,
};
use kunci_domain::{EventKind, LinkToken, NoKnownDevices, Permanence, Purpose};
use support::{DAY, MINUTE, World, assert_err, attempt, code_at, operator, token};

fn world() -> World {
    let world = World::new();
    world.sign_up("ada");
    world
}

fn link(world: &World) -> LinkToken {
    world.issue_link("ada", Purpose::SignIn)
}

#[test]
fn link_signs_in_until_the_browser_closes() {
    let world = world();
    let link = link(&world);
    let mut open = world.visit();
    let outcome = sign_in_by_link(&mut open, &link, &NoKnownDevices).unwrap();
    assert_eq!(outcome, SignedIn::Complete);
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
    assert_eq!(open.record().unwrap().permanence, Permanence::Browser);
    assert!(open.is_fresh());
    assert_eq!(world.who(&token(&open)).as_deref(), Some("ada"));
}

#[test]
fn link_replaces_the_password_but_not_the_second_factor() {
    let world = world();
    let (_, authenticator) = world.enrol(&world.sign_in("ada"));
    world.clock.advance(MINUTE);
    let link = link(&world);
    let mut open = world.visit();
    let outcome = sign_in_by_link(&mut open, &link, &NoKnownDevices).unwrap();
    assert_eq!(outcome, SignedIn::CodeNeeded);
    assert!(open.user().is_none() && open.account().is_none());
    let mut open = world.open(&token(&open));
    let outcome = enter_code(&mut open, "000000", &NoKnownDevices);
    assert_err!(outcome, Refused(EnterCodeRefusal::WrongCode));
    enter_code(
        &mut open,
        &code_at(&authenticator.seed, world.now()),
        &NoKnownDevices,
    )
    .unwrap();
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
}

#[test]
fn sign_in_by_link_after_failures_notifies_the_owner() {
    let world = world();
    for _ in 0..5 {
        sign_in(&mut world.visit(), attempt("ada", "wrong password")).unwrap_err();
    }
    let link = link(&world);
    sign_in_by_link(&mut world.visit(), &link, &NoKnownDevices).unwrap();
    let last = world.events("ada").pop();
    assert_eq!(last, Some(EventKind::SignedInAfterFailures));
}

#[test]
fn link_token_is_64_hexadecimal_digits() {
    let digits = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";
    let read = |text: &str| LinkToken::parse(text).map(|token| token.expose().to_string());
    for same in [digits, &digits.to_uppercase(), &format!(" {digits}\r\n")] {
        assert_eq!(read(same).as_deref(), Ok(digits), "{same:?}");
    }
    let wide = format!("{}é", &digits[..62]);
    for none in [
        "",
        &digits[1..],
        &format!("{digits}0"),
        &digits.replace('f', "g"),
        &digits.replace("00", "+0"),
        &wide,
    ] {
        assert!(read(none).is_err(), "{none:?}");
    }
}

#[test]
fn link_token_has_256_bits_and_a_different_key() {
    let world = World::new();
    let first = LinkToken::generate(&*world.entropy).unwrap();
    let second = LinkToken::generate(&*world.entropy).unwrap();
    assert_eq!(LinkToken::LEN * 8, 256);
    assert_ne!(*first.expose(), *second.expose());
    assert_ne!(first.key(), second.key());
    // SHA-256 of 32 zero bytes, computed by another implementation.
    let zero = LinkToken::parse(&"0".repeat(64)).unwrap();
    assert_eq!(zero.key().public_id(), "66687aadf862");
}

#[test]
fn taken_token_is_replaced_by_another() {
    let world = World::new();
    let first = invite(&world.core, &operator(), 3, DAY, world.now()).unwrap();
    let bytes: Vec<u8> = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(&first.expose()[at..at + 2], 16).unwrap())
        .collect();
    world.entropy.script(bytes);
    let second = invite(&world.core, &operator(), 1, DAY, world.now()).unwrap();
    assert_ne!(first.key(), second.key());
    assert_eq!(inspect_link(&world.visit(), &first).unwrap().uses_left, 3);
}
