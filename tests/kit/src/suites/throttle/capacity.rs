//! Promises about budgets when there are far more keys than a throttle keeps apart.

use kunci_domain::ports::{Taken, Throttle};

use super::support::{take, use_up, used};
use crate::samples::{start, start_plus};

/// Checks that thousands of keys have budgets of their own.
pub fn many_new_keys_get_their_attempts(throttle: &dyn Throttle) {
    for number in 1..5_000 {
        assert_eq!(take(throttle, number, start()), Taken::Granted);
    }
    assert_eq!(used(throttle, 4_999, start()), 1, "the latest key is not counted");
}

/// Checks that attempts at a hundred thousand new keys do not free a budget that is used up.
///
/// The attempts may be refused, because a throttle may be stricter after so many keys.
pub fn flood_of_keys_does_not_free_a_used_up_budget(throttle: &dyn Throttle) {
    assert_eq!(use_up(throttle, 0, start()), 5);
    for number in 1..100_000 {
        let _ = take(throttle, number, start_plus(1));
    }
    assert_eq!(use_up(throttle, 0, start_plus(1)), 0);
    let last = start_plus(60_000);
    assert_eq!(
        use_up(throttle, 0, last.before(std::time::Duration::from_millis(1))),
        0
    );
    assert!(use_up(throttle, 0, last) <= 1);
}
