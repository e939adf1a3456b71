//! Lists and ends a user's sessions, one by one or all others.
//!
//! Re-authentication is not needed and not affected: see `proof.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::collections::BTreeSet;

use kunci_domain::ports::SessionStore;
use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    CookieAction, EndSessionRefusal, SessionRefusal, end_all_sessions, end_other_sessions, end_session,
    resume, sessions_of, sign_in,
};
use kunci_domain::{Device, EventKind, RequestContext, SessionId, SessionToken};
use support::{Act, HOUR, MINUTE, PASSWORD, World, assert_err, attempt, operator, token};

fn id(token: &SessionToken) -> String {
    token.key().public_id()
}

fn listed(world: &World, here: &SessionToken) -> Vec<String> {
    let page = sessions_of(&world.open(here), None).unwrap();
    page.sessions
        .iter()
        .map(|session| session.key.public_id())
        .collect()
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
    let page = sessions_of(&world.visit(), None).unwrap();
    assert_eq!((page.sessions, page.next), (Vec::new(), None));
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
    let page = sessions_of(&open, None).unwrap();
    assert!(page.sessions.iter().any(|session| session.device == device));
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

/// Returns the ids on each page of the list.
fn pages(world: &World, here: &SessionToken) -> Vec<Vec<String>> {
    let (open, mut pages, mut from) = (world.open(here), Vec::new(), None);
    loop {
        let page = sessions_of(&open, from).unwrap();
        pages.push(
            page.sessions
                .iter()
                .map(|session| session.key.public_id())
                .collect(),
        );
        let Some(next) = page.next else {
            return pages;
        };
        from = Some(SessionId::parse(&next).unwrap());
    }
}

#[test]
fn every_session_is_on_one_page() {
    let world = World::new();
    world.sign_up("bob");
    let here = world.sign_up("ada");
    for (more, sizes) in [
        (998, vec![999]),
        (1, vec![1_000]),
        (1, vec![1_000, 1]),
        (1_300, vec![1_000, 1_000, 301]),
    ] {
        for _ in 0..more {
            world.sign_in("ada");
        }
        let pages = pages(&world, &here);
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
        let distinct: BTreeSet<_> = pages.concat().into_iter().collect();
        assert_eq!(distinct.len(), sizes.iter().sum::<usize>());
    }
}

#[test]
fn invalid_sessions_fill_no_page() {
    let world = World::new();
    world.sign_up("ada");
    for _ in 0..1_100 {
        world.sign_in("ada");
    }
    world.watch.each("sessions.delete_all_of", Act::Skip);
    end_all_sessions(&world.core, &operator(), world.user("ada").id, world.now()).unwrap();
    let here = world.sign_in("ada");
    assert_eq!(pages(&world, &here), [vec![id(&here)]]);
}

#[test]
fn page_starts_with_the_session_of_its_id() {
    let world = World::new();
    let here = world.sign_up("ada");
    world.sign_in("ada");
    let mut ids = listed(&world, &here);
    ids.sort();
    let from = |text: &str| {
        let page = sessions_of(&world.open(&here), SessionId::parse(text)).unwrap();
        page.sessions.len()
    };
    assert_eq!(from("000000000000"), 2);
    assert_eq!((from(&ids[0]), from(&ids[1])), (2, 1));
    assert_eq!(from("ffffffffffff"), 0);
}

#[test]
fn only_twelve_hexadecimal_digits_are_an_id() {
    for text in [
        "",
        "00000000000",
        "0000000000000",
        "ABCDEFABCDEF",
        "+00000000000",
        "00000000000g",
        "é0000000000",
    ] {
        assert_eq!(SessionId::parse(text), None, "{text}");
    }
}

#[test]
fn every_session_can_be_ended_by_its_id() {
    let world = World::new();
    let here = world.sign_up("ada");
    for _ in 0..1_300 {
        world.sign_in("ada");
    }
    let mut ids = pages(&world, &here).concat();
    ids.sort();
    for end in [&ids[0], &ids[1_001], &ids[1_300]] {
        if *end != id(&here) {
            end_session(&mut world.open(&here), end).unwrap();
        }
    }
    let left = pages(&world, &here).concat();
    assert!(
        (1_298..=1_299).contains(&left.len()) && !left.contains(&ids[1_001]),
        "{}",
        left.len()
    );
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
