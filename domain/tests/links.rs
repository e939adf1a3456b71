//! Links: one purpose, one account, so many uses, for so long. Signing in by one is here, too.
//!
//! What links of each purpose do is in `reset.rs`, `addresses.rs` and `invitations.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use kunci_domain::ports::TokenStore;
use kunci_domain::use_cases::{
    AdministerError, EnterCodeError, LinkError, LinkSignInError, ResetPasswordError, SignUpError, SignedIn,
    change_address, confirm_address, enter_code, invite, link_for, look_at_link, reset_password,
    set_password, set_standing, set_up_link, sign_in, sign_in_by_link, sign_out_everywhere, sign_up,
};
use kunci_domain::{
    Budget, LinkToken, OneTimeToken, Permanence, Purpose, SessionToken, Standing, Stranger, User,
};
use support::{
    DAY, MILLISECOND, MINUTE, NEW_PASSWORD, PASSWORD, SECOND, World, at_once, attempt, code_at, new_user,
    token, username,
};

/// A world with ada, whose address waits to be confirmed, and her session.
fn world() -> (World, SessionToken) {
    let world = World::new();
    let here = token(&world.sign_up_at("ada", "ada@example.org"));
    (world, here)
}

/// A link of a purpose; the set-up link needs a world without accounts.
fn link(world: &World, here: Option<&SessionToken>, purpose: Purpose) -> LinkToken {
    let now = world.now();
    match purpose {
        Purpose::ConfirmAddress => world.post.take_link(),
        Purpose::ChangeAddress => {
            world.post.take();
            change_address(&world.open(here.unwrap()), "new@example.org").unwrap();
            world.post.take_link()
        }
        Purpose::ResetPassword | Purpose::SignIn => {
            link_for(&world.core, &username("ada"), purpose, now).unwrap()
        }
        Purpose::Invitation => invite(&world.core, 1, Purpose::Invitation.lifetime(), now).unwrap(),
        Purpose::SetUp => set_up_link(&world.core, now).unwrap().unwrap(),
    }
}

fn world_for(purpose: Purpose) -> (World, Option<SessionToken>) {
    if purpose == Purpose::SetUp {
        return (World::new(), None);
    }
    let (world, here) = world();
    (world, Some(here))
}

/// What can be tried with a link; whether it was dead for that.
type Use = fn(&World, &LinkToken) -> bool;

const USES: [(&[Purpose], Use); 4] = [
    (
        &[Purpose::ConfirmAddress, Purpose::ChangeAddress],
        |world, link| {
            let outcome = confirm_address(&mut world.visit(), link);
            matches!(outcome, Err(LinkError::Dead))
        },
    ),
    (&[Purpose::ResetPassword], |world, link| {
        let outcome = reset_password(&mut world.visit(), link, NEW_PASSWORD.into());
        matches!(outcome, Err(ResetPasswordError::Link(LinkError::Dead)))
    }),
    (&[Purpose::SignIn], |world, link| {
        let outcome = sign_in_by_link(&mut world.visit(), link, &Stranger);
        matches!(outcome, Err(LinkSignInError::Link(LinkError::Dead)))
    }),
    (&[Purpose::Invitation, Purpose::SetUp], |world, link| {
        let new = new_user("eve", PASSWORD);
        let outcome = sign_up(&mut world.visit(), new, Permanence::Browser, Some(link));
        matches!(outcome, Err(SignUpError::Link(LinkError::Dead)))
    }),
];

