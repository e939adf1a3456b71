//! Stores that insert and update wrongly.

use kunci_domain::Session;
use kunci_domain::Timestamp;
use kunci_domain::ports::{Inserted, SessionStore, Updated};

use crate::store::Flawed;
use crate::{breaks, dawdle};

#[test]
fn inserting_over_what_is_there() {
    let flaw = |store: &mut Flawed| {
        store.insert = |within, session| {
            within.force(session);
            Ok(Inserted::Done)
        };
    };
    breaks("a_second_insert_of_one_key_collides_and_changes_nothing", flaw);
    breaks("an_insert_over_an_expired_session_collides", flaw);
}

#[test]
fn looking_before_inserting() {
    breaks("one_of_several_inserts_of_one_key_wins", |store| {
        store.insert = |within, session| {
            if within.any(&session.key).is_some() {
                return Ok(Inserted::Collision);
            }
            dawdle();
            within.force(session);
            Ok(Inserted::Done)
        };
    });
}

#[test]
fn updating_what_is_not_there() {
    let flaw = |store: &mut Flawed| {
        store.update = |within, session, now| match within.store.update(session, now)? {
            Updated::Gone => within.store.insert(session).map(|_| Updated::Done),
            other => Ok(other),
        };
    };
    breaks(
        "an_update_of_an_unknown_session_is_gone_and_creates_nothing",
        flaw,
    );
    breaks("an_update_after_delete_is_gone_and_creates_nothing", flaw);
    breaks("nothing_revives_a_session_after_delete_all", flaw);
    breaks("nothing_revives_a_session_that_is_being_deleted", flaw);
}

#[test]
fn a_stale_update_after_delete() {
    breaks("an_update_after_delete_is_gone_and_creates_nothing", |store| {
        store.delete = |within, session| {
            within
                .aside
                .lock()
                .unwrap()
                .extend(within.any(&session.key).map(|session| (session, Timestamp::MAX)));
            within.store.delete(session)
        };
        store.update = |within, session, now| {
            if within
                .aside
                .lock()
                .unwrap()
                .iter()
                .any(|(gone, _)| gone.key == session.key)
            {
                return within.store.insert(session).map(|_| Updated::Done);
            }
            within.store.update(session, now)
        };
    });
}

#[test]
fn looking_before_updating() {
    let flaw = |store: &mut Flawed| {
        store.update = |within, session, now| {
            let Some(stored) = within.store.find(&session.key, now)? else {
                return Ok(Updated::Gone);
            };
            if stored.revision != session.revision {
                return Ok(Updated::Stale);
            }
            dawdle();
            within.force(&Session {
                revision: session.revision.next(),
                ..session.clone()
            });
            Ok(Updated::Done)
        };
    };
    breaks("no_increment_is_lost", flaw);
    breaks("writers_of_different_values_all_survive", flaw);
    breaks("one_of_several_updates_from_one_revision_wins", flaw);
    breaks("nothing_revives_a_session_that_is_being_deleted", flaw);
    breaks(
        "nothing_revives_the_sessions_of_a_user_that_are_being_deleted",
        flaw,
    );
}

#[test]
fn the_last_update_wins() {
    let flaw = |store: &mut Flawed| {
        store.update = |within, session, now| {
            let revision = within
                .any(&session.key)
                .map_or(session.revision, |stored| stored.revision);
            within.store.update(
                &Session {
                    revision,
                    ..session.clone()
                },
                now,
            )
        };
    };
    breaks(
        "an_update_from_an_old_revision_is_stale_and_changes_nothing",
        flaw,
    );
    breaks("an_update_from_a_revision_to_come_is_stale", flaw);
    breaks("no_increment_is_lost", flaw);
}

#[test]
fn an_update_that_signs_somebody_in() {
    breaks("an_update_keeps_who_signed_in_and_when_it_began", |store| {
        store.update = |within, session, now| {
            let answer = within.store.update(session, now)?;
            within.force(&Session {
                revision: session.revision.next(),
                ..session.clone()
            });
            Ok(answer)
        };
    });
}

#[test]
fn an_update_that_takes_the_time_last_seen_as_given() {
    breaks("the_time_last_seen_becomes_the_later_one", |store| {
        store.update = |within, session, now| {
            let answer = within.store.update(session, now)?;
            let stored = within.any(&session.key).unwrap();
            within.force(&Session {
                last_seen_at: session.last_seen_at,
                ..stored
            });
            Ok(answer)
        };
    });
}
