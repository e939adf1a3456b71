//! A store in memory, any method of which can be replaced by a worse one.

use std::sync::Mutex;

use kunci_domain::ports::{Inserted, Rotated, SessionDirectory, SessionStore, StoreError, Touched, Updated};
use kunci_domain::{Session, SessionKey, Timestamp, UserId};
use kunci_memory::MemorySessionStore;

pub(crate) type Answer<T> = Result<T, StoreError>;

/// The store within, and what some flaws have to remember.
#[derive(Default)]
pub(crate) struct Within {
    pub(crate) store: MemorySessionStore,
    pub(crate) aside: Mutex<Vec<(Session, Timestamp)>>,
}

impl Within {
    /// Writes a session whatever is there: what no store should be able to do.
    pub(crate) fn force(&self, session: &Session) {
        self.store.delete(session).unwrap();
        let _ = self.store.insert(session).unwrap();
    }

    /// A session, dead or alive.
    pub(crate) fn any(&self, key: &SessionKey) -> Option<Session> {
        self.store
            .find(key, Timestamp::from_unix_millis(i64::MIN))
            .unwrap()
    }
}

type List = fn(&Within, Option<UserId>, Option<&SessionKey>, u32, Timestamp) -> Answer<Vec<Session>>;

/// A store with one flaw; without it, it is as good as the one within.
pub(crate) struct Flawed {
    within: Within,
    pub(crate) insert: fn(&Within, &Session) -> Answer<Inserted>,
    pub(crate) find: fn(&Within, &SessionKey, Timestamp) -> Answer<Option<Session>>,
    pub(crate) update: fn(&Within, &Session, Timestamp) -> Answer<Updated>,
    pub(crate) touch: fn(&Within, &SessionKey, Timestamp) -> Answer<Touched>,
    pub(crate) rotate: fn(&Within, &Session, &Session, Timestamp) -> Answer<Rotated>,
    pub(crate) delete: fn(&Within, &Session) -> Answer<bool>,
    pub(crate) delete_all_of: fn(&Within, UserId) -> Answer<u64>,
    pub(crate) purge_expired: fn(&Within, Timestamp, u32) -> Answer<u64>,
    pub(crate) list: List,
}

impl Flawed {
    pub(crate) fn but_for(flaw: impl FnOnce(&mut Self)) -> Self {
        let mut flawed = Self {
            within: Within::default(),
            insert: |within, session| within.store.insert(session),
            find: |within, key, now| within.store.find(key, now),
            update: |within, session, now| within.store.update(session, now),
            touch: |within, key, now| within.store.touch(key, now),
            rotate: |within, old, new, now| within.store.rotate(old, new, now),
            delete: |within, session| within.store.delete(session),
            delete_all_of: |within, user| within.store.delete_all_of(user),
            purge_expired: |within, now, limit| within.store.purge_expired(now, limit),
            list: |within, user, after, limit, now| within.store.list(user, after, limit, now),
        };
        flaw(&mut flawed);
        flawed
    }
}

impl SessionStore for Flawed {
    fn insert(&self, session: &Session) -> Answer<Inserted> {
        (self.insert)(&self.within, session)
    }

    fn find(&self, key: &SessionKey, now: Timestamp) -> Answer<Option<Session>> {
        (self.find)(&self.within, key, now)
    }

    fn update(&self, session: &Session, now: Timestamp) -> Answer<Updated> {
        (self.update)(&self.within, session, now)
    }

    fn touch(&self, key: &SessionKey, now: Timestamp) -> Answer<Touched> {
        (self.touch)(&self.within, key, now)
    }

    fn rotate(&self, old: &Session, new: &Session, now: Timestamp) -> Answer<Rotated> {
        (self.rotate)(&self.within, old, new, now)
    }

    fn delete(&self, session: &Session) -> Answer<bool> {
        (self.delete)(&self.within, session)
    }

    fn delete_all_of(&self, user: UserId) -> Answer<u64> {
        (self.delete_all_of)(&self.within, user)
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Answer<u64> {
        (self.purge_expired)(&self.within, now, limit)
    }
}

impl SessionDirectory for Flawed {
    fn list(
        &self,
        user: Option<UserId>,
        after: Option<&SessionKey>,
        limit: u32,
        now: Timestamp,
    ) -> Answer<Vec<Session>> {
        (self.list)(&self.within, user, after, limit, now)
    }
}
