//! One-time tokens in memory: an ordered map with indices by account and by expiry.
//!
//! The number of tokens is not limited: an account has one per purpose, and administrators make the others.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use kunci_domain::ports::{Inserted, StoreError, TokenStore};
use kunci_domain::{LinkKey, OneTimeToken, Purpose, Timestamp, UserId};

use crate::error::MemoryError;

/// A store of one-time tokens in memory.
#[derive(Debug, Default)]
pub struct MemoryTokenStore {
    tokens: RwLock<Tokens>,
}

impl MemoryTokenStore {
    fn read(&self) -> Result<RwLockReadGuard<'_, Tokens>, MemoryError> {
        Ok(self.tokens.read()?)
    }

    fn write(&self) -> Result<RwLockWriteGuard<'_, Tokens>, MemoryError> {
        Ok(self.tokens.write()?)
    }
}

impl TokenStore for MemoryTokenStore {
    fn issue(&self, token: &OneTimeToken) -> Result<Inserted, StoreError> {
        let mut tokens = self.write()?;
        if tokens.by_key.contains_key(&token.key) {
            return Ok(Inserted::Collision);
        }
        tokens.add(token.clone());
        Ok(Inserted::Done)
    }

    fn find(&self, key: &LinkKey, now: Timestamp) -> Result<Option<OneTimeToken>, StoreError> {
        let tokens = self.read()?;
        let kept = tokens.by_key.get(key).map(|issued| &issued.token);
        Ok(kept.filter(|token| token.is_live(now)).cloned())
    }

    fn spend(
        &self,
        key: &LinkKey,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        let mut tokens = self.write()?;
        let kept = tokens.by_key.get_mut(key).map(|issued| &mut issued.token);
        let live = kept.filter(|token| token.is_live(now) && token.purpose == purpose);
        Ok(live.map(|token| {
            let before = token.clone();
            token.uses_left -= 1;
            before
        }))
    }

    fn give_back(&self, key: &LinkKey, now: Timestamp) -> Result<(), StoreError> {
        if let Some(Issued { token, uses }) = self.write()?.by_key.get_mut(key)
            && now < token.expires_at
        {
            token.uses_left = token.uses_left.saturating_add(1).min(*uses);
        }
        Ok(())
    }

    fn void(&self, key: &LinkKey, now: Timestamp) -> Result<bool, StoreError> {
        let removed = self.write()?.remove(key);
        Ok(removed.is_some_and(|token| token.is_live(now)))
    }

    fn void_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        let mut tokens = self.write()?;
        let removed = Purpose::ALL.map(|purpose| tokens.remove_of(user, purpose));
        Ok(removed.iter().flatten().count() as u64)
    }

    fn list(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OneTimeToken>, StoreError> {
        let tokens = self.read()?;
        let from = after.map_or(Bound::Unbounded, |key| Bound::Excluded(*key));
        let kept = tokens.by_key.range((from, Bound::Unbounded));
        let live = kept
            .map(|(_, issued)| &issued.token)
            .filter(|token| token.purpose == purpose && token.is_live(now));
        Ok(live.take(limit as usize).cloned().collect())
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut tokens = self.write()?;
        let expired = tokens
            .by_expiry
            .iter()
            .map_while(|(end, key)| (*end <= now).then_some(*key));
        let keys: Vec<LinkKey> = expired.take(limit as usize).collect();
        Ok(keys.iter().filter_map(|key| tokens.remove(key)).count() as u64)
    }
}

/// A token with its current uses, and the number of uses it was issued with.
#[derive(Debug)]
struct Issued {
    token: OneTimeToken,
    uses: u32,
}

/// The tokens by key, with indices by account and by expiry.
///
/// Each token is in `by_expiry` once, and in `by_account` if it belongs to an account, which has one
/// token per purpose. Only `add` and `remove` write, so the maps agree.
#[derive(Debug, Default)]
struct Tokens {
    by_key: BTreeMap<LinkKey, Issued>,
    by_account: HashMap<(UserId, Purpose), LinkKey>,
    by_expiry: BTreeSet<(Timestamp, LinkKey)>,
}

impl Tokens {
    fn add(&mut self, token: OneTimeToken) {
        if let Some((user, _)) = token.account {
            self.remove_of(user, token.purpose);
            self.by_account.insert((user, token.purpose), token.key);
        }
        self.by_expiry.insert((token.expires_at, token.key));
        let uses = token.uses_left;
        self.by_key.insert(token.key, Issued { token, uses });
    }

    fn remove(&mut self, key: &LinkKey) -> Option<OneTimeToken> {
        let Issued { token, .. } = self.by_key.remove(key)?;
        self.by_expiry.remove(&(token.expires_at, *key));
        if let Some((user, _)) = token.account {
            self.by_account.remove(&(user, token.purpose));
        }
        Some(token)
    }

    fn remove_of(&mut self, user: UserId, purpose: Purpose) -> Option<OneTimeToken> {
        let key = self.by_account.get(&(user, purpose)).copied()?;
        self.remove(&key)
    }
}
