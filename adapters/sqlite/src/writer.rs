//! The writer thread, which commits all queued writes as one transaction.
//!
//! A write is any function of the connection that makes one change, or none. It is answered after the commit
//! is on disk. If a commit fails, each of its writes is retried alone, so that one failing write does not
//! affect the others.

mod checkpoint;

use std::io;
use std::iter;
use std::mem;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use self::checkpoint::Checkpointer;
use crate::Guards;
use crate::error::SqliteError;
use crate::open::retry_while_locked;
use crate::options::SqliteOptions;
use crate::reserve::ReserveKeeper;
use crate::row_cache::CacheUpdater;

/// The queue to the writer thread.
///
/// If that thread has died, every write fails. Dropping the writer closes the queue, and waits until the
/// queued writes are done and the connection is closed.
pub(crate) struct Writer {
    /// `None` only while the writer is being dropped.
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(
        connection: Connection,
        cache: CacheUpdater,
        guards: Guards,
        options: &SqliteOptions,
    ) -> io::Result<Self> {
        let places = options.queue.clamp(1, MAX_QUEUE);
        let (queue, jobs) = mpsc::sync_channel(places);
        let keeper = ReserveKeeper::start(&guards.reserve, &connection);
        let writer_thread = WriterThread {
            connection,
            guards,
            keeper,
            cache,
            checkpointer: Checkpointer::default(),
            busy_timeout: options.busy_timeout,
            max_batch: places,
            is_retrying: false,
        };
        let thread = thread::Builder::new()
            .name("kunci-sqlite".to_owned())
            .spawn(move || writer_thread.run(&jobs))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Queues `work` and waits until its changes are on disk.
    pub(crate) fn write<T, W>(&self, work: W) -> Result<T, SqliteError>
    where
        T: Send + 'static,
        W: FnMut(&Connection) -> Result<T, SqliteError> + Send + 'static,
    {
        wait(&self.enqueue(work)?)
    }

    /// Queues `work` without waiting. If the queue is full, drops it.
    pub(crate) fn write_later<W>(&self, work: W) -> Result<(), SqliteError>
    where
        W: FnMut(&Connection) -> Result<(), SqliteError> + Send + 'static,
    {
        match self.queue()?.try_send(Box::new(Write::new(work, None))) {
            Ok(()) | Err(TrySendError::Full(_)) => Ok(()),
            Err(TrySendError::Disconnected(_)) => Err(SqliteError::WriterEnded),
        }
    }

    fn enqueue<T, W>(&self, work: W) -> Result<Receiver<Result<T, SqliteError>>, SqliteError>
    where
        T: Send + 'static,
        W: FnMut(&Connection) -> Result<T, SqliteError> + Send + 'static,
    {
        let (reply, outcome) = mpsc::sync_channel(1);
        let job = Box::new(Write::new(work, Some(reply)));
        self.queue()?.send(job).map_err(|_| SqliteError::WriterEnded)?;
        Ok(outcome)
    }

    fn queue(&self) -> Result<&SyncSender<Box<dyn Job>>, SqliteError> {
        self.queue.as_ref().ok_or(SqliteError::WriterEnded)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // Even if the thread has panicked, it has closed the database.
            let _ = thread.join();
        }
    }
}

/// Waits for the outcome of a queued write. If the thread dies before it answers, the channel is closed, and
/// the write may have been committed.
fn wait<T>(outcome: &Receiver<Result<T, SqliteError>>) -> Result<T, SqliteError> {
    outcome.recv().unwrap_or(Err(SqliteError::NotAnswered))
}

/// A queued write of any result type.
trait Job: Send {
    /// Does the work within a transaction and keeps its outcome.
    ///
    /// # Errors
    /// Fails if the whole transaction must be rolled back.
    fn run(&mut self, connection: &Connection) -> Result<(), SqliteError>;

    /// Returns whether a caller waits for the outcome.
    fn is_awaited(&self) -> bool;

    /// Sends the outcome to the caller: that of the work, or else why it was not committed.
    fn answer(self: Box<Self>, committed: Result<(), SqliteError>);
}

struct Write<T, W> {
    work: W,
    outcome: Result<T, SqliteError>,
    /// `None` if no caller waits.
    reply: Option<SyncSender<Result<T, SqliteError>>>,
}

