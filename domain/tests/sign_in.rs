//! Sign-in: who succeeds, what a failed attempt costs, and what happens to the previous session.
//!
//! Failures of stores and entropy are in `failures.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kunci_domain::ports::{HashError, PasswordHasher, Verdict};
use kunci_domain::use_cases::UseCaseError::Failed;
use kunci_domain::use_cases::{self, Failure, SignIn, resume, set_standing};
use kunci_domain::{Admission, Device, OpenSession, Permanence, RequestContext, SessionToken, Standing};
use kunci_testkit::fakes::FastHasher;
use support::{DAY, HOUR, PASSWORD, World, assert_err, attempt, operator, password, token, username};

/// Signs in and returns the outcome, the number of verified hashes and the number of created hashes.
fn cost(world: &World, name: &str, text: &str) -> (Result<(), String>, u64, u64) {
    let before = (world.hasher.verifications(), world.hasher.hashes());
    let mut open = world.visit();
    let outcome = use_cases::sign_in(&mut open, attempt(name, text)).map(|_| ());
    assert_eq!(open.user().is_some(), outcome.is_ok(), "{name}");
    let outcome = outcome.map_err(|error| format!("{error:?}"));
    (
        outcome,
        world.hasher.verifications() - before.0,
        world.hasher.hashes() - before.1,
    )
}

#[test]
fn every_failed_sign_in_has_the_same_answer_and_cost() {
    let world = World::new();
    world.sign_up("ada");
    world.sign_up("eve");
    set_standing(
        &world.core,
        &operator(),
        &username("eve"),
        Standing::Disabled,
        world.now(),
    )
    .unwrap();
    let long = "x".repeat(60_000);
    for (case, name, text) in [
        ("wrong password", "ada", "wrong password"),
        ("no password", "ada", ""),
        ("password in a different case", "ada", "Correct horse battery"),
        (
            "password with an additional space",
            "ada",
            "correct horse battery ",
        ),
        ("very long password", "ada", &long),
        ("unknown name", "bob", PASSWORD),
        ("disabled user, right password", "eve", PASSWORD),
        ("disabled user, wrong password", "eve", "wrong password"),
        ("no name", "", PASSWORD),
        ("invalid name", "two words\0", PASSWORD),
        ("very long name", &long, PASSWORD),
    ] {
        let want = (Err("Refused(WrongCredentials)".to_owned()), 1, 0);
        assert_eq!(cost(&world, name, text), want, "{case}");
    }
    assert_eq!(
        cost(&world, "ada", PASSWORD),
        (Ok(()), 1, 0),
        "a correct password costs no more"
    );
}

#[test]
fn name_signs_in_in_any_case() {
    let world = World::new();
    world.sign_up("Böse");
    for name in ["Böse", "bÖSE", "Bo\u{308}se"] {
        assert!(cost(&world, name, PASSWORD).0.is_ok(), "{name}");
    }
}

#[test]
fn password_bytes_are_compared_as_they_are() {
    let world = World::new();
    let chosen = " Pa\u{308}ss wo\0rd ";
    let mut open = world.visit();
    use_cases::sign_up(
        &mut open,
        support::new_user("ada", chosen),
        Permanence::Permanent,
        None,
    )
    .unwrap();
    for (text, want) in [
        (chosen, true),
        (chosen.trim(), false),
        (" Päss wo\0rd ", false),
        (" Pa\u{308}ss wo", false),
        (" pa\u{308}ss wo\0rd ", false),
    ] {
        assert_eq!(cost(&world, "ada", text).0.is_ok(), want, "{text:?}");
    }
}

#[test]
fn passwords_do_not_expire() {
    let world = World::new();
    world.sign_up("ada");
    world.clock.advance(5 * 365 * DAY);
    assert!(cost(&world, "ada", PASSWORD).0.is_ok());
}

/// Opens a session in a core with a different hasher than the one that created the accounts.
fn open_with(world: &World, hasher: &Arc<FastHasher>) -> OpenSession {
    let core = world.core_with(|core| core.hasher = hasher.clone());
    resume(RequestContext::new(&core, Device::default(), world.now()), None).unwrap()
}

