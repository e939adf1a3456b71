//! The suite detects flaws: each known flaw of throttles breaks the expected promise.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

#[macro_use]
mod support;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

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

kunci_testkit::throttle_methods!(flawed);

/// Makes a throttle keep its own times, and read them before it writes them.
fn check_then_write(throttle: &mut Flawed) {
    throttle.take = |inner, key, budget, now| {
        let full_at = inner.full_at.lock().unwrap().get(key).copied();
        yield_to_other_threads();
        match budget.after_attempt(full_at, now) {
            Ok(at) => {
                inner.full_at.lock().unwrap().insert(*key, at);
                Ok(Taken::Granted)
            }
            Err(wait) => Ok(Taken::Refused(wait)),
        }
    };
    throttle.used =
        |inner, key, budget, now| Ok(budget.used(inner.full_at.lock().unwrap().get(key).copied(), now));
    throttle.give_back = |inner, key, budget, _| {
        let full_at = inner.full_at.lock().unwrap().get(key).copied();
        let full_at = full_at.map(|at| (*key, budget.after_refund(at)));
        inner.full_at.lock().unwrap().extend(full_at);
        Ok(())
    };
}

#[test]
fn check_then_count_is_caught() {
    breaks("concurrent_attempts_stay_within_the_budget", check_then_write);
    breaks("concurrent_attempts_all_count", check_then_write);
}

#[test]
fn wrong_grants_are_caught() {
    let larger = |throttle: &mut Flawed| {
        throttle.take = |inner, key, budget, now| {
            let at_once = budget.at_once + 1;
            inner.store.take(key, Budget { at_once, ..budget }, now)
        };
    };
    breaks("budget_grants_exactly_its_attempts", larger);
    breaks("budget_of_zero_grants_nothing", larger);
    breaks("answers_match_the_budget_arithmetic", larger);
    let early = |throttle: &mut Flawed| {
        throttle.take = |inner, key, budget, now| {
            let now = Timestamp::from_unix_millis(now.unix_millis() + 1);
            inner.store.take(key, budget, now)
        };
    };
    breaks("attempt_returns_after_its_interval", early);
    breaks("refusal_reports_the_wait", |throttle| {
        throttle.take = |inner, key, budget, now| match inner.store.take(key, budget, now)? {
            Taken::Refused(_) => Ok(Taken::Refused(budget.every)),
            granted => Ok(granted),
        };
    });
    breaks("clock_set_back_frees_no_attempts", |throttle| {
        throttle.used = |inner, key, budget, now| {
            let used = inner.store.used(key, budget, now)?;
            if used == 0 {
                inner.store.forget(key)?;
            }
            Ok(used)
        };
    });
    breaks("changed_budget_applies_to_earlier_attempts", |throttle| {
        throttle.take = |inner, key, budget, now| inner.store.take(key, Budget { at_once: 5, ..budget }, now);
    });
}

#[test]
fn sharing_one_budget_is_caught() {
    let flaw = |throttle: &mut Flawed| {
        throttle.take = |inner, _, budget, now| inner.store.take(&budget_key(1), budget, now);
    };
    breaks("each_key_has_its_own_budget", flaw);
    breaks("concurrent_keys_do_not_interfere", flaw);
}

#[test]
fn counting_refused_attempts_is_caught() {
    let flaw = |throttle: &mut Flawed| {
        throttle.take = |inner, key, budget, now| {
            let taken = inner.store.take(key, budget, now)?;
            if let Taken::Refused(_) = taken {
                let at_once = budget.at_once + 100;
                let _ = inner.store.take(key, Budget { at_once, ..budget }, now)?;
            }
            Ok(taken)
        };
    };
    breaks("refusal_uses_no_attempt", flaw);
    breaks("refusal_reports_the_wait", flaw);
}

#[test]
fn accumulating_attempts_is_caught() {
    let flaw = |throttle: &mut Flawed| {
        check_then_write(throttle);
        throttle.take = |inner, key, budget, now| {
            let mut full_at = inner.full_at.lock().unwrap();
            // The time is not raised to `now`, so unused intervals accumulate.
            let at = full_at.get(key).map_or(now, |at| *at).after(budget.every);
            let latest = now.after(budget.every * budget.at_once);
            if latest < at {
                return Ok(Taken::Refused(at.since(latest)));
            }
            full_at.insert(*key, at);
            Ok(Taken::Granted)
        };
    };
    breaks("budget_never_exceeds_its_size", flaw);
    breaks("give_back_never_exceeds_a_full_budget", flaw);
}

#[test]
fn wrong_give_back_is_caught() {
    let nothing = |throttle: &mut Flawed| throttle.give_back = |_, _, _, _| Ok(());
    breaks("returned_attempt_can_be_taken_again", nothing);
    breaks("concurrent_give_backs_leave_a_full_budget", nothing);
    breaks("returned_attempt_can_be_taken_again", |throttle| {
        throttle.give_back = |inner, key, _, _| inner.store.forget(key);
    });
}

#[test]
fn wrong_forget_is_caught() {
    breaks("forget_refills_only_that_budget", |throttle| {
        throttle.forget = |_, _| Ok(());
    });
    let more = |throttle: &mut Flawed| {
        throttle.forget = |inner, _| (0..9).try_for_each(|number| inner.store.forget(&budget_key(number)));
    };
    breaks("forget_refills_only_that_budget", more);
    breaks("each_key_has_its_own_budget", more);
}

#[test]
fn evicting_used_up_budgets_is_caught() {
    let flaw = |throttle: &mut Flawed| {
        throttle.take = |inner, key, budget, now| {
            inner.full_at.lock().unwrap().insert(*key, now);
            if 100 < inner.full_at.lock().unwrap().len() {
                // All budgets are dropped, as by a table that is cleared when it is full.
                for (key, _) in inner.full_at.lock().unwrap().drain() {
                    inner.store.forget(&key)?;
                }
            }
            inner.store.take(key, budget, now)
        };
    };
    breaks("many_new_keys_do_not_free_a_used_up_budget", flaw);
}
