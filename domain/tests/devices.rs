//! Lists and ends a user's sessions, one by one or all others.
//!
//! Re-authentication is not needed and not affected: see `proof.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::ports::SessionStore;
use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    CookieAction, EndSessionRefusal, SessionRefusal, end_all_sessions, end_other_sessions, end_session,
    resume, sessions_of, sign_in,
};
use kunci_domain::{Device, EventKind, RequestContext, SessionToken};
use support::{Act, HOUR, MINUTE, PASSWORD, World, assert_err, attempt, operator, token};

fn id(token: &SessionToken) -> String {
    token.key().public_id()
}

fn listed(world: &World, here: &SessionToken) -> Vec<String> {
    let sessions = sessions_of(&world.open(here)).unwrap();
    sessions.iter().map(|session| session.key.public_id()).collect()
}

#[test]
fn own_live_sessions_are_listed_latest_used_first() {
    let world = World::new();
    world.sign_up("bob");
    let first = world.sign_up("ada");
    world.clock.advance(MINUTE);
    let second = world.sign_in("ada");
    world.clock.advance(MINUTE);
    let third = world.sign_in("ada");
    world.clock.advance(MINUTE);
    assert_eq!(listed(&world, &first), [id(&first), id(&third), id(&second)]);
    let sessions = sessions_of(&world.visit()).unwrap();
    assert_eq!(sessions, []);
}

#[test]
fn listed_session_shows_its_device() {
    let world = World::new();
    world.sign_up("ada");
    let device = Device::new("a browser", Some([192, 0, 2, 7].into()));
    let mut open = resume(
        RequestContext::new(&world.core, device.clone(), world.now()),
        None,
    )
    .unwrap();
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    let sessions = sessions_of(&open).unwrap();
    assert!(sessions.iter().any(|session| session.device == device));
}

#[test]
fn invalid_sessions_are_not_listed() {
    let world = World::new();
    let old = world.sign_up("ada");
    world.watch.each("sessions.delete_all_of", Act::Skip);
    end_all_sessions(&world.core, &operator(), world.user("ada").id, world.now()).unwrap();
    let here = world.sign_in("ada");
    assert_eq!(world.live_sessions().len(), 2, "the store keeps the record");
    assert_eq!(listed(&world, &here), [id(&here)]);
    let outcome = end_session(&mut world.open(&here), &id(&old));
    assert_err!(outcome, Refused(EndSessionRefusal::Unknown));
}

#[test]
fn pending_sign_in_is_not_listed() {
    let world = World::new();
    let (here, _) = world.enrol(&world.sign_up("ada"));
    world.pass_first_step("ada");
    assert_eq!(listed(&world, &here), [id(&here)]);
}

#[test]
fn sessions_beyond_one_page_are_listed() {
    let world = World::new();
    let here = world.sign_up("ada");
    for _ in 0..450 {
        world.sign_in("ada");
    }
    assert_eq!(listed(&world, &here).len(), 451);
}

#[test]
fn session_list_is_limited() {
    let world = World::new();
    let here = world.sign_up("ada");
    for _ in 0..1_300 {
        world.sign_in("ada");
    }
    assert_eq!(listed(&world, &here).len(), 1_000);
}

#[test]
fn ending_one_session_leaves_the_others() {
    let world = World::new();
    let (here, there) = (world.sign_up("ada"), world.sign_in("ada"));
    let third = world.sign_in("ada");
    let mut open = world.open(&here);
    end_session(&mut open, &id(&there)).unwrap();
    assert_eq!(open.cookie_action(), CookieAction::Keep);
    assert_eq!(world.who(&there), None);
    for kept in [&here, &third] {
        assert_eq!(world.who(kept).as_deref(), Some("ada"));
    }
    assert_eq!(world.events("ada").last(), Some(&EventKind::SessionEnded));
    let outcome = end_session(&mut open, &id(&there));
    assert_err!(outcome, Refused(EndSessionRefusal::Unknown));
}

