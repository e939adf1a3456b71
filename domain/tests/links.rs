//! Links: purpose, account, number of uses and lifetime.
//!
//! The effects of each purpose are in `link_sign_in.rs`, `reset.rs`, `addresses.rs` and `invitations.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::ports::AccountStore;
use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    AdministerRefusal, LinkRefusal, LinkSignInRefusal, ResetPasswordRefusal, SignUpRefusal, change_address,
    confirm_address, inspect_link, invite, issue_link_for, reset_password, set_password, set_standing,
    set_up_link, sign_in_by_link, sign_out_everywhere, sign_up,
};
use kunci_domain::{
    Budget, LinkToken, NoKnownDevices, OneTimeToken, Permanence, Purpose, SessionToken, Standing, User,
};
use support::{
    DAY, MILLISECOND, MINUTE, NEW_PASSWORD, PASSWORD, SECOND, World, assert_err, in_parallel, new_user,
    operator, token, username,
};

/// A world with ada, whose address is unconfirmed, and her session.
fn world() -> (World, SessionToken) {
    let world = World::new();
    let here = token(&world.sign_up_at("ada", "ada@example.org"));
    (world, here)
}

/// Issues a link of a purpose. The set-up link needs a world without accounts.
fn link(world: &World, here: Option<&SessionToken>, purpose: Purpose) -> LinkToken {
    let now = world.now();
    match purpose {
        Purpose::ConfirmAddress => world.mailer.take_link(),
        Purpose::ChangeAddress => {
            world.mailer.take_mails();
            change_address(&world.open(here.unwrap()), "new@example.org").unwrap();
            world.mailer.take_link()
        }
        Purpose::ResetPassword | Purpose::SignIn => world.issue_link("ada", purpose),
        Purpose::Invitation => {
            invite(&world.core, &operator(), 1, Purpose::Invitation.lifetime(), now).unwrap()
        }
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

/// The actions that a link may allow. Each returns whether the link was refused.
type Use = fn(&World, &LinkToken) -> bool;

const USES: [(&[Purpose], Use); 4] = [
    (
        &[Purpose::ConfirmAddress, Purpose::ChangeAddress],
        |world, link| {
            let outcome = confirm_address(&mut world.visit(), link);
            matches!(outcome, Err(Refused(LinkRefusal::Dead)))
        },
    ),
    (&[Purpose::ResetPassword], |world, link| {
        let outcome = reset_password(&mut world.visit(), link, NEW_PASSWORD.into());
        matches!(
            outcome,
            Err(Refused(ResetPasswordRefusal::Link(LinkRefusal::Dead)))
        )
    }),
    (&[Purpose::SignIn], |world, link| {
        let outcome = sign_in_by_link(&mut world.visit(), link, &NoKnownDevices);
        matches!(outcome, Err(Refused(LinkSignInRefusal::Link(LinkRefusal::Dead))))
    }),
    (&[Purpose::Invitation, Purpose::SetUp], |world, link| {
        let new = new_user("eve", PASSWORD);
        let outcome = sign_up(&mut world.visit(), new, Permanence::Browser, Some(link));
        matches!(outcome, Err(Refused(SignUpRefusal::Link(LinkRefusal::Dead))))
    }),
];

#[test]
fn link_works_once_and_for_its_purpose_only() {
    for purpose in Purpose::ALL {
        let (world, here) = world_for(purpose);
        let link = link(&world, here.as_ref(), purpose);
        for (purposes, is_refused) in USES {
            if !purposes.contains(&purpose) {
                let before = (
                    world.accounts.find_link(&link.key(), world.now()).unwrap(),
                    world.live_sessions(),
                );
                assert!(is_refused(&world, &link), "{purpose:?} as {purposes:?}");
                let after = (
                    world.accounts.find_link(&link.key(), world.now()).unwrap(),
                    world.live_sessions(),
                );
                assert_eq!(before, after, "{purpose:?} as {purposes:?}");
            }
        }
        let (_, is_refused) = USES
            .into_iter()
            .find(|(purposes, _)| purposes.contains(&purpose))
            .unwrap();
        assert!(!is_refused(&world, &link), "{purpose:?} for its purpose");
        assert!(is_refused(&world, &link), "{purpose:?} a second time");
        assert!(
            matches!(
                inspect_link(&world.visit(), &link),
                Err(Refused(LinkRefusal::Dead))
            ),
            "{purpose:?}"
        );
    }
}

#[test]
fn link_lifetime_is_exact_for_each_purpose() {
    for (purpose, lifetime) in [
        (Purpose::ConfirmAddress, DAY),
        (Purpose::ChangeAddress, DAY),
        (Purpose::ResetPassword, 15 * MINUTE),
        (Purpose::SignIn, 15 * MINUTE),
        (Purpose::Invitation, 7 * DAY),
        (Purpose::SetUp, DAY),
    ] {
        let (_, is_refused) = USES
            .into_iter()
            .find(|(purposes, _)| purposes.contains(&purpose))
            .unwrap();
        for (passed, want) in [(lifetime - MILLISECOND, false), (lifetime, true)] {
            let (world, here) = world_for(purpose);
            let link = link(&world, here.as_ref(), purpose);
            world.clock.advance(passed);
            assert_eq!(inspect_link(&world.visit(), &link).is_err(), want, "{purpose:?}");
            assert_eq!(is_refused(&world, &link), want, "{purpose:?} after {passed:?}");
        }
    }
}

#[test]
fn inspecting_a_link_spends_nothing() {
    for purpose in Purpose::ALL {
        let (world, here) = world_for(purpose);
        let link = link(&world, here.as_ref(), purpose);
        for _ in 0..3 {
            let found: OneTimeToken = inspect_link(&world.visit(), &link).unwrap();
            assert_eq!((found.purpose, found.uses_left), (purpose, 1));
        }
    }
}

#[test]
fn link_is_invalid_after_an_account_change() {
    type Meanwhile = fn(&World);
    let cases: [(&str, Meanwhile); 3] = [
        ("another password", |world| {
            set_password(
                &world.core,
                &operator(),
                &username("ada"),
                NEW_PASSWORD.into(),
                world.now(),
            )
            .unwrap();
        }),
        ("disabled and enabled", |world| {
            for standing in [Standing::Disabled, Standing::Enabled] {
                set_standing(&world.core, &operator(), &username("ada"), standing, world.now()).unwrap();
            }
        }),
        ("signed out everywhere", |world| {
            sign_out_everywhere(&mut world.open(&world.sign_in("ada"))).unwrap();
        }),
    ];
    for (purpose, want) in [
        (Purpose::ResetPassword, true),
        (Purpose::SignIn, true),
        // A user who receives mail at the account's address can reset the password.
        (Purpose::ChangeAddress, true),
        (Purpose::ConfirmAddress, false),
    ] {
        for (case, meanwhile) in cases {
            let (world, here) = world();
            let link = link(&world, Some(&here), purpose);
            meanwhile(&world);
            let before = world.user("ada");
            let (_, is_refused) = USES
                .into_iter()
                .find(|(purposes, _)| purposes.contains(&purpose))
                .unwrap();
            assert_eq!(
                inspect_link(&world.visit(), &link).is_err(),
                want,
                "{purpose:?}: {case}"
            );
            assert_eq!(is_refused(&world, &link), want, "{purpose:?}: {case}");
            assert!(!want || world.user("ada") == before, "{purpose:?}: {case}");
        }
    }
}

#[test]
fn no_link_works_for_a_disabled_user() {
    for purpose in [
        Purpose::ConfirmAddress,
        Purpose::ChangeAddress,
        Purpose::ResetPassword,
        Purpose::SignIn,
    ] {
        let (world, here) = world();
        let link = link(&world, Some(&here), purpose);
        set_standing(
            &world.core,
            &operator(),
            &username("ada"),
            Standing::Disabled,
            world.now(),
        )
        .unwrap();
        let (_, is_refused) = USES
            .into_iter()
            .find(|(purposes, _)| purposes.contains(&purpose))
            .unwrap();
        assert!(is_refused(&world, &link), "{purpose:?}");
    }
    let (world, _) = world();
    set_standing(
        &world.core,
        &operator(),
        &username("ada"),
        Standing::Disabled,
        world.now(),
    )
    .unwrap();
    let outcome = issue_link_for(
        &world.core,
        &operator(),
        &username("ada"),
        Purpose::SignIn,
        world.now(),
    );
    assert_err!(outcome, Refused(AdministerRefusal::Disabled));
    let outcome = issue_link_for(
        &world.core,
        &operator(),
        &username("bob"),
        Purpose::SignIn,
        world.now(),
    );
    assert_err!(outcome, Refused(AdministerRefusal::Unknown));
}

#[test]
fn new_link_replaces_the_previous_one() {
    let (world, _) = world();
    world.sign_up("bob");
    let bobs = world.issue_link("bob", Purpose::SignIn);
    let first = link(&world, None, Purpose::SignIn);
    let second = link(&world, None, Purpose::SignIn);
    assert_err!(inspect_link(&world.visit(), &first), Refused(LinkRefusal::Dead));
    inspect_link(&world.visit(), &second).unwrap();
    inspect_link(&world.visit(), &bobs).unwrap();
}

#[test]
fn one_of_fifty_concurrent_uses_of_a_link_succeeds() {
    for purpose in Purpose::ALL {
        let plenty = |core: &mut kunci_domain::Core| {
            core.account_policy.budgets.network = Budget {
                at_once: 1_000,
                every: SECOND,
            };
            core.account_policy.budgets.sign_ups = Budget {
                at_once: 1_000,
                every: SECOND,
            };
        };
        let world = World::with(plenty);
        let here = (purpose != Purpose::SetUp).then(|| token(&world.sign_up_at("ada", "ada@example.org")));
        let link = link(&world, here.as_ref(), purpose);
        let outcomes = in_parallel(50, |number| match purpose {
            Purpose::ConfirmAddress | Purpose::ChangeAddress => {
                confirm_address(&mut world.visit(), &link).is_ok()
            }
            Purpose::ResetPassword => {
                reset_password(&mut world.visit(), &link, format!("{NEW_PASSWORD} {number}")).is_ok()
            }
            Purpose::SignIn => sign_in_by_link(&mut world.visit(), &link, &NoKnownDevices).is_ok(),
            Purpose::Invitation | Purpose::SetUp => {
                let name = format!("user{number}");
                let new = new_user(&name, PASSWORD);
                sign_up(&mut world.visit(), new, Permanence::Browser, Some(&link)).is_ok()
            }
        });
        assert_eq!(outcomes.iter().filter(|done| **done).count(), 1, "{purpose:?}");
    }
}

#[test]
fn link_of_a_deleted_account_is_invalid() {
    let (world, here) = world();
    let link = link(&world, Some(&here), Purpose::ChangeAddress);
    kunci_domain::use_cases::delete_user(&world.core, &operator(), &username("ada"), world.now()).unwrap();
    let kept = world.accounts.find_link(&link.key(), world.now()).unwrap();
    assert_eq!(kept, None, "the store removes it with the account");
    assert_err!(inspect_link(&world.visit(), &link), Refused(LinkRefusal::Dead));
    assert_err!(
        confirm_address(&mut world.visit(), &link),
        Refused(LinkRefusal::Dead)
    );
}

#[test]
fn only_the_set_up_link_creates_an_administrator() {
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
    let new_administrator = kunci_domain::use_cases::NewUser {
        role: kunci_domain::Role::Administrator,
        ..new_user("eve", PASSWORD)
    };
    sign_up(&mut world.visit(), new_administrator, Permanence::Browser, None).unwrap();
    let eve: User = world.user("eve");
    assert_eq!(
        eve.role,
        kunci_domain::Role::Member,
        "the requested role is ignored"
    );
    assert_eq!(set_up_link(&world.core, world.now()).unwrap().map(|_| ()), None);
}
