//! The transport that serves the app: how the settings configure each, and one interface to both.

use std::sync::Arc;

use kunci_tiny_http as tiny;
use thiserror::Error;

use super::Hosted;
use crate::app::App;
#[cfg(feature = "hyper")]
use crate::config::Transport;
use crate::config::{Config, Text};
use crate::store_url::StoreUrl;

/// Errors of a transport at its start and while it runs.
#[derive(Debug, Error)]
pub(crate) enum TransportError {
    /// tiny_http cannot listen.
    #[error(transparent)]
    TinyBind(#[from] tiny::BindError),
    /// tiny_http stopped with an error.
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
    /// hyper stopped with an error.
    #[cfg(feature = "hyper")]
    #[error(transparent)]
    Hyper(#[from] kunci_hyper::ServeError),
}

/// Listening sockets of the transport in use.
#[derive(Debug)]
pub(crate) enum Bound {
    /// Sockets of tiny_http.
    Tiny(tiny::Bound),
    /// Sockets of hyper.
    #[cfg(feature = "hyper")]
    Hyper(kunci_hyper::Bound),
}

/// A running server.
#[derive(Debug)]
pub(crate) enum Running {
    /// A server on tiny_http.
    Tiny(tiny::Running),
    /// A server on hyper.
    #[cfg(feature = "hyper")]
    Hyper(kunci_hyper::Running),
}

/// Binds the listeners of the settings.
///
/// # Errors
/// [`TransportError`].
pub(crate) fn bind(config: &Config) -> Result<Bound, TransportError> {
    let listen: Vec<_> = config
        .server
        .listen
        .iter()
        .map(|Text(listen)| listen.clone())
        .collect();
    match config.transport {
        #[cfg(feature = "hyper")]
        Transport::Hyper => {
            let bound = kunci_hyper::bind(&listen, hyper_limits(config))?;
            let tls = config.server.tls.clone();
            Ok(Bound::Hyper(match tls.cert.zip(tls.key) {
                None => bound,
                Some((cert, key)) => bound.with_tls(kunci_hyper::TlsFiles { cert, key })?,
            }))
        }
        // The settings are checked: with tiny_http there is exactly one listener.
        _ => Ok(Bound::Tiny(tiny::bind(&listen[0], tiny_limits(config))?)),
    }
}

impl Bound {
    /// Returns the addresses as URLs or `unix:PATH`, with the ports that were picked for port 0.
    #[must_use]
    pub(crate) fn addresses(&self) -> Vec<String> {
        match self {
            Self::Tiny(bound) => vec![bound.address().url("http")],
            #[cfg(feature = "hyper")]
            Self::Hyper(bound) => bound.addresses(),
        }
    }

    /// Starts serving the app.
    ///
    /// # Errors
    /// [`TransportError`].
    pub(crate) fn serve(self, app: Arc<App>) -> Result<Running, TransportError> {
        let service = Arc::new(Hosted(app));
        match self {
            Self::Tiny(bound) => Ok(Running::Tiny(bound.serve(service))),
            #[cfg(feature = "hyper")]
            Self::Hyper(bound) => Ok(Running::Hyper(bound.serve(service)?)),
        }
    }
}

impl Running {
    /// Returns a function that stops this server from any thread.
    #[must_use]
    pub(crate) fn stopper(&self) -> Box<dyn Fn() + Send> {
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

    /// Returns a function that reloads the certificate from any thread. Its result is whether there is one.
    #[must_use]
    pub(crate) fn reloader(&self) -> Box<dyn Fn() -> Result<bool, TransportError> + Send> {
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
    /// [`TransportError`], unless it was stopped.
    pub(crate) fn wait(self) -> Result<(), TransportError> {
        match self {
            Self::Tiny(running) => Ok(running.wait()?),
            #[cfg(feature = "hyper")]
            Self::Hyper(running) => Ok(running.wait()?),
        }
    }
}

/// Slow workers in addition to those for password hashes. So requests that hash a password, or wait for that,
/// never use all slow workers, and signing out does not wait for them.
const FOR_WRITES: usize = 16;

fn slow_workers(config: &Config) -> usize {
    config.permits.get() + config.hashing.queue + FOR_WRITES
}

fn tiny_limits(config: &Config) -> tiny::Limits {
    tiny::Limits {
        quick_workers: config.workers,
        slow_workers: slow_workers(config),
        ..tiny::Limits::default()
    }
}

#[cfg(feature = "hyper")]
fn hyper_limits(config: &Config) -> kunci_hyper::Limits {
    kunci_hyper::Limits {
        workers: config.workers,
        slow_workers: slow_workers(config),
        ..config.server.limits.clone()
    }
}

/// The most memory that the server uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Memory {
    /// This many bytes under any load.
    #[cfg(feature = "hyper")]
    AtMost(u64),
    /// Memory is not limited.
    Unbounded {
        /// What has no limit.
        by: &'static str,
        /// The most bytes that password hashes use.
        hashes: u64,
    },
}

/// The most bytes that the throttle uses for one budget, while its table grows.
#[cfg(feature = "hyper")]
const BUDGET_BYTES: u64 = 100;

/// Returns the memory for mails, which are on disk: the names of those that wait, and one delivery.
#[cfg(feature = "hyper")]
fn mails(config: &Config) -> u64 {
    /// A name, the last attempt and the next one, in a list and two tables.
    const WAITING: u64 = 512;
    const DELIVERY: u64 = 1024 * 1024;
    match config.mail.smtp {
        None => 0,
        Some(_) => kunci_mail::Outbox::MAX_MAILS as u64 * WAITING + DELIVERY,
    }
}

/// Returns the memory for SQLite, with the cache of recently read rows.
#[cfg(feature = "hyper")]
fn databases(config: &Config) -> u64 {
    let readers = (config.workers + slow_workers(config)) as u64;
    let reader = kunci_sqlite::READER_BYTES + super::from_config::mmap_bytes(config);
    let hot = kunci_sqlite::SqliteOptions::default().hot_bytes as u64;
    let count = if config.session_store == config.account_store {
        1
    } else {
        2
    };
    count * (readers * reader + kunci_sqlite::WRITER_BYTES + hot)
}

/// Returns the most memory that the settings allow. tiny_http does not limit connections and heads, and a
/// store in memory does not limit sessions.
///
/// Password hashes count with the configured cost. A stored hash with a higher cost uses more while it is
/// verified.
#[must_use]
pub(crate) fn memory(config: &Config) -> Memory {
    let hashes = config.permits.get() as u64 * u64::from(config.hashing.cost.memory_kib) * 1024;
    if [&config.account_store, &config.session_store].contains(&&StoreUrl::Memory) {
        let by = "a store in memory";
        return Memory::Unbounded { by, hashes };
    }
    match config.transport {
        #[cfg(feature = "hyper")]
        Transport::Hyper => {
            /// The program, its built-in lists, and fragmentation.
            const PROGRAM: u64 = 24 * 1024 * 1024;
            let counters = BUDGET_BYTES * kunci_memory::MemoryThrottle::DEFAULT_CAPACITY as u64;
            let connections = hyper_limits(config).peak_memory_bytes();
            Memory::AtMost(PROGRAM + hashes + databases(config) + counters + mails(config) + connections)
        }
        _ => Memory::Unbounded {
            by: "tiny_http",
            hashes,
        },
    }
}
