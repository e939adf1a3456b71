//! Limits the number of connections, in total and for each client address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The maximum number of excess connections that get a refusal at the same time. Further ones are closed
/// without a response.
const MAX_REFUSALS: usize = 64;

/// Admits connections within the limits, and counts them.
#[derive(Debug)]
pub(crate) struct Admission {
    max: usize,
    max_per_address: usize,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    served: usize,
    refused: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A slot for one connection. It is released on drop.
#[derive(Debug)]
pub(crate) struct Slot {
    admission: Arc<Admission>,
    kind: SlotKind,
}

#[derive(Debug)]
enum SlotKind {
    Served(Option<IpAddr>),
    Refused,
}

impl Admission {
    pub(crate) fn new(max: usize, max_per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            max,
            max_per_address,
            counts: Mutex::default(),
        })
    }

    /// Returns a slot to serve a connection from `address`, if one is free.
    pub(crate) fn admit(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Slot> {
        let address = address.map(network);
        let mut counts = self.counts();
        if counts.served >= self.max {
            return None;
        }
        if let Some(address) = address {
            let count = counts.by_address.entry(address).or_default();
            if *count >= self.max_per_address {
                return None;
            }
            *count += 1;
        }
        counts.served += 1;
        Some(self.slot(SlotKind::Served(address)))
    }

    /// Returns a slot to refuse a connection with a response, if one is free.
    pub(crate) fn admit_for_refusal(self: &Arc<Self>) -> Option<Slot> {
        let mut counts = self.counts();
        if counts.refused >= MAX_REFUSALS {
            return None;
        }
        counts.refused += 1;
        Some(self.slot(SlotKind::Refused))
    }

    fn slot(self: &Arc<Self>, kind: SlotKind) -> Slot {
        Slot {
            admission: Arc::clone(self),
            kind,
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // No code panics while it holds this lock, so a poisoned lock is still consistent.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.admission.counts();
        match self.kind {
            SlotKind::Refused => counts.refused -= 1,
            SlotKind::Served(address) => {
                counts.served -= 1;
                if let Some(address) = address {
                    counts.release(address);
                }
            }
        }
    }
}

impl Counts {
    fn release(&mut self, address: IpAddr) {
        if let Some(count) = self.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

/// Maps an IPv6 address to its /64 network, because one client usually has a whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn slots_are_limited_in_total_and_freed_on_drop() {
        let admission = Admission::new(2, 10);
        let first = admission.admit(None).unwrap();
        let _second = admission.admit(ip("192.0.2.1")).unwrap();
        assert!(admission.admit(ip("192.0.2.2")).is_none());
        drop(first);
        assert!(admission.admit(ip("192.0.2.2")).is_some());
    }

    #[test]
    fn slots_are_limited_by_address() {
        let admission = Admission::new(10, 1);
        let first = admission.admit(ip("192.0.2.1")).unwrap();
        assert!(admission.admit(ip("192.0.2.1")).is_none());
        assert!(
            admission.admit(ip("::ffff:192.0.2.1")).is_none(),
            "the same address, mapped to IPv6"
        );
        let _other = admission.admit(ip("192.0.2.2")).unwrap();
        let _v6 = admission.admit(ip("2001:db8::1")).unwrap();
        assert!(admission.admit(ip("2001:db8::ffff:1")).is_none(), "the same /64");
        assert!(admission.admit(ip("2001:db8:0:1::1")).is_some());
        drop(first);
        assert!(admission.admit(ip("192.0.2.1")).is_some());
        let _socket = admission.admit(None).unwrap();
        assert!(admission.admit(None).is_some(), "Unix sockets have no address");
    }

    #[test]
    fn concurrent_refusals_are_limited() {
        let admission = Admission::new(0, 0);
        let refused: Vec<Slot> = (0..MAX_REFUSALS)
            .map(|_| admission.admit_for_refusal().unwrap())
            .collect();
        assert!(admission.admit_for_refusal().is_none());
        drop(refused);
        assert!(admission.admit_for_refusal().is_some());
    }
}
