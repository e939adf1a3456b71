//! A store in memory in which any method can be replaced by a flawed one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use kunci_domain::ports::{Inserted, Rotated, SessionStore, Touched, Updated};
use kunci_domain::{Session, SessionKey, Timestamp, UserId};
use kunci_memory::MemorySessionStore;
use kunci_testkit::suites::session_store::PROMISES;

use crate::support::{Answer, TRIES};

/// A working store, and the sessions that some flaws remember.
#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) store: MemorySessionStore,
    pub(crate) remembered: Mutex<Vec<(Session, Timestamp)>>,
}

impl Inner {
    /// Writes a session whether or not one exists, which no store should be able to do.
    pub(crate) fn overwrite(&self, session: &Session) {
        self.store.delete(session).unwrap();
        let _ = self.store.insert(session).unwrap();
    }

    /// Returns a session, live or expired.
    pub(crate) fn find_even_expired(&self, key: &SessionKey) -> Option<Session> {
        self.store
            .find(key, Timestamp::from_unix_millis(i64::MIN))
            .unwrap()
    }
}

kunci_testkit::session_store_methods!(flawed);
