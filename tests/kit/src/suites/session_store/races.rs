//! Promises about concurrent calls: no acknowledged write is lost, and no deleted session comes back.
//!
//! The threads of a round start at one barrier. No thread waits for another one without a bound, so a broken
//! store fails a promise instead of blocking it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use kunci_domain::ports::{Inserted, Rotated, SessionStore, Updated};
use kunci_domain::{Revision, Session, SessionData, SessionKey, Timestamp};
use serde_json::Value;

use super::support::{
    add, as_kept, assert_absent, assert_holds, delete, delete_all_of, find, insert, rotate, settle, update,
};
use crate::samples::{key, rotated, signed_in, start, start_plus, user_id, values, visitor};
use crate::suites::concurrency::{count_of, observe_while, run_concurrently};

/// Enough rounds to hit a window of a few microseconds, few enough for a store that syncs to disk.
const ROUNDS: u64 = 40;
const THREADS: u64 = 8;

/// Reads, edits and writes a session until no other writer interferes. Returns `false` if the session
/// is gone.
pub(super) fn change(
    store: &dyn SessionStore,
    key: &SessionKey,
    edit: impl Fn(&SessionData) -> SessionData,
) -> bool {
    // Another writer succeeds whenever this one is stale, so the bound is only met by a broken store.
    for _ in 0..10_000 {
        let Some(mut session) = find(store, key, start()) else {
            return false;
        };
        session.data = edit(&session.data);
        // Other writers rarely interfere with a fast store by chance, so this gives them time.
        thread::yield_now();
        match update(store, &session, start()) {
            Updated::Done => return true,
            Updated::Stale => {}
            Updated::Gone => return false,
        }
    }
    panic!("every change is stale");
}

/// Returns the values with one more entry.
pub(super) fn with(data: &SessionData, name: &str, value: Value) -> SessionData {
    let mut entries = data.as_map().clone();
    entries.insert(name.to_owned(), value);
    SessionData::from_stored(entries)
}

pub(super) fn count_in(data: &SessionData) -> u64 {
    data.get("count").and_then(Value::as_u64).unwrap_or(0)
}

/// Checks that increments from several threads add up, in the value and in the revision.
pub fn concurrent_increments_are_not_lost(store: &dyn SessionStore) {
    const EACH: u64 = 10;
    let session = visitor(1);
    add(store, &session);
    run_concurrently(THREADS, |_| {
        for _ in 0..EACH {
            let kept = change(store, &session.key, |data| {
                with(data, "count", (count_in(data) + 1).into())
            });
            assert!(kept, "the session is gone");
        }
    });
    let found = find(store, &session.key, start()).expect("the session is missing");
    assert_eq!(count_in(&found.data), THREADS * EACH);
    assert_eq!(
        found.revision.as_i64(),
        i64::try_from(THREADS * EACH).expect("a small number")
    );
}

/// Checks that concurrent requests which set different values all keep their value.
pub fn concurrent_writes_of_different_values_survive(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let session = visitor(round);
        add(store, &session);
        let name = |number| format!("value-{number}");
        run_concurrently(4, |number| {
            change(store, &session.key, |data| {
                with(data, &name(number), number.into())
            })
        });
        let found = find(store, &session.key, start()).expect("the session is missing");
        let want: Vec<String> = (0..4).map(name).collect();
        assert_eq!(found.data.as_map().keys().cloned().collect::<Vec<_>>(), want);
    }
}

/// Checks that exactly one of several updates from one revision is `Done`, and that its value is
/// stored.
pub fn one_of_many_concurrent_updates_wins(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let session = visitor(round);
        add(store, &session);
        let change = |number: u64| Session {
            data: values([("winner", number.into())]),
            ..session.clone()
        };
        let answers = run_concurrently(THREADS, |number| update(store, &change(number), start()));
        assert_eq!(count_of(&answers, &Updated::Done), 1);
        assert_eq!(count_of(&answers, &Updated::Gone), 0);
        let winner = answers.iter().position(|answer| *answer == Updated::Done);
        let found = find(store, &session.key, start()).expect("the session is missing");
        assert_eq!(
            found.data.get("winner").and_then(Value::as_u64),
            winner.map(|index| index as u64)
        );
    }
}

/// Checks that exactly one of several inserts of one key is `Done`, and that its session is stored.
pub fn one_of_many_concurrent_inserts_wins(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let session = |number| Session {
            key: key(round),
            ..signed_in(number, user_id(number))
        };
        let answers = run_concurrently(THREADS, |number| insert(store, &session(number)));
        assert_eq!(count_of(&answers, &Inserted::Done), 1);
        let winner = (0..THREADS)
            .zip(&answers)
            .find(|(_, answer)| **answer == Inserted::Done);
        let winner = winner
            .map(|(number, _)| session(number))
            .expect("one insert succeeds");
        assert_holds(store, &winner, start());
    }
}

/// Checks that exactly one of several rotations of a session is `Done`, and that one session is left.
pub fn one_of_many_concurrent_rotations_wins(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let old = signed_in(round * 100, user_id(1));
        add(store, &old);
        let new = |number| Session {
            key: key(round * 100 + 1 + number),
            ..old.clone()
        };
        let answers = run_concurrently(THREADS, |number| rotate(store, &old, &new(number), start()));
        assert_eq!(count_of(&answers, &Rotated::Done), 1);
        assert_eq!(count_of(&answers, &Rotated::Gone), answers.len() - 1);
        assert_absent(store, &old.key, start());
        for (number, answer) in (0..).zip(&answers) {
            let found = find(store, &new(number).key, start());
            assert_eq!(found.is_some(), *answer == Rotated::Done);
        }
        assert_eq!(delete_all_of(store, user_id(1)), 1);
    }
}