#[test]
fn outdated_hash_is_replaced_at_the_next_sign_in() {
    let world = World::new();
    let device = world.sign_up("ada");
    let before = world.user("ada");
    let stronger = Arc::new(FastHasher::of_generation(2));

    let mut open = open_with(&world, &stronger);
    use_cases::sign_in(&mut open, attempt("ada", "wrong password")).unwrap_err();
    assert_eq!(world.user("ada"), before, "a wrong password replaces nothing");

    use_cases::sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    let after = world.user("ada");
    let verdict = stronger
        .verify(&password(PASSWORD), &after.password_hash)
        .unwrap();
    assert_eq!(verdict, Verdict::Match);
    assert_eq!(after.epoch, before.epoch);
    assert_eq!(after.password_changed_at, before.password_changed_at);
    assert_eq!(open.user(), Some(&Admission::from(&after)));
    assert_eq!(
        world.who(&device).as_deref(),
        Some("ada"),
        "other devices stay signed in"
    );

    use_cases::sign_in(&mut open_with(&world, &stronger), attempt("ada", PASSWORD)).unwrap();
    assert_eq!(stronger.hashes(), 1, "the hash is replaced once");
}

#[test]
fn sign_in_succeeds_if_the_hash_cannot_be_replaced() {
    let world = World::new();
    world.sign_up("ada");
    let before = world.user("ada");
    let commits = AtomicUsize::new(0);
    // The first commit charges the attempt.
    world.watch.set(move |call| {
        match call == "accounts.commit" && commits.fetch_add(1, Ordering::SeqCst) == 1 {
            true => support::Act::Fail,
            false => support::Act::Pass,
        }
    });
    let mut open = open_with(&world, &Arc::new(FastHasher::of_generation(2)));
    use_cases::sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    assert_eq!(world.user("ada"), before);
    assert_eq!(world.who(&token(&open)).as_deref(), Some("ada"));
}

#[test]
fn replacing_a_hash_never_undoes_a_concurrent_change() {
    let world = World::new();
    world.sign_up("ada");
    let (core, now) = (Arc::clone(&world.core), world.now());
    world.watch.before("accounts.commit", move || {
        set_standing(&core, &operator(), &username("ada"), Standing::Disabled, now).unwrap();
    });
    let mut open = open_with(&world, &Arc::new(FastHasher::of_generation(2)));
    // The password was correct when it was checked, so a session may begin, but it is invalid.
    use_cases::sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    assert_eq!(world.user("ada").standing, Standing::Disabled);
    assert_eq!(world.who(&token(&open)), None);
}

#[test]
fn busy_hasher_refuses_sign_in() {
    let world = World::new();
    world.sign_up("ada");
    world.hasher.set_busy(true);
    for name in ["ada", "bob", "two words"] {
        let mut open = world.visit();
        let outcome = use_cases::sign_in(&mut open, attempt(name, PASSWORD));
        assert_err!(outcome, Failed(Failure::Hash(HashError::Busy)), "{name}");
        assert!(open.user().is_none());
    }
    world.hasher.set_busy(false);
    assert!(cost(&world, "ada", PASSWORD).0.is_ok(), "the hasher recovers");
}

/// Creates a visitor's session with a value and returns its token.
fn visitor(world: &World) -> SessionToken {
    let mut open = world.visit();
    open.insert("cart", 3).unwrap();
    open.commit().unwrap();
    token(&open)
}

fn sign_in_over(world: &World, old: &SessionToken, name: &str) -> SessionToken {
    let mut open = world.open(old);
    use_cases::sign_in(&mut open, attempt(name, PASSWORD)).unwrap();
    token(&open)
}

fn cart(world: &World, token: &SessionToken) -> Option<u32> {
    world.open(token).get("cart").unwrap()
}

