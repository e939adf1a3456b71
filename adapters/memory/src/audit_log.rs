//! Audit log in memory: events by number, with indices by user and by time.
//!
//! The number of events is not limited; a purge removes old ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use kunci_domain::ports::{AuditLog, StoreError};
use kunci_domain::{Event, Timestamp, UserId};

use crate::error::MemoryError;

/// An audit log in memory.
#[derive(Debug, Default)]
pub struct MemoryAuditLog {
    events: RwLock<Events>,
}

impl MemoryAuditLog {
    fn read(&self) -> Result<RwLockReadGuard<'_, Events>, MemoryError> {
        Ok(self.events.read()?)
    }

    fn write(&self) -> Result<RwLockWriteGuard<'_, Events>, MemoryError> {
        Ok(self.events.write()?)
    }
}

impl AuditLog for MemoryAuditLog {
    fn append(&self, event: &Event) -> Result<(), StoreError> {
        self.write()?.add(event.clone());
        Ok(())
    }

    fn list(&self, user: UserId, skip: u32, limit: u32) -> Result<Vec<Event>, StoreError> {
        let events = self.read()?;
        let latest_first = events.numbers_of(user).rev().skip(skip as usize);
        let found = latest_first.filter_map(|number| events.by_number.get(&number));
        Ok(found.take(limit as usize).cloned().collect())
    }

    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        let mut events = self.write()?;
        let numbers: Vec<u64> = events.numbers_of(user).collect();
        events.remove_all(&numbers);
        Ok(numbers.len() as u64)
    }

    fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut events = self.write()?;
        let old = events
            .by_time
            .iter()
            .map_while(|(at, number)| (*at < before).then_some(*number));
        let numbers: Vec<u64> = old.take(limit as usize).collect();
        events.remove_all(&numbers);
        Ok(numbers.len() as u64)
    }
}

/// The events in the order of appending, with indices by user and by time.
///
/// Only `add` and `remove_all` write, so the maps agree.
#[derive(Debug, Default)]
struct Events {
    next_number: u64,
    by_number: BTreeMap<u64, Event>,
    by_user: BTreeSet<(UserId, u64)>,
    by_time: BTreeSet<(Timestamp, u64)>,
}

impl Events {
    fn add(&mut self, event: Event) {
        let number = self.next_number;
        self.next_number += 1;
        self.by_user.insert((event.user, number));
        self.by_time.insert((event.at, number));
        self.by_number.insert(number, event);
    }

    fn remove_all(&mut self, numbers: &[u64]) {
        for number in numbers {
            if let Some(event) = self.by_number.remove(number) {
                self.by_user.remove(&(event.user, *number));
                self.by_time.remove(&(event.at, *number));
            }
        }
    }

    fn numbers_of(&self, user: UserId) -> impl DoubleEndedIterator<Item = u64> {
        self.by_user
            .range((user, 0)..=(user, u64::MAX))
            .map(|(_, number)| *number)
    }
}
