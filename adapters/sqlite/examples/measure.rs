//! Measures the store on this machine: durable writes, reads, and disk space per session.
//!
//! `cargo run --release -p kunci-sqlite --example measure [sessions] [folder]`
//!
//! Figures of different machines cannot be compared.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kunci_domain::ports::{AccountStore, SessionStore};
use kunci_domain::{Device, Session, Step};
use kunci_sqlite::{SqliteOptions, SqliteStore};
use kunci_testkit::samples::{key, signed_in, start, start_plus, user, user_id, visitor};

const WRITERS: u64 = 32;
const READING: Duration = Duration::from_secs(3);

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = match arguments.next() {
        Some(parent) => tempfile::tempdir_in(parent)?,
        None => tempfile::tempdir()?,
    };
    let path = folder.path().join("visitors.sqlite");
    measure_visitors(&path, count)?;
    measure_reading(&path, count)?;
    measure_purge(&path, count)?;
    measure_signed_in(&folder.path().join("users.sqlite"), count / 5)
}

fn measure_visitors(path: &Path, count: u64) -> Result<(), Failure> {
    let store = SqliteStore::open(path, SqliteOptions::default())?;
    let filling = Instant::now();
    let part = count / 10;
    for tenth in 0..10 {
        let rate = insert(
            &store.sessions(),
            tenth * part..(tenth + 1) * part,
            session_of_stream,
        );
        println!(
            "durable inserts, {WRITERS} threads, at {} sessions: {rate:.0}/s",
            (tenth + 1) * part
        );
    }
    println!(
        "log file before closing: {:.1} MB",
        megabytes(&path.with_extension("sqlite-wal"))
    );
    drop(store);
    let size = megabytes(path);
    println!("filled in {:.1} s", filling.elapsed().as_secs_f64());
    println!(
        "visitor session on disk: {:.0} bytes ({size:.1} MB in total)",
        size * 1e6 / count as f64
    );
    Ok(())
}

/// Returns a visitor's session; twenty of them begin in each millisecond.
fn session_of_stream(number: u64) -> Session {
    let at = start_plus(number as i64 / 20);
    Session {
        created_at: at,
        last_seen_at: at,
        ..visitor(number)
    }
}

fn measure_signed_in(path: &Path, count: u64) -> Result<(), Failure> {
    let store = SqliteStore::open(path, SqliteOptions::default())?;
    let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    let device = Device::new(agent, Some([192, 0, 2, 7].into()));
    let session = |number| Session {
        device: device.clone(),
        created_at: session_of_stream(number).created_at,
        last_seen_at: session_of_stream(number).last_seen_at,
        ..signed_in(number, user_id(number / 2))
    };
    let rate = insert(&store.sessions(), 0..count, session);
    println!("durable inserts, signed in, with a user agent: {rate:.0}/s");
    let users: Vec<_> = (0..100)
        .map(|number| user(number, &format!("user-{number}")))
        .collect();
    let (sessions, accounts) = (store.sessions(), store.accounts());
    for user in &users {
        let _ = accounts.commit(&Step::InsertUser(user.clone()).into(), start())?;
    }
    read("find a session and its user, random", 2, |number| {
        let found = sessions.find(&key(number % count), start());
        let user = accounts.find(users[(number % 100) as usize].id);
        matches!((found, user), (Ok(Some(_)), Ok(Some(_))))
    });
    read("find a signed-in session, random", 2, |number| {
        matches!(sessions.find(&key(number % count), start()), Ok(Some(_)))
    });
    drop((store, sessions, accounts));
    println!(
        "signed in, on disk: {:.0} bytes",
        megabytes(path) * 1e6 / count as f64
    );
    Ok(())
}

fn measure_reading(path: &Path, count: u64) -> Result<(), Failure> {
    let begun = Instant::now();
    let store = SqliteStore::open(path, SqliteOptions::default())?;
    let sessions = store.sessions();
    sessions.find(&key(0), start())?;
    println!(
        "opened, and first session found after {:.1} ms",
        begun.elapsed().as_secs_f64() * 1e3
    );
    let found = |number| matches!(sessions.find(&key(number), start()), Ok(Some(_)));
    for threads in [1, 2] {
        read("find, always the same", threads, |_| found(7));
        read("find, random", threads, |number| found(number % count));
        read("find, unknown", threads, |number| !found(count + number));
    }
    println!("resident memory: {}", resident());
    let stop = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut written = count;
            while stop.load(Ordering::Relaxed) == 0 {
                let _ = sessions.insert(&session_of_stream(written));
                written += 1;
            }
            println!("  (during {} inserts, one by one)", written - count);
        });
        read("find, random, while one thread writes", 1, |number| {
            found(number % count)
        });
        stop.store(1, Ordering::Relaxed);
    });
    Ok(())
}

fn measure_purge(path: &Path, count: u64) -> Result<(), Failure> {
    let store = SqliteStore::open(path, SqliteOptions::default())?;
    let sessions = store.sessions();
    let slowest = AtomicU64::new(0);
    let done = AtomicU64::new(0);
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 0;
            while done.load(Ordering::Relaxed) == 0 {
                let asked = Instant::now();
                let _ = sessions.find(&key(number % count), start());
                slowest.fetch_max(asked.elapsed().as_micros() as u64, Ordering::Relaxed);
                number += 1;
            }
        });
        let end = session_of_stream(count * 2).expires_at();
        while sessions
            .purge_expired(end, 500)
            .is_ok_and(|removed| removed == 500)
        {}
        done.store(1, Ordering::Relaxed);
    });
    println!(
        "purged them in steps of 500 in {:.1} s; slowest find in that time: {} µs",
        begun.elapsed().as_secs_f64(),
        slowest.into_inner()
    );
    Ok(())
}

/// Inserts from many threads and returns the rate per second.
fn insert(
    store: &dyn SessionStore,
    numbers: std::ops::Range<u64>,
    session: impl Fn(u64) -> Session + Sync,
) -> f64 {
    let next = AtomicU64::new(numbers.start);
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if numbers.end <= number || store.insert(&session(number)).is_err() {
                        break;
                    }
                }
            });
        }
    });
    (numbers.end - numbers.start) as f64 / begun.elapsed().as_secs_f64()
}

/// Reads from several threads for a while and prints the rate. `find` returns whether the result was right.
fn read(what: &str, threads: u64, find: impl Fn(u64) -> bool + Sync) {
    let done = AtomicU64::new(0);
    let wrong = AtomicU64::new(0);
    let begun = Instant::now();
    thread::scope(|scope| {
        for thread in 0..threads {
            let (done, wrong, find) = (&done, &wrong, &find);
            scope.spawn(move || {
                let mut number = thread.wrapping_mul(0x9e37_79b9);
                while begun.elapsed() < READING {
                    for _ in 0..64 {
                        // A generator of full period reaches another page each time.
                        number = number
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1_442_695_040_888_963_407);
                        wrong.fetch_add(u64::from(!find(number >> 33)), Ordering::Relaxed);
                    }
                    done.fetch_add(64, Ordering::Relaxed);
                }
            });
        }
    });
    let rate = done.into_inner() as f64 / begun.elapsed().as_secs_f64();
    println!(
        "{what}, {threads} threads: {rate:.0}/s ({} wrong)",
        wrong.into_inner()
    );
}

fn megabytes(path: &Path) -> f64 {
    std::fs::metadata(path).map_or(0.0, |file| file.len() as f64 / 1e6)
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("RssAnon"));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join(", ")
}
