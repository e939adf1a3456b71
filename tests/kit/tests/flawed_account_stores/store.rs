//! An account store with one flaw, and helpers to write flaws.

use std::sync::Mutex;

use kunci_domain::ports::{AccountStore, Committed, StoreError};
use kunci_domain::{
    AccountChange, EmailAddress, Event, LinkKey, OneTimeToken, Purpose, Step, Timestamp, User, UserId,
    Username,
};
use kunci_memory::MemoryAccountStore;

pub(crate) type Answer<T> = Result<T, StoreError>;

/// A working store, and a lock that some flaws use.
#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) store: MemoryAccountStore,
    pub(crate) busy: Mutex<()>,
}

impl Inner {
    /// Commits a change that consists of these steps.
    pub(crate) fn commit(&self, steps: impl IntoIterator<Item = Step>, now: Timestamp) -> Answer<Committed> {
        let change = steps.into_iter().fold(AccountChange::new(), AccountChange::and);
        self.store.commit(&change, now)
    }

    /// Commits a change in which each step is replaced by the steps that `edit` returns for it.
    pub(crate) fn commit_edited<Steps: IntoIterator<Item = Step>>(
        &self,
        change: &AccountChange,
        now: Timestamp,
        edit: impl FnMut(Step) -> Steps,
    ) -> Answer<Committed> {
        self.commit(change.steps().iter().cloned().flat_map(edit), now)
    }

    pub(crate) fn user(&self, id: UserId) -> Option<User> {
        self.store.find(id).unwrap()
    }

    pub(crate) fn link(&self, key: &LinkKey, now: Timestamp) -> Option<OneTimeToken> {
        self.store.find_link(key, now).unwrap()
    }

    /// Returns all links that are live at `now`.
    pub(crate) fn links(&self, now: Timestamp) -> Vec<OneTimeToken> {
        let of = |purpose| self.store.list_links(purpose, None, u32::MAX, now).unwrap();
        Purpose::ALL.into_iter().flat_map(of).collect()
    }

    /// Returns the events of a user, the earliest first.
    pub(crate) fn history(&self, user: UserId) -> Vec<Event> {
        let mut events = self.store.events(user, 0, u32::MAX).unwrap();
        events.reverse();
        events
    }
}

/// Defines a store of function pointers, each of which may have a flaw.
macro_rules! flawed {
    (
        $port:ident $prefix:literal:
        $($method:ident($($argument:ident: $type:ty),*) -> $answer:ty = $claimed:expr;)*
    ) => {
        /// A store with one flaw. Without a flaw it behaves like the inner store.
        pub(crate) struct Flawed {
            inner: Inner,
            $(pub(crate) $method: fn(&Inner, $($type),*) -> Answer<$answer>,)*
        }

        impl Flawed {
            pub(crate) fn with(flaw: impl FnOnce(&mut Self)) -> Self {
                let mut flawed = Self {
                    inner: Inner::default(),
                    $($method: |inner, $($argument),*| inner.store.$method($($argument),*),)*
                };
                flaw(&mut flawed);
                flawed
            }
        }

        impl $port for Flawed {
            $(
                fn $method(&self, $($argument: $type),*) -> Answer<$answer> {
                    (self.$method)(&self.inner, $($argument),*)
                }
            )*
        }
    };
}

kunci_testkit::account_store_methods!(flawed);
