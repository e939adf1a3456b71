//! A token store with one flaw, and helpers to write flaws.

use std::sync::Mutex;

use kunci_domain::ports::{Inserted, StoreError, TokenStore};
use kunci_domain::{LinkKey, OneTimeToken, Purpose, Timestamp, UserId};
use kunci_memory::MemoryTokenStore;
use kunci_testkit::samples::start;

pub(crate) type Answer<T> = Result<T, StoreError>;
type List = fn(&Inner, Purpose, Option<&LinkKey>, u32, Timestamp) -> Answer<Vec<OneTimeToken>>;

/// A working store, and the issued tokens that some flaws remember.
#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) store: MemoryTokenStore,
    pub(crate) issued: Mutex<Vec<OneTimeToken>>,
}

impl Inner {
    pub(crate) fn remember(&self, token: &OneTimeToken) {
        self.issued.lock().unwrap().push(token.clone());
    }

    /// Returns the token as it was issued.
    pub(crate) fn issued_as(&self, key: &LinkKey) -> Option<OneTimeToken> {
        let issued = self.issued.lock().unwrap();
        issued.iter().rev().find(|token| token.key == *key).cloned()
    }

    /// Writes a token whether or not one exists, which no store should be able to do.
    pub(crate) fn overwrite(&self, token: &OneTimeToken) {
        self.store.void(&token.key, start()).unwrap();
        let _ = self.store.issue(token).unwrap();
    }
}

/// A store with one flaw. Without a flaw it behaves like the inner store.
pub(crate) struct Flawed {
    pub(crate) inner: Inner,
    pub(crate) issue: fn(&Inner, &OneTimeToken) -> Answer<Inserted>,
    pub(crate) find: fn(&Inner, &LinkKey, Timestamp) -> Answer<Option<OneTimeToken>>,
    pub(crate) spend: fn(&Inner, &LinkKey, Purpose, Timestamp) -> Answer<Option<OneTimeToken>>,
    pub(crate) give_back: fn(&Inner, &LinkKey, Timestamp) -> Answer<()>,
    pub(crate) void: fn(&Inner, &LinkKey, Timestamp) -> Answer<bool>,
    pub(crate) void_all_of: fn(&Inner, UserId) -> Answer<u64>,
    pub(crate) list: List,
    pub(crate) purge_expired: fn(&Inner, Timestamp, u32) -> Answer<u64>,
}

impl Flawed {
    pub(crate) fn with(flaw: impl FnOnce(&mut Self)) -> Self {
        let mut flawed = Self {
            inner: Inner::default(),
            issue: |inner, token| inner.store.issue(token),
            find: |inner, key, now| inner.store.find(key, now),
            spend: |inner, key, purpose, now| inner.store.spend(key, purpose, now),
            give_back: |inner, key, now| inner.store.give_back(key, now),
            void: |inner, key, now| inner.store.void(key, now),
            void_all_of: |inner, user| inner.store.void_all_of(user),
            list: |inner, purpose, after, limit, now| inner.store.list(purpose, after, limit, now),
            purge_expired: |inner, now, limit| inner.store.purge_expired(now, limit),
        };
        flaw(&mut flawed);
        flawed
    }
}

impl TokenStore for Flawed {
    fn issue(&self, token: &OneTimeToken) -> Answer<Inserted> {
        (self.issue)(&self.inner, token)
    }

    fn find(&self, key: &LinkKey, now: Timestamp) -> Answer<Option<OneTimeToken>> {
        (self.find)(&self.inner, key, now)
    }

    fn spend(&self, key: &LinkKey, purpose: Purpose, now: Timestamp) -> Answer<Option<OneTimeToken>> {
        (self.spend)(&self.inner, key, purpose, now)
    }

    fn give_back(&self, key: &LinkKey, now: Timestamp) -> Answer<()> {
        (self.give_back)(&self.inner, key, now)
    }

    fn void(&self, key: &LinkKey, now: Timestamp) -> Answer<bool> {
        (self.void)(&self.inner, key, now)
    }

    fn void_all_of(&self, user: UserId) -> Answer<u64> {
        (self.void_all_of)(&self.inner, user)
    }

    fn list(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Answer<Vec<OneTimeToken>> {
        (self.list)(&self.inner, purpose, after, limit, now)
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Answer<u64> {
        (self.purge_expired)(&self.inner, now, limit)
    }
}
