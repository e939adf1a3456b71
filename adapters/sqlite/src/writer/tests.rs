//! Tests that a failing write affects no other, and that every caller gets an answer.

mod log;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, mpsc};
use std::thread;

use kunci_domain::ports::StoreError;
use rusqlite::{Connection, ErrorCode};
use tempfile::TempDir;

use super::{Writer, wait};
use crate::Guards;
use crate::error::SqliteError;
use crate::file_watch::FileWatch;
use crate::open;
use crate::options::SqliteOptions;
use crate::reserve::Reserve;
use crate::row_cache::{CacheUpdater, RowCache};

const TABLES: &str = "
    CREATE TABLE notes (text TEXT UNIQUE);
    CREATE TABLE leaves (note TEXT REFERENCES notes (text) DEFERRABLE INITIALLY DEFERRED);
";

/// Starts a writer on a new file with the [`TABLES`].
fn writer(queue: usize) -> (TempDir, Arc<Writer>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.sqlite");
    let options = SqliteOptions {
        queue,
        ..SqliteOptions::default()
    };
    let reserve = Arc::new(Reserve::beside(&path, 0));
    let mut connection = open::writable(&path, &options, &reserve).unwrap();
    let watch = Arc::new(FileWatch::new(&path, &connection));
    connection.execute_batch(TABLES).unwrap();
    let cache = Arc::new(RowCache::new(&connection, options.row_cache_bytes));
    let updater = CacheUpdater::new(cache, &mut connection).unwrap();
    (
        folder,
        Arc::new(Writer::start(connection, updater, Guards { watch, reserve }, &options).unwrap()),
    )
}

fn execute(connection: &Connection, sql: &str) -> Result<(), SqliteError> {
    assert!(!connection.is_autocommit(), "a write runs outside a transaction");
    Ok(connection.execute_batch(sql)?)
}

fn notes(writer: &Writer) -> String {
    let sql = "SELECT coalesce(group_concat(text, ' ' ORDER BY text), '') FROM notes";
    writer
        .write(move |connection| Ok(connection.query_row(sql, [], |row| row.get(0))?))
        .unwrap()
}

/// Runs all `statements` as one batch and returns their outcomes in order.
fn in_one_batch(writer: &Arc<Writer>, statements: &[&'static str]) -> Vec<Result<(), SqliteError>> {
    let gate = Gate::close(writer);
    let queue = |sql: &&'static str| {
        let sql = *sql;
        queued(writer, move |connection| execute(connection, sql))
    };
    let outcomes: Vec<_> = statements.iter().map(queue).collect();
    gate.open();
    outcomes.iter().map(wait).collect()
}

/// A write that keeps the thread busy, so that later writes queue up.
struct Gate {
    open: mpsc::Sender<()>,
    write: thread::JoinHandle<Result<(), SqliteError>>,
}

impl Gate {
    fn close(writer: &Arc<Writer>) -> Self {
        let (open, opened) = mpsc::channel();
        let (begun, has_begun) = mpsc::channel();
        let writer = Arc::clone(writer);
        let write = thread::spawn(move || {
            writer.write(move |_| {
                begun.send(()).unwrap();
                // A panic in the test closes the channel, which opens the gate too.
                let _ = opened.recv();
                Ok(())
            })
        });
        has_begun.recv().unwrap();
        Self { open, write }
    }

    fn open(self) {
        self.open.send(()).unwrap();
        self.write.join().unwrap().unwrap();
    }
}

/// Queues a write without waiting for it.
fn queued<T: Send + 'static>(
    writer: &Writer,
    work: impl FnMut(&Connection) -> Result<T, SqliteError> + Send + 'static,
) -> Receiver<Result<T, SqliteError>> {
    writer.enqueue(work).unwrap()
}

fn oks(answers: &[Result<(), SqliteError>]) -> Vec<bool> {
    answers.iter().map(Result::is_ok).collect()
}

#[test]
fn batch_is_one_transaction() {
    let (folder, writer) = writer(16);
    let gate = Gate::close(&writer);
    let first = queued(&writer, |connection| {
        execute(connection, "INSERT INTO notes VALUES ('a')")
    });
    let elsewhere = Connection::open(folder.path().join("notes.sqlite")).unwrap();
    let second = queued(&writer, move |connection| {
        let count = |connection: &Connection| {
            connection.query_row("SELECT count(*) FROM notes", [], |row| row.get(0))
        };
        Ok((count(connection)?, count(&elsewhere)?))
    });
    gate.open();
    assert!(wait(&first).is_ok());
    let (here, elsewhere): (i64, i64) = wait(&second).unwrap();
    assert_eq!(
        (here, elsewhere),
        (1, 0),
        "the first write was committed before the second"
    );
}

