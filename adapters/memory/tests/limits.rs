//! What the stores in memory do beyond their ports: a limit on sessions, and use as trait objects.

use std::sync::Arc;

use kunci_domain::ports::{Inserted, Rotated, SessionDirectory, SessionStore, StoreError, UserStore};
use kunci_memory::{MemorySessionStore, MemoryUserStore};
use kunci_testkit::samples::{key, start, visitor};

#[test]
fn a_full_store_refuses_new_sessions_until_a_place_is_free() {
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
fn a_full_store_still_rotates_and_reports_collisions() {
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
fn expired_sessions_keep_their_places_until_they_are_purged() {
    let store = MemorySessionStore::with_capacity(1);
    assert_eq!(store.insert(&visitor(1)).unwrap(), Inserted::Done);
    assert!(store.insert(&visitor(2)).is_err());
    assert_eq!(store.purge_expired(visitor(1).expires_at(), 10).unwrap(), 1);
    assert_eq!(store.insert(&visitor(2)).unwrap(), Inserted::Done);
}

#[test]
fn the_stores_are_trait_objects() {
    let store = Arc::new(MemorySessionStore::default());
    let sessions: Arc<dyn SessionStore> = store.clone();
    let directory: Arc<dyn SessionDirectory> = store;
    let users: Arc<dyn UserStore> = Arc::new(MemoryUserStore::default());
    assert_eq!(sessions.insert(&visitor(1)).unwrap(), Inserted::Done);
    assert_eq!(directory.list(None, None, 10, start()).unwrap().len(), 1);
    assert_eq!(users.list(None, 10).unwrap(), []);
}
