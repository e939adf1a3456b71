//! Helpers of the promises: port calls that must not fail, and the budget that they use.

use std::time::Duration;

use kunci_domain::ports::{Taken, Throttle};
use kunci_domain::{Budget, Timestamp};

use crate::samples::budget_key;

/// Five attempts at once, then one per minute.
pub(super) const FIVE: Budget = Budget {
    at_once: 5,
    every: MINUTE,
};

pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// Reserves an attempt of budget `number`, of five attempts.
#[track_caller]
pub(super) fn reserve(throttle: &dyn Throttle, number: u64, now: Timestamp) -> Taken {
    throttle.reserve(&budget_key(number), FIVE, now).expect("reserve")
}

#[track_caller]
pub(super) fn release(throttle: &dyn Throttle, number: u64) {
    throttle.release(&budget_key(number)).expect("release");
}

#[track_caller]
pub(super) fn spend(throttle: &dyn Throttle, number: u64, now: Timestamp) {
    throttle.spend(&budget_key(number), FIVE, now).expect("spend");
}

/// Makes an attempt that fails, if the budget grants it.
#[track_caller]
pub(super) fn take(throttle: &dyn Throttle, number: u64, now: Timestamp) -> Taken {
    let taken = reserve(throttle, number, now);
    if taken == Taken::Granted {
        spend(throttle, number, now);
    }
    taken
}

/// Returns how many of five attempts are not available. Nothing is charged.
#[track_caller]
pub(super) fn used(throttle: &dyn Throttle, number: u64, now: Timestamp) -> usize {
    let granted = (0..20)
        .take_while(|_| reserve(throttle, number, now) == Taken::Granted)
        .count();
    (0..granted).for_each(|_| release(throttle, number));
    5_usize
        .checked_sub(granted)
        .expect("at most five attempts are granted")
}

/// Makes attempts that fail until one is refused, at most twenty. Returns how many were granted.
#[track_caller]
pub(super) fn use_up(throttle: &dyn Throttle, number: u64, now: Timestamp) -> usize {
    (0..20)
        .take_while(|_| take(throttle, number, now) == Taken::Granted)
        .count()
}
