//! Looking at one's sessions and ending them, one by one or all but this one.
//!
//! That it needs no proof and gives none is in `proof.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use kunci_domain::ports::{SessionStore, UserStore};
use kunci_domain::use_cases::{
    EndSessionError, Handover, SessionError, end_all_sessions, end_other_sessions, end_session, resume,
    sessions_of, sign_in,
};
use kunci_domain::{Device, EventKind, SessionToken};
use support::{Act, HOUR, MINUTE, PASSWORD, World, attempt, token};

fn id(token: &SessionToken) -> String {
    token.key().public_id()
}

fn listed(world: &World, here: &SessionToken) -> Vec<String> {
    let sessions = sessions_of(&world.open(here)).unwrap();
    sessions.iter().map(|session| session.key.public_id()).collect()
}

#[test]
fn ones_own_live_sessions_are_listed_the_latest_used_first() {
    let world = World::new();
    world.sign_up("bob");
    let first = world.sign_up("ada");
    world.clock.advance(MINUTE);
    let second = world.sign_in("ada");
    world.clock.advance(MINUTE);
    let third = world.sign_in("ada");
    world.clock.advance(MINUTE);
    assert_eq!(listed(&world, &first), [id(&first), id(&third), id(&second)]);
    let nobody = sessions_of(&world.visit()).unwrap();
    assert_eq!(nobody, []);
}

#[test]
fn a_session_is_listed_with_where_it_began() {
    let world = World::new();
    world.sign_up("ada");
    let device = Device::new("a browser", Some([192, 0, 2, 7].into()));
    let mut open = resume(&world.core, None, device.clone(), world.now()).unwrap();
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    let sessions = sessions_of(&open).unwrap();
    assert!(sessions.iter().any(|session| session.device == device));
}

#[test]
fn what_is_dead_is_not_listed() {
    let world = World::new();
    let old = world.sign_up("ada");
    world.watch.each("sessions.delete_all_of", Act::Skip);
    end_all_sessions(&world.core, world.user("ada").id).unwrap();
    let here = world.sign_in("ada");
    assert_eq!(world.live_sessions().len(), 2, "the store keeps it");
    assert_eq!(listed(&world, &here), [id(&here)]);
    let outcome = end_session(&mut world.open(&here), &id(&old));
    assert!(matches!(outcome, Err(EndSessionError::Unknown)), "{outcome:?}");
}

#[test]
fn a_sign_in_that_waits_for_a_code_is_no_session_yet() {
    let world = World::new();
    let (here, _) = world.enrol(&world.sign_up("ada"));
    world.pass_first_step("ada");
    assert_eq!(listed(&world, &here), [id(&here)]);
}

#[test]
fn more_sessions_than_are_read_at_a_time_are_listed_too() {
    let world = World::new();
    let here = world.sign_up("ada");
    for _ in 0..450 {
        world.sign_in("ada");
    }
    assert_eq!(listed(&world, &here).len(), 451);
}

#[test]
fn a_list_has_an_end() {
    let world = World::new();
    let here = world.sign_up("ada");
    for _ in 0..1_300 {
        world.sign_in("ada");
    }
    assert_eq!(listed(&world, &here).len(), 1_000);
}

#[test]
fn one_session_is_ended_and_no_other() {
    let world = World::new();
    let (here, there) = (world.sign_up("ada"), world.sign_in("ada"));
    let third = world.sign_in("ada");
    let mut open = world.open(&here);
    end_session(&mut open, &id(&there)).unwrap();
    assert_eq!(open.handover(), Handover::Keep);
    assert_eq!(world.who(&there), None);
    for kept in [&here, &third] {
        assert_eq!(world.who(kept).as_deref(), Some("ada"));
    }
    assert_eq!(world.events("ada").last(), Some(&EventKind::SessionEnded));
    let outcome = end_session(&mut open, &id(&there));
    assert!(matches!(outcome, Err(EndSessionError::Unknown)), "{outcome:?}");
}

#[test]
fn ending_this_very_session_signs_out() {
    let world = World::new();
    let here = world.sign_up("ada");
    let mut open = world.open(&here);
    end_session(&mut open, &id(&here)).unwrap();
    assert!(open.user().is_none());
    assert_eq!(open.handover(), Handover::Remove);
    assert_eq!(world.who(&here), None);
    assert_eq!(world.events("ada").last(), Some(&EventKind::SessionEnded));
}

#[test]
fn nobody_ends_a_session_of_somebody_else() {
    let world = World::new();
    let (ada, bob) = (world.sign_up("ada"), world.sign_up("bob"));
    for foreign in [
        id(&bob),
        String::new(),
        "000000000000".to_owned(),
        id(&ada)[..11].to_owned(),
    ] {
        let outcome = end_session(&mut world.open(&ada), &foreign);
        assert!(
            matches!(outcome, Err(EndSessionError::Unknown)),
            "{foreign}: {outcome:?}"
        );
    }
    let outcome = end_session(&mut world.visit(), &id(&bob));
    assert!(
        matches!(outcome, Err(EndSessionError::NotSignedIn)),
        "{outcome:?}"
    );
    let outcome = end_other_sessions(&mut world.visit());
    assert!(
        matches!(outcome, Err(EndSessionError::NotSignedIn)),
        "{outcome:?}"
    );
    assert_eq!(world.who(&bob).as_deref(), Some("bob"));
}

#[test]
fn all_others_end_and_this_one_goes_on_under_a_new_token() {
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
fn who_was_signed_out_everywhere_meanwhile_ends_nothing_and_stays_out() {
    let world = World::new();
    let here = world.sign_up("ada");
    let mut open = world.open(&here);
    let (core, user) = (std::sync::Arc::clone(&world.core), world.user("ada").id);
    world.watch.before("users.find", move || {
        end_all_sessions(&core, user).unwrap();
    });
    let outcome = end_other_sessions(&mut open);
    assert!(
        matches!(outcome, Err(EndSessionError::Session(SessionError::Ended))),
        "{outcome:?}"
    );
    assert!(open.user().is_none());
    assert_eq!(world.live_sessions(), []);
}

#[test]
fn a_session_whose_record_outlives_its_epoch_is_not_carried_into_the_next() {
    let world = World::new();
    let here = world.sign_up("ada");
    let mut open = world.open(&here);
    let (users, user) = (std::sync::Arc::clone(&world.users), world.user("ada"));
    world.watch.before("users.find", move || {
        let _ = users.update(&user.in_next_epoch()).unwrap();
    });
    let outcome = end_other_sessions(&mut open);
    assert!(
        matches!(outcome, Err(EndSessionError::Session(SessionError::Ended))),
        "{outcome:?}"
    );
    assert!(open.user().is_none());
}

#[test]
fn a_session_that_is_signed_out_while_others_are_ended_stays_out() {
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
    assert!(
        matches!(outcome, Err(EndSessionError::Session(SessionError::Ended))),
        "{outcome:?}"
    );
    assert!(open.user().is_none());
    assert_eq!(world.live_sessions(), []);
}
