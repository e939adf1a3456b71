//! Many threads at once: nothing acknowledged is lost, and nobody who signed out comes back.
//!
//! Each round lets its threads go at one barrier. Nothing is asserted between barriers, so that a
//! broken store fails a promise instead of hanging it.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use kunci_domain::ports::{Inserted, Rotated, SessionStore, Updated};
use kunci_domain::{Revision, Session, SessionData, SessionKey, Timestamp};
use serde_json::Value;

use super::steps::{
    add, as_kept, assert_absent, assert_holds, delete, delete_all_of, find, insert, rotate, settle, update,
};
use crate::samples::{key, rotated, signed_in, start, start_plus, user_id, values, visitor};

/// Enough rounds for a window of a few microseconds to be hit, few enough for a store that syncs to disk.
const ROUNDS: u64 = 40;
const THREADS: u64 = 8;

/// Runs `work` on many threads that set out together; the answers, in the order of the threads.
pub(in crate::suites) fn together<T: Send>(count: u64, work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let (work, barrier) = (&work, &Barrier::new(usize::try_from(count).expect("few threads")));
    thread::scope(|scope| {
        let run = |number| {
            move || {
                barrier.wait();
                work(number)
            }
        };
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(run(number))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a racing call failed"))
            .collect()
    })
}

/// Reads, changes and writes until no other writer is in between; `false` when the session is gone.
pub(super) fn change(
    store: &dyn SessionStore,
    key: &SessionKey,
    edit: impl Fn(&SessionData) -> SessionData,
) -> bool {
    loop {
        let Some(mut session) = find(store, key, start()) else {
            return false;
        };
        session.data = edit(&session.data);
        // The quicker a store, the rarer somebody comes in between by chance.
        thread::yield_now();
        match update(store, &session, start()) {
            Updated::Done => return true,
            Updated::Stale => {}
            Updated::Gone => return false,
        }
    }
}

/// The values with one more entry.
pub(super) fn with(data: &SessionData, name: &str, value: Value) -> SessionData {
    let mut entries = data.as_map().clone();
    entries.insert(name.to_owned(), value);
    SessionData::from_stored(entries)
}

pub(super) fn count_in(data: &SessionData) -> u64 {
    data.get("count").and_then(Value::as_u64).unwrap_or(0)
}

/// How many answers are `wanted`.
pub(in crate::suites) fn count_of<T: PartialEq>(answers: &[T], wanted: &T) -> usize {
    answers.iter().filter(|answer| *answer == wanted).count()
}

/// N increments from N threads sum to N.
pub fn no_increment_is_lost(store: &dyn SessionStore) {
    const EACH: u64 = 10;
    let session = visitor(1);
    add(store, &session);
    together(THREADS, |_| {
        for _ in 0..EACH {
            let kept = change(store, &session.key, |data| {
                with(data, "count", (count_in(data) + 1).into())
            });
            assert!(kept, "the session is gone");
        }
    });
    let found = find(store, &session.key, start()).expect("the session is not there");
    assert_eq!(count_in(&found.data), THREADS * EACH);
    assert_eq!(
        found.revision.as_i64(),
        i64::try_from(THREADS * EACH).expect("a small number")
    );
}

/// Two requests that set different values both survive.
pub fn writers_of_different_values_all_survive(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let session = visitor(round);
        add(store, &session);
        let name = |number| format!("value-{number}");
        together(4, |number| {
            change(store, &session.key, |data| {
                with(data, &name(number), number.into())
            })
        });
        let found = find(store, &session.key, start()).expect("the session is not there");
        let want: Vec<String> = (0..4).map(name).collect();
        assert_eq!(found.data.as_map().keys().cloned().collect::<Vec<_>>(), want);
    }
}

/// Of several updates from one revision exactly one is written, and it is the one that was told so.
pub fn one_of_several_updates_from_one_revision_wins(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let session = visitor(round);
        add(store, &session);
        let change = |number: u64| Session {
            data: values([("winner", number.into())]),
            ..session.clone()
        };
        let answers = together(THREADS, |number| update(store, &change(number), start()));
        assert_eq!(count_of(&answers, &Updated::Done), 1);
        assert_eq!(count_of(&answers, &Updated::Gone), 0);
        let winner = answers.iter().position(|answer| *answer == Updated::Done);
        let found = find(store, &session.key, start()).expect("the session is not there");
        assert_eq!(
            found.data.get("winner").and_then(Value::as_u64),
            winner.map(|index| index as u64)
        );
    }
}

/// Of several inserts of one key exactly one is written, and it is the one that was told so.
pub fn one_of_several_inserts_of_one_key_wins(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let session = |number| Session {
            key: key(round),
            ..signed_in(number, user_id(number))
        };
        let answers = together(THREADS, |number| insert(store, &session(number)));
        assert_eq!(count_of(&answers, &Inserted::Done), 1);
        let winner = (0..THREADS)
            .zip(&answers)
            .find(|(_, answer)| **answer == Inserted::Done);
        let winner = winner.map(|(number, _)| session(number)).expect("one is done");
        assert_holds(store, &winner, start());
    }
}

