//! The suite detects flaws: each known flaw of throttles breaks the expected promise.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

#[macro_use]
mod support;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Duration;

use kunci_domain::ports::{Taken, Throttle};
use kunci_domain::{Budget, BudgetKey, Timestamp};
use kunci_memory::MemoryThrottle;
use kunci_testkit::samples::budget_key;
use kunci_testkit::suites::throttle::PROMISES;
use support::{Answer, TRIES, yield_to_other_threads};

/// A working throttle, and the times that some flaws keep themselves.
#[derive(Default)]
struct Inner {
    store: MemoryThrottle,
    full_at: Mutex<HashMap<BudgetKey, Timestamp>>,
}

impl Inner {
    fn full_at(&self, key: &BudgetKey) -> Option<Timestamp> {
        self.full_at.lock().unwrap().get(key).copied()
    }

    fn put(&self, key: &BudgetKey, full_at: Timestamp) {
        self.full_at.lock().unwrap().insert(*key, full_at);
    }
}

kunci_testkit::throttle_methods!(flawed);

/// Makes a throttle keep its own times without reservations.
fn without_reservations(throttle: &mut Flawed) {
    throttle.reserve = |inner, key, budget, now| {
        Ok(match budget.after_attempt(inner.full_at(key), now) {
            Ok(_) => Taken::Granted,
            Err(wait) => Taken::Refused(wait),
        })
    };
    throttle.spend = |inner, key, budget, now| {
        if let Ok(at) = budget.after_attempt(inner.full_at(key), now) {
            inner.put(key, at);
        }
        Ok(())
    };
    throttle.release = |_, _| Ok(());
}

/// Makes a throttle charge its own times when an attempt is reserved, and refund them when it is released.
fn charge_early(throttle: &mut Flawed) {
    throttle.reserve = |inner, key, budget, now| {
        let full_at = inner.full_at(key);
        yield_to_other_threads();
        match budget.after_attempt(full_at, now) {
            Ok(at) => {
                inner.put(key, at);
                Ok(Taken::Granted)
            }
            Err(wait) => Ok(Taken::Refused(wait)),
        }
    };
    throttle.release = |inner, key| {
        if let Some(at) = inner.full_at(key) {
            inner.put(key, at.before(Duration::from_secs(60)));
        }
        Ok(())
    };
    throttle.spend = |_, _, _, _| Ok(());
}

#[test]
fn check_then_count_is_caught() {
    breaks("concurrent_attempts_stay_within_the_budget", charge_early);
    breaks("concurrent_attempts_all_count", charge_early);
}

#[test]
fn missing_reservations_are_caught() {
    breaks("reserved_attempts_count", without_reservations);
    breaks("concurrent_attempts_stay_within_the_budget", without_reservations);
}

#[test]
fn refunds_of_spent_attempts_are_caught() {
    breaks("release_frees_no_spent_attempt", charge_early);
}

#[test]
fn wrong_grants_are_caught() {
    let larger = |throttle: &mut Flawed| {
        throttle.reserve = |inner, key, budget, now| {
            let at_once = budget.at_once + 1;
            inner.store.reserve(key, Budget { at_once, ..budget }, now)
        };
    };
    breaks("budget_grants_exactly_its_attempts", larger);
    breaks("budget_of_zero_grants_nothing", larger);
    breaks("answers_match_the_budget_arithmetic", larger);
    let early = |throttle: &mut Flawed| {
        throttle.reserve = |inner, key, budget, now| {
            let now = Timestamp::from_unix_millis(now.unix_millis() + 1);
            inner.store.reserve(key, budget, now)
        };
    };
    breaks("attempt_returns_after_its_interval", early);
    breaks("refusal_reports_the_wait", |throttle| {
        throttle.reserve = |inner, key, budget, now| match inner.store.reserve(key, budget, now)? {
            Taken::Refused(_) => Ok(Taken::Refused(budget.every)),
            granted => Ok(granted),
        };
    });
    breaks("changed_budget_applies_to_earlier_attempts", |throttle| {
        throttle.reserve = |inner, key, budget, now| {
            let at_once = budget.at_once.min(5);
            inner.store.reserve(key, Budget { at_once, ..budget }, now)
        };
    });
}

