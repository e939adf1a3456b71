//! What a connection is at, and until when it may take for it.
//!
//! The gate and the service's side note what happens; whoever drives the connection asks for the
//! deadline. Leaves out the timer, and what is done when the time is up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::limits::Limits;

/// What a connection is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Between two requests.
    Idle,
    /// A part of a head has come.
    Head,
    /// From a whole head to the end of its answer.
    Busy,
}

/// Notes for one connection.
#[derive(Debug)]
pub(crate) struct Watch {
    notes: Mutex<Notes>,
}

#[derive(Debug)]
struct Notes {
    phase: Phase,
    since: Instant,
    /// Since when the client has not taken what was written.
    stalled: Option<Instant>,
    /// The requests that the service has not answered, or whose answers wait to be taken.
    flights: Vec<(u64, Instant)>,
    next_flight: u64,
    /// The client took too long for its head, and is to be told.
    is_late: bool,
}

impl Watch {
    pub(crate) fn begin() -> Arc<Self> {
        Arc::new(Self {
            notes: Mutex::new(Notes {
                phase: Phase::Idle,
                since: Instant::now(),
                stalled: None,
                flights: Vec::new(),
                next_flight: 0,
                is_late: false,
            }),
        })
    }

    /// The first bytes of a head are there.
    pub(crate) fn head_begins(&self) {
        let mut notes = self.notes();
        if notes.phase == Phase::Idle {
            notes.enter(Phase::Head);
        }
    }

    /// A head is whole. The time of its request began with its first byte.
    pub(crate) fn head_is_whole(&self) {
        let mut notes = self.notes();
        if notes.phase == Phase::Idle {
            notes.since = Instant::now();
        }
        notes.phase = Phase::Busy;
    }

    /// All that was written has gone out; `has_more` tells whether the next head has begun to come.
    pub(crate) fn is_flushed(&self, has_more: bool) {
        let mut notes = self.notes();
        notes.stalled = None;
        if notes.phase == Phase::Busy && notes.flights.is_empty() {
            notes.enter(if has_more { Phase::Head } else { Phase::Idle });
        }
    }

    /// Nothing more can be written for now.
    pub(crate) fn is_stalled(&self) {
        self.notes().stalled.get_or_insert_with(Instant::now);
    }

    /// Has the gate refuse what it has of a head, whose request is then under way. Tells whether that was
    /// not asked before.
    pub(crate) fn call_late(&self) -> bool {
        !std::mem::replace(&mut self.notes().is_late, true)
    }

    /// Whether a head came too late, so that it is to be refused.
    pub(crate) fn is_late(&self) -> bool {
        self.notes().is_late
    }

    /// What the connection is at; a request under way keeps it from being idle.
    pub(crate) fn phase(&self) -> Phase {
        let notes = self.notes();
        match notes.phase {
            Phase::Idle if !notes.flights.is_empty() => Phase::Busy,
            phase => phase,
        }
    }

    /// When the time is up for what the connection is at.
    pub(crate) fn deadline(&self, limits: &Limits) -> Instant {
        let notes = self.notes();
        let answer_by = notes
            .flights
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
        // Nothing panics while it holds this lock, so a poisoned one is as good as another.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }
}

/// A request under way, from the call of the service until its answer was taken or dropped.
#[derive(Debug)]
pub(crate) struct Flight {
    watch: Arc<Watch>,
    number: u64,
}

impl Flight {
    pub(crate) fn begin(watch: &Arc<Watch>) -> Self {
        let mut notes = watch.notes();
        let number = notes.next_flight;
        notes.next_flight += 1;
        notes.flights.push((number, Instant::now()));
        drop(notes);
        Self {
            watch: Arc::clone(watch),
            number,
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut notes = self.watch.notes();
        notes.flights.retain(|(number, _)| *number != self.number);
        if notes.phase == Phase::Idle && notes.flights.is_empty() {
            notes.since = Instant::now();
        }
    }
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
