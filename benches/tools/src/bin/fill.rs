//! Fills a new data folder of Kunci with accounts and sessions, and writes cookies for the load generator.
//!
//! Everything goes through the SQLite store's own thread that writes, so that the file is what
//! a server would have made. Left out: values in sessions.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use kunci_bench::cookies::Signer;
use kunci_bench::records::{
    began, began_long_ago, from_many_threads, now, password_hash, signed_in, user, visitor,
};
use kunci_bench::{Outcome, PASSWORD};
use kunci_domain::SessionToken;
use kunci_domain::ports::{SessionStore, UserStore};
use kunci_rand::RandEntropy;
use kunci_sqlite::{SqliteOptions, SqliteStore};

/// Fills a new data folder of Kunci.
#[derive(Parser)]
struct Arguments {
    /// The folder, which must not be there yet.
    data: PathBuf,
    /// How many sessions live.
    #[arg(long)]
    sessions: u64,
    /// How many more have ended and wait to be removed.
    #[arg(long, default_value_t = 0)]
    expired: u64,
    /// How many accounts the sessions belong to; with none they are visitors'.
    #[arg(long, default_value_t = 100_000)]
    users: u64,
    /// How many cookies, of sessions all over, are written to DATA/cookies, one a line.
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
    println!("the password of every account, user-0 and on, is: {PASSWORD}");
    Ok(())
}

fn fill_users(store: &SqliteStore, count: u64) -> Outcome {
    let (hash, now, users) = (password_hash()?, now(), store.users());
    let bar = bar("accounts", count);
    from_many_threads(0..count, |number| {
        if let Ok(user) = user(number, &hash, now) {
            let _ = users.insert(&user)?;
        }
        bar.inc(1);
        Ok(())
    })?;
    bar.finish();
    Ok(())
}

fn fill_sessions(store: &SqliteStore, signer: &Signer, arguments: &Arguments) -> Outcome {
    let (now, sessions) = (now(), store.sessions());
    let (living, users) = (arguments.sessions, arguments.users);
    let all = living + arguments.expired;
    let every = living.div_ceil(arguments.cookies.max(1)).max(1);
    let cookies = Mutex::new(Vec::new());
    let bar = bar("sessions", all);
    from_many_threads(0..all, |number| {
        let Ok(token) = SessionToken::generate(&RandEntropy) else {
            return Ok(());
        };
        let began = match number.checked_sub(living) {
            None => began(number, living, now),
            Some(number) => began_long_ago(number, arguments.expired, now),
        };
        // An account's sessions one after the other, which is easier on the index of accounts.
        let session = match users {
            0 => visitor(token.key(), began),
            _ => signed_in(token.key(), number * users / all, began),
        };
        let _ = sessions.insert(&session)?;
        if number < living
            && number.is_multiple_of(every)
            && let Ok(mut cookies) = cookies.lock()
        {
            cookies.push(signer.cookie(&token));
        }
        bar.inc(1);
        Ok(())
    })?;
    bar.finish();
    let cookies = cookies.into_inner().map_err(|_| "a thread has panicked")?;
    write_lines(&arguments.data.join("cookies"), &cookies)
}

fn write_lines(path: &Path, lines: &[String]) -> Outcome {
    let mut file = BufWriter::new(File::create(path)?);
    for line in lines {
        writeln!(file, "{line}")?;
    }
    Ok(file.flush()?)
}

/// A bar on a terminal, nothing elsewhere.
fn bar(what: &'static str, count: u64) -> ProgressBar {
    let bar = ProgressBar::new(count).with_message(what);
    match ProgressStyle::with_template("{msg} {bar:40} {human_pos} of {human_len}, {per_sec}, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
