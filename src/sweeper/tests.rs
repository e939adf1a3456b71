//! Tests of the removal of expired records.

use super::*;
use crate::app::App;
use kunci_domain::ports::{Committed, Inserted};
use kunci_domain::{Event, EventKind, Step};
use kunci_testkit::samples;

fn event() -> Event {
    samples::event(samples::user_id(1), 0, EventKind::SignedIn)
}

fn commit(core: &Core, step: Step) {
    let outcome = core.accounts.commit(&step.into(), samples::start()).unwrap();
    assert_eq!(outcome, Committed::Done);
}

#[test]
fn expired_records_are_removed_and_others_stay() {
    let app = App::builder().build().unwrap();
    let (core, now) = (app.core(), samples::start());
    let session = samples::visitor(1);
    let token = samples::invitation(1);
    let event = event();
    assert_eq!(core.sessions.insert(&session).unwrap(), Inserted::Done);
    commit(core, Step::IssueLink(token.clone()));
    commit(core, Step::AppendEvent(event.clone()));
    let there = |now| {
        let session = core.sessions.find(&session.key, now).unwrap().is_some();
        let token = core.accounts.find_link(&token.key, now).unwrap().is_some();
        let event = !core
            .accounts
            .events(samples::user_id(1), 0, 1)
            .unwrap()
            .is_empty();
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
        commit(core, Step::AppendEvent(event()));
    }
    let later = samples::start().after(2 * HISTORY_KEPT);
    assert_eq!(sweep_once(core, later), PAUSE);
    assert_eq!(sweep_once(core, later), REST);
}