#[test]
fn a_link_works_for_its_purpose_only_and_once() {
    for purpose in Purpose::ALL {
        let (world, here) = world_for(purpose);
        let link = link(&world, here.as_ref(), purpose);
        for (purposes, dead) in USES {
            if !purposes.contains(&purpose) {
                let before = (
                    world.tokens.find(&link.key(), world.now()).unwrap(),
                    world.live_sessions(),
                );
                assert!(dead(&world, &link), "{purpose:?} as {purposes:?}");
                let after = (
                    world.tokens.find(&link.key(), world.now()).unwrap(),
                    world.live_sessions(),
                );
                assert_eq!(before, after, "{purpose:?} as {purposes:?}");
            }
        }
        let (_, dead) = USES
            .into_iter()
            .find(|(purposes, _)| purposes.contains(&purpose))
            .unwrap();
        assert!(!dead(&world, &link), "{purpose:?} for what it is");
        assert!(dead(&world, &link), "{purpose:?} a second time");
        assert!(
            matches!(look_at_link(&world.visit(), &link), Err(LinkError::Dead)),
            "{purpose:?}"
        );
    }
}

#[test]
fn a_link_lives_as_long_as_its_purpose_says_to_the_millisecond() {
    for (purpose, lifetime) in [
        (Purpose::ConfirmAddress, DAY),
        (Purpose::ChangeAddress, DAY),
        (Purpose::ResetPassword, 15 * MINUTE),
        (Purpose::SignIn, 15 * MINUTE),
        (Purpose::Invitation, 7 * DAY),
        (Purpose::SetUp, DAY),
    ] {
        let (_, dead) = USES
            .into_iter()
            .find(|(purposes, _)| purposes.contains(&purpose))
            .unwrap();
        for (passed, want) in [(lifetime - MILLISECOND, false), (lifetime, true)] {
            let (world, here) = world_for(purpose);
            let link = link(&world, here.as_ref(), purpose);
            world.clock.advance(passed);
            assert_eq!(look_at_link(&world.visit(), &link).is_err(), want, "{purpose:?}");
            assert_eq!(dead(&world, &link), want, "{purpose:?} after {passed:?}");
        }
    }
}

#[test]
fn looking_at_a_link_uses_nothing_up() {
    for purpose in Purpose::ALL {
        let (world, here) = world_for(purpose);
        let link = link(&world, here.as_ref(), purpose);
        for _ in 0..3 {
            let found: OneTimeToken = look_at_link(&world.visit(), &link).unwrap();
            assert_eq!((found.purpose, found.uses_left), (purpose, 1));
        }
    }
}

#[test]
fn what_opens_an_account_dies_with_what_it_was_issued_for() {
    type Meanwhile = fn(&World);
    let cases: [(&str, Meanwhile); 3] = [
        ("another password", |world| {
            set_password(&world.core, &username("ada"), NEW_PASSWORD.into(), world.now()).unwrap();
        }),
        ("disabled and enabled", |world| {
            for standing in [Standing::Disabled, Standing::Enabled] {
                set_standing(&world.core, &username("ada"), standing, world.now()).unwrap();
            }
        }),
        ("signed out everywhere", |world| {
            sign_out_everywhere(&mut world.open(&world.sign_in("ada"))).unwrap();
        }),
    ];
    for (purpose, want) in [
        (Purpose::ResetPassword, true),
        (Purpose::SignIn, true),
        // Whoever receives mail at the account's address can have the password reset.
        (Purpose::ChangeAddress, true),
        (Purpose::ConfirmAddress, false),
    ] {
        for (case, meanwhile) in cases {
            let (world, here) = world();
            let link = link(&world, Some(&here), purpose);
            meanwhile(&world);
            let before = world.user("ada");
            let (_, dead) = USES
                .into_iter()
                .find(|(purposes, _)| purposes.contains(&purpose))
                .unwrap();
            assert_eq!(
                look_at_link(&world.visit(), &link).is_err(),
                want,
                "{purpose:?}: {case}"
            );
            assert_eq!(dead(&world, &link), want, "{purpose:?}: {case}");
            assert!(!want || world.user("ada") == before, "{purpose:?}: {case}");
        }
    }
}

