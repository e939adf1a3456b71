//! Users in memory: a map by id, with an index by folded name.
//!
//! The number of users is not limited; the cost of hashing a password bounds the rate of sign-ups.
//! There is no index by email address: a search reads every user.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use kunci_domain::ports::{StoreError, Updated, UserInserted, UserStore};
use kunci_domain::{EmailAddress, User, UserId, Username};

use crate::error::MemoryError;

/// A user store in memory.
#[derive(Debug, Default)]
pub struct MemoryUserStore {
    users: RwLock<Users>,
}

/// The users by id, and their ids in the order of the folded names, which are unique because they are
/// keys.
#[derive(Debug, Default)]
struct Users {
    by_id: HashMap<UserId, User>,
    by_name: BTreeMap<String, UserId>,
}

impl MemoryUserStore {
    fn read(&self) -> Result<RwLockReadGuard<'_, Users>, MemoryError> {
        Ok(self.users.read()?)
    }

    fn write(&self) -> Result<RwLockWriteGuard<'_, Users>, MemoryError> {
        Ok(self.users.write()?)
    }
}

impl UserStore for MemoryUserStore {
    fn insert(&self, user: &User) -> Result<UserInserted, StoreError> {
        let mut users = self.write()?;
        if users.by_id.contains_key(&user.id) {
            return Ok(UserInserted::Collision);
        }
        if users.by_name.contains_key(user.name.folded()) {
            return Ok(UserInserted::NameTaken);
        }
        users.by_name.insert(user.name.folded().to_owned(), user.id);
        users.by_id.insert(user.id, user.clone());
        Ok(UserInserted::Done)
    }

    fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.read()?.by_id.get(&id).cloned())
    }

    fn find_by_name(&self, name: &Username) -> Result<Option<User>, StoreError> {
        let users = self.read()?;
        let id = users.by_name.get(name.folded());
        Ok(id.and_then(|id| users.by_id.get(id)).cloned())
    }

    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Result<Vec<User>, StoreError> {
        let users = self.read()?;
        let all = users.by_name.values().filter_map(|id| users.by_id.get(id));
        let found = all.filter(|user| {
            let confirmed = user.confirmed_address();
            confirmed.is_some_and(|confirmed| confirmed.as_str().eq_ignore_ascii_case(address.as_str()))
        });
        Ok(found.take(limit as usize).cloned().collect())
    }

    fn update(&self, user: &User) -> Result<Updated, StoreError> {
        let mut users = self.write()?;
        let Some(stored) = users.by_id.get_mut(&user.id) else {
            return Ok(Updated::Gone);
        };
        if stored.revision != user.revision {
            return Ok(Updated::Stale);
        }
        *stored = User {
            name: stored.name.clone(),
            created_at: stored.created_at,
            revision: user.revision.next(),
            ..user.clone()
        };
        Ok(Updated::Done)
    }

    fn delete(&self, id: UserId) -> Result<bool, StoreError> {
        let mut users = self.write()?;
        let Some(user) = users.by_id.remove(&id) else {
            return Ok(false);
        };
        users.by_name.remove(user.name.folded());
        Ok(true)
    }

    fn list(&self, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError> {
        let users = self.read()?;
        let from = after.map_or(Bound::Unbounded, |name| Bound::Excluded(name.folded()));
        let ids = users
            .by_name
            .range::<str, _>((from, Bound::Unbounded))
            .map(|(_, id)| id);
        let found = ids.filter_map(|id| users.by_id.get(id));
        Ok(found.take(limit as usize).cloned().collect())
    }
}
