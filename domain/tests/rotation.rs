//! Rotation of a session: what is kept, what becomes invalid, and collisions and races.
//!
//! Rotation at sign-in is in `sign_in.rs`, after a password change in `change_password.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::sync::{Arc, Barrier};
use std::thread;

use kunci_domain::use_cases::{self, SessionError, resume};
use kunci_domain::{Device, Permanence, RequestContext, Session, SessionToken};
use support::{HOUR, PASSWORD, World, attempt, new_user, token};

/// Returns the token of a signed-in user's session in which `theme` is `dark`.
fn ada(world: &World) -> SessionToken {
    let token = world.sign_up("ada");
    let mut open = world.open(&token);
    open.insert("theme", "dark").unwrap();
    open.commit().unwrap();
    token
}

/// Returns the properties that rotation does not change.
fn unchanged(session: &Session) -> impl PartialEq + std::fmt::Debug {
    (
        session.authentication(),
        session.created_at,
        session.lifetime,
        session.permanence,
        session.device.clone(),
    )
}

#[test]
fn rotation_keeps_everything_but_the_token() {
    let world = World::new();
    let old = ada(&world);
    let before = world.open(&old).record().unwrap().clone();
    world.clock.advance(HOUR);
    let mut open = world.open(&old);
    open.insert("also", 1).unwrap();
    open.rotate().unwrap();
    let new = token(&open);
    assert_ne!(new, old);
    assert!(world.open(&old).record().is_none(), "the old token is invalid");
    let open = world.open(&new);
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
    assert_eq!(open.get::<String>("theme").unwrap().as_deref(), Some("dark"));
    assert_eq!(
        open.get("also").unwrap(),
        Some(1),
        "changes of the same request are kept"
    );
    assert_eq!(unchanged(open.record().unwrap()), unchanged(&before));
    assert_eq!(world.live_sessions().len(), 1);
}

#[test]
fn rotated_session_continues_within_the_request() {
    let world = World::new();
    let mut open = world.open(&ada(&world));
    open.rotate().unwrap();
    open.update("n", |n: Option<u8>| n.unwrap_or(0) + 1).unwrap();
    open.rotate().unwrap();
    assert_eq!(world.open(&token(&open)).get("n").unwrap(), Some(1));
    assert_eq!(world.live_sessions().len(), 1);
}

#[test]
fn rotation_keeps_concurrent_changes() {
    let world = World::new();
    let old = ada(&world);
    let mut slow = world.open(&old);
    let mut quick = world.open(&old);
    quick.insert("quick", 1).unwrap();
    quick.commit().unwrap();
    slow.rotate().unwrap();
    assert_eq!(world.open(&token(&slow)).get("quick").unwrap(), Some(1));
}

#[test]
fn one_of_many_concurrent_rotations_wins() {
    let world = World::new();
    let old = ada(&world);
    let barrier = Barrier::new(8);
    let winners: usize = thread::scope(|scope| {
        let rotate = |_| {
            let mut open = world.open(&old);
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                open.rotate()
            })
        };
        let threads: Vec<_> = (0..8).map(rotate).collect();
        let won = threads.into_iter().map(|thread| match thread.join().unwrap() {
            Ok(()) => 1,
            Err(SessionError::Ended) => 0,
            Err(other) => panic!("{other}"),
        });
        won.sum()
    });
    assert_eq!(winners, 1);
    assert_eq!(world.live_sessions().len(), 1);
}

#[test]
fn taken_token_is_replaced_by_another() {
    let world = World::new();
    let taken = ada(&world);
    let script = || world.entropy.script(*taken.expose());

    script();
    let mut visitor = world.visit();
    visitor.insert("cart", 1).unwrap();
    visitor.commit().unwrap();
    assert_ne!(token(&visitor), taken, "when a visitor's session begins");

    script();
    visitor.rotate().unwrap();
    assert_ne!(token(&visitor), taken, "at rotation");

    script();
    use_cases::sign_up(&mut visitor, new_user("bob", PASSWORD), Permanence::Browser, None).unwrap();
    assert_ne!(token(&visitor), taken, "over a visitor's session");

    script();
    let mut bob = world.visit();
    use_cases::sign_in(&mut bob, attempt("bob", PASSWORD)).unwrap();
    assert_ne!(token(&bob), taken, "without a session before");

    assert_eq!(world.who(&taken).as_deref(), Some("ada"));
    assert_eq!(
        world.open(&taken).get::<String>("theme").unwrap().as_deref(),
        Some("dark")
    );
    assert!(!world.open(&taken).contains("cart"));
}

#[test]
fn ended_session_is_not_revived_by_rotation() {
    let world = World::new();
    let old = ada(&world);
    let mut open = world.open(&old);
    let (core, now) = (Arc::clone(&world.core), world.now());
    world.watch.before("sessions.rotate", move || {
        let mut other = resume(RequestContext::new(&core, Device::default(), now), Some(old)).unwrap();
        use_cases::sign_out(&mut other).unwrap();
    });
    assert!(matches!(open.rotate(), Err(SessionError::Ended)));
    assert_eq!(world.live_sessions(), []);
}
