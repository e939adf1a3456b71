//! A group of threads that can be awaited together, with a deadline, which joining cannot do.
//! Leaves out what the threads do, and what to do about those that are late.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Instant;

#[derive(Debug, Default)]
pub(crate) struct Crew {
    alive: Mutex<usize>,
    one_left: Condvar,
}

impl Crew {
    /// Starts one more thread.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        *self.lock() += 1;
        let member = Member(Arc::clone(self));
        Builder::new().name(name.to_owned()).spawn(move || {
            let _member = member;
            work();
        })?;
        Ok(())
    }

    /// Waits until all threads have ended, at most until `deadline`, and says how many have not.
    pub(crate) fn wait_gone(&self, deadline: Instant) -> usize {
        let time = deadline.saturating_duration_since(Instant::now());
        let (alive, _) = self
            .one_left
            .wait_timeout_while(self.lock(), time, |alive| *alive > 0)
            .unwrap_or_else(PoisonError::into_inner);
        *alive
    }

    /// Nothing panics while it holds this lock, so a poisoned one is as good as another.
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a thread as alive until it is dropped, which happens when the thread ends, panics, or was
/// never started.
struct Member(Arc<Crew>);

impl Drop for Member {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
        self.0.one_left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_crew_is_gone_when_its_threads_are() {
        let crew = Arc::new(Crew::default());
        let (release, wait) = channel::<()>();
        crew.spawn("waits", move || _ = wait.recv()).unwrap();
        assert_eq!(crew.wait_gone(Instant::now()), 1);
        release.send(()).unwrap();
        assert_eq!(crew.wait_gone(Instant::now() + Duration::from_secs(10)), 0);
    }

    #[test]
    fn a_panic_counts_as_gone() {
        let crew = Arc::new(Crew::default());
        crew.spawn("panics", || panic!("meant")).unwrap();
        assert_eq!(crew.wait_gone(Instant::now() + Duration::from_secs(10)), 0);
    }
}
