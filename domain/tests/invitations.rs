//! Who may sign up: anyone, invited users, or no one; and the link of the first start.
//!
//! Lifetime and purpose of these links are in `links.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::ports::{AccountStore, HashError};
use kunci_domain::use_cases::UseCaseError::{Failed, Refused};
use kunci_domain::use_cases::{
    Failure, LinkRefusal, Outcome, SignUpRefusal, create_user, delete_user, inspect_link, invitations,
    invite, revoke_invitation, set_up_link, sign_up,
};
use kunci_domain::{Budget, LinkToken, Permanence, Purpose, Role, SignUpMode};
use support::{DAY, PASSWORD, SECOND, World, assert_err, in_parallel, new_user, operator, username};

fn world(mode: SignUpMode) -> World {
    World::with(|core| {
        core.account_policy.sign_up = mode;
        core.account_policy.budgets.sign_ups = Budget {
            at_once: 1_000,
            every: SECOND,
        };
    })
}

fn make(world: &World, name: &str, password: &str, link: Option<&LinkToken>) -> Outcome<(), SignUpRefusal> {
    let mut open = world.visit();
    let outcome = sign_up(&mut open, new_user(name, password), Permanence::Browser, link);
    assert_eq!(open.account().is_some(), outcome.is_ok());
    outcome
}

fn invitation(world: &World, uses: u32) -> LinkToken {
    invite(&world.core, &operator(), uses, DAY, world.now()).unwrap()
}

fn uses_left(world: &World, link: &LinkToken) -> Option<u32> {
    let found = world.accounts.find_link(&link.key(), world.now()).unwrap();
    found.map(|token| token.uses_left)
}

#[test]
fn sign_up_mode_decides_who_may_sign_up() {
    for (mode, without, invited) in [
        (SignUpMode::Open, true, true),
        (SignUpMode::Invitation, false, true),
        (SignUpMode::Closed, false, false),
    ] {
        let world = world(mode);
        create_user(
            &world.core,
            &operator(),
            new_user("operator", PASSWORD),
            world.now(),
        )
        .unwrap();
        let link = invitation(&world, 1);
        let outcome = make(&world, "ada", PASSWORD, None);
        assert_eq!(outcome.is_ok(), without, "{mode:?}: {outcome:?}");
        assert!(
            without
                || matches!(outcome, Err(Refused(SignUpRefusal::NotInvited(reported))) if reported == mode)
        );
        let outcome = make(&world, "bob", PASSWORD, Some(&link));
        assert_eq!(outcome.is_ok(), invited, "{mode:?}: {outcome:?}");
        assert!(
            invited
                || matches!(outcome, Err(Refused(SignUpRefusal::NotInvited(reported))) if reported == mode)
        );
        assert_eq!(uses_left(&world, &link).is_none(), invited, "{mode:?}");
        let accounts = world.accounts.list(None, 10).unwrap().len();
        assert_eq!(
            accounts,
            1 + usize::from(without) + usize::from(invited),
            "{mode:?}"
        );
    }
}

#[test]
fn invitation_creates_as_many_members_as_it_allows() {
    let world = world(SignUpMode::Invitation);
    let link = invitation(&world, 3);
    for (name, left) in [("ada", Some(2)), ("bob", Some(1)), ("eve", None)] {
        make(&world, name, PASSWORD, Some(&link)).unwrap();
        assert_eq!(world.user(name).role, Role::Member);
        assert_eq!(uses_left(&world, &link), left);
    }
    let outcome = make(&world, "zoe", PASSWORD, Some(&link));
    assert_err!(outcome, Refused(SignUpRefusal::Link(LinkRefusal::Dead)));
}

#[test]
fn concurrent_uses_of_an_invitation_are_limited() {
    for uses in [1, 7] {
        let world = world(SignUpMode::Invitation);
        let link = invitation(&world, uses);
        let outcomes = in_parallel(50, |number| {
            make(&world, &format!("user{number}"), PASSWORD, Some(&link)).is_ok()
        });
        assert_eq!(outcomes.iter().filter(|made| **made).count(), uses as usize);
        assert_eq!(world.accounts.list(None, 100).unwrap().len(), uses as usize);
    }
}

#[test]
fn failed_sign_up_spends_no_invitation() {
    let world = world(SignUpMode::Invitation);
    create_user(&world.core, &operator(), new_user("ada", PASSWORD), world.now()).unwrap();
    let link = invitation(&world, 1);
    for (name, password) in [("ada", PASSWORD), ("a b", PASSWORD), ("bob", "short")] {
        let outcome = make(&world, name, password, Some(&link));
        assert_err!(outcome, Refused(SignUpRefusal::Create(_)), "{name}");
        assert_eq!(uses_left(&world, &link), Some(1), "{name}");
    }
    world.hasher.set_busy(true);
    let outcome = make(&world, "bob", PASSWORD, Some(&link));
    assert_err!(outcome, Failed(Failure::Hash(HashError::Busy)));
    world.hasher.set_busy(false);
    assert_eq!(uses_left(&world, &link), Some(1));
    make(&world, "bob", PASSWORD, Some(&link)).unwrap();
}

#[test]
fn invalid_form_never_touches_the_invitation() {
    let world = world(SignUpMode::Invitation);
    let link = invitation(&world, 1);
    world.watch.pass();
    make(&world, "bob", "short", Some(&link)).unwrap_err();
    assert!(
        !world.watch.calls().contains(&"accounts.commit"),
        "{:?}",
        world.watch.calls()
    );
}

