//! Many threads at once.

use kunci_domain::ports::{Taken, Throttle};

use super::steps::{give_back, take, use_up, used};
use crate::samples::start;
use crate::suites::session_store::races::{count_of, together};

const ROUNDS: u64 = 10;
const CROWD: u64 = 50;

/// Fifty at once get five attempts between them.
pub fn as_many_of_fifty_are_granted_as_the_budget_has(throttle: &dyn Throttle) {
    for round in 0..ROUNDS {
        let answers = together(CROWD, |_| take(throttle, round, start()));
        assert_eq!(count_of(&answers, &Taken::Granted), 5);
        assert_eq!(used(throttle, round, start()), 5);
    }
}

/// Attempts within the budget all count.
pub fn no_attempt_is_lost(throttle: &dyn Throttle) {
    for round in 0..ROUNDS * 4 {
        let answers = together(4, |_| take(throttle, round, start()));
        assert_eq!(count_of(&answers, &Taken::Granted), 4);
        assert_eq!(used(throttle, round, start()), 4);
    }
}

/// Whoever gives back what was granted leaves no trace, however many do so at once.
pub fn attempts_that_are_given_back_meanwhile_leave_the_budget_whole(throttle: &dyn Throttle) {
    together(8, |_| {
        for _ in 0..50 {
            if take(throttle, 1, start()) == Taken::Granted {
                give_back(throttle, 1, start());
            }
        }
    });
    assert_eq!(used(throttle, 1, start()), 0);
    assert_eq!(use_up(throttle, 1, start()), 5);
}

/// Fifty keys at once have five attempts each.
pub fn attempts_at_different_keys_do_not_meet(throttle: &dyn Throttle) {
    let granted = together(CROWD, |number| use_up(throttle, number, start()));
    assert_eq!(granted, [5; 50]);
}
