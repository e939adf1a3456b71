//! Budgets of attempts: what is charged to whom, what costs nothing, and that nothing outruns them.
//!
//! How budgets and networks are reckoned is in `budgets.rs`; how they hold against thousands of guesses from everywhere is in `throttle_simulation.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::net::IpAddr;
use std::time::Duration;

use kunci_domain::ports::HashError;
use kunci_domain::use_cases::{LinkError, SignIn, SignInError, SignUpError, ThrottleError};
use kunci_domain::use_cases::{invite, look_at_link, sign_in, sign_up};
use kunci_domain::{Budget, KnownDevices, LinkToken, Permanence, Stranger};
use support::{Act, DAY, HOUR, Known, MILLISECOND, MINUTE, PASSWORD, SECOND, World};
use support::{at_once, attempt, new_user, token};

const HOME: [u8; 4] = [192, 0, 2, 7];
const ELSEWHERE: [u8; 4] = [198, 51, 100, 7];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Came {
    In,
    Wrong,
    Throttled(Duration),
}

fn came(outcome: Result<(), SignInError>) -> Came {
    match outcome {
        Ok(()) => Came::In,
        Err(SignInError::WrongCredentials) => Came::Wrong,
        Err(SignInError::Throttle(ThrottleError::Throttled { retry_after })) => Came::Throttled(retry_after),
        Err(other) => panic!("{other:?}"),
    }
}

fn try_as(
    world: &World,
    from: impl Into<IpAddr>,
    name: &str,
    text: &str,
    devices: &dyn KnownDevices,
) -> Came {
    let attempt = SignIn {
        devices,
        ..attempt(name, text)
    };
    came(sign_in(&mut world.visit_from(from), attempt).map(|_| ()))
}

fn guess(world: &World, from: impl Into<IpAddr>, name: &str) -> Came {
    try_as(world, from, name, "wrong password", &Stranger)
}

/// How many guesses in a row get through to the hasher.
fn guesses(world: &World, from: impl Into<IpAddr>, name: &str) -> usize {
    let from = from.into();
    (0..1_000)
        .take_while(|_| guess(world, from, name) == Came::Wrong)
        .count()
}

fn world() -> World {
    let world = World::new();
    world.sign_up("ada");
    world
}

#[test]
fn so_many_wrong_guesses_in_a_row_and_then_one_every_so_often() {
    let world = world();
    assert_eq!(guesses(&world, HOME, "ada"), 10);
    let (hashed, wait) = (world.hasher.verifications(), 10 * MINUTE);
    assert_eq!(guess(&world, HOME, "ada"), Came::Throttled(wait));
    let right = try_as(&world, HOME, "ada", PASSWORD, &Stranger);
    assert_eq!(right, Came::Throttled(wait), "being right helps nobody then");
    assert_eq!(world.hasher.verifications(), hashed, "nothing is tried");
    world.clock.advance(wait - MILLISECOND);
    assert_eq!(guess(&world, HOME, "ada"), Came::Throttled(MILLISECOND));
    world.clock.advance(MILLISECOND);
    assert_eq!(guesses(&world, HOME, "ada"), 1);
    world.clock.advance(DAY);
    assert_eq!(
        guesses(&world, HOME, "ada"),
        10,
        "whole again, and not more than that"
    );
}

#[test]
fn an_unknown_name_is_throttled_as_a_known_one() {
    let story = |name: &str| {
        let world = world();
        let mut story = Vec::new();
        for pause in [Duration::ZERO, 9 * MINUTE, MINUTE, HOUR, DAY] {
            world.clock.advance(pause);
            story.extend((0..13).map(|_| guess(&world, HOME, name)));
        }
        (story, world.hasher.verifications())
    };
    assert_eq!(story("ada"), story("nobody"));
    assert_eq!(story("ada"), story("no name\0at all"));
}

#[test]
fn a_network_used_up_keeps_nobody_out_elsewhere() {
    let world = world();
    guesses(&world, HOME, "ada");
    assert_eq!(try_as(&world, ELSEWHERE, "ada", PASSWORD, &Stranger), Came::In);
    assert_eq!(guesses(&world, ELSEWHERE, "ada"), 10);
}

#[test]
fn guesses_at_many_names_use_up_their_network() {
    let world = world();
    for number in 0..100 {
        assert_eq!(
            guess(&world, HOME, &format!("user{number}")),
            Came::Wrong,
            "{number}"
        );
    }
    assert_eq!(guess(&world, HOME, "ada"), Came::Throttled(10 * SECOND));
    assert_eq!(guess(&world, ELSEWHERE, "ada"), Came::Wrong);
}

