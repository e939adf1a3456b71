//! An account store with one flaw, and helpers to write flaws.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{
    AccountChange, BudgetKind, BudgetOwner, EmailAddress, Event, LinkKey, OneTimeToken, PasswordHash,
    Purpose, Step, Timestamp, UsedBudget, User, UserId, Username,
};
use kunci_memory::MemoryAccountStore;
use kunci_testkit::suites::account_store::PROMISES;

use crate::support::{Answer, TRIES};

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

kunci_testkit::account_store_methods!(flawed);