#[test]
fn flaws_of_the_clock_are_caught() {
    let endless_debt = |throttle: &mut Flawed| {
        without_reservations(throttle);
        throttle.reserve = |inner, key, budget, now| {
            let (at, latest) = (
                inner.full_at(key).unwrap_or(now).max(now),
                now.after(budget.span()),
            );
            let next = at.after(budget.every);
            Ok(if next <= latest {
                Taken::Granted
            } else {
                Taken::Refused(next.since(latest))
            })
        };
    };
    breaks("clock_set_back_never_lengthens_the_wait", endless_debt);
    breaks("clock_set_forward_and_back_frees_no_attempts", |throttle| {
        without_reservations(throttle);
        throttle.reserve = |inner, key, budget, now| {
            if inner.full_at(key).is_some_and(|at| at <= now) {
                inner.full_at.lock().unwrap().remove(key);
            }
            Ok(match budget.after_attempt(inner.full_at(key), now) {
                Ok(_) => Taken::Granted,
                Err(wait) => Taken::Refused(wait),
            })
        };
    });
    breaks("clock_set_back_frees_no_attempts", |throttle| {
        without_reservations(throttle);
        throttle.reserve = |inner, key, budget, now| {
            let full_at = inner.full_at(key).filter(|at| at.since(now) <= budget.span());
            Ok(match budget.after_attempt(full_at, now) {
                Ok(_) => Taken::Granted,
                Err(wait) => Taken::Refused(wait),
            })
        };
    });
}

#[test]
fn sharing_one_budget_is_caught() {
    let flaw = |throttle: &mut Flawed| {
        throttle.reserve = |inner, _, budget, now| inner.store.reserve(&budget_key(1), budget, now);
        throttle.release = |inner, _| inner.store.release(&budget_key(1));
        throttle.spend = |inner, _, budget, now| inner.store.spend(&budget_key(1), budget, now);
    };
    breaks("each_key_has_its_own_budget", flaw);
    breaks("many_new_keys_get_their_attempts", flaw);
    breaks("concurrent_keys_do_not_interfere", flaw);
}

#[test]
fn counting_refused_attempts_is_caught() {
    let flaw = |throttle: &mut Flawed| {
        throttle.reserve = |inner, key, budget, now| {
            let taken = inner.store.reserve(key, budget, now)?;
            if let Taken::Refused(_) = taken {
                let more = Budget {
                    at_once: budget.at_once + 100,
                    ..budget
                };
                inner.store.spend(key, more, now)?;
            }
            Ok(taken)
        };
    };
    breaks("attempt_returns_after_its_interval", flaw);
}

#[test]
fn accumulating_attempts_is_caught() {
    let flaw = |throttle: &mut Flawed| {
        without_reservations(throttle);
        // The time is not raised to `now`, so unused intervals accumulate.
        throttle.reserve = |inner, key, budget, now| {
            let (at, latest) = (inner.full_at(key).unwrap_or(now), now.after(budget.span()));
            let at = at.after(budget.every);
            Ok(if latest < at {
                Taken::Refused(at.since(latest))
            } else {
                Taken::Granted
            })
        };
        throttle.spend = |inner, key, budget, now| {
            inner.put(key, inner.full_at(key).unwrap_or(now).after(budget.every));
            Ok(())
        };
    };
    breaks("budget_never_exceeds_its_size", flaw);
}

#[test]
fn wrong_release_is_caught() {
    let nothing = |throttle: &mut Flawed| throttle.release = |_, _| Ok(());
    breaks("released_attempt_can_be_reserved_again", nothing);
    breaks("concurrent_releases_leave_a_full_budget", nothing);
    breaks("released_attempt_can_be_reserved_again", |throttle| {
        throttle.release = |inner, key| (0..9).try_for_each(|_| inner.store.release(key));
    });
}

#[test]
fn evicting_used_up_budgets_is_caught() {
    breaks("flood_of_keys_does_not_free_a_used_up_budget", |throttle| {
        without_reservations(throttle);
        throttle.spend = |inner, key, budget, now| {
            let next = budget.after_attempt(inner.full_at(key), now).unwrap_or(now);
            if 50_000 < inner.full_at.lock().unwrap().len() {
                // All budgets are dropped, as by a table that is cleared when it is full.
                inner.full_at.lock().unwrap().clear();
            }
            inner.put(key, next);
            Ok(())
        };
    });
}
