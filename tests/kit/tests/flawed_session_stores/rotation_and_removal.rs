//! Flaws in rotating, removing, storing and listing sessions.

use kunci_domain::ports::{Rotated, SessionStore};
use kunci_domain::{Session, SessionData, SessionKey, Timestamp};
use kunci_testkit::samples::values;

use crate::store::{Flawed, breaks};
use crate::support::yield_to_other_threads;

#[test]
fn two_step_rotation_is_caught() {
    let creates_first = |store: &mut Flawed| {
        store.rotate = |inner, old, new, now| {
            let answer = inner
                .store
                .find(&old.key, now)?
                .map_or(Rotated::Gone, |_| Rotated::Done);
            if answer == Rotated::Done {
                inner.overwrite(new);
                yield_to_other_threads();
                inner.store.delete(old)?;
            }
            Ok(answer)
        };
    };
    breaks("rotation_is_atomic_for_readers", creates_first);
    breaks("one_of_many_concurrent_rotations_wins", creates_first);
    breaks("rotation_of_changed_session_is_stale", creates_first);
    breaks("rotation_is_atomic_for_readers", |store| {
        store.rotate = |inner, old, new, _| {
            let deleted = inner.store.delete(old)?;
            yield_to_other_threads();
            inner.overwrite(new);
            Ok(if deleted { Rotated::Done } else { Rotated::Gone })
        };
    });
}

#[test]
fn check_then_rotate_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.rotate = |inner, old, new, now| {
            if inner.store.find(&old.key, now)?.is_none() {
                return Ok(Rotated::Gone);
            }
            yield_to_other_threads();
            inner.store.delete(old)?;
            inner.overwrite(new);
            Ok(Rotated::Done)
        };
    };
    breaks("no_write_revives_a_session_during_delete", flaw);
    breaks("no_write_revives_a_session_during_delete_all", flaw);
    breaks("one_of_many_concurrent_rotations_wins", flaw);
}

#[test]
fn wrong_rotation_is_caught() {
    let leaves_the_old = |store: &mut Flawed| {
        store.rotate = |inner, _, new, _| inner.store.insert(new).map(|_| Rotated::Done);
    };
    breaks("rotation_keeps_data_and_removes_old_key", leaves_the_old);
    breaks("rotation_of_unknown_session_is_gone", leaves_the_old);
    let takes_the_key = |store: &mut Flawed| {
        store.rotate = |inner, old, new, now| {
            inner.store.delete(new)?;
            inner.store.rotate(old, new, now)
        };
    };
    breaks("rotation_to_existing_key_collides", takes_the_key);
    breaks("rotation_stores_the_new_session_as_given", |store| {
        store.rotate = |inner, old, new, now| {
            let new = Session {
                sign_in: old.sign_in,
                ..new.clone()
            };
            inner.store.rotate(old, &new, now)
        };
    });
}

#[test]
fn wrong_removal_is_caught() {
    breaks("delete_all_of_user_leaves_other_users", |store| {
        store.delete_all_of = |inner, _| inner.store.purge_expired(Timestamp::MAX, u32::MAX);
    });
    breaks("purge_respects_its_limit", |store| {
        store.purge_expired = |inner, now, _| inner.store.purge_expired(now, u32::MAX);
    });
    breaks("purge_below_its_limit_leaves_nothing_expired", |store| {
        store.purge_expired = |inner, now, limit| inner.store.purge_expired(now, limit.min(1));
    });
    breaks("delete_can_be_repeated", |store| {
        store.delete = |inner, session| inner.store.delete(session).map(|_| true);
    });
    let ignores_the_origin = |store: &mut Flawed| {
        store.delete = |inner, session| {
            inner.store.delete(&Session {
                origin: Some(session.key),
                ..session.clone()
            })
        };
    };
    breaks("delete_finds_a_session_rotated_several_times", ignores_the_origin);
    let ignores_the_previous_key = |store: &mut Flawed| {
        store.insert = |inner, session| {
            inner.store.insert(&Session {
                previous: None,
                ..session.clone()
            })
        };
    };
    breaks(
        "delete_finds_a_session_by_its_previous_key",
        ignores_the_previous_key,
    );
    let matches_the_key_only = |store: &mut Flawed| {
        store.delete = |inner, session| {
            let found = inner.find_even_expired(&session.key);
            found.map_or(Ok(false), |found| inner.store.delete(&found))
        };
    };
    breaks("delete_finds_a_rotated_session", matches_the_key_only);
    breaks("no_write_revives_a_session_during_delete", matches_the_key_only);
}

#[test]
fn losing_session_data_is_caught() {
    breaks("keys_differing_in_one_bit_are_distinct", |store| {
        store.find = |inner, key, now| {
            let mut bytes = *key.as_bytes();
            let found = inner.store.find(key, now)?;
            bytes[31] ^= 1;
            Ok(found.or(inner.store.find(&SessionKey::from_stored(bytes), now)?))
        };
    });
    breaks("all_session_fields_are_preserved", |store| {
        store.insert = |inner, session| {
            let whole_seconds = session.created_at.unix_millis() / 1_000 * 1_000;
            inner.store.insert(&Session {
                created_at: Timestamp::from_unix_millis(whole_seconds),
                ..session.clone()
            })
        };
    });
    let cuts_texts = |store: &mut Flawed| {
        store.insert = |inner, session| {
            let keeps = session
                .data
                .iter()
                .all(|(_, value)| !value.to_string().contains("\\u0000"));
            let data = if keeps {
                session.data.clone()
            } else {
                SessionData::default()
            };
            inner.store.insert(&Session {
                data,
                ..session.clone()
            })
        };
    };
    breaks("all_json_types_are_preserved", cuts_texts);
    breaks("session_of_32_kib_is_preserved", |store| {
        store.insert = |inner, session| {
            let small = session
                .data
                .iter()
                .all(|(_, value)| value.to_string().len() < 30_000);
            let data = if small { session.data.clone() } else { values([]) };
            inner.store.insert(&Session {
                data,
                ..session.clone()
            })
        };
    });
}

#[test]
fn wrong_listing_is_caught() {
    breaks("sessions_are_listed_in_key_order", |store| {
        store.list = |inner, user, after, limit, now| {
            let mut listed = inner.store.list(user, after, limit, now)?;
            listed.reverse();
            Ok(listed)
        };
    });
    breaks("pages_cover_everything_exactly_once", |store| {
        store.list = |inner, user, _, limit, now| inner.store.list(user, None, limit, now);
    });
    breaks("sessions_of_other_users_are_not_listed", |store| {
        store.list = |inner, _, after, limit, now| inner.store.list(None, after, limit, now);
    });
    breaks("limit_of_zero_lists_nothing", |store| {
        store.list = |inner, user, after, limit, now| inner.store.list(user, after, limit.max(1), now);
    });
}
