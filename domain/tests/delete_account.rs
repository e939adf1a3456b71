//! Deletion of an account by its owner or an operator: everything is removed, even if a store fails.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::ports::{AccountStore, SessionStore};
use kunci_domain::use_cases::UseCaseError::{Failed, Refused};
use kunci_domain::use_cases::{
    AdministerRefusal, AuthorityError, CookieAction, Failure, change_address, delete_account, delete_user,
    enter_code, request_reset, sign_in, sign_out_everywhere,
};
use kunci_domain::{NoKnownDevices, Purpose, SessionToken, UserId};
use support::{Act, MINUTE, PASSWORD, World, assert_err, attempt, code_at, operator, username};

/// Ada with every kind of record that an account can have, and bob with the same.
fn world() -> (World, SessionToken) {
    let world = World::new();
    let mut here = None;
    for name in ["bob", "ada"] {
        let token = world.sign_up_with_mail(name, "ada@example.org");
        let (token, authenticator) = world.enrol(&token);
        world.sign_in_with_code(name, &authenticator.recovery[0].expose_text());
        change_address(&world.open(&token), "new@example.org").unwrap();
        world.issue_link(name, Purpose::SignIn);
        world.issue_link(name, Purpose::ResetPassword);
        here = Some(token);
    }
    (world, here.unwrap())
}

/// Counts the records of a user in each store.
fn left(world: &World, user: UserId) -> [usize; 4] {
    let now = world.now();
    let tokens = Purpose::ALL
        .iter()
        .flat_map(|purpose| world.accounts.list_links(*purpose, None, 100, now).unwrap());
    [
        usize::from(world.accounts.find(user).unwrap().is_some()),
        world.sessions.list(Some(user), None, 100, now).unwrap().len(),
        tokens
            .filter(|token| token.account.is_some_and(|(id, _)| id == user))
            .count(),
        world.accounts.events(user, 0, 100).unwrap().len(),
    ]
}

#[test]
fn deletion_removes_everything_of_that_user_only() {
    type Delete = fn(&World, &SessionToken);
    // The event of an operator's deletion remains.
    let ways: [(&str, usize, Delete); 2] = [
        ("by its owner", 0, |world, here| {
            let mut open = world.open(here);
            delete_account(&mut open).unwrap();
            assert!(open.account().is_none());
            assert_eq!(open.cookie_action(), CookieAction::Remove);
        }),
        ("by an operator", 1, |world, _| {
            delete_user(&world.core, &operator(), &username("ADA"), world.now()).unwrap();
        }),
    ];
    for (way, events, delete) in ways {
        let (world, here) = world();
        let (ada, bob) = (world.user("ada").id, world.user("bob").id);
        let before = left(&world, bob);
        assert_eq!(left(&world, ada), before);
        assert!(before.iter().all(|count| 0 < *count), "{before:?}");
        delete(&world, &here);
        assert_eq!(left(&world, ada), [0, 0, 0, events], "{way}");
        assert_eq!(left(&world, bob), before, "{way}");
        assert_eq!(world.who(&here), None, "{way}");
        sign_in(&mut world.visit(), attempt("ada", PASSWORD)).unwrap_err();
    }
}

#[test]
fn account_is_deleted_even_if_its_sessions_cannot_be() {
    let (world, here) = world();
    let ada = world.user("ada").id;
    let before = left(&world, ada);
    world.watch.each("sessions.delete_all_of", Act::Fail);
    let outcome = delete_account(&mut world.open(&here));
    assert_err!(outcome, Failed(Failure::Store(_)));
    world.watch.pass();
    assert_eq!(left(&world, ada), [0, before[1], 0, 0]);
    assert_eq!(world.who(&here), None, "the sessions are invalid anyway");
}

#[test]
fn failed_removal_leaves_the_account_intact() {
    let (world, here) = world();
    let ada = world.user("ada").id;
    let before = left(&world, ada);
    world.watch.each("accounts.commit", Act::Fail);
    let mut open = world.open(&here);
    let outcome = delete_account(&mut open);
    assert_err!(outcome, Failed(Failure::Store(_)));
    assert_eq!(open.cookie_action(), CookieAction::Keep);
    world.watch.pass();
    assert_eq!(left(&world, ada), before);
    assert_eq!(world.who(&here).as_deref(), Some("ada"));
}

#[test]
fn session_that_was_ended_meanwhile_deletes_nothing() {
    let (world, here) = world();
    let mut open = world.open(&here);
    sign_out_everywhere(&mut world.open(&here)).unwrap();
    assert_err!(delete_account(&mut open), Refused(AuthorityError::NotSignedIn));
    assert_eq!(world.user("ada").name, username("ada"));
}

#[test]
fn second_click_on_delete_succeeds() {
    let (world, here) = world();
    let mut second = world.open(&here);
    delete_account(&mut world.open(&here)).unwrap();
    delete_account(&mut second).unwrap();
}

#[test]
fn deleting_an_unknown_user_fails() {
    let world = World::new();
    let outcome = delete_account(&mut world.visit());
    assert_err!(outcome, Refused(AuthorityError::NotSignedIn));
    let outcome = delete_user(&world.core, &operator(), &username("ada"), world.now());
    assert_err!(outcome, Refused(AdministerRefusal::Unknown));
}

#[test]
fn pending_actions_of_a_deleted_account_fail() {
    let world = World::new();
    let here = world.sign_up_with_mail("ada", "ada@example.org");
    let (here, authenticator) = world.enrol(&here);
    world.clock.advance(MINUTE);
    let waiting = world.pass_first_step("ada");
    request_reset(&world.visit(), "ada").unwrap();
    let link = world.mailer.take_link();
    delete_account(&mut world.open(&here)).unwrap();
    let code = code_at(&authenticator.seed, world.now());
    enter_code(&mut world.open(&waiting), &code, &NoKnownDevices).unwrap_err();
    kunci_domain::use_cases::inspect_link(&world.visit(), &link).unwrap_err();
    assert_eq!(world.mailer.take_sent(), [], "there is no one to notify");
}

#[test]
fn deleted_name_is_free_for_a_new_account() {
    let (world, here) = world();
    let before = world.user("ada").id;
    delete_account(&mut world.open(&here)).unwrap();
    let again = world.sign_up("ada");
    assert_ne!(world.user("ada").id, before);
    assert_eq!(world.who(&again).as_deref(), Some("ada"));
    assert_eq!(world.who(&here), None);
    assert_eq!(world.events("ada").len(), 1);
}
