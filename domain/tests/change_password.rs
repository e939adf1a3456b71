//! Password change: the required authentication, the ended sessions, and races with other requests.
//!
//! Passwords set by an operator are in `administer.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::sync::{Arc, Mutex};

use kunci_domain::ports::{HashError, PasswordHasher, Verdict};
use kunci_domain::use_cases::UseCaseError::{Failed, Refused};
use kunci_domain::use_cases::{
    self, AuthorityError, ChangePasswordRefusal, CookieAction, Failure, Outcome, SessionRefusal, SignIn,
    change_password, resume, set_standing, sign_in, sign_out,
};
use kunci_domain::{
    Device, NoKnownDevices, OpenSession, Password, PasswordHash, PasswordProblem, Permanence, RequestContext,
    SessionToken, Standing,
};
use kunci_testkit::fakes::FastHasher;
use support::{Act, MINUTE, PASSWORD, World, assert_err, attempt, operator, password, token, username};

const NEW: &str = "staple of the battery";

#[test]
fn only_the_new_password_signs_in() {
    let world = World::new();
    let before = world.sign_up("ada");
    let old_hash = world.user("ada").password_hash;
    world.clock.advance(5 * MINUTE);
    let mut open = world.open(&before);
    change_password(&mut open, &password(PASSWORD), NEW.to_owned(), &NoKnownDevices).unwrap();
    assert_eq!(
        open.user(),
        Some(&kunci_domain::Admission::from(&world.user("ada")))
    );
    assert_eq!(world.user("ada").password_changed_at, world.now());
    assert_ne!(world.user("ada").password_hash, old_hash);
    sign_in(&mut world.visit(), attempt("ada", NEW)).unwrap();
    sign_in(&mut world.visit(), attempt("ada", PASSWORD)).unwrap_err();
}

#[test]
fn password_change_ends_others_and_rotates_the_token() {
    let world = World::new();
    let (here, there) = (world.sign_up("ada"), world.sign_in("ada"));
    let mut open = world.open(&here);
    open.insert("theme", "dark").unwrap();
    // A store that fails to delete records must make no difference.
    world.watch.each("sessions.delete_all_of", Act::Skip);
    change_password(&mut open, &password(PASSWORD), NEW.to_owned(), &NoKnownDevices).unwrap();
    let new = token(&open);
    assert_eq!(world.who(&new).as_deref(), Some("ada"));
    assert_eq!(
        world.open(&new).get::<String>("theme").unwrap().as_deref(),
        Some("dark")
    );
    assert_eq!((world.who(&here), world.who(&there)), (None, None));
}

#[test]
fn password_change_keeps_permanence() {
    for permanence in [Permanence::Permanent, Permanence::Browser] {
        let world = World::new();
        world.sign_up("ada");
        let mut open = world.visit();
        let attempt = SignIn {
            permanence,
            ..attempt("ada", PASSWORD)
        };
        sign_in(&mut open, attempt).unwrap();
        let mut open = world.open(&token(&open));
        change_password(&mut open, &password(PASSWORD), NEW.to_owned(), &NoKnownDevices).unwrap();
        assert_eq!(world.open(&token(&open)).record().unwrap().permanence, permanence);
    }
}

#[track_caller]
fn check_refused(case: &str, current: &str, new: &str, want: &str) {
    let world = World::new();
    let (here, there) = (world.sign_up("ada"), world.sign_in("ada"));
    let before = world.user("ada");
    let mut open = world.open(&here);
    let error = change_password(&mut open, &password(current), new.to_owned(), &NoKnownDevices).unwrap_err();
    assert_eq!(error.to_string(), want, "{case}");
    assert_eq!(open.cookie_action(), CookieAction::Keep, "{case}");
    assert_eq!(world.user("ada"), before, "{case}");
    assert_eq!(world.who(&here).as_deref(), Some("ada"), "{case}");
    assert_eq!(world.who(&there).as_deref(), Some("ada"), "{case}");
}

#[test]
fn refused_password_change_changes_nothing() {
    let short = PasswordProblem::TooShort.to_string();
    let common = PasswordProblem::Common.to_string();
    let named = PasswordProblem::ContainsUsername.to_string();
    let long = PasswordProblem::TooLong.to_string();
    let wrong = "the current password is wrong";
    check_refused("wrong current password", "wrong password", NEW, wrong);
    check_refused("no current password", "", NEW, wrong);
    check_refused("new password as the current one", NEW, NEW, wrong);
    check_refused("short", PASSWORD, "7 chars", &short);
    check_refused("long", PASSWORD, &"x".repeat(257), &long);
    check_refused("common", PASSWORD, "password1", &common);
    check_refused("with the name", PASSWORD, "I am Ada 1815", &named);
}

#[test]
fn password_change_needs_a_signed_in_user() {
    let world = World::new();
    let outcome = change_password(
        &mut world.visit(),
        &password(PASSWORD),
        NEW.to_owned(),
        &NoKnownDevices,
    );
    assert_err!(
        outcome,
        Refused(ChangePasswordRefusal::Authority(AuthorityError::NotSignedIn))
    );
    assert_eq!(world.hasher.verifications(), 0);
}

