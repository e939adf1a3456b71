//! The lines about panics in the log.

use std::panic;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The shortest time between two lines.
const PAUSE: Duration = Duration::from_secs(1);

/// Logs the place of each panic in one line, with at most one line in a second. The message of a panic is left
/// out, because it may contain a secret.
///
/// Rust's own hook writes several lines for each. With tiny_http, clients that reset their connections can cause
/// thousands of panics in a second.
pub(super) fn log_panics() {
    let recent = Mutex::new(Recent::default());
    panic::set_hook(Box::new(move |panic| {
        let mut recent = recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(unlogged) = recent.admit(Instant::now()) {
            let place = panic.location().map(ToString::to_string);
            tracing::error!(place, unlogged, "a thread panicked");
        }
    }));
}

/// The panics since the last line.
#[derive(Default)]
struct Recent {
    logged_at: Option<Instant>,
    unlogged: u32,
}

impl Recent {
    /// Returns the number of panics since the last line, or `None` if there is no line for this one.
    fn admit(&mut self, now: Instant) -> Option<u32> {
        if self.logged_at.is_some_and(|at| now.duration_since(at) < PAUSE) {
            self.unlogged = self.unlogged.saturating_add(1);
            return None;
        }
        self.logged_at = Some(now);
        Some(std::mem::take(&mut self.unlogged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_panic_in_a_second_is_logged() {
        let mut recent = Recent::default();
        let begin = Instant::now();
        let admitted = [0, 1, 999, 1_000, 1_500, 2_000, 9_000]
            .map(|millis| recent.admit(begin + Duration::from_millis(millis)));
        assert_eq!(admitted, [Some(0), None, None, Some(2), None, Some(1), Some(0)]);
    }
}
