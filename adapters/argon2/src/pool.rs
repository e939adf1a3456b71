//! A fixed number of threads that work at low priority, and a bounded queue before them.
//!
//! Threads of our own, because a thread that has lowered its priority may not raise it again without
//! privileges. They start when there is work for them and end after a minute without any.
//! Left out: what the work is; it is a closure that gets the thread's [`Memory`].

use std::collections::VecDeque;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use thiserror::Error;

use crate::cost::Concurrency;
use crate::lock;
use crate::memory::Memory;

/// How long a thread without work stays, with its memory.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Runs work that answers with an `A`, first come first served. Its threads end with it.
pub(crate) struct Pool<A> {
    concurrency: Concurrency,
    shared: Arc<Shared<A>>,
}

/// Why work was not done.
#[derive(Debug, Error)]
pub(crate) enum PoolError {
    /// As much runs and waits as may; nothing was tried.
    #[error("every hashing thread is busy and the queue is full")]
    Full,
    /// There is no thread to do it.
    #[error("no hashing thread could be started")]
    NoThread(#[source] io::Error),
    /// The work panicked.
    #[error("hashing panicked")]
    Panicked,
}

struct Shared<A> {
    state: Mutex<State<A>>,
    changed: Condvar,
    patience: Duration,
}

struct State<A> {
    jobs: VecDeque<Job<A>>,
    threads: Vec<JoinHandle<()>>,
    /// Threads that have not decided to end.
    alive: usize,
    /// Threads that have taken a job and not answered it.
    busy: usize,
    closing: bool,
}

struct Job<A> {
    work: Box<dyn FnOnce(&mut Memory) -> A + Send>,
    answer: SyncSender<A>,
}

impl<A: Send + 'static> Pool<A> {
    /// A pool whose threads end after `patience` without work.
    pub(crate) fn new(concurrency: Concurrency, patience: Duration) -> Self {
        let state = State {
            jobs: VecDeque::new(),
            threads: Vec::new(),
            alive: 0,
            busy: 0,
            closing: false,
        };
        Self {
            concurrency,
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                changed: Condvar::new(),
                patience,
            }),
        }
    }

    /// Has `work` done and waits for the answer.
    pub(crate) fn run(&self, work: impl FnOnce(&mut Memory) -> A + Send + 'static) -> Result<A, PoolError> {
        let (answer, answered) = sync_channel(1);
        self.admit(Job {
            work: Box::new(work),
            answer,
        })?;
        // The other end is dropped without an answer only when the work panicked.
        answered.recv().map_err(|_| PoolError::Panicked)
    }

    fn admit(&self, job: Job<A>) -> Result<(), PoolError> {
        let Concurrency { permits, queue } = self.concurrency;
        let mut state = lock(&self.shared.state);
        if state.jobs.len() + state.busy >= permits.get().saturating_add(queue) {
            return Err(PoolError::Full);
        }
        let waiting = state.alive - state.busy;
        if waiting <= state.jobs.len() && state.alive < permits.get() {
            match self.start_thread(&mut state) {
                // Another thread will come to it.
                Err(_) if state.alive > 0 => {}
                started => started.map_err(PoolError::NoThread)?,
            }
        }
        state.jobs.push_back(job);
        self.shared.changed.notify_one();
        Ok(())
    }

    fn start_thread(&self, state: &mut State<A>) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new()
            .name("kunci-argon2".to_owned())
            .spawn(move || shared.serve())?;
        state.threads.retain(|thread| !thread.is_finished());
        state.threads.push(thread);
        state.alive += 1;
        Ok(())
    }
}

impl<A> Shared<A> {
    fn serve(&self) {
        lower_priority();
        let mut memory = Memory::default();
        while let Some(Job { work, answer }) = self.next(&mut memory) {
            // After a panic the memory holds nonsense, as it does before any work.
            let done = panic::catch_unwind(AssertUnwindSafe(|| work(&mut memory)));
            // The permit is free before the answer is out, or whoever has it might be turned away.
            lock(&self.state).busy -= 1;
            if let Ok(done) = done {
                // The caller waits for it; were it gone, nobody would miss the answer.
                let _ = answer.send(done);
            }
        }
    }

    /// The next job, or the end of this thread.
    fn next(&self, memory: &mut Memory) -> Option<Job<A>> {
        let mut state = lock(&self.state);
        if state.jobs.is_empty() {
            // Nobody waits, so there is time to clear up.
            drop(state);
            memory.wipe();
            state = self.wait();
        }
        if state.jobs.is_empty() {
            // The memory goes before the thread counts as gone: its successor's must not come on top of it.
            drop(state);
            *memory = Memory::default();
            state = lock(&self.state);
        }
        let job = state.jobs.pop_front();
        match job {
            Some(_) => state.busy += 1,
            None => state.alive -= 1,
        }
        job
    }

    /// Waits for a job, for the end of the pool, or as long as its patience lasts.
    fn wait(&self) -> MutexGuard<'_, State<A>> {
        let idle = |state: &mut State<A>| state.jobs.is_empty() && !state.closing;
        let waited = self
            .changed
            .wait_timeout_while(lock(&self.state), self.patience, idle);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl<A> Drop for Pool<A> {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.closing = true;
        let threads = std::mem::take(&mut state.threads);
        drop(state);
        self.shared.changed.notify_all();
        for thread in threads {
            // A thread catches what its work does, so there is nothing to pass on.
            let _ = thread.join();
        }
    }
}

/// Steps back behind the threads that answer requests; how far they then go first is the scheduler's affair.
/// When the system forbids even that, hashing at full priority is better than none.
#[cfg(target_os = "linux")]
fn lower_priority() {
    /// Ten steps of "nice": at equal demand a tenth of a request thread's share of a core.
    const STEPS: i32 = 10;
    // On Linux this concerns the calling thread alone: sched(7), "The nice value".
    let _ = rustix::process::nice(STEPS);
}

/// Elsewhere the priority belongs to the whole process, which must not slow itself down.
#[cfg(not(target_os = "linux"))]
const fn lower_priority() {}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
