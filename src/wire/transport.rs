//! The transport that serves the app: how the settings configure each, and one interface to both.

use std::sync::Arc;

use kunci_tiny_http as tiny;
use kunci_transport::Service;

use crate::config::{Config, Text};
use crate::failure::Failure;

#[cfg(feature = "hyper")]
use crate::config::Transport;

/// Listening sockets of the transport in use.
pub(crate) struct Bound {
    /// URLs or `unix:PATH`, with the ports that were picked for port 0.
    pub(crate) addresses: Vec<String>,
    pub(crate) serve: Serve,
}

/// Starts serving a service.
pub(crate) type Serve = Box<dyn FnOnce(Arc<dyn Service>) -> Result<Running, Failure>>;
/// Stops a server from any thread.
pub(crate) type Stop = Box<dyn Fn() + Send>;
/// Reloads the certificate of a server from any thread. Returns whether there is one.
pub(crate) type Reload = Box<dyn Fn() -> Result<bool, Failure> + Send>;

/// A running server.
pub(crate) struct Running {
    pub(crate) stop: Stop,
    pub(crate) reload: Reload,
    /// Waits until the server has stopped. Fails if nothing stopped it.
    pub(crate) wait: Box<dyn FnOnce() -> Result<(), Failure>>,
}

/// Binds the listeners of the settings.
pub(crate) fn bind(config: &Config) -> Result<Bound, Failure> {
    #[cfg(feature = "hyper")]
    if config.transport == Transport::Hyper {
        return bind_hyper(config);
    }
    // The settings are checked: tiny_http has exactly one listener.
    let Text(listen) = &config.server.listen[0];
    let bound = tiny::bind(listen, tiny_limits(config))?;
    let addresses = vec![bound.address().url("http")];
    let serve = move |service| {
        let running = bound.serve(service);
        let stop = running.stop_handle();
        Ok(Running {
            stop: Box::new(move || stop.stop()),
            reload: Box::new(|| Ok(false)),
            wait: Box::new(|| Ok(running.wait()?)),
        })
    };
    let serve = Box::new(serve);
    Ok(Bound { addresses, serve })
}

#[cfg(feature = "hyper")]
fn bind_hyper(config: &Config) -> Result<Bound, Failure> {
    let listen: Vec<_> = config
        .server
        .listen
        .iter()
        .map(|listen| listen.0.clone())
        .collect();
    let mut bound = kunci_hyper::bind(&listen, hyper_limits(config))?;
    let tls = config.server.tls.clone();
    if let Some((cert, key)) = tls.cert.zip(tls.key) {
        bound = bound.with_tls(kunci_hyper::TlsFiles { cert, key })?;
    }
    let addresses = bound.addresses();
    let serve = move |service| {
        let running = bound.serve(service)?;
        let (stop, tls) = (running.stop_handle(), running.stop_handle());
        Ok(Running {
            stop: Box::new(move || stop.stop()),
            reload: Box::new(move || Ok(tls.reload_tls()?)),
            wait: Box::new(|| Ok(running.wait()?)),
        })
    };
    let serve = Box::new(serve);
    Ok(Bound { addresses, serve })
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

/// Returns the memory for the stores.
#[cfg(feature = "hyper")]
fn stores(config: &Config) -> u64 {
    let readers = (config.workers + slow_workers(config)) as u64;
    let options = super::from_config::store_options(config);
    let (accounts, sessions) = (&config.account_store, &config.session_store);
    let separate = (sessions != accounts).then_some(sessions);
    let open = [accounts].into_iter().chain(separate);
    open.map(|store| store.memory_bytes(readers, options)).sum()
}

/// Returns the most memory that the settings allow. tiny_http does not limit connections and heads, and a
/// store in memory does not limit sessions.
///
/// Password hashes count with the configured cost. A stored hash with a higher cost uses more while it is
/// verified.
#[must_use]
pub(crate) fn memory(config: &Config) -> Memory {
    let hashes = config.permits.get() as u64 * u64::from(config.hashing.cost.memory_kib) * 1024;
    if config.account_store.is_in_process() || config.session_store.is_in_process() {
        let by = "a store in memory";
        return Memory::Unbounded { by, hashes };
    }
    match config.transport {
        #[cfg(feature = "hyper")]
        Transport::Hyper => {
            /// The program, its built-in lists, and fragmentation.
            const PROGRAM: u64 = 24 * 1024 * 1024;
            /// A name, the last attempt and the next one, in a list and two tables, for each mail that waits, and
            /// one delivery. Mails are on disk.
            const MAILS: u64 = kunci_mail::Outbox::MAX_MAILS as u64 * 512 + 1024 * 1024;
            let mails = if config.mail.smtp.is_some() { MAILS } else { 0 };
            let counters = kunci_memory::MemoryThrottle::BYTES as u64;
            let connections = hyper_limits(config).peak_memory_bytes();
            let forms = kunci_web::App::SENT_FORMS_BYTES as u64;
            Memory::AtMost(PROGRAM + hashes + stores(config) + counters + mails + connections + forms)
        }
        _ => {
            let by = "tiny_http";
            Memory::Unbounded { by, hashes }
        }
    }
}
