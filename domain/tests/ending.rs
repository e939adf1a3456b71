//! Sign-out, here and everywhere: which sessions end, when this takes effect, and that it can be repeated.
//!
//! Concurrent requests are in `concurrent_changes.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::sync::{Arc, OnceLock};

use kunci_domain::ports::StoreError;
use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    self, AuthorityError, CookieAction, change_password, end_all_sessions, sign_out, sign_out_everywhere,
};
use kunci_domain::{NoKnownDevices, OpenSession, SessionToken};
use support::{Act, PASSWORD, World, assert_err, attempt, operator, password, token};

#[test]
fn sign_out_ends_this_session_only() {
    let world = World::new();
    let (here, there) = (world.sign_up("ada"), world.sign_in("ada"));
    let mut open = world.open(&here);
    sign_out(&mut open).unwrap();
    assert!(open.user().is_none() && open.record().is_none());
    assert_eq!(open.cookie_action(), CookieAction::Remove);
    assert_eq!(world.who(&here), None);
    assert_eq!(world.who(&there).as_deref(), Some("ada"));
    assert_eq!(world.live_sessions().len(), 1);
}

#[test]
fn sign_out_discards_uncommitted_changes() {
    let world = World::new();
    let here = world.sign_up("ada");
    let mut open = world.open(&here);
    open.insert("late", 1).unwrap();
    sign_out(&mut open).unwrap();
    open.commit().unwrap();
    assert!(open.data().is_empty());
    assert_eq!(open.cookie_action(), CookieAction::Remove);
    assert_eq!(world.live_sessions(), []);
}

#[test]
fn values_set_after_sign_out_start_a_visitor_session() {
    let world = World::new();
    let here = world.sign_up("ada");
    let mut open = world.open(&here);
    open.insert("secret", "of ada").unwrap();
    open.commit().unwrap();
    sign_out(&mut open).unwrap();
    open.flash("Good bye");
    open.commit().unwrap();
    let mut next = world.open(&token(&open));
    assert_ne!(token(&open), here);
    assert!(next.user().is_none() && !next.contains("secret"));
    assert_eq!(next.take_flashes(), ["Good bye"]);
}

#[test]
fn sign_out_ends_a_concurrently_rotated_session() {
    type Meanwhile = fn(&World, &SessionToken) -> SessionToken;
    let cases: [(&str, Meanwhile); 4] = [
        ("rotation", |world, here| {
            let mut open = world.open(here);
            open.rotate().unwrap();
            token(&open)
        }),
        ("two rotations", |world, here| {
            let mut open = world.open(here);
            open.rotate().unwrap();
            open.rotate().unwrap();
            token(&open)
        }),
        ("a second sign-in", |world, here| {
            let mut open = world.open(here);
            use_cases::sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
            token(&open)
        }),
        ("a change of password", |world, here| {
            let mut open = world.open(here);
            let new = "another good passphrase";
            change_password(&mut open, &password(PASSWORD), new.to_owned(), &NoKnownDevices).unwrap();
            token(&open)
        }),
    ];
    for (name, meanwhile) in cases {
        let world = Arc::new(World::new());
        let here = world.sign_up("ada");
        let mut open = world.open(&here);
        let (other, latest) = (Arc::clone(&world), Arc::new(OnceLock::new()));
        let (kept, old) = (Arc::clone(&latest), here);
        world.watch.before("sessions.delete", move || {
            kept.set(meanwhile(&other, &old)).unwrap();
        });
        sign_out(&mut open).unwrap();
        assert_eq!(world.who(latest.get().unwrap()), None, "{name}");
        assert_eq!(world.live_sessions(), [], "{name}");
    }
}

#[test]
fn sign_out_may_be_repeated_without_a_session() {
    let world = World::new();
    let here = world.sign_up("ada");
    for _ in 0..2 {
        let mut open = world.open(&here);
        sign_out(&mut open).unwrap();
        sign_out(&mut open).unwrap();
        assert_eq!(open.cookie_action(), CookieAction::Remove);
    }
    let mut visitor = world.visit();
    sign_out(&mut visitor).unwrap();
    assert_eq!(visitor.cookie_action(), CookieAction::Remove);
    assert_eq!(world.live_sessions(), []);
}

#[test]
fn sign_out_everywhere_ends_all_sessions_of_that_user_only() {
    let world = World::new();
    let ada = [world.sign_up("ada"), world.sign_in("ada"), world.sign_in("ada")];
    let bob = world.sign_up("bob");
    let mut visitor = world.visit();
    visitor.insert("cart", 1).unwrap();
    visitor.commit().unwrap();

    let mut open = world.open(&ada[0]);
    sign_out_everywhere(&mut open).unwrap();
    assert!(open.user().is_none());
    assert_eq!(open.cookie_action(), CookieAction::Remove);
    for token in &ada {
        assert_eq!(world.who(token), None);
    }
    assert_eq!(world.who(&bob).as_deref(), Some("bob"));
    assert_eq!(world.open(&token(&visitor)).get("cart").unwrap(), Some(1));
    assert_eq!(world.live_sessions().len(), 2, "the records are removed as well");
}

#[test]
fn sign_out_everywhere_ends_a_visitors_session() {
    let world = World::new();
    let mut visitor = world.visit();
    visitor.insert("cart", 1).unwrap();
    visitor.commit().unwrap();
    sign_out_everywhere(&mut visitor).unwrap_err();
    assert_eq!(visitor.cookie_action(), CookieAction::Remove);
    assert_eq!(world.live_sessions(), []);
}

