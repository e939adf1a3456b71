//! Stores that fail at each step of each use case, and entropy that fails: an error, and nobody signed in.
//!
//! What a client is told then is shown by the tests of `kunci-web`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::error::Error;
use std::sync::Arc;

use kunci_domain::ports::{SessionStore, UserStore};
use kunci_domain::use_cases::{
    self, Handover, SessionError, SignInError, SignUpError, change_password, resume, sign_in, sign_out,
    sign_out_everywhere, sign_up,
};
use kunci_domain::{Device, OpenSession, Permanence, Session, SessionToken, Stranger};
use kunci_testkit::fakes::BrokenEntropy;
use support::{Act, MINUTE, PASSWORD, World, attempt, new_user, password, token};

type Outcome = Result<(), Box<dyn Error>>;

/// What a request does after its session was taken up.
struct UseCase {
    name: &'static str,
    /// Whether the request comes with ada's token, or with a visitor's.
    as_ada: bool,
    work: fn(&mut OpenSession) -> Outcome,
}

const USE_CASES: [UseCase; 9] = [
    UseCase {
        name: "sign_up",
        as_ada: false,
        work: |open| {
            Ok(sign_up(
                open,
                new_user("bob", PASSWORD),
                Permanence::Permanent,
                None,
            )?)
        },
    },
    UseCase {
        name: "sign_in over a visitor's session",
        as_ada: false,
        work: |open| Ok(sign_in(open, attempt("ada", PASSWORD)).map(|_| ())?),
    },
    UseCase {
        name: "sign_in again",
        as_ada: true,
        work: |open| Ok(sign_in(open, attempt("ada", PASSWORD)).map(|_| ())?),
    },
    UseCase {
        name: "sign_out",
        as_ada: true,
        work: |open| Ok(sign_out(open)?),
    },
    UseCase {
        name: "sign_out_everywhere",
        as_ada: true,
        work: |open| Ok(sign_out_everywhere(open)?),
    },
    UseCase {
        name: "change_password",
        as_ada: true,
        work: |open| {
            Ok(change_password(
                open,
                &password(PASSWORD),
                "staple of the battery".into(),
                &Stranger,
            )?)
        },
    },
    UseCase {
        name: "commit",
        as_ada: true,
        work: |open| {
            open.insert("k", 1)?;
            Ok(open.commit()?)
        },
    },
    UseCase {
        name: "update",
        as_ada: true,
        work: |open| Ok(open.update("k", |n: Option<u8>| n.unwrap_or(0)).map(|_| ())?),
    },
    UseCase {
        name: "rotate",
        as_ada: true,
        work: |open| Ok(open.rotate()?),
    },
];

/// What fails after the work is done: that is not undone, and the failure is for the log.
const TOLD_LATER: [&str; 2] = ["history.append", "mailer.send"];

/// A world with ada on two devices and a visitor, who all have been away for a minute.
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

fn signed_in(world: &World) -> usize {
    world
        .live_sessions()
        .iter()
        .filter(|session| session.user().is_some())
        .count()
}

/// Takes the session up and does the work, as a request does.
fn request(
    world: &World,
    token: &SessionToken,
    work: fn(&mut OpenSession) -> Outcome,
) -> (Outcome, Option<OpenSession>) {
    match resume(&world.core, Some(token.clone()), Device::default(), world.now()) {
        Ok(mut open) => (work(&mut open), Some(open)),
        Err(error) => (Err(error.into()), None),
    }
}

