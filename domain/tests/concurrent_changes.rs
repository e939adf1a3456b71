//! Concurrent changes of one session, and requests that outlast their session.
//!
//! The conformance suite in `kunci-testkit` tests races inside a store.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::cell::RefCell;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use kunci_domain::use_cases::{CookieAction, SessionError, end_all_sessions, resume, sign_out};
use kunci_domain::{DataError, Device, OpenSession, Permanence, RequestContext, SessionToken};
use support::{HOUR, World, operator, token};

/// Returns the token of a visitor's session in which `n` is 1.
fn visitor(world: &World) -> SessionToken {
    let mut open = world.visit();
    open.insert("n", 1).unwrap();
    open.commit().unwrap();
    token(&open)
}

#[test]
fn changes_of_different_keys_both_survive() {
    let world = World::new();
    let token = visitor(&world);
    let (mut first, mut second) = (world.open(&token), world.open(&token));
    first.insert("first", 1).unwrap();
    second.insert("second", 2).unwrap();
    first.commit().unwrap();
    second.commit().unwrap();
    assert_eq!(
        second.get("first").unwrap(),
        Some(1),
        "the later request sees both"
    );
    let open = world.open(&token);
    assert_eq!(
        (open.get("first").unwrap(), open.get("second").unwrap()),
        (Some(1), Some(2))
    );
}

#[test]
fn each_kind_of_change_survives_a_concurrent_commit() {
    type Work = fn(&mut OpenSession);
    let changes: [(&str, Work, &str); 6] = [
        (
            "insert",
            |open| open.insert("x", 1).unwrap(),
            r#"{"n":1,"quick":1,"x":1}"#,
        ),
        (
            "remove",
            |open| assert_eq!(open.remove("n").unwrap(), Some(1)),
            r#"{"quick":1}"#,
        ),
        (
            "insert over",
            |open| open.insert("n", 5).unwrap(),
            r#"{"n":5,"quick":1}"#,
        ),
        (
            "clear and insert",
            |open| (open.clear(), open.insert("x", 1).unwrap()).1,
            r#"{"x":1}"#,
        ),
        ("flash", |open| open.flash("hi"), r#"{"n":1,"quick":1}"#),
        (
            "permanence",
            |open| open.set_permanent(Permanence::Permanent),
            r#"{"n":1,"quick":1}"#,
        ),
    ];
    for (case, work, want) in changes {
        let world = World::new();
        let token = visitor(&world);
        let (mut slow, mut quick) = (world.open(&token), world.open(&token));
        work(&mut slow);
        quick.insert("quick", 1).unwrap();
        quick.commit().unwrap();
        slow.commit().unwrap();
        let mut open = world.open(&token);
        assert_eq!(
            serde_json::to_string(open.data().as_map()).unwrap(),
            want,
            "{case}"
        );
        assert_eq!(open.take_flashes() == ["hi"], case == "flash", "{case}");
        let permanent = open.record().unwrap().permanence.is_permanent();
        assert_eq!(permanent, case == "permanence", "{case}");
        assert_eq!(slow.cookie_action() != CookieAction::Keep, permanent, "{case}");
    }
}

#[test]
fn messages_from_two_requests_both_survive() {
    let world = World::new();
    let token = visitor(&world);
    let (mut first, mut second) = (world.open(&token), world.open(&token));
    first.flash("first");
    second.flash("second");
    second.commit().unwrap();
    first.commit().unwrap();
    assert_eq!(world.open(&token).take_flashes(), ["second", "first"]);
}

#[test]
fn update_runs_again_with_the_fresh_value() {
    let world = World::new();
    let token = visitor(&world);
    let mut slow = world.open(&token);
    slow.insert("mine", true).unwrap();
    world.open(&token).update("n", |_: Option<u32>| 40).unwrap();
    let seen = RefCell::new(Vec::new());
    let new = slow.update("n", |n: Option<u32>| {
        seen.borrow_mut().push(n);
        n.unwrap_or(0) + 2
    });
    assert_eq!(new.unwrap(), 42);
    assert_eq!(seen.into_inner(), [Some(1), Some(40)]);
    assert_eq!(world.open(&token).get("n").unwrap(), Some(42));
    assert_eq!(world.open(&token).get("mine").unwrap(), Some(true));
}

#[test]
fn size_limit_applies_after_merging() {
    let world = World::new();
    let token = visitor(&world);
    let (mut slow, mut quick) = (world.open(&token), world.open(&token));
    slow.insert("slow", "x".repeat(20_000)).unwrap();
    quick.insert("quick", "x".repeat(20_000)).unwrap();
    quick.commit().unwrap();
    let outcome = slow.commit();
    assert!(
        matches!(outcome, Err(SessionError::Data(DataError::TooLarge))),
        "{outcome:?}"
    );
    let open = world.open(&token);
    assert!(open.contains("quick") && !open.contains("slow"));
}

fn resumed(world: &World, token: &SessionToken) -> OpenSession {
    resume(
        RequestContext::new(&world.core, Device::default(), world.now()),
        Some(token.clone()),
    )
    .unwrap()
}

#[test]
fn concurrent_increments_add_up() {
    const THREADS: u64 = 8;
    const EACH: u64 = 50;
    let world = World::new();
    let token = visitor(&world);
    let barrier = Barrier::new(8);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (world, token, barrier) = (&world, &token, &barrier);
            scope.spawn(move || {
                barrier.wait();
                for round in 0..EACH {
                    let mut open = resumed(world, token);
                    open.insert(&format!("own {thread} {round}"), round).unwrap();
                    open.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).unwrap();
                }
            });
        }
    });
    let open = world.open(&token);
    assert_eq!(open.get("n").unwrap(), Some(1 + THREADS * EACH));
    assert_eq!(
        open.data().iter().count() as u64,
        1 + THREADS * EACH,
        "no key is lost"
    );
}

