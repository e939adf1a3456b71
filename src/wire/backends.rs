//! The registry of store backends. No other module knows which there are.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use kunci_domain::ports::Cause;
use kunci_memory::{MemoryAccountStore, MemorySessionStore};
use kunci_sqlite::{SqliteOptions, SqliteStore};
use kunci_web::StoreLocality;

use super::stores::Stores;

/// Every backend of this build.
pub(crate) const BACKENDS: &[Backend] = &[
    SQLITE,
    MEMORY,
    #[cfg(feature = "postgres")]
    POSTGRES,
];

/// The backend of a server whose settings name none. Its URLs contain the path of a file.
#[cfg(feature = "server")]
pub(crate) const SERVER_DEFAULT: &Backend = &SQLITE;

/// The backend of a library that names none. Nothing follows the scheme of its URL.
pub(crate) const LIBRARY_DEFAULT: &Backend = &MEMORY;

/// Schemes of stores that a build may lack. They have a message of their own, because they are not typing errors.
pub(crate) const ABSENT: &[&str] = &["postgres", "postgresql", "mysql", "redis", "rediss"];

/// The message for schemes that are typing errors.
pub(crate) const UNKNOWN: &str = "its scheme is not known";

/// A kind of store: its URLs, how it is opened, and what the rest of the program must know about it.
#[derive(Debug)]
#[cfg_attr(
    not(all(feature = "server", feature = "hyper")),
    allow(dead_code, reason = "only the server with hyper needs every field")
)]
pub(crate) struct Backend {
    /// The name, which is also the scheme of its URLs.
    pub(crate) name: &'static str,
    /// Another scheme of its URLs.
    pub(crate) alias: Option<&'static str>,
    /// The form of its URLs, for messages and documentation.
    pub(crate) form: &'static str,
    /// Checks what follows `SCHEME:` in a URL. The error is a clause that does not repeat it.
    pub(crate) check: fn(&str) -> Result<(), &'static str>,
    /// Returns what `check` accepted without a password.
    pub(crate) without_password: fn(&str) -> Cow<'_, str>,
    /// Opens the store that `check` accepted.
    pub(crate) open: fn(&str, StoreOptions) -> Result<Stores, OpenError>,
    /// Where it answers from.
    pub(crate) locality: StoreLocality,
    /// Whether the path of a file follows the scheme. By default, the key file and the outbox of a library are
    /// beside it.
    pub(crate) is_file: bool,
    /// Whether records are in the memory of the process: it has no limit, and commands cannot access them.
    pub(crate) is_in_process: bool,
    /// The most memory that an open store uses with this many reading threads, in bytes. It does not count
    /// records in the memory of the process.
    pub(crate) memory_bytes: fn(u64, StoreOptions) -> u64,
}

/// Options for all backends. Each uses its own.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(feature = "postgres"),
    allow(dead_code, reason = "SQLite has no connections")
)]
pub(crate) struct StoreOptions {
    /// How much of a database file SQLite may map into memory, in bytes.
    pub(crate) sqlite_mmap_bytes: u64,
    /// How much of the disk SQLite keeps for signing in and out, in bytes.
    pub(crate) sqlite_reserve_bytes: u64,
    /// The most connections to a server that are open at a time.
    pub(crate) pool_size: usize,
    /// How long a request waits for a connection.
    pub(crate) connect_timeout: Duration,
    /// How long a request waits for a statement.
    pub(crate) query_timeout: Duration,
}

impl Default for StoreOptions {
    /// Returns no mapped memory, no reserve, 16 connections, and 5 seconds for both timeouts.
    fn default() -> Self {
        Self {
            sqlite_mmap_bytes: 0,
            sqlite_reserve_bytes: 0,
            pool_size: 16,
            connect_timeout: Duration::from_secs(5),
            query_timeout: Duration::from_secs(5),
        }
    }
}

/// A store cannot be opened. The message is that of its backend.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct OpenError(Cause);