#[test]
fn a_known_device_gets_in_whatever_strangers_do() {
    let world = world();
    let ada = Known(world.user("ada").id, 1);
    guesses(&world, HOME, "ada");
    for number in 0..100 {
        guess(&world, HOME, &format!("user{number}"));
    }
    assert!(matches!(guess(&world, HOME, "ada"), Came::Throttled(_)));
    assert_eq!(try_as(&world, HOME, "ada", PASSWORD, &ada), Came::In);
}

#[test]
fn a_known_device_has_a_budget_of_its_own() {
    let world = world();
    world.sign_up("bob");
    let (first, second) = (Known(world.user("ada").id, 1), Known(world.user("ada").id, 2));
    for number in 0..10 {
        let from = [10, 0, number, 1];
        assert_eq!(try_as(&world, from, "ada", "wrong password", &first), Came::Wrong);
    }
    let wait = Came::Throttled(10 * MINUTE);
    assert_eq!(try_as(&world, HOME, "ada", PASSWORD, &first), wait);
    assert_eq!(try_as(&world, HOME, "ada", PASSWORD, &second), Came::In);
    assert_eq!(guesses(&world, HOME, "ada"), 10, "strangers have theirs");
    assert_eq!(
        try_as(&world, HOME, "bob", PASSWORD, &first),
        Came::In,
        "a stranger to bob"
    );
    guesses(&world, HOME, "bob");
    assert_eq!(try_as(&world, HOME, "bob", PASSWORD, &first), wait);
}

#[test]
fn a_good_sign_in_costs_nothing() {
    let world = world();
    for _ in 0..150 {
        assert_eq!(try_as(&world, HOME, "ada", PASSWORD, &Stranger), Came::In);
    }
    assert_eq!(guesses(&world, HOME, "ada"), 10);
}

#[test]
fn what_a_busy_hasher_did_not_try_costs_nothing() {
    let world = world();
    world.hasher.set_busy(true);
    for _ in 0..150 {
        let outcome = sign_in(&mut world.visit_from(HOME), attempt("ada", PASSWORD));
        assert!(
            matches!(outcome, Err(SignInError::Hash(HashError::Busy))),
            "{outcome:?}"
        );
    }
    world.hasher.set_busy(false);
    assert_eq!(guesses(&world, HOME, "ada"), 10);
}

#[test]
fn what_the_network_refuses_costs_the_account_nothing() {
    let world = World::with(|core| {
        core.accounts.budgets.network = Budget {
            at_once: 3,
            every: SECOND,
        };
        core.accounts.budgets.account = Budget {
            at_once: 2,
            every: DAY,
        };
    });
    world.sign_up("ada");
    for name in ["one", "two", "three"] {
        guess(&world, HOME, name);
    }
    for _ in 0..5 {
        assert_eq!(guess(&world, HOME, "ada"), Came::Throttled(SECOND));
    }
    world.clock.advance(3 * SECOND);
    assert_eq!(guesses(&world, HOME, "ada"), 2);
}

#[test]
fn names_that_are_one_to_a_store_share_a_budget() {
    let world = World::new();
    world.sign_up("hans");
    for name in ["hans", "HANS", "ℋans", "h𝐀ns", "ｈans", "ℋ𝐀𝐍𝐒", "hanſ"] {
        assert_eq!(
            try_as(&world, ELSEWHERE, name, PASSWORD, &Stranger),
            Came::In,
            "{name}"
        );
        assert_eq!(guess(&world, HOME, name), Came::Wrong, "{name}");
    }
    assert_eq!(guesses(&world, HOME, "h𝐀𝐍s"), 3, "seven were used up");
}

#[test]
fn what_cannot_be_counted_is_not_tried() {
    let world = world();
    let hashed = world.hasher.verifications();
    world.watch.each("throttle.take", Act::Fail);
    let outcome = sign_in(&mut world.visit_from(HOME), attempt("ada", PASSWORD));
    assert!(
        matches!(outcome, Err(SignInError::Throttle(ThrottleError::Store(_)))),
        "{outcome:?}"
    );
    assert_eq!(world.hasher.verifications(), hashed);
}

#[test]
fn parallel_attempts_cannot_outrun_a_budget() {
    let world = world();
    let outcomes = at_once(50, |_| guess(&world, HOME, "ada"));
    assert_eq!(outcomes.iter().filter(|came| **came == Came::Wrong).count(), 10);
    assert_eq!(world.hasher.verifications(), 10);
}