#[test]
fn ending_the_current_session_signs_out() {
    let world = World::new();
    let here = world.sign_up("ada");
    let mut open = world.open(&here);
    end_session(&mut open, &id(&here)).unwrap();
    assert!(open.user().is_none());
    assert_eq!(open.cookie_action(), CookieAction::Remove);
    assert_eq!(world.who(&here), None);
    assert_eq!(world.events("ada").last(), Some(&EventKind::SessionEnded));
}

#[test]
fn session_of_another_user_cannot_be_ended() {
    let world = World::new();
    let (ada, bob) = (world.sign_up("ada"), world.sign_up("bob"));
    for foreign in [
        id(&bob),
        String::new(),
        "000000000000".to_owned(),
        id(&ada)[..11].to_owned(),
    ] {
        let outcome = end_session(&mut world.open(&ada), &foreign);
        assert_err!(outcome, Refused(EndSessionRefusal::Unknown), "{foreign}");
    }
    let outcome = end_session(&mut world.visit(), &id(&bob));
    assert_err!(outcome, Refused(EndSessionRefusal::NotSignedIn));
    let outcome = end_other_sessions(&mut world.visit());
    assert_err!(outcome, Refused(EndSessionRefusal::NotSignedIn));
    assert_eq!(world.who(&bob).as_deref(), Some("bob"));
}

#[test]
fn ending_others_rotates_the_current_token() {
    let world = World::new();
    let (here, there) = (world.sign_up("ada"), world.sign_in("ada"));
    let bob = world.sign_up("bob");
    world.clock.advance(HOUR);
    let mut open = world.open(&here);
    open.insert("theme", "dark").unwrap();
    end_other_sessions(&mut open).unwrap();
    let new = token(&open);
    assert_eq!((world.who(&here), world.who(&there)), (None, None));
    assert_eq!(world.who(&new).as_deref(), Some("ada"));
    assert_eq!(world.who(&bob).as_deref(), Some("bob"));
    let open = world.open(&new);
    assert_eq!(open.get::<String>("theme").unwrap().as_deref(), Some("dark"));
    assert_eq!(listed(&world, &new), [id(&new)]);
    assert_eq!(world.events("ada").last(), Some(&EventKind::OtherSessionsEnded));
}

#[test]
fn ending_others_fails_after_sign_out_everywhere() {
    let world = World::new();
    let here = world.sign_up("ada");
    let mut open = world.open(&here);
    let (core, user) = (std::sync::Arc::clone(&world.core), world.user("ada").id);
    let now = world.now();
    world.watch.before("accounts.find", move || {
        end_all_sessions(&core, &operator(), user, now).unwrap();
    });
    let outcome = end_other_sessions(&mut open);
    assert_err!(
        outcome,
        Refused(EndSessionRefusal::Session(SessionRefusal::Ended))
    );
    assert!(open.user().is_none());
    assert_eq!(world.live_sessions(), []);
}

#[test]
fn session_of_an_old_epoch_is_not_continued() {
    let world = World::new();
    let here = world.sign_up("ada");
    let mut open = world.open(&here);
    let (accounts, user) = (std::sync::Arc::clone(&world.accounts), world.user("ada"));
    world.watch.before("accounts.find", move || {
        support::replace(&*accounts, user.in_next_epoch());
    });
    let outcome = end_other_sessions(&mut open);
    assert_err!(
        outcome,
        Refused(EndSessionRefusal::Session(SessionRefusal::Ended))
    );
    assert!(open.user().is_none());
}

#[test]
fn session_signed_out_while_ending_others_stays_ended() {
    let world = World::new();
    let here = world.sign_up("ada");
    let mut open = world.open(&here);
    let (sessions, record) = (
        std::sync::Arc::clone(&world.sessions),
        open.record().unwrap().clone(),
    );
    world.watch.before("sessions.rotate", move || {
        sessions.delete(&record).unwrap();
    });
    let outcome = end_other_sessions(&mut open);
    assert_err!(
        outcome,
        Refused(EndSessionRefusal::Session(SessionRefusal::Ended))
    );
    assert!(open.user().is_none());
    assert_eq!(world.live_sessions(), []);
}
