//! The suite detects flaws: each known flaw of session checks breaks the expected promise.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use kunci_domain::ports::{
    AccountStore, CheckedSession, SeparateStores, SessionCheck, SessionStore, StoreError,
};
use kunci_domain::{Admission, SessionKey, Timestamp};
use kunci_memory::{MemoryAccountStore, MemorySessionStore};
use kunci_testkit::samples::{user, visitor};
use kunci_testkit::suites::session_check::{PROMISES, Promise};

type Found = Option<CheckedSession>;

/// Changes what a sound check has found. The user is one that some flaws remember.
type Flaw = fn(Found, &mut Option<Admission>) -> Found;

/// A check whose answers are altered, at a time that may be altered too.
struct Flawed {
    stores: SeparateStores,
    remembered: Mutex<Option<Admission>>,
    flaw: Flaw,
    time: fn(Timestamp) -> Timestamp,
}

impl SessionCheck for Flawed {
    fn check(&self, key: &SessionKey, now: Timestamp) -> Result<Found, StoreError> {
        let found = self.stores.check(key, (self.time)(now))?;
        Ok((self.flaw)(found, &mut self.remembered.lock().unwrap()))
    }
}

/// Returns the names of the promises that a check breaks.
fn broken(flaw: Flaw, time: fn(Timestamp) -> Timestamp) -> Vec<&'static str> {
    let breaks = |promise: Promise| {
        let sessions: Arc<dyn SessionStore> = Arc::new(MemorySessionStore::default());
        let accounts: Arc<dyn AccountStore> = Arc::new(MemoryAccountStore::default());
        let stores = SeparateStores {
            sessions: Arc::clone(&sessions),
            accounts: Arc::clone(&accounts),
        };
        let check = Flawed {
            stores,
            remembered: Mutex::default(),
            flaw,
            time,
        };
        catch_unwind(AssertUnwindSafe(|| promise(&check, &*sessions, &*accounts))).is_err()
    };
    let broken = PROMISES.iter().filter(|(_, promise)| breaks(*promise));
    broken.map(|(name, _)| *name).collect()
}

/// Leaves the time of a check as it is.
fn unchanged(now: Timestamp) -> Timestamp {
    now
}

/// Returns the same session with another user.
fn with(admission: Option<Admission>, found: Found) -> Found {
    found.map(|found| CheckedSession { admission, ..found })
}

#[test]
fn every_promise_holds_without_a_flaw() {
    assert_eq!(broken(|found, _| found, unchanged), [""; 0]);
}

#[test]
fn wrong_sessions_are_caught() {
    let long_ago = |_| Timestamp::from_unix_millis(0);
    assert_eq!(broken(|found, _| found, long_ago), ["expired_session_is_absent"]);
    let invented = |found: Found, _: &mut _| {
        let session = visitor(1);
        found.or(Some(CheckedSession {
            session,
            admission: None,
        }))
    };
    assert!(broken(invented, unchanged).contains(&"unknown_key_is_absent"));
}

#[test]
fn wrong_users_are_caught() {
    let nobody = broken(|found, _| with(None, found), unchanged);
    let want = ["signed_in_session_has_its_user", "acknowledged_changes_are_seen"];
    assert_eq!(nobody, want);
    let anybody = broken(
        |found, _| with(Some(Admission::from(&user(1, "ada"))), found),
        unchanged,
    );
    assert!(anybody.contains(&"visitor_has_no_user"), "{anybody:?}");
    assert!(anybody.contains(&"deleted_user_is_absent"), "{anybody:?}");
}

#[test]
fn caching_the_user_is_caught() {
    let cached = |found: Found, remembered: &mut Option<Admission>| {
        let read = found.as_ref().and_then(|found| found.admission.clone());
        *remembered = remembered.take().or(read);
        with(remembered.clone(), found)
    };
    assert_eq!(broken(cached, unchanged), ["acknowledged_changes_are_seen"]);
}