#[test]
fn no_link_works_for_who_is_disabled() {
    for purpose in [
        Purpose::ConfirmAddress,
        Purpose::ChangeAddress,
        Purpose::ResetPassword,
        Purpose::SignIn,
    ] {
        let (world, here) = world();
        let link = link(&world, Some(&here), purpose);
        set_standing(&world.core, &username("ada"), Standing::Disabled, world.now()).unwrap();
        let (_, dead) = USES
            .into_iter()
            .find(|(purposes, _)| purposes.contains(&purpose))
            .unwrap();
        assert!(dead(&world, &link), "{purpose:?}");
    }
    let (world, _) = world();
    set_standing(&world.core, &username("ada"), Standing::Disabled, world.now()).unwrap();
    let outcome = link_for(&world.core, &username("ada"), Purpose::SignIn, world.now());
    assert!(matches!(outcome, Err(AdministerError::Disabled)), "{outcome:?}");
    let outcome = link_for(&world.core, &username("bob"), Purpose::SignIn, world.now());
    assert!(matches!(outcome, Err(AdministerError::Unknown)), "{outcome:?}");
}

#[test]
fn a_new_link_takes_the_place_of_the_one_before() {
    let (world, _) = world();
    world.sign_up("bob");
    let bobs = link_for(&world.core, &username("bob"), Purpose::SignIn, world.now()).unwrap();
    for purpose in [Purpose::ResetPassword, Purpose::SignIn] {
        let first = link(&world, None, purpose);
        let second = link(&world, None, purpose);
        assert!(matches!(
            look_at_link(&world.visit(), &first),
            Err(LinkError::Dead)
        ));
        look_at_link(&world.visit(), &second).unwrap();
    }
    look_at_link(&world.visit(), &bobs).unwrap();
}

#[test]
fn a_link_signs_in_for_as_long_as_the_browser_is_open() {
    let (world, _) = world();
    let link = link(&world, None, Purpose::SignIn);
    let mut open = world.visit();
    let came = sign_in_by_link(&mut open, &link, &Stranger).unwrap();
    assert_eq!(came, SignedIn::Complete);
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
    assert_eq!(open.record().unwrap().permanence, Permanence::Browser);
    assert!(open.is_fresh());
    assert_eq!(world.who(&token(&open)).as_deref(), Some("ada"));
}

#[test]
fn a_link_stands_for_the_password_and_not_for_the_second_factor() {
    let (world, here) = world();
    let (_, authenticator) = world.enrol(&here);
    world.clock.advance(MINUTE);
    let link = link(&world, None, Purpose::SignIn);
    let mut open = world.visit();
    let came = sign_in_by_link(&mut open, &link, &Stranger).unwrap();
    assert_eq!(came, SignedIn::CodeNeeded);
    assert!(open.user().is_none() && open.account().is_none());
    let mut open = world.open(&token(&open));
    let outcome = enter_code(&mut open, "000000", &Stranger);
    assert!(matches!(outcome, Err(EnterCodeError::WrongCode)), "{outcome:?}");
    enter_code(&mut open, &code_at(&authenticator.seed, world.now()), &Stranger).unwrap();
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
}

#[test]
fn many_failures_before_a_sign_in_by_link_are_told() {
    let (world, _) = world();
    for _ in 0..5 {
        sign_in(&mut world.visit(), attempt("ada", "wrong password")).unwrap_err();
    }
    let link = link(&world, None, Purpose::SignIn);
    sign_in_by_link(&mut world.visit(), &link, &Stranger).unwrap();
    let last = world.events("ada").pop();
    assert_eq!(last, Some(kunci_domain::EventKind::SignedInAfterFailures));
}

