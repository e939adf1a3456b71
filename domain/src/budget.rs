//! Rate limits: a number of attempts at once, then one per interval.
//!
//! The state of a budget is one point in time: when it will be full again. Each attempt moves that point by
//! one interval. This is the generic cell rate algorithm of ITU-T I.371; it needs eight bytes per budget. A
//! `Throttle` keeps the points of names and networks, and an `AccountStore` those of accounts and addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
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
    /// How far the clock may be set back before used attempts are counted anew. No request lasts this long, so
    /// requests that are counted in another order than they arrived change nothing.
    pub const CLOCK_TOLERANCE: Duration = Duration::from_secs(600);

    /// Returns a budget of at most `most` attempts in any 24 hours. Half of them may be made at once. `None` if
    /// `most` is zero.
    #[must_use]
    pub fn per_day(most: u32) -> Option<Self> {
        const DAY: Duration = Duration::from_secs(24 * 3_600);
        let at_once = most.div_ceil(2);
        (0 < most).then(|| Self {
            at_once,
            every: DAY / (most - at_once).max(1),
        })
    }

    /// Returns a budget of `factor` times as many attempts in the same time.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        Self {
            at_once: self.at_once.saturating_mul(factor),
            every: self.every / factor.max(1),
        }
    }

    /// Returns how long a budget that is used up takes to be full again.
    #[must_use]
    pub fn span(self) -> Duration {
        self.every.saturating_mul(self.at_once)
    }

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
        self.after_attempts(1, full_at, now)
    }

    /// Charges a number of attempts, as [`after_attempt`](Self::after_attempt) charges one.
    ///
    /// A budget is never more than used up, whatever the clock did since `full_at` was computed.
    ///
    /// # Errors
    /// If the budget has too few attempts left: how long to wait until it has enough.
    pub fn after_attempts(
        self,
        number: u32,
        full_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Timestamp, Duration> {
        let latest = now.after(self.span());
        let begin = full_at.map_or(now, |at| at.clamp(now, latest));
        let next = begin.after(self.every.saturating_mul(number));
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
        let missing = full_at.map_or(Duration::ZERO, |at| at.since(now).min(self.span()));
        let every = self.every.as_millis().max(1);
        u32::try_from(missing.as_millis().div_ceil(every)).unwrap_or(u32::MAX)
    }

    /// Returns when a budget of this [`span`](Self::span) will be full, from the stored time `full_at`.
    ///
    /// After the clock was set back, the stored time may be later than a used-up budget takes. The budget then
    /// counts as used up at `now`. The caller stores the result; otherwise the budget would not refill.
    #[must_use]
    pub fn settled(full_at: Timestamp, span: Duration, now: Timestamp) -> Timestamp {
        let latest = now.after(span);
        if latest.after(Self::CLOCK_TOLERANCE) < full_at {
            latest
        } else {
            full_at
        }
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    prefix: [u8; 17],
    len: usize,
    factor: u32,
}

impl Network {
    /// The number of bits of IPv4 networks, with their factors.
    const V4: [(u8, u32); 2] = [(24, 1), (16, 8)];
    /// The number of bits of IPv6 networks, with their factors.
    const V6: [(u8, u32); 4] = [(64, 1), (56, 2), (48, 4), (32, 8)];
    /// The label of a client without an address. It is no number of bits of an address.
    const MACHINE: u8 = 255;

    /// Returns the networks of an address, the smallest first.
    ///
    /// - IPv4: the first 24 and 16 bits
    /// - IPv6: the first 64, 56, 48 and 32 bits; an embedded IPv4 address counts instead (mapped, NAT64, 6to4,
    ///   Teredo)
    /// - no address, as on a Unix socket: this machine
    #[must_use]
    pub fn all_of(address: Option<IpAddr>) -> Vec<Self> {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::prefixes(&address.octets(), &Self::V4),
            Some(IpAddr::V6(address)) => match embedded(address) {
                Some(address) => Self::prefixes(&address.octets(), &Self::V4),
                None => Self::prefixes(&address.octets(), &Self::V6),
            },
            None => vec![Self::new(Self::MACHINE, &[], 1)],
        }
    }

    fn prefixes(address: &[u8], sizes: &[(u8, u32)]) -> Vec<Self> {
        let prefix = |&(bits, factor): &(u8, u32)| Self::new(bits, &address[..usize::from(bits / 8)], factor);
        sizes.iter().map(prefix).collect()
    }

    fn new(bits: u8, bytes: &[u8], factor: u32) -> Self {
        let mut prefix = [0; 17];
        prefix[0] = bits;
        prefix[1..=bytes.len()].copy_from_slice(bytes);
        Self {
            prefix,
            len: 1 + bytes.len(),
            factor,
        }
    }

    /// Returns the bytes that identify the network.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.prefix[..self.len]
    }

    /// Returns the share of a budget that is meant for one of the smallest networks.
    #[must_use]
    pub fn share_of(&self, budget: Budget) -> Budget {
        budget.times(self.factor)
    }
}

/// Returns the IPv4 address of a client that a gateway or tunnel has given an IPv6 address: NAT64 with its
/// well-known prefix (RFC 6052, section 2.1), 6to4 (RFC 3056, section 2) and Teredo (RFC 4380, section 4).
///
/// All clients of a NAT64 or Teredo server have one /64, and one holder of an IPv4 address has a whole /48 of
/// 6to4. NAT64 with a prefix of the network's own is not recognised, because the place of the address is not
/// known.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(from(high, low)),
        [0x2001, 0, .., high, low] => Some(from(!high, !low)),
        _ => None,
    }
}
