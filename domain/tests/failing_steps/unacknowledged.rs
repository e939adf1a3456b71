//! Loses the acknowledgement of each call of each use case: the call takes effect, and then fails.
//!
//! The use case cannot know whether the call took effect, and neither can the user, who tries again. For a call
//! that fails without effect, and for one whose acknowledgement is lost, these promises hold:
//!
//! - The use case returns an error, and the client's cookie stays as it is. A visitor is not signed in. If a
//!   session was begun, no client has its token.
//! - Users, links and history are those of an undisturbed run up to that call, so a change is whole or absent.
//! - A second attempt succeeds or is refused, for example because the name is taken or the link was used.
//!   Afterwards users, links and the history of changes are those of one undisturbed run: nothing is done twice.
//! - The owner can sign in.
//!
//! Left out: sign-ins and failed codes in the history, and mails. A second attempt may repeat them.

use std::sync::{Arc, Mutex};

use kunci_domain::ports::AccountStore;
use kunci_domain::use_cases::{CookieAction, resume};
use kunci_domain::{Device, EventKind, OpenSession, Purpose, RequestContext, Timestamp};
use kunci_memory::MemoryAccountStore;

use crate::support::Act;
use crate::use_cases::{Client, Outcome, USE_CASES, UseCase};
use crate::{Scenario, can_sign_in, scenario, signed_in};

/// Events that are not part of a change of the account.
const APART: [EventKind; 5] = [
    EventKind::SignedIn,
    EventKind::SignedInOnNewDevice,
    EventKind::SignedInAfterFailures,
    EventKind::SecondFactorFailed,
    EventKind::SessionEnded,
];

/// Describes users, links and the history of changes, without what is random.
fn accounts(store: &MemoryAccountStore, now: Timestamp) -> Vec<String> {
    let users = store.list(None, 10).unwrap().into_iter().map(|user| {
        let events = store.events(user.id, 0, 100).unwrap();
        let mut kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
        kinds.retain(|kind| !APART.contains(kind));
        let factor = user
            .second_factor
            .map(|factor| (factor.last_step, factor.recovery.len()));
        let address = user
            .email
            .map(|email| (email.as_str().to_owned(), user.email_confirmed_at));
        let (name, epoch, revision) = (user.name, user.epoch, user.revision);
        format!("{name} {epoch:?} {revision:?} {factor:?} {address:?} {kinds:?}")
    });
    let links = Purpose::ALL.into_iter().flat_map(|purpose| {
        let mut links = store.list_links(purpose, None, 10, now).unwrap();
        // An account may have several links to reset its password, so a second attempt may add one.
        links.dedup_by(|one, other| !purpose.has_one_link() && one.account == other.account);
        links
            .into_iter()
            .map(|link| format!("{:?} {}", link.purpose, link.uses_left))
    });
    users.chain(links).collect()
}

/// Makes the request of a use case. Also returns the session, if it could be opened.
fn request(case: &UseCase, scenario: &Scenario) -> (Outcome, Option<OpenSession>) {
    let (world, token) = (&scenario.world, scenario.token.clone());
    match resume(
        RequestContext::new(&world.core, Device::default(), world.now()),
        Some(token),
    ) {
        Ok(mut open) => ((case.work)(&mut open, &scenario.given), Some(open)),
        Err(error) => (Err(error.into()), None),
    }
}

/// Returns the accounts before each call of an undisturbed run and at its end, and the names of the calls.
fn undisturbed(case: &UseCase) -> (Vec<Vec<String>>, Vec<&'static str>) {
    let scenario = scenario(case);
    let (store, now) = (Arc::clone(&scenario.world.accounts), scenario.world.now());
    let states = Arc::new(Mutex::new(Vec::new()));
    let (seen, kept) = (Arc::clone(&states), Arc::clone(&store));
    scenario.world.watch.set(move |_| {
        seen.lock().unwrap().push(accounts(&kept, now));
        Act::Pass
    });
    request(case, &scenario).0.unwrap();
    let calls = scenario.world.watch.calls();
    scenario.world.watch.pass();
    let mut states = std::mem::take(&mut *states.lock().unwrap());
    states.push(accounts(&store, now));
    (states, calls)
}

/// Disturbs one call, and returns the scenario after the use case has failed. If the failure was only reported,
/// because it followed the action, returns `None`.
#[track_caller]
fn disturb(case: &UseCase, number: usize, act: Act, at: &str) -> Option<Scenario> {
    let scenario = scenario(case);
    scenario.world.watch.after(number, act);
    let (outcome, open) = request(case, &scenario);
    scenario.world.watch.pass();
    if outcome.is_ok() {
        let reported = open.map(|mut open| open.take_failed_notices().len());
        assert_eq!(reported, Some(1), "{at} is not reported");
        return None;
    }
    if let Some(open) = open {
        assert_eq!(
            open.cookie_action(),
            CookieAction::Keep,
            "{at}: the cookie changes"
        );
        let may_be_in = case.client == Client::Ada;
        assert!(open.account().is_none() || may_be_in, "{at}: a user is signed in");
    }
    Some(scenario)
}

#[track_caller]
fn check(case: &UseCase, number: usize, act: Act, states: &[Vec<String>], call: &str) {
    let at = format!("{}: {call}, number {number}, {act:?}", case.name);
    let Some(scenario) = disturb(case, number, act, &at) else {
        return;
    };
    let world = &scenario.world;
    let takes_effect = matches!(act, Act::Unacknowledged);
    let reached = number + usize::from(takes_effect);
    assert_eq!(accounts(&world.accounts, world.now()), states[reached], "{at}");
    let unknown = usize::from(takes_effect && call == "sessions.rotate");
    assert!(
        signed_in(world) <= 2 + unknown,
        "{at}: there is an additional session"
    );
    let may_be_in = case.client == Client::Ada;
    assert!(
        world.who(&scenario.token).is_none() || may_be_in,
        "{at}: the client is in"
    );
    let _ = request(case, &scenario);
    let last = &states[states.len() - 1];
    assert_eq!(&accounts(&world.accounts, world.now()), last, "{at}, tried again");
    assert_eq!(
        can_sign_in(world),
        !last.is_empty(),
        "{at}: the owner is locked out"
    );
}

#[test]
fn lost_acknowledgement_signs_nobody_in_and_repeats_nothing() {
    for case in &USE_CASES {
        let (states, calls) = undisturbed(case);
        for (number, call) in calls.iter().enumerate() {
            for act in [Act::Fail, Act::Unacknowledged] {
                check(case, number, act, &states, call);
            }
        }
    }
}
