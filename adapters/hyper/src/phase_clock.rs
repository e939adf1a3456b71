//! Records the phase of a connection, and computes its deadline.
//!
//! The filter and the service record what happens; the loop that drives the connection asks for the deadline.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::limits::Limits;

/// The phase of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Between two requests.
    Idle,
    /// A part of a head has arrived.
    Head,
    /// From a complete head to the end of its response.
    Busy,
}

/// The state of one connection.
#[derive(Debug)]
pub(crate) struct PhaseClock {
    notes: Mutex<Notes>,
}

#[derive(Debug)]
struct Notes {
    phase: Phase,
    since: Instant,
    /// The time since which the client has not read what was written.
    stalled: Option<Instant>,
    /// The requests without a response, or whose response the client has not read.
    in_flight: Vec<(u64, Instant)>,
    next_number: u64,
    /// The head took too long, and must be refused.
    is_late: bool,
}

impl PhaseClock {
    pub(crate) fn begin() -> Arc<Self> {
        Arc::new(Self {
            notes: Mutex::new(Notes {
                phase: Phase::Idle,
                since: Instant::now(),
                stalled: None,
                in_flight: Vec::new(),
                next_number: 0,
                is_late: false,
            }),
        })
    }

    /// Records the first bytes of a head.
    pub(crate) fn head_begins(&self) {
        let mut notes = self.notes();
        if notes.phase == Phase::Idle {
            notes.enter(Phase::Head);
        }
    }

    /// Records a complete head. The time of its request began with its first byte.
    pub(crate) fn head_is_whole(&self) {
        let mut notes = self.notes();
        if notes.phase == Phase::Idle {
            notes.since = Instant::now();
        }
        notes.phase = Phase::Busy;
    }

    /// Records that everything is written. `has_more` is whether a part of the next head has arrived.
    pub(crate) fn is_flushed(&self, has_more: bool) {
        let mut notes = self.notes();
        notes.stalled = None;
        if notes.phase == Phase::Busy && notes.in_flight.is_empty() {
            notes.enter(if has_more { Phase::Head } else { Phase::Idle });
        }
    }

    /// Records that the client does not read what is written.
    pub(crate) fn is_stalled(&self) {
        self.notes().stalled.get_or_insert_with(Instant::now);
    }

    /// Has the filter refuse what it has of a head, whose request is then under way. Tells whether that was
    /// not asked before.
    pub(crate) fn mark_late(&self) -> bool {
        !std::mem::replace(&mut self.notes().is_late, true)
    }

    /// Returns whether a head took too long and must be refused.
    pub(crate) fn is_late(&self) -> bool {
        self.notes().is_late
    }

    /// Returns the phase. A connection with a request in flight is not idle.
    pub(crate) fn phase(&self) -> Phase {
        let notes = self.notes();
        match notes.phase {
            Phase::Idle if !notes.in_flight.is_empty() => Phase::Busy,
            phase => phase,
        }
    }

    /// Returns the deadline of the current phase.
    pub(crate) fn deadline(&self, limits: &Limits) -> Instant {
        let notes = self.notes();
        let answer_by = notes
            .in_flight
            .first()
            .map(|(_, began)| *began + limits.request_time);
        let taken_by = notes.stalled.map(|since| since + limits.request_time);
        let phase_by = match notes.phase {
            Phase::Idle if answer_by.is_some() => None,
            Phase::Idle => Some(notes.since + limits.idle_time),
            Phase::Head => Some(notes.since + limits.head_time.min(limits.request_time)),
            Phase::Busy => Some(notes.since + limits.request_time),
        };
        let deadlines = [answer_by, taken_by, phase_by].into_iter().flatten();
        deadlines.min().unwrap_or(notes.since + limits.idle_time)
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        // No code panics while it holds this lock, so a poisoned lock is still consistent.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }
}

/// A request in flight, from the call of the service until its response is sent or dropped.
#[derive(Debug)]
pub(crate) struct InFlight {
    clock: Arc<PhaseClock>,
    number: u64,
}

impl InFlight {
    pub(crate) fn begin(clock: &Arc<PhaseClock>) -> Self {
        let mut notes = clock.notes();
        let number = notes.next_number;
        notes.next_number += 1;
        notes.in_flight.push((number, Instant::now()));
        drop(notes);
        Self {
            clock: Arc::clone(clock),
            number,
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut notes = self.clock.notes();
        notes.in_flight.retain(|(number, _)| *number != self.number);
        if notes.phase == Phase::Idle && notes.in_flight.is_empty() {
            notes.since = Instant::now();
        }
    }
}

#[cfg(test)]
#[path = "phase_clock_tests.rs"]
mod tests;
