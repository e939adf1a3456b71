//! Phases and their deadlines, tested without waiting.

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

/// Returns the time until the deadline in seconds, rounded up.
fn seconds_left(clock: &PhaseClock) -> u64 {
    let left = clock
        .deadline(&limits())
        .saturating_duration_since(Instant::now());
    left.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)
}

#[test]
fn each_phase_has_its_deadline() {
    let clock = PhaseClock::begin();
    assert_eq!((clock.phase(), seconds_left(&clock)), (Phase::Idle, 60));
    clock.record_head_start();
    assert_eq!((clock.phase(), seconds_left(&clock)), (Phase::Head, 10));
    clock.record_head_end();
    assert_eq!((clock.phase(), seconds_left(&clock)), (Phase::Busy, 30));
    clock.record_flush(true);
    assert_eq!(clock.phase(), Phase::Head, "a pipelined head has begun");
    clock.record_head_end();
    clock.record_flush(false);
    assert_eq!((clock.phase(), seconds_left(&clock)), (Phase::Idle, 60));
}

#[test]
fn more_of_a_head_does_not_extend_its_deadline() {
    let clock = PhaseClock::begin();
    clock.record_head_start();
    let deadline = clock.deadline(&limits());
    clock.record_head_start();
    assert_eq!(clock.deadline(&limits()), deadline);
    clock.record_head_end();
    assert_eq!(clock.deadline(&limits()), deadline + Duration::from_secs(20));
}

#[test]
fn connection_with_a_request_is_not_idle() {
    let clock = PhaseClock::begin();
    let (first, second) = (InFlight::begin(&clock), InFlight::begin(&clock));
    assert_eq!((clock.phase(), seconds_left(&clock)), (Phase::Busy, 30));
    let deadline = clock.deadline(&limits());
    drop(second);
    assert_eq!(clock.deadline(&limits()), deadline, "the oldest request decides");
    drop(first);
    assert_eq!((clock.phase(), seconds_left(&clock)), (Phase::Idle, 60));
}

#[test]
fn flush_does_not_end_a_request_without_a_response() {
    let clock = PhaseClock::begin();
    clock.record_head_end();
    let in_flight = InFlight::begin(&clock);
    clock.record_flush(false);
    assert_eq!(clock.phase(), Phase::Busy);
    drop(in_flight);
    clock.record_flush(false);
    assert_eq!(clock.phase(), Phase::Idle);
}

#[test]
fn client_that_reads_nothing_has_a_deadline() {
    let clock = PhaseClock::begin();
    clock.record_stall();
    let deadline = clock.deadline(&limits());
    assert_eq!(seconds_left(&clock), 30);
    clock.record_stall();
    assert_eq!(clock.deadline(&limits()), deadline, "the first stall counts");
    clock.record_flush(false);
    assert_eq!(seconds_left(&clock), 60);
}

#[test]
fn head_is_marked_as_overdue_once() {
    let clock = PhaseClock::begin();
    assert!(!clock.is_head_overdue());
    assert!(clock.mark_head_overdue());
    assert!(clock.is_head_overdue());
    assert!(!clock.mark_head_overdue());
}
