//! Which values of a visitor follow into the session of the user who signs in.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::use_cases::{sign_in, sign_up};
use kunci_domain::{OpenSession, Permanence, SessionData};
use support::{PASSWORD, World, attempt, code_at, new_user, token, with_second_factor};

/// Returns a visitor's session with `keys` values of together `bytes` bytes of JSON.
fn visitor(world: &World, keys: usize, bytes: usize) -> OpenSession {
    let mut open = world.visit();
    for number in 1..keys {
        open.insert(&format!("k{number:02}"), 1).unwrap();
    }
    // `{"k01":1,...,"last":""}`
    let taken = (keys - 1) * 8 + 11;
    open.insert("last", "x".repeat(bytes - taken)).unwrap();
    open.commit().unwrap();
    assert_eq!(serde_json::to_vec(open.data().as_map()).unwrap().len(), bytes);
    world.open(&token(&open))
}

/// Returns the number of values that remain, in the store as well.
fn remaining(world: &World, open: &OpenSession) -> usize {
    let kept = open.data().iter().count();
    assert_eq!(world.open(&token(open)).data().iter().count(), kept);
    kept
}

const CASES: [(usize, usize, bool); 5] = [
    (1, 4096, true),
    (1, 4097, false),
    (16, 1000, true),
    (17, 1000, false),
    (1, SessionData::MAX_BYTES, false),
];

#[test]
fn few_small_values_of_a_visitor_follow_at_sign_in_and_sign_up() {
    for (keys, bytes, follows) in CASES {
        let kept = if follows { keys } else { 0 };
        let world = World::new();
        let mut open = visitor(&world, keys, bytes);
        sign_up(&mut open, new_user("ada", PASSWORD), Permanence::Browser, None).unwrap();
        assert_eq!(
            remaining(&world, &open),
            kept,
            "sign-up: {keys} keys, {bytes} bytes"
        );
        let mut open = visitor(&world, keys, bytes);
        sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
        assert_eq!(
            remaining(&world, &open),
            kept,
            "sign-in: {keys} keys, {bytes} bytes"
        );
    }
}

#[test]
fn values_kept_before_the_second_step_are_limited_as_well() {
    let (world, _, authenticator) = with_second_factor(World::new());
    let mut open = visitor(&world, 1, 1000);
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    let waiting = token(&open);
    open.insert("more", "x".repeat(4000)).unwrap();
    open.commit().unwrap();
    let code = code_at(&authenticator.seed, world.now());
    let open = world.enter(&waiting, &code).unwrap();
    assert_eq!(remaining(&world, &open), 0);
}

#[test]
fn values_of_the_user_are_kept_whole_at_the_next_sign_in() {
    let world = World::new();
    let mut open = world.open(&world.sign_up("ada"));
    open.insert("cart", "x".repeat(20_000)).unwrap();
    sign_in(&mut open, attempt("ada", PASSWORD)).unwrap();
    assert_eq!(remaining(&world, &open), 1);
}
