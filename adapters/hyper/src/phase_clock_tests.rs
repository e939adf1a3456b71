//! Deadlines by phase, without a clock that runs: only differences between what was noted count.

use std::time::Duration;

use super::*;

fn limits() -> Limits {
    Limits {
        head_time: Duration::from_secs(10),
        request_time: Duration::from_secs(30),
        idle_time: Duration::from_secs(60),
        ..Limits::default()
    }
}

/// How far off the deadline is, in whole seconds from now, rounded up.
fn seconds_left(clock: &PhaseClock) -> u64 {
    let left = clock
        .deadline(&limits())
        .saturating_duration_since(Instant::now());
    left.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)
}

#[test]
fn each_phase_has_its_time() {
    let clock = PhaseClock::begin();
    assert_eq!((clock.phase(), seconds_left(&clock)), (Phase::Idle, 60));
    clock.head_begins();
    assert_eq!((clock.phase(), seconds_left(&clock)), (Phase::Head, 10));
    clock.head_is_whole();
    assert_eq!((clock.phase(), seconds_left(&clock)), (Phase::Busy, 30));
    clock.is_flushed(true);
    assert_eq!(clock.phase(), Phase::Head, "a pipelined head has begun");
    clock.head_is_whole();
    clock.is_flushed(false);
    assert_eq!((clock.phase(), seconds_left(&clock)), (Phase::Idle, 60));
}

#[test]
fn more_of_a_head_buys_no_time() {
    let clock = PhaseClock::begin();
    clock.head_begins();
    let deadline = clock.deadline(&limits());
    clock.head_begins();
    assert_eq!(clock.deadline(&limits()), deadline);
    clock.head_is_whole();
    assert_eq!(clock.deadline(&limits()), deadline + Duration::from_secs(20));
}

#[test]
fn a_request_under_way_is_not_idle() {
    let clock = PhaseClock::begin();
    let (first, second) = (InFlight::begin(&clock), InFlight::begin(&clock));
    assert_eq!((clock.phase(), seconds_left(&clock)), (Phase::Busy, 30));
    let deadline = clock.deadline(&limits());
    drop(second);
    assert_eq!(clock.deadline(&limits()), deadline, "the oldest decides");
    drop(first);
    assert_eq!((clock.phase(), seconds_left(&clock)), (Phase::Idle, 60));
}

#[test]
fn an_answer_that_waits_for_the_service_is_not_flushed() {
    let clock = PhaseClock::begin();
    clock.head_is_whole();
    let in_flight = InFlight::begin(&clock);
    clock.is_flushed(false);
    assert_eq!(clock.phase(), Phase::Busy);
    drop(in_flight);
    clock.is_flushed(false);
    assert_eq!(clock.phase(), Phase::Idle);
}

#[test]
fn a_client_that_takes_nothing_has_a_deadline_too() {
    let clock = PhaseClock::begin();
    clock.is_stalled();
    let deadline = clock.deadline(&limits());
    assert_eq!(seconds_left(&clock), 30);
    clock.is_stalled();
    assert_eq!(clock.deadline(&limits()), deadline, "it began with the first");
    clock.is_flushed(false);
    assert_eq!(seconds_left(&clock), 60);
}

#[test]
fn being_late_is_told_once() {
    let clock = PhaseClock::begin();
    assert!(!clock.is_late());
    assert!(clock.mark_late());
    assert!(clock.is_late());
    assert!(!clock.mark_late());
}
