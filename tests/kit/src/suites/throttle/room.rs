//! What becomes of budgets when there are more keys than places.

use kunci_domain::ports::{Taken, Throttle};

use super::steps::{take, use_up, used};
use crate::samples::{start, start_plus};

/// Whoever tries a thousand names does not get new attempts at the one that matters.
pub fn keys_made_up_by_the_thousand_free_nobody_s_budget(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 0, start()), 5);
    for number in 1..5_000 {
        assert_eq!(take(throttle, number, start_plus(1)), Taken::Granted);
    }
    assert_eq!(used(throttle, 0, start_plus(1)), 5);
    assert_eq!(use_up(throttle, 0, start_plus(1)), 0);
    assert_eq!(used(throttle, 4_999, start_plus(1)), 1, "the latest has no place");
}
