//! A suite is worth what it catches: each flaw that throttles are known for breaks the promise it should.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use kunci_domain::ports::{StoreError, Taken, Throttle};
use kunci_domain::{Budget, BudgetKey, Timestamp};
use kunci_memory::MemoryThrottle;
use kunci_testkit::samples::budget_key;
use kunci_testkit::suites::throttle::PROMISES;

type Answer<T> = Result<T, StoreError>;
type Take = fn(&Within, &BudgetKey, Budget, Timestamp) -> Answer<Taken>;

/// A throttle that works, and points in time for a flaw that keeps its own.
#[derive(Default)]
struct Within {
    throttle: MemoryThrottle,
    aside: Mutex<HashMap<BudgetKey, Timestamp>>,
}

/// A throttle with one flaw; without it, it is as good as the one within.
struct Flawed {
    within: Within,
    take: Take,
    give_back: fn(&Within, &BudgetKey, Budget, Timestamp) -> Answer<()>,
    used: fn(&Within, &BudgetKey, Budget, Timestamp) -> Answer<u32>,
    forget: fn(&Within, &BudgetKey) -> Answer<()>,
}

impl Flawed {
    fn but_for(flaw: impl FnOnce(&mut Self)) -> Self {
        let mut flawed = Self {
            within: Within::default(),
            take: |within, key, budget, now| within.throttle.take(key, budget, now),
            give_back: |within, key, budget, now| within.throttle.give_back(key, budget, now),
            used: |within, key, budget, now| within.throttle.used(key, budget, now),
            forget: |within, key| within.throttle.forget(key),
        };
        flaw(&mut flawed);
        flawed
    }
}

