//! Promises about how attempts are counted.

use std::collections::HashMap;
use std::time::Duration;

use kunci_domain::ports::{Taken, Throttle};
use kunci_domain::{Budget, Timestamp};

use super::support::{FIVE, MINUTE, release, reserve, spend, take, use_up, used};
use crate::samples::{budget_key, start, start_plus};

/// Checks that no attempt of an unused budget is counted as used.
pub fn unused_budget_is_full(throttle: &dyn Throttle) {
    assert_eq!(used(throttle, 1, start()), 0);
    assert_eq!(take(throttle, 1, start()), Taken::Granted);
    assert_eq!(used(throttle, 2, start()), 0);
}

/// Checks that exactly as many attempts are granted as the budget has, and that each is counted.
pub fn budget_grants_exactly_its_attempts(throttle: &dyn Throttle) {
    for count in 0..5 {
        assert_eq!(used(throttle, 1, start()), count);
        assert_eq!(take(throttle, 1, start()), Taken::Granted);
    }
    assert_eq!(used(throttle, 1, start()), 5);
    assert!(matches!(take(throttle, 1, start()), Taken::Refused(_)));
}

/// Checks that a refusal reports the time until the next attempt is granted.
pub fn refusal_reports_the_wait(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 1, start()), 5);
    for (millis, wait) in [(0, 60_000), (1, 59_999), (59_999, 1)] {
        let answer = take(throttle, 1, start_plus(millis));
        assert_eq!(
            answer,
            Taken::Refused(Duration::from_millis(wait)),
            "after {millis} ms"
        );
    }
    assert_eq!(take(throttle, 1, start_plus(60_000)), Taken::Granted);
}

/// Checks that refused attempts are not counted and do not extend the wait.
pub fn refusal_uses_no_attempt(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 1, start()), 5);
    for _ in 0..10 {
        assert_eq!(take(throttle, 1, start()), Taken::Refused(MINUTE));
        assert_eq!(used(throttle, 1, start()), 5);
    }
}

/// Checks that attempts become available again one by one, exact to the millisecond.
pub fn attempt_returns_after_its_interval(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 1, start()), 5);
    for round in 1..4 {
        assert_eq!(use_up(throttle, 1, start_plus(round * 60_000 - 1)), 0);
        assert_eq!(use_up(throttle, 1, start_plus(round * 60_000)), 1);
    }
    assert_eq!(used(throttle, 1, start_plus(3 * 60_000)), 5);
    assert_eq!(
        used(throttle, 1, start_plus(3 * 60_000 + 1)),
        5,
        "an attempt counts until its interval has passed"
    );
    assert_eq!(used(throttle, 1, start_plus(4 * 60_000)), 4);
    assert_eq!(used(throttle, 1, start_plus(8 * 60_000)), 0);
}

/// Checks that idle time never makes more attempts available than the budget has.
pub fn budget_never_exceeds_its_size(throttle: &dyn Throttle) {
    assert_eq!(take(throttle, 1, start()), Taken::Granted);
    assert_eq!(use_up(throttle, 1, start_plus(100 * 60_000)), 5);
}

/// Checks that using up one budget does not change another.
pub fn each_key_has_its_own_budget(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 1, start()), 5);
    assert_eq!(used(throttle, 2, start()), 0);
    assert_eq!(use_up(throttle, 2, start()), 5);
    assert_eq!(used(throttle, 1, start()), 5);
}

/// Checks that attempts made under one budget are judged by the budget passed in later.
///
/// An operator may have changed the budget in the meantime.
pub fn changed_budget_applies_to_earlier_attempts(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 1, start()), 5);
    let larger = Budget { at_once: 7, ..FIVE };
    let take = |budget| {
        let taken = throttle
            .reserve(&budget_key(1), budget, start())
            .expect("reserve");
        if taken == Taken::Granted {
            throttle.spend(&budget_key(1), budget, start()).expect("spend");
        }
        taken
    };
    assert_eq!([take(larger), take(larger)], [Taken::Granted; 2]);
    assert_eq!(take(larger), Taken::Refused(MINUTE));
    assert_eq!(
        take(FIVE),
        Taken::Refused(MINUTE),
        "a budget is never more than used up"
    );
}

/// Checks that a budget of zero attempts grants nothing and counts nothing.
pub fn budget_of_zero_grants_nothing(throttle: &dyn Throttle) {
    let none = Budget { at_once: 0, ..FIVE };
    let taken = throttle.reserve(&budget_key(1), none, start()).expect("reserve");
    assert!(matches!(taken, Taken::Refused(_)));
    assert_eq!(used(throttle, 1, start()), 0);
}

/// Checks that reserved attempts count like spent ones.
pub fn reserved_attempts_count(throttle: &dyn Throttle) {
    for count in 0..5 {
        assert_eq!(used(throttle, 1, start()), count);
        assert_eq!(reserve(throttle, 1, start()), Taken::Granted);
    }
    assert_eq!(reserve(throttle, 1, start()), Taken::Refused(MINUTE));
    (0..5).for_each(|_| spend(throttle, 1, start()));
    assert_eq!(used(throttle, 1, start()), 5);
    assert_eq!(take(throttle, 1, start()), Taken::Refused(MINUTE));
}

/// Checks that an attempt which is released, as after a success, can be made again.
pub fn released_attempt_can_be_reserved_again(throttle: &dyn Throttle) {
    for _ in 0..20 {
        assert_eq!(reserve(throttle, 1, start()), Taken::Granted);
        assert_eq!(used(throttle, 1, start()), 1);
        release(throttle, 1);
        assert_eq!(used(throttle, 1, start()), 0);
    }
    (0..5).for_each(|_| assert_eq!(reserve(throttle, 1, start()), Taken::Granted));
    release(throttle, 1);
    assert_eq!(used(throttle, 1, start()), 4);
    assert_eq!(use_up(throttle, 1, start()), 1);
}

/// Checks that releasing too often, or another key, frees no attempt that was spent.
pub fn release_frees_no_spent_attempt(throttle: &dyn Throttle) {
    release(throttle, 1);
    assert_eq!(use_up(throttle, 1, start()), 5);
    (0..9).for_each(|_| release(throttle, 1));
    assert_eq!(used(throttle, 1, start()), 5);
    assert_eq!(reserve(throttle, 2, start()), Taken::Granted);
    release(throttle, 2);
    assert_eq!(used(throttle, 1, start()), 5);
    assert_eq!(use_up(throttle, 2, start()), 5);
}

/// Checks that each answer in a long mixed run equals the result of [`Budget`].
pub fn answers_match_the_budget_arithmetic(throttle: &dyn Throttle) {
    let mut full_at: HashMap<u64, Timestamp> = HashMap::new();
    let mut now = start();
    for step in 0..2_000_u64 {
        let number = step * 7 % 5;
        let kept = full_at.get(&number).copied();
        now = now.after(Duration::from_millis(step * 7_919 % 15_000));
        let want = FIVE.used(kept, now) as usize;
        assert_eq!(used(throttle, number, now), want, "step {step}");
        match (reserve(throttle, number, now), FIVE.after_attempt(kept, now)) {
            (Taken::Granted, Ok(_)) if step % 11 == 10 => release(throttle, number),
            (Taken::Granted, Ok(at)) => {
                spend(throttle, number, now);
                full_at.insert(number, at);
            }
            (Taken::Refused(wait), Err(want)) => assert_eq!(wait, want, "step {step}"),
            (taken, want) => panic!("{taken:?} instead of {want:?} in step {step}"),
        }
    }
}
