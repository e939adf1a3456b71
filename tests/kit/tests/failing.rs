//! [`Failing`] keeps the promises of the inner store without a plan, and fails as planned with one.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

use std::sync::Arc;
use std::time::Duration;

use kunci_domain::ports::{AccountStore, SessionStore, StoreError, Throttle};
use kunci_domain::{AccountChange, Budget};
use kunci_memory::{MemoryAccountStore, MemorySessionStore, MemoryThrottle};
use kunci_testkit::fakes::{Failing, FailurePlan};
use kunci_testkit::samples::{address, budget_key, invitation, key, start, user, user_id, visitor};

mod sessions {
    kunci_testkit::session_store_suite!(((), super::sessions(super::FailurePlan::Never)));
}

mod accounts {
    kunci_testkit::account_store_suite!(((), super::accounts(super::FailurePlan::Never)));
}

mod two_account_stores {
    kunci_testkit::shared_account_store_suite!(super::accounts_twice());
}

mod throttle {
    kunci_testkit::throttle_suite!(((), super::throttle(super::FailurePlan::Never)));
}

fn sessions(plan: FailurePlan) -> Failing<dyn SessionStore> {
    Failing::new(Arc::new(MemorySessionStore::default()), plan)
}

fn accounts(plan: FailurePlan) -> Failing<dyn AccountStore> {
    Failing::new(Arc::new(MemoryAccountStore::default()), plan)
}

fn accounts_twice() -> ((), Failing<dyn AccountStore>, Failing<dyn AccountStore>) {
    let inner: Arc<dyn AccountStore> = Arc::new(MemoryAccountStore::default());
    let other = Failing::new(Arc::clone(&inner), FailurePlan::Never);
    ((), Failing::new(inner, FailurePlan::Never), other)
}

fn throttle(plan: FailurePlan) -> Failing<dyn Throttle> {
    Failing::new(Arc::new(MemoryThrottle::default()), plan)
}

fn is_unavailable<T>(answer: Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable { store: "failing", .. }))
}

#[test]
fn planned_call_fails_and_changes_nothing() {
    let store = sessions(FailurePlan::OnCall(2));
    assert!(store.insert(&visitor(1)).is_ok());
    assert!(is_unavailable(store.delete(&visitor(1))));
    assert!(store.find(&key(1), start()).unwrap().is_some());
    assert_eq!(store.calls(), 3);
}

#[test]
fn calls_fail_until_the_plan_changes() {
    let store = sessions(FailurePlan::FromCall(2));
    assert!(store.insert(&visitor(1)).is_ok());
    assert!(is_unavailable(store.find(&key(1), start())));
    assert!(is_unavailable(store.update(&visitor(1), start())));
    assert!(is_unavailable(store.touch(&key(1), start())));
    assert!(is_unavailable(store.rotate(&visitor(1), &visitor(2), start())));
    assert!(is_unavailable(store.delete(&visitor(1))));
    assert!(is_unavailable(store.delete_all_of(user_id(1))));
    assert!(is_unavailable(store.purge_expired(start(), 1)));
    assert!(is_unavailable(store.list(None, None, 1, start())));
    assert!(is_unavailable(store.insert(&visitor(2))));
    store.set_plan(FailurePlan::OnCall(2));
    assert!(store.find(&key(1), start()).unwrap().is_some());
    assert!(is_unavailable(store.find(&key(1), start())));
    assert!(store.find(&key(2), start()).unwrap().is_none());
}

#[test]
fn account_store_calls_fail() {
    let store = accounts(FailurePlan::FromCall(1));
    let (ada, link) = (user(1, "ada"), invitation(1));
    assert!(is_unavailable(store.find(ada.id)));
    assert!(is_unavailable(store.find_by_name(&ada.name)));
    assert!(is_unavailable(
        store.find_by_address(&address("ada@example.org"), 1)
    ));
    assert!(is_unavailable(store.list(None, 1)));
    assert!(is_unavailable(store.find_link(&link.key, start())));
    assert!(is_unavailable(store.list_links(link.purpose, None, 1, start())));
    assert!(is_unavailable(store.events(ada.id, 0, 1)));
    assert!(is_unavailable(store.commit(&AccountChange::new(), start())));
    assert!(is_unavailable(store.purge(start(), start(), 1)));
}

#[test]
fn throttle_calls_fail() {
    let (throttle, every) = (throttle(FailurePlan::FromCall(1)), Duration::from_secs(1));
    let budget = Budget { at_once: 1, every };
    assert!(is_unavailable(throttle.take(&budget_key(1), budget, start())));
    assert!(is_unavailable(throttle.give_back(
        &budget_key(1),
        budget,
        start()
    )));
    assert!(is_unavailable(throttle.used(&budget_key(1), budget, start())));
    assert!(is_unavailable(throttle.forget(&budget_key(1))));
}
