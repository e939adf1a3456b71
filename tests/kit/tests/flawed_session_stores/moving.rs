//! Stores that rotate, end, keep and list sessions wrongly.

use kunci_domain::ports::{Rotated, SessionDirectory, SessionStore};
use kunci_domain::{Session, SessionData, SessionKey, Timestamp};
use kunci_testkit::samples::values;

use crate::store::Flawed;
use crate::{breaks, dawdle};

#[test]
fn rotating_in_two_steps() {
    let creates_first = |store: &mut Flawed| {
        store.rotate = |within, old, new, now| {
            let answer = within
                .store
                .find(&old.key, now)?
                .map_or(Rotated::Gone, |_| Rotated::Done);
            if answer == Rotated::Done {
                within.force(new);
                dawdle();
                within.store.delete(old)?;
            }
            Ok(answer)
        };
    };
    breaks("a_rotation_is_seen_as_one_step", creates_first);
    breaks("one_of_several_rotations_of_one_key_wins", creates_first);
    breaks(
        "a_rotation_of_a_changed_session_is_stale_and_changes_nothing",
        creates_first,
    );
    breaks("a_rotation_is_seen_as_one_step", |store| {
        store.rotate = |within, old, new, _| {
            let deleted = within.store.delete(old)?;
            dawdle();
            within.force(new);
            Ok(if deleted { Rotated::Done } else { Rotated::Gone })
        };
    });
}

#[test]
fn looking_before_rotating() {
    let flaw = |store: &mut Flawed| {
        store.rotate = |within, old, new, now| {
            if within.store.find(&old.key, now)?.is_none() {
                return Ok(Rotated::Gone);
            }
            dawdle();
            within.store.delete(old)?;
            within.force(new);
            Ok(Rotated::Done)
        };
    };
    breaks("nothing_revives_a_session_that_is_being_deleted", flaw);
    breaks(
        "nothing_revives_the_sessions_of_a_user_that_are_being_deleted",
        flaw,
    );
    breaks("one_of_several_rotations_of_one_key_wins", flaw);
}

#[test]
fn rotating_wrongly() {
    let leaves_the_old = |store: &mut Flawed| {
        store.rotate = |within, _, new, _| within.store.insert(new).map(|_| Rotated::Done);
    };
    breaks("a_rotation_keeps_the_data_and_kills_the_old_key", leaves_the_old);
    breaks(
        "a_rotation_of_an_unknown_session_is_gone_and_creates_nothing",
        leaves_the_old,
    );
    let takes_the_key = |store: &mut Flawed| {
        store.rotate = |within, old, new, now| {
            within.store.delete(new)?;
            within.store.rotate(old, new, now)
        };
    };
    breaks(
        "a_rotation_onto_a_taken_key_collides_and_changes_nothing",
        takes_the_key,
    );
    breaks("a_rotation_writes_the_new_session_as_given", |store| {
        store.rotate = |within, old, new, now| {
            let new = Session {
                authentication: old.authentication,
                ..new.clone()
            };
            within.store.rotate(old, &new, now)
        };
    });
}

#[test]
fn ending_too_much_or_too_little() {
    breaks("deleting_all_of_a_user_leaves_everybody_else", |store| {
        store.delete_all_of = |within, _| within.store.purge_expired(Timestamp::MAX, u32::MAX);
    });
    breaks("a_purge_honours_its_limit", |store| {
        store.purge_expired = |within, now, _| within.store.purge_expired(now, u32::MAX);
    });
    breaks("a_purge_that_falls_short_has_removed_all", |store| {
        store.purge_expired = |within, now, limit| within.store.purge_expired(now, limit.min(1));
    });
    breaks("a_delete_may_be_repeated", |store| {
        store.delete = |within, session| within.store.delete(session).map(|_| true);
    });
    let forgets_where_it_came_from = |store: &mut Flawed| {
        store.delete = |within, session| {
            within.store.delete(&Session {
                origin: Some(session.key),
                ..session.clone()
            })
        };
    };
    breaks(
        "a_delete_finds_a_session_that_was_rotated_several_times",
        forgets_where_it_came_from,
    );
    let goes_by_the_key_alone = |store: &mut Flawed| {
        store.delete = |within, session| {
            let found = within.any(&session.key);
            found.map_or(Ok(false), |found| within.store.delete(&found))
        };
    };
    breaks(
        "a_delete_finds_a_session_that_was_rotated_since",
        goes_by_the_key_alone,
    );
    breaks(
        "nothing_revives_a_session_that_is_being_deleted",
        goes_by_the_key_alone,
    );
}

#[test]
fn keeping_less_than_was_given() {
    breaks("a_key_that_differs_in_one_bit_is_another_key", |store| {
        store.find = |within, key, now| {
            let mut bytes = *key.as_bytes();
            let found = within.store.find(key, now)?;
            bytes[31] ^= 1;
            Ok(found.or(within.store.find(&SessionKey::from_stored(bytes), now)?))
        };
    });
    breaks("a_session_comes_back_as_it_went_in", |store| {
        store.insert = |within, session| {
            let whole_seconds = session.created_at.unix_millis() / 1_000 * 1_000;
            within.store.insert(&Session {
                created_at: Timestamp::from_unix_millis(whole_seconds),
                ..session.clone()
            })
        };
    });
    let cuts_texts = |store: &mut Flawed| {
        store.insert = |within, session| {
            let keeps = session
                .data
                .iter()
                .all(|(_, value)| !value.to_string().contains("\\u0000"));
            let data = if keeps {
                session.data.clone()
            } else {
                SessionData::default()
            };
            within.store.insert(&Session {
                data,
                ..session.clone()
            })
        };
    };
    breaks("values_of_every_kind_come_back", cuts_texts);
    breaks("a_session_of_32_kib_comes_back", |store| {
        store.insert = |within, session| {
            let small = session
                .data
                .iter()
                .all(|(_, value)| value.to_string().len() < 30_000);
            let data = if small { session.data.clone() } else { values([]) };
            within.store.insert(&Session {
                data,
                ..session.clone()
            })
        };
    });
}

#[test]
fn listing_wrongly() {
    breaks("everything_is_listed_in_the_order_of_the_keys", |store| {
        store.list = |within, user, after, limit, now| {
            let mut listed = within.store.list(user, after, limit, now)?;
            listed.reverse();
            Ok(listed)
        };
    });
    breaks("pages_put_together_are_the_whole", |store| {
        store.list = |within, user, _, limit, now| within.store.list(user, None, limit, now);
    });
    breaks("a_user_s_sessions_are_listed_alone", |store| {
        store.list = |within, _, after, limit, now| within.store.list(None, after, limit, now);
    });
    breaks("a_limit_of_zero_lists_nothing", |store| {
        store.list = |within, user, after, limit, now| within.store.list(user, after, limit.max(1), now);
    });
}
