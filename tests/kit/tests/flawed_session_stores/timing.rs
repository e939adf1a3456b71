//! Stores that let sessions live too long or too short, and touch them wrongly.

use std::time::Duration;

use kunci_domain::ports::{SessionDirectory, SessionStore, Touched};
use kunci_domain::{Lifetime, Session, SessionKey, Timestamp};

use crate::breaks;
use crate::store::{Answer, Flawed, Within};

fn earlier(now: Timestamp) -> Timestamp {
    Timestamp::from_unix_millis(now.unix_millis() - 1)
}

fn later(now: Timestamp) -> Timestamp {
    now.after(Duration::from_millis(1))
}

#[test]
fn living_a_millisecond_too_long() {
    breaks("find_sees_a_session_until_its_last_millisecond", |store| {
        store.find = |within, key, now| within.store.find(key, earlier(now));
    });
    breaks("update_writes_to_a_session_until_its_last_millisecond", |store| {
        store.update = |within, session, now| within.store.update(session, earlier(now));
    });
    breaks("touch_extends_a_session_until_its_last_millisecond", |store| {
        store.touch = |within, key, now| {
            let answer = within.store.touch(key, earlier(now))?;
            within.store.touch(key, now).map(|_| answer)
        };
    });
    breaks("rotate_moves_a_session_until_its_last_millisecond", |store| {
        store.rotate = |within, old, new, now| within.store.rotate(old, new, earlier(now));
    });
    breaks("purge_spares_a_session_until_its_last_millisecond", |store| {
        store.purge_expired = |within, now, limit| within.store.purge_expired(earlier(now), limit);
    });
    breaks("only_live_sessions_are_listed", |store| {
        store.list = |within, user, after, limit, now| within.store.list(user, after, limit, earlier(now));
    });
}

#[test]
fn dying_a_millisecond_too_early() {
    breaks("find_sees_a_session_until_its_last_millisecond", |store| {
        store.find = |within, key, now| within.store.find(key, later(now));
    });
    breaks("update_writes_to_a_session_until_its_last_millisecond", |store| {
        store.update = |within, session, now| within.store.update(session, later(now));
    });
    breaks("touch_extends_a_session_until_its_last_millisecond", |store| {
        store.touch = |within, key, now| match within.store.find(key, later(now))? {
            Some(_) => within.store.touch(key, now),
            None => Ok(Touched::Gone),
        };
    });
    breaks("rotate_moves_a_session_until_its_last_millisecond", |store| {
        store.rotate = |within, old, new, now| within.store.rotate(old, new, later(now));
    });
    breaks("purge_spares_a_session_until_its_last_millisecond", |store| {
        store.purge_expired = |within, now, limit| within.store.purge_expired(later(now), limit);
    });
    breaks("only_live_sessions_are_listed", |store| {
        store.list = |within, user, after, limit, now| within.store.list(user, after, limit, later(now));
    });
}

/// Writes what a touch should have written, but `bent`.
fn touch_bent(
    within: &Within,
    key: &SessionKey,
    now: Timestamp,
    bend: impl FnOnce(Session) -> Session,
) -> Answer<Touched> {
    let Some(session) = within.store.find(key, now)? else {
        return Ok(Touched::Gone);
    };
    within.force(&bend(session));
    Ok(Touched::Done)
}

#[test]
fn touching_wrongly() {
    breaks("the_time_last_seen_never_goes_back", |store| {
        store.touch = |within, key, now| {
            touch_bent(within, key, now, |session| Session {
                last_seen_at: now,
                ..session
            })
        };
    });
    let raises_revision = |store: &mut Flawed| {
        store.touch = |within, key, now| {
            touch_bent(within, key, now, |session| Session {
                last_seen_at: session.last_seen_at.max(now),
                revision: session.revision.next(),
                ..session
            })
        };
    };
    breaks("a_touch_disturbs_no_update", raises_revision);
    breaks("touches_disturb_no_update", raises_revision);
    breaks("a_touch_never_extends_past_the_absolute_limit", |store| {
        store.touch = |within, key, now| {
            touch_bent(within, key, now, |session| Session {
                last_seen_at: session.last_seen_at.max(now),
                lifetime: Lifetime {
                    absolute: Duration::MAX,
                    ..session.lifetime
                },
                ..session
            })
        };
    });
}

#[test]
fn touching_too_late() {
    let flaw = |store: &mut Flawed| {
        store.touch = |within, key, now| {
            within
                .aside
                .lock()
                .unwrap()
                .extend(within.any(key).map(|session| (session, now)));
            Ok(Touched::Done)
        };
        store.purge_expired = |within, now, limit| {
            let purged = within.store.purge_expired(now, limit);
            write_touches(within);
            purged
        };
        store.update = |within, session, now| {
            let updated = within.store.update(session, now);
            write_touches(within);
            updated
        };
    };
    breaks("a_touch_comes_before_a_later_update_of_the_same_session", flaw);
    breaks("a_touch_saves_a_session_from_a_later_purge", flaw);
    breaks("a_touch_is_visible_no_later_than_any_write_after_it", flaw);
}

fn write_touches(within: &Within) {
    for (session, at) in within.aside.lock().unwrap().drain(..) {
        let _ = within.store.touch(&session.key, at).unwrap();
    }
}