/// The last action of a request whose session has ended.
type LastAction = fn(&mut OpenSession) -> Result<(), SessionError>;

const LAST_ACTIONS: [(&str, LastAction); 4] = [
    ("commit", |open| {
        open.insert("late", 1)?;
        open.commit()
    }),
    ("update", |open| {
        open.update("late", |n: Option<u8>| n.unwrap_or(1)).map(|_| ())
    }),
    ("rotate", OpenSession::rotate),
    ("permanence", |open| {
        open.set_permanent(Permanence::Browser);
        open.commit()
    }),
];

#[track_caller]
fn check_ended(case: &str, end: impl Fn(&World, &SessionToken), leaves_record: bool) {
    for (last, work) in LAST_ACTIONS {
        let world = World::new();
        let token = world.sign_up("ada");
        let mut slow = world.open(&token);
        end(&world, &token);
        let outcome = work(&mut slow);
        if !leaves_record {
            assert!(
                matches!(outcome, Err(SessionError::Ended)),
                "{last} after {case}: {outcome:?}"
            );
            assert!(
                slow.user().is_none() && slow.record().is_none(),
                "{last} after {case}"
            );
            assert_eq!(slow.cookie_action(), CookieAction::Keep, "{last} after {case}");
            assert!(slow.data().is_empty(), "{last} after {case}");
            slow.commit().unwrap();
            assert_eq!(world.live_sessions(), [], "{last} after {case}");
        }
        let new = match slow.cookie_action() {
            CookieAction::Issue { token, .. } => token.clone(),
            _ => token.clone(),
        };
        assert_eq!(world.who(&token), None, "{last} after {case}");
        assert_eq!(world.who(&new), None, "{last} after {case}, new token");
    }
}

#[test]
fn request_in_flight_never_revives_a_session() {
    check_ended(
        "sign_out",
        |world, token| sign_out(&mut world.open(token)).unwrap(),
        false,
    );
    let everywhere = |world: &World, _: &SessionToken| {
        end_all_sessions(&world.core, &operator(), world.user("ada").id, world.now()).unwrap();
    };
    check_ended("sign-out everywhere", everywhere, false);
    check_ended("expiry", |world, _| world.clock.advance(8 * 24 * HOUR), true);
}

#[test]
fn request_in_flight_never_revives_an_undeleted_record() {
    let everywhere = |world: &World, _: &SessionToken| {
        world.watch.each("sessions.delete_all_of", support::Act::Skip);
        end_all_sessions(&world.core, &operator(), world.user("ada").id, world.now()).unwrap();
        world.watch.pass();
    };
    check_ended("sign-out everywhere on a leaky store", everywhere, true);
}

#[test]
fn session_that_ends_between_retries_stays_ended() {
    let world = World::new();
    let token = visitor(&world);
    let mut slow = world.open(&token);
    slow.insert("late", 1).unwrap();
    world.open(&token).update("n", |_: Option<u8>| 2).unwrap();
    // The first attempt finds a changed record. Before it is read again, its owner signs out.
    let (core, now, other) = (Arc::clone(&world.core), world.now(), token.clone());
    world.watch.before("sessions.find", move || {
        let mut open = resume(RequestContext::new(&core, Device::default(), now), Some(other)).unwrap();
        sign_out(&mut open).unwrap();
    });
    assert!(matches!(slow.commit(), Err(SessionError::Ended)));
    assert_eq!(world.live_sessions(), []);
}

#[test]
fn request_may_outlast_the_limit() {
    let world = World::new();
    let token = world.sign_up("ada");
    world.clock.advance(7 * 24 * HOUR - Duration::from_millis(1));
    let mut open = world.open(&token);
    world.clock.advance(HOUR);
    open.insert("late", 1).unwrap();
    open.commit().unwrap();
    assert_eq!(
        world.open(&token).get("late").unwrap(),
        Some(1),
        "the use is recorded at the start of the request"
    );
}
