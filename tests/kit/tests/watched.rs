//! [`Watched`] keeps the promises of the inner store while all calls pass, and follows its rule otherwise.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

use std::sync::Arc;
use std::thread;

use kunci_domain::ports::{AccountStore, Committed, SessionStore, StoreError};
use kunci_domain::{AccountChange, BudgetKind, BudgetOwner, Step};
use kunci_memory::{MemoryAccountStore, MemorySessionStore, MemoryThrottle};
use kunci_testkit::fakes::{Act, FastHasher, FastSealer, Gate, Watch, Watched};
use kunci_testkit::samples::{address, invitation, key, start, user, visitor};

mod sessions {
    kunci_testkit::session_store_suite!(((), super::watched(super::MemorySessionStore::default())));
}

mod accounts {
    kunci_testkit::account_store_suite!(((), super::watched(super::MemoryAccountStore::default())));
}

mod throttle {
    kunci_testkit::throttle_suite!(((), super::watched(super::MemoryThrottle::default())));
}

mod hasher {
    kunci_testkit::password_hasher_suite!(super::watched(super::FastHasher::new()));
}

mod sealer {
    kunci_testkit::sealer_suite!(|current: &[u8],
                                  former: &[&[u8]]|
     -> Box<dyn kunci_domain::ports::Sealer> {
        Box::new(super::watched(super::FastSealer::new(current, former)))
    });
}

/// Returns an adapter whose calls all pass.
fn watched<A>(adapter: A) -> Watched<A> {
    Watched(Arc::new(adapter), Watch::default())
}

fn accounts(watch: &Watch) -> Watched<MemoryAccountStore> {
    Watched(Arc::default(), watch.clone())
}

fn sessions(watch: &Watch) -> Watched<MemorySessionStore> {
    Watched(Arc::default(), watch.clone())
}

#[test]
fn calls_are_named_after_port_and_method() {
    let watch = Watch::default();
    let (store, ada, link) = (accounts(&watch), user(1, "ada"), invitation(1));
    store.find(ada.id).unwrap();
    store.find_by_name(&ada.name).unwrap();
    store.find_by_address(&address("ada@example.org"), 1).unwrap();
    store.list(None, 1).unwrap();
    store.find_link(&link.key, start()).unwrap();
    store.list_links(link.purpose, None, 1, start()).unwrap();
    store.events(ada.id, 0, 1).unwrap();
    let ada = BudgetOwner::Account(ada.id);
    store.find_budget(&ada, BudgetKind::Codes).unwrap();
    let _ = store.commit(&AccountChange::new(), start()).unwrap();
    store.purge(start(), start(), 1).unwrap();
    let methods = [
        "accounts.find",
        "accounts.find_by_name",
        "accounts.find_by_address",
        "accounts.list",
        "accounts.find_link",
        "accounts.list_links",
        "accounts.events",
        "accounts.find_budget",
        "accounts.commit",
        "accounts.purge",
    ];
    assert_eq!(watch.calls(), methods);
}

#[test]
fn skipped_commit_is_claimed_as_done() {
    let watch = Watch::default();
    let (store, ada) = (accounts(&watch), user(1, "ada"));
    watch.each("accounts.commit", Act::Skip);
    let insert = AccountChange::from(Step::InsertUser(ada.clone()));
    assert_eq!(store.commit(&insert, start()).unwrap(), Committed::Done);
    assert_eq!(store.find(ada.id).unwrap(), None);
}

#[test]
fn failed_commit_changes_nothing() {
    let watch = Watch::default();
    let (store, ada) = (accounts(&watch), user(1, "ada"));
    watch.each("accounts.commit", Act::Fail);
    let insert = AccountChange::from(Step::InsertUser(ada.clone()));
    let failed = store.commit(&insert, start());
    assert!(matches!(failed, Err(StoreError::Unavailable { .. })));
    assert_eq!(store.find(ada.id).unwrap(), None);
}

#[test]
fn unacknowledged_commit_takes_effect() {
    let watch = Watch::default();
    let (store, ada) = (accounts(&watch), user(1, "ada"));
    watch.each("accounts.commit", Act::Unacknowledged);
    let insert = AccountChange::from(Step::InsertUser(ada.clone()));
    assert!(store.commit(&insert, start()).is_err());
    assert_eq!(store.find(ada.id).unwrap(), Some(ada));
}

#[test]
fn one_call_fails_after_those_that_pass() {
    let watch = Watch::default();
    let store = sessions(&watch);
    watch.fail_after(1);
    assert!(store.insert(&visitor(1)).is_ok());
    assert!(store.delete(&visitor(1)).is_err());
    assert!(store.find(&key(1), start()).unwrap().is_some());
    watch.after(0, Act::Unacknowledged);
    assert!(store.delete(&visitor(1)).is_err());
    assert!(store.find(&key(1), start()).unwrap().is_none());
}

#[test]
fn unreadable_record_is_corrupt() {
    let watch = Watch::default();
    let store = sessions(&watch);
    watch.each("sessions.find", Act::Corrupt);
    let found = store.find(&key(1), start());
    assert!(matches!(found, Err(StoreError::Corrupt { .. })));
}

#[test]
fn held_calls_wait_for_the_gate_and_others_pass() {
    let (watch, gate) = (Watch::default(), Gate::default());
    let (store, ada) = (accounts(&watch), user(1, "ada"));
    watch.hold("accounts.find", &gate);
    thread::scope(|scope| {
        let held: Vec<_> = (0..3).map(|_| scope.spawn(|| store.find(ada.id))).collect();
        gate.await_waiting(3);
        assert_eq!(store.find_by_name(&ada.name).unwrap(), None);
        assert!(held.iter().all(|call| !call.is_finished()));
        gate.open();
        for call in held {
            assert_eq!(call.join().unwrap().unwrap(), None);
        }
    });
    assert_eq!(store.find(ada.id).unwrap(), None);
}
