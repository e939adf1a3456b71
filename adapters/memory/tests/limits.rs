//! Behaviour of the stores in memory beyond their ports: capacity limits and use as trait objects.

#![allow(clippy::expect_used, reason = "a test fails if a step fails")]

use std::sync::Arc;

use kunci_domain::ports::{AccountStore, Inserted, Rotated, SessionStore, StoreError, Throttle};
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

#[test]
fn stores_work_as_trait_objects() {
    let sessions: Arc<dyn SessionStore> = Arc::new(MemorySessionStore::default());
    assert_eq!(sessions.insert(&visitor(1)).unwrap(), Inserted::Done);
    let accounts: Arc<dyn AccountStore> = Arc::new(MemoryAccountStore::default());
    assert_eq!(accounts.list(None, 10).unwrap(), []);
    let throttle: Arc<dyn Throttle> = Arc::new(MemoryThrottle::default());
    throttle.release(&budget_key(1)).unwrap();
}