#[test]
fn who_is_throttled_stays_signed_in_where_they_are() {
    let world = world();
    let here = world.sign_in("ada");
    world.sign_up("bob");
    for _ in 0..10 {
        let _ = sign_in(&mut world.visit(), attempt("bob", "wrong password"));
    }
    let mut open = world.open(&here);
    assert!(matches!(
        came(sign_in(&mut open, attempt("bob", PASSWORD)).map(|_| ())),
        Came::Throttled(_)
    ));
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
    assert_eq!(world.who(&here).as_deref(), Some("ada"));
}

#[test]
fn dead_links_are_charged_to_their_network_and_good_ones_are_not() {
    let world = World::new();
    let good = invite(&world.core, 1, DAY, world.now()).unwrap();
    let look = |token: &LinkToken, from: [u8; 4]| look_at_link(&world.visit_from(from), token);
    for _ in 0..150 {
        look(&good, HOME).unwrap();
    }
    for number in 0..100_u8 {
        let made_up = LinkToken::parse(&format!("{number:064}")).unwrap();
        assert!(matches!(look(&made_up, HOME), Err(LinkError::Dead)), "{number}");
    }
    assert!(matches!(look(&good, HOME), Err(LinkError::Throttle(_))));
    assert!(look(&good, ELSEWHERE).is_ok());
}

#[test]
fn accounts_from_one_network_are_bounded_and_so_are_looks_for_names_that_are_taken() {
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
        assert!(
            matches!(outcome, Err(SignUpError::Create(_))),
            "mistakes cost nothing: {outcome:?}"
        );
    }
    for number in 0..10 {
        make(&format!("user{number}"), PASSWORD, HOME).unwrap();
        assert!(matches!(make("ada", PASSWORD, HOME), Err(SignUpError::Create(_))));
    }
    let outcome = make("one-more", PASSWORD, HOME);
    let throttled = matches!(
        outcome,
        Err(SignUpError::Throttle(ThrottleError::Throttled { retry_after })) if retry_after == 3 * MINUTE
    );
    assert!(throttled, "{outcome:?}");
    make("one-more", PASSWORD, ELSEWHERE).unwrap();
}

#[test]
fn wrong_codes_are_bounded_for_the_account_as_a_whole() {
    use kunci_domain::use_cases::{EnterCodeError, enter_code};
    let world = world();
    let (_, authenticator) = world.enrol(&world.sign_in("ada"));
    let enter = |from: u8, code: &str, devices: &dyn KnownDevices| {
        let mut open = world.visit_from([10, 0, from, 1]);
        sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
        let mut open = world.open_from(&token(&open), [10, 0, from, 1]);
        enter_code(&mut open, code, devices)
    };
    for from in 0..10 {
        let outcome = enter(from, "000000", &Stranger);
        assert!(
            matches!(outcome, Err(EnterCodeError::WrongCode)),
            "{from}: {outcome:?}"
        );
    }
    let code = authenticator.recovery[0].expose_text();
    let outcome = enter(99, &code, &Stranger);
    assert!(matches!(outcome, Err(EnterCodeError::Throttle(_))), "{outcome:?}");
    enter(99, &code, &Known(world.user("ada").id, 1)).unwrap();
}

#[test]
fn wrong_codes_from_many_known_devices_are_bounded_too() {
    use kunci_domain::use_cases::{ProveError, prove};
    let world = world();
    let (here, authenticator) = world.enrol(&world.sign_in("ada"));
    let prove_on = |device: u8, code: &str| {
        let known = Known(world.user("ada").id, device);
        prove(&mut world.open(&here), &support::password(PASSWORD), code, &known)
    };
    // Whoever had the password before there was a second factor may have signed in as often as they liked.
    for device in 0..10 {
        let outcome = prove_on(device, "000000");
        assert!(
            matches!(outcome, Err(ProveError::WrongCode)),
            "{device}: {outcome:?}"
        );
    }
    let code = authenticator.recovery[0].expose_text();
    let outcome = prove_on(99, &code);
    assert!(matches!(outcome, Err(ProveError::Throttle(_))), "{outcome:?}");
}

#[test]
fn who_has_a_session_and_no_password_uses_up_no_budget_of_codes() {
    use kunci_domain::use_cases::{ProveError, enter_code, prove};
    let world = world();
    let (here, authenticator) = world.enrol(&world.sign_in("ada"));
    for _ in 0..10 {
        let guess = support::password("wrong password");
        let outcome = prove(&mut world.open(&here), &guess, "000000", &Stranger);
        assert!(matches!(outcome, Err(ProveError::WrongPassword)), "{outcome:?}");
    }
    let mut open = world.visit_from(ELSEWHERE);
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    let mut open = world.open_from(&token(&open), ELSEWHERE);
    let code = authenticator.recovery[0].expose_text();
    enter_code(&mut open, &code, &Stranger).unwrap();
}
