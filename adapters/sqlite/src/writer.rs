//! Where writing happens: one thread that commits whatever is queued as one transaction.
//!
//! Each write is answered after the commit has succeeded, hence is on disk; when it fails, whatever
//! was in it is tried once more alone, so that one write that cannot be done takes no other with it.
//!
//! Left out: what is written. A write is any function of the connection that makes one change, or none.

mod log;

use std::io;
use std::iter;
use std::mem;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use self::log::LogKeeper;
use crate::anchor::Anchor;
use crate::error::SqliteError;
use crate::hot::Keeper;
use crate::open::patiently;
use crate::options::SqliteOptions;

/// The way to the thread that writes.
///
/// When that thread has died, the queue is closed and every write is refused. Dropping this closes the
/// queue too, and waits until what is in it has been written and the connection is closed.
pub(crate) struct Writer {
    /// `None` only while it is being dropped.
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(
        connection: Connection,
        anchor: Anchor,
        keeper: Keeper,
        options: &SqliteOptions,
    ) -> io::Result<Self> {
        let places = options.queue.clamp(1, MOST_PLACES);
        let (queue, jobs) = mpsc::sync_channel(places);
        let scribe = Scribe {
            anchor,
            keeper,
            log: LogKeeper::default(),
            connection,
            patience: options.busy_timeout,
            most_at_once: places,
        };
        let thread = thread::Builder::new()
            .name("kunci-sqlite".to_owned())
            .spawn(move || scribe.serve(&jobs))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Queues `work` and waits until what it did is on disk.
    pub(crate) fn write<T, W>(&self, work: W) -> Result<T, SqliteError>
    where
        T: Send + 'static,
        W: FnMut(&Connection) -> Result<T, SqliteError> + Send + 'static,
    {
        self.enqueue(work)?.wait()
    }

    /// Queues `work`, unless the queue is full, and waits for nothing.
    pub(crate) fn write_later<W>(&self, mut work: W) -> Result<(), SqliteError>
    where
        W: FnMut(&Connection) -> Result<(), SqliteError> + Send + 'static,
    {
        let job = Job {
            task: Box::new(move |connection| in_doubt(&work(connection))),
            reply: None,
        };
        match self.queue()?.try_send(job) {
            Ok(()) | Err(TrySendError::Full(_)) => Ok(()),
            Err(TrySendError::Disconnected(_)) => Err(SqliteError::WriterEnded),
        }
    }

    fn enqueue<T, W>(&self, mut work: W) -> Result<Pending<T>, SqliteError>
    where
        T: Send + 'static,
        W: FnMut(&Connection) -> Result<T, SqliteError> + Send + 'static,
    {
        let outcome = Arc::new(Mutex::new(Err(SqliteError::RolledBack)));
        let (reply, answer) = mpsc::sync_channel(1);
        let pending = Pending {
            outcome: Arc::clone(&outcome),
            answer,
        };
        let job = Job {
            task: Box::new(move |connection| {
                let done = work(connection);
                let verdict = in_doubt(&done);
                *lock(&outcome) = done;
                verdict
            }),
            reply: Some(reply),
        };
        self.queue()?.send(job).map_err(|_| SqliteError::WriterEnded)?;
        Ok(pending)
    }

    fn queue(&self) -> Result<&SyncSender<Job>, SqliteError> {
        self.queue.as_ref().ok_or(SqliteError::WriterEnded)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // It has panicked or it has not; either way it has closed the database.
            let _ = thread.join();
        }
    }
}

/// A queued write.
struct Job {
    task: Task,
    /// Where to say whether the transaction was committed. One kind of channel for all outcomes, as each
    /// kind takes some thousand bytes of program.
    reply: Option<SyncSender<Result<(), SqliteError>>>,
}

/// Does the work and keeps its outcome for later; an error means that the transaction is in doubt.
type Task = Box<dyn FnMut(&Connection) -> Result<(), SqliteError> + Send>;

