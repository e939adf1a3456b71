//! Behaviour of the stores in memory beyond their ports: capacity limits and use as trait objects.

#![allow(clippy::expect_used, reason = "a test fails if a step fails")]

use std::sync::Arc;
use std::time::Duration;

use kunci_domain::Budget;
use kunci_domain::ports::{AccountStore, Inserted, Rotated, SessionStore, StoreError, Taken, Throttle};
use kunci_memory::{MemoryAccountStore, MemorySessionStore, MemoryThrottle};
use kunci_testkit::samples::{budget_key, key, start, visitor};

#[test]
fn full_store_refuses_inserts_until_space_is_free() {
    let store = MemorySessionStore::with_capacity(2);
    assert_eq!(store.insert(&visitor(1)).unwrap(), Inserted::Done);
    assert_eq!(store.insert(&visitor(2)).unwrap(), Inserted::Done);
    let refused = store.insert(&visitor(3));
    assert!(matches!(
        refused,
        Err(StoreError::Unavailable { store: "memory", .. })
    ));
    assert_eq!(store.find(&key(3), start()).unwrap(), None);
    assert!(store.delete(&visitor(1)).unwrap());
    assert_eq!(store.insert(&visitor(3)).unwrap(), Inserted::Done);
}

#[test]
fn full_store_still_rotates_and_reports_collisions() {
    let store = MemorySessionStore::with_capacity(1);
    assert_eq!(store.insert(&visitor(1)).unwrap(), Inserted::Done);
    assert_eq!(store.insert(&visitor(1)).unwrap(), Inserted::Collision);
    assert_eq!(
        store.rotate(&visitor(1), &visitor(2), start()).unwrap(),
        Rotated::Done
    );
    assert!(store.find(&key(2), start()).unwrap().is_some());
}

#[test]
fn expired_sessions_use_capacity_until_purged() {
    let store = MemorySessionStore::with_capacity(1);
    assert_eq!(store.insert(&visitor(1)).unwrap(), Inserted::Done);
    assert!(store.insert(&visitor(2)).is_err());
    assert_eq!(store.purge_expired(visitor(1).expires_at(), 10).unwrap(), 1);
    assert_eq!(store.insert(&visitor(2)).unwrap(), Inserted::Done);
}

const BUDGET: Budget = Budget {
    at_once: 5,
    every: Duration::from_secs(60),
};

#[track_caller]
fn used(throttle: &MemoryThrottle, number: u64) -> u32 {
    throttle
        .used(&budget_key(number), BUDGET, start())
        .expect("the throttle answers")
}

#[test]
fn full_throttle_evicts_the_budget_refilled_soonest() {
    let throttle = MemoryThrottle::with_capacity(3);
    let take = |number| throttle.take(&budget_key(number), BUDGET, start()).unwrap();
    for number in [1, 2, 2, 3, 3, 3, 1, 1] {
        assert_eq!(take(number), Taken::Granted);
    }
    assert_eq!([1, 2, 3].map(|number| used(&throttle, number)), [3, 2, 3]);
    assert_eq!(take(4), Taken::Granted);
    assert_eq!([1, 2, 3, 4].map(|number| used(&throttle, number)), [3, 0, 3, 1]);
    // A key that is already counted evicts no other.
    assert_eq!(take(4), Taken::Granted);
    assert_eq!([1, 3, 4].map(|number| used(&throttle, number)), [3, 3, 2]);
}

#[test]
fn fully_returned_budget_is_evicted_first() {
    let throttle = MemoryThrottle::with_capacity(2);
    for number in [1, 2] {
        assert_eq!(
            throttle.take(&budget_key(number), BUDGET, start()).unwrap(),
            Taken::Granted
        );
    }
    throttle.give_back(&budget_key(1), BUDGET, start()).unwrap();
    assert_eq!(
        throttle.take(&budget_key(3), BUDGET, start()).unwrap(),
        Taken::Granted
    );
    assert_eq!([2, 3].map(|number| used(&throttle, number)), [1, 1]);
}

#[test]
fn stores_work_as_trait_objects() {
    let sessions: Arc<dyn SessionStore> = Arc::new(MemorySessionStore::default());
    assert_eq!(sessions.insert(&visitor(1)).unwrap(), Inserted::Done);
    let accounts: Arc<dyn AccountStore> = Arc::new(MemoryAccountStore::default());
    assert_eq!(accounts.list(None, 10).unwrap(), []);
    let throttle: Arc<dyn Throttle> = Arc::new(MemoryThrottle::default());
    assert_eq!(throttle.used(&budget_key(1), BUDGET, start()).unwrap(), 0);
}
