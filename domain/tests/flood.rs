//! A flood of requests from many networks frees no budget.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::net::Ipv6Addr;

use kunci_domain::use_cases::{request_reset, sign_in};
use support::{World, attempt};

/// More budgets than a table of 50,000 holds.
const FLOOD: u32 = 60_000;
const HOME: [u8; 4] = [192, 0, 2, 7];

/// Returns an address in a /64 of its own. All belong to one /48.
fn flooding(number: u32) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, 0, u16::try_from(number).unwrap(), 0, 0, 0, 1)
}

#[test]
fn flood_of_new_networks_frees_no_budget() {
    let world = World::new();
    world.sign_up("ada");
    for number in 0..FLOOD {
        let _ = request_reset(&world.visit_from(flooding(number)), &format!("name{number}"));
    }
    let before = world.hasher.verifications();
    for _ in 0..300 {
        sign_in(&mut world.visit_from(HOME), attempt("ada", "wrong password")).unwrap_err();
    }
    let tried = world.hasher.verifications() - before;
    assert_eq!(tried, 10, "the budget of one account from one network");
}