#[test]
fn valid_invitations_are_listed_and_revocable() {
    let world = world(SignUpMode::Invitation);
    let (first, second) = (invitation(&world, 1), invitation(&world, 2));
    let brief = invite(&world.core, &operator(), 1, SECOND, world.now()).unwrap();
    let ids = |world: &World| {
        let all = invitations(&world.core, &operator(), world.now()).unwrap();
        let mut ids: Vec<_> = all.iter().map(|one| one.key.public_id()).collect();
        ids.sort();
        ids
    };
    let sorted = |links: &[&LinkToken]| {
        let mut ids: Vec<_> = links.iter().map(|link| link.key().public_id()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&world), sorted(&[&first, &second, &brief]));
    world.clock.advance(SECOND);
    assert_eq!(ids(&world), sorted(&[&first, &second]));
    let id = first.key().public_id();
    assert!(revoke_invitation(&world.core, &operator(), &id, world.now()).unwrap());
    assert!(!revoke_invitation(&world.core, &operator(), &id, world.now()).unwrap());
    assert!(!revoke_invitation(&world.core, &operator(), "", world.now()).unwrap());
    assert_eq!(ids(&world), sorted(&[&second]));
    let outcome = make(&world, "ada", PASSWORD, Some(&first));
    assert_err!(outcome, Refused(SignUpRefusal::Link(LinkRefusal::Dead)));
    make(&world, "ada", PASSWORD, Some(&second)).unwrap();
}

#[test]
fn invitations_beyond_one_page_are_listed() {
    let world = world(SignUpMode::Invitation);
    for _ in 0..401 {
        invitation(&world, 1);
    }
    assert_eq!(
        invitations(&world.core, &operator(), world.now()).unwrap().len(),
        401
    );
}

#[test]
fn only_invitations_are_listed_and_revoked() {
    let world = world(SignUpMode::Invitation);
    let link = set_up_link(&world.core, world.now()).unwrap().unwrap();
    assert_eq!(invitations(&world.core, &operator(), world.now()).unwrap(), []);
    assert!(!revoke_invitation(&world.core, &operator(), &link.key().public_id(), world.now()).unwrap());
    assert_eq!(
        inspect_link(&world.visit(), &link).unwrap().purpose,
        Purpose::SetUp
    );
}

#[test]
fn set_up_link_works_in_every_sign_up_mode() {
    for mode in [SignUpMode::Open, SignUpMode::Invitation, SignUpMode::Closed] {
        let world = world(mode);
        let link = set_up_link(&world.core, world.now()).unwrap().unwrap();
        make(&world, "ada", PASSWORD, Some(&link)).unwrap();
        assert_eq!(world.user("ada").role, Role::Administrator, "{mode:?}");
        assert!(
            set_up_link(&world.core, world.now()).unwrap().is_none(),
            "{mode:?}"
        );
    }
}

#[test]
fn set_up_link_is_invalid_once_an_account_exists() {
    let world = world(SignUpMode::Closed);
    let link = set_up_link(&world.core, world.now()).unwrap().unwrap();
    create_user(&world.core, &operator(), new_user("ada", PASSWORD), world.now()).unwrap();
    let outcome = make(&world, "eve", PASSWORD, Some(&link));
    assert_err!(outcome, Refused(SignUpRefusal::Link(LinkRefusal::Dead)));
}

#[test]
fn set_up_link_stays_invalid_when_the_only_account_is_deleted() {
    type Create = fn(&World);
    let ways: [(&str, Create); 3] = [
        ("sign-up", |world| make(world, "ada", PASSWORD, None).unwrap()),
        ("an invitation", |world| {
            make(world, "ada", PASSWORD, Some(&invitation(world, 1))).unwrap();
        }),
        ("an operator", |world| {
            create_user(&world.core, &operator(), new_user("ada", PASSWORD), world.now()).unwrap();
        }),
    ];
    for (way, create) in ways {
        let world = World::new();
        let link = set_up_link(&world.core, world.now()).unwrap().unwrap();
        create(&world);
        delete_user(&world.core, &operator(), &username("ada"), world.now()).unwrap();
        let outcome = make(&world, "eve", PASSWORD, Some(&link));
        assert_err!(outcome, Refused(SignUpRefusal::Link(LinkRefusal::Dead)), "{way}");
        let next = set_up_link(&world.core, world.now()).unwrap().unwrap();
        make(&world, "ada", PASSWORD, Some(&next)).unwrap();
        assert_eq!(world.user("ada").role, Role::Administrator, "{way}");
    }
}

#[test]
fn new_set_up_link_voids_the_previous_one() {
    let world = world(SignUpMode::Closed);
    let first = set_up_link(&world.core, world.now()).unwrap().unwrap();
    let second = set_up_link(&world.core, world.now()).unwrap().unwrap();
    let outcome = make(&world, "ada", PASSWORD, Some(&first));
    assert_err!(outcome, Refused(SignUpRefusal::Link(LinkRefusal::Dead)));
    make(&world, "ada", PASSWORD, Some(&second)).unwrap();
}

#[test]
fn link_for_another_purpose_is_no_invitation() {
    let world = world(SignUpMode::Invitation);
    create_user(&world.core, &operator(), new_user("ada", PASSWORD), world.now()).unwrap();
    let name = support::username("ada");
    let link = kunci_domain::use_cases::issue_link_for(
        &world.core,
        &operator(),
        &name,
        Purpose::SignIn,
        world.now(),
    )
    .unwrap();
    let outcome = make(&world, "eve", PASSWORD, Some(&link));
    assert_err!(outcome, Refused(SignUpRefusal::Link(LinkRefusal::Dead)));
    assert_eq!(uses_left(&world, &link), Some(1));
}
