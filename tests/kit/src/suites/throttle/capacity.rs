//! Promises about budgets when there are more keys than the throttle has capacity for.

use kunci_domain::ports::{Taken, Throttle};

use super::support::{take, use_up, used};
use crate::samples::{start, start_plus};

/// Checks that attempts at thousands of new keys do not free a budget that is used up.
pub fn many_new_keys_do_not_free_a_used_up_budget(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 0, start()), 5);
    for number in 1..5_000 {
        assert_eq!(take(throttle, number, start_plus(1)), Taken::Granted);
    }
    assert_eq!(used(throttle, 0, start_plus(1)), 5);
    assert_eq!(use_up(throttle, 0, start_plus(1)), 0);
    assert_eq!(
        used(throttle, 4_999, start_plus(1)),
        1,
        "the latest key is not counted"
    );
}
