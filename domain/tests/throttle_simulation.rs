//! Simulates ten thousand wrong guesses at one account from a thousand addresses: the number of verified
//! guesses is limited, and the owner can always sign in.
//!
//! The test's clock simulates the hours. Single rate limits are in `throttle/`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{SignIn, SignInRefusal, SignedIn, sign_in};
use kunci_domain::{Budget, EventKind, Network};
use support::guessing::{Attacker, besiege};
use support::{DAY, MINUTE, PASSWORD, World, attempt, notice};

const GUESSES: u32 = 10_000;
const ADDRESSES: u32 = 1_000;
/// One second between two guesses, nearly three hours altogether.
const PAUSE: Duration = Duration::from_secs(1);

/// Returns an address of the attack. Each network has four addresses; half of the networks are IPv4, half
/// IPv6. They have no larger network in common.
fn address(number: u32) -> std::net::IpAddr {
    let (network, host) = (
        u16::try_from(number / 4).unwrap(),
        u8::try_from(number % 4).unwrap(),
    );
    let [high, low] = network.to_be_bytes();
    if network % 2 == 0 {
        [10 + high, low, 0, host].into()
    } else {
        let segments = [0x2001, network, 0, 0, 0, 0, 0, u16::from(host)];
        segments.into()
    }
}

/// Returns the maximum number of guesses that the account's budgets allow from `networks` networks in a time.
fn bound(world: &World, networks: u64, elapsed: Duration) -> u64 {
    let budgets = world.core.account_policy.budgets;
    let most = |budget: Budget| {
        let refilled = elapsed.as_millis() / budget.every.as_millis();
        u64::from(budget.at_once) + u64::try_from(refilled).unwrap()
    };
    (networks * most(budgets.account)).min(most(budgets.all_networks.unwrap()))
}

/// Guesses at a name from `addresses` addresses in turn and calls `owner` between the guesses. Returns how
/// many guesses were verified, and from how many networks they came.
fn attack(world: &World, name: &str, addresses: u32, mut owner: impl FnMut(u32)) -> (u64, u64) {
    let (mut networks, mut owners) = (BTreeSet::new(), 0);
    let before = world.hasher.verifications();
    for number in 0..GUESSES {
        // The stride has no common factor with the number of addresses, so it visits all of them.
        let from = address(number.wrapping_mul(7) % addresses);
        networks.insert(Network::all_of(Some(from))[0].as_bytes().to_vec());
        let guess = format!("guess number {number}");
        let outcome = sign_in(&mut world.visit_from(from), attempt(name, &guess));
        assert!(
            matches!(
                outcome,
                Err(Refused(SignInRefusal::WrongCredentials) | Refused(SignInRefusal::Throttled(_)))
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
fn guesses_are_limited_equally_for_unknown_names() {
    let elapsed = PAUSE * GUESSES;
    // All addresses, the 40 of ten networks, and a single one.
    for (addresses, networks) in [(ADDRESSES, 250), (40, 10), (1, 1)] {
        let tried = ["ada", "nobody"].map(|name| {
            let world = World::new();
            world.sign_up("ada");
            let (tried, came_from) = attack(&world, name, addresses, |_| ());
            assert_eq!(came_from, networks);
            let most = bound(&world, networks, elapsed);
            assert!(most < u64::from(GUESSES), "the bound is meaningful");
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
        assert!((10 * networks).min(500) <= tried[0], "the burst is granted");
    }
}

#[test]
fn days_of_guesses_stay_within_the_documented_bound() {
    for attacker in Attacker::ALL {
        let world = World::new();
        world.sign_up("ada");
        let siege = besiege(&world, attacker, 3 * DAY, 10 * MINUTE);
        let bound = attacker.bound(&world, 3 * DAY);
        assert!(siege.guesses <= bound, "{attacker:?}: {siege:?}, at most {bound}");
        assert!(
            bound <= siege.guesses + bound / 10,
            "{attacker:?}: {siege:?} of {bound} are tried"
        );
        assert_eq!(siege.sign_ins, 72, "{attacker:?}");
    }
}

#[test]
fn fast_guesses_are_limited_by_the_daily_bound() {
    let world = World::new();
    world.sign_up("ada");
    let before = world.hasher.verifications();
    for number in 0..GUESSES {
        let from = address(number % ADDRESSES);
        sign_in(&mut world.visit_from(from), attempt("ada", "wrong password")).unwrap_err();
    }
    let tried = world.hasher.verifications() - before;
    assert_eq!(tried, bound(&world, 250, Duration::ZERO), "500 of 10,000");
}

#[test]
fn owner_signs_in_during_an_attack_and_is_notified() {
    let world = World::new();
    world.sign_up_with_mail("ada", "ada@example.org");
    let known = world.known("ada");
    // The owner shares a network with the attacker, which is the worst case.
    let mut sent = Vec::new();
    attack(&world, "ada", 40, |number| {
        if number % 100 == 99 {
            let attempt = SignIn {
                devices: &known,
                ..attempt("ada", PASSWORD)
            };
            let outcome = sign_in(&mut world.visit_from(address(number % 40)), attempt);
            assert_eq!(outcome.unwrap(), SignedIn::Complete, "after {number} guesses");
            sent.extend(world.mailer.take_sent());
        }
    });
    let alarm = notice("ada@example.org", EventKind::SignedInAfterFailures);
    assert_eq!(sent.first(), Some(&alarm), "at the first sign-in of the attack");
    assert!(sent.iter().all(|one| *one == alarm), "{sent:?}");
}
