//! Ten thousand wrong guesses at one account from a thousand addresses: how many are tried, and that the
//! owner gets in at once all the while.
//!
//! The hours pass by the clock of the test. What single budgets do is in `throttle.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use kunci_domain::use_cases::{SignIn, SignInError, SignedIn, sign_in};
use kunci_domain::{EventKind, Network};
use support::{Known, PASSWORD, World, attempt, notice};

const GUESSES: u32 = 10_000;
const ADDRESSES: u32 = 1_000;
/// A second between two guesses: nearly three hours in all.
const PAUSE: Duration = Duration::from_secs(1);

/// The addresses of the attack, four to a network: each half of them in IPv4 and in IPv6.
fn address(number: u32) -> std::net::IpAddr {
    let (network, host) = (
        u16::try_from(number / 4).unwrap(),
        u8::try_from(number % 4).unwrap(),
    );
    let [high, low] = network.to_be_bytes();
    if network % 2 == 0 {
        [10, high, low, host].into()
    } else {
        let segments = [0x2001, 0xdb8, 0, network, 0, 0, 0, u16::from(host)];
        segments.into()
    }
}

/// The most guesses that the budgets of one account let through from so many networks in a time.
fn bound(world: &World, networks: u64, elapsed: Duration) -> u64 {
    let budget = world.core.accounts.budgets.account;
    let refilled = elapsed.as_millis() / budget.every.as_millis();
    networks * (u64::from(budget.at_once) + u64::try_from(refilled).unwrap())
}

/// Guesses at a name from all addresses in turn, or from some of them again and again; between the guesses
/// the owner does something. How many reached the hasher, and from how many networks they came.
fn attack(world: &World, name: &str, addresses: u32, mut owner: impl FnMut(u32)) -> (u64, u64) {
    let (mut networks, mut owners) = (BTreeSet::new(), 0);
    let before = world.hasher.verifications();
    for number in 0..GUESSES {
        // A stride that shares no factor with the number of addresses visits each of them.
        let from = address(number.wrapping_mul(7) % addresses);
        networks.insert(Network::of(Some(from)).as_bytes().to_vec());
        let guess = format!("guess number {number}");
        let outcome = sign_in(&mut world.visit_from(from), attempt(name, &guess));
        assert!(
            matches!(
                outcome,
                Err(SignInError::WrongCredentials | SignInError::Throttle(_))
            ),
            "{outcome:?}"
        );
        let tried = world.hasher.verifications();
        owner(number);
        owners += world.hasher.verifications() - tried;
        world.clock.advance(PAUSE);
    }
    let tried = world.hasher.verifications() - before - owners;
    (tried, networks.len() as u64)
}

#[test]
fn guesses_are_bounded_by_the_budgets_and_the_same_for_a_name_that_nobody_has() {
    let elapsed = PAUSE * GUESSES;
    // All addresses; the forty of ten networks; a single one.
    for (addresses, networks) in [(ADDRESSES, 250), (40, 10), (1, 1)] {
        let tried = ["ada", "nobody"].map(|name| {
            let world = World::new();
            world.sign_up("ada");
            let (tried, came_from) = attack(&world, name, addresses, |_| ());
            assert_eq!(came_from, networks);
            let most = bound(&world, networks, elapsed);
            assert!(most < u64::from(GUESSES), "else the bound would say nothing");
            assert!(
                tried <= most,
                "{tried} of at most {most} from {addresses} addresses"
            );
            tried
        });
        assert_eq!(
            tried[0], tried[1],
            "the same for both names, from {addresses} addresses"
        );
        assert!(10 * networks <= tried[0], "what is granted at once is granted");
    }
}

#[test]
fn guesses_in_a_hurry_are_bounded_by_what_networks_may_try_at_once() {
    let world = World::new();
    world.sign_up("ada");
    let before = world.hasher.verifications();
    for number in 0..GUESSES {
        let from = address(number % ADDRESSES);
        sign_in(&mut world.visit_from(from), attempt("ada", "wrong password")).unwrap_err();
    }
    let tried = world.hasher.verifications() - before;
    assert_eq!(tried, bound(&world, 250, Duration::ZERO), "2,500 of 10,000");
}

#[test]
fn the_owner_gets_in_at_the_first_try_at_any_moment_and_is_told() {
    let world = World::new();
    world.sign_up_with_mail("ada", "ada@example.org");
    let known = Known(world.user("ada").id, 1);
    // The owner sits in a network of the attacker's, which is the worst that can be.
    let mut told = Vec::new();
    attack(&world, "ada", 40, |number| {
        if number % 100 == 99 {
            let attempt = SignIn {
                devices: &known,
                ..attempt("ada", PASSWORD)
            };
            let outcome = sign_in(&mut world.visit_from(address(number % 40)), attempt);
            assert_eq!(outcome.unwrap(), SignedIn::Complete, "after {number} guesses");
            told.extend(world.post.take_told());
        }
    });
    let alarm = notice("ada@example.org", EventKind::SignedInAfterFailures);
    assert_eq!(told.first(), Some(&alarm), "at the first sign-in since it began");
    assert!(told.iter().all(|one| *one == alarm), "{told:?}");
}