#[test]
fn sign_in_issues_a_new_token_and_invalidates_the_old() {
    let world = World::new();
    world.sign_up("ada");
    let old = visitor(&world);
    let new = sign_in_over(&world, &old, "ada");
    assert_ne!(old, new);
    assert!(world.open(&old).record().is_none());
    assert_eq!(world.who(&new).as_deref(), Some("ada"));
    assert_eq!(cart(&world, &new), Some(3), "the visitor's value is kept");

    let again = sign_in_over(&world, &new, "ada");
    assert_ne!(again, new);
    assert_eq!(
        world.who(&new),
        None,
        "a second sign-in ends the previous session"
    );
    assert_eq!(cart(&world, &again), Some(3), "the user's value is kept");
}

#[test]
fn values_of_another_user_are_discarded() {
    let world = World::new();
    world.sign_up("ada");
    world.sign_up("bob");
    let ada = sign_in_over(&world, &visitor(&world), "ada");
    let mut open = world.open(&ada);
    open.insert("secret", "of ada").unwrap();
    use_cases::sign_in(&mut open, attempt("bob", PASSWORD)).unwrap();
    let bob = token(&open);
    let open = world.open(&bob);
    assert_eq!(open.user().unwrap().name.as_str(), "bob");
    assert!(open.data().is_empty(), "{:?}", open.data());
    assert_eq!(world.who(&ada), None, "ada is signed out on this device");
}

#[test]
fn failed_sign_in_leaves_the_session_unchanged() {
    let world = World::new();
    world.sign_up("bob");
    let ada = world.sign_up("ada");
    let mut open = world.open(&ada);
    use_cases::sign_in(&mut open, attempt("bob", "wrong password")).unwrap_err();
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
    assert_eq!(world.who(&ada).as_deref(), Some("ada"));
}

#[test]
fn ended_session_is_replaced_by_a_fresh_one() {
    let world = World::new();
    world.sign_up("ada");
    let old = visitor(&world);
    let mut open = world.open(&old);
    use_cases::sign_out(&mut world.open(&old)).unwrap();
    use_cases::sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    let new = token(&open);
    assert_eq!(world.who(&new).as_deref(), Some("ada"));
    assert_eq!(
        cart(&world, &new),
        None,
        "values of an ended session do not come back"
    );
}

#[test]
fn sign_in_keeps_concurrent_changes_of_values() {
    let world = World::new();
    world.sign_up("ada");
    let old = visitor(&world);
    let mut slow = world.open(&old);
    slow.insert("mine", 1).unwrap();
    let mut quick = world.open(&old);
    quick.insert("cart", 4).unwrap();
    quick.commit().unwrap();
    use_cases::sign_in(&mut slow, attempt("ada", PASSWORD)).unwrap();
    let new = token(&slow);
    assert_eq!(cart(&world, &new), Some(4));
    assert_eq!(world.open(&new).get("mine").unwrap(), Some(1));
}

#[test]
fn session_records_user_time_and_device() {
    let world = World::new();
    world.sign_up("ada");
    let old = visitor(&world);
    world.clock.advance(HOUR);
    let device = Device::new("Mozilla/5.0\r\n", Some([192, 0, 2, 7].into()));
    let mut open = resume(
        RequestContext::new(&world.core, device.clone(), world.now()),
        Some(old),
    )
    .unwrap();
    let browser = SignIn {
        permanence: Permanence::Browser,
        ..attempt("ada", PASSWORD)
    };
    use_cases::sign_in(&mut open, browser).unwrap();
    let record = world.open(&token(&open)).record().unwrap().clone();
    let authentication = record.authentication().unwrap();
    assert_eq!(
        (authentication.user, authentication.at),
        (world.user("ada").id, world.now())
    );
    assert_eq!(authentication.epoch, world.user("ada").epoch);
    assert_eq!(
        (record.created_at, record.last_seen_at),
        (world.now(), world.now())
    );
    assert_eq!(
        (record.permanence, record.lifetime),
        (Permanence::Browser, world.core.policy.browser)
    );
    assert_eq!(record.device, device);
    assert_eq!(record.device.user_agent(), "Mozilla/5.0");
}
