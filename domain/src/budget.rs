//! Budgets of attempts: so many at once, and then one every so often.
//!
//! A budget is kept as one point in time, the one at which it will be whole again; each attempt moves it
//! on by one interval. That is the generic cell rate algorithm of ITU-T I.371, and needs eight bytes.
//! Left out: where these points are kept, which is the affair of a `Throttle`.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::time::Timestamp;

/// How many attempts there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// So many at once.
    pub at_once: u32,
    /// And when they are used up, one in this time.
    pub every: Duration,
}

impl Budget {
    /// The point at which the budget will be whole again after one more attempt at `now`, where it would
    /// have been at `whole_at` without; or else how long to wait for the next attempt.
    ///
    /// ```
    /// use std::time::Duration;
    /// use kunci_domain::{Budget, Timestamp};
    ///
    /// let budget = Budget { at_once: 2, every: Duration::from_secs(60) };
    /// let now = Timestamp::from_unix_millis(0);
    /// let once = budget.after_attempt(None, now).unwrap();
    /// let twice = budget.after_attempt(Some(once), now).unwrap();
    /// assert_eq!(budget.after_attempt(Some(twice), now), Err(Duration::from_secs(60)));
    /// assert!(budget.after_attempt(Some(twice), now.after(Duration::from_secs(60))).is_ok());
    /// ```
    ///
    /// # Errors
    /// How long to wait.
    pub fn after_attempt(self, whole_at: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Duration> {
        let next = whole_at.map_or(now, |at| at.max(now)).after(self.every);
        let latest = now.after(self.every.saturating_mul(self.at_once));
        if next <= latest {
            Ok(next)
        } else {
            Err(next.since(latest))
        }
    }

    /// The point at which the budget will be whole again when one attempt is given back.
    #[must_use]
    pub fn after_giving_back(self, whole_at: Timestamp) -> Timestamp {
        whole_at.before(self.every)
    }

    /// How many attempts are used up at `now`, begun ones included.
    #[must_use]
    pub fn used(self, whole_at: Option<Timestamp>, now: Timestamp) -> u32 {
        let missing = whole_at.map_or(Duration::ZERO, |at| at.since(now));
        let every = self.every.as_millis().max(1);
        u32::try_from(missing.as_millis().div_ceil(every)).unwrap_or(u32::MAX)
    }
}

/// What a budget is for, as a digest: it tells nobody which names were tried, and has one size whatever
/// was typed into a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BudgetKey([u8; 16]);

impl BudgetKey {
    /// The budget of a kind for these parts.
    #[must_use]
    pub fn new(kind: &str, parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new_with_prefix(kind);
        for part in parts {
            // The length before each part keeps two lists of parts from being one text.
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let mut key = [0; 16];
        key.copy_from_slice(&digest.finalize()[..16]);
        Self(key)
    }

    /// The bytes, for a store that keeps them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The part of the world that shares budgets: whoever has one of its addresses can easily have another.
///
/// - IPv4: the first 24 bits
/// - IPv6: the first 64 bits; an address that stands for one of IPv4 counts as that
/// - no address, as on a Unix socket: this machine
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Network {
    /// The first three bytes of an IPv4 address.
    V4([u8; 3]),
    /// The first eight bytes of an IPv6 address.
    V6([u8; 8]),
    /// A client without an address.
    Machine,
}

impl Network {
    /// The network of an address.
    #[must_use]
    pub fn of(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => {
                let [a, b, c, _] = address.octets();
                Self::V4([a, b, c])
            }
            Some(IpAddr::V6(address)) => Self::V6(first_half(address)),
            None => Self::Machine,
        }
    }

    /// The bytes that tell it from other networks.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::V4(bytes) => bytes,
            Self::V6(bytes) => bytes,
            Self::Machine => &[],
        }
    }
}

fn first_half(address: Ipv6Addr) -> [u8; 8] {
    let mut half = [0; 8];
    half.copy_from_slice(&address.octets()[..8]);
    half
}
