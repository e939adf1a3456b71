//! Failures of stores and entropy: the use case returns an error, and no one is signed in.
//!
//! Every step of every use case is in `failing_steps.rs`. The responses to clients are tested in `kunci-web`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::error::Error;
use std::sync::Arc;

use kunci_domain::ports::{AccountStore, SessionStore};
use kunci_domain::use_cases::UseCaseError::Failed;
use kunci_domain::use_cases::{CookieAction, Failure, SessionError, resume, sign_in, sign_out, sign_up};
use kunci_domain::{Device, Permanence, RequestContext, Session, SessionToken};
use kunci_testkit::fakes::BrokenEntropy;
use support::{Act, MINUTE, PASSWORD, World, assert_err, attempt, new_user, token};

/// A world with ada on two devices and a visitor, a minute after their last requests.
fn world() -> (World, SessionToken, SessionToken) {
    let world = World::new();
    let ada = world.sign_up("ada");
    world.sign_in("ada");
    let mut visitor = world.visit();
    visitor.insert("cart", 1).unwrap();
    visitor.commit().unwrap();
    world.clock.advance(MINUTE);
    (world, ada, token(&visitor))
}

#[test]
fn store_failure_is_reported_with_its_cause() {
    let (world, ada, _) = world();
    for call in ["sessions.find", "accounts.find", "sessions.touch"] {
        world.watch.each(call, Act::Fail);
        let error = resume(
            RequestContext::new(&world.core, Device::default(), world.now()),
            Some(ada.clone()),
        )
        .unwrap_err();
        assert_eq!(error.to_string(), "watched is unavailable", "{call}");
        assert!(error.source().is_some(), "{call}: the cause is lost");
    }
    world.watch.pass();
    assert_eq!(
        world.who(&ada).as_deref(),
        Some("ada"),
        "the next request succeeds"
    );
}

#[test]
fn failed_sign_out_keeps_the_token() {
    let (world, ada, _) = world();
    let mut open = world.open(&ada);
    world.watch.each("sessions.delete", Act::Fail);
    sign_out(&mut open).unwrap_err();
    assert_eq!(open.cookie_action(), CookieAction::Keep);
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
}

#[test]
fn failed_commit_may_be_retried() {
    let (world, ada, _) = world();
    let mut open = world.open(&ada);
    open.insert("k", 1).unwrap();
    world.watch.each("sessions.update", Act::Fail);
    open.commit().unwrap_err();
    assert!(open.is_changed());
    world.watch.pass();
    open.commit().unwrap();
    assert_eq!(world.open(&ada).get("k").unwrap(), Some(1));
}

#[test]
fn failed_sign_in_over_an_ended_session_signs_out() {
    let (world, ada, _) = world();
    let mut open = world.open(&ada);
    let (sessions, now) = (Arc::clone(&world.sessions), world.now());
    world.watch.set(move |called| match called {
        "sessions.rotate" => {
            let read = sessions.find(&ada.key(), now).unwrap().unwrap();
            sessions.delete(&read).unwrap();
            Act::Pass
        }
        "sessions.insert" => Act::Fail,
        _ => Act::Pass,
    });
    let outcome = sign_in(&mut open, attempt("ada", PASSWORD));
    assert_err!(outcome, Failed(Failure::Store(_)));
    assert!(open.user().is_none() && open.record().is_none());
}

#[test]
fn no_session_begins_or_rotates_without_entropy() {
    let (world, ada, visitor) = world();
    let core = world.core_with(|core| core.entropy = Arc::new(BrokenEntropy));
    let open = |token: Option<&SessionToken>| {
        resume(
            RequestContext::new(&core, Device::default(), world.now()),
            token.cloned(),
        )
        .unwrap()
    };
    let before: Vec<Session> = world.live_sessions();

    let outcome = sign_in(&mut open(Some(&visitor)), attempt("ada", PASSWORD));
    assert_err!(outcome, Failed(Failure::Entropy(_)));
    let outcome = sign_in(&mut open(None), attempt("ada", PASSWORD));
    assert_err!(outcome, Failed(Failure::Entropy(_)));
    let outcome = sign_up(
        &mut open(None),
        new_user("bob", PASSWORD),
        Permanence::Browser,
        None,
    );
    assert_err!(outcome, Failed(Failure::Entropy(_)));
    assert!(matches!(open(Some(&ada)).rotate(), Err(SessionError::Entropy(_))));
    let mut visitor = open(None);
    visitor.insert("cart", 1).unwrap();
    assert!(matches!(visitor.commit(), Err(SessionError::Entropy(_))));
    assert_eq!(visitor.cookie_action(), CookieAction::Keep);

    let keys = |sessions: &[Session]| sessions.iter().map(|session| session.key).collect::<Vec<_>>();
    assert_eq!(keys(&world.live_sessions()), keys(&before));
    assert_eq!(world.accounts.list(None, 10).unwrap().len(), 1);
    assert_eq!(
        world.who(&ada).as_deref(),
        Some("ada"),
        "the user stays signed in"
    );
}
