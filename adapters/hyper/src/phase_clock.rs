//! Tracks the phase of a connection, and computes its deadline.
//!
//! The filter and the responder record events. The loop that drives the connection asks for the deadline.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::limits::Limits;

/// The phase of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Between two requests.
    Idle,
    /// Part of a head has arrived.
    Head,
    /// From a complete head to the end of its response.
    Busy,
}

/// Tracks the phase and the requests in flight of one connection.
#[derive(Debug)]
pub(crate) struct PhaseClock {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// When the phase began. In [`Phase::Busy`], when the head began.
    since: Instant,
    /// When the client stopped reading responses.
    stalled_since: Option<Instant>,
    /// The number and start of each request whose response is not sent yet.
    in_flight: Vec<(u64, Instant)>,
    next_number: u64,
    /// The head took too long, so the filter must refuse it.
    is_head_overdue: bool,
}

impl PhaseClock {
    pub(crate) fn begin() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                phase: Phase::Idle,
                since: Instant::now(),
                stalled_since: None,
                in_flight: Vec::new(),
                next_number: 0,
                is_head_overdue: false,
            }),
        })
    }

    /// Records that the first bytes of a head have arrived.
    pub(crate) fn record_head_start(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Idle {
            state.enter(Phase::Head);
        }
    }

    /// Records that a head is complete. The time limit of its request is counted from the start of the head.
    pub(crate) fn record_head_end(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Idle {
            state.since = Instant::now();
        }
        state.phase = Phase::Busy;
    }

    /// Records that everything was written. `has_more` tells whether part of the next head has arrived.
    pub(crate) fn record_flush(&self, has_more: bool) {
        let mut state = self.lock();
        state.stalled_since = None;
        if state.phase == Phase::Busy && state.in_flight.is_empty() {
            state.enter(if has_more { Phase::Head } else { Phase::Idle });
        }
    }

    /// Records that the client does not read the response.
    pub(crate) fn record_stall(&self) {
        self.lock().stalled_since.get_or_insert_with(Instant::now);
    }

    /// Marks the head as overdue, so that the filter refuses it. Returns `false` if it was marked before.
    pub(crate) fn mark_head_overdue(&self) -> bool {
        !std::mem::replace(&mut self.lock().is_head_overdue, true)
    }

    /// Returns whether the head took too long and must be refused.
    pub(crate) fn is_head_overdue(&self) -> bool {
        self.lock().is_head_overdue
    }

    /// Returns the phase. A connection with a request in flight is not idle.
    pub(crate) fn phase(&self) -> Phase {
        let state = self.lock();
        match state.phase {
            Phase::Idle if !state.in_flight.is_empty() => Phase::Busy,
            phase => phase,
        }
    }

    /// Returns the deadline of the current phase.
    pub(crate) fn deadline(&self, limits: &Limits) -> Instant {
        let state = self.lock();
        let response_deadline = state
            .in_flight
            .first()
            .map(|(_, began)| *began + limits.request_time);
        let stall_deadline = state.stalled_since.map(|since| since + limits.request_time);
        let phase_deadline = match state.phase {
            Phase::Idle if response_deadline.is_some() => None,
            Phase::Idle => Some(state.since + limits.idle_time),
            Phase::Head => Some(state.since + limits.head_time.min(limits.request_time)),
            Phase::Busy => Some(state.since + limits.request_time),
        };
        let deadlines = [response_deadline, stall_deadline, phase_deadline]
            .into_iter()
            .flatten();
        deadlines.min().unwrap_or(state.since + limits.idle_time)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds this lock, so a poisoned lock is still consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }
}

/// Marks a request as in flight, from hyper's call until its response is sent or dropped.
#[derive(Debug)]
pub(crate) struct InFlight {
    clock: Arc<PhaseClock>,
    number: u64,
}

impl InFlight {
    pub(crate) fn begin(clock: &Arc<PhaseClock>) -> Self {
        let mut state = clock.lock();
        let number = state.next_number;
        state.next_number += 1;
        state.in_flight.push((number, Instant::now()));
        drop(state);
        Self {
            clock: Arc::clone(clock),
            number,
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.clock.lock();
        state.in_flight.retain(|(number, _)| *number != self.number);
        if state.phase == Phase::Idle && state.in_flight.is_empty() {
            state.since = Instant::now();
        }
    }
}

#[cfg(test)]
#[path = "phase_clock_tests.rs"]
mod tests;
