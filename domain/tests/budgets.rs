//! Arithmetic of rate limits, and which addresses share one.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::time::Duration;

use kunci_domain::{Budget, BudgetKey, Network, Timestamp};
use support::{DAY, MILLISECOND, MINUTE};

/// Returns the networks that two addresses share. An empty text is a client without an address.
fn shared(one: &str, other: &str) -> usize {
    let of = |text: &str| Network::all_of((!text.is_empty()).then(|| text.parse().unwrap()));
    let (one, other) = (of(one), of(other));
    let same = one.iter().filter(|network| other.contains(network));
    for network in same.clone() {
        assert!(other.iter().any(|other| other.as_bytes() == network.as_bytes()));
    }
    same.count()
}

#[test]
fn nearby_addresses_share_networks() {
    for (one, other, networks) in [
        ("192.0.2.0", "192.0.2.255", 2),
        ("192.0.2.255", "192.0.3.0", 1),
        ("192.0.255.255", "192.1.0.0", 0),
        ("192.0.2.7", "::ffff:192.0.2.9", 2),
        ("::ffff:192.0.2.7", "::ffff:198.51.100.7", 0),
        ("2001:db8:0:1::", "2001:db8:0:1:ffff:ffff:ffff:ffff", 4),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", 3),
        ("2001:db8:0:ff::", "2001:db8:0:100::", 2),
        ("2001:db8:0:ffff::", "2001:db8:1::", 1),
        ("2001:db8:ffff::", "2001:db9::", 0),
        // NAT64 (RFC 6052), 6to4 (RFC 3056) and Teredo (RFC 4380) embed an IPv4 address. The last prefix is
        // one for local use, in which the place of the address is not known.
        ("64:ff9b::192.0.2.7", "64:ff9b::198.51.100.7", 0),
        ("64:ff9b::192.0.2.7", "64:ff9b::192.0.3.7", 1),
        ("64:ff9b::192.0.2.7", "192.0.2.9", 2),
        ("2002:c000:207::1", "192.0.2.9", 2),
        ("2002:c000:207::1", "2002:c000:209:5::1", 2),
        ("2002:c000:207::1", "2002:c633:6407::1", 0),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.0.2.45", 2),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:0:4136:e378::1", 0),
        ("64:ff9b:1::192.0.2.7", "192.0.2.7", 0),
        ("", "", 1),
        ("", "::", 0),
        ("0.0.0.0", "::", 0),
        ("1.2.3.4", "102:300::", 0),
    ] {
        assert_eq!(shared(one, other), networks, "{one} and {other}");
    }
}

#[test]
fn larger_networks_have_multiples_of_a_budget() {
    let budget = Budget {
        at_once: 10,
        every: 8 * MINUTE,
    };
    for (address, factors) in [("192.0.2.7", &[1, 8][..]), ("2001:db8::1", &[1, 2, 4, 8])] {
        let networks = Network::all_of(Some(address.parse().unwrap()));
        let shares: Vec<Budget> = networks.iter().map(|network| network.share_of(budget)).collect();
        let want = factors.iter().map(|factor| Budget {
            at_once: 10 * factor,
            every: 8 * MINUTE / *factor,
        });
        assert_eq!(shares, want.collect::<Vec<_>>(), "{address}");
    }
}

#[test]
fn daily_budget_grants_at_most_its_number_in_any_day() {
    assert_eq!(Budget::per_day(0), None);
    for most in [1, 2, 3, 7, 1_000] {
        let budget = Budget::per_day(most).unwrap();
        let start = Timestamp::from_unix_millis(1_000_000);
        let mut granted = Vec::new();
        let mut full_at = None;
        for minute in 0..3 * 24 * 60 {
            let now = start.after(MINUTE * minute);
            while let Ok(at) = budget.after_attempt(full_at, now) {
                full_at = Some(at);
                granted.push(now);
            }
        }
        let in_a_day = |from: &Timestamp| {
            granted
                .iter()
                .filter(|at| (*from..from.after(DAY)).contains(*at))
                .count()
        };
        let busiest = granted.iter().map(in_a_day).max().unwrap();
        assert!(busiest <= most as usize, "{busiest} of {most}");
    }
}

#[test]
fn budget_is_never_more_than_used_up() {
    let budget = Budget {
        at_once: 3,
        every: MINUTE,
    };
    let now = Timestamp::from_unix_millis(1_000_000);
    for ahead in [10 * MINUTE, DAY, 365 * DAY] {
        let full_at = Some(now.after(ahead));
        assert_eq!(budget.after_attempt(full_at, now), Err(MINUTE), "{ahead:?}");
        assert_eq!(budget.used(full_at, now), 3, "{ahead:?}");
        let settled = Budget::settled(now.after(ahead), budget.span(), now);
        let late = budget.span() + 10 * MINUTE < ahead;
        assert_eq!(settled == now.after(budget.span()), late, "{ahead:?}");
        assert_eq!(settled == now.after(ahead), !late, "{ahead:?}");
    }
}

#[test]
fn budget_refills_evenly() {
    let budget = Budget {
        at_once: 3,
        every: MINUTE,
    };
    let start = Timestamp::from_unix_millis(1_000_000);
    let mut full_at = None;
    let used: Vec<u32> = (0..3)
        .map(|_| {
            full_at = Some(budget.after_attempt(full_at, start).unwrap());
            budget.used(full_at, start)
        })
        .collect();
    assert_eq!(used, [1, 2, 3]);
    for (passed, used, wait) in [
        (Duration::ZERO, 3, Some(MINUTE)),
        (MINUTE - MILLISECOND, 3, Some(MILLISECOND)),
        (MINUTE, 2, None),
        (2 * MINUTE, 1, None),
        (3 * MINUTE, 0, None),
        (DAY, 0, None),
    ] {
        let now = start.after(passed);
        assert_eq!(budget.used(full_at, now), used, "after {passed:?}");
        assert_eq!(budget.after_attempt(full_at, now).err(), wait, "after {passed:?}");
    }
    let refunded = full_at.map(|at| budget.after_refund(at));
    assert_eq!(budget.used(refunded, start), 2);
}

#[test]
fn keys_depend_on_kind_and_part_boundaries() {
    let key = |kind: &str, parts: &[&[u8]]| BudgetKey::new(kind, parts);
    let first = key("account", &[b"ada", b"net"]);
    assert_eq!(first, key("account", &[b"ada", b"net"]));
    for other in [
        key("device", &[b"ada", b"net"]),
        key("account", &[b"adan", b"et"]),
        key("account", &[b"adanet"]),
        key("account", &[b"ada", b"net", b""]),
        key("account", &[b"net", b"ada"]),
    ] {
        assert_ne!(first, other);
    }
}
