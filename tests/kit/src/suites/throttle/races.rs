//! Promises about concurrent calls.

use kunci_domain::ports::{Taken, Throttle};

use super::support::{release, reserve, spend, take, use_up, used};
use crate::samples::start;
use crate::suites::concurrency::{count_of, run_concurrently};

const ROUNDS: u64 = 10;
const CROWD: u64 = 50;

/// Checks that fifty concurrent attempts at a budget of five are granted five times, spent or not yet.
pub fn concurrent_attempts_stay_within_the_budget(throttle: &dyn Throttle) {
    for round in 0..ROUNDS {
        let answers = run_concurrently(CROWD, |_| reserve(throttle, round, start()));
        assert_eq!(count_of(&answers, &Taken::Granted), 5);
        (0..5).for_each(|_| spend(throttle, round, start()));
        assert_eq!(used(throttle, round, start()), 5);
        let answers = run_concurrently(CROWD, |_| take(throttle, ROUNDS + round, start()));
        assert_eq!(count_of(&answers, &Taken::Granted), 5);
    }
}

/// Checks that concurrent attempts within the budget are all granted and counted.
pub fn concurrent_attempts_all_count(throttle: &dyn Throttle) {
    for round in 0..ROUNDS * 4 {
        let answers = run_concurrently(4, |_| take(throttle, round, start()));
        assert_eq!(count_of(&answers, &Taken::Granted), 4);
        assert_eq!(used(throttle, round, start()), 4);
    }
}

/// Checks that the budget is full after concurrent attempts that are all released.
pub fn concurrent_releases_leave_a_full_budget(throttle: &dyn Throttle) {
    run_concurrently(8, |_| {
        for _ in 0..50 {
            if reserve(throttle, 1, start()) == Taken::Granted {
                release(throttle, 1);
            }
        }
    });
    assert_eq!(used(throttle, 1, start()), 0);
    assert_eq!(use_up(throttle, 1, start()), 5);
}

/// Checks that concurrent attempts at fifty keys each get their own five.
pub fn concurrent_keys_do_not_interfere(throttle: &dyn Throttle) {
    let granted = run_concurrently(CROWD, |number| use_up(throttle, number, start()));
    assert_eq!(granted, [5; 50]);
}
