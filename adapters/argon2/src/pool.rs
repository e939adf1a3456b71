//! A pool of low-priority threads with a bounded queue.
//!
//! The pool has its own threads, because raising a lowered priority requires privileges. Threads start on
//! demand and end after a minute without work. A job is a closure that gets the thread's [`Memory`].

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

/// The time after which an idle thread ends and frees its memory.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Runs jobs that return an `A`, in order of arrival. Dropping the pool ends its threads.
pub(crate) struct Pool<A> {
    concurrency: Concurrency,
    shared: Arc<Shared<A>>,
}

/// A job was not completed.
#[derive(Debug, Error)]
pub(crate) enum PoolError {
    /// All threads are busy and the queue is full. The job was not started.
    #[error("every hashing thread is busy and the queue is full")]
    Full,
    /// There is no thread for the job.
    #[error("cannot start a hashing thread")]
    NoThread(#[source] io::Error),
    /// The job panicked.
    #[error("hashing panicked")]
    Panicked,
}

struct Shared<A> {
    state: Mutex<State<A>>,
    changed: Condvar,
    idle_timeout: Duration,
}

struct State<A> {
    jobs: VecDeque<Job<A>>,
    threads: Vec<JoinHandle<()>>,
    /// Threads that are not ending.
    alive: usize,
    /// Threads that run a job.
    busy: usize,
    closing: bool,
}

struct Job<A> {
    work: Box<dyn FnOnce(&mut Memory) -> A + Send>,
    answer: SyncSender<A>,
}

impl<A: Send + 'static> Pool<A> {
    /// Creates a pool whose threads end after `idle_timeout` without work.
    pub(crate) fn new(concurrency: Concurrency, idle_timeout: Duration) -> Self {
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
                idle_timeout,
            }),
        }
    }

    /// Runs `work` on a thread of the pool and waits for the result.
    pub(crate) fn run(&self, work: impl FnOnce(&mut Memory) -> A + Send + 'static) -> Result<A, PoolError> {
        let (answer, answered) = sync_channel(1);
        self.admit(Job {
            work: Box::new(work),
            answer,
        })?;
        // The sender is dropped without a result only if the job panicked.
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
                // A running thread will take the job later.
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
            // After a panic the memory may hold anything, as it may before any job.
            let done = panic::catch_unwind(AssertUnwindSafe(|| work(&mut memory)));
            // The permit is freed before the result is sent, so that the caller can submit another job at
            // once.
            lock(&self.state).busy -= 1;
            if let Ok(done) = done {
                // The caller waits for the result. If it is gone, the result is not needed.
                let _ = answer.send(done);
            }
        }
    }

    /// Returns the next job, or `None` if this thread must end.
    fn next(&self, memory: &mut Memory) -> Option<Job<A>> {
        let mut state = lock(&self.state);
        if state.jobs.is_empty() {
            // No job waits, so there is time to wipe the memory.
            drop(state);
            memory.wipe();
            state = self.wait();
        }
        if state.jobs.is_empty() {
            // The memory is freed before the thread counts as ended, so that a new thread's memory does not
            // add to it.
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

    /// Waits for a job, for the end of the pool, or for the idle timeout.
    fn wait(&self) -> MutexGuard<'_, State<A>> {
        let idle = |state: &mut State<A>| state.jobs.is_empty() && !state.closing;
        let waited = self
            .changed
            .wait_timeout_while(lock(&self.state), self.idle_timeout, idle);
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
            // Threads catch the panics of their jobs, so there is no error to report.
            let _ = thread.join();
        }
    }
}

/// Lowers the priority below that of the threads that answer requests. If the system refuses, hashing runs at
/// full priority.
#[cfg(target_os = "linux")]
fn lower_priority() {
    /// Ten steps of "nice" give a thread about a tenth of a request thread's share of a busy core.
    const STEPS: i32 = 10;
    // On Linux this affects only the calling thread: sched(7), "The nice value".
    let _ = rustix::process::nice(STEPS);
}

/// Does nothing: on other systems the priority applies to the whole process.
#[cfg(not(target_os = "linux"))]
const fn lower_priority() {}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
