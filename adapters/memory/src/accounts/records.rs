//! The records with their indices, and an undo log.
//!
//! Every write goes through [`Records::write`], which updates the indices and returns the opposite write. A
//! refused change is undone by making the opposite writes in reverse order.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use kunci_domain::{BudgetKind, Event, LinkKey, OneTimeToken, Timestamp, UsedBudget, User, UserId, Username};

/// All records. Other modules read the maps and write through the methods.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) users: BTreeMap<UserId, User>,
    /// The ids in the order of the folded names, which are unique because they are keys.
    pub(super) ids_by_name: BTreeMap<String, UserId>,

    pub(super) links: BTreeMap<LinkKey, OneTimeToken>,
    links_by_user: BTreeSet<(UserId, LinkKey)>,
    links_by_expiry: BTreeSet<(Timestamp, LinkKey)>,

    /// The events by number, in the order in which they were appended.
    pub(super) events: BTreeMap<u64, Event>,
    events_by_user: BTreeSet<(UserId, u64)>,
    events_by_time: BTreeSet<(Timestamp, u64)>,
    next_number: u64,

    /// The budgets that are not full.
    pub(super) budgets: HashMap<BudgetPlace, UsedBudget>,

    undo_log: Vec<Write>,
}

/// What a budget belongs to, and its kind.
pub(super) type BudgetPlace = (BudgetHolder, BudgetKind);

/// What a budget belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum BudgetHolder {
    Account(UserId),
    /// One of the shares of all names without an account.
    Share(u16),
}

/// A write of one record. `None` removes it.
#[derive(Debug)]
enum Write {
    User(UserId, Option<User>),
    Link(LinkKey, Option<OneTimeToken>),
    Event(u64, Option<Event>),
    Budget(BudgetPlace, Option<UsedBudget>),
}

impl Records {
    pub(super) fn put_user(&mut self, user: User) {
        self.apply(Write::User(user.id, Some(user)));
    }

    pub(super) fn remove_user(&mut self, id: UserId) {
        self.apply(Write::User(id, None));
    }

    pub(super) fn put_link(&mut self, link: OneTimeToken) {
        self.apply(Write::Link(link.key, Some(link)));
    }

    pub(super) fn remove_links(&mut self, keys: &[LinkKey]) {
        keys.iter().for_each(|key| self.apply(Write::Link(*key, None)));
    }

    pub(super) fn append_event(&mut self, event: Event) {
        self.apply(Write::Event(self.next_number, Some(event)));
        self.next_number += 1;
    }

    pub(super) fn write_budget(&mut self, place: BudgetPlace, used: Option<UsedBudget>) {
        self.apply(Write::Budget(place, used));
    }

    pub(super) fn remove_events(&mut self, numbers: &[u64]) {
        numbers
            .iter()
            .for_each(|number| self.apply(Write::Event(*number, None)));
    }

    /// Makes all writes since the last call permanent.
    pub(super) fn keep(&mut self) {
        self.undo_log.clear();
    }

    /// Undoes all writes since the last call of [`keep`](Self::keep).
    pub(super) fn undo(&mut self) {
        while let Some(opposite) = self.undo_log.pop() {
            self.write(opposite);
        }
    }

    fn apply(&mut self, write: Write) {
        let opposite = self.write(write);
        self.undo_log.push(opposite);
    }

    /// Writes a record and its index entries. Returns the write that restores the earlier state.
    fn write(&mut self, write: Write) -> Write {
        match write {
            Write::User(id, new) => Write::User(id, self.write_user(id, new)),
            Write::Link(key, new) => Write::Link(key, self.write_link(key, new)),
            Write::Event(number, new) => Write::Event(number, self.write_event(number, new)),
            Write::Budget(place, Some(new)) => Write::Budget(place, self.budgets.insert(place, new)),
            Write::Budget(place, None) => Write::Budget(place, self.budgets.remove(&place)),
        }
    }

    fn write_user(&mut self, id: UserId, new: Option<User>) -> Option<User> {
        let old = self.users.remove(&id);
        if let Some(user) = &old {
            self.ids_by_name.remove(user.name.folded());
        }
        if let Some(user) = new {
            self.ids_by_name.insert(user.name.folded().to_owned(), id);
            self.users.insert(id, user);
        }
        old
    }

    fn write_link(&mut self, key: LinkKey, new: Option<OneTimeToken>) -> Option<OneTimeToken> {
        let old = self.links.remove(&key);
        if let Some(link) = &old {
            self.links_by_expiry.remove(&(link.expires_at, key));
            link.account
                .map(|(user, _)| self.links_by_user.remove(&(user, key)));
        }
        if let Some(link) = new {
            self.links_by_expiry.insert((link.expires_at, key));
            self.links_by_user
                .extend(link.account.map(|(user, _)| (user, key)));
            self.links.insert(key, link);
        }
        old
    }

    fn write_event(&mut self, number: u64, new: Option<Event>) -> Option<Event> {
        let old = self.events.remove(&number);
        if let Some(event) = &old {
            event
                .target
                .map(|user| self.events_by_user.remove(&(user, number)));
            self.events_by_time.remove(&(event.at, number));
        }
        if let Some(event) = new {
            self.events_by_user
                .extend(event.target.map(|user| (user, number)));
            self.events_by_time.insert((event.at, number));
            self.events.insert(number, event);
        }
        old
    }
}

impl Records {
    /// Returns the users in the order of their folded names, starting after the name `after`.
    pub(super) fn users_after(&self, after: Option<&Username>) -> impl Iterator<Item = &User> {
        let from = after.map_or(Bound::Unbounded, |name| Bound::Excluded(name.folded()));
        let ids = self.ids_by_name.range::<str, _>((from, Bound::Unbounded));
        ids.filter_map(|(_, id)| self.users.get(id))
    }

    /// Returns the link with this key if it is live.
    pub(super) fn live_link(&self, key: &LinkKey, now: Timestamp) -> Option<&OneTimeToken> {
        self.links.get(key).filter(|link| link.is_live(now))
    }

    /// Returns the links that act on the account of a user, live or not.
    pub(super) fn links_of(&self, user: UserId) -> impl Iterator<Item = &OneTimeToken> {
        const LOWEST: LinkKey = LinkKey::from_stored([0; LinkKey::LEN]);
        let entries = self.links_by_user.range((user, LOWEST)..);
        let keys = entries.take_while(move |(owner, _)| *owner == user);
        keys.filter_map(|(_, key)| self.links.get(key))
    }

    /// Returns the keys of at most `limit` links that have expired at `now`.
    pub(super) fn expired_links(&self, now: Timestamp, limit: u32) -> Vec<LinkKey> {
        let expired = self.links_by_expiry.iter().take_while(|(end, _)| *end <= now);
        expired.take(limit as usize).map(|(_, key)| *key).collect()
    }

    /// Returns the numbers of the events whose target is a user, the earliest first.
    pub(super) fn events_of(&self, user: UserId) -> impl DoubleEndedIterator<Item = u64> {
        let entries = self.events_by_user.range((user, 0)..=(user, u64::MAX));
        entries.map(|(_, number)| *number)
    }

    /// Returns the numbers of at most `limit` events from before `time`.
    pub(super) fn events_before(&self, time: Timestamp, limit: u32) -> Vec<u64> {
        let old = self.events_by_time.iter().take_while(|(at, _)| *at < time);
        old.take(limit as usize).map(|(_, number)| *number).collect()
    }
}
