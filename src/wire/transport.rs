//! Which transport hosts the app: what the checked settings mean for each, and one life for both.

use std::sync::Arc;

use kunci_tiny_http as tiny;
use thiserror::Error;

use super::Hosted;
use crate::app::App;
use crate::config::{Config, Listen, Transport};
use crate::store_url::StoreUrl;

/// Why a transport cannot start, or has ended.
#[derive(Debug, Error)]
pub enum TransportError {
    /// tiny_http cannot listen.
    #[error(transparent)]
    TinyBind(#[from] tiny::BindError),
    /// tiny_http has ended.
    #[error(transparent)]
    Tiny(#[from] tiny::ServeError),
    /// hyper cannot listen.
    #[cfg(feature = "hyper")]
    #[error(transparent)]
    HyperBind(#[from] kunci_hyper::BindError),
    /// The certificate cannot be used.
    #[cfg(feature = "hyper")]
    #[error(transparent)]
    Tls(#[from] kunci_hyper::TlsError),
    /// hyper has ended.
    #[cfg(feature = "hyper")]
    #[error(transparent)]
    Hyper(#[from] kunci_hyper::ServeError),
}

/// Listening sockets of the transport that the settings name.
#[derive(Debug)]
pub enum Bound {
    /// tiny_http's.
    Tiny(tiny::Bound),
    /// hyper's.
    #[cfg(feature = "hyper")]
    Hyper(kunci_hyper::Bound),
}

/// A server at work.
#[derive(Debug)]
pub enum Running {
    /// On tiny_http.
    Tiny(tiny::Running),
    /// On hyper.
    #[cfg(feature = "hyper")]
    Hyper(kunci_hyper::Running),
}

/// Listens where the settings say.
///
/// # Errors
/// [`TransportError`].
pub fn bind(config: &Config) -> Result<Bound, TransportError> {
    match config.transport() {
        Transport::TinyHttp => {
            // The settings have seen to it that there is one address, and not more.
            let listen = config.listen().first().cloned().unwrap_or_else(nowhere);
            Ok(Bound::Tiny(tiny::bind(&listen, tiny_limits(config))?))
        }
        #[cfg(feature = "hyper")]
        Transport::Hyper => {
            let bound = kunci_hyper::bind(config.listen(), hyper_limits(config))?;
            Ok(Bound::Hyper(match config.tls() {
                None => bound,
                Some((cert, key)) => bound.with_tls(kunci_hyper::TlsFiles {
                    cert: cert.to_owned(),
                    key: key.to_owned(),
                })?,
            }))
        }
    }
}

impl Bound {
    /// Where it listens, as URLs or `unix:PATH`, with the ports that port 0 has become.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        match self {
            Self::Tiny(bound) => vec![bound.address().url("http")],
            #[cfg(feature = "hyper")]
            Self::Hyper(bound) => bound.addresses(),
        }
    }

    /// Starts to serve the app.
    ///
    /// # Errors
    /// [`TransportError`].
    pub fn serve(self, app: Arc<App>) -> Result<Running, TransportError> {
        let service = Arc::new(Hosted(app));
        match self {
            Self::Tiny(bound) => Ok(Running::Tiny(bound.serve(service))),
            #[cfg(feature = "hyper")]
            Self::Hyper(bound) => Ok(Running::Hyper(bound.serve(service)?)),
        }
    }
}

impl Running {
    /// What stops this server, from anywhere.
    #[must_use]
    pub fn stopper(&self) -> Box<dyn Fn() + Send> {
        match self {
            Self::Tiny(running) => {
                let handle = running.stop_handle();
                Box::new(move || handle.stop())
            }
            #[cfg(feature = "hyper")]
            Self::Hyper(running) => {
                let handle = running.stop_handle();
                Box::new(move || handle.stop())
            }
        }
    }

    /// What has this server read its certificate again, from anywhere; tells whether it has one.
    #[must_use]
    pub fn reloader(&self) -> Box<dyn Fn() -> Result<bool, TransportError> + Send> {
        match self {
            Self::Tiny(_) => Box::new(|| Ok(false)),
            #[cfg(feature = "hyper")]
            Self::Hyper(running) => {
                let handle = running.stop_handle();
                Box::new(move || Ok(handle.reload_tls()?))
            }
        }
    }

    /// Waits for the server to end.
    ///
    /// # Errors
    /// [`TransportError`], when it was not stopped.
    pub fn wait(self) -> Result<(), TransportError> {
        match self {
            Self::Tiny(running) => Ok(running.wait()?),
            #[cfg(feature = "hyper")]
            Self::Hyper(running) => Ok(running.wait()?),
        }
    }
}

/// Threads for requests that write, beside those for passwords: those that are hashed or wait for it
/// never take all the slow workers, so that signing out always finds one.
const FOR_WRITES: usize = 16;

fn slow_workers(config: &Config) -> usize {
    config.hashing().permits + config.hashing().queue + FOR_WRITES
}

fn tiny_limits(config: &Config) -> tiny::Limits {
    tiny::Limits {
        quick_workers: config.workers(),
        slow_workers: slow_workers(config),
        ..tiny::Limits::default()
    }
}

/// Any free port, for settings without an address, which there are not.
fn nowhere() -> Listen {
    Listen::Tcp(([127, 0, 0, 1], 0).into())
}

#[cfg(feature = "hyper")]
fn hyper_limits(config: &Config) -> kunci_hyper::Limits {
    let network = config.network();
    kunci_hyper::Limits {
        connections: network.connections,
        connections_per_address: network.connections_per_address,
        workers: config.workers(),
        slow_workers: slow_workers(config),
        handshake_time: network.handshake,
        head_time: network.head,
        body_time: network.body,
        request_time: network.request,
        idle_time: network.idle,
        ..kunci_hyper::Limits::default()
    }
}

/// The most memory that the server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// So many bytes, under any flood.
    AtMost(u64),
    /// There is no bound; password hashes alone take so many bytes at most.
    Unbounded {
        /// What knows no bound.
        by: &'static str,
        /// Bytes for hashes.
        hashes: u64,
    },
}

/// What the throttle takes for one budget at the most, while its table grows.
#[cfg(feature = "hyper")]
const BUDGET_BYTES: u64 = 100;

/// What mails take: the names of those that wait, and one that is being delivered. They lie on disk.
#[cfg(feature = "hyper")]
fn mails(config: &Config) -> u64 {
    /// A name, when it was tried and when it is due, in a list and two tables.
    const WAITING: u64 = 512;
    const DELIVERY: u64 = 1024 * 1024;
    match config.mail().smtp {
        None => 0,
        Some(_) => kunci_mail::Outbox::MAX_MAILS as u64 * WAITING + DELIVERY,
    }
}

/// What SQLite takes, with what is kept of the rows that were read of late.
#[cfg(feature = "hyper")]
fn databases(config: &Config) -> u64 {
    let readers = (config.workers() + slow_workers(config)) as u64;
    let reader = kunci_sqlite::READER_BYTES + config.sqlite_mmap();
    let hot = kunci_sqlite::SqliteOptions::default().row_cache_bytes as u64;
    let stores = config.stores();
    let count = if stores.sessions == stores.main { 1 } else { 2 };
    count * (readers * reader + kunci_sqlite::WRITER_BYTES + hot)
}

/// The most memory that the settings allow: tiny_http knows no bound for connections and heads, nor does
/// a store in memory for sessions.
///
/// Passwords count with what hashing them costs today; a stored hash of greater demands takes what it
/// says while it is checked.
#[must_use]
pub fn memory(config: &Config) -> Memory {
    let hashing = config.hashing();
    let hashes = hashing.permits as u64 * u64::from(hashing.cost.memory_kib) * 1024;
    let stores = config.stores();
    if [&stores.main, &stores.sessions].contains(&&StoreUrl::Memory) {
        let by = "a store in memory";
        return Memory::Unbounded { by, hashes };
    }
    match config.transport() {
        Transport::TinyHttp => Memory::Unbounded {
            by: "tiny_http",
            hashes,
        },
        #[cfg(feature = "hyper")]
        Transport::Hyper => {
            /// The program, the lists that are built in, and what allocators leave lying about.
            const PROGRAM: u64 = 24 * 1024 * 1024;
            let counters = BUDGET_BYTES * kunci_memory::MemoryThrottle::DEFAULT_CAPACITY as u64;
            let connections = hyper_limits(config).peak_memory_bytes();
            Memory::AtMost(PROGRAM + hashes + databases(config) + counters + mails(config) + connections)
        }
    }
}
