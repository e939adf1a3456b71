//! Flaws in inserting and updating sessions.

use kunci_domain::Session;
use kunci_domain::Timestamp;
use kunci_domain::ports::{Inserted, SessionStore, Updated};

use crate::store::{Flawed, breaks};
use crate::support::yield_to_other_threads;

#[test]
fn overwriting_insert_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.insert = |inner, session| {
            inner.overwrite(session);
            Ok(Inserted::Done)
        };
    };
    breaks("insert_of_existing_key_collides", flaw);
    breaks("insert_over_expired_session_collides", flaw);
}

#[test]
fn check_then_insert_is_caught() {
    breaks("one_of_many_concurrent_inserts_wins", |store| {
        store.insert = |inner, session| {
            if inner.find_even_expired(&session.key).is_some() {
                return Ok(Inserted::Collision);
            }
            yield_to_other_threads();
            inner.overwrite(session);
            Ok(Inserted::Done)
        };
    });
}

#[test]
fn upserting_update_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.update = |inner, session, now| match inner.store.update(session, now)? {
            Updated::Gone => inner.store.insert(session).map(|_| Updated::Done),
            other => Ok(other),
        };
    };
    breaks("update_of_unknown_session_is_gone", flaw);
    breaks("update_after_delete_is_gone", flaw);
    breaks("no_write_revives_a_session_after_delete_all", flaw);
    breaks("no_write_revives_a_session_during_delete", flaw);
}

#[test]
fn update_that_revives_a_session_is_caught() {
    breaks("update_after_delete_is_gone", |store| {
        store.delete = |inner, session| {
            inner.remembered.lock().unwrap().extend(
                inner
                    .find_even_expired(&session.key)
                    .map(|session| (session, Timestamp::MAX)),
            );
            inner.store.delete(session)
        };
        store.update = |inner, session, now| {
            if inner
                .remembered
                .lock()
                .unwrap()
                .iter()
                .any(|(gone, _)| gone.key == session.key)
            {
                return inner.store.insert(session).map(|_| Updated::Done);
            }
            inner.store.update(session, now)
        };
    });
}

#[test]
fn check_then_update_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.update = |inner, session, now| {
            let Some(stored) = inner.store.find(&session.key, now)? else {
                return Ok(Updated::Gone);
            };
            if stored.revision != session.revision {
                return Ok(Updated::Stale);
            }
            yield_to_other_threads();
            inner.overwrite(&Session {
                revision: session.revision.next(),
                ..session.clone()
            });
            Ok(Updated::Done)
        };
    };
    breaks("concurrent_increments_are_not_lost", flaw);
    breaks("concurrent_writes_of_different_values_survive", flaw);
    breaks("one_of_many_concurrent_updates_wins", flaw);
    breaks("no_write_revives_a_session_during_delete", flaw);
    breaks("no_write_revives_a_session_during_delete_all", flaw);
}

#[test]
fn ignoring_the_revision_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.update = |inner, session, now| {
            let revision = inner
                .find_even_expired(&session.key)
                .map_or(session.revision, |stored| stored.revision);
            inner.store.update(
                &Session {
                    revision,
                    ..session.clone()
                },
                now,
            )
        };
    };
    breaks("update_from_old_revision_is_stale", flaw);
    breaks("update_from_future_revision_is_stale", flaw);
    breaks("concurrent_increments_are_not_lost", flaw);
}

#[test]
fn update_that_signs_in_is_caught() {
    breaks("update_keeps_authentication_and_creation_time", |store| {
        store.update = |inner, session, now| {
            let answer = inner.store.update(session, now)?;
            inner.overwrite(&Session {
                revision: session.revision.next(),
                ..session.clone()
            });
            Ok(answer)
        };
    });
}

#[test]
fn update_that_overwrites_last_seen_is_caught() {
    breaks("update_keeps_the_later_last_seen_time", |store| {
        store.update = |inner, session, now| {
            let answer = inner.store.update(session, now)?;
            let stored = inner.find_even_expired(&session.key).unwrap();
            inner.overwrite(&Session {
                last_seen_at: session.last_seen_at,
                ..stored
            });
            Ok(answer)
        };
    });
}
