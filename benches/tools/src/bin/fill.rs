//! Fills a new data folder with accounts and sessions without values, and writes cookies for the load
//! generator.
//!
//! All rows go through the SQLite store's writer thread, so the file equals one that a server wrote.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use kunci_bench::cookies::Signer;
use kunci_bench::records::{
    expired_start_of, from_many_threads, now, password_hash, signed_in, start_of, user, visitor,
};
use kunci_bench::{Outcome, PASSWORD};
use kunci_domain::ports::{AccountStore, SessionStore};
use kunci_domain::{SessionToken, Step};
use kunci_crypto::RandEntropy;
use kunci_sqlite::{SqliteOptions, SqliteStore};

/// Fills a new data folder for Kunci.
#[derive(Parser)]
struct Arguments {
    /// The folder. It must not exist.
    data: PathBuf,
    /// Number of active sessions.
    #[arg(long)]
    sessions: u64,
    /// Number of additional expired sessions.
    #[arg(long, default_value_t = 0)]
    expired: u64,
    /// Number of accounts that own the sessions. With 0, the sessions belong to visitors.
    #[arg(long, default_value_t = 100_000)]
    users: u64,
    /// Number of cookies to write to DATA/cookies, one per line, of evenly spread sessions.
    #[arg(long, default_value_t = 20_000)]
    cookies: u64,
}

fn main() -> Outcome {
    let arguments = Arguments::parse();
    fs::create_dir_all(arguments.data.parent().unwrap_or(Path::new(".")))?;
    fs::create_dir(&arguments.data)?;
    let signer = Signer::with_new_key_in(&arguments.data)?;
    let mut options = SqliteOptions::default();
    options.queue = 4_096;
    let store = SqliteStore::open(arguments.data.join("kunci.db"), options)?;
    fill_users(&store, arguments.users)?;
    fill_sessions(&store, &signer, &arguments)?;
    println!("every account (user-0, user-1, ...) has the password: {PASSWORD}");
    Ok(())
}

fn fill_users(store: &SqliteStore, count: u64) -> Outcome {
    let (hash, now, accounts) = (password_hash()?, now(), store.accounts());
    let bar = bar("accounts", count);
    from_many_threads(0..count, |number| {
        if let Ok(user) = user(number, &hash, now) {
            let _ = accounts.commit(&Step::InsertUser(user).into(), now)?;
        }
        bar.inc(1);
        Ok(())
    })?;
    bar.finish();
    Ok(())
}

fn fill_sessions(store: &SqliteStore, signer: &Signer, arguments: &Arguments) -> Outcome {
    let (now, sessions) = (now(), store.sessions());
    let (active, users) = (arguments.sessions, arguments.users);
    let all = active + arguments.expired;
    let every = active.div_ceil(arguments.cookies.max(1)).max(1);
    let cookies = Mutex::new(Vec::new());
    let bar = bar("sessions", all);
    from_many_threads(0..all, |number| {
        let Ok(token) = SessionToken::generate(&RandEntropy) else {
            return Ok(());
        };
        let started = match number.checked_sub(active) {
            None => start_of(number, active, now),
            Some(number) => expired_start_of(number, arguments.expired, now),
        };
        // Sessions of one account are adjacent, which is cheaper for the index on accounts.
        let session = match users {
            0 => visitor(token.key(), started),
            _ => signed_in(token.key(), number * users / all, started),
        };
        let _ = sessions.insert(&session)?;
        if number < active
            && number.is_multiple_of(every)
            && let Ok(mut cookies) = cookies.lock()
        {
            cookies.push(signer.cookie(&token));
        }
        bar.inc(1);
        Ok(())
    })?;
    bar.finish();
    let cookies = cookies.into_inner().map_err(|_| "a writing thread panicked")?;
    write_lines(&arguments.data.join("cookies"), &cookies)
}

fn write_lines(path: &Path, lines: &[String]) -> Outcome {
    let mut file = BufWriter::new(File::create(path)?);
    for line in lines {
        writeln!(file, "{line}")?;
    }
    Ok(file.flush()?)
}

/// Creates a progress bar, which is hidden without a terminal.
fn bar(what: &'static str, count: u64) -> ProgressBar {
    let bar = ProgressBar::new(count).with_message(what);
    match ProgressStyle::with_template("{msg} {bar:40} {human_pos} of {human_len}, {per_sec}, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
