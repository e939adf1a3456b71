//! Rate limits: a number of attempts at once, then one per interval.
//!
//! The state of a budget is one point in time: when it will be full again. Each attempt moves that point by
//! one interval. This is the generic cell rate algorithm of ITU-T I.371; it needs eight bytes per budget. A
//! `Throttle` keeps these points.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::time::Timestamp;

/// A rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The number of attempts that may be made at once.
    pub at_once: u32,
    /// The time in which one used attempt becomes available again.
    pub every: Duration,
}

impl Budget {
    /// Charges one attempt at `now` to a budget that will be full at `full_at`, or that is full if
    /// `full_at` is `None`. Returns the new time at which the budget will be full.
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
    /// If the budget is used up: how long to wait until the next attempt is possible.
    pub fn after_attempt(self, full_at: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Duration> {
        let next = full_at.map_or(now, |at| at.max(now)).after(self.every);
        let latest = now.after(self.every.saturating_mul(self.at_once));
        if next <= latest {
            Ok(next)
        } else {
            Err(next.since(latest))
        }
    }

    /// Returns when the budget will be full if one attempt is refunded.
    #[must_use]
    pub fn after_refund(self, full_at: Timestamp) -> Timestamp {
        full_at.before(self.every)
    }

    /// Returns how many attempts are used up at `now`, counting partly restored ones.
    #[must_use]
    pub fn used(self, full_at: Option<Timestamp>, now: Timestamp) -> u32 {
        let missing = full_at.map_or(Duration::ZERO, |at| at.since(now));
        let every = self.every.as_millis().max(1);
        u32::try_from(missing.as_millis().div_ceil(every)).unwrap_or(u32::MAX)
    }
}

/// The key of a budget, as a digest. It does not reveal which names were tried, and its size does not depend
/// on the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BudgetKey([u8; 16]);

impl BudgetKey {
    /// Returns the key for a kind of budget and its parts.
    #[must_use]
    pub fn new(kind: &str, parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new_with_prefix(kind);
        for part in parts {
            // The length prefixes keep different lists of parts from producing the same input.
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let mut key = [0; 16];
        key.copy_from_slice(&digest.finalize()[..16]);
        Self(key)
    }

    /// Returns the bytes for a store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// A network that shares budgets, because a client with one of its addresses can easily get another.
///
/// - IPv4: the first 24 bits
/// - IPv6: the first 64 bits; an IPv4-mapped address counts as IPv4
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
    /// Returns the network of an address.
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

    /// Returns the bytes that identify the network.
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