#[test]
fn busy_hasher_refuses_a_password_change() {
    let world = World::new();
    let here = world.sign_up("ada");
    let before = world.user("ada");
    world.hasher.set_busy(true);
    let mut open = world.open(&here);
    let outcome = change_password(&mut open, &password(PASSWORD), NEW.to_owned(), &NoKnownDevices);
    assert_err!(outcome, Failed(Failure::Hash(HashError::Busy)));
    assert_eq!(world.user("ada"), before);
}

/// A hasher that runs an action once, during its first hash.
struct Interrupted(FastHasher, Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl PasswordHasher for Interrupted {
    fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        if let Some(meanwhile) = self.1.lock().unwrap().take() {
            meanwhile();
        }
        self.0.hash(password)
    }

    fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        self.0.verify(password, hash)
    }

    fn decoy(&self) -> &PasswordHash {
        self.0.decoy()
    }

    fn decoy_like(&self, stored: &PasswordHash) -> PasswordHash {
        self.0.decoy_like(stored)
    }
}

/// Changes the password while `meanwhile` runs. Returns the outcome and the session.
fn change_during(
    world: &World,
    token: &SessionToken,
    meanwhile: impl FnOnce() + Send + 'static,
) -> (Outcome<(), ChangePasswordRefusal>, OpenSession) {
    let hasher = Interrupted(FastHasher::new(), Mutex::new(Some(Box::new(meanwhile))));
    let core = world.core_with(|core| core.hasher = Arc::new(hasher));
    let mut open = resume(
        RequestContext::new(&core, Device::default(), world.now()),
        Some(token.clone()),
    )
    .unwrap();
    let outcome = change_password(&mut open, &password(PASSWORD), NEW.to_owned(), &NoKnownDevices);
    (outcome, open)
}

fn ended(outcome: &Outcome<(), ChangePasswordRefusal>) -> bool {
    matches!(
        outcome,
        Err(Refused(ChangePasswordRefusal::Session(SessionRefusal::Ended)))
    )
}

#[test]
fn session_signed_out_during_a_password_change_stays_out() {
    let world = World::new();
    let here = world.sign_up("ada");
    let (core, now, other) = (Arc::clone(&world.core), world.now(), here.clone());
    let (outcome, open) = change_during(&world, &here, move || {
        sign_out(&mut resume(RequestContext::new(&core, Device::default(), now), Some(other)).unwrap())
            .unwrap();
    });
    assert!(ended(&outcome), "{outcome:?}");
    assert!(open.user().is_none());
    assert_eq!(open.cookie_action(), CookieAction::Keep);
    assert_eq!(world.live_sessions(), []);
    sign_in(&mut world.visit(), attempt("ada", NEW)).unwrap();
}

#[test]
fn sign_out_everywhere_during_a_password_change_wins() {
    let world = World::new();
    let here = world.sign_up("ada");
    let (core, id) = (Arc::clone(&world.core), world.user("ada").id);
    let now = world.now();
    let (outcome, open) = change_during(&world, &here, move || {
        use_cases::end_all_sessions(&core, &operator(), id, now).unwrap();
    });
    assert!(ended(&outcome), "{outcome:?}");
    assert!(open.user().is_none());
    assert_eq!(world.live_sessions(), []);
    sign_in(&mut world.visit(), attempt("ada", PASSWORD)).unwrap();
}

#[test]
fn user_disabled_during_a_password_change_stays_out() {
    let world = World::new();
    let here = world.sign_up("ada");
    let (core, now) = (Arc::clone(&world.core), world.now());
    let (outcome, _) = change_during(&world, &here, move || {
        set_standing(&core, &operator(), &username("ada"), Standing::Disabled, now).unwrap();
    });
    assert!(ended(&outcome), "{outcome:?}");
    assert_eq!(world.user("ada").standing, Standing::Disabled);
    assert_eq!(world.live_sessions(), []);
}

#[test]
fn one_of_two_concurrent_password_changes_wins() {
    let world = World::new();
    let (here, there) = (world.sign_up("ada"), world.sign_in("ada"));
    let (core, now) = (Arc::clone(&world.core), world.now());
    let (outcome, _) = change_during(&world, &here, move || {
        let mut other = resume(RequestContext::new(&core, Device::default(), now), Some(there)).unwrap();
        change_password(
            &mut other,
            &password(PASSWORD),
            "of the other device".to_owned(),
            &NoKnownDevices,
        )
        .unwrap();
    });
    assert!(ended(&outcome), "{outcome:?}");
    sign_in(&mut world.visit(), attempt("ada", "of the other device")).unwrap();
    sign_in(&mut world.visit(), attempt("ada", NEW)).unwrap_err();
}

#[test]
fn password_change_keeps_concurrent_values() {
    let world = World::new();
    let here = world.sign_up("ada");
    let (core, now, other) = (Arc::clone(&world.core), world.now(), here.clone());
    let (outcome, open) = change_during(&world, &here, move || {
        let mut other = resume(RequestContext::new(&core, Device::default(), now), Some(other)).unwrap();
        other.insert("meanwhile", 1).unwrap();
        other.commit().unwrap();
    });
    outcome.unwrap();
    assert_eq!(world.open(&token(&open)).get("meanwhile").unwrap(), Some(1));
    assert_eq!(world.live_sessions().len(), 1);
}
