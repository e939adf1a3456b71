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

/// Takes an attempt from budget `number`, of five attempts.
#[track_caller]
pub(super) fn take(throttle: &dyn Throttle, number: u64, now: Timestamp) -> Taken {
    throttle.take(&budget_key(number), FIVE, now).expect("take")
}

#[track_caller]
pub(super) fn give_back(throttle: &dyn Throttle, number: u64, now: Timestamp) {
    throttle
        .give_back(&budget_key(number), FIVE, now)
        .expect("give_back");
}

#[track_caller]
pub(super) fn used(throttle: &dyn Throttle, number: u64, now: Timestamp) -> u32 {
    throttle.used(&budget_key(number), FIVE, now).expect("used")
}

#[track_caller]
pub(super) fn forget(throttle: &dyn Throttle, number: u64) {
    throttle.forget(&budget_key(number)).expect("forget");
}

/// Takes attempts until one is refused, at most twenty. Returns how many were granted.
#[track_caller]
pub(super) fn use_up(throttle: &dyn Throttle, number: u64, now: Timestamp) -> usize {
    (0..20)
        .take_while(|_| take(throttle, number, now) == Taken::Granted)
        .count()
}