impl Throttle for Flawed {
    fn take(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Answer<Taken> {
        (self.take)(&self.within, key, budget, now)
    }

    fn give_back(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Answer<()> {
        (self.give_back)(&self.within, key, budget, now)
    }

    fn used(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Answer<u32> {
        (self.used)(&self.within, key, budget, now)
    }

    fn forget(&self, key: &BudgetKey) -> Answer<()> {
        (self.forget)(&self.within, key)
    }
}

/// The promise must fail with the flaw, and must hold without it.
#[track_caller]
fn breaks(promise: &str, flaw: impl Fn(&mut Flawed)) {
    let (_, check) = PROMISES.iter().find(|(name, _)| *name == promise).unwrap();
    check(&Flawed::but_for(|_| {}));
    let fails = || {
        let flawed = Flawed::but_for(&flaw);
        catch_unwind(AssertUnwindSafe(|| check(&flawed))).is_err()
    };
    assert!((0..TRIES).any(|_| fails()), "{promise} was not broken");
}

/// On a busy machine one race may go well by chance; that many never do.
const TRIES: usize = 50;

/// Lets other threads into the gap between looking and writing.
fn dawdle() {
    (0..20).for_each(|_| thread::yield_now());
}

/// A throttle that keeps its points in time itself, and looks at them before it writes them.
fn careless(throttle: &mut Flawed) {
    throttle.take = |within, key, budget, now| {
        let whole_at = within.aside.lock().unwrap().get(key).copied();
        dawdle();
        match budget.after_attempt(whole_at, now) {
            Ok(at) => {
                within.aside.lock().unwrap().insert(*key, at);
                Ok(Taken::Granted)
            }
            Err(wait) => Ok(Taken::Refused(wait)),
        }
    };
    throttle.used =
        |within, key, budget, now| Ok(budget.used(within.aside.lock().unwrap().get(key).copied(), now));
    throttle.give_back = |within, key, budget, _| {
        let whole_at = within.aside.lock().unwrap().get(key).copied();
        let whole_at = whole_at.map(|at| (*key, budget.after_giving_back(at)));
        within.aside.lock().unwrap().extend(whole_at);
        Ok(())
    };
}

#[test]
fn looking_before_counting() {
    breaks("as_many_of_fifty_are_granted_as_the_budget_has", careless);
    breaks("no_attempt_is_lost", careless);
}

#[test]
fn granting_wrongly() {
    let larger = |throttle: &mut Flawed| {
        throttle.take = |within, key, budget, now| {
            let at_once = budget.at_once + 1;
            within.throttle.take(key, Budget { at_once, ..budget }, now)
        };
    };
    breaks("as_many_are_granted_at_once_as_the_budget_has", larger);
    breaks("a_budget_of_nothing_grants_nothing", larger);
    breaks("every_answer_is_that_of_the_budget", larger);
    let early = |throttle: &mut Flawed| {
        throttle.take = |within, key, budget, now| {
            let now = Timestamp::from_unix_millis(now.unix_millis() + 1);
            within.throttle.take(key, budget, now)
        };
    };
    breaks("an_attempt_is_there_again_after_its_time", early);
    breaks("a_refusal_tells_how_long_to_wait", |throttle| {
        throttle.take = |within, key, budget, now| match within.throttle.take(key, budget, now)? {
            Taken::Refused(_) => Ok(Taken::Refused(budget.every)),
            granted => Ok(granted),
        };
    });
    breaks("a_clock_that_is_set_back_frees_nobody", |throttle| {
        throttle.used = |within, key, budget, now| {
            let used = within.throttle.used(key, budget, now)?;
            if used == 0 {
                within.throttle.forget(key)?;
            }
            Ok(used)
        };
    });
    breaks("one_key_may_be_asked_with_different_budgets", |throttle| {
        throttle.take =
            |within, key, budget, now| within.throttle.take(key, Budget { at_once: 5, ..budget }, now);
    });
}

#[test]
fn counting_all_keys_as_one() {
    let flaw = |throttle: &mut Flawed| {
        throttle.take = |within, _, budget, now| within.throttle.take(&budget_key(1), budget, now);
    };
    breaks("keys_have_budgets_of_their_own", flaw);
    breaks("attempts_at_different_keys_do_not_meet", flaw);
}

#[test]
fn counting_what_was_refused() {
    let flaw = |throttle: &mut Flawed| {
        throttle.take = |within, key, budget, now| {
            let taken = within.throttle.take(key, budget, now)?;
            if let Taken::Refused(_) = taken {
                let at_once = budget.at_once + 100;
                let _ = within.throttle.take(key, Budget { at_once, ..budget }, now)?;
            }
            Ok(taken)
        };
    };
    breaks("a_refusal_uses_nothing_up", flaw);
    breaks("a_refusal_tells_how_long_to_wait", flaw);
}

#[test]
fn saving_attempts_up() {
    let flaw = |throttle: &mut Flawed| {
        careless(throttle);
        throttle.take = |within, key, budget, now| {
            let mut aside = within.aside.lock().unwrap();
            // It goes on from where it was, however long ago that is.
            let at = aside.get(key).map_or(now, |at| *at).after(budget.every);
            let latest = now.after(budget.every * budget.at_once);
            if latest < at {
                return Ok(Taken::Refused(at.since(latest)));
            }
            aside.insert(*key, at);
            Ok(Taken::Granted)
        };
    };
    breaks("a_budget_is_never_more_than_whole", flaw);
    breaks("giving_back_makes_no_budget_more_than_whole", flaw);
}

#[test]
fn giving_back_nothing_or_all() {
    let nothing = |throttle: &mut Flawed| throttle.give_back = |_, _, _, _| Ok(());
    breaks("an_attempt_that_is_given_back_can_be_taken_again", nothing);
    breaks(
        "attempts_that_are_given_back_meanwhile_leave_the_budget_whole",
        nothing,
    );
    breaks("an_attempt_that_is_given_back_can_be_taken_again", |throttle| {
        throttle.give_back = |within, key, _, _| within.throttle.forget(key);
    });
}

#[test]
fn forgetting_nothing_or_more() {
    breaks("forgetting_makes_one_budget_whole", |throttle| {
        throttle.forget = |_, _| Ok(());
    });
    let more = |throttle: &mut Flawed| {
        throttle.forget =
            |within, _| (0..9).try_for_each(|number| within.throttle.forget(&budget_key(number)));
    };
    breaks("forgetting_makes_one_budget_whole", more);
    breaks("keys_have_budgets_of_their_own", more);
}

#[test]
fn making_room_at_the_expense_of_whoever_is_used_up() {
    let flaw = |throttle: &mut Flawed| {
        throttle.take = |within, key, budget, now| {
            within.aside.lock().unwrap().insert(*key, now);
            if 100 < within.aside.lock().unwrap().len() {
                // Everything is forgotten, as by a table that is emptied when it is full.
                for (key, _) in within.aside.lock().unwrap().drain() {
                    within.throttle.forget(&key)?;
                }
            }
            within.throttle.take(key, budget, now)
        };
    };
    breaks("keys_made_up_by_the_thousand_free_nobody_s_budget", flaw);
}