impl OpenError {
    /// Returns the error of the backend, such as a `kunci_sqlite::OpenError`, to downcast it.
    #[must_use]
    pub fn get_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl PartialEq for Backend {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Backend {}

/// Returns the backend of a scheme.
pub(crate) fn find(scheme: &str) -> Option<&'static Backend> {
    let mut all = BACKENDS.iter();
    all.find(|backend| backend.name == scheme || backend.alias == Some(scheme))
}

const SQLITE: Backend = Backend {
    name: "sqlite",
    alias: None,
    form: "sqlite:PATH",
    check: sqlite_path,
    without_password: |rest| rest.into(),
    open: |path, options| {
        let store = SqliteStore::open(path, sqlite_options(options));
        let store = store.map_err(|error| OpenError(error.into()))?;
        Ok(Stores {
            sessions: Arc::new(store.sessions()),
            check: Arc::new(store.session_check()),
            accounts: Arc::new(store.accounts()),
            locality: SQLITE.locality,
            health: vec![Arc::new(store)],
        })
    },
    locality: StoreLocality::Local,
    is_file: true,
    is_in_process: false,
    memory_bytes: |readers, options| {
        let reader = kunci_sqlite::READER_BYTES + options.sqlite_mmap_bytes;
        let cache = sqlite_options(options).row_cache_bytes as u64;
        readers * reader + kunci_sqlite::WRITER_BYTES + cache
    },
};

/// Refuses what SQLite would not treat as the path of a file.
///
/// - `:memory:` is a separate database for each connection, so a request would not see earlier sign-ups.
/// - `file:` allows options that contradict those with which Kunci opens the database.
/// - `//host`, as other programs write it, would be a folder at the root.
fn sqlite_path(path: &str) -> Result<(), &'static str> {
    match path {
        "" => Err("it has no path"),
        _ if path.starts_with(':') => Err("its path is not a file; use memory: for a store in memory"),
        _ if path.starts_with("file:") || path.starts_with("//") => {
            Err("it contains more than a path after sqlite:")
        }
        _ if path.ends_with('/') => Err("its path is a folder"),
        _ if path.contains('\0') => Err("its path contains a NUL character"),
        _ => Ok(()),
    }
}

fn sqlite_options(options: StoreOptions) -> SqliteOptions {
    let mut sqlite = SqliteOptions::default();
    sqlite.mmap_bytes = options.sqlite_mmap_bytes;
    sqlite.reserve_bytes = options.sqlite_reserve_bytes;
    sqlite
}

const MEMORY: Backend = Backend {
    name: "memory",
    alias: None,
    form: "memory:",
    check: |rest| if rest.is_empty() { Ok(()) } else { Err(UNKNOWN) },
    without_password: |rest| rest.into(),
    open: |_, _| {
        Ok(Stores::separate(
            Arc::new(MemorySessionStore::default()),
            Arc::new(MemoryAccountStore::default()),
            MEMORY.locality,
        ))
    },
    locality: StoreLocality::Local,
    is_file: false,
    is_in_process: true,
    memory_bytes: |_, _| 0,
};

#[cfg(feature = "postgres")]
const POSTGRES: Backend = Backend {
    name: "postgres",
    alias: Some("postgresql"),
    form: "postgres://USER@HOST/DATABASE",
    check: |rest| postgres_url(rest).map(|_| ()),
    without_password: |rest| match postgres_url(rest) {
        Ok(url) if url.has_password() => {
            let url = url.without_password();
            url.trim_start_matches("postgres:").to_owned().into()
        }
        _ => rest.into(),
    },
    open: |rest, options| {
        let url = postgres_url(rest).map_err(|why| OpenError(why.into()))?;
        let store = kunci_postgres::PostgresStore::open(url, postgres_options(options));
        let store = store.map_err(|error| OpenError(error.into()))?;
        Ok(Stores {
            sessions: Arc::new(store.sessions()),
            check: Arc::new(store.session_check()),
            accounts: Arc::new(store.accounts()),
            locality: POSTGRES.locality,
            health: vec![Arc::new(store)],
        })
    },
    locality: StoreLocality::Remote,
    is_file: false,
    is_in_process: false,
    memory_bytes: |_, options| options.pool_size as u64 * kunci_postgres::CONNECTION_BYTES,
};

#[cfg(feature = "postgres")]
fn postgres_url(rest: &str) -> Result<kunci_postgres::PostgresUrl, &'static str> {
    kunci_postgres::PostgresUrl::parse(&format!("postgres:{rest}"))
}

#[cfg(feature = "postgres")]
fn postgres_options(options: StoreOptions) -> kunci_postgres::PostgresOptions {
    let mut postgres = kunci_postgres::PostgresOptions::default();
    postgres.pool_size = options.pool_size;
    postgres.connect_timeout = options.connect_timeout;
    postgres.query_timeout = options.query_timeout;
    postgres
}
