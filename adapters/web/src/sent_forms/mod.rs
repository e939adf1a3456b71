//! Answers a form that is sent twice, as by a double click, as if it were sent once.
//!
//! Each form of a page has an id, which is new whenever the page is rendered. The response to a form is remembered
//! for a minute. A second request with the same form, values, cookies and network gets the same response.
//! While the first request is in flight, the second one waits for it.
//!
//! Refusals are not remembered, so the second request is then handled like any other. The memory belongs to this
//! process: two requests that reach different processes are handled separately.

mod form;
mod memory;

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kunci_domain::Timestamp;
use kunci_domain::ports::Clock;

pub(crate) use form::{FormKey, SentForm, fill_in_ids};
use memory::Memory;
pub(crate) use memory::{Answer, MAX_BYTES};

/// How long a request waits for the response to the same form. It is shorter than the 30 seconds that hyper allows
/// for a request, and long enough for password hashes on a busy machine.
const MAX_WAIT: Duration = Duration::from_secs(20);
/// The maximum number of waiting requests, each of which occupies a slow worker. It is half of the slow workers
/// that are left when all others hash passwords.
const MAX_WAITING: usize = 8;

/// The forms that are being handled or were answered a short time ago.
pub(crate) struct SentForms {
    state: Mutex<State>,
    finished: Condvar,
    max_wait: Duration,
}

#[derive(Default)]
struct State {
    in_flight: HashSet<FormKey>,
    waiting: usize,
    memory: Memory,
}

/// What is to be done with a form.
pub(crate) enum Turn<'f> {
    /// Handle it, and pass a successful response to [`InFlight::finish`].
    First(InFlight<'f>),
    /// Return this response, which the same form had before.
    Repeated(Answer),
    /// Handle it like a request without an id, because the same form has been in flight for too long or too many
    /// requests wait.
    Untracked,
}

/// A form that is being handled. Dropping it ends the wait of other requests.
pub(crate) struct InFlight<'f> {
    forms: &'f SentForms,
    key: FormKey,
}

impl Default for SentForms {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            finished: Condvar::new(),
            max_wait: MAX_WAIT,
        }
    }
}

impl SentForms {
    /// Returns what is to be done with a form. Waits while the same form is in flight.
    pub(crate) fn turn(&self, key: FormKey, clock: &dyn Clock) -> Turn<'_> {
        let mut state = self.wait_for(key);
        if let Some(answer) = state.memory.find(key, clock.now()) {
            Turn::Repeated(answer)
        } else if state.in_flight.insert(key) {
            Turn::First(InFlight { forms: self, key })
        } else {
            Turn::Untracked
        }
    }

    fn wait_for(&self, key: FormKey) -> MutexGuard<'_, State> {
        let mut state = self.state();
        if !state.in_flight.contains(&key) || MAX_WAITING <= state.waiting {
            return state;
        }
        state.waiting += 1;
        let is_in_flight = |state: &mut State| state.in_flight.contains(&key);
        let waited = self
            .finished
            .wait_timeout_while(state, self.max_wait, is_in_flight);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds this lock, so a poisoned lock is still consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InFlight<'_> {
    /// Remembers the response. `later` is the key under which the client sends the form with the cookies of the
    /// response.
    pub(crate) fn finish(self, later: FormKey, answer: Answer, now: Timestamp) {
        let mut state = self.forms.state();
        state.memory.insert([self.key, later], answer, now);
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.forms.state().in_flight.remove(&self.key);
        self.forms.finished.notify_all();
    }
}

#[cfg(test)]
mod tests;
