//! The store that fails when told to: as good as the one within when told nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use kunci_domain::ports::{SessionDirectory, SessionStore, StoreError, UserStore};
use kunci_memory::{MemorySessionStore, MemoryUserStore};
use kunci_testkit::fakes::{Failing, FailurePlan};
use kunci_testkit::samples::{key, start, user, user_id, visitor};

mod sessions {
    kunci_testkit::session_store_suite!(((), super::sessions(super::FailurePlan::Never)));
}

mod users {
    kunci_testkit::user_store_suite!(((), super::users(super::FailurePlan::Never)));
}

fn sessions(plan: FailurePlan) -> Failing<dyn SessionStore> {
    Failing::new(Arc::new(MemorySessionStore::default()), plan)
}

fn users(plan: FailurePlan) -> Failing<dyn UserStore> {
    Failing::new(Arc::new(MemoryUserStore::default()), plan)
}

fn is_unavailable<T>(answer: Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable { store: "failing", .. }))
}

#[test]
fn one_call_fails_and_does_nothing() {
    let store = sessions(FailurePlan::OnCall(2));
    assert!(store.insert(&visitor(1)).is_ok());
    assert!(is_unavailable(store.delete(&visitor(1))));
    assert!(store.find(&key(1), start()).unwrap().is_some());
    assert_eq!(store.calls(), 3);
}

#[test]
fn all_calls_fail_from_one_on_until_there_is_another_plan() {
    let store = sessions(FailurePlan::FromCall(2));
    assert!(store.insert(&visitor(1)).is_ok());
    assert!(is_unavailable(store.find(&key(1), start())));
    assert!(is_unavailable(store.update(&visitor(1), start())));
    assert!(is_unavailable(store.touch(&key(1), start())));
    assert!(is_unavailable(store.rotate(&visitor(1), &visitor(2), start())));
    assert!(is_unavailable(store.delete(&visitor(1))));
    assert!(is_unavailable(store.delete_all_of(user_id(1))));
    assert!(is_unavailable(store.purge_expired(start(), 1)));
    assert!(is_unavailable(store.insert(&visitor(2))));
    store.set_plan(FailurePlan::OnCall(2));
    assert!(store.find(&key(1), start()).unwrap().is_some());
    assert!(is_unavailable(store.find(&key(1), start())));
    assert!(store.find(&key(2), start()).unwrap().is_none());
}

#[test]
fn users_and_directories_fail_too() {
    let store = users(FailurePlan::FromCall(1));
    let ada = user(1, "ada");
    assert!(is_unavailable(store.insert(&ada)));
    assert!(is_unavailable(store.find(ada.id)));
    assert!(is_unavailable(store.find_by_name(&ada.name)));
    assert!(is_unavailable(store.update(&ada)));
    assert!(is_unavailable(store.delete(ada.id)));
    assert!(is_unavailable(store.list(None, 1)));
    let within: Arc<dyn SessionDirectory> = Arc::new(MemorySessionStore::default());
    let directory = Failing::new(within, FailurePlan::OnCall(1));
    assert!(is_unavailable(directory.list(None, None, 1, start())));
    assert!(directory.list(None, None, 1, start()).is_ok());
}