#[test]
fn constraint_violation_fails_alone() {
    let (_folder, writer) = writer(16);
    let insert = "INSERT INTO notes VALUES ('same')";
    let answers = in_one_batch(
        &writer,
        &[
            "INSERT INTO notes VALUES ('a')",
            insert,
            insert,
            "INSERT INTO notes VALUES ('z')",
        ],
    );
    assert_eq!(oks(&answers), [true, true, false, true]);
    assert_eq!(notes(&writer), "a same z");
}

#[test]
fn write_that_rolls_back_fails_alone() {
    let (_folder, writer) = writer(16);
    let answers = in_one_batch(
        &writer,
        &[
            "INSERT INTO notes VALUES ('a')",
            "INSERT INTO notes VALUES ('lost'); ROLLBACK",
            "INSERT INTO notes VALUES ('z')",
        ],
    );
    assert_eq!(oks(&answers), [true, false, true]);
    assert_eq!(notes(&writer), "a z");
}

#[test]
fn statement_error_fails_alone() {
    let (_folder, writer) = writer(16);
    let answers = in_one_batch(
        &writer,
        &[
            "INSERT INTO notes VALUES ('a')",
            "INSERT INTO nowhere VALUES (1)",
            "INSERT INTO notes VALUES ('z')",
        ],
    );
    assert_eq!(oks(&answers), [true, false, true]);
    assert_eq!(notes(&writer), "a z");
}

#[test]
fn write_that_cannot_be_committed_fails_alone() {
    let (_folder, writer) = writer(16);
    let answers = in_one_batch(
        &writer,
        &[
            "INSERT INTO notes VALUES ('a')",
            "INSERT INTO leaves VALUES ('no such note')",
            "INSERT INTO notes VALUES ('z')",
        ],
    );
    assert_eq!(oks(&answers), [true, false, true]);
    assert_eq!(notes(&writer), "a z");
}

#[test]
fn thread_works_after_an_interrupted_write() {
    let (_folder, writer) = writer(16);
    let endless =
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) INSERT INTO notes SELECT i FROM n";
    let failed = writer.write(move |connection| {
        let (handle, ended) = (connection.get_interrupt_handle(), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    handle.interrupt();
                    thread::yield_now();
                }
            });
            let answer = execute(connection, endless);
            ended.store(true, Ordering::Relaxed);
            answer
        })
    });
    let Err(SqliteError::Driver(error)) = failed else {
        panic!("the endless write was not interrupted");
    };
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::OperationInterrupted));
    assert_eq!(notes(&writer), "");
    writer
        .write(|connection| execute(connection, "INSERT INTO notes VALUES ('after')"))
        .unwrap();
    assert_eq!(notes(&writer), "after");
}

#[test]
fn full_queue_makes_writers_wait_and_loses_nothing() {
    let (_folder, writer) = writer(1);
    thread::scope(|scope| {
        for number in 0..16 {
            let writer = &writer;
            scope.spawn(move || {
                let sql = format!("INSERT INTO notes VALUES ('{number:02}')");
                writer.write(move |connection| execute(connection, &sql)).unwrap();
            });
        }
    });
    assert_eq!(notes(&writer).split(' ').count(), 16);
}

#[test]
fn panic_in_a_write_fails_all_writes_without_hanging() {
    let (_folder, writer) = writer(16);
    let gate = Gate::close(&writer);
    let dying = queued::<()>(&writer, |_| panic!("on purpose"));
    let waiting = queued(&writer, |connection| {
        execute(connection, "INSERT INTO notes VALUES ('never')")
    });
    gate.open();
    // The dying thread drops the reply channels of all queued writes. Each may have been committed.
    for outcome in [wait(&dying), wait(&waiting)] {
        let error = StoreError::from(outcome.unwrap_err());
        assert!(matches!(error, StoreError::OutcomeUnknown { .. }), "{error:?}");
    }
    // The queue may still take a write while the thread dies.
    writer.write(|_| Ok(())).unwrap_err();
    assert!(matches!(
        writer.write_later(|_| Ok(())),
        Err(SqliteError::WriterEnded)
    ));
}

#[test]
fn dropping_the_writer_writes_the_queue() {
    let (folder, writer) = writer(64);
    for _ in 0..40 {
        writer
            .write_later(|connection| execute(connection, "INSERT INTO notes VALUES (NULL)"))
            .unwrap();
    }
    drop(writer);
    let file = Connection::open(folder.path().join("notes.sqlite")).unwrap();
    let count: i64 = file
        .query_row("SELECT count(*) FROM notes", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 40);
}

#[test]
fn log_stays_short_while_writes_do_not_queue_up() {
    let (folder, writer) = writer(8);
    // Each write adds at least two pages: one of the table and one of its index.
    for number in 0..300 {
        let sql = format!("INSERT INTO notes VALUES ('{number}')");
        writer.write(move |connection| execute(connection, &sql)).unwrap();
    }
    let log = folder.path().join("notes.sqlite-wal");
    let frame = 4_096 + 24;
    let pages = log.metadata().unwrap().len() / frame;
    assert!(pages < 150, "the log has {pages} pages");
}