/// Of several rotations of one session exactly one is done; afterwards there is one session.
pub fn one_of_several_rotations_of_one_key_wins(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let old = signed_in(round * 100, user_id(1));
        add(store, &old);
        let new = |number| Session {
            key: key(round * 100 + 1 + number),
            ..old.clone()
        };
        let answers = together(THREADS, |number| rotate(store, &old, &new(number), start()));
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

/// Whoever looks during a rotation sees the session under one of its keys, never under both or none.
pub fn a_rotation_is_seen_as_one_step(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let (old, new) = (visitor(round * 2), visitor(round * 2 + 1));
        add(store, &old);
        let rotated = AtomicBool::new(false);
        let sightings = together(3, |number| {
            if number == 0 {
                let answer = rotate(store, &old, &new, start());
                rotated.store(true, Ordering::Release);
                return answer == Rotated::Done;
            }
            let mut sound = true;
            while sound && !rotated.load(Ordering::Acquire) {
                sound = looks_like_one_step(store, &old.key, &new.key);
            }
            sound
        });
        assert_eq!(sightings, [true; 3]);
    }
}

/// What was gone under the old key must be there under the new one, and the other way round.
fn looks_like_one_step(store: &dyn SessionStore, old: &SessionKey, new: &SessionKey) -> bool {
    let old_is_gone = find(store, old, start()).is_none();
    let new_is_there = find(store, new, start()).is_some();
    let old_is_still_there = find(store, old, start()).is_some();
    (!old_is_gone || new_is_there) && !(new_is_there && old_is_still_there)
}

/// The calls that could bring a session back, against one that ends it and must find something to end;
/// nothing of the old key is left. Gives the session that a rotation would have made.
fn race_against(store: &dyn SessionStore, round: u64, end: impl Fn(&Session) -> bool + Sync) -> Session {
    let old = signed_in(round * 2, user_id(1));
    let new = rotated(&old, round * 2 + 1);
    add(store, &old);
    let rotates = round.is_multiple_of(2);
    let answers = together(4, |number| {
        // Another one is first in every round.
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
    assert!(answers[0], "neither the old session nor the new one was found");
    new
}

/// Logout wins: after a delete no update or touch that began before brings the session back, and a
/// rotation was either refused, or came before and its session is the one that was deleted.
pub fn nothing_revives_a_session_that_is_being_deleted(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let new = race_against(store, round, |old| delete(store, old));
        assert_absent(store, &new.key, start());
    }
}

/// Logout everywhere wins over rotations too: the user is left without any session.
pub fn nothing_revives_the_sessions_of_a_user_that_are_being_deleted(store: &dyn SessionStore) {
    for round in 0..ROUNDS {
        let new = race_against(store, round, |_| delete_all_of(store, user_id(1)) == 1);
        assert_absent(store, &new.key, start());
    }
}

/// Touching is no writing as far as updates are concerned: none of them becomes stale.
pub fn touches_disturb_no_update(store: &dyn SessionStore) {
    const LATEST: u64 = 10_000;
    let session = visitor(1);
    add(store, &session);
    let (touches, updated) = (AtomicU64::new(0), AtomicBool::new(false));
    let answers = together(4, |number| {
        if number == 0 {
            let undisturbed = (0..ROUNDS).all(|round| {
                // There is a touch between any two updates, unless touching has ended in a panic.
                let before = touches.load(Ordering::Acquire);
                for _ in 0..100_000 {
                    if touches.load(Ordering::Acquire) != before {
                        break;
                    }
                    thread::yield_now();
                }
                update_from(store, &session, round) == Updated::Done
            });
            updated.store(true, Ordering::Release);
            return undisturbed;
        }
        let mut touched = true;
        while !updated.load(Ordering::Acquire) {
            let millis = touches.load(Ordering::Acquire) + 1;
            touched &= store.touch(&session.key, at(millis.min(LATEST))).is_ok();
            touches.fetch_add(1, Ordering::AcqRel);
            thread::yield_now();
        }
        touched
    });
    assert_eq!(answers, [true; 4]);
    settle(store);
    let found = find(store, &session.key, at(0)).expect("the session is not there");
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

/// Purging beside the living: what is extended in time is never swept, what is dead goes once.
pub fn several_purges_count_each_session_once(store: &dyn SessionStore) {
    for round in 0..ROUNDS / 4 {
        let dead: Vec<Session> = (0..6).map(|number| visitor(round * 100 + number)).collect();
        let living = Session {
            last_seen_at: start().after(crate::samples::IDLE),
            ..visitor(round * 100 + 50)
        };
        dead.iter()
            .chain([&living])
            .for_each(|session| add(store, session));
        let end = start().after(crate::samples::IDLE);
        let counts = together(4, |_| store.purge_expired(end, 10).expect("purge_expired"));
        assert_eq!(counts.iter().sum::<u64>(), 6);
        assert_holds(store, &living, end);
        assert!(delete(store, &living));
    }
}
