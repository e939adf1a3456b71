//! Flaws in the expiry of sessions and in touches.

use std::time::Duration;

use kunci_domain::ports::{SessionStore, Touched};
use kunci_domain::{Lifetime, Session, SessionKey, Timestamp};

use crate::store::{Flawed, Inner, breaks};
use crate::support::Answer;

fn earlier(now: Timestamp) -> Timestamp {
    Timestamp::from_unix_millis(now.unix_millis() - 1)
}

fn later(now: Timestamp) -> Timestamp {
    now.after(Duration::from_millis(1))
}

#[test]
fn late_expiry_is_caught() {
    breaks("find_respects_expiry_to_the_millisecond", |store| {
        store.find = |inner, key, now| inner.store.find(key, earlier(now));
    });
    breaks("update_respects_expiry_to_the_millisecond", |store| {
        store.update = |inner, session, now| inner.store.update(session, earlier(now));
    });
    breaks("touch_respects_expiry_to_the_millisecond", |store| {
        store.touch = |inner, key, now| {
            let answer = inner.store.touch(key, earlier(now))?;
            inner.store.touch(key, now).map(|_| answer)
        };
    });
    breaks("rotate_respects_expiry_to_the_millisecond", |store| {
        store.rotate = |inner, old, new, now| inner.store.rotate(old, new, earlier(now));
    });
    breaks("purge_respects_expiry_to_the_millisecond", |store| {
        store.purge_expired = |inner, now, limit| inner.store.purge_expired(earlier(now), limit);
    });
    breaks("only_live_sessions_are_listed", |store| {
        store.list = |inner, user, after, limit, now| inner.store.list(user, after, limit, earlier(now));
    });
}

#[test]
fn early_expiry_is_caught() {
    breaks("find_respects_expiry_to_the_millisecond", |store| {
        store.find = |inner, key, now| inner.store.find(key, later(now));
    });
    breaks("update_respects_expiry_to_the_millisecond", |store| {
        store.update = |inner, session, now| inner.store.update(session, later(now));
    });
    breaks("touch_respects_expiry_to_the_millisecond", |store| {
        store.touch = |inner, key, now| match inner.store.find(key, later(now))? {
            Some(_) => inner.store.touch(key, now),
            None => Ok(Touched::Gone),
        };
    });
    breaks("rotate_respects_expiry_to_the_millisecond", |store| {
        store.rotate = |inner, old, new, now| inner.store.rotate(old, new, later(now));
    });
    breaks("purge_respects_expiry_to_the_millisecond", |store| {
        store.purge_expired = |inner, now, limit| inner.store.purge_expired(later(now), limit);
    });
    breaks("only_live_sessions_are_listed", |store| {
        store.list = |inner, user, after, limit, now| inner.store.list(user, after, limit, later(now));
    });
}

/// Writes the session as edited, in place of a correct touch.
fn touch_with_edit(
    inner: &Inner,
    key: &SessionKey,
    now: Timestamp,
    edit: impl FnOnce(Session) -> Session,
) -> Answer<Touched> {
    let Some(session) = inner.store.find(key, now)? else {
        return Ok(Touched::Gone);
    };
    inner.overwrite(&edit(session));
    Ok(Touched::Done)
}

#[test]
fn wrong_touch_is_caught() {
    breaks("last_seen_time_never_moves_back", |store| {
        store.touch = |inner, key, now| {
            touch_with_edit(inner, key, now, |session| Session {
                last_seen_at: now,
                ..session
            })
        };
    });
    let raises_revision = |store: &mut Flawed| {
        store.touch = |inner, key, now| {
            touch_with_edit(inner, key, now, |session| Session {
                last_seen_at: session.last_seen_at.max(now),
                revision: session.revision.next(),
                ..session
            })
        };
    };
    breaks("touch_does_not_make_an_update_stale", raises_revision);
    breaks("concurrent_touches_do_not_make_updates_stale", raises_revision);
    breaks("touch_never_extends_past_absolute_lifetime", |store| {
        store.touch = |inner, key, now| {
            touch_with_edit(inner, key, now, |session| Session {
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
fn delayed_touch_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.touch = |inner, key, now| {
            inner
                .remembered
                .lock()
                .unwrap()
                .extend(inner.find_even_expired(key).map(|session| (session, now)));
            Ok(Touched::Done)
        };
        store.purge_expired = |inner, now, limit| {
            let purged = inner.store.purge_expired(now, limit);
            write_touches(inner);
            purged
        };
        store.update = |inner, session, now| {
            let updated = inner.store.update(session, now);
            write_touches(inner);
            updated
        };
    };
    breaks("touch_applies_before_a_later_update", flaw);
    breaks("touched_session_survives_a_later_purge", flaw);
    breaks("touch_is_visible_after_any_later_write", flaw);
}

fn write_touches(inner: &Inner) {
    for (session, at) in inner.remembered.lock().unwrap().drain(..) {
        let _ = inner.store.touch(&session.key, at).unwrap();
    }
}