impl Job {
    fn answer(self, committed: Result<(), SqliteError>) {
        if let Some(reply) = self.reply {
            // Whoever asked may have gone; that changes nothing.
            let _ = reply.send(committed);
        }
    }
}

/// The error in an outcome, if nothing of the same transaction may be committed after it.
fn in_doubt<T>(outcome: &Result<T, SqliteError>) -> Result<(), SqliteError> {
    match outcome {
        Err(error) if !error.harms_no_other_write() => Err(error.clone()),
        _ => Ok(()),
    }
}

/// A write that somebody waits for.
struct Pending<T> {
    outcome: Arc<Mutex<Result<T, SqliteError>>>,
    answer: Receiver<Result<(), SqliteError>>,
}

impl<T> Pending<T> {
    fn wait(self) -> Result<T, SqliteError> {
        // Without an answer the thread has died with the job in its hands.
        let committed = self.answer.recv().unwrap_or(Err(SqliteError::WriterEnded));
        committed.and_then(|()| mem::replace(&mut *lock(&self.outcome), Err(SqliteError::RolledBack)))
    }
}

fn lock<T>(outcome: &Mutex<T>) -> MutexGuard<'_, T> {
    outcome.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The longest queue, however long a one is asked for; its places are made at the start.
const MOST_PLACES: usize = 65_536;

/// How long the thread waits for something to write before it looks after the log and the anchor.
const IDLE: Duration = Duration::from_millis(100);

/// What the thread that writes works with.
///
/// The anchor is dropped first, so that the connection that writes is the last to close.
struct Scribe {
    anchor: Anchor,
    keeper: Keeper,
    log: LogKeeper,
    connection: Connection,
    patience: Duration,
    most_at_once: usize,
}

impl Scribe {
    /// Writes until the queue is closed and empty.
    fn serve(mut self, jobs: &Receiver<Job>) {
        loop {
            let mut waited = 0;
            match jobs.recv_timeout(IDLE) {
                Ok(first) => {
                    let queued = iter::once(first).chain(jobs.try_iter());
                    let batch: Vec<_> = queued.take(self.most_at_once).collect();
                    waited = batch.iter().filter(|job| job.reply.is_some()).count();
                    self.write(batch);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.keeper.catch_up(&self.connection);
            self.log.keep_short(&self.connection, &self.anchor, waited);
            self.anchor.renew(&self.connection);
        }
    }

    fn write(&mut self, mut batch: Vec<Job>) {
        match self.commit(&mut batch) {
            Ok(()) => batch.into_iter().for_each(|job| job.answer(Ok(()))),
            // Who could not even begin has nothing to find out by trying again.
            Err(error) if 1 < batch.len() && !error.is_lock() => {
                tracing::warn!(%error, writes = batch.len(), "a transaction failed; its writes are tried alone");
                batch.into_iter().for_each(|job| self.write(vec![job]));
            }
            Err(error) => batch.into_iter().for_each(|job| job.answer(Err(error.clone()))),
        }
    }

    /// Does all of the batch in one transaction, or nothing; afterwards nothing older is given out.
    fn commit(&mut self, batch: &mut [Job]) -> Result<(), SqliteError> {
        patiently(self.patience, || self.execute("BEGIN IMMEDIATE"))?;
        let committed = self.run_all(batch).and_then(|()| self.execute("COMMIT"));
        if committed.is_err() {
            self.roll_back();
        }
        self.keeper.catch_up(&self.connection);
        committed
    }

    fn run_all(&self, batch: &mut [Job]) -> Result<(), SqliteError> {
        for job in batch {
            (job.task)(&self.connection)?;
            // An error may have rolled everything back already. What runs after that would
            // be committed at once, and what ran before would be answered though it is lost.
            if self.connection.is_autocommit() {
                return Err(SqliteError::RolledBack);
            }
        }
        Ok(())
    }

    fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK")
        {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a transaction cannot be rolled back"
            );
        }
    }

    fn execute(&self, sql: &str) -> Result<(), SqliteError> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
