//! Arithmetic of rate limits, and which addresses share one.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::time::Duration;

use kunci_domain::{Budget, BudgetKey, Network, Timestamp};
use support::{DAY, MILLISECOND, MINUTE};

#[test]
fn nearby_addresses_share_a_network() {
    let of = |text: &str| Network::of((!text.is_empty()).then(|| text.parse().unwrap()));
    for (one, other, same) in [
        ("192.0.2.0", "192.0.2.255", true),
        ("192.0.2.255", "192.0.3.0", false),
        ("192.0.2.7", "::ffff:192.0.2.9", true),
        ("::ffff:192.0.2.7", "::ffff:198.51.100.7", false),
        ("2001:db8:0:1::", "2001:db8:0:1:ffff:ffff:ffff:ffff", true),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
        ("", "", true),
        ("", "::", false),
        ("0.0.0.0", "::", false),
    ] {
        assert_eq!(of(one) == of(other), same, "{one} and {other}");
        assert_eq!(
            of(one).as_bytes() == of(other).as_bytes(),
            same,
            "{one} and {other}"
        );
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
