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
fn seconds_left(watch: &Watch) -> u64 {
    let left = watch
        .deadline(&limits())
        .saturating_duration_since(Instant::now());
    left.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)
}

#[test]
fn each_phase_has_its_time() {
    let watch = Watch::begin();
    assert_eq!((watch.phase(), seconds_left(&watch)), (Phase::Idle, 60));
    watch.head_begins();
    assert_eq!((watch.phase(), seconds_left(&watch)), (Phase::Head, 10));
    watch.head_is_whole();
    assert_eq!((watch.phase(), seconds_left(&watch)), (Phase::Busy, 30));
    watch.is_flushed(true);
    assert_eq!(watch.phase(), Phase::Head, "a pipelined head has begun");
    watch.head_is_whole();
    watch.is_flushed(false);
    assert_eq!((watch.phase(), seconds_left(&watch)), (Phase::Idle, 60));
}

#[test]
fn more_of_a_head_buys_no_time() {
    let watch = Watch::begin();
    watch.head_begins();
    let deadline = watch.deadline(&limits());
    watch.head_begins();
    assert_eq!(watch.deadline(&limits()), deadline);
    watch.head_is_whole();
    assert_eq!(watch.deadline(&limits()), deadline + Duration::from_secs(20));
}

#[test]
fn a_request_under_way_is_not_idle() {
    let watch = Watch::begin();
    let (first, second) = (Flight::begin(&watch), Flight::begin(&watch));
    assert_eq!((watch.phase(), seconds_left(&watch)), (Phase::Busy, 30));
    let deadline = watch.deadline(&limits());
    drop(second);
    assert_eq!(watch.deadline(&limits()), deadline, "the oldest decides");
    drop(first);
    assert_eq!((watch.phase(), seconds_left(&watch)), (Phase::Idle, 60));
}

#[test]
fn an_answer_that_waits_for_the_service_is_not_flushed() {
    let watch = Watch::begin();
    watch.head_is_whole();
    let flight = Flight::begin(&watch);
    watch.is_flushed(false);
    assert_eq!(watch.phase(), Phase::Busy);
    drop(flight);
    watch.is_flushed(false);
    assert_eq!(watch.phase(), Phase::Idle);
}

#[test]
fn a_client_that_takes_nothing_has_a_deadline_too() {
    let watch = Watch::begin();
    watch.is_stalled();
    let deadline = watch.deadline(&limits());
    assert_eq!(seconds_left(&watch), 30);
    watch.is_stalled();
    assert_eq!(watch.deadline(&limits()), deadline, "it began with the first");
    watch.is_flushed(false);
    assert_eq!(seconds_left(&watch), 60);
}

#[test]
fn being_late_is_told_once() {
    let watch = Watch::begin();
    assert!(!watch.is_late());
    assert!(watch.call_late());
    assert!(watch.is_late());
    assert!(!watch.call_late());
}
