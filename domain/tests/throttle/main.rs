//! Rate limits of attempts: what is charged, what is refunded, and that limits hold under concurrency.
//!
//! Arithmetic and networks are in `budgets.rs`, second-factor codes in `throttle_codes.rs`, and a large attack
//! in `throttle_simulation.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod accounts;
#[path = "../support/mod.rs"]
mod support;

use std::net::IpAddr;
use std::time::Duration;

use kunci_domain::ports::HashError;
use kunci_domain::use_cases::UseCaseError::{self, Failed, Refused};
use kunci_domain::use_cases::{
    Failure, LinkRefusal, SignIn, SignInRefusal, SignUpRefusal, Throttled, inspect_link, invite, sign_in,
    sign_up,
};
use kunci_domain::{Budget, KnownDevices, LinkToken, NoKnownDevices, Permanence};
use kunci_memory::MemoryThrottle;
use kunci_testkit::fakes::Gate;
use support::{Act, DAY, HOUR, MILLISECOND, MINUTE, PASSWORD, SECOND, World, assert_err};
use support::{attempt, in_parallel, new_user, operator};

const HOME: [u8; 4] = [192, 0, 2, 7];
const ELSEWHERE: [u8; 4] = [198, 51, 100, 7];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    SignedIn,
    Wrong,
    Throttled(Duration),
}

fn outcome_of(outcome: Result<(), UseCaseError<SignInRefusal>>) -> Outcome {
    match outcome {
        Ok(()) => Outcome::SignedIn,
        Err(Refused(SignInRefusal::WrongCredentials)) => Outcome::Wrong,
        Err(Refused(SignInRefusal::Throttled(Throttled { retry_after }))) => Outcome::Throttled(retry_after),
        Err(other) => panic!("{other:?}"),
    }
}

fn sign_in_as(
    world: &World,
    from: impl Into<IpAddr>,
    name: &str,
    text: &str,
    devices: &dyn KnownDevices,
) -> Outcome {
    let attempt = SignIn {
        devices,
        ..attempt(name, text)
    };
    outcome_of(sign_in(&mut world.visit_from(from), attempt).map(|_| ()))
}

fn guess(world: &World, from: impl Into<IpAddr>, name: &str) -> Outcome {
    sign_in_as(world, from, name, "wrong password", &NoKnownDevices)
}

/// Returns how many consecutive guesses are verified.
fn guesses(world: &World, from: impl Into<IpAddr>, name: &str) -> usize {
    let from = from.into();
    (0..1_000)
        .take_while(|_| guess(world, from, name) == Outcome::Wrong)
        .count()
}

fn world() -> World {
    let world = World::new();
    world.sign_up("ada");
    world
}

#[test]
fn guesses_are_limited_to_a_burst_and_a_rate() {
    let world = world();
    assert_eq!(guesses(&world, HOME, "ada"), 10);
    let (hashed, wait) = (world.hasher.verifications(), 10 * MINUTE);
    assert_eq!(guess(&world, HOME, "ada"), Outcome::Throttled(wait));
    let right = sign_in_as(&world, HOME, "ada", PASSWORD, &NoKnownDevices);
    assert_eq!(
        right,
        Outcome::Throttled(wait),
        "a correct password is refused as well"
    );
    assert_eq!(world.hasher.verifications(), hashed, "no password is verified");
    world.clock.advance(wait - MILLISECOND);
    assert_eq!(guess(&world, HOME, "ada"), Outcome::Throttled(MILLISECOND));
    world.clock.advance(MILLISECOND);
    assert_eq!(guesses(&world, HOME, "ada"), 1);
    world.clock.advance(DAY);
    assert_eq!(
        guesses(&world, HOME, "ada"),
        10,
        "the budget is full and not larger"
    );
}

#[test]
fn unknown_name_is_throttled_like_a_known_one() {
    let outcomes = |name: &str| {
        let world = world();
        let mut outcomes = Vec::new();
        for pause in [Duration::ZERO, 9 * MINUTE, MINUTE, HOUR, DAY] {
            world.clock.advance(pause);
            outcomes.extend((0..13).map(|_| guess(&world, HOME, name)));
        }
        (outcomes, world.hasher.verifications())
    };
    assert_eq!(outcomes("ada"), outcomes("nobody"));
    assert_eq!(outcomes("ada"), outcomes("no name\0at all"));
}

#[test]
fn throttled_network_does_not_affect_others() {
    let world = world();
    guesses(&world, HOME, "ada");
    assert_eq!(
        sign_in_as(&world, ELSEWHERE, "ada", PASSWORD, &NoKnownDevices),
        Outcome::SignedIn
    );
    assert_eq!(guesses(&world, ELSEWHERE, "ada"), 10);
}

#[test]
fn guesses_at_many_names_exhaust_the_network_budget() {
    let world = world();
    for number in 0..100 {
        assert_eq!(
            guess(&world, HOME, &format!("user{number}")),
            Outcome::Wrong,
            "{number}"
        );
    }
    assert_eq!(guess(&world, HOME, "ada"), Outcome::Throttled(10 * SECOND));
    assert_eq!(guess(&world, ELSEWHERE, "ada"), Outcome::Wrong);
}

#[test]
fn known_device_signs_in_despite_attackers() {
    let world = world();
    let ada = world.known("ada");
    guesses(&world, HOME, "ada");
    for number in 0..100 {
        guess(&world, HOME, &format!("user{number}"));
    }
    assert!(matches!(guess(&world, HOME, "ada"), Outcome::Throttled(_)));
    assert_eq!(sign_in_as(&world, HOME, "ada", PASSWORD, &ada), Outcome::SignedIn);
}

