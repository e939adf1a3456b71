//! A token store with one flaw, and what flaws are made of.

use std::sync::Mutex;

use kunci_domain::ports::{Inserted, StoreError, TokenStore};
use kunci_domain::{LinkKey, OneTimeToken, Purpose, Timestamp, UserId};
use kunci_memory::MemoryTokenStore;
use kunci_testkit::samples::start;

pub(crate) type Answer<T> = Result<T, StoreError>;
type List = fn(&Within, Purpose, Option<&LinkKey>, u32, Timestamp) -> Answer<Vec<OneTimeToken>>;

/// A store that works, and a place for what a flaw wants to remember.
#[derive(Default)]
pub(crate) struct Within {
    pub(crate) store: MemoryTokenStore,
    pub(crate) aside: Mutex<Vec<OneTimeToken>>,
}

impl Within {
    pub(crate) fn remember(&self, token: &OneTimeToken) {
        self.aside.lock().unwrap().push(token.clone());
    }

    /// The token as it was issued.
    pub(crate) fn remembered(&self, key: &LinkKey) -> Option<OneTimeToken> {
        let aside = self.aside.lock().unwrap();
        aside.iter().rev().find(|token| token.key == *key).cloned()
    }

    /// Writes a token whatever is there: what no store should be able to do.
    pub(crate) fn force(&self, token: &OneTimeToken) {
        self.store.void(&token.key, start()).unwrap();
        let _ = self.store.issue(token).unwrap();
    }
}

/// A store with one flaw; without it, it is as good as the one within.
pub(crate) struct Flawed {
    pub(crate) within: Within,
    pub(crate) issue: fn(&Within, &OneTimeToken) -> Answer<Inserted>,
    pub(crate) find: fn(&Within, &LinkKey, Timestamp) -> Answer<Option<OneTimeToken>>,
    pub(crate) spend: fn(&Within, &LinkKey, Purpose, Timestamp) -> Answer<Option<OneTimeToken>>,
    pub(crate) give_back: fn(&Within, &LinkKey, Timestamp) -> Answer<()>,
    pub(crate) void: fn(&Within, &LinkKey, Timestamp) -> Answer<bool>,
    pub(crate) void_all_of: fn(&Within, UserId) -> Answer<u64>,
    pub(crate) list: List,
    pub(crate) purge_expired: fn(&Within, Timestamp, u32) -> Answer<u64>,
}

impl Flawed {
    pub(crate) fn but_for(flaw: impl FnOnce(&mut Self)) -> Self {
        let mut flawed = Self {
            within: Within::default(),
            issue: |within, token| within.store.issue(token),
            find: |within, key, now| within.store.find(key, now),
            spend: |within, key, purpose, now| within.store.spend(key, purpose, now),
            give_back: |within, key, now| within.store.give_back(key, now),
            void: |within, key, now| within.store.void(key, now),
            void_all_of: |within, user| within.store.void_all_of(user),
            list: |within, purpose, after, limit, now| within.store.list(purpose, after, limit, now),
            purge_expired: |within, now, limit| within.store.purge_expired(now, limit),
        };
        flaw(&mut flawed);
        flawed
    }
}

impl TokenStore for Flawed {
    fn issue(&self, token: &OneTimeToken) -> Answer<Inserted> {
        (self.issue)(&self.within, token)
    }

    fn find(&self, key: &LinkKey, now: Timestamp) -> Answer<Option<OneTimeToken>> {
        (self.find)(&self.within, key, now)
    }

    fn spend(&self, key: &LinkKey, purpose: Purpose, now: Timestamp) -> Answer<Option<OneTimeToken>> {
        (self.spend)(&self.within, key, purpose, now)
    }

    fn give_back(&self, key: &LinkKey, now: Timestamp) -> Answer<()> {
        (self.give_back)(&self.within, key, now)
    }

    fn void(&self, key: &LinkKey, now: Timestamp) -> Answer<bool> {
        (self.void)(&self.within, key, now)
    }

    fn void_all_of(&self, user: UserId) -> Answer<u64> {
        (self.void_all_of)(&self.within, user)
    }

    fn list(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Answer<Vec<OneTimeToken>> {
        (self.list)(&self.within, purpose, after, limit, now)
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Answer<u64> {
        (self.purge_expired)(&self.within, now, limit)
    }
}