#[test]
fn of_fifty_that_use_one_link_at_once_one_succeeds() {
    for purpose in Purpose::ALL {
        let plenty = |core: &mut kunci_domain::Core| {
            core.accounts.budgets.network = Budget {
                at_once: 1_000,
                every: SECOND,
            };
            core.accounts.budgets.sign_ups = Budget {
                at_once: 1_000,
                every: SECOND,
            };
        };
        let world = World::with(plenty);
        let here = (purpose != Purpose::SetUp).then(|| token(&world.sign_up_at("ada", "ada@example.org")));
        let link = link(&world, here.as_ref(), purpose);
        let came = at_once(50, |number| match purpose {
            Purpose::ConfirmAddress | Purpose::ChangeAddress => {
                confirm_address(&mut world.visit(), &link).is_ok()
            }
            Purpose::ResetPassword => {
                reset_password(&mut world.visit(), &link, format!("{NEW_PASSWORD} {number}")).is_ok()
            }
            Purpose::SignIn => sign_in_by_link(&mut world.visit(), &link, &Stranger).is_ok(),
            Purpose::Invitation | Purpose::SetUp => {
                let name = format!("user{number}");
                let new = new_user(&name, PASSWORD);
                sign_up(&mut world.visit(), new, Permanence::Browser, Some(&link)).is_ok()
            }
        });
        assert_eq!(came.iter().filter(|done| **done).count(), 1, "{purpose:?}");
    }
}

#[test]
fn a_token_is_64_hexadecimal_digits() {
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
fn a_token_has_256_bits_and_its_key_is_another() {
    let world = World::new();
    let first = LinkToken::generate(&*world.entropy).unwrap();
    let second = LinkToken::generate(&*world.entropy).unwrap();
    assert_eq!(LinkToken::LEN * 8, 256);
    assert_ne!(*first.expose(), *second.expose());
    assert_ne!(first.key(), second.key());
    // SHA-256 of 32 zero bytes, from another implementation.
    let zero = LinkToken::parse(&"0".repeat(64)).unwrap();
    assert_eq!(zero.key().public_id(), "66687aadf862");
}

#[test]
fn a_token_that_is_taken_is_replaced_by_another() {
    let world = World::new();
    let first = invite(&world.core, 3, DAY, world.now()).unwrap();
    let bytes: Vec<u8> = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(&first.expose()[at..at + 2], 16).unwrap())
        .collect();
    world.entropy.script(bytes);
    let second = invite(&world.core, 1, DAY, world.now()).unwrap();
    assert_ne!(first.key(), second.key());
    assert_eq!(look_at_link(&world.visit(), &first).unwrap().uses_left, 3);
}

#[test]
fn a_link_of_an_account_that_is_gone_is_dead() {
    let (world, here) = world();
    let link = link(&world, Some(&here), Purpose::ChangeAddress);
    world.watch.each("tokens.void_all_of", support::Act::Skip);
    kunci_domain::use_cases::delete_user(&world.core, &username("ada")).unwrap();
    assert!(
        world.tokens.find(&link.key(), world.now()).unwrap().is_some(),
        "the store keeps it"
    );
    assert!(matches!(
        look_at_link(&world.visit(), &link),
        Err(LinkError::Dead)
    ));
    assert!(matches!(
        confirm_address(&mut world.visit(), &link),
        Err(LinkError::Dead)
    ));
}

#[test]
fn an_administrator_by_a_set_up_link_is_one_and_nobody_else_is() {
    let world = World::new();
    let link = link(&world, None, Purpose::SetUp);
    let made = sign_up(
        &mut world.visit(),
        new_user("ada", PASSWORD),
        Permanence::Browser,
        Some(&link),
    );
    made.unwrap();
    assert_eq!(world.user("ada").role, kunci_domain::Role::Administrator);
    let pushy = kunci_domain::use_cases::NewUser {
        role: kunci_domain::Role::Administrator,
        ..new_user("eve", PASSWORD)
    };
    sign_up(&mut world.visit(), pushy, Permanence::Browser, None).unwrap();
    let eve: User = world.user("eve");
    assert_eq!(eve.role, kunci_domain::Role::Member, "whatever was asked for");
    assert_eq!(set_up_link(&world.core, world.now()).unwrap().map(|_| ()), None);
}
