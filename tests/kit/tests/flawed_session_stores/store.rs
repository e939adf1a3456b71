//! A store in memory in which any method can be replaced by a flawed one.

use std::sync::Mutex;

use kunci_domain::ports::{Inserted, Rotated, SessionStore, StoreError, Touched, Updated};
use kunci_domain::{Session, SessionKey, Timestamp, UserId};
use kunci_memory::MemorySessionStore;

pub(crate) type Answer<T> = Result<T, StoreError>;

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

type List = fn(&Inner, Option<UserId>, Option<&SessionKey>, u32, Timestamp) -> Answer<Vec<Session>>;

/// A store with one flaw. Without a flaw it behaves like the inner store.
pub(crate) struct Flawed {
    inner: Inner,
    pub(crate) insert: fn(&Inner, &Session) -> Answer<Inserted>,
    pub(crate) find: fn(&Inner, &SessionKey, Timestamp) -> Answer<Option<Session>>,
    pub(crate) update: fn(&Inner, &Session, Timestamp) -> Answer<Updated>,
    pub(crate) touch: fn(&Inner, &SessionKey, Timestamp) -> Answer<Touched>,
    pub(crate) rotate: fn(&Inner, &Session, &Session, Timestamp) -> Answer<Rotated>,
    pub(crate) delete: fn(&Inner, &Session) -> Answer<bool>,
    pub(crate) delete_all_of: fn(&Inner, UserId) -> Answer<u64>,
    pub(crate) purge_expired: fn(&Inner, Timestamp, u32) -> Answer<u64>,
    pub(crate) list: List,
}

impl Flawed {
    pub(crate) fn with(flaw: impl FnOnce(&mut Self)) -> Self {
        let mut flawed = Self {
            inner: Inner::default(),
            insert: |inner, session| inner.store.insert(session),
            find: |inner, key, now| inner.store.find(key, now),
            update: |inner, session, now| inner.store.update(session, now),
            touch: |inner, key, now| inner.store.touch(key, now),
            rotate: |inner, old, new, now| inner.store.rotate(old, new, now),
            delete: |inner, session| inner.store.delete(session),
            delete_all_of: |inner, user| inner.store.delete_all_of(user),
            purge_expired: |inner, now, limit| inner.store.purge_expired(now, limit),
            list: |inner, user, after, limit, now| inner.store.list(user, after, limit, now),
        };
        flaw(&mut flawed);
        flawed
    }
}

impl SessionStore for Flawed {
    fn insert(&self, session: &Session) -> Answer<Inserted> {
        (self.insert)(&self.inner, session)
    }

    fn find(&self, key: &SessionKey, now: Timestamp) -> Answer<Option<Session>> {
        (self.find)(&self.inner, key, now)
    }

    fn update(&self, session: &Session, now: Timestamp) -> Answer<Updated> {
        (self.update)(&self.inner, session, now)
    }

    fn touch(&self, key: &SessionKey, now: Timestamp) -> Answer<Touched> {
        (self.touch)(&self.inner, key, now)
    }

    fn rotate(&self, old: &Session, new: &Session, now: Timestamp) -> Answer<Rotated> {
        (self.rotate)(&self.inner, old, new, now)
    }

    fn delete(&self, session: &Session) -> Answer<bool> {
        (self.delete)(&self.inner, session)
    }

    fn delete_all_of(&self, user: UserId) -> Answer<u64> {
        (self.delete_all_of)(&self.inner, user)
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Answer<u64> {
        (self.purge_expired)(&self.inner, now, limit)
    }

    fn list(
        &self,
        user: Option<UserId>,
        after: Option<&SessionKey>,
        limit: u32,
        now: Timestamp,
    ) -> Answer<Vec<Session>> {
        (self.list)(&self.inner, user, after, limit, now)
    }
}
