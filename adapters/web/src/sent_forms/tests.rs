//! Tests of the forms in flight and of the memory.

use std::sync::mpsc;
use std::thread;

use kunci_testkit::fakes::FakeClock;

use super::*;
use crate::kit::cookies::{CookieName, SessionCookie, SigningKey};
use crate::kit::text;

const START: Timestamp = Timestamp::from_unix_millis(1_795_371_300_000);
const SECOND: Duration = Duration::from_secs(1);

/// Returns the key of a form without cookies.
fn key(values: &str) -> FormKey {
    let request = http::Request::post("/login")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(())
        .unwrap();
    let body = format!("form_id=1&values={values}").into();
    let (parts, ()) = request.into_parts();
    let signing_key = SigningKey::new(&[7; 32]).unwrap();
    let cookie = SessionCookie::new(&CookieName::default(), false, signing_key, Vec::new());
    SentForm::of(&parts, &body, &cookie, None).unwrap().key()
}

fn answer(body: &str) -> Answer {
    Answer {
        response: text(body),
        has_session: false,
        notices: Vec::new(),
    }
}

/// Returns what the turn is, and the body of a repeated response.
fn turn(forms: &SentForms, values: &str, clock: &FakeClock) -> String {
    match forms.turn(key(values), clock) {
        Turn::First(_) => "first".to_owned(),
        Turn::Repeated(answer) => String::from_utf8(answer.response.body().to_vec()).unwrap(),
        Turn::Untracked => "untracked".to_owned(),
    }
}

/// Handles a form with this response.
fn handle(forms: &SentForms, values: &str, response: &str, clock: &FakeClock) {
    let Turn::First(in_flight) = forms.turn(key(values), clock) else {
        panic!("{values} is not the first");
    };
    in_flight.finish(key(values), answer(response), clock.now());
}

/// Calls `end` while another thread waits for the form that is in flight, and returns the turn of that thread.
fn turn_after(end: impl FnOnce(InFlight<'_>, &FakeClock)) -> String {
    let (forms, clock) = (SentForms::default(), FakeClock::new(START));
    let Turn::First(in_flight) = forms.turn(key("a"), &clock) else {
        panic!("the form is not the first");
    };
    thread::scope(|scope| {
        let (sender, turns) = mpsc::channel();
        let (forms, clock) = (&forms, &clock);
        scope.spawn(move || sender.send(turn(forms, "a", clock)));
        while forms.state().waiting == 0 {
            thread::yield_now();
        }
        assert!(turns.try_recv().is_err());
        end(in_flight, clock);
        turns.recv().unwrap()
    })
}

#[test]
fn form_in_flight_is_awaited() {
    let finished = turn_after(|in_flight, clock| in_flight.finish(key("a"), answer("done"), clock.now()));
    assert_eq!(finished, "done\n");
}

#[test]
fn refused_form_is_handled_again() {
    assert_eq!(turn_after(|in_flight, _| drop(in_flight)), "first");
}

#[test]
fn response_is_remembered_for_a_minute() {
    for (seconds, want) in [(0, "done\n"), (59, "done\n"), (60, "first")] {
        let (forms, clock) = (SentForms::default(), FakeClock::new(START));
        handle(&forms, "a", "done", &clock);
        clock.advance(SECOND * seconds);
        assert_eq!(turn(&forms, "a", &clock), want, "after {seconds} seconds");
        assert_eq!(turn(&forms, "b", &clock), "first");
    }
}

#[test]
fn clock_that_is_set_back_prolongs_nothing() {
    let (forms, clock) = (SentForms::default(), FakeClock::new(START));
    handle(&forms, "a", "done", &clock);
    clock.set(START.before(SECOND));
    assert_eq!(turn(&forms, "a", &clock), "first");
}

#[test]
fn wait_has_a_deadline() {
    let forms = SentForms {
        max_wait: Duration::ZERO,
        ..SentForms::default()
    };
    let clock = FakeClock::new(START);
    let _in_flight = forms.turn(key("a"), &clock);
    assert_eq!(turn(&forms, "a", &clock), "untracked");
    assert_eq!(forms.state().waiting, 0);
}

#[test]
fn few_requests_wait() {
    let (forms, clock) = (SentForms::default(), FakeClock::new(START));
    let _in_flight = forms.turn(key("a"), &clock);
    forms.state().waiting = MAX_WAITING;
    assert_eq!(turn(&forms, "a", &clock), "untracked");
    assert_eq!(turn(&forms, "b", &clock), "first");
}

#[test]
fn oldest_responses_are_forgotten_beyond_the_limit() {
    let (forms, clock) = (SentForms::default(), FakeClock::new(START));
    let large = "x".repeat(memory::MAX_BYTES / 4);
    for values in ["a", "b", "c", "d"] {
        handle(&forms, values, &large, &clock);
    }
    assert_eq!(turn(&forms, "a", &clock), "first");
    assert_eq!(turn(&forms, "b", &clock).trim_end(), large);
    handle(&forms, "e", &"x".repeat(memory::MAX_BYTES), &clock);
    assert_eq!(turn(&forms, "e", &clock), "first", "a response above the limit");
    assert_eq!(turn(&forms, "b", &clock).trim_end(), large);
}

#[test]
fn small_responses_are_limited_as_well() {
    let (forms, clock) = (SentForms::default(), FakeClock::new(START));
    for values in 0..2_000 {
        handle(&forms, &values.to_string(), "", &clock);
    }
    assert_eq!(turn(&forms, "0", &clock), "first");
    assert_eq!(turn(&forms, "1999", &clock), "\n");
}
