//! How attempts count: one budget after the other, by whatever clock.

use std::collections::HashMap;
use std::time::Duration;

use kunci_domain::ports::{Taken, Throttle};
use kunci_domain::{Budget, Timestamp};

use super::steps::{FIVE, MINUTE, forget, give_back, take, use_up, used};
use crate::samples::{budget_key, start, start_plus};

/// Whoever comes first finds everything there.
pub fn a_budget_that_nobody_has_used_is_whole(throttle: &dyn Throttle) {
    assert_eq!(used(throttle, 1, start()), 0);
    assert_eq!(take(throttle, 1, start()), Taken::Granted);
    assert_eq!(used(throttle, 2, start()), 0);
}

/// Neither one more nor one less; each counts.
pub fn as_many_are_granted_at_once_as_the_budget_has(throttle: &dyn Throttle) {
    for count in 0..5 {
        assert_eq!(used(throttle, 1, start()), count);
        assert_eq!(take(throttle, 1, start()), Taken::Granted);
    }
    assert_eq!(used(throttle, 1, start()), 5);
    assert!(matches!(take(throttle, 1, start()), Taken::Refused(_)));
}

/// Whoever waits for as long as they are told is not refused again.
pub fn a_refusal_tells_how_long_to_wait(throttle: &dyn Throttle) {
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

/// Trying in vain makes nothing worse.
pub fn a_refusal_uses_nothing_up(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 1, start()), 5);
    for _ in 0..10 {
        assert_eq!(take(throttle, 1, start()), Taken::Refused(MINUTE));
        assert_eq!(used(throttle, 1, start()), 5);
    }
}

/// To the millisecond, one after the other.
pub fn an_attempt_is_there_again_after_its_time(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 1, start()), 5);
    for round in 1..4 {
        assert_eq!(use_up(throttle, 1, start_plus(round * 60_000 - 1)), 0);
        assert_eq!(use_up(throttle, 1, start_plus(round * 60_000)), 1);
    }
    assert_eq!(used(throttle, 1, start_plus(3 * 60_000)), 5);
    assert_eq!(
        used(throttle, 1, start_plus(3 * 60_000 + 1)),
        5,
        "a begun one counts"
    );
    assert_eq!(used(throttle, 1, start_plus(4 * 60_000)), 4);
    assert_eq!(used(throttle, 1, start_plus(8 * 60_000)), 0);
}

/// Nobody saves attempts up.
pub fn a_budget_is_never_more_than_whole(throttle: &dyn Throttle) {
    assert_eq!(take(throttle, 1, start()), Taken::Granted);
    assert_eq!(use_up(throttle, 1, start_plus(100 * 60_000)), 5);
}

/// What one uses up is no concern of another.
pub fn keys_have_budgets_of_their_own(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 1, start()), 5);
    assert_eq!(used(throttle, 2, start()), 0);
    assert_eq!(use_up(throttle, 2, start()), 5);
    forget(throttle, 2);
    assert_eq!(used(throttle, 1, start()), 5);
}

/// A budget that an operator has changed meanwhile is judged as it is now.
pub fn one_key_may_be_asked_with_different_budgets(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 1, start()), 5);
    let larger = Budget { at_once: 7, ..FIVE };
    let take = |budget| throttle.take(&budget_key(1), budget, start()).expect("take");
    assert_eq!([take(larger), take(larger)], [Taken::Granted; 2]);
    assert_eq!(take(larger), Taken::Refused(MINUTE));
    assert_eq!(take(FIVE), Taken::Refused(MINUTE * 3));
}

/// Who allows nothing gets nothing.
pub fn a_budget_of_nothing_grants_nothing(throttle: &dyn Throttle) {
    let none = Budget { at_once: 0, ..FIVE };
    let taken = throttle.take(&budget_key(1), none, start()).expect("take");
    assert!(matches!(taken, Taken::Refused(_)));
    assert_eq!(used(throttle, 1, start()), 0);
}

/// A clock that jumps ahead and back, or just back, gives nobody new attempts.
pub fn a_clock_that_is_set_back_frees_nobody(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 1, start()), 5);
    assert_eq!(use_up(throttle, 1, start_plus(-3_600_000)), 0);
    assert_eq!(used(throttle, 1, start_plus(3_600_000)), 0);
    assert_eq!(take(throttle, 2, start_plus(3_600_000)), Taken::Granted);
    assert_eq!(use_up(throttle, 1, start()), 0);
}

/// Who succeeds pays nothing.
pub fn an_attempt_that_is_given_back_can_be_taken_again(throttle: &dyn Throttle) {
    for _ in 0..20 {
        assert_eq!(take(throttle, 1, start()), Taken::Granted);
        assert_eq!(used(throttle, 1, start()), 1);
        give_back(throttle, 1, start());
        assert_eq!(used(throttle, 1, start()), 0);
    }
    assert_eq!(use_up(throttle, 1, start()), 5);
    give_back(throttle, 1, start());
    assert_eq!(used(throttle, 1, start()), 4);
    assert_eq!(use_up(throttle, 1, start()), 1);
}

/// Giving back too often, or what time has given back already, makes nobody rich.
pub fn giving_back_makes_no_budget_more_than_whole(throttle: &dyn Throttle) {
    give_back(throttle, 1, start());
    assert_eq!(use_up(throttle, 1, start()), 5);
    (0..9).for_each(|_| give_back(throttle, 1, start()));
    assert_eq!(use_up(throttle, 1, start()), 5);
    let later = start_plus(30 * 60_000);
    (0..9).for_each(|_| give_back(throttle, 1, later));
    assert_eq!(use_up(throttle, 1, later), 5);
    assert_eq!(used(throttle, 2, later), 0);
}

/// Whoever has shown who they are begins anew, and nobody else.
pub fn forgetting_makes_one_budget_whole(throttle: &dyn Throttle) {
    for number in 1..3 {
        assert_eq!(use_up(throttle, number, start()), 5);
    }
    forget(throttle, 1);
    assert_eq!(used(throttle, 1, start()), 0);
    assert_eq!(used(throttle, 2, start()), 5);
    assert_eq!(use_up(throttle, 1, start()), 5);
}

/// It may be repeated, and asked of nobody.
pub fn forgetting_may_be_repeated(throttle: &dyn Throttle) {
    forget(throttle, 1);
    assert_eq!(take(throttle, 1, start()), Taken::Granted);
    forget(throttle, 1);
    forget(throttle, 1);
    assert_eq!(used(throttle, 1, start()), 0);
}

/// Over a long mixed run, each answer is the one that [`Budget`] works out.
pub fn every_answer_is_that_of_the_budget(throttle: &dyn Throttle) {
    let mut whole_at: HashMap<u64, Timestamp> = HashMap::new();
    let mut now = start();
    for step in 0..2_000_u64 {
        let number = step * 7 % 5;
        let kept = whole_at.get(&number).copied();
        now = now.after(Duration::from_millis(step * 7_919 % 15_000));
        assert_eq!(used(throttle, number, now), FIVE.used(kept, now), "step {step}");
        if step % 11 == 10 {
            give_back(throttle, number, now);
            whole_at.extend(kept.map(|at| (number, FIVE.after_giving_back(at))));
            continue;
        }
        match (take(throttle, number, now), FIVE.after_attempt(kept, now)) {
            (Taken::Granted, Ok(at)) => drop(whole_at.insert(number, at)),
            (Taken::Refused(wait), Err(want)) => assert_eq!(wait, want, "step {step}"),
            (taken, want) => panic!("{taken:?} instead of {want:?} in step {step}"),
        }
    }
}