#[test]
fn successful_sign_in_is_not_charged() {
    let world = world();
    for _ in 0..150 {
        assert_eq!(
            sign_in_as(&world, HOME, "ada", PASSWORD, &NoKnownDevices),
            Outcome::SignedIn
        );
    }
    assert_eq!(guesses(&world, HOME, "ada"), 10);
}

#[test]
fn attempt_refused_by_a_busy_hasher_is_refunded() {
    let world = world();
    world.hasher.set_busy(true);
    for _ in 0..150 {
        let outcome = sign_in(&mut world.visit_from(HOME), attempt("ada", PASSWORD));
        assert_err!(outcome, Failed(Failure::Hash(HashError::Busy)));
    }
    world.hasher.set_busy(false);
    assert_eq!(guesses(&world, HOME, "ada"), 10);
}

#[test]
fn attempt_refused_for_the_network_is_refunded() {
    let world = World::with(|core| {
        core.account_policy.budgets.network = Budget {
            at_once: 3,
            every: SECOND,
        };
        core.account_policy.budgets.account = Budget {
            at_once: 2,
            every: DAY,
        };
    });
    world.sign_up("ada");
    for name in ["one", "two", "three"] {
        guess(&world, HOME, name);
    }
    for _ in 0..5 {
        assert_eq!(guess(&world, HOME, "ada"), Outcome::Throttled(SECOND));
    }
    world.clock.advance(3 * SECOND);
    assert_eq!(guesses(&world, HOME, "ada"), 2);
}

#[test]
fn equivalent_names_share_a_budget() {
    let world = World::new();
    world.sign_up("hans");
    for name in ["hans", "HANS", "ℋans", "h𝐀ns", "ｈans", "ℋ𝐀𝐍𝐒", "hanſ"] {
        assert_eq!(
            sign_in_as(&world, ELSEWHERE, name, PASSWORD, &NoKnownDevices),
            Outcome::SignedIn,
            "{name}"
        );
        assert_eq!(guess(&world, HOME, name), Outcome::Wrong, "{name}");
    }
    assert_eq!(guesses(&world, HOME, "h𝐀𝐍s"), 3, "seven attempts were charged");
}

#[test]
fn attempt_is_refused_if_it_cannot_be_counted() {
    let world = world();
    let hashed = world.hasher.verifications();
    for call in ["throttle.reserve", "accounts.find_budget", "accounts.commit"] {
        world.watch.each(call, Act::Fail);
        let outcome = sign_in(&mut world.visit_from(HOME), attempt("ada", PASSWORD));
        assert_err!(outcome, Failed(Failure::Store(_)), "{call}");
        assert_eq!(world.hasher.verifications(), hashed, "{call}");
    }
}

#[test]
fn parallel_attempts_cannot_exceed_a_budget() {
    let (world, gate) = (world(), Gate::default());
    // Granted attempts wait before the password is verified, and refused ones wait as well, until all are charged.
    world.watch.hold("accounts.sample_hashes", &gate);
    let outcomes = in_parallel(51, |number| {
        if number == 50 {
            gate.await_waiting(50);
            gate.open();
            return Outcome::SignedIn;
        }
        let outcome = guess(&world, HOME, "ada");
        gate.pass();
        outcome
    });
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| **outcome == Outcome::Wrong)
            .count(),
        10
    );
    assert_eq!(world.hasher.verifications(), 10);
}

#[test]
fn throttled_user_stays_signed_in_elsewhere() {
    let world = world();
    let here = world.sign_in("ada");
    world.sign_up("bob");
    for _ in 0..10 {
        let _ = sign_in(&mut world.visit(), attempt("bob", "wrong password"));
    }
    let mut open = world.open(&here);
    assert!(matches!(
        outcome_of(sign_in(&mut open, attempt("bob", PASSWORD)).map(|_| ())),
        Outcome::Throttled(_)
    ));
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
    assert_eq!(world.who(&here).as_deref(), Some("ada"));
}

#[test]
fn only_invalid_links_are_charged_to_the_network() {
    let world = World::new();
    let good = invite(&world.core, &operator(), 1, DAY, world.now()).unwrap();
    let look = |token: &LinkToken, from: [u8; 4]| inspect_link(&world.visit_from(from), token);
    for _ in 0..150 {
        look(&good, HOME).unwrap();
    }
    for number in 0..100_u8 {
        let made_up = LinkToken::parse(&format!("{number:064}")).unwrap();
        assert!(
            matches!(look(&made_up, HOME), Err(Refused(LinkRefusal::Dead))),
            "{number}"
        );
    }
    assert_err!(look(&good, HOME), Refused(LinkRefusal::Throttled(_)));
    assert!(look(&good, ELSEWHERE).is_ok());
}

#[test]
fn sign_ups_and_taken_names_per_network_are_limited() {
    let world = world();
    let make = |name: &str, text: &str, from: [u8; 4]| {
        sign_up(
            &mut world.visit_from(from),
            new_user(name, text),
            Permanence::Browser,
            None,
        )
    };
    for _ in 0..30 {
        let outcome = make("ada2", "short", HOME);
        assert_err!(
            outcome,
            Refused(SignUpRefusal::Create(_)),
            "invalid forms are not charged"
        );
    }
    for number in 0..10 {
        make(&format!("user{number}"), PASSWORD, HOME).unwrap();
        assert_err!(make("ada", PASSWORD, HOME), Refused(SignUpRefusal::Create(_)));
    }
    let outcome = make("one-more", PASSWORD, HOME);
    let throttled = matches!(
        outcome,
        Err(Refused(SignUpRefusal::Throttled(Throttled { retry_after }))) if retry_after == 3 * MINUTE
    );
    assert!(throttled, "{outcome:?}");
    make("one-more", PASSWORD, ELSEWHERE).unwrap();
}
