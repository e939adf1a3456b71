//! Fails each call of each use case to stores, throttle and mailer: the use case returns an error, no one is
//! signed in, and no partial change locks the owner out.
//!
//! Calls that take effect and then fail are in `unacknowledged.rs`; the responses to clients are tested in
//! `kunci-web`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

#[path = "../support/mod.rs"]
mod support;
mod unacknowledged;
mod use_cases;

use kunci_domain::use_cases::{CookieAction, change_address, invite, resume, sign_in};
use kunci_domain::{Device, LinkToken, Purpose, RequestContext, SessionToken};
use support::{DAY, MINUTE, NEW_PASSWORD, PASSWORD, World, attempt, code_at, operator, token};
use use_cases::{Client, EVENT_APART, Given, Outcome, USE_CASES, UseCase};

struct Scenario {
    world: World,
    token: SessionToken,
    visitor: SessionToken,
    given: Given,
}

/// A world with ada on two devices and a visitor, a minute after their last requests.
fn scenario(case: &UseCase) -> Scenario {
    let world = World::new();
    let mut ada = world.sign_up_with_mail("ada", "ada@example.org");
    let mut seed = None;
    let other = if case.enrolled {
        let (token, authenticator) = world.enrol(&ada);
        ada = token;
        seed = Some(authenticator.seed);
        world.sign_in_with_code("ada", &authenticator.recovery[0].expose_text())
    } else {
        world.sign_in("ada")
    };
    let mut visitor = world.visit();
    visitor.insert("cart", 1).unwrap();
    visitor.commit().unwrap();
    let link = case.link.and_then(|purpose| link(&world, &ada, purpose));
    world.clock.advance(MINUTE);
    let code = seed.map(|seed| code_at(&seed, world.now())).unwrap_or_default();
    let token = match case.client {
        Client::Visitor => token(&visitor),
        Client::Ada => ada,
        Client::Waiting => world.pass_first_step("ada"),
    };
    let given = Given {
        code,
        link,
        other: other.key().public_id(),
    };
    Scenario {
        visitor: support::token(&visitor),
        world,
        token,
        given,
    }
}

fn link(world: &World, ada: &SessionToken, purpose: Purpose) -> Option<LinkToken> {
    match purpose {
        Purpose::Invitation => Some(invite(&world.core, &operator(), 1, DAY, world.now()).unwrap()),
        Purpose::ChangeAddress => {
            change_address(&world.open(ada), "new@example.org").unwrap();
            Some(world.mailer.take_link())
        }
        Purpose::ConfirmAddress => {
            world.change("ada", |user| kunci_domain::User {
                email_confirmed_at: None,
                ..user
            });
            None
        }
        _ => Some(world.issue_link("ada", purpose)),
    }
}

fn signed_in(world: &World) -> usize {
    world
        .live_sessions()
        .iter()
        .filter(|session| session.user().is_some())
        .count()
}

/// Returns whether ada can sign in with the old or the new password.
fn can_sign_in(world: &World) -> bool {
    [PASSWORD, NEW_PASSWORD].into_iter().any(|text| {
        let mut open = world.visit_from(world.another_network());
        sign_in(&mut open, attempt("ada", text)).is_ok()
    })
}

/// Fails the call after `passed` others. Returns `false` if the use case makes no such call.
#[track_caller]
fn check(case: &UseCase, passed: usize) -> bool {
    let Scenario {
        world,
        token,
        visitor,
        given,
    } = scenario(case);
    world.watch.fail_after(passed);
    let resumed = resume(
        RequestContext::new(&world.core, Device::default(), world.now()),
        Some(token),
    );
    let (outcome, open): (Outcome, _) = match resumed {
        Ok(mut open) => ((case.work)(&mut open, &given), Some(open)),
        Err(error) => (Err(error.into()), None),
    };
    let calls = world.watch.calls();
    world.watch.pass();
    let Some(failed) = calls.get(passed) else {
        outcome.unwrap();
        return false;
    };
    let at = format!("{}: {failed}, number {passed}", case.name);
    // Failures after the action are only reported, and the action is not undone.
    let is_notice = *failed == "mailer.send" && !case.mails;
    let is_event = *failed == "accounts.commit" && EVENT_APART.contains(&case.name);
    if is_notice || (is_event && outcome.is_ok()) {
        assert!(outcome.is_ok(), "{at}: {outcome:?}");
        let failed_notices = open.map(|mut open| open.take_failed_notices().len());
        assert_eq!(failed_notices, Some(1), "{at} is not reported");
        return true;
    }
    assert!(outcome.is_err(), "{at} is not an error");
    if let Some(open) = open {
        assert_eq!(
            open.cookie_action(),
            CookieAction::Keep,
            "{at}: the cookie changes"
        );
        let may_be_in = case.client == Client::Ada;
        assert!(open.account().is_none() || may_be_in, "{at}: a user is signed in");
    }
    assert!(signed_in(&world) <= 2, "{at}: there is an additional session");
    assert_eq!(
        world.open(&visitor).get("cart").unwrap(),
        Some(1),
        "{at}: the visitor lost a value"
    );
    let deleted = case.name == "delete_account" && calls[..passed].contains(&"accounts.commit");
    assert_eq!(can_sign_in(&world), !deleted, "{at}: the owner is locked out");
    true
}

#[test]
fn failing_port_never_signs_a_client_in() {
    for case in &USE_CASES {
        let steps = (0..).take_while(|passed| check(case, *passed)).count();
        assert!(3 <= steps, "{} has only {steps} steps", case.name);
    }
}
