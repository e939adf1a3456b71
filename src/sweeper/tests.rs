//! Tests of the removal of expired records.

use super::*;
use crate::app::App;
use kunci_domain::ports::Inserted;
use kunci_domain::{Event, EventKind};
use kunci_testkit::samples;

fn event() -> Event {
    samples::event(samples::user_id(1), 0, EventKind::SignedIn)
}

#[test]
fn expired_records_are_removed_and_others_stay() {
    let app = App::builder().build().unwrap();
    let (core, now) = (app.core(), samples::start());
    let session = samples::visitor(1);
    let token = samples::invitation(1);
    let event = event();
    assert_eq!(core.sessions.insert(&session).unwrap(), Inserted::Done);
    assert_eq!(core.tokens.issue(&token).unwrap(), Inserted::Done);
    core.history.append(&event).unwrap();
    let there = |now| {
        let session = core.sessions.find(&session.key, now).unwrap().is_some();
        let token = core.tokens.find(&token.key, now).unwrap().is_some();
        let event = !core.history.list(event.user, 0, 1).unwrap().is_empty();
        (session, token, event)
    };
    assert_eq!(sweep_once(core, now), REST);
    assert_eq!(there(now), (true, true, true));
    sweep_once(core, event.at.after(HISTORY_KEPT));
    // The look-up uses the earlier time, at which nothing has expired.
    assert_eq!(there(now), (false, false, true));
    sweep_once(core, event.at.after(HISTORY_KEPT + Duration::from_millis(1)));
    assert_eq!(there(now), (false, false, false));
}

#[test]
fn full_batch_is_followed_by_another_soon() {
    let app = App::builder().build().unwrap();
    let core = app.core();
    for _ in 0..u64::from(BATCH) {
        core.history.append(&event()).unwrap();
    }
    let later = samples::start().after(2 * HISTORY_KEPT);
    assert_eq!(sweep_once(core, later), PAUSE);
    assert_eq!(sweep_once(core, later), REST);
}