/// Fails the call after `passed` others; `false` when the use case makes no such call.
#[track_caller]
fn check(case: &UseCase, passed: usize) -> bool {
    let (world, ada, visitor) = world();
    let token = if case.as_ada { &ada } else { &visitor };
    world.watch.fail_after(passed);
    let (outcome, open) = request(&world, token, case.work);
    if world.watch.calls().len() <= passed {
        outcome.unwrap();
        return false;
    }
    let failed = world.watch.calls()[passed];
    let at = format!("{}: {failed}", case.name);
    if TOLD_LATER.contains(&failed) {
        outcome.unwrap();
        let untold = open.map(|mut open| open.take_untold().len());
        assert_eq!(untold, Some(1), "{at} is not told");
        return true;
    }
    assert!(outcome.is_err(), "{at} is no error");
    if let Some(open) = open {
        assert_eq!(
            open.handover(),
            Handover::Keep,
            "{at}: the client is told something"
        );
        assert!(
            open.user().is_none() || case.as_ada,
            "{at}: somebody is signed in"
        );
    }
    world.watch.pass();
    assert!(signed_in(&world) <= 2, "{at}: there is a session more");
    assert_eq!(
        world.open(&visitor).get("cart").unwrap(),
        Some(1),
        "{at}: the visitor lost something"
    );
    true
}

#[test]
fn a_store_that_fails_at_any_step_signs_nobody_in() {
    for case in &USE_CASES {
        let steps = (0..).take_while(|passed| check(case, *passed)).count();
        assert!(3 <= steps, "{} has only {steps} steps", case.name);
    }
}

#[test]
fn a_failing_store_is_told_as_such() {
    let (world, ada, _) = world();
    for call in ["sessions.find", "users.find", "sessions.touch"] {
        world.watch.each(call, Act::Fail);
        let error = resume(&world.core, Some(ada.clone()), Device::default(), world.now()).unwrap_err();
        assert_eq!(error.to_string(), "watched is unavailable", "{call}");
        assert!(error.source().is_some(), "{call}: the cause is lost");
    }
    world.watch.pass();
    assert_eq!(
        world.who(&ada).as_deref(),
        Some("ada"),
        "and all is well afterwards"
    );
}

#[test]
fn who_could_not_be_signed_out_keeps_the_token() {
    let (world, ada, _) = world();
    let mut open = world.open(&ada);
    world.watch.each("sessions.delete", Act::Fail);
    sign_out(&mut open).unwrap_err();
    assert_eq!(open.handover(), Handover::Keep);
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
}

#[test]
fn a_failed_commit_may_be_tried_again() {
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
fn who_was_signed_out_while_signing_in_again_failed_is_nobody() {
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
    assert!(
        matches!(outcome, Err(SignInError::Session(SessionError::Store(_)))),
        "{outcome:?}"
    );
    assert!(open.user().is_none() && open.record().is_none());
}

#[test]
fn without_entropy_no_session_begins_or_gets_a_new_token() {
    let (world, ada, visitor) = world();
    let core = world.core_with(|core| core.entropy = Arc::new(BrokenEntropy));
    let open =
        |token: Option<&SessionToken>| resume(&core, token.cloned(), Device::default(), world.now()).unwrap();
    let before: Vec<Session> = world.live_sessions();

    let outcome = sign_in(&mut open(Some(&visitor)), attempt("ada", PASSWORD));
    assert!(
        matches!(outcome, Err(SignInError::Session(SessionError::Entropy(_)))),
        "{outcome:?}"
    );
    let outcome = sign_in(&mut open(None), attempt("ada", PASSWORD));
    assert!(
        matches!(outcome, Err(SignInError::Session(SessionError::Entropy(_)))),
        "{outcome:?}"
    );
    let outcome = sign_up(
        &mut open(None),
        new_user("bob", PASSWORD),
        Permanence::Browser,
        None,
    );
    assert!(
        matches!(
            outcome,
            Err(SignUpError::Create(use_cases::CreateUserError::Entropy(_)))
        ),
        "{outcome:?}"
    );
    assert!(matches!(open(Some(&ada)).rotate(), Err(SessionError::Entropy(_))));
    let mut nobody = open(None);
    nobody.insert("cart", 1).unwrap();
    assert!(matches!(nobody.commit(), Err(SessionError::Entropy(_))));
    assert_eq!(nobody.handover(), Handover::Keep);

    let keys = |sessions: &[Session]| sessions.iter().map(|session| session.key).collect::<Vec<_>>();
    assert_eq!(keys(&world.live_sessions()), keys(&before));
    assert_eq!(world.users.list(None, 10).unwrap().len(), 1);
    assert_eq!(world.who(&ada).as_deref(), Some("ada"), "who is in stays in");
}