#[test]
fn sign_out_everywhere_works_if_records_remain() {
    let world = World::new();
    let ada: [SessionToken; 2] = [world.sign_up("ada"), world.sign_in("ada")];
    world.watch.set(|called| match called {
        "sessions.delete" | "sessions.delete_all_of" => Act::Skip,
        _ => Act::Pass,
    });
    sign_out_everywhere(&mut world.open(&ada[0])).unwrap();
    assert_eq!(world.live_sessions().len(), 2, "the store keeps the records");
    for token in &ada {
        let mut open = world.open(token);
        assert!(open.user().is_none() && open.record().is_none());
        // Using them does not revive them.
        open.insert("a", 1).unwrap();
        open.commit().unwrap();
        assert_ne!(&support::token(&open), token);
        assert_eq!(world.who(token), None);
    }
    let again = world.sign_in("ada");
    assert_eq!(world.who(&again).as_deref(), Some("ada"));
    assert_eq!(world.who(&ada[1]), None, "a new sign-in revives no older session");
}

#[test]
fn sign_out_everywhere_raises_only_the_epoch() {
    let world = World::new();
    world.sign_up("ada");
    let before = world.user("ada");
    assert_eq!(
        end_all_sessions(&world.core, &operator(), before.id, world.now()).unwrap(),
        1
    );
    let after = world.user("ada");
    assert_eq!(after.epoch, before.epoch.next());
    assert_eq!(after.revision, before.revision.next());
    let back = kunci_domain::User {
        epoch: before.epoch,
        revision: before.revision,
        ..after
    };
    assert_eq!(back, before);
    assert_eq!(
        end_all_sessions(&world.core, &operator(), before.id, world.now()).unwrap(),
        0,
        "the second call finds no session"
    );
}

#[test]
fn ending_sessions_of_an_unknown_user_succeeds() {
    let world = World::new();
    let unknown = kunci_domain::UserId::from_stored(42);
    assert_eq!(
        end_all_sessions(&world.core, &operator(), unknown, world.now()).unwrap(),
        0
    );
}

#[test]
fn raising_the_epoch_keeps_a_concurrent_change() {
    let world = World::new();
    let token = world.sign_up("ada");
    let before = world.user("ada");
    let core = std::sync::Arc::clone(&world.core);
    let now = world.now();
    world.watch.before("accounts.commit", move || {
        end_all_sessions(&core, &operator(), before.id, now).unwrap();
    });
    sign_out_everywhere(&mut world.open(&token)).unwrap();
    assert_eq!(
        world.user("ada").epoch,
        world.user("ada").epoch.max(kunci_domain::Epoch::from_stored(2))
    );
}

#[test]
fn sign_out_everywhere_refuses_clients_that_are_not_signed_in() {
    let world = World::new();
    let old = world.sign_up("ada");
    let other = world.sign_in("ada");
    world.open(&old).rotate().unwrap();
    let mut visitor = world.visit();
    visitor.insert("cart", 1).unwrap();
    visitor.commit().unwrap();
    let clients = [
        ("without a session", world.visit()),
        ("with a visitor's session", world.open(&token(&visitor))),
        ("with an old token", world.open(&old)),
    ];
    for (client, mut open) in clients {
        let outcome = sign_out_everywhere(&mut open);
        assert_err!(outcome, Refused(AuthorityError::NotSignedIn), "{client}");
        assert_eq!(open.cookie_action(), CookieAction::Remove, "{client}");
    }
    assert_eq!(world.who(&other).as_deref(), Some("ada"));
    assert_eq!(world.live_sessions().len(), 1, "their own sessions have ended");
}

fn refused_everywhere(open: &mut OpenSession) -> Result<(), StoreError> {
    sign_out_everywhere(open).unwrap_err();
    Ok(())
}

#[test]
fn replaced_token_ends_the_successor_of_its_session() {
    let world = World::new();
    let other = world.sign_up("ada");
    for presented in 0..2 {
        for end in [sign_out, refused_everywhere] {
            let mut visitor = world.visit();
            visitor.insert("cart", 1).unwrap();
            visitor.commit().unwrap();
            let first = token(&visitor);
            use_cases::sign_in(&mut visitor, attempt("ada", PASSWORD)).unwrap();
            let second = token(&visitor);
            visitor.rotate().unwrap();
            let tokens = [first, second, token(&visitor)];
            assert_eq!(world.who(&tokens[2]).as_deref(), Some("ada"));
            end(&mut world.open(&tokens[presented])).unwrap();
            assert_eq!(world.who(&tokens[2]), None, "token {presented} of 3");
        }
    }
    assert_eq!(world.who(&other).as_deref(), Some("ada"));
    assert_eq!(world.live_sessions().len(), 1);
}

#[test]
fn sign_out_during_a_password_change_ends_the_session() {
    let world = Arc::new(World::new());
    let here = world.sign_up("ada");
    let (other, old) = (Arc::clone(&world), here.clone());
    // The new password is committed, so the old token is invalid already.
    world.watch.before("sessions.rotate", move || {
        sign_out(&mut other.open(&old)).unwrap();
    });
    let new = "another good passphrase";
    let mut open = world.open(&here);
    change_password(&mut open, &password(PASSWORD), new.to_owned(), &NoKnownDevices).unwrap_err();
    assert_eq!(world.live_sessions(), []);
}