impl<T, W> Write<T, W> {
    const fn new(work: W, reply: Option<SyncSender<Result<T, SqliteError>>>) -> Self {
        let outcome = Err(SqliteError::RolledBack);
        Self { work, outcome, reply }
    }
}

impl<T, W> Job for Write<T, W>
where
    T: Send,
    W: FnMut(&Connection) -> Result<T, SqliteError> + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), SqliteError> {
        self.outcome = (self.work)(connection);
        match &self.outcome {
            Err(error) if !error.leaves_transaction_intact() => Err(error.clone()),
            _ => Ok(()),
        }
    }

    fn is_awaited(&self) -> bool {
        self.reply.is_some()
    }

    fn answer(self: Box<Self>, committed: Result<(), SqliteError>) {
        if let Some(reply) = self.reply {
            // The send fails if the caller no longer waits, which changes nothing.
            let _ = reply.send(committed.and(self.outcome));
        }
    }
}

/// The longest queue, whatever the options say. The channel allocates all places at the start.
const MAX_QUEUE: usize = 65_536;

/// How long the thread waits for a write before it looks after the cache and the log.
const IDLE: Duration = Duration::from_millis(100);

/// The state of the writer thread.
struct WriterThread {
    connection: Connection,
    guards: Guards,
    keeper: ReserveKeeper,
    cache: CacheUpdater,
    checkpointer: Checkpointer,
    busy_timeout: Duration,
    max_batch: usize,
    /// Whether no batch of several writes has been committed since the last one that failed, which was logged.
    is_retrying: bool,
}

impl WriterThread {
    /// Writes until the queue is closed and empty.
    fn run(mut self, jobs: &Receiver<Box<dyn Job>>) {
        loop {
            let mut awaited = 0;
            match jobs.recv_timeout(IDLE) {
                Ok(first) => {
                    let queued = iter::once(first).chain(jobs.try_iter());
                    let batch: Vec<_> = queued.take(self.max_batch).collect();
                    awaited = batch.iter().filter(|job| job.is_awaited()).count();
                    self.write(batch);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.look_after_files(awaited);
        }
        if !self.guards.watch.may_remove_log() {
            // Without this setting, closing copies the log to the wrong place and removes it.
            let closing = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
            let _ = self.connection.set_db_config(closing, true);
        }
    }

    /// Maintains the cache, the log and the reserve, unless the files are lost.
    fn look_after_files(&mut self, awaited: usize) {
        if self.guards.watch.check().is_ok() {
            self.cache.catch_up(&self.connection);
            self.checkpointer.checkpoint_if_due(&self.connection, awaited);
            self.keeper.tend_if_due(&self.guards.reserve, &self.connection);
        }
    }

    fn write(&mut self, mut batch: Vec<Box<dyn Job>>) {
        match self.commit(&mut batch) {
            Ok(()) => {
                self.is_retrying &= batch.len() == 1;
                batch.into_iter().for_each(|job| job.answer(Ok(())));
            }
            Err(error) if error.is_full() && self.guards.reserve.release() => self.write(batch),
            Err(error) if 1 < batch.len() && !error.affects_every_write() => {
                if !mem::replace(&mut self.is_retrying, true) {
                    tracing::warn!(%error, writes = batch.len(), "a transaction failed; retrying its writes one by one");
                }
                batch.into_iter().for_each(|job| self.write(vec![job]));
            }
            Err(error) => batch.into_iter().for_each(|job| job.answer(Err(error.clone()))),
        }
    }

    /// Commits the whole batch in one transaction, or nothing. Afterwards the cache returns no older row.
    fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), SqliteError> {
        retry_while_locked(self.busy_timeout, || {
            self.guards.watch.check()?;
            self.execute("BEGIN IMMEDIATE")
        })?;
        let committed = self.run_all(batch).and_then(|()| self.execute("COMMIT"));
        if committed.is_err() {
            self.roll_back();
        }
        // What was committed to a file that is gone must not be acknowledged.
        self.guards.watch.check()?;
        self.cache.catch_up(&self.connection);
        committed
    }

    fn run_all(&self, batch: &mut [Box<dyn Job>]) -> Result<(), SqliteError> {
        for job in batch {
            job.run(&self.connection)?;
            // An error may have rolled the transaction back. Later writes would then be committed one by one,
            // and earlier ones would be acknowledged although they are lost.
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
                "cannot roll a transaction back"
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
