//! Promises about clocks that are set forward or back.

use kunci_domain::ports::{Taken, Throttle};

use super::support::{FIVE, take, use_up, used};
use crate::samples::{start, start_plus};

const HOUR: i64 = 3_600_000;
const STEPS: [i64; 3] = [HOUR, 24 * HOUR, 365 * 24 * HOUR];

/// Checks that a clock which is set forward and then right again frees no attempts.
pub fn clock_set_forward_and_back_frees_no_attempts(throttle: &dyn Throttle) {
    for (number, step) in (0..).zip(STEPS) {
        assert_eq!(use_up(throttle, number, start()), 5);
        assert_eq!(used(throttle, number, start_plus(step)), 0);
        assert_eq!(use_up(throttle, number, start()), 0, "{step} ms");
    }
}

/// Checks that a clock which is set back frees no attempts.
pub fn clock_set_back_frees_no_attempts(throttle: &dyn Throttle) {
    for (number, step) in (0..).zip(STEPS) {
        assert_eq!(use_up(throttle, number, start()), 5);
        assert_eq!(use_up(throttle, number, start_plus(-step)), 0, "{step} ms");
    }
}

/// Checks that after a clock was set back, a budget refills as if it had just been used up.
pub fn clock_set_back_never_lengthens_the_wait(throttle: &dyn Throttle) {
    for (number, step) in (0..).zip(STEPS) {
        for used in 1..=5 {
            let number = number * 10 + used;
            (0..used).for_each(|_| assert_eq!(take(throttle, number, start()), Taken::Granted));
            let (case, back) = (format!("{used} used, {step} ms"), start_plus(-step));
            assert_eq!(take(throttle, number, back), Taken::Refused(FIVE.every), "{case}");
            assert_eq!(use_up(throttle, number, back.after(FIVE.every)), 1, "{case}");
            assert_eq!(use_up(throttle, number, back.after(FIVE.span() * 2)), 5, "{case}");
        }
    }
}