/// Checks that readers see a rotating session under one of its keys, never under both or none.
pub fn rotation_is_atomic_for_readers(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let (old, new) = (visitor(round * 2), visitor(round * 2 + 1));
        add(store, &old);
        let (rotated, atomic) = observe_while(
            2,
            || rotate(store, &old, &new, start()),
            |_| rotation_looks_atomic(store, &old.key, &new.key),
        );
        assert_eq!(rotated, Rotated::Done);
        assert!(atomic, "a reader saw both sessions or none");
    }
}

/// Returns whether three reads in a row are consistent with a rotation in one step.
///
/// If the old key is gone, the new one must exist; if the new one exists, the old one must be gone.
fn rotation_looks_atomic(store: &dyn SessionStore, old: &SessionKey, new: &SessionKey) -> bool {
    let old_is_gone = find(store, old, start()).is_none();
    let new_is_there = find(store, new, start()).is_some();
    let old_is_there = find(store, old, start()).is_some();
    (!old_is_gone || new_is_there) && !(new_is_there && old_is_there)
}

/// Races an update, a touch and a rotation against `end`, which must find the session.
///
/// Checks that nothing is left under the old key, and returns the session that a rotation would have
/// made.
fn race_writes_against(
    store: &dyn SessionStore,
    round: u64,
    end: impl Fn(&Session) -> bool + Sync,
) -> Session {
    let old = signed_in(round * 2, user_id(1));
    let new = rotated(&old, round * 2 + 1);
    add(store, &old);
    let rotates = round.is_multiple_of(2);
    let answers = run_concurrently(4, |number| {
        // The delays make another thread first in each round.
        (0..(round / 2 + number) % 4).for_each(|_| thread::yield_now());
        match number {
            0 => end(&old),
            1 if rotates => rotate(store, &old, &new, start()) == Rotated::Done,
            1 | 2 => update(store, &old, start()) == Updated::Done,
            _ => store.touch(&old.key, start_plus(5)).is_ok(),
        }
    });
    settle(store);
    assert_absent(store, &old.key, start());
    assert!(answers[0], "the call found neither the old nor the new session");
    new
}

/// Checks that logout wins over concurrent writes.
///
/// After `delete`, no earlier update or touch brings the session back. A rotation is either refused, or
/// `delete` removes the session that it made.
pub fn no_write_revives_a_session_during_delete(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let new = race_writes_against(store, round, |old| delete(store, old));
        assert_absent(store, &new.key, start());
    }
}

/// Checks that logout everywhere wins over concurrent writes, including rotations: the user has no
/// session left.
pub fn no_write_revives_a_session_during_delete_all(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let new = race_writes_against(store, round, |_| delete_all_of(store, user_id(1)) == 1);
        assert_absent(store, &new.key, start());
    }
}

/// Checks that touches between reading and updating a session do not make the update stale.
pub fn concurrent_touches_do_not_make_updates_stale(store: &dyn SessionStore) {
    const LATEST: u64 = 10_000;
    let session = visitor(1);
    add(store, &session);
    let touches = AtomicU64::new(0);
    let update_after_a_touch = |round| {
        // Waits for a touch between two updates. The bound ends the wait if a thread panicked.
        let before = touches.load(Ordering::Acquire);
        for _ in 0..100_000 {
            if touches.load(Ordering::Acquire) != before {
                break;
            }
            thread::yield_now();
        }
        update_from(store, &session, round) == Updated::Done
    };
    let touch_later = |_| {
        let millis = touches.load(Ordering::Acquire) + 1;
        let touched = store.touch(&session.key, at(millis.min(LATEST))).is_ok();
        touches.fetch_add(1, Ordering::AcqRel);
        thread::yield_now();
        touched
    };
    let (updated, touched) = observe_while(3, || (0..ROUNDS).all(update_after_a_touch), touch_later);
    assert!(updated, "an update was stale");
    assert!(touched, "a touch failed");
    settle(store);
    let found = find(store, &session.key, at(0)).expect("the session is missing");
    assert!(at(0) < found.last_seen_at && found.last_seen_at <= at(LATEST));
    let written = Session {
        last_seen_at: found.last_seen_at,
        revision: found.revision,
        data: values([("round", (ROUNDS - 1).into())]),
        ..session
    };
    assert_eq!(as_kept(&found), as_kept(&written));
}

fn update_from(store: &dyn SessionStore, session: &Session, round: u64) -> Updated {
    let next = Session {
        data: values([("round", round.into())]),
        revision: Revision::from_stored(i64::try_from(round).expect("few rounds")),
        ..session.clone()
    };
    update(store, &next, start())
}

fn at(millis: u64) -> Timestamp {
    start_plus(i64::try_from(millis).expect("few milliseconds"))
}

/// Checks that concurrent purges count each expired session once and keep a session that was extended
/// in time.
pub fn concurrent_purges_count_each_session_once(store: &dyn SessionStore) {
    for round in 0..ROUNDS / 4 {
        let expired: Vec<Session> = (0..6).map(|number| visitor(round * 100 + number)).collect();
        let live = Session {
            last_seen_at: start().after(crate::samples::IDLE),
            ..visitor(round * 100 + 50)
        };
        expired
            .iter()
            .chain([&live])
            .for_each(|session| add(store, session));
        let end = start().after(crate::samples::IDLE);
        let counts = run_concurrently(4, |_| store.purge_expired(end, 10).expect("purge_expired"));
        assert_eq!(counts.iter().sum::<u64>(), 6);
        assert_holds(store, &live, end);
        assert!(delete(store, &live));
    }
}
